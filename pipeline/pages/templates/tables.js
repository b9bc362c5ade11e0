// Tables sorted by their headings, and one matrix of pairs at a time.
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

// A single method has no pairs.
if (document.getElementById("matrix")) {
  const chosen = document.getElementById("matrix");
  const choose = () => {
    for (const panel of document.querySelectorAll(".matrix")) panel.hidden = panel.dataset.score !== chosen.value;
  };
  chosen.addEventListener("change", choose);
  chosen.closest("p").hidden = false;
  choose();
}
