/* A number typed over: opens on an entry of X, T, W or b; the page answers with another pass. */
const LARGEST_TYPED = 1e4;

class EntryEditor {
  constructor(ctx) {
    this.ctx = ctx;
    this.input = el("input", { type: "number", step: "any", "aria-label": "New value" });
    this.name = el("span");
    this.refusal = el("span", { class: "refusal", role: "alert" });
    this.follow = el("button", { type: "button", class: "btn", text: "Follow this weight", title: "Its chain rule, factor by factor", onclick: () => this.pick() });
    const send = el("button", { type: "submit", class: "btn primary", text: "Set" });
    this.root = el("form", { class: "editor", hidden: true, onsubmit: (event) => { event.preventDefault(); this.send(); } },
      el("label", {}, this.name, this.input), send, iconButton("close", "Close", () => this.close()), this.follow, this.refusal);
    this.root.addEventListener("keydown", (event) => { if (event.key === "Escape") { this.close(); event.stopPropagation(); } });
  }

  /* heat: the Heatmap; row, column: as drawn */
  open(heat, row, column, stage) {
    const [r, c] = heat.flip ? [column, row] : [row, column];
    this.place = { matrix: heat.symbol, row: r, column: c };
    setText(this.name, `${heat.symbol} [${r + 1}, ${c + 1}]`);
    this.value = heat.value(row, column);
    this.input.value = String(Number(this.value.toPrecision(6)));
    setText(this.refusal, "");
    setHidden(this.follow, !/^[Wb]/.test(heat.symbol));
    setHidden(this.root, false);
    this.stand([heat], stage);
    this.input.focus({ preventScroll: true });
    this.input.select();
  }

  /* Beside its entry, wherever that is now. */
  stand(heats, stage) {
    if (!this.place) return;
    const heat = heats.find(({ symbol }) => symbol === this.place.matrix);
    if (!heat) return this.close();
    const [row, column] = heat.flip ? [this.place.column, this.place.row] : [this.place.row, this.place.column];
    const box = heat.box.getBoundingClientRect();
    const own = stage.getBoundingClientRect();
    const left = box.left - own.left + ((column + 1) * box.width) / heat.cols;
    this.root.style.left = `${clamp(left, 0, Math.max(0, own.width - 240))}px`;
    this.root.style.top = `${box.top - own.top + ((row + 1) * box.height) / heat.rows + 4}px`;
  }

  close() {
    setHidden(this.root, true);
    this.place = null;
  }

  pick() {
    const { matrix, row, column } = this.place;
    this.ctx.pick({ layer: Number(matrix.slice(1)), row: matrix[0] === "b" ? null : row, column });
    this.close();
  }

  send() {
    const value = Number(this.input.value);
    if (this.input.value.trim() === "" || !Number.isFinite(value) || Math.abs(value) > LARGEST_TYPED) {
      setText(this.refusal, "A number from −10,000 to 10,000");
      return;
    }
    if (value !== Number(this.value.toPrecision(6))) this.ctx.edit({ ...this.place, value });
    this.close();
  }
}
