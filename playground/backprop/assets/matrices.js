/* The operation at work in matrices: its formula, the matrices as heatmaps, and one entry of the result written out. */
const CELL = [46, 72];
const LINE = 22;
const TALLEST = 264;
const LEFT_TALLEST = 190;

class MatricesView {
  constructor(ctx) {
    this.ctx = ctx;
    this.heats = [];
    this.place = { row: 0, column: 0, k: null };
    this.title = el("div", { class: "formula" });
    this.sum = el("div", { class: "sum" });
    this.note = el("p", { class: "falk-note" });
    this.readout = el("div", { class: "heat-readout" });
    this.editor = new EntryEditor(ctx);
    this.stage = el("div", { class: "matrix-stage" });
    this.holder = el("div", { class: "matrix-holder" }, this.stage, this.editor.root);
    this.root = el("section", { class: "panel matrices", "aria-label": "Matrices" }, el("h3", { text: "Matrices" }), this.title, this.sum, this.holder, this.note, this.readout);
  }

  setTheme(theme) {
    this.theme = theme;
  }

  resize() {
    this.width = this.root.clientWidth - 22;
  }

  update(state, changed) {
    const shown = this.width > 60;
    const fresh = changed.has("trace") || this.shown !== state.step;
    if (fresh || changed.has("example")) this.settle(state, changed.has("trace"));
    if (fresh || changed.has("theme")) this.stale = true;
    if (!shown) return;
    if (this.width !== this.fitted) this.stale = true;
    if (this.stale) this.build(state);
    else if (changed.has("example") || changed.has("entry")) this.write(state);
  }

  /* Which entry is written out before the pointer chooses one: that of the example followed. */
  settle(state, anew) {
    const { data } = this.ctx;
    const out = data.matrix(data.operations[state.step].output);
    this.place = {
      row: perExample(out.symbol) ? clamp(Math.max(0, state.example), 0, out.rows - 1) : Math.min(this.place.row, out.rows - 1),
      column: Math.min(anew ? 0 : this.place.column, out.cols - 1), k: null,
    };
    if (!perExample(out.symbol) && this.shown !== state.step) this.place.row = 0;
  }

  build(state) {
    const { data } = this.ctx;
    const operation = data.operations[state.step];
    const same = this.shown === state.step && this.built === data;
    const turned = this.shown !== state.step && state.progress < 1;
    Object.assign(this, { shown: state.step, built: data, fitted: this.width, stale: false });
    this.operation = operation;
    this.scene = sceneOf(operation);
    this.looked = null;
    this.ctx.forget();
    this.title.replaceChildren(formula(operation.latex));
    this.heats = [];
    this.stage.replaceChildren(...(this.scene.kind === "product" ? this.product(this.scene) : this.row(this.scene)));
    this.stage.dataset.kind = this.scene.kind;
    /* only drawn anew, for another width or theme: what is being typed stays */
    if (same) this.editor.stand(this.heats, this.holder);
    else this.editor.close();
    setText(this.note, this.scene.kind === "row" ? "" : this.scene.add ? "A row times a column, plus the bias, makes an entry." : "A row times a column makes an entry.");
    setText(this.readout, "");
    if (turned) for (const heat of this.heats) if (heat.flip) heat.turn();
    this.write(state);
  }

  heat(about, width, height) {
    const heat = new Heatmap(this.ctx, about, { look: (...at) => this.look(...at), pick: (...at) => this.pick(...at) });
    heat.draw(Math.max(8, Math.round(width)), Math.max(6, Math.round(height)), this.theme);
    this.heats.push(heat);
    return heat.root;
  }

  /* The left matrix stands below, the right one above: a row of the one meets a column of the other in the result. */
  product({ left, right, add, out }) {
    const { data } = this.ctx;
    const size = ({ symbol, flip }) => { const { rows, cols } = data.matrix(symbol); return flip ? [cols, rows] : [rows, cols]; };
    const [m, shared] = size(left);
    const [, n] = size(right);
    const room = this.width - 18;
    const cell = clamp(room / (shared + n), ...CELL);
    const line = m + shared <= 8 ? clamp(cell * 0.45, LINE, 30) : LINE;
    const wants = [shared, n].map((count) => count * cell);
    const half = room / 2;
    const first = wants[0] + wants[1] <= room ? wants[0] : Math.min(wants[0], Math.max(half, room - wants[1]));
    const second = Math.min(wants[1], room - first);
    const [tall, low] = [Math.min(m * line, TALLEST), Math.min(shared * line, LEFT_TALLEST)];
    const part = (name, ...children) => el("div", { class: `falk ${name}` }, ...children);
    const above = [this.heat(right, second, low)];
    if (add) above.push(this.heat({ symbol: add }, second, line));
    return [
      part("corner"), part("right", ...above), part("left", this.heat(left, first, tall)), part("out", this.heat({ symbol: out }, second, tall)),
    ];
  }

