/* What the pointer is on in the diagram, in numbers: a weight with its gradient and the update it gets, a bias, or a unit. */
class DiagramTip {
  constructor(ctx) {
    this.ctx = ctx;
    this.title = el("b");
    this.rows = el("dl");
    this.hint = el("span", { class: "muted" });
    this.root = el("div", { class: "trace-tip", hidden: true }, this.title, this.rows, this.hint);
  }

  show(found, x, y, width, height) {
    this.found = found;
    setHidden(this.root, !found);
    if (!found) return;
    this.fill(found, this.ctx.state);
    const left = x > width / 2;
    Object.assign(this.root.style, {
      left: left ? "auto" : `${Math.max(0, x + 14)}px`, right: left ? `${Math.max(0, width - x + 14)}px` : "auto",
      top: y > height / 2 ? "auto" : `${y + 12}px`, bottom: y > height / 2 ? `${height - y + 12}px` : "auto",
    });
  }

  refresh(state) {
    if (this.found) this.fill(this.found, state);
  }

  fill(found, state) {
    const { data } = this.ctx;
    if (found.line) {
      const { layer, from, to } = found.line;
      setText(this.title, `Layer ${layer}: weight from ${layer === 1 ? "input" : "unit"} ${from + 1} to unit ${to + 1}`);
      this.parameter("W", "G", layer, from, to, "Weight");
    } else if (found.bias) {
      setText(this.title, `Layer ${found.layer}: bias of unit ${found.unit.unit + 1}`);
      this.parameter("b", "g", found.layer, 0, found.unit.unit, "Bias");
    } else this.unit(found, state, data);
  }

  parameter(letter, gradients, layer, row, column, name) {
    const { data } = this.ctx;
    const [value, gradient, after] = [`${letter}${layer}`, `${gradients}${layer}`, `${letter}${layer}'`].map((symbol) => data.at(symbol, row, column));
    const rows = [[name, value], ["Gradient", gradient, "gradient"]];
    if (Number.isFinite(after)) rows.push(["Update", -data.study.learning_rate * gradient], ["Afterwards", after]);
    this.list(rows);
    this.ctx.tell(`tip ${letter}${layer}[${row},${column}]`, rows.map(([, number]) => format(number)).join(" "));
    setText(this.hint, Number.isFinite(after) ? "Click to follow it by the chain rule." : "Biases are kept as they are. Click to follow it.");
  }

  unit({ unit, layer }, { step, example }, data) {
    const k = unit.unit;
    setText(this.title, layer ? `Layer ${layer}, unit ${k + 1}` : `Input ${k + 1}`);
    const rows = layer
      ? [["Before the function", `Z${layer}`], ["Output", data.output(layer)], ["Error arriving", `dA${layer}`, "gradient"], ["Behind the function", `D${layer}`, "gradient"]]
      : [["Value", "X"], ["Gradient", "dX", "gradient"]];
    this.list(rows.filter(([, symbol]) => data.known(symbol, step)).map(([name, symbol, kind]) => [name, data.unit(symbol, example, k), kind]));
    setText(this.hint, example < 0 && data.batch > 1 ? "Mean sizes over the batch." : "");
  }

  list(rows) {
    this.rows.replaceChildren(...rows.flatMap(([name, value, kind]) => [el("dt", { text: name }), el("dd", { class: `number ${kind || ""}`, text: format(value) })]));
  }
}
