/* "Inside the net": the digit that goes in, every layer with what it makes of it, and how any one of its numbers came about. */
const INSIDE_TEXT_MS = 150;
const INSIDE_NARROW = 620;
const INSIDE_VALUES = [["a", "Outputs", "Maps show each layer's outputs"], ["z", "Sums", "Maps show the weighted sums, before the activation"], ["d", "Gradient", "Maps show the gradient of the cost by the outputs"]];
const INSIDE_WEIGHTS = [["w", "Weights", "Filters show their weights"], ["d", "Gradients", "Filters show the gradient of the cost by their weights, for this digit"]];
const INSIDE_SCALES = [["map", "Map", "Each map by its own largest value"], ["layer", "Layer", "Maps of a layer can be compared"], ["net", "Net", "Everything can be compared"]];

class InsidePanel {
  constructor(ctx, look) {
    Object.assign(this, { ctx, look, scale: "map", rows: new Map(), order: [], signature: "", opened: true, textAt: 0, arrived: 0, painted: 0 });
    this.names = Object.fromEntries(ctx.tables.activations || []);
    this.digit = new InsideDigit(look);
    this.lens = new InsideLens();
    this.unit = new InsideUnit(ctx, look, this.names);
    this.observer = new IntersectionObserver((entries) => this.noticeSeen(entries), { rootMargin: "120px" });
    this.build();
    this.unit.root.addEventListener("keydown", (event) => this.unitKey(event));
    look.open(true);
  }

  build() {
    this.note = el("span", { class: "panel-note number" });
    this.foldIcon = icon("next");
    this.fold = el("button", { type: "button", class: "btn text inside-fold", "aria-expanded": "true", onclick: () => this.open(!this.opened) }, this.foldIcon, el("span", { text: "Fold" }));
    this.legend = el("p", { class: "inside-key" });
    this.list = el("div", { class: "inside-rows" }, el("p", { class: "inside-empty", text: "The maps appear as soon as the engine is ready." }));
    this.stage = el("div", { class: "inside-stage" }, this.digit.root, this.list, this.lens.root);
    this.content = el("div", { class: "inside-content" }, this.buildControls(), this.stage);
    this.root = el("section", { class: "panel inside", "aria-label": "Inside the net" },
      el("div", { class: "panel-head" }, el("h3", { text: "Inside the net" }), this.note, this.fold), this.content);
  }

  buildControls() {
    const { look } = this;
    const field = (name, node) => el("span", { class: "field" }, el("span", { text: name }), node);
    this.choices = {
      values: segmented("What the maps show", INSIDE_VALUES, "a", (values) => look.set({ values })),
      weights: segmented("What the filters show", INSIDE_WEIGHTS, "w", (weights) => look.set({ weights })),
      scale: segmented("Full colour for the largest of", INSIDE_SCALES, "map", (scale) => this.setScale(scale)),
    };
    for (const [name, choice] of Object.entries(this.choices)) choice.dataset.choice = name;
    this.toggles = {
      saliency: toggle("Saliency", false, (on) => look.toggleMap("saliency", on), "Which pixels the answer would follow, by the gradient"),
      occlusion: toggle("Occlusion", false, (on) => look.toggleMap("occlusion", on), "What hiding each place of the digit would cost the answer"),
    };
    this.filterField = field("Filters", this.choices.weights);
    return el("div", { class: "inside-controls" },
      field("Maps", this.choices.values), this.filterField, field("Colours by", this.choices.scale),
      this.toggles.saliency, this.toggles.occlusion, this.legend);
  }

  /* Whoever has set it: the controls show what is looked at. */
  followLook() {
    const { values, weights, maps } = this.look.state;
    this.choices.values.pick(values);
    this.choices.weights.pick(weights);
    for (const [name, box] of Object.entries(this.toggles)) box.input.checked = maps.includes(name);
  }

  setScale(scale) {
    this.scale = scale;
    this.repaint();
    this.ctx.wake();
  }

  /* Folded, nothing of it is computed. */
  open(flag) {
    this.opened = flag;
    setHidden(this.content, !flag);
    this.fold.setAttribute("aria-expanded", String(flag));
    setText(this.fold.lastChild, flag ? "Fold" : "Unfold");
    this.root.classList.toggle("folded", !flag);
    this.look.open(flag);
    if (flag) this.resize();
    this.ctx.wake();
  }

