/* The diagram's drawing: lines by weight, units by value with a ring of their error, the cost, and their numbers. */
const LABELLED_LINES = 9;
/* shares of a line at which its number may stand */
const LABEL_PLACES = [0.3, 0.4, 0.22];

/* style of a line: {width, colour, alpha} */
function lineStyle(data, line, step, theme) {
  const symbol = data.weightsOf(line.layer, step);
  const weight = line.from === null ? NaN : data.at(symbol, line.from, line.to);
  if (!Number.isFinite(weight)) return { width: 0.8, colour: theme.faint, alpha: 0.8 };
  const share = weight / (data.largest(symbol) || 1);
  return { width: 0.5 + 3.6 * Math.abs(share), colour: theme.colour(share), alpha: 0.35 + 0.6 * Math.abs(share) };
}

/* Between two edges of ink. */
function strokeHalo(context, line, { width, colour }, theme) {
  const wide = Math.max(2.5, width);
  strokeLine(context, line, { width: wide + 3.6, colour: theme.text, alpha: 1 });
  strokeLine(context, line, { width: wide, colour, alpha: 1 });
}

function strokeLine(context, { x0, y0, x1, y1 }, { width, colour, alpha }) {
  context.globalAlpha = alpha;
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
  context.globalAlpha = 1;
}

/* The lines of one gap; in the gradient rule by their gradient. */
function drawLines(context, lines, data, step, theme, byGradient) {
  if (!byGradient) {
    for (const line of lines) strokeLine(context, line, lineStyle(data, line, step, theme));
    return;
  }
  for (const line of lines) strokeLine(context, line, gradientStyle(data, line, byGradient, theme));
}

function gradientStyle(data, line, symbol, theme) {
  const share = line.from === null ? 0.1 : Math.abs(data.at(symbol, line.from, line.to)) / (data.largest(symbol) || 1);
  if (!Number.isFinite(share)) return { width: 0.8, colour: theme.gradient, alpha: 0.4 };
  return { width: 0.5 + 4.5 * share, colour: theme.gradient, alpha: 0.15 + 0.85 * share };
}

/* The lines of one gap as an image: they change seldom, what stands around them at every operation. */
class Wires {
  constructor(lines, height) {
    this.left = Math.min(...lines.map(({ x0 }) => x0)) - 4;
    this.width = Math.max(...lines.map(({ x1 }) => x1)) + 4 - this.left;
    this.height = height;
    this.canvas = el("canvas");
  }

  draw(context, symbol, theme, paint) {
    const key = `${symbol} ${theme.key}`;
    if (key !== this.key) {
      this.key = key;
      const inner = fitCanvas(this.canvas, this.width, this.height);
      inner.clearRect(0, 0, this.width, this.height);
      inner.translate(-this.left, 0);
      paint(inner);
    }
    context.drawImage(this.canvas, this.left, 0, this.width, this.height);
  }
}

const overlap = (a, b) => a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;

/* Numbers on the lines, where few enough lines leave room; of two that would cover each other the larger weight's.
   text(line), worth(line), written(line, text); taken: boxes that are kept free */
function labelLines(context, lines, { text, worth, written, taken }, theme, colour) {
  if (lines.length > LABELLED_LINES || !lines.length || lines[0].x1 - lines[0].x0 < 74) return;
  context.font = `11px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const boxes = [...taken];
  for (const line of [...lines].sort((a, b) => worth(b) - worth(a))) {
    const words = text(line);
    if (!words) continue;
    const width = context.measureText(words).width + 6;
    const boxAt = (share) => {
      const [x, y] = [line.x0 + (line.x1 - line.x0) * share, line.y0 + (line.y1 - line.y0) * share];
      return { x, y, x0: x - width / 2, x1: x + width / 2, y0: y - 7.5, y1: y + 7.5 };
    };
    const box = LABEL_PLACES.map(boxAt).find((one) => !boxes.some((other) => overlap(one, other)));
    if (!box) continue;
    boxes.push(box);
    written(line, words);
    const { x, y } = box;
    context.fillStyle = theme.page;
    context.globalAlpha = 0.88;
    context.fillRect(x - width / 2, y - 7.5, width, 15);
    context.globalAlpha = 1;
    context.fillStyle = colour;
    context.fillText(words, x, y + 0.5);
  }
}

/* unit: {x, y, r}. value, error: {value, share 0..1 or -1..1} or null */
function drawUnit(context, { x, y, r }, value, error, theme, square = false) {
  context.beginPath();
  if (square) context.roundRect(x - r, y - r * 0.78, 2 * r, 1.56 * r, 4);
  else context.arc(x, y, r, 0, 7);
  context.fillStyle = value ? (square ? theme.page : theme.colour(value.share)) : theme.page;
  context.fill();
  context.lineWidth = 1.2;
  context.setLineDash(value ? [] : r < 10 ? [2, 2] : [3.5, 3]);
  context.strokeStyle = theme.muted;
  context.stroke();
  context.setLineDash([]);
  if (error) {
    context.beginPath();
    context.arc(x, y, r + 2.5, 0, 7);
    context.lineWidth = 1 + 4 * Math.sqrt(error.share);
    context.strokeStyle = theme.gradient;
    context.globalAlpha = 0.35 + 0.65 * Math.sqrt(error.share);
    context.stroke();
    context.globalAlpha = 1;
  }
  if (!value || r < 15) return;
  context.font = `600 ${r > 20 ? 12 : 10.5}px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = square ? theme.text : inkOn(value.share / 0.85, theme);
  context.fillText(format(value.value), x, y + 0.5, 2 * r - 2);
}

function write(context, text, x, y, theme, { colour, size = 11, align = "center", weight = 400, most } = {}) {
  context.font = `${weight} ${size}px ${theme.font}`;
  context.textAlign = align;
  context.textBaseline = "middle";
  context.fillStyle = colour || theme.muted;
  context.fillText(text, x, y, most);
}

/* Inputs as the picture that they are; strength: the largest size. error: the same places' gradient, or null. */
function drawPicture(context, data, symbol, example, { x, y, side }, theme) {
  const pixels = data.picture;
  const small = el("canvas", { width: pixels, height: pixels });
  const inner = small.getContext("2d");
  const image = inner.createImageData(pixels, pixels);
  const words = new Uint32Array(image.data.buffer);
  const values = Array.from({ length: pixels * pixels }, (_, k) => data.unit(symbol, example, k));
  const most = Math.max(1e-30, ...values.map((value) => Math.abs(value) || 0));
  values.forEach((value, k) => { words[k] = theme.unit[Number.isFinite(value) ? Math.round(128 + (126 * value) / most) : 128]; });
  inner.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, x - side / 2, y - side / 2, side, side);
  context.lineWidth = 1;
  context.strokeStyle = symbol === "dX" ? theme.gradient : theme.muted;
  context.strokeRect(x - side / 2, y - side / 2, side, side);
}
