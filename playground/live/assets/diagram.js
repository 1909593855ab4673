/* The network: inputs, hidden layers and output, with live maps, edges by weight, and the controls that change its shape. */
const MOST_LAYERS = 8;
const MOST_UNITS = 16;

class Diagram {
  /* ctx: see main.js. tiny: no controls (Home). */
  constructor(ctx, { tiny = false } = {}) {
    this.ctx = ctx;
    this.tiny = tiny;
    this.edges = new EdgeCanvas();
    this.units = new UnitCanvas();
    this.idleMaps = new Map();
    this.buttons = new Map();
    this.signature = "";
    this.controls = el("div", { class: "net-controls" });
    this.mark = document.createElementNS(SVG, "svg");
    this.mark.setAttribute("class", "edge-mark");
    this.mark.append(document.createElementNS(SVG, "path"));
    this.stage = el("div", { class: "net-stage" }, this.edges.canvas, this.mark, this.units.canvas, this.controls);
    this.scroller = el("div", { class: "net-scroll" }, this.stage);
    this.root = el("section", { class: "panel network", "aria-label": "The network" });
    if (!tiny) this.buildHead();
    this.root.append(this.scroller);
  }

  buildHead() {
    this.fewer = iconButton("minus", "Remove the last hidden layer", () => this.changeLayers(-1), "round");
    this.more = iconButton("plus", "Add a hidden layer", () => this.changeLayers(1), "round");
    this.count = el("span", { class: "net-count" });
    this.note = el("span", { class: "net-note" });
    this.root.append(el("div", { class: "panel-head" }, this.fewer, this.count, this.more, el("span", { class: "grow" }), this.note));
    this.showEdge(null);
    this.scroller.addEventListener("scroll", () => this.markMore(), { passive: true });
    this.editor = new WeightEditor(this);
    this.columns = new LayerColumns(this);
    this.stage.append(this.editor.root);
    this.stage.addEventListener("pointermove", (event) => this.hoverEdge(event));
    this.stage.addEventListener("pointerleave", () => this.showEdge(null));
    this.stage.addEventListener("click", (event) => this.clickStage(event));
  }

  get editable() {
    return !this.tiny && this.ctx.data.editable !== false;
  }

  inputKeys(net) {
    if (this.tiny) return net.inputs;
    const all = (this.ctx.tables.inputs || []).map(([key]) => key);
    return all.length ? all : net.inputs;
  }

  inputLabel(key) {
    const entry = (this.ctx.tables.inputs || []).find(([k]) => k === key);
    const axes = this.ctx.store.data && this.ctx.store.data.axes;
    const named = axes && (key === "x" ? axes[0].name : key === "y" ? axes[1].name : "");
    return named || (entry ? entry[1] : key);
  }

  resize() {
    const width = this.scroller.clientWidth;
    const height = this.tiny ? this.scroller.clientHeight : 376;
    if (width === this.width && height === this.height) return;
    Object.assign(this, { width, height, signature: "" });
  }

  setTheme(theme) {
    this.theme = theme;
    this.stale = true;
    this.edges.redraw();
  }

  update(store) {
    const { net } = store;
    if (!net || !net.layers || !this.width) return;
    const signature = JSON.stringify([net.inputs, net.layers, this.editable, store.data && store.data.axes]);
    if (signature !== this.signature) {
      this.signature = signature;
      this.lay(net);
    }
    const theta = store.section("theta");
    this.draw(store, theta && theta.array);
    this.stale = false;
    if (this.edge && store.changed("theta")) this.showEdge(this.edge);
    if (this.editor) this.editor.update(store);
  }

  /* What is put off for speed is asked for again, so that the last frame before a pause is drawn too. */
  draw(store, theta) {
    if (this.stale || this.edges.pending || store.changed("theta")) this.edges.update(theta, this.theme);
    if (this.edges.pending) this.ctx.wakeLater(16);
    this.unitsDue = this.unitsDue || this.stale || store.changed("units", "surface", "theta", "hover");
    if (!this.unitsDue) return;
    const wait = this.stale ? 0 : this.units.wait(this.nodes.length);
    if (wait > 0) {
      this.ctx.wakeLater(wait);
      return;
    }
    this.unitsDue = false;
    this.paint(store, theta);
  }

  lay(net) {
    this.net = net;
    const keys = this.inputKeys(net);
    this.layout = layoutNet(net, keys, this.width, this.height, this.tiny);
    const { width, height } = this.layout;
    Object.assign(this.stage.style, { width: `${width}px`, height: `${height}px` });
    this.mark.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.edges.setLayout(this.layout);
    this.units.setLayout(this.layout);
    this.idle = keys.flatMap((key, i) => (net.inputs.includes(key) ? [] : [{ node: this.layout.columns[0].nodes[i], canvas: this.idleMap(key) }]));
    this.nodes = [...this.layout.gaps[0].from, ...this.layout.columns.slice(1, -1).flatMap((c) => c.nodes)];
    this.edge = null;
    this.mark.firstChild.removeAttribute("d");
    this.stale = true;
    if (this.tiny) return;
    this.editor.close();
    if (this.ctx.store.hover) this.hover(null);
    this.columns.lay(net, this.layout);
    this.layUnits(net, keys);
    this.updateHead(net);
    this.markMore();
  }

  /* A fading edge says that the diagram goes on. */
  markMore() {
    const { scrollLeft, clientWidth } = this.scroller;
    this.root.classList.toggle("more-right", scrollLeft + clientWidth < this.layout.width - 4);
  }

