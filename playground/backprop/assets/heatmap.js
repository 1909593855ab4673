/* One matrix as a heatmap: colours, numbers where they fit, the rows and columns that make an entry lit. A flipped one is drawn
   transposed; rows and columns that it speaks of are always those of the matrix as drawn. */
const NUMBER_WIDTH = 37;
const NUMBER_HEIGHT = 16;

class Heatmap {
  /* about: {symbol, flip, latex?}; look(row, column) on hover, pick(row, column, box) on a click */
  constructor(ctx, about, { look, pick }) {
    Object.assign(this, { ctx, ...about });
    this.matrix = ctx.data.matrix(this.symbol);
    const { rows, cols } = this.matrix;
    [this.rows, this.cols] = this.flip ? [cols, rows] : [rows, cols];
    this.canvas = el("canvas", { role: "img" });
    this.marks = ["row", "column", "entry"].map((kind) => el("i", { class: `heat-mark ${kind}`, hidden: true }));
    this.followed = el("i", { class: "heat-mark followed", hidden: true });
    this.box = el("div", { class: "heat-box" }, this.canvas, this.followed, ...this.marks);
    this.root = el("figure", { class: "heat", "data-kind": this.matrix.kind, "data-symbol": this.symbol }, this.caption(), this.box);
    const mayType = /^(X|T|[Wb]\d+)$/.test(this.symbol) && ctx.editable;
    this.typed = mayType && !this.matrix.blocks;
    this.large = mayType && Boolean(this.matrix.blocks);
    if (this.large) this.box.title = "Too large to type into";
    this.root.classList.toggle("typed", this.typed);
    this.box.addEventListener("pointermove", (event) => { const at = this.place(event); if (at) look(this, ...at); });
    this.box.addEventListener("click", (event) => { const at = this.place(event); if (at) { look(this, ...at); pick(this, ...at); } });
    this.canvas.setAttribute("aria-label", `${this.matrix.name || this.symbol}, ${this.rows} rows, ${this.cols} columns`);
  }

  caption() {
    const { matrix } = this;
    const head = el("figcaption", { title: matrix.name }, formula(matrix.latex + (this.flip ? "^\\top" : "")), el("small", { text: `${this.rows} × ${this.cols}` }));
    if (this.flip) head.append(el("button", { type: "button", class: "btn link flip", title: `${matrix.rows} × ${matrix.cols} becomes ${this.rows} × ${this.cols}: rows are columns. Click to see it turn.`, text: "flipped", onclick: () => this.turn() }));
    return head;
  }

  /* The flip along the diagonal, once more. */
  turn() {
    this.box.classList.remove("turning");
    void this.box.offsetWidth;
    this.box.classList.add("turning");
  }

  place(event) {
    const { left, top, width, height } = this.box.getBoundingClientRect();
    const column = Math.floor(((event.clientX - left) / width) * this.cols);
    const row = Math.floor(((event.clientY - top) / height) * this.rows);
    return row >= 0 && row < this.rows && column >= 0 && column < this.cols ? [row, column] : null;
  }

  value(row, column) {
    return this.flip ? this.ctx.data.at(this.symbol, column, row) : this.ctx.data.at(this.symbol, row, column);
  }

  draw(width, height, theme) {
    const { matrix } = this;
    Object.assign(this.box.style, { width: `${width}px`, height: `${height}px` });
    const context = fitCanvas(this.canvas, width, height);
    const [rows, cols] = this.flip ? [matrix.heldCols, matrix.heldRows] : [matrix.heldRows, matrix.heldCols];
    context.clearRect(0, 0, width, height);
    context.imageSmoothingEnabled = rows > height || cols > width;
    context.drawImage(this.paint(rows, cols, theme), 0, 0, width, height);
    this.cell = [width / this.cols, height / this.rows];
    this.numbers = !matrix.blocks && this.cell[0] >= NUMBER_WIDTH && this.cell[1] >= NUMBER_HEIGHT;
    if (!matrix.blocks && this.cell[0] >= 5 && this.cell[1] >= 5) this.grid(context, width, height, theme);
    if (this.numbers) this.write(context, theme);
  }

  /* A pixel an entry. */
  paint(rows, cols, theme) {
    const { matrix, ctx, symbol } = this;
    const most = ctx.data.largest(symbol) || 1;
    const small = el("canvas", { width: cols, height: rows });
    const context = small.getContext("2d");
    const image = context.createImageData(cols, rows);
    const words = new Uint32Array(image.data.buffer);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) {
        const value = matrix.array[this.flip ? c * matrix.heldCols + r : r * matrix.heldCols + c];
        words[r * cols + c] = theme.unit[Number.isFinite(value) ? Math.round(128 + (127 * value) / most * 0.85) : 128];
      }
    }
    context.putImageData(image, 0, 0);
    return small;
  }

  grid(context, width, height, theme) {
    context.strokeStyle = theme.page;
    context.lineWidth = 1;
    context.beginPath();
    for (let c = 1; c < this.cols; c++) { context.moveTo(Math.round(c * this.cell[0]), 0); context.lineTo(Math.round(c * this.cell[0]), height); }
    for (let r = 1; r < this.rows; r++) { context.moveTo(0, Math.round(r * this.cell[1])); context.lineTo(width, Math.round(r * this.cell[1])); }
    context.stroke();
  }

  write(context, theme) {
    const [w, h] = this.cell;
    const most = this.ctx.data.largest(this.symbol) || 1;
    context.font = `600 11px ${theme.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const lines = [];
    for (let r = 0; r < this.rows; r++) {
      const line = [];
      for (let c = 0; c < this.cols; c++) {
        const value = this.value(r, c);
        const text = format(value);
        context.fillStyle = inkOn(value / most, theme);
        context.fillText(text, (c + 0.5) * w, (r + 0.5) * h + 0.5, w - 5);
        line.push(text);
      }
      lines.push(line.join(" "));
    }
    this.ctx.tell(this.symbol + (this.flip ? "^T" : ""), lines.join("; "));
  }

  /* row, column: of the band that is lit, or null; entry: [row, column] or null */
  light({ row = null, column = null, entry = null }) {
    const part = (start, count, of) => [`${(100 * start) / of}%`, `${(100 * count) / of}%`];
    const put = (mark, top, left) => {
      setHidden(mark, !top);
      if (top) Object.assign(mark.style, { top: top[0], height: top[1], left: left[0], width: left[1] });
    };
    const { rows, cols } = this;
    put(this.marks[0], row !== null && part(row, 1, rows), [0, "100%"]);
    put(this.marks[1], column !== null && [0, "100%"], column !== null && part(column, 1, cols));
    put(this.marks[2], entry && part(entry[0], 1, rows), entry && part(entry[1], 1, cols));
  }

  /* The row (a column where flipped) of the example that is followed. */
  follow(example) {
    const shown = example >= 0;
    setHidden(this.followed, !shown);
    if (!shown) return;
    const [at, of] = this.flip ? [example, this.cols] : [example, this.rows];
    const along = [`${(100 * at) / of}%`, `${100 / of}%`];
    const [top, left] = this.flip ? [["0", "100%"], along] : [along, ["0", "100%"]];
    Object.assign(this.followed.style, { top: top[0], height: top[1], left: left[0], width: left[1] });
  }
}

/* Ink that can be read on the colour of share -1..1. */
function inkOn(share, theme) {
  return textOn(diverging(share * 0.85, theme.dark));
}
