// The part of a face to enlarge: by the original's landmarks, a quarter of the picture, or any square.
const FREE = /^(\d?\.?\d+),(\d?\.?\d+),(\d?\.?\d+)$/; // left, top and side, as shares of the picture's side
const SMALLEST = 1 / 16;

function zoomOn(part, points, side) {
  const LANDMARKS = { eyes: [36, 48], nose: [27, 36], mouth: [48, 68] }; // iBUG-68: the first, and one past the last
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
  const free = FREE.exec(part);
  if (free) {
    const size = Math.min(Math.max(Number(free[3]), SMALLEST), 1);
    return { size, x: keep(Number(free[1]), size), y: keep(Number(free[2]), size) };
  }
  return { size: 1, x: 0, y: 0 };
}

function zoomPictures(element, { size, x, y }) {
  element.style.setProperty("--zoom", 1 / size);
  element.style.setProperty("--x", `${-100 * x}%`);
  element.style.setProperty("--y", `${-100 * y}%`);
}

// Zooms by the wheel with Ctrl (or two fingers on a touchpad), two fingers on a screen, and keys: `seen` returns the
// visible square, and `show` is called with the new one.
function zoomFreely(form, seen, show) {
  const STEP = 1.25; // of a key
  const frameOf = (event) => event.target.closest(".figure4 a, .stage");
  const within = (frame, { clientX, clientY }) => {
    const { left, top, width, height } = frame.getBoundingClientRect();
    return [(clientX - left) / width, (clientY - top) / height];
  };
  const move = ({ size, x, y }, across, down) => show({ size, x: x + across * size, y: y + down * size });
  const enlarge = ({ size, x, y }, times, [across, down] = [0.5, 0.5]) => {
    const next = Math.min(Math.max(size / times, SMALLEST), 1);
    show({ size: next, x: x + across * (size - next), y: y + down * (size - next) }); // the point under the cursor stays in place
  };
  form.addEventListener("wheel", (event) => {
    const frame = frameOf(event);
    if (!frame || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    enlarge(seen(), Math.exp(-event.deltaY / 250), within(frame, event));
  }, { passive: false });

  let pinch = null;
  const spread = ([one, two]) => Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY);
  const middle = ([one, two]) => ({ clientX: (one.clientX + two.clientX) / 2, clientY: (one.clientY + two.clientY) / 2 });
  form.addEventListener("touchstart", (event) => {
    const frame = frameOf(event);
    pinch = frame && event.touches.length === 2
      ? { frame, from: seen(), wide: spread(event.touches), at: within(frame, middle(event.touches)) } : null;
  }, { passive: true });
  form.addEventListener("touchmove", (event) => {
    if (!pinch || event.touches.length !== 2) return;
    event.preventDefault();
    enlarge(pinch.from, spread(event.touches) / pinch.wide, pinch.at);
  }, { passive: false });

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  form.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select, [type=search]")) return;
    if (event.shiftKey && event.key in ARROWS) move(seen(), ...ARROWS[event.key].map((way) => way / 8));
    else if (event.key === "+" || event.key === "=") enlarge(seen(), STEP);
    else if (event.key === "-") enlarge(seen(), 1 / STEP);
    else if (event.key === "0") show({ size: 1, x: 0, y: 0 });
    else return;
    event.preventDefault();
  });
}
