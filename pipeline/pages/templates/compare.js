// A comparison of methods. The address records what is shown: #face=…&left=…&right=…&score=…&order=…
(() => {
  const form = document.getElementById("compare");
  const { side, pictures, scores, faces, pairs } = JSON.parse(document.getElementById("compare-data").textContent);
  const fields = form.elements;
  const stage = form.querySelector(".stage");
  const rows = [...form.querySelectorAll(".figure4 tbody tr")];
  const CHOICES = ["left", "right", "score", "order", "only", "show", "zoom", "rows"].filter((name) => name in fields);
  const cellsOf = (row) => [...row.querySelectorAll("[data-key]")];
  const sources = rows.map((row) => Object.fromEntries(
    cellsOf(row).map((cell) => [cell.dataset.key, cell.querySelector("img").src])));
  let shown = 0;
  let order = [];

  const score = () => scores.find((one) => one.column === fields.score.value);
  const scoredAs = (key) => (key === "input" ? "bicubic" : key); // an enlarged input is a bicubic picture
  const value = (face, key, column = fields.score.value) => {
    const found = faces[face].scores[scoredAs(key)]?.[column];
    return found === null || found === undefined ? NaN : Number(found);
  };
  const text = (number, digits) => (Number.isNaN(number) ? "–" : Number.isFinite(number)
    ? number.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", "−")
    : "∞");
  const signed = (number, digits) => {
    const found = text(number, digits);
    if (found === "–" || found.startsWith("−") && Number(found.slice(1))) return found;
    return Number(found) === 0 ? `±${found.replace("−", "")}` : `+${found}`;
  };
  const merit = (face, key) => value(face, key) * (score().higher ? 1 : -1);
  const gain = (face) => merit(face, fields.right.value) - merit(face, fields.left.value);

  // The state requested by the address and the fields

  function read() {
    const asked = new URLSearchParams(location.hash.slice(1));
    if (!asked.has("face")) return;
    setZoom(asked.get("zoom") ?? "");
    for (const name of CHOICES) {
      const options = [...fields[name].options].map((option) => option.value);
      if (options.includes(asked.get(name))) fields[name].value = asked.get(name);
    }
    const found = faces.findIndex((face) => face.name === asked.get("face"));
    if (found >= 0) shown = found;
  }

  function write() {
    const said = new URLSearchParams({ face: faces[shown].name });
    for (const name of CHOICES) said.set(name, fields[name].value);
    history.replaceState(null, "", `#${said}`);
  }

  function wanted({ name, attributes }) {
    const only = fields.only?.value;
    const has = !only || (only.startsWith("-") ? attributes[only.slice(1)] === false : attributes[only] === true);
    return has && name.toLowerCase().includes(fields.name.value.trim().toLowerCase());
  }

  function ordered() {
    const { value: asked } = fields.order;
    const by = asked === "gain" || asked === "loss" ? gain : (face) => merit(face, fields.right.value);
    const direction = asked === "worst" || asked === "loss" ? -1 : 1;
    const last = (number) => (Number.isNaN(number) ? -Infinity : number * direction);
    return faces.map((_, face) => face)
      .filter((face) => wanted(faces[face]))
      .sort((a, b) => (last(by(a)) === last(by(b)) ? a - b : last(by(b)) - last(by(a))));
  }

  function some(list) {
    const count = fields.rows.value === "all" ? list.length : Math.min(Number(fields.rows.value), list.length);
    if (fields.order.value !== "spread" || count < 2) return list.slice(0, count);
    return Array.from({ length: count }, (_, row) => list[Math.round((row * (list.length - 1)) / (count - 1))]);
  }

  // The figure

  function showFigure() {
    const visible = some(order);
    form.querySelector(".figure4 tbody").replaceChildren(...visible.map((face) => rows[face]));
    const { digits } = score();
    for (const face of visible) {
      rows[face].setAttribute("aria-current", face === shown);
      const cells = [...rows[face].querySelectorAll(".scored")];
      const merits = cells.map((cell) => merit(face, cell.dataset.key));
      const best = Math.max(...merits.filter((number) => !Number.isNaN(number)));
      cells.forEach((cell, place) => {
        cell.querySelector(".under").textContent = text(value(face, cell.dataset.key), digits);
        cell.classList.toggle("best", cells.length > 1 && merits[place] === best);
      });
      for (const cell of cellsOf(rows[face])) put(cell.querySelector("img"), face, cell.dataset.key);
    }
    form.querySelector(".by").textContent = score().heading;
  }

  function put(image, face, key) {
    const { value: asked } = fields.show;
    const own = sources[face][key];
    const wanted = `${face} ${key} ${asked}`; // a later request replaces an earlier one
    image.dataset.wanted = wanted;
    if (asked === "error" && faces[face].scores[key]) {
      errorMap(own, sources[face].original, side).then((address) => {
        if (image.dataset.wanted === wanted) image.src = address;
      });
    } else {
      image.src = (asked === "maps" && faces[face].maps[key]) || own;
    }
  }

  // The slider

  function showFace() {
    const face = faces[shown];
    form.querySelector(".name").textContent = face.name;
    for (const place of ["left", "right"]) {
      const key = fields[place].value;
      const points = face.points[scoredAs(key)];
      const layer = stage.querySelector(`.layer.${place}`);
      const image = layer.querySelector(".picture");
      put(image, shown, key);
      image.alt = `${place === "left" ? "Left" : "Right"}: ${face.name}, ${pictures[key]}`;
      image.classList.toggle("squares", key === "input");
      const marks = fields.landmarks.checked ? landmarkMarks(points, face.points.original, side) : [];
      layer.querySelector("svg").replaceChildren(...marks);
      const absent = fields.landmarks.checked && !points;
      stage.querySelector(`.side.${place}`).textContent = pictures[key] + (absent ? ", no face found" : "");
    }
    form.querySelectorAll(".face tbody tr").forEach((row, place) => {
      const { column, digits } = scores[place];
      const [left, right] = ["left", "right"].map((side) => value(shown, fields[side].value, column));
      [text(left, digits), text(right, digits), signed(right - left, digits)]
        .forEach((said, cell) => (row.cells[cell + 1].textContent = said));
    });
    form.querySelector(".scale").hidden = fields.show.value !== "error";
    form.querySelector(".maps").hidden = fields.show.value !== "maps";
    showSplit();
  }

  const showSplit = () => showEdge(stage, fields.split, pictures[fields.left.value], pictures[fields.right.value]);

  const seen = (face) => zoomOn(fields.zoom.value, faces[face].points.original, side);

  function showZoom() {
    rows.forEach((row, face) => zoomPictures(row, seen(face)));
    zoomPictures(stage, seen(shown));
  }

  // A free square becomes an option, so that the field shows the current state.
  function setZoom(value) {
    const known = [...fields.zoom.options].some((option) => option.value === value);
    if (!known && FREE.test(value)) {
      fields.zoom.querySelector(".free")?.remove();
      const option = Object.assign(new Option("free", value), { className: "free" });
      fields.zoom.append(option);
    }
    if (known || FREE.test(value)) fields.zoom.value = value;
  }

  function showVerdict() {
    const [left, right] = ["left", "right"].map((place) => fields[place].value);
    const pair = pairs[scoredAs(right)]?.[scoredAs(left)]?.[fields.score.value];
    const told = form.querySelector(".told");
    told.replaceChildren();
    if (pair) {
      const strong = Object.assign(document.createElement("strong"), { className: pair.tone, textContent: pair.verdict });
      told.append(`${pictures[right]} against ${pictures[left]} in ${score().label}, over all faces: `, strong, `. ${pair.text}`);
    }
    const says = `Gains of ${pictures[right]} over ${pictures[left]} in ${score().heading}`;
    showGains(form.querySelector(".gains"), pair?.gains, { score: score(), tone: pair?.tone, says, text: signed });
  }

  function show() {
    order = ordered();
    if (order.length && !order.includes(shown)) shown = order[0];
    showFigure();
    showFace();
    showZoom();
    showVerdict();
  }

  function walk(step) {
    const place = order.indexOf(shown);
    if (!order.length) return;
    shown = order[(place + step + order.length) % order.length];
    write();
    show();
  }

  form.addEventListener("change", (event) => {
    if (event.target.name !== "split") {
      show();
      write();
    }
  });
  zoomFreely(form, () => seen(shown), ({ size, x, y }) => {
    const keep = (low) => Math.min(Math.max(low, 0), 1 - size);
    setZoom(size === 1 ? "whole" : [keep(x), keep(y), size].map((share) => share.toFixed(4)).join());
    showZoom();
    write();
  });
  fields.name.addEventListener("input", show);
  fields.split.addEventListener("input", showSplit);
  fields.previous.addEventListener("click", () => walk(-1));
  fields.next.addEventListener("click", () => walk(1));
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", () => {
    if (new URLSearchParams(location.hash.slice(1)).has("face")) {
      read();
      show();
      write();
    }
  });
  const [best, second = "original"] = scores[0].first; // with bicubic interpolation alone there is no second
  [fields.left.value, fields.right.value] = second === "original" ? [best, second] : [second, best];
  order = ordered();
  shown = order[Math.floor(order.length / 2)];
  read();
  form.querySelector(".controls").hidden = form.querySelector(".table").hidden = false;
  show();
})();
