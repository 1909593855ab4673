/* Canvases of cells (digits, weights, counts) of which one can be picked by pointer, finger or arrow keys. */
const DIGIT_SIZE = 28;
const CELL_KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/* Ink on paper: 0 is the ground, 255 the colour of the text. */
function inkTable(theme) {
  const table = new Uint32Array(256);
  const paper = mix(theme.background, theme.ink, 0.05);
  for (let i = 0; i < 256; i++) table[i] = word(mix(paper, theme.ink, i / 255));
  return table;
}

/* Pictures (count, 28, 28) of bytes, stacked on one hidden canvas from which tiles are copied. */
class Atlas {
  constructor() {
    this.map = new MapCanvas("atlas");
    this.count = 0;
  }

  paint(section, table) {
    this.count = section ? section.shape[0] : 0;
    if (this.count) this.map.paint(section.array, DIGIT_SIZE, DIGIT_SIZE * this.count, table);
  }

  draw(context, index, x, y, size) {
    context.imageSmoothingEnabled = false;
    context.drawImage(this.map.canvas, 0, index * DIGIT_SIZE, DIGIT_SIZE, DIGIT_SIZE, x, y, size, size);
  }
}

/* Subclasses say: measure(width) -> height, cellAt(x, y) -> index or null, describe(index) -> sentence, idle() -> sentence,
   and keep columns and count. */
class CellPlot extends Plot {
  constructor(title, hint, ctx) {
    super(title);
    Object.assign(this, { ctx, hint, columns: 1, count: 0, picked: null, byKey: false });
    this.canvas.tabIndex = 0;
    this.readout = el("span", { class: "panel-note number", text: hint });
    this.root = el("section", { class: "panel cells", "aria-label": title }, el("div", { class: "panel-head" }, el("h3", { text: title }), this.readout), this.box);
    const at = (event) => this.pick(this.cellAt(event.offsetX, event.offsetY));
    this.canvas.addEventListener("pointermove", at);
    this.canvas.addEventListener("pointerdown", at);
    this.canvas.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") this.pick(null); });
    this.canvas.addEventListener("blur", () => this.pick(null));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  setTheme(theme) {
    this.theme = theme;
    this.stale = true;
  }

  /* The height follows from the width, never from what there is to show: nothing jumps. */
  resize() {
    const width = this.box.clientWidth;
    if (!width || (width === this.width && !this.remeasure)) return;
    this.remeasure = false;
    this.width = width;
    this.height = this.measure(width);
    this.box.style.height = `${this.height}px`;
    this.stale = true;
  }

  key(event) {
    if (event.key === "Escape") this.pick(null);
    const move = CELL_KEYS[event.key];
    if (!move || !this.count) return;
    event.preventDefault();
    event.stopPropagation();
    const next = this.picked === null ? 0 : this.picked + move[0] + move[1] * this.columns;
    this.pick(clamp(next, 0, this.count - 1));
  }

  pick(index) {
    const cell = index !== null && index < this.count ? index : null;
    if (cell === this.picked) return;
    this.picked = cell;
    this.stale = true;
    this.ctx.wake();
  }

  tell() {
    setText(this.readout, this.picked === null || this.picked >= this.count ? this.idle() : this.describe(this.picked));
  }

  idle() {
    return this.hint;
  }

  ring(context, x, y, width, height) {
    context.lineWidth = 2;
    context.strokeStyle = this.theme.text;
    context.strokeRect(x, y, width, height);
  }

  empty(context, text) {
    context.fillStyle = this.theme.muted;
    context.font = `13px ${this.theme.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    wrapText(context, text, this.width / 2, this.height / 2, this.width - 32, 18);
  }
}

/* A centred sentence on as many lines as it takes. */
function wrapText(context, text, x, y, width, lineHeight) {
  const lines = [""];
  for (const part of text.split(" ")) {
    const longer = `${lines.at(-1)} ${part}`.trim();
    if (context.measureText(longer).width > width && lines.at(-1)) lines.push(part);
    else lines[lines.length - 1] = longer;
  }
  lines.forEach((line, i) => context.fillText(line, x, y + (i - (lines.length - 1) / 2) * lineHeight));
}

/* ✓ or ✗ as strokes: fonts differ too much. */
function drawMark(context, right, x, y, size, colour) {
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.beginPath();
  if (right) {
    context.moveTo(x, y + size * 0.55);
    context.lineTo(x + size * 0.38, y + size * 0.9);
    context.lineTo(x + size, y + size * 0.1);
  } else {
    context.moveTo(x + size * 0.1, y + size * 0.1);
    context.lineTo(x + size * 0.9, y + size * 0.9);
    context.moveTo(x + size * 0.9, y + size * 0.1);
    context.lineTo(x + size * 0.1, y + size * 0.9);
  }
  context.stroke();
}

/* A probability as a share that never claims to be certain. */
function formatSure(p) {
  if (p > 0.9995) return "> 99.9 %";
  return p >= 0.1 ? `${(100 * p).toFixed(1)} %` : formatShare(p);
}
