/* Sliders that move, turn, resize and blur with noise what the net sees: how much of that does it bear? */
const MOVE_SLIDERS = [
  { key: "shift_x", label: "Right", low: -10, high: 10, step: 0.5, rest: 0, text: (v) => `${v} px` },
  { key: "shift_y", label: "Down", low: -10, high: 10, step: 0.5, rest: 0, text: (v) => `${v} px` },
  { key: "rotation", label: "Turn", low: -180, high: 180, step: 1, rest: 0, sign: -1, text: (v) => `${v}°` },
  { key: "scale", label: "Size", low: 50, high: 200, step: 1, rest: 100, unit: 0.01, text: (v) => `${v} %` },
  { key: "noise", label: "Noise", low: 0, high: 100, step: 1, rest: 0, unit: 0.01, text: (v) => `${v} %` },
];

class DrawMoves {
  /* onchange(moves): as the server names them; turning right is a negative angle there */
  constructor(onchange) {
    this.onchange = onchange;
    this.sliders = MOVE_SLIDERS.map((entry) => this.slider(entry));
    this.reset = el("button", { type: "button", class: "btn draw-reset", text: "Put back", title: "As it was: not moved, turned, resized or noisy", disabled: true, onclick: () => this.putBack() });
    this.root = el("div", { class: "draw-moves", role: "group", "aria-label": "Move the digit about" }, ...this.sliders.map(({ root }) => root), this.reset);
  }

  slider(entry) {
    const { label, low, high, step, rest, text } = entry;
    const input = el("input", { type: "range", class: "range", min: String(low), max: String(high), step: String(step), "aria-label": label });
    const number = el("span", { class: "number" });
    input.value = String(rest);
    input.addEventListener("input", () => this.changed());
    /* a double click puts one back */
    input.addEventListener("dblclick", () => { input.value = String(rest); this.changed(); });
    const show = () => {
      const said = text(Number(input.value)).replace("-", "−");
      setText(number, said);
      input.setAttribute("aria-valuetext", said);
    };
    show();
    return { entry, input, show, root: el("label", { class: "draw-move" }, el("span", { text: label }), input, number) };
  }

  get moves() {
    return Object.fromEntries(this.sliders.map(({ entry, input }) => [entry.key, Number(input.value) * (entry.sign || 1) * (entry.unit || 1) || 0]));
  }

  get moved() {
    return this.sliders.some(({ entry, input }) => Number(input.value) !== entry.rest);
  }

  /* What is in force already, from a visit before. */
  adopt(moves) {
    for (const { entry, input, show } of this.sliders) {
      input.value = String((moves[entry.key] / (entry.unit || 1)) * (entry.sign || 1));
      show();
    }
    setDisabled(this.reset, !this.moved);
  }

  putBack() {
    for (const { entry, input } of this.sliders) input.value = String(entry.rest);
    this.changed();
  }

  changed() {
    for (const { show } of this.sliders) show();
    setDisabled(this.reset, !this.moved);
    this.onchange();
  }
}
