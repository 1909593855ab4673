/* Every sample so far, oldest first: spelling, words, speakers' names and line breaks appear in this order. */
const EXCERPT = 88;
const KEPT_CHANCES = 64;

/* Which samples there are, and which one is looked at: the newest unless one is pointed at or picked. */
class Samples {
  constructor(ctx) {
    Object.assign(this, { ctx, list: [], newest: null, pinned: null, hovered: null, version: 0 });
    this.chances = new Map();
  }

  update(store) {
    if (store.changed("samples")) {
      this.list = store.samples || [];
      this.version++;
      if (this.pinned !== null && !this.find(this.pinned)) this.pinned = null;
    }
    if (!store.changed("facts", "sample_chances")) return;
    this.newest = store.facts.sample || null;
    const section = store.section("sample_chances");
    if (this.newest && section) this.keep(this.newest, section.array);
  }

  keep(sample, array) {
    this.chances.delete(sample.step);
    this.chances.set(sample.step, { array, text: sample.text });
    if (this.chances.size > KEPT_CHANCES) this.chances.delete(this.chances.keys().next().value);
  }

  /* The net's own chance of each character, where this page saw it written. */
  chancesOf(sample) {
    const kept = this.chances.get(sample.step);
    return kept && kept.text === sample.text ? kept.array : null;
  }

  find(step) {
    return this.list.find((sample) => sample.step === step) || null;
  }

  get live() {
    return this.hovered === null && this.pinned === null;
  }

  get shown() {
    if (this.live) return this.newest || this.list.at(-1) || null;
    return this.find(this.hovered ?? this.pinned) || this.newest;
  }

  get shownStep() {
    const { shown } = this;
    return shown ? shown.step : null;
  }

  hover(step) {
    if (this.hovered === step) return;
    this.hovered = step;
    this.changed();
  }

  pin(step) {
    this.pinned = this.pinned === step ? null : step;
    this.hovered = null;
    this.changed();
  }

  unpin() {
    this.pinned = this.hovered = null;
    this.changed();
  }

  changed() {
    this.version++;
    this.ctx.wake();
  }
}

class Timeline {
  constructor(ctx, samples) {
    Object.assign(this, { ctx, samples, shown: "" });
    this.cards = new Map();
    this.note = el("span", { class: "panel-note", text: "Press Play: every sample stays here. Point at one to read it, click to keep it." });
    this.strip = el("div", { class: "strip-cards", role: "group", "aria-label": "Older samples, oldest first" });
    this.strip.addEventListener("pointerleave", () => samples.hover(null));
    this.root = el("section", { class: "panel timeline", "aria-label": "Samples over time" }, el("div", { class: "panel-head" }, el("h3", { text: "Samples over time" }), this.note), this.strip);
  }

  setTheme() {}

  resize() {}

  update(store) {
    const { samples } = this;
    const key = `${samples.version}|${store.curve.rows}|${store.revision}`;
    if (key === this.shown) return;
    this.shown = key;
    const end = this.strip.scrollWidth - this.strip.clientWidth - this.strip.scrollLeft < 40;
    this.show(store);
    if (end && samples.live) this.strip.scrollLeft = this.strip.scrollWidth;
  }

  show(store) {
    const { list } = this.samples;
    const there = new Set(list.map((sample) => sample.step));
    for (const [step, card] of this.cards) {
      if (there.has(step)) continue;
      card.root.remove();
      this.cards.delete(step);
    }
    list.forEach((sample, i) => {
      const card = this.cards.get(sample.step) || this.make(sample);
      if (this.strip.children[i] !== card.root) this.strip.insertBefore(card.root, this.strip.children[i] || null);
      this.fill(card, sample, store);
    });
    setHidden(this.note, list.length > 2);
  }

  make(sample) {
    const { step } = sample;
    const when = el("b", { class: "number" });
    const loss = el("span", { class: "number card-loss" });
    const words = el("span", { class: "card-words" });
    const root = el("button", { type: "button", class: "card", onclick: () => this.samples.pin(step) }, el("span", { class: "card-head" }, when, loss), words);
    root.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse") this.samples.hover(step); });
    const card = { root, when, loss, words };
    this.cards.set(step, card);
    return card;
  }

  fill(card, sample, store) {
    const loss = lossOfSample(store, sample);
    setText(card.when, sample.step ? `step ${formatCount(sample.step)}` : store.facts.opened ? "as saved" : "untrained");
    setText(card.loss, loss === null ? "" : `${twoDigits(loss)} nats`);
    const text = charactersOf(sample.text.trimStart()).slice(0, EXCERPT).join("");
    setText(card.words, text);
    const pressed = String(this.samples.pinned === sample.step);
    if (card.root.getAttribute("aria-pressed") !== pressed) card.root.setAttribute("aria-pressed", pressed);
    const label = `Sample of ${card.when.textContent}, ${card.loss.textContent}`;
    if (card.root.title !== label) card.root.title = label;
  }
}