  noticeSeen(entries) {
    for (const { target, isIntersecting } of entries) {
      const row = this.order.find((other) => other.root === target);
      if (row) row.seen = isIntersecting;
    }
    this.ctx.wake();
  }

  setTheme(theme) {
    this.theme = theme;
    this.tables = insideTables(theme);
    this.digit.setTheme(theme);
    this.unit.setTheme(theme);
    this.repaint();
  }

  get valueTable() {
    return this.facts && this.facts.values === "d" ? this.tables.slopes : this.tables.values;
  }

  get weightTable() {
    return this.facts && this.facts.weights === "d" ? this.tables.slopes : this.tables.values;
  }

  repaint() {
    this.all = true;
  }

  resize() {
    const width = this.root.clientWidth;
    if (!width || !this.opened) return;
    this.roomy = width > INSIDE_NARROW;
    this.digit.resize(this.roomy ? 168 : 112);
    this.order.forEach((row, i) => row.resize(row.scroll.clientWidth, this.order[i - 1]));
    this.unit.resize(this.roomy);
    this.repaint();
  }

  update(store) {
    if (!this.opened || !this.theme) return;
    const facts = store.facts && store.facts.inside;
    if (facts && facts !== this.facts) this.adopt(facts);
    if (!this.order.length) return;
    const fresh = store.changed("facts");
    this.collect(store);
    this.digit.update(store, this.facts);
    this.paint(fresh);
    this.unit.update(store, this.facts, this.rows, this.order);
    this.lens.paint(this.theme, fresh);
    this.tellSpans(fresh);
    this.all = false;
  }

  /* Another net has other rows. */
  adopt(facts) {
    const before = this.facts;
    this.facts = facts;
    if (before && (before.values !== facts.values || before.weights !== facts.weights)) this.repaint();
    const signature = JSON.stringify(facts.layers.map(({ key, label, shape, filters, activation }) => [key, label, shape, filters, activation]).concat(facts.border));
    if (signature === this.signature) return;
    this.signature = signature;
    this.observer.disconnect();
    this.lens.show(null);
    const side = DIGIT_SIZE + 2 * facts.border;
    const input = { index: INPUT, label: "input", shape: [1, side, side], window: null, key: "input" };
    this.order = [input, ...facts.layers].map((layer) => new InsideRow(this, layer));
    this.rows = new Map(this.order.map((row) => [row.index, row]));
    this.list.replaceChildren(...this.order.map((row) => row.root));
    for (const row of this.order) this.observer.observe(row.root);
    setHidden(this.filterField, !facts.layers.some((layer) => layer.filters));
    const { unit } = this.look.state;
    if (unit && before) this.look.set({ unit: null });
    this.resize();
  }

  collect(store) {
    for (const row of this.order) row.update(store, this.all);
    const layers = this.order.filter((row) => row.index !== INPUT);
    this.bars = store.section("looked_bars") && store.section("looked_bars").array;
    this.truth = this.facts.truth;
    if (this.scale === "net") {
      this.largestValue = Math.max(0, ...layers.map((row) => row.largest));
      this.largestFilter = Math.max(0, ...layers.map((row) => (row.filterScale ? Math.max(...row.filterScale.array) : 0)));
    }
    if (store.changed("facts") && this.order.some((row) => store.changed(row.name))) this.arrived++;
    if (!store.changed("look")) return;
    this.followLook();
    for (const row of this.order) row.stale = true;
  }

  /* Rows out of sight wait, but for those that the explanation takes its maps from. */
  paint() {
    const { unit } = this.look.state;
    const told = unit && this.rows.get(unit[0]);
    for (const row of this.order) {
      row.needed = row === told || (told && row === this.order[this.order.indexOf(told) - 1]);
      row.painted = row.paint();
      if (row.painted) this.painted++;
    }
    this.outlineField();
    this.digit.paint();
  }

  /* What is pointed at goes before what was clicked. */
  outlineField() {
    const { facts } = this;
    const unit = this.look.state.unit;
    const [row, place] = this.pointed || (unit && this.rows.has(unit[0]) ? [this.rows.get(unit[0]), { y: unit[2], x: unit[3] }] : []);
    if (!row || row.index === INPUT || place.filter) return this.digit.outline(row && row.index === INPUT ? this.inputField(place) : null);
    this.digit.outline(fieldOf(facts.layers, this.order.indexOf(row) - 1, place.y, place.x, facts.border));
  }