  idleMap(key) {
    const id = key + this.theme.key;
    if (!this.idleMaps.has(id)) {
      const map = inputMap(key);
      const canvas = new MapCanvas("");
      if (map) canvas.paint(map.array, SIDE, SIDE, this.theme.unit);
      this.idleMaps.set(id, map && canvas.canvas);
    }
    return this.idleMaps.get(id);
  }

  updateHead(net) {
    const count = net.layers.length;
    setText(this.count, `${count} hidden layer${count === 1 ? "" : "s"}`);
    setDisabled(this.fewer, !this.editable || count === 0, count === 0 ? "There is no hidden layer to remove" : "Remove the last hidden layer");
    setDisabled(this.more, !this.editable || count >= MOST_LAYERS, count >= MOST_LAYERS ? `${MOST_LAYERS} hidden layers is the most this page draws` : "Add a hidden layer");
  }

  /* Units are real buttons: they take focus, speak, and are there for a finger. Rebuilt only with the net's shape. */
  layUnits(net, keys) {
    for (const button of this.buttons.values()) button.remove();
    this.buttons.clear();
    keys.forEach((key, i) => this.addInput(net, key, this.layout.columns[0].nodes[i]));
    net.layers.forEach((layer, l) => this.layout.columns[l + 1].nodes.forEach((node, u) => this.addUnit([l + 1, u], `Hidden ${l + 1}, unit ${u + 1}`, node)));
    const output = this.layout.columns[net.layers.length + 1].nodes[0];
    this.addUnit([net.layers.length + 1, 0], "Output", output);
    const caption = el("span", { class: "net-output", text: "output" });
    Object.assign(caption.style, { left: `${output.x - 26}px`, top: `${output.y + output.size / 2 + 4}px` });
    this.controls.append(caption);
    this.buttons.set("output", caption);
  }

  addInput(net, key, node) {
    const used = net.inputs.includes(key);
    const only = used && net.inputs.length === 1;
    const label = `Input ${this.inputLabel(key)}`;
    const act = only ? "the only input: it has to stay" : used ? "in use, click to leave it out" : "not in use, click to use it";
    const caption = el("span", { class: "net-input", text: shorten(this.inputLabel(key), 6), title: this.inputLabel(key) });
    Object.assign(caption.style, { left: "0", width: `${LABEL_PX - 2}px`, top: `${node.y - 8}px` });
    const button = this.nodeButton(`${label}: ${act}`, node, () => { if (!only && this.editable) this.toggleInput(key); });
    button.setAttribute("aria-pressed", String(used));
    this.hoverable(button, used ? [0, net.inputs.indexOf(key)] : null, label);
    this.controls.append(caption, button);
    this.buttons.set(`c${key}`, caption);
    this.buttons.set(`i${key}`, button);
  }

  addUnit(place, label, node) {
    const button = this.nodeButton(`${label}: ${this.editable ? "show its map, edit its bias" : "show its map"}`, node, () => this.clickUnit(place, label));
    this.hoverable(button, place, label);
    this.controls.append(button);
    this.buttons.set(place.join(":"), button);
  }

  nodeButton(label, { x, y, size }, onclick) {
    const side = size + 2;
    const button = el("button", { type: "button", class: "unit", "aria-label": label, onclick: (event) => { event.stopPropagation(); onclick(); } });
    Object.assign(button.style, { left: `${x - side / 2}px`, top: `${y - side / 2}px`, width: `${side}px`, height: `${side}px` });
    return button;
  }

  hoverable(button, place, label) {
    const enter = () => { if (place) this.hover(place, label); };
    const leave = () => { if (!this.editor.place) this.hover(null); };
    button.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse" && !this.editor.place) enter(); });
    button.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") leave(); });
    button.addEventListener("focus", () => { if (button.matches(":focus-visible")) enter(); });
    button.addEventListener("blur", leave);
  }

  /* The unit shown large: its small map at once, the server's sharp one when it comes. The output is the surface itself. */
  hover(place, label) {
    const { store } = this.ctx;
    const shown = place && place[0] <= this.net.layers.length ? place : null;
    store.hover = shown;
    store.hoverLabel = shown ? label : "";
    delete store.sections.focus;
    store.hoverMap = shown ? this.mapOf(shown) : null;
    store.dirty.add("hover");
    this.ctx.look({ hover: shown });
    this.ctx.wake();
  }

  mapOf([layer, unit]) {
    const section = this.ctx.store.section("units");
    if (!section || section.shape[0] !== this.nodes.length) return null;
    const before = layer === 0 ? 0 : this.net.inputs.length + this.net.layers.slice(0, layer - 1).reduce((sum, l) => sum + l.units, 0);
    const at = (before + unit) * SIDE * SIDE;
    return { array: section.array.subarray(at, at + SIDE * SIDE), shape: [SIDE, SIDE] };
  }

  paint(store, theta) {
    const output = this.layout.columns[this.layout.columns.length - 1].nodes[0];
    this.units.draw({
      nodes: this.nodes, idle: this.idle, output, theta, theme: this.theme,
      section: store.section("units"), surface: store.section("surface") ? this.outputMap(store) : null,
    });
    if (store.hover && !store.section("focus")) store.hoverMap = this.mapOf(store.hover);
  }

  /* The large map may show a unit, so the output has a picture of its own, thinned to every fourth pixel. */
  outputMap(store) {
    const { array } = store.section("surface");
    this.thin = this.thin || new Uint8Array(SIDE * SIDE);
    for (let i = 0; i < SIDE * SIDE; i++) this.thin[i] = array[(Math.floor(i / SIDE) * 4 + 2) * 100 + (i % SIDE) * 4 + 2];
    this.outputCanvas = this.outputCanvas || new MapCanvas("");
    this.outputCanvas.paint(this.thin, SIDE, SIDE, this.theme.unit);
    return this.outputCanvas.canvas;
  }
}
