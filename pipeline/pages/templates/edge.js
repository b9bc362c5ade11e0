// Moves the edge between the pictures of a stage to the value of its range, and describes it to screen readers.
function showEdge(stage, range, left, right) {
  stage.style.setProperty("--split", range.value);
  range.setAttribute("aria-valuetext", `${range.value} % ${left}, ${100 - range.value} % ${right}`);
}
