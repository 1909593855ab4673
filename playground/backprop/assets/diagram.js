/* The net as a diagram. Values travel forward along the lines, errors back; a line or a bias that is clicked is followed. */
const DIAGRAM_HEIGHT = 500;
/* over the whole width, with the rules and matrices below */
const WIDE_HEIGHT = 420;
/* a column narrower than this has a short heading */
const HEADED = 46;

class TraceDiagram {
  constructor(ctx) {
    this.ctx = ctx;
    this.base = el("canvas", { class: "layer" });
    this.over = el("canvas", { class: "layer" });
    this.tip = new DiagramTip(ctx);
    this.stage = el("div", { class: "trace-stage", role: "img", "aria-label": "The net" }, this.base, this.over, this.tip.root);
    this.followedKey = el("span", { class: "followed-key", hidden: true });
    this.foot = el("div", { class: "trace-foot" });
    const head = el("div", { class: "trace-head" }, el("h3", { text: "Diagram" }), this.followedKey);
    this.root = el("section", { class: "panel trace-diagram", "aria-label": "Diagram" }, head, this.stage, this.foot);
    this.stage.addEventListener("pointermove", (event) => this.look(event));
    this.stage.addEventListener("pointerleave", () => this.hover(null));
    this.stage.addEventListener("click", (event) => this.click(event));
  }

  setTheme(theme) {
    this.theme = theme;
  }

  resize() {
    const width = this.stage.clientWidth;
    this.width = width > 60 ? width : 0;
    this.height = width < 460 ? Math.max(300, Math.min(DIAGRAM_HEIGHT, width * 1.05)) : this.ctx.whole ? WIDE_HEIGHT : DIAGRAM_HEIGHT;
  }

  update(state, changed) {
    if (["trace", "example", "size", "options"].some((name) => changed.has(name))) this.laid = false;
    if (!this.width) return;
    if (!this.laid) this.lay(state);
    const step = this.reached(state);
    const calm = ["hover", "entry", "progress"];
    if (step !== this.drawn || !this.ready || [...changed].some((name) => !calm.includes(name))) this.drawBase(state, step);
    this.drawOver(state);
    if (changed.has("step") || changed.has("trace")) this.tip.refresh(state);
  }

  /* What travels is there only once it has arrived. */
  reached({ step, progress }) {
    return progress < ARRIVED ? step - 1 : step;
  }

  lay({ example }) {
    const { data } = this.ctx;
    this.layout = layTrace(data, example, this.width, this.height);
    this.lines = data.widths.slice(1).map((_, i) => linesOf(this.layout, i + 1));
    this.wires = this.lines.map((lines) => new Wires(lines, this.height));
    this.loads = null;
    this.errors = Math.max(1e-30, ...data.widths.map((_, layer) => data.largest(layer ? `D${layer}` : "dX")));
    this.stage.style.height = `${this.height}px`;
    this.laid = true;
    this.ready = false;
  }

  drawBase(state, step) {
    const { data } = this.ctx;
    const { theme, layout } = this;
    const context = fitCanvas(this.base, this.width, this.height);
    context.clearRect(0, 0, this.width, this.height);
    this.drawn = step;
    this.ready = true;
    this.ctx.forget("net ");
    const operation = data.operations[state.step];
    const movement = movementOf(operation, data.depth);
    this.lines.forEach((lines, i) => {
      const gradient = movement.kind === "weights" && movement.error && movement.gap === i + 1 ? `G${i + 1}` : null;
      const symbol = gradient || data.weightsOf(i + 1, step);
      this.wires[i].draw(context, symbol, theme, (inner) => drawLines(inner, lines, data, step, theme, gradient));
      this.drawMark(context, state, i + 1, step, gradient);
      labelLines(context, lines, this.labels(symbol, state, step), theme, gradient ? theme.gradient : theme.muted);
    });
    layout.columns.forEach((column) => this.drawColumn(context, column, state.example, step));
    this.drawCost(context, state.example, step);
    setText(this.foot, this.footText(state, operation));
    this.explainMark(state, step, movement);
  }

  /* What the lines of the operation carry, worked out once an operation. */
  loadsAt(step, example, make) {
    const key = `${step} ${example}`;
    if (!this.loads || this.loads.key !== key) this.loads = { key, list: make() };
    return this.loads.list;
  }

