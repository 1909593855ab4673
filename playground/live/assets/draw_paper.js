/* Paper for mouse, pen and finger: round strokes, kept as points so that they can be taken back and drawn at any size. */
const PAPER_SIDE = 112;
const PEN_WIDTH = 10;
const LEAST_STEP = 0.6;
const MOST_HISTORY = 100;
/* what the server takes for a slip of the pen */
const LEAST_DRAWING = PAPER_SIDE / 8;

class DrawPaper {
  /* onchange(done): strokes are others; done: no stroke is under way */
  constructor(onchange) {
    Object.assign(this, { onchange, strokes: [], history: [], pointer: null, side: 0 });
    this.canvas = el("canvas", { class: "draw-paper", role: "img", tabIndex: 0, "aria-label": "Paper: draw a digit with mouse, pen or finger. Keys: left and right take test digits, Delete clears, Control Z takes the last stroke back." });
    this.hint = el("span", { class: "draw-hint", text: "Draw a digit here", "aria-hidden": "true" });
    this.root = el("div", { class: "draw-sheet" }, this.canvas, this.hint);
    this.small = el("canvas", { width: PAPER_SIDE, height: PAPER_SIDE }).getContext("2d", { willReadFrequently: true });
    this.listen();
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) canvas.addEventListener(name, (event) => this.up(event));
    canvas.addEventListener("contextmenu", (event) => { if (this.pointer !== null) event.preventDefault(); });
  }

  get empty() {
    return this.strokes.length === 0;
  }

  get drawing() {
    return this.pointer !== null;
  }

  /* Enough to be read: before that nothing is sent while a stroke is under way. */
  get readable() {
    const spread = (offset) => {
      let [low, high] = [Infinity, -Infinity];
      for (const stroke of this.strokes) for (let i = offset; i < stroke.length; i += 2) [low, high] = [Math.min(low, stroke[i]), Math.max(high, stroke[i])];
      return high - low + PEN_WIDTH;
    };
    return !this.empty && Math.max(spread(0), spread(1)) > LEAST_DRAWING + 1;
  }

  /* Only one finger writes: the others neither draw nor end its stroke. */
  down(event) {
    if (this.drawing || !event.isPrimary || event.button !== 0) return;
    this.pointer = event.pointerId;
    this.canvas.setPointerCapture(event.pointerId);
    this.box = this.canvas.getBoundingClientRect();
    this.remember();
    this.strokes = [...this.strokes, this.at(event)];
    this.changed(false);
  }

  move(event) {
    if (event.pointerId !== this.pointer) return;
    const stroke = this.strokes[this.strokes.length - 1];
    const passed = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    const before = stroke.length;
    for (const each of passed.length ? passed : [event]) {
      const [x, y] = this.at(each);
      if (Math.hypot(x - stroke.at(-2), y - stroke.at(-1)) >= LEAST_STEP) stroke.push(x, y);
    }
    if (stroke.length > before) this.changed(false);
  }

  up(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    this.changed(true);
  }

  at({ clientX, clientY }) {
    const { left, top, width } = this.box;
    return [((clientX - left) / width) * PAPER_SIDE, ((clientY - top) / width) * PAPER_SIDE];
  }

  /* Strokes and what can be taken back, for another sheet. */
  get kept() {
    return { strokes: this.strokes, history: this.history };
  }

  restore({ strokes, history }) {
    Object.assign(this, { strokes, history });
    this.paint();
  }

  remember() {
    this.history.push(this.strokes);
    if (this.history.length > MOST_HISTORY) this.history.shift();
  }

  /* A cleared drawing can be taken back too. quiet: nobody is told */
  clear(quiet) {
    if (this.empty) return;
    this.remember();
    this.pointer = null;
    this.strokes = [];
    this.changed(true, quiet);
  }

  undo() {
    if (!this.history.length) return;
    this.pointer = null;
    this.strokes = this.history.pop();
    this.changed(true);
  }

  changed(done, quiet) {
    this.paint();
    if (!quiet) this.onchange(done);
  }

  setTheme(theme) {
    this.theme = theme;
    this.paint();
  }

  resize() {
    const side = this.root.clientWidth;
    if (!side || side === this.side) return;
    this.side = side;
    this.paint();
  }

  paint() {
    setHidden(this.hint, !this.empty);
    if (!this.side || !this.theme) return;
    const context = fitCanvas(this.canvas, this.side, this.side);
    context.fillStyle = rgb(mix(this.theme.background, this.theme.ink, 0.05));
    context.fillRect(0, 0, this.side, this.side);
    this.write(context, this.side / PAPER_SIDE, this.theme.text);
  }

  write(context, scale, colour) {
    Object.assign(context, { strokeStyle: colour, lineWidth: PEN_WIDTH * scale, lineCap: "round", lineJoin: "round" });
    for (const stroke of this.strokes) traceStroke(context, stroke, scale);
  }

  /* Ink of every place, 0 to 255, row by row, as base64. */
  raster() {
    this.small.clearRect(0, 0, PAPER_SIDE, PAPER_SIDE);
    this.write(this.small, 1, "#000");
    const { data } = this.small.getImageData(0, 0, PAPER_SIDE, PAPER_SIDE);
    const bytes = new Uint8Array(PAPER_SIDE * PAPER_SIDE);
    for (let i = 0; i < bytes.length; i++) bytes[i] = data[4 * i + 3];
    return btoa(String.fromCharCode(...bytes));
  }
}

/* From the middle of one step to the middle of the next, the point between pulling the curve: no corners. */
function traceStroke(context, stroke, scale) {
  const at = (i) => [stroke[i] * scale, stroke[i + 1] * scale];
  const last = stroke.length - 2;
  context.beginPath();
  context.moveTo(...at(0));
  for (let i = 2; i < last; i += 2) {
    const [[x, y], [nextX, nextY]] = [at(i), at(i + 2)];
    context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  }
  context.lineTo(...at(last));
  context.stroke();
}
