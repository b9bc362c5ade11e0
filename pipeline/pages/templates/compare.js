// A comparison of methods. What is shown is in the address: #face=…&left=…&right=…&score=…&order=…
"use strict";
(() => {
  const form = document.getElementById("compare");
  const { side, pictures, scores, faces, pairs } = JSON.parse(document.getElementById("compare-data").textContent);
  const fields = form.elements;
  const stage = form.querySelector(".stage");
  const rows = [...form.querySelectorAll(".figure4 tbody tr")];
  const LEVELS = 64; // of the error that is shown brightest
  const RAMP = [[0, 0, 0], [123, 29, 107], [232, 96, 44], [252, 245, 160]];
  const cellsOf = (row) => [...row.querySelectorAll("[data-key]")];
  const sources = rows.map((row) => Object.fromEntries(
    cellsOf(row).map((cell) => [cell.dataset.key, cell.querySelector("img").src])));
  const errors = new Map();
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

  // What is asked for, by the address and the fields

  function read() {
    const asked = new URLSearchParams(location.hash.slice(1));
    if (!asked.has("face")) return;
    for (const name of ["left", "right", "score", "order", "rows"]) {
      const options = [...fields[name].options].map((option) => option.value);
      if (options.includes(asked.get(name))) fields[name].value = asked.get(name);
    }
    const found = faces.findIndex((face) => face.name === asked.get("face"));
    if (found >= 0) shown = found;
  }

  function write() {
    const said = new URLSearchParams({ face: faces[shown].name });
    for (const name of ["left", "right", "score", "order", "rows"]) said.set(name, fields[name].value);
    history.replaceState(null, "", `#${said}`);
  }

  function ordered() {
    const { value: asked } = fields.order;
    const by = asked === "gain" || asked === "loss" ? gain : (face) => merit(face, fields.right.value);
    const direction = asked === "worst" || asked === "loss" ? -1 : 1;
    const wanted = fields.name.value.trim().toLowerCase();
    const last = (number) => (Number.isNaN(number) ? -Infinity : number * direction);
    return faces.map((_, face) => face)
      .filter((face) => faces[face].name.toLowerCase().includes(wanted))
      .sort((a, b) => (last(by(a)) === last(by(b)) ? a - b : last(by(b)) - last(by(a))));
  }

  function some(list) {
    const count = fields.rows.value === "all" ? list.length : Math.min(Number(fields.rows.value), list.length);
    if (fields.order.value !== "spread" || count < 2) return list.slice(0, count);
    return Array.from({ length: count }, (_, row) => list[Math.round((row * (list.length - 1)) / (count - 1))]);
  }

  // The figure

  function showFigure() {
    order = ordered();
    const visible = some(order);
    const body = form.querySelector(".figure4 tbody");
    body.replaceChildren(...visible.map((face) => rows[face]));
    const { digits } = score();
    for (const face of visible) {
      rows[face].setAttribute("aria-current", face === shown);
      const cells = [...rows[face].querySelectorAll(".scored")];
      const merits = cells.map((cell) => merit(face, cell.dataset.key));
      const best = Math.max(...merits.filter((number) => !Number.isNaN(number)));
      cells.forEach((cell, place) => {
        cell.querySelector(".under").textContent = text(value(face, cell.dataset.key), digits);
        cell.classList.toggle("best", merits[place] === best);
      });
      for (const cell of cellsOf(rows[face])) put(cell.querySelector("img"), face, cell.dataset.key);
    }
    form.querySelector(".by").textContent = score().heading;
  }

  function put(image, face, key) {
    if (!fields.error.checked || !faces[face].scores[key]) {
      if (image.src !== sources[face][key]) image.src = sources[face][key];
      return;
    }
    const wanted = `${face} ${key}`;
    image.dataset.wanted = wanted;
    errorOf(face, key).then((source) => {
      if (fields.error.checked && image.dataset.wanted === wanted) image.src = source;
    });
  }

  function errorOf(face, key) {
    const name = `${face} ${key}`;
    if (!errors.has(name)) errors.set(name, drawError(sources[face][key], sources[face].original));
    return errors.get(name);
  }

  async function drawError(...both) {
    const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    const pixels = [];
    for (const source of both) {
      const image = new Image();
      image.src = source;
      await image.decode();
      pen.drawImage(image, 0, 0);
      pixels.push(pen.getImageData(0, 0, side, side));
    }
    const [made, original] = pixels.map((picture) => picture.data);
    for (let place = 0; place < made.length; place += 4) {
      const error = [0, 1, 2].reduce((sum, band) => sum + Math.abs(made[place + band] - original[place + band]), 0) / 3;
      const height = Math.min(error / LEVELS, 1) * (RAMP.length - 1);
      const step = Math.min(Math.floor(height), RAMP.length - 2);
      for (let band = 0; band < 3; band++) {
        made[place + band] = RAMP[step][band] + (height - step) * (RAMP[step + 1][band] - RAMP[step][band]);
      }
    }
    pen.putImageData(pixels[0], 0, 0);
    return canvas.toDataURL();
  }

  // The slider

  function showFace() {
    const face = faces[shown];
    form.querySelector(".name").textContent = face.name;
    for (const place of ["left", "right"]) {
      const key = fields[place].value;
      const layer = stage.querySelector(`.layer.${place}`);
      const image = layer.querySelector(".picture");
      put(image, shown, key);
      image.alt = `${place === "left" ? "Left" : "Right"}: ${face.name}, ${pictures[key]}`;
      image.classList.toggle("squares", key === "input");
      layer.querySelector("svg").replaceChildren(...(fields.landmarks.checked ? marks(face, key) : []));
      const absent = fields.landmarks.checked && !face.points[scoredAs(key)];
      stage.querySelector(`.side.${place}`).textContent = pictures[key] + (absent ? ", no face found" : "");
    }
    form.querySelectorAll(".face tbody tr").forEach((row, place) => {
      const { column, digits } = scores[place];
      const [left, right] = ["left", "right"].map((side) => value(shown, fields[side].value, column));
      [text(left, digits), text(right, digits), signed(right - left, digits)]
        .forEach((said, cell) => (row.cells[cell + 1].textContent = said));
    });
    form.querySelector(".scale").hidden = !fields.error.checked;
    showSplit();
  }

  function marks(face, key) {
    const points = face.points[scoredAs(key)];
    const { original } = face.points;
    if (!points) return [];
    const moved = original && key !== "original" ? points.map(([x, y], i) => draw("line",
      { x1: x, y1: y, x2: original[i][0], y2: original[i][1] })) : [];
    return [...moved, ...points.map(([cx, cy]) => draw("circle", { cx, cy, r: side / 128 }))];
  }

  function draw(shape, attributes) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", shape);
    for (const [key, at] of Object.entries(attributes)) element.setAttribute(key, at);
    return element;
  }

  function showSplit() {
    const { split } = fields;
    stage.style.setProperty("--split", split.value);
    const [left, right] = ["left", "right"].map((place) => pictures[fields[place].value]);
    split.setAttribute("aria-valuetext", `${split.value} % ${left}, ${100 - split.value} % ${right}`);
  }

  function showVerdict() {
    const [left, right] = ["left", "right"].map((place) => scoredAs(fields[place].value));
    const pair = pairs[right]?.[left]?.[fields.score.value];
    const told = form.querySelector(".told");
    told.replaceChildren();
    if (!pair) return;
    const strong = Object.assign(document.createElement("strong"), { className: pair.tone, textContent: pair.verdict });
    told.append(`${pictures[right]} against ${pictures[left]} in ${score().label}, over all faces: `, strong, `. ${pair.text}`);
  }

  function show() {
    showFigure();
    showFace();
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
      write();
      show();
    }
  });
  fields.name.addEventListener("input", () => {
    order = ordered();
    if (order.length && !order.includes(shown)) shown = order[0];
    show();
  });
  fields.split.addEventListener("input", showSplit);
  fields.previous.addEventListener("click", () => walk(-1));
  fields.next.addEventListener("click", () => walk(1));
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", () => {
    if (new URLSearchParams(location.hash.slice(1)).has("face")) {
      read();
      write();
      show();
    }
  });
  [fields.left.value, fields.right.value] = [scores[0].first.at(-1), scores[0].first[0]];
  order = ordered();
  shown = order[Math.floor(order.length / 2)];
  read();
  form.querySelector(".controls").hidden = form.querySelector(".table").hidden = false;
  show();

  // Tables that sort, and one matrix at a time

  for (const table of document.querySelectorAll(".sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const first = head.dataset.first === "up" ? "ascending" : "descending";
        const other = first === "ascending" ? "descending" : "ascending";
        const to = head.ariaSort === first ? other : first;
        for (const one of heads) one.removeAttribute("aria-sort");
        head.ariaSort = to;
        const direction = to === "ascending" ? 1 : -1;
        const at = (row) => row.cells[column].dataset.value;
        const body = table.tBodies[0];
        const compare = (a, b) => (column === 0
          ? a.cells[0].textContent.localeCompare(b.cells[0].textContent) * direction
          : at(a) === undefined || at(b) === undefined ? (at(a) === undefined) - (at(b) === undefined)
            : (at(a) - at(b)) * direction);
        body.replaceChildren(...[...body.rows].sort(compare));
      });
    });
  }

  const chosen = document.getElementById("matrix");
  const choose = () => {
    for (const panel of document.querySelectorAll(".matrix")) panel.hidden = panel.dataset.score !== chosen.value;
  };
  chosen.addEventListener("change", choose);
  chosen.closest("p").hidden = false;
  choose();
})();