  /* What labelLines asks for: a line's number, what it is worth, that it was written, and what stands in the way. */
  labels(symbol, { selected }, step) {
    const { data } = this.ctx;
    const value = ({ from, to }) => (from === null ? NaN : data.at(symbol, from, to));
    const followed = ({ layer, from, to }) => selected && selected.layer === layer && selected.row === from && selected.column === to;
    return {
      text: (line) => (Number.isNaN(value(line)) ? "" : format(value(line))),
      worth: (line) => (followed(line) ? Infinity : Math.abs(value(line))),
      written: ({ from, to }, text) => this.ctx.tell(`net ${symbol}[${from},${to}]`, text),
      taken: this.layout.columns.flatMap(({ layer, units }) => units.flatMap((unit) => this.boxesOf(unit, layer, step))),
    };
  }

  /* What a unit takes up: itself, the number of its bias above, that of its error below. */
  boxesOf(unit, layer, step) {
    const { x, y, r, roomy } = unit;
    const boxes = [{ x0: x - r, x1: x + r, y0: y - r, y1: y + r }];
    if (!roomy) return boxes;
    const bias = this.biasPlace(unit);
    if (layer) boxes.push({ x0: bias.x - 6, x1: bias.x + 42, y0: bias.y - 6, y1: bias.y + 6 });
    if (this.ctx.data.errorOf(layer, step)) boxes.push({ x0: x - 24, x1: x + 24, y0: y + r + 6, y1: y + r + 18 });
    return boxes;
  }

  drawColumn(context, column, example, step) {
    const { data } = this.ctx;
    const { theme } = this;
    const { layer, x } = column;
    const most = this.layout.gap - 4;
    this.drawHeading(context, column, most);
    if (column.picture) this.drawInputPicture(context, column, example, step);
    const symbol = data.valueOf(layer, step);
    const error = data.errorOf(layer, step);
    for (const unit of column.units) {
      const value = symbol && this.valued(symbol, example, unit.unit);
      const wrong = error && data.unit(error, example, unit.unit);
      if (layer) this.drawBias(context, unit, layer, step);
      drawUnit(context, unit, value, Number.isFinite(wrong) && error ? { share: Math.min(1, Math.abs(wrong) / this.errors) } : null, theme);
      if (Number.isFinite(wrong) && error && unit.roomy) {
        this.ctx.tell(`net ${error}[${this.rowName(example)},${unit.unit}]`, format(wrong));
        write(context, format(wrong), unit.x, unit.y + unit.r + 12, theme, { colour: theme.gradient, weight: 600, size: 11 });
      }
    }
    if (column.more) write(context, `${column.units.length} strongest of ${column.more}`, x, this.height - 8, theme, { size: 10 });
  }

  /* Where columns stand close: the layer's number alone. */
  drawHeading(context, { layer, x }, most) {
    const { data } = this.ctx;
    const { theme } = this;
    const last = layer === data.depth;
    const close = this.layout.gap < HEADED;
    const name = layer === 0 ? (close ? "in" : "inputs") : last ? (close ? "out" : "outputs") : close ? String(layer) : `layer ${layer}`;
    write(context, name, x, 9, theme, { colour: theme.text, weight: 600, most });
    if (layer && !close) write(context, (data.activations[layer - 1] || {}).label || "", x, 24, theme, { size: 10, most });
  }

  rowName(example) {
    return example < 0 ? "mean" : example;
  }

  valued(symbol, example, unit) {
    const { data } = this.ctx;
    const value = data.unit(symbol, example, unit);
    if (Number.isNaN(value)) return null;
    this.ctx.tell(`net ${symbol}[${this.rowName(example)},${unit}]`, format(value));
    return { value, share: Math.max(-1, Math.min(1, value / (data.largest(symbol) || 1))) };
  }

