/* How one number came about, one class a kind of layer. Each has root, show(tale), glide(tale, now) and gliding(now).
   tale: {unit (as the server tells it), place, layer, row, before (the row its input is in), window, kernel: sections or null,
          theme, names: key -> label of activations, cost, sliding, pace (ms from place to place), still (nothing glides),
          tight (on a phone), values (which the maps show)} */

/* Common to layers whose window slides over maps: the map it slides over and the map it makes. */
class WindowStory {
  constructor(ctx, look) {
    Object.assign(this, { ctx, look });
    this.input = new MiniMap("", "The map below, with the window on it");
    this.output = new MiniMap("", "The map that comes out; click a place to go there");
    this.path = new Glide();
    this.seen = new NumberGrid("what it sees", "Numbers under the window");
    this.flow = el("div", { class: "inside-flow" });
    this.lines = el("div", { class: "inside-lines number" });
    this.output.canvas.addEventListener("click", (event) => this.jump(event));
    this.build();
  }

  /* A sign keeps to what follows it. */
  after(sign, { root }) {
    return el("div", { class: "inside-step" }, el("span", { class: "inside-sign", "aria-hidden": "true", text: sign }), root);
  }

  jump(event) {
    const { unit } = this.look.state;
    if (unit) this.look.set({ unit: [unit[0], unit[1], ...this.output.placeAt(event)] });
  }

  show(tale) {
    this.tale = tale;
    const [size, stride, padding] = tale.layer.window;
    Object.assign(this, { size, padding });
    const [, , y, x] = tale.place;
    this.path.to([y * stride - padding, x * stride - padding], tale.still ? 0 : Math.min(GLIDE_MS, tale.pace), performance.now());
    this.write(tale);
    this.glide(tale, performance.now());
  }

  glide(tale, now) {
    const { before, row, theme, place, sliding, tight } = tale;
    if (!before || !before.section || !before.lay) return;
    const [y, x] = this.path.at(now);
    this.input.draw(before, this.inputChannel(tale), theme, { box: [y, x, this.size, this.size], padding: this.padding, tight });
    if (row.section && row.lay) this.output.draw(row, place[1], theme, { box: [place[2], place[3], 1, 1], reached: sliding ? [place[2], place[3]] : null, tight });
  }

  gliding(now) {
    return this.path.moving(now);
  }

  /* The numbers are always outputs, whatever the maps show. */
  name({ layer, place, values }, from) {
    const shown = { a: "", z: " (sums)", d: " (gradient)" }[values];
    setText(this.input.caption, from + shown);
    setText(this.output.caption, `${layer.label}, map ${place[1] + 1}${shown}`);
  }

  say(...texts) {
    const lines = texts.filter(Boolean);
    while (this.lines.childElementCount < lines.length) this.lines.append(el("p"));
    [...this.lines.children].forEach((line, i) => {
      setText(line, lines[i] || "");
      setHidden(line, !lines[i]);
    });
  }

  cut(section, channel) {
    const many = this.size * this.size;
    return Array.from(section.array.subarray(channel * many, (channel + 1) * many));
  }
}

/* Window times kernel, map by map, plus the bias, through the activation. */
class ConvStory extends WindowStory {
  build() {
    this.picked = 0;
    this.kernel = new NumberGrid("the filter", "Numbers of the filter");
    this.products = new NumberGrid("products", "Products of the two");
    this.chips = el("div", { class: "inside-chips", role: "group", "aria-label": "Maps that the filter looks at" });
    this.flow.append(this.input.root, this.after("→", this.seen), this.after("×", this.kernel), this.after("=", this.products), this.after("→", this.output));
    this.more = el("span", { class: "inside-more", hidden: true });
    this.root = el("div", { class: "inside-story" }, el("div", { class: "inside-choice" }, this.chips, this.more), this.flow, this.lines);
  }

  inputChannel({ unit }) {
    return unit.channels[this.picked] || 0;
  }

  write(tale) {
    const { window: seen, kernel, theme, layer, tight } = tale;
    const channels = seen ? seen.shape[0] : 0;
    if (!channels || !kernel || kernel.shape[0] !== channels || seen.shape[1] !== this.size) return;
    this.picked = Math.min(this.picked, channels - 1);
    this.showChips(tale, channels);
    const [values, weights] = [this.cut(seen, this.picked), this.cut(kernel, this.picked)];
    const products = values.map((value, i) => value * weights[i]);
    const strongest = (array) => Math.max(...Array.from(array, Math.abs));
    this.seen.draw(values, this.size, theme, { strength: strongest(seen.array), tight });
    this.kernel.draw(weights, this.size, theme, { strength: strongest(kernel.array), tight });
    this.products.draw(products, this.size, theme, { strength: strongest(products), tight });
    const map = `map ${this.inputChannel(tale) + 1}`;
    const from = tale.before ? tale.before.layer.label : "the layer before";
    this.name(tale, layer.shape_in[0] > 1 ? `${from}, ${map}` : from);
    this.tell(tale, values, weights, products, layer.shape_in[0] > 1 ? map : "");
  }

