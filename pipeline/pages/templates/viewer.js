// The viewer of faces: each control of the form changes one part of the view.
(() => {
  const form = document.getElementById("viewer");
  const { faces, views, pictures, made, scores } = JSON.parse(document.getElementById("viewer-data").textContent);
  const stage = form.querySelector(".stage");
  const fields = form.elements;
  let shown;

  function listFaces() {
    const place = scores.indexOf(fields.score.value);
    const tiles = views[fields.score.value][fields.order.value].map((number) => {
      const face = faces[number];
      const tile = document.createElement("label");
      const input = Object.assign(document.createElement("input"), { type: "radio", name: "face", value: number });
      const image = Object.assign(new Image(), { loading: "lazy", alt: face.name, src: `${face.file}-${made}.png` });
      const score = document.createElement("span");
      score.textContent = face.scores[place].network;
      tile.append(input, image, score);
      return tile;
    });
    form.querySelector(".faces").replaceChildren(...tiles);
    tiles[0].firstChild.checked = true;
    showFace();
  }

  function showFace() {
    shown = faces[form.querySelector("[name=face]:checked").value];
    form.querySelector(".name").textContent = shown.name;
    form.querySelectorAll("tbody tr").forEach((row, place) => {
      const { bicubic, network, rank } = shown.scores[place];
      const cells = made === "network" ? [bicubic, network, rank] : [bicubic, rank];
      cells.forEach((text, cell) => (row.cells[cell + 1].textContent = text));
    });
    for (const map of stage.querySelectorAll(".map")) {
      const kind = map.classList.contains("skin") ? "skin" : "parsing";
      if (fields[kind]) map.src = `${shown.file}-${kind}.png`;
    }
    showPictures();
  }

  function showPictures() {
    for (const place of ["left", "right"]) {
      const picture = fields[place].value;
      const layer = stage.querySelector(`.layer.${place}`);
      const image = layer.querySelector(".picture");
      image.src = `${shown.file}-${picture}.png`;
      image.classList.toggle("squares", picture === "input");
      image.alt = `${place === "left" ? "Left" : "Right"}: ${shown.name}, ${pictures[picture]}`;
      layer.querySelector("svg").replaceChildren(...marks(picture));
    }
    showSplit();
    showOverlays();
  }

  function marks(picture) {
    // an enlarged input is a bicubic picture, so both have the same landmarks
    const points = shown.points[picture === "input" ? "bicubic" : picture];
    return landmarkMarks(points, shown.points.original, stage.style.getPropertyValue("--side"));
  }

  const showSplit = () => showEdge(stage, fields.split, pictures[fields.left.value], pictures[fields.right.value]);

  function showOverlays() {
    for (const name of ["landmarks", "parsing", "skin"]) {
      for (const part of stage.querySelectorAll(name === "landmarks" ? "svg" : `.${name}`)) {
        part.toggleAttribute("hidden", !fields[name]?.checked);
      }
    }
    for (const place of ["left", "right"]) {
      const absent = fields.landmarks.checked && !stage.querySelector(`.${place} circle`);
      stage.querySelector(`.side.${place}`).textContent = pictures[fields[place].value] + (absent ? ", no face found" : "");
    }
    form.querySelector(".legend").hidden = !fields.parsing?.checked;
    stage.classList.toggle("sharp", fields.sharp.checked);
  }

  const change = { order: listFaces, score: listFaces, face: showFace, left: showPictures, right: showPictures };
  form.addEventListener("change", (event) => (change[event.target.name] ?? showOverlays)());
  fields.split.addEventListener("input", showSplit);
  form.addEventListener("submit", (event) => event.preventDefault());
  listFaces();
  form.hidden = false;
})();