  inputField({ y, x }) {
    return [y - this.facts.border, x - this.facts.border, 1, 1];
  }

  point(row, place, event) {
    this.pointed = place ? [row, place] : null;
    this.lens.show(row, place, event);
    this.tellNote();
    this.ctx.wake();
  }

  /* A filter alone is no unit: a click on it does nothing. */
  pick(row, place) {
    if (place) this.look.set({ unit: [row.index, place.channel, place.y, place.x] });
  }

  unitKey(event) {
    const { unit } = this.look.state;
    const row = unit && this.rows.get(unit[0]);
    if (row && event.key !== "Enter") this.key(row, event);
  }

  /* Arrow keys move the clicked unit; over the edge of a map they go on in the next. */
  key(row, event) {
    if (event.key === "Escape") this.look.set({ unit: null });
    const move = CELL_KEYS[event.key];
    const { unit } = this.look.state;
    const here = unit && unit[0] === row.index;
    if (event.key === "Enter" && !here) this.pick(row, middleOf(row));
    if (!move || row.index === INPUT) return;
    event.preventDefault();
    event.stopPropagation();
    this.unit.playing = false;
    this.pick(row, here ? moved(row, unit, move) : middleOf(row));
  }

  tellNote() {
    setText(this.note, this.pointed ? pointedText(...this.pointed, this.facts) : "Point at a place to see what it looks at; click it to see how its number came about.");
  }

  /* Numbers that change 24 times a second cannot be read. */
  tellSpans(fresh) {
    const now = performance.now();
    this.textDue = this.textDue || fresh || this.all;
    if (!this.textDue) return;
    if (now - this.textAt < INSIDE_TEXT_MS) return this.ctx.wakeLater(INSIDE_TEXT_MS);
    this.textAt = now;
    this.textDue = false;
    const { values, layers } = this.facts;
    const spans = new Map(layers.map((layer) => [layer.index, layer[values]]));
    for (const row of this.order) {
      const span = spans.get(row.index);
      setText(row.range, span ? `${format(span[0])} … ${format(span[1])}` : "");
    }
    setText(this.legend, keyText(this.facts));
    this.tellNote();
  }

  /* For tests. */
  get report() {
    const { story, confirmed } = this.unit;
    return {
      open: this.opened, told: Boolean(this.ctx.store.facts && this.ctx.store.facts.inside), arrived: this.arrived, painted: this.painted, rows: this.order.map((row) => row.layer.label), field: this.digit.field, scale: this.scale,
      unit: this.facts && this.facts.unit, confirmed: Boolean(confirmed), sliding: this.unit.playing, products: story && story.facts ? story.facts.products : null,
      digit: this.facts ? this.facts.digit : null, look: this.look.state, picture: this.facts ? this.facts.source : null,
    };
  }
}

function middleOf(row) {
  if (!row.maps) return { channel: 0, y: 0, x: 0 };
  const [, rows, columns] = row.layer.shape;
  return { channel: 0, y: Math.floor(rows / 2), x: Math.floor(columns / 2) };
}

/* One place on, in the direction of an arrow key. */
function moved(row, [, channel, y, x], [dx, dy]) {
  if (!row.maps) return { channel: clamp(channel + dx + dy * row.lay.inLine, 0, row.count - 1), y: 0, x: 0 };
  const [, rows, columns] = row.layer.shape;
  const next = channel + (x + dx < 0 ? -1 : x + dx >= columns ? 1 : 0);
  if (next < 0 || next >= row.count) return { channel, y: clamp(y + dy, 0, rows - 1), x };
  return { channel: next, y: clamp(y + dy, 0, rows - 1), x: (x + dx + columns) % columns };
}

/* What the pointer is on, in words. */
function pointedText(row, place, facts) {
  const { layer } = row;
  if (place.filter) return `${layer.label}, filter ${place.channel + 1}`;
  const value = format(row.valueAt(place));
  if (row.index === INPUT) return `Input, row ${place.y + 1}, column ${place.x + 1}: ${value}`;
  const what = { a: "", z: "sum ", d: "gradient " }[facts.values];
  return `${placeText(layer, [row.index, place.channel, place.y, place.x])}: ${what}${value}`;
}

function keyText({ values, weights }) {
  const maps = values === "d" ? "Maps: magenta where more would raise the cost, teal where it would lower it." : "Blue above zero, orange below.";
  return weights === "d" && values !== "d" ? `${maps} Filters: magenta and teal are gradients.` : maps;
}
