/* Small pictures of the explanation: numbers in coloured cells, and a map with a window that glides over it. */
/* columns up to, cell width and height, size of the figures */
const GRID_CELLS = [[3, 46, 28, 11], [5, 41, 24, 11], [7, 36, 21, 9.5], [99, 33, 19, 9.5]];
const GRID_TIGHT = [27, 20, 9];
const GLIDE_MS = 150;
const MINI_SIDE = [132, 112];

/* Three digits, or on a phone two, in few characters. */
function cellText(value, tight) {
  const size = Math.abs(value);
  const less = tight ? 1 : 0;
  if (!Number.isFinite(value)) return "–";
  if (size < 0.0005 * 10 ** less) return "0";
  if (Number.isInteger(value)) return String(value).replace("-", "−");
  return value.toFixed(Math.max(0, (size < 1 ? 3 : size < 10 ? 2 : size < 100 ? 1 : 0) - less)).replace("-", "−");
}

/* rows x columns numbers, as colours and in figures. */
class NumberGrid {
  constructor(title, label) {
    this.canvas = el("canvas", { role: "img", "aria-label": label });
    this.caption = el("figcaption", { text: title });
    this.root = el("figure", { class: "inside-grid" }, this.canvas, this.caption);
  }

  /* strength: the largest size, which has the full colour; tight: on a phone; ring: [row, column] */
  draw(values, columns, theme, { strength, tight = false, ring = null }) {
    const rows = Math.ceil(values.length / columns);
    const [wide, tall, font] = tight && columns > 3 ? GRID_TIGHT : GRID_CELLS.find(([most]) => columns <= most).slice(1);
    const context = fitCanvas(this.canvas, columns * wide + 2, rows * tall + 2);
    context.clearRect(0, 0, columns * wide + 2, rows * tall + 2);
    context.font = `${font}px ${theme.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    values.forEach((value, i) => {
      const [x, y] = [1 + (i % columns) * wide, 1 + Math.floor(i / columns) * tall];
      const colour = diverging(strength > 0 ? value / strength : 0, theme.dark);
      context.fillStyle = rgb(colour);
      context.fillRect(x, y, wide - 1, tall - 1);
      context.fillStyle = textOn(colour);
      context.fillText(cellText(value, tight), x + wide / 2 - 0.5, y + tall / 2 + 0.5);
    });
    if (!ring) return;
    context.lineWidth = 2.5;
    context.strokeStyle = theme.text;
    context.strokeRect(ring[1] * wide + 1.5, ring[0] * tall + 1.5, wide - 1, tall - 1);
  }
}

/* Where a window is on its way to its next place. */
class Glide {
  to(place, ms, now) {
    if (this.end && this.end[0] === place[0] && this.end[1] === place[1]) return;
    this.start = this.end && ms ? this.at(now) : place;
    Object.assign(this, { end: place, since: now, ms });
  }

  at(now) {
    const t = this.ms ? clamp((now - this.since) / this.ms, 0, 1) : 1;
    const eased = t * t * (3 - 2 * t);
    return this.start.map((from, i) => from + (this.end[i] - from) * eased);
  }

  moving(now) {
    return Boolean(this.end) && this.ms > 0 && now - this.since < this.ms;
  }
}

/* A map of a row, with a frame around it for padding, the window on it, and, while it slides, what is not reached yet dimmed. */
class MiniMap {
  constructor(title, label) {
    this.canvas = el("canvas", { role: "img", "aria-label": label });
    this.caption = el("figcaption", { text: title });
    this.root = el("figure", { class: "inside-mini" }, this.canvas, this.caption);
  }

  /* box: [y, x, height, width] in places; padding: places around; reached: [y, x] of the last place that counts, or null;
     tight: on a phone */
  draw(row, channel, theme, { box, padding = 0, reached = null, tight }) {
    const [rows, columns] = row.maps ? [row.lay.rows, row.lay.columns] : [1, 1];
    const places = Math.max(rows, columns) + 2 * padding;
    const scale = Math.max(1, Math.floor(MINI_SIDE[tight ? 1 : 0] / places));
    const [width, height] = [scale * (columns + 2 * padding), scale * (rows + 2 * padding)];
    Object.assign(this, { scale, padding, rows, columns });
    const context = fitCanvas(this.canvas, width + 4, height + 4);
    context.clearRect(0, 0, width + 4, height + 4);
    context.save();
    context.translate(2, 2);
    if (padding) {
      context.fillStyle = theme.grid;
      context.fillRect(0, 0, width, height);
    }
    if (row.maps) row.atlas.draw(context, channel, padding * scale, padding * scale, columns * scale, rows * scale);
    else row.atlas.drawPart(context, channel, 1, 0, 0, scale, scale);
    if (reached) dimRest(context, reached, rows, columns, scale, theme);
    frameBox(context, box, scale, padding, theme);
    context.restore();
  }

  /* The place under a pointer. */
  placeAt(event) {
    const at = (offset, most) => clamp(Math.floor((offset - 2) / this.scale) - this.padding, 0, most - 1);
    return [at(event.offsetY, this.rows), at(event.offsetX, this.columns)];
  }
}

function dimRest(context, [y, x], rows, columns, scale, theme) {
  context.fillStyle = theme.page;
  context.globalAlpha = 0.82;
  context.fillRect((x + 1) * scale, y * scale, (columns - x - 1) * scale, scale);
  context.fillRect(0, (y + 1) * scale, columns * scale, (rows - y - 1) * scale);
  context.globalAlpha = 1;
}

function frameBox(context, [y, x, height, width], scale, padding, theme) {
  const box = [(x + padding) * scale, (y + padding) * scale, width * scale, height * scale];
  for (const [style, line] of [[theme.page, 4.5], [theme.text, 2]]) {
    context.strokeStyle = style;
    context.lineWidth = line;
    context.strokeRect(...box);
  }
}