  drawInputPicture(context, { picture }, example, step) {
    const { data } = this.ctx;
    const { theme } = this;
    const both = data.known("dX", step) && !Number.isNaN(data.unit("dX", example, 0));
    const side = picture.side * (both ? 0.92 : 1);
    const gap = both ? side / 2 + 14 : 0;
    drawPicture(context, data, "X", example, { ...picture, side, y: picture.y - gap }, theme);
    write(context, `${data.picture} × ${data.picture}, ${data.widths[0]} numbers`, picture.x, picture.y - gap + side / 2 + 9, theme, { size: 10, most: picture.side + 8 });
    if (!both) return;
    drawPicture(context, data, "dX", example, { ...picture, side, y: picture.y + gap + 8 }, theme);
    write(context, "gradient by the inputs", picture.x, picture.y + gap + 8 + side / 2 + 9, theme, { size: 10, colour: theme.gradient, most: picture.side + 8 });
  }

  /* On top of its unit where there is room, else at its corner. */
  biasPlace({ x, y, r, roomy }) {
    const size = clamp(r * 0.42, 3, 9);
    return roomy ? { x: x - 15, y: y - r - 11, size } : { x: x - r * 0.86, y: y - r * 0.86, size };
  }

  drawBias(context, unit, layer, step) {
    const { data } = this.ctx;
    const symbol = data.weightsOf(layer, step, "b");
    const { x, y, size } = this.biasPlace(unit);
    const value = data.at(symbol, 0, unit.unit);
    context.fillStyle = this.theme.colour(value / (data.largest(symbol) || 1));
    context.strokeStyle = this.theme.muted;
    context.lineWidth = 1;
    context.beginPath();
    context.rect(x - size / 2, y - size / 2, size, size);
    context.fill();
    context.stroke();
    if (!unit.roomy) return;
    this.ctx.tell(`net ${symbol}[0,${unit.unit}]`, format(value));
    write(context, format(value), x + size / 2 + 3, y + 0.5, this.theme, { align: "left", size: 10.5 });
  }

  drawCost(context, example, step) {
    const { data } = this.ctx;
    const { theme, layout } = this;
    const { x, units } = layout.cost;
    write(context, "cost", x, 9, theme, { colour: theme.text, weight: 600 });
    const known = data.known("E", step);
    if (!units[0].roomy && units[0].r >= 9) write(context, "target", x + units[0].r + 2, 24, theme, { size: 10, align: "left", most: this.width - x - units[0].r - 2 });
    layout.columns[data.depth].units.forEach((unit, i) => {
      strokeLine(context, { x0: unit.x + unit.r, y0: unit.y, x1: units[i].x - unit.r, y1: units[i].y }, { width: 1, colour: theme.faint, alpha: 1 });
      drawUnit(context, units[i], known ? this.valued("E", example, unit.unit) : null, null, theme, true);
      const target = format(data.unit("T", example, unit.unit));
      if (unit.roomy) write(context, `target ${target}`, x, units[i].y - unit.r * 0.78 - 9, theme, { size: 10.5 });
      else if (unit.r >= 9) write(context, target, x + unit.r + 5, units[i].y, theme, { size: 10.5, align: "left", most: this.width - x - unit.r - 6 });
    });
    if (!data.known("C", step)) return;
    const total = format(data.at("C", 0, 0));
    this.ctx.tell("net C", total);
    const last = units[units.length - 1];
    write(context, `${data.batch > 1 ? "mean" : "total"} ${total}`, x, Math.min(this.height - 8, last.y + last.r + 16), theme, { colour: theme.text, weight: 600, most: layout.gap + 40 });
  }

  /* The weight that is followed stays marked: its own colour between edges of ink. */
  drawMark(context, { selected }, layer, step, gradient) {
    const found = selected && selected.layer === layer && this.find(selected);
    if (!found) return;
    if (found.line) strokeHalo(context, found.line, this.ownStyle(found.line, step, gradient), this.theme);
    else this.ringBias(context, found.unit);
  }

  /* A line as wide as it is drawn, in the full colour of its sign; in the gradient rule in that of gradients. */
  ownStyle(line, step, gradient) {
    const { data } = this.ctx;
    if (gradient) return { ...gradientStyle(data, line, gradient, this.theme), colour: this.theme.gradient };
    return { ...lineStyle(data, line, step, this.theme), colour: this.signColour(data.at(data.weightsOf(line.layer, step), line.from, line.to)) };
  }

  signColour(value) {
    return value < 0 ? this.theme.negative : value > 0 ? this.theme.positive : this.theme.faint;
  }

