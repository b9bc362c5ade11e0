// Draws a histogram of gains into a figure with an svg, three labels below it, and a caption.
function showGains(figure, gains, { score, tone, says, text }) {
  const SPACE = 0.12; // between bars, as a share of their width
  figure.hidden = !gains || !gains.counts.length;
  if (figure.hidden) return;
  const { low, width, counts, equal } = gains;
  const high = low + width * counts.length;
  const most = Math.max(...counts);
  const picture = figure.querySelector("svg");
  const bar = (count, place) => {
    const gain = low + width * (place + 0.5);
    const element = document.createElementNS(picture.namespaceURI, "rect");
    const height = (30 * count) / most;
    const places = { x: ((place + SPACE / 2) * 100) / counts.length, width: ((1 - SPACE) * 100) / counts.length, y: 32 - height, height };
    for (const [key, value] of Object.entries(places)) element.setAttribute(key, value);
    element.setAttribute("class", tone === "equal" ? "equal" : gain > 0 ? "better" : "worse");
    return element;
  };
  picture.replaceChildren(...counts.map(bar));
  const zero = (100 * -low) / (high - low);
  const line = document.createElementNS(picture.namespaceURI, "line");
  for (const [key, value] of Object.entries({ x1: zero, x2: zero, y1: 0, y2: 32 })) line.setAttribute(key, value);
  picture.append(line);
  const ends = figure.querySelectorAll(".ends span");
  const wide = zero > 12 && zero < 88;
  [low, 0, high].forEach((value, place) => {
    ends[place].textContent = place === 1 && !wide ? "" : value ? text(value, score.digits) : "0";
    ends[place].style.setProperty("--at", place === 1 ? zero : place * 50);
  });
  const of = (side) => counts.filter((_, place) => (low + width * (place + 0.5) > 0) === side).reduce((sum, n) => sum + n, 0);
  const told = `${says}: ${of(true)} faces gain, ${of(false)} lose${equal ? `, ${equal} are equal` : ""}`;
  picture.setAttribute("aria-label", `${told}; between ${text(low, score.digits)} and ${text(high, score.digits)}`);
  figure.querySelector("figcaption").textContent = told;
}
