/* The rules as cards; the one at work is lit and says which matrices it takes, with their shapes. */
class RuleCards {
  constructor(ctx) {
    this.ctx = ctx;
    this.list = el("ol", { class: "rule-list" });
    this.root = el("section", { class: "panel rules", "aria-label": "Rules" }, el("h3", { text: "Rules" }), this.list);
    this.cards = new Map();
  }

  setTheme() {}

  resize() {}

  update(state, changed) {
    const { data } = this.ctx;
    if (changed.has("trace")) this.build(data);
    if (changed.has("trace") || changed.has("step")) this.light(state, data);
  }

  build({ rules }) {
    const key = JSON.stringify(rules);
    if (key === this.key) return;
    this.key = key;
    this.cards.clear();
    this.active = null;
    this.list.replaceChildren(...rules.map((rule) => {
      const doing = el("span", { class: "rule-now" });
      const button = el("button", { type: "button", class: "rule", "data-phase": rule.phase, title: "Go to where this rule is used next", onclick: () => this.jump(rule.key) },
        el("span", { class: "rule-head" }, el("b", { text: rule.label }), el("span", { class: "rule-formula" }, formula(rule.latex || rule.formula || ""))),
        el("span", { class: "rule-help", text: rule.help }), doing);
      this.cards.set(rule.key, { button, doing });
      return el("li", {}, button);
    }));
  }

  /* The next operation of this rule; after the last the first again. */
  jump(key) {
    const { data, state } = this.ctx;
    const places = data.operations.filter((operation) => operation.rule === key).map(({ index }) => index);
    if (places.length) this.ctx.seek(places.find((index) => index > state.step) ?? places[0], true);
  }

  light({ step }, data) {
    const operation = data.operations[step];
    if (this.active && this.active !== operation.rule) {
      const { button, doing } = this.cards.get(this.active);
      button.removeAttribute("aria-current");
      doing.replaceChildren();
    }
    this.active = this.cards.has(operation.rule) ? operation.rule : null;
    const used = new Set(data.operations.map(({ rule }) => rule));
    for (const [key, { button }] of this.cards) setDisabled(button, !used.has(key));
    if (!this.active) return;
    const { button, doing } = this.cards.get(this.active);
    button.setAttribute("aria-current", "step");
    doing.replaceChildren(el("span", { class: "rule-op", text: `${placeOf(operation, data)}: ${operation.operation}` }), this.shapes(operation, data));
  }

  shapes(operation, data) {
    const row = el("span", { class: "rule-shapes" });
    const scene = sceneOf(operation);
    const flipped = [scene.left, scene.right].find((part) => part && part.flip);
    operation.inputs.forEach((symbol) => row.append(this.chip(symbol, data, Boolean(flipped) && flipped.symbol === symbol)));
    if (!operation.inputs.includes(operation.output)) row.append(el("span", { class: "arrow", text: "→" }), this.chip(operation.output, data, false));
    return row;
  }

  chip(symbol, data, flip) {
    const matrix = data.matrix(symbol);
    if (!matrix) return el("span", { class: "shape-chip" }, formula(symbol === "eta" ? "\\eta" : symbol), el("small", { text: format(data.study.learning_rate) }));
    const shape = flip ? `${matrix.cols} × ${matrix.rows}` : shapeText(matrix);
    const single = matrix.rows * matrix.cols === 1;
    return el("span", { class: "shape-chip", "data-kind": matrix.kind, title: matrix.name },
      formula(matrix.latex + (flip ? "^\\top" : "")), el("small", { text: single ? format(matrix.array[0]) : shape }));
  }
}
