/* What can be changed on the diagram: shape, activations, dropout, inputs, single weights and biases. */
const DROPOUTS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
/* names that a narrow column has no room for */
const SHORT_NAMES = { "Leaky ReLU": "Leaky", "Step, surrogate gradient": "Step*", Quadratic: "Quadr.", Gaussian: "Gauss", Softplus: "Softpl." };
const dropoutName = (share, compact) => {
  if (compact) return share ? String(share).replace("0.", ".") : "0";
  return share ? `drop ${Math.round(100 * share)} %` : "no dropout";
};

/* One group of controls a hidden layer, kept between layouts so that a pressed button keeps its focus. */
class LayerColumns {
  constructor(diagram) {
    this.diagram = diagram;
    this.groups = [];
  }

  lay(net, layout) {
    while (this.groups.length > net.layers.length) {
      const { head, foot } = this.groups.pop();
      head.remove();
      foot.remove();
    }
    while (this.groups.length < net.layers.length) this.groups.push(this.make(this.groups.length));
    this.groups.forEach((group, i) => this.fill(group, net.layers[i], layout, layout.columns[i + 1].x));
  }

  make(index) {
    const { diagram } = this;
    const change = (patch) => diagram.changeLayer(index, patch);
    const name = `hidden layer ${index + 1}`;
    const group = {
      fewer: iconButton("minus", `Remove a unit from ${name}`, () => change({ units: group.units - 1 }), "round small"),
      more: iconButton("plus", `Add a unit to ${name}`, () => change({ units: group.units + 1 }), "round small"),
      count: el("span", { class: "number" }),
      activation: el("select", { "aria-label": `Activation of ${name}`, title: `Activation of ${name}`, onchange: () => change({ activation: group.activation.value }) }),
      dropout: el("select", { "aria-label": `Dropout after ${name}`, title: "Dropout: share of units switched off at random in each step", onchange: () => change({ dropout: Number(group.dropout.value) }) }),
    };
    group.head = el("div", { class: "layer-head" }, group.fewer, group.count, group.more);
    group.foot = el("div", { class: "layer-foot" }, group.activation, group.dropout);
    diagram.controls.append(group.head, group.foot);
    return group;
  }

  fill(group, layer, layout, x) {
    const { editable } = this.diagram;
    group.units = layer.units;
    this.name(group, layout.compact);
    setText(group.count, String(layer.units));
    group.count.title = `${layer.units} unit${layer.units === 1 ? "" : "s"}`;
    this.choose(group.activation, layer.activation, layer.activation);
    this.choose(group.dropout, String(layer.dropout), dropoutName(layer.dropout, layout.compact));
    setDisabled(group.fewer, !editable || layer.units <= 1, layer.units <= 1 ? "A layer needs one unit; remove the layer above" : group.fewer.getAttribute("aria-label"));
    setDisabled(group.more, !editable || layer.units >= MOST_UNITS, layer.units >= MOST_UNITS ? `${MOST_UNITS} units is the most a layer can have here` : group.more.getAttribute("aria-label"));
    setDisabled(group.activation, !editable);
    setDisabled(group.dropout, !editable);
    Object.assign(group.head.style, { left: `${x - (layout.compact ? 27 : 42)}px`, top: "4px" });
    Object.assign(group.foot.style, { left: `${x - (layout.compact ? 27 : 43)}px`, top: `${layout.height - layout.foot + 6}px` });
  }

  /* The menus in long or in short words; a short one keeps the long word as a tooltip. */
  name(group, compact) {
    if (group.compact === compact) return;
    group.compact = compact;
    for (const part of [group.head, group.foot]) part.classList.toggle("compact", compact);
    const activations = this.diagram.ctx.tables.activations || [];
    options(group.activation, activations.map(([key, label]) => [key, compact ? SHORT_NAMES[label] || label : label]));
    activations.forEach(([, label], i) => { group.activation.options[i].title = label; });
    options(group.dropout, DROPOUTS.map((d) => [String(d), dropoutName(d, compact)]), "0");
  }

  choose(select, key, label) {
    if (![...select.options].some((option) => option.value === key)) select.append(el("option", { value: key, text: label }));
    if (select.value !== key) select.value = key;
  }
}

