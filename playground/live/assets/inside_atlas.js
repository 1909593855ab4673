/* Codes of the server (128 + 127 v / scale) as numbers, as colours, and as pictures from which tiles are copied. */
const CODE_ZERO = 128;
const CODE_SPAN = 127;
/* a gradient has a sign, and a hue of its own: magenta up, teal down */
const FALLING = { light: [0, 125, 122], dark: [64, 190, 180] };

/* The number behind a code. */
const decoded = (code, scale) => ((code - CODE_ZERO) / CODE_SPAN) * scale;

/* value -1..1 -> [r, g, b] of a gradient. */
function gradientColour(value, { dark, gradient }) {
  const v = clamp(value, -1, 1);
  const rising = parseColour(gradient, "#D41159");
  return mix(dark ? NEUTRAL.dark : NEUTRAL.light, v < 0 ? FALLING[dark ? "dark" : "light"] : rising, Math.abs(v) ** 0.8);
}

/* The tables of a theme: values and weights as everywhere, gradients in magenta. */
function insideTables(theme) {
  const slopes = new Uint32Array(256);
  for (let i = 0; i < 256; i++) slopes[i] = word(gradientColour((i - CODE_ZERO) / CODE_SPAN, theme));
  return { values: theme.unit, slopes };
}

/* How much stronger or weaker codes are shown so that pictures of different scales can be compared. */
const gainOf = (scale, shared) => (shared > 0 && Number.isFinite(shared) ? scale / shared : 1);

/* `count` pictures of height x width codes, one under the other on a hidden canvas. */
class InsideAtlas {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.context = this.canvas.getContext("2d");
    this.count = 0;
  }

  /* gains: one number a group of pictures */
  paint(array, count, height, width, table, gains) {
    this.fit(count, height, width);
    const { words } = this;
    const size = words.length / gains.length;
    gains.forEach((gain, group) => {
      const end = (group + 1) * size;
      for (let i = group * size; i < end; i++) words[i] = table[clamp(Math.round(CODE_ZERO + (array[i] - CODE_ZERO) * gain), 1, 255)];
    });
    this.context.putImageData(this.image, 0, 0);
  }

  fit(count, height, width) {
    Object.assign(this, { count, tall: height, wide: width });
    if (this.image && this.canvas.width === width && this.canvas.height === height * count) return;
    this.canvas.width = width;
    this.canvas.height = height * count;
    this.image = this.context.createImageData(width, height * count);
    this.words = new Uint32Array(this.image.data.buffer);
  }

  draw(context, index, x, y, width, height) {
    if (index >= this.count) return;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.canvas, 0, index * this.tall, this.wide, this.tall, x, y, width, height);
  }

  /* Part of one picture: `columns` columns of it from `from` on. */
  drawPart(context, from, columns, x, y, width, height) {
    context.imageSmoothingEnabled = false;
    context.drawImage(this.canvas, from, 0, columns, this.tall, x, y, width, height);
  }
}
