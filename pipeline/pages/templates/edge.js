// Where the left picture of a stage ends, as its range says; titles of both for those who cannot see it.
function showEdge(stage, range, left, right) {
  stage.style.setProperty("--split", range.value);
  range.setAttribute("aria-valuetext", `${range.value} % ${left}, ${100 - range.value} % ${right}`);
}
