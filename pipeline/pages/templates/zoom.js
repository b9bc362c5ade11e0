// What part of a face is enlarged: by the original's landmarks, or a quarter of the picture.
function zoomOn(part, points, side) {
  const LANDMARKS = { eyes: [36, 48], nose: [27, 36], mouth: [48, 68] }; // iBUG-68, from and before
  const ROOM = 1.35; // around the landmarks
  const keep = (low, size) => Math.min(Math.max(low, 0), 1 - size);
  if (part in LANDMARKS && points) {
    const [xs, ys] = [0, 1].map((axis) => points.slice(...LANDMARKS[part]).map((point) => (point[axis] + 0.5) / side));
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const size = Math.min(ROOM * Math.max(right - left, bottom - top), 1);
    return { size, x: keep((left + right - size) / 2, size), y: keep((top + bottom - size) / 2, size) };
  }
  const quarter = /^([01]),([01])$/.exec(part);
  if (quarter) return { size: 0.5, x: quarter[1] / 2, y: quarter[2] / 2 };
  return { size: 1, x: 0, y: 0 };
}

function zoomPictures(element, { size, x, y }) {
  element.style.setProperty("--zoom", 1 / size);
  element.style.setProperty("--x", `${-100 * x}%`);
  element.style.setProperty("--y", `${-100 * y}%`);
}