Object.assign(Diagram.prototype, {
  changeLayers(by) {
    const layers = [...this.net.layers];
    if (by > 0 && layers.length < MOST_LAYERS) layers.push(layers.length ? { ...layers[layers.length - 1] } : { units: 4, activation: "tanh", dropout: 0 });
    if (by < 0) layers.pop();
    this.changeNet("net.layers", { layers });
  },

  changeLayer(index, patch) {
    const layers = this.net.layers.map((layer, i) => (i === index ? { ...layer, ...patch } : layer));
    layers[index].units = clamp(layers[index].units, 1, MOST_UNITS);
    this.changeNet("net.layers", { layers });
  },

  toggleInput(key) {
    const used = this.net.inputs.includes(key);
    const inputs = this.inputKeys(this.net).filter((k) => (k === key ? !used : this.net.inputs.includes(k)));
    this.changeNet("net.inputs", { inputs });
    const button = this.buttons.get(`i${key}`);
    if (button) button.focus({ preventScroll: true });
  },

  changeNet(path, change) {
    if (!this.editable) return;
    const [value] = Object.values(change);
    this.ctx.store.echoNet(change);
    this.hover(null);
    this.update(this.ctx.store);
    this.ctx.edit({ [path]: value });
    this.ctx.wake();
    /* a refused change goes back by itself */
    setTimeout(this.ctx.wake, ECHO_MS + 50);
  },

  stagePlace(event) {
    const box = this.stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  },

  hoverEdge(event) {
    if (!this.layout || event.pointerType === "touch" || event.target.closest(".unit, .layer-head, .layer-foot")) {
      this.showEdge(null);
      return;
    }
    const { x, y } = this.stagePlace(event);
    this.showEdge(nearestEdge(this.layout, x, y, 6));
  },

  showEdge(edge) {
    this.edge = edge;
    this.stage.style.cursor = edge && this.editable ? "pointer" : "";
    const path = this.mark.firstChild;
    if (!edge) {
      path.removeAttribute("d");
      setText(this.note, this.editable ? "Click a line or a unit to change it" : "");
      this.note.classList.add("idle");
      return;
    }
    this.note.classList.remove("idle");
    path.setAttribute("d", edgePath(edge, this.layout.straight));
    const theta = this.ctx.store.section("theta");
    const value = theta ? theta.array[weightAt(edge.gap, edge.row, edge.column)] : NaN;
    setText(this.note, `${this.edgeName(edge)}: ${format(value)}`);
  },

  edgeName({ gap, row, column }) {
    const from = gap.layer === 0 ? this.inputLabel(this.net.inputs[row]) : `${gap.layer}.${row + 1}`;
    const to = gap.layer === this.net.layers.length ? "output" : `${gap.layer + 1}.${column + 1}`;
    return `weight ${shorten(from, 8)} → ${to}`;
  },

  /* What the weights of a row come from, in words. */
  sourceName(layer, row) {
    return layer === 0 ? `from ${this.inputLabel(this.net.inputs[row])}` : `from hidden ${layer}, unit ${row + 1}`;
  },

  clickStage(event) {
    const { x, y } = this.stagePlace(event);
    const edge = nearestEdge(this.layout, x, y, event.pointerType === "touch" ? 12 : 6);
    if (!edge || !this.editable) {
      this.editor.close();
      return;
    }
    const { gap, row, column } = edge;
    this.showEdge(edge);
    this.editor.open(this.edgeName(edge), { layer: gap.layer, row, column, index: weightAt(gap, row, column) }, { x, y });
  },

  clickUnit(place, label) {
    const [layer, unit] = place;
    const gap = this.layout.gaps[layer - 1];
    if (this.editor.place && this.editor.place.join() === place.join()) {
      this.editor.close();
      return;
    }
    const { hover } = this.ctx.store;
    if (!this.editable) {
      this.hover(hover && hover.join() === place.join() ? null : place, label);
      return;
    }
    this.hover(place, label);
    const bias = { layer: layer - 1, row: gap.from.length, column: unit, index: biasAt(gap, unit) };
    const incoming = gap.from.map((_, row) => ({ title: this.sourceName(layer - 1, row), target: { layer: layer - 1, row, column: unit, index: weightAt(gap, row, unit) } }));
    this.editor.open(`${label}: bias`, bias, gap.to[unit], place, incoming);
  },
});