  row({ items, columns }) {
    const { data } = this.ctx;
    const symbols = items.filter((item) => typeof item === "string");
    const most = Math.max(...symbols.map((symbol) => data.matrix(symbol).cols));
    const signs = items.length - symbols.length;
    const cell = clamp((this.width - signs * 52) / (symbols.length * most), ...CELL);
    const wide = symbols.map((symbol) => data.matrix(symbol).cols * cell);
    const beside = wide.reduce((sum, width) => sum + width, 0) + signs * 52 <= this.width;
    const fair = (this.width - signs * 52) / symbols.length;
    const narrow = Math.max(...wide) > this.width * 0.6 || columns ? this.width - 56 : Math.max(fair, 84);
    return items.map((item) => {
      if (typeof item !== "string") return el("span", { class: "sign", text: item.sign });
      const { rows, cols } = data.matrix(item);
      return this.heat({ symbol: item }, Math.min(cols * cell, beside ? this.width : narrow), Math.min(rows * LINE, symbols.length > 2 && !beside ? 140 : TALLEST));
    });
  }

  /* The pointer is on an entry of a matrix: of the result it is the one written out; of an operand it is a term of it. */
  look(heat, row, column) {
    const { scene, place } = this;
    const next = { ...place, k: null };
    const [left, right] = scene.kind === "product" ? [scene.left.symbol, scene.right.symbol] : [];
    const is = (symbol) => heat.symbol === symbol;
    if (is(scene.out)) Object.assign(next, { row, column });
    else if (is(left)) Object.assign(next, { row, k: column });
    else if (is(right)) Object.assign(next, { column, k: row });
    else if (scene.kind === "product") next.column = column;
    else if (scene.columns) Object.assign(next, { row: 0, column, k: row });
    else if (scene.total) next.k = row * heat.cols + column;
    else Object.assign(next, { row, column });
    const key = JSON.stringify([heat.symbol, row, column]);
    if (key === this.looked) return;
    this.looked = key;
    this.place = next;
    this.say(heat, row, column);
    this.ctx.mark("entry");
  }

  say(heat, row, column) {
    const { matrix, flip } = heat;
    if (matrix.blocks) {
      const [h, w] = matrix.blocks;
      const r = flip ? Math.floor(column / h) : Math.floor(row / h);
      const c = flip ? Math.floor(row / w) : Math.floor(column / w);
      const why = heat.large ? ". Too large to type into." : "";
      setText(this.readout, `${matrix.name}: the largest of a block of ${h} × ${w} is ${format(matrix.array[r * matrix.heldCols + c])}${why}`);
      return;
    }
    const text = format(heat.value(row, column));
    const [r, c] = flip ? [column, row] : [row, column];
    this.ctx.tell(`${heat.symbol}[${r},${c}]`, text);
    setText(this.readout, `${matrix.name}${flip ? ", flipped" : ""}: row ${row + 1}, column ${column + 1} is ${text}${heat.typed ? ". Click to type another number." : ""}`);
  }

  pick(heat, row, column) {
    if (heat.typed) this.editor.open(heat, row, column, this.holder);
    else if (heat.large) this.say(heat, row, column);
  }

  write(state) {
    const { data } = this.ctx;
    this.sum.replaceChildren(...writeSum(this.operation, data, this.place, (name, text) => this.ctx.tell(name, text)));
    for (const heat of this.heats) this.mark(heat, state, data);
  }

  mark(heat, state, data) {
    const { scene, place } = this;
    heat.follow(data.batch > 1 && perExample(heat.symbol) ? state.example : -1);
    const { row, column, k } = place;
    if (heat.symbol === scene.out) heat.light({ entry: [row, column] });
    else if (scene.kind !== "product") heat.light(scene.columns ? { column, entry: k === null ? null : [k, column] } : scene.total ? {} : { entry: [row, column] });
    else if (heat.symbol === scene.left.symbol) heat.light({ row, entry: k === null ? null : [row, k] });
    else if (heat.symbol === scene.right.symbol) heat.light({ column, entry: k === null ? null : [k, column] });
    else heat.light({ entry: [0, column] });
  }
}

/* Matrices with a row for every example. */
const perExample = (symbol) => /^(X|Y|T|E|dX|[AZD]\d+|dA\d+)$/.test(symbol);
