// Landmarks of a picture as SVG, with lines to those of the original.
function landmarkMarks(points, original, side) {
  const draw = (shape, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", shape);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  if (!points) return [];
  const lines = original && original !== points ? points.map(([x, y], i) => draw("line",
    { x1: x, y1: y, x2: original[i][0], y2: original[i][1] })) : [];
  return [...lines, ...points.map(([cx, cy]) => draw("circle", { cx, cy, r: side / 128 }))];
}