  tell({ unit, layer, names }, values, weights, products, map) {
    const { parts } = unit;
    const few = parts.length < layer.shape_in[0] ? `The ${parts.length} maps it is connected with` : `All ${parts.length} maps`;
    const sums = map ? `${few}: ${partsText(unit)}` : partsText(unit);
    const head = map ? `${map[0].toUpperCase()}${map.slice(1)}: ` : "";
    this.say(head + productsText(values, weights), sums, appliedText(names[layer.activation], layer.activation, unit.sum, unit.value));
    this.facts = { products, text: this.lines.firstChild.textContent };
  }

  /* One button a map that the filter looks at, with what that map adds. */
  showChips({ unit }, channels) {
    setHidden(this.chips, channels < 2);
    if (this.chips.childElementCount !== channels) {
      this.chips.replaceChildren(...unit.channels.map((_, i) => this.chip(i)));
    }
    [...this.chips.children].forEach((chip, i) => {
      chip.setAttribute("aria-pressed", String(i === this.picked));
      setText(chip.firstChild, `map ${unit.channels[i] + 1}`);
      setText(chip.lastChild, unit.parts[i] ? format(unit.parts[i].sum) : "");
    });
    const more = unit.parts.length - channels;
    setText(this.more, more > 0 ? `and ${more} more maps` : "");
    setHidden(this.more, channels < 2 || more <= 0);
  }

  chip(i) {
    const pick = () => { this.picked = i; if (this.tale) this.show(this.tale); };
    return el("button", { type: "button", class: "inside-chip", onclick: pick }, el("span"), el("b", { class: "number" }));
  }
}

/* One number out of a window of the same map. */
class PoolStory extends WindowStory {
  build() {
    this.flow.append(this.input.root, this.after("→", this.seen), this.after("→", this.output));
    this.root = el("div", { class: "inside-story" }, this.flow, this.lines);
  }

  inputChannel({ place }) {
    return place[1];
  }

  write(tale) {
    const { unit, window: seen, kernel, theme, layer, place, before, names } = tale;
    if (!seen || seen.array.length !== this.size * this.size) return;
    const values = Array.from(seen.array);
    this.seen.draw(values, this.size, theme, { strength: Math.max(...values.map(Math.abs)), ring: layer.key === "pool_max" ? unit.winner : null });
    this.name(tale, before ? `${before.layer.label}, map ${place[1] + 1}` : "");
    const sum = total(values);
    const weight = kernel ? kernel.array[0] : (unit.sum - unit.bias) / (sum || 1);
    const formula = POOLED[layer.key] ? POOLED[layer.key](values, unit, weight) : "";
    this.say(formula, appliedText(names[layer.activation], layer.activation, unit.sum, unit.value));
    this.facts = { products: values, text: formula };
  }
}

/* One number in, one number out: normalisation, dropout, flatten. */
class PointStory {
  constructor() {
    this.lines = el("div", { class: "inside-lines number" });
    this.root = el("div", { class: "inside-story" }, this.lines);
    this.say = WindowStory.prototype.say;
  }

  show({ unit, layer, names, window: seen, kernel }) {
    if (layer.key === "norm") this.say(...this.scaled(unit, layer, names, seen, kernel));
    else if (layer.key === "dropout") this.say(`Passed on as it is: ${format(unit.value)}.`, "Only while the net trains are values silenced at random, and the others enlarged to make up for it.");
    else this.say(`Passed on as it is: ${format(unit.value)}. Maps only become one row, map by map, line by line.`);
  }

  scaled(unit, layer, names, seen, kernel) {
    const input = seen ? seen.array[0] : null;
    const scale = kernel ? kernel.array[0] : input ? (unit.sum - unit.bias) / input : null;
    if (input === null || scale === null) return [`Scaled and shifted: ${format(unit.sum)}.`];
    return [
      `scale ${format(scale)} · ${term(input)} + shift ${term(unit.bias)} = ${format(unit.sum)}`,
      appliedText(names[layer.activation], layer.activation, unit.sum, unit.value),
      "Scale and shift hold what was learned and the mean and spread of training digits.",
    ];
  }

  glide() {}

  gliding() {
    return false;
  }
}
