// The slider of the first screen; if bicubic interpolation has no picture of its own, the edge starts in the middle.
// The page of bicubic interpolation alone has none.
if (document.getElementById("first")) {
  const stage = document.getElementById("first");
  const range = stage.elements.split;
  const { left, right } = stage.dataset;
  const show = () => showEdge(stage, range, left, right);
  if (!document.querySelector(".four .bicubic").checkVisibility()) range.value = 50;
  range.addEventListener("input", show);
  stage.classList.remove("still");
  show();
}
