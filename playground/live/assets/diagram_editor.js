/* A small box at an edge or a unit where a weight or bias is typed; at a unit also all the weights that come in. */
const WEIGHT_MOST = 1000;
const EDITOR_MS = 125;
const REFUSED_MS = 2500;

/* A number that was refused gives way to the one in force, and the range is said for a moment. */
class Refusal {
  constructor(range) {
    this.range = range;
    this.root = el("span", { class: "refusal", role: "status" });
  }

  say() {
    setText(this.root, this.range);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.clear(), REFUSED_MS);
  }

  clear() {
    clearTimeout(this.timer);
    setText(this.root, "");
  }
}

class WeightEditor {
  constructor(diagram) {
    this.diagram = diagram;
    this.main = this.field("");
    this.rest = [];
    this.refusal = new Refusal(`−${WEIGHT_MOST} to ${WEIGHT_MOST} only`);
    this.list = el("fieldset", { class: "incoming", hidden: true });
    /* on a narrow page the large map is out of sight: a small one comes along */
    this.preview = new MapCanvas("preview");
    this.root = el("form", { class: "editor", hidden: true, noValidate: true, onsubmit: (event) => { event.preventDefault(); this.apply(this.main); } },
      this.main.label,
      el("button", { type: "submit", class: "btn primary", text: "Set" }),
      iconButton("close", "Close", () => this.close(), "round small"),
      this.preview.canvas, this.refusal.root, this.list);
    this.root.addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(); });
    for (const name of ["click", "pointermove"]) this.root.addEventListener(name, (event) => event.stopPropagation());
  }

  /* One weight to type; `typed` keeps the running net from writing over it. */
  field(title) {
    const input = el("input", { type: "number", step: "0.1", min: String(-WEIGHT_MOST), max: String(WEIGHT_MOST), title: `−${WEIGHT_MOST} to ${WEIGHT_MOST}` });
    const name = el("span", { text: title });
    const field = { input, name, label: el("label", {}, name, input), typed: false, target: null };
    input.addEventListener("input", () => { field.typed = true; });
    return field;
  }

  /* target: {layer, row, column, index} of theta; at: place in the stage; unit: [layer, unit] that stays enlarged;
     incoming: [{title, target}], the weights to list */
  open(title, target, at, unit, incoming = []) {
    const { layout, ctx } = this.diagram;
    this.place = unit;
    Object.assign(this.main, { target, typed: false });
    setText(this.main.name, title);
    this.refusal.clear();
    this.fill(incoming);
    setHidden(this.root, false);
    setHidden(this.preview.canvas, !unit || !ctx.store.hover);
    const { offsetWidth: width, offsetHeight: height } = this.root;
    Object.assign(this.root.style, {
      left: `${clamp(at.x - width / 2, 4, Math.max(4, layout.width - width - 4))}px`,
      top: `${clamp(at.y + (at.size || 0) / 2 + 10, 4, Math.max(4, layout.height - height - 4))}px`,
    });
    this.update(ctx.store, true);
    if (this.diagram.editable) this.main.input.select();
  }

  fill(incoming) {
    this.rest = incoming.map(({ title, target }) => {
      const field = this.field(title);
      field.target = target;
      field.input.addEventListener("change", () => this.apply(field));
      return field;
    });
    setHidden(this.list, !incoming.length);
    this.list.replaceChildren(el("legend", { text: "Weights coming in" }), ...this.rest.map(({ label }) => label));
  }

  update(store, force) {
    if (this.root.hidden || !this.main.target) return;
    if (this.place) this.showPreview(store);
    const theta = store.section("theta");
    const now = performance.now();
    if (!theta || (!force && now - (this.last || 0) < EDITOR_MS)) return;
    this.last = now;
    for (const field of [this.main, ...this.rest]) this.show(field, theta.array);
  }

  show(field, theta) {
    if (field.typed) return;
    const text = fieldText(theta[field.target.index]);
    if (field.input.value !== text) field.input.value = text;
  }

  showPreview(store) {
    const map = store.section("focus") || store.hoverMap;
    if (!map || !this.preview.canvas.offsetParent) return;
    this.preview.paint(map.array, map.shape[1], map.shape[0], this.diagram.theme.map);
  }

  /* Only what was typed: a number in a field that nobody touched has moved on with the net. */
  apply(field) {
    if (!field.typed) return;
    const { store, send, wake } = this.diagram.ctx;
    const theta = store.section("theta");
    const value = field.input.value === "" ? NaN : Number(field.input.value);
    const { index, ...place } = field.target;
    field.typed = false;
    if (!(Math.abs(value) <= WEIGHT_MOST)) {
      this.refusal.say();
      if (theta) this.show(field, theta.array);
      return;
    }
    this.refusal.clear();
    if (theta) theta.array[index] = value;
    store.dirty.add("theta");
    send({ do: "weight", ...place, value });
    wake();
  }

  close() {
    if (this.root.hidden) return;
    const unit = this.root.matches(":focus-within") && this.place ? this.diagram.buttons.get(this.place.join(":")) : null;
    setHidden(this.root, true);
    this.main.target = null;
    if (this.place) {
      this.place = null;
      this.diagram.hover(null);
    }
    /* who came by keyboard goes on from the unit, not from the top of the page */
    if (unit) unit.focus({ preventScroll: true });
  }
}