  /* The key to the mark, in the colour that the weight has. */
  explainMark({ selected }, step, movement) {
    const { data } = this.ctx;
    const found = selected && this.find(selected);
    setHidden(this.followedKey, !found);
    if (!found) return;
    const { layer, row, column } = selected;
    const bias = !found.line;
    const symbol = data.weightsOf(layer, step, bias ? "b" : "W");
    const gradient = movement.kind === "weights" && movement.error && movement.gap === layer && !bias;
    const swatch = el("i", { class: bias ? "bias" : "" });
    swatch.style.background = gradient ? this.theme.gradient : this.signColour(data.at(symbol, bias ? 0 : row, column));
    this.followedKey.replaceChildren(swatch, bias ? "followed bias" : "followed weight");
  }

  find({ layer, row, column }) {
    if (row !== null && row !== undefined) {
      const line = (this.lines[layer - 1] || []).find(({ from, to }) => from === row && to === column);
      return line && { line };
    }
    const unit = this.layout.columns[layer] && this.layout.columns[layer].units.find((one) => one.unit === column);
    return unit && { unit };
  }

  ringBias(context, unit) {
    const { x, y, size } = this.biasPlace(unit);
    context.lineWidth = 2;
    context.strokeStyle = this.theme.text;
    context.strokeRect(x - size / 2 - 2, y - size / 2 - 2, size + 4, size + 4);
  }

  drawOver(state) {
    const context = fitCanvas(this.over, this.width, this.height);
    context.clearRect(0, 0, this.width, this.height);
    paintMovement(context, this, state);
    const { hovered: hover } = this;
    if (!hover) return;
    if (hover.line) strokeHalo(context, hover.line, this.ownStyle(hover.line, this.drawn, null), this.theme);
    else if (hover.bias) this.ringBias(context, hover.unit);
    else ring(context, hover.unit, this.theme.text, 2, hover.unit.r + 1);
  }

  footText({ example }, { phase }) {
    const { data } = this.ctx;
    const who = data.batch === 1 ? "" : example < 0 ? `Mean sizes over ${data.batch} examples. ` : `Example ${example + 1} of ${data.batch}. `;
    const what = { forward: "Values go forward.", backward: "Errors go back.", gradient: "What each weight does to the cost.", update: "Weights go a step against their gradients." };
    const after = (data.header.summary || {}).total_after;
    const done = this.ctx.state.step === data.last && Number.isFinite(after) && phase === "update";
    return who + (done ? `The update takes the cost from ${format(data.at("C", 0, 0))} to ${format(after)}.` : what[phase]);
  }

  look(event) {
    const { left, top } = this.stage.getBoundingClientRect();
    this.hover(this.hit(event.clientX - left, event.clientY - top), event.clientX - left, event.clientY - top);
  }

  hover(found, x, y) {
    const key = found ? JSON.stringify([found.line && [found.line.layer, found.line.from, found.line.to], found.layer, found.unit && found.unit.unit, found.bias]) : "";
    if (key === this.key) return;
    this.key = key;
    this.hovered = found;
    this.stage.style.cursor = found && (found.line || found.bias) ? "pointer" : "";
    this.tip.show(found, x, y, this.width, this.height);
    this.ctx.mark("hover");
  }

  /* -> {unit, layer}, {unit, layer, bias: true}, {line}, or null */
  hit(x, y) {
    if (!this.layout) return null;
    for (const { layer, units } of this.layout.columns) {
      for (const unit of units) {
        const bias = this.biasPlace(unit);
        if (layer && Math.max(Math.abs(x - bias.x), Math.abs(y - bias.y)) <= Math.max(5, bias.size / 2 + 2)) return { unit, layer, bias: true };
        if (Math.hypot(x - unit.x, y - unit.y) <= unit.r) return { unit, layer };
      }
    }
    const { data } = this.ctx;
    for (const lines of this.lines) {
      const line = lineAt(lines, x, y, (one) => Math.abs(data.at(`W${one.layer}`, one.from ?? -1, one.to)) || 0);
      if (line) return line.from === null ? null : { line };
    }
    return null;
  }

  click(event) {
    this.look(event);
    const found = this.hovered;
    if (!found) return;
    if (found.line) this.ctx.pick({ layer: found.line.layer, row: found.line.from, column: found.line.to });
    else if (found.bias) this.ctx.pick({ layer: found.layer, row: null, column: found.unit.unit });
  }
}
