// The absolute difference of two pictures in false colours, as a promise of a data: address; computed once per picture.
const errorMap = (() => {
  const LEVELS = 64; // of the error that has the brightest colour
  const RAMP = [[0, 0, 0], [123, 29, 107], [232, 96, 44], [252, 245, 160]];
  const drawn = new Map();

  async function draw(side, ...both) {
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

  return (made, original, side) => {
    if (!drawn.has(made)) drawn.set(made, draw(side, made, original));
    return drawn.get(made);
  };
})();
