/* The sample that is being written now, or an older one, with the wishes it is written by. Text only ever goes in as text. */
const SURPRISE_MOST = 6;
const WRITE_MS = 40;
const TEMPERATURE_ZERO = -2;
const WISHES = {
  temperature: { low: 0, high: 1e9, usual: 0.8, title: "0: always the most probable character; 1: as the net has learned; large: anything goes. Up to 1e9." },
  top_k: { low: 0, high: 100000, usual: 0, whole: true, title: "Only the so many most probable characters may be written; 0: all" },
  top_p: { low: 0, high: 1, usual: 1, title: "Only the most probable characters that together have this share may be written; 1: all" },
  seed: { low: 0, high: 2147483647, usual: 0, whole: true, title: "The same seed and the same net write the same text" },
  length: { low: 1, high: 2000, usual: 300, whole: true, title: "Characters to write, 1 to 2000" },
};

/* How the visitor wants text to be written: held here, sent whole, and taken from the server where nobody has touched it. */
class Wishes {
  constructor(ctx) {
    this.ctx = ctx;
    this.until = 0;
    this.now = { prime: "", ...Object.fromEntries(Object.entries(WISHES).map(([key, wish]) => [key, wish.usual])) };
    this.send = throttle(() => ctx.send({ do: "write", ...this.now }), WRITE_MS);
    this.version = 0;
  }

  want(changes) {
    this.now = { ...this.now, ...changes };
    this.until = performance.now() + TOUCHED_MS;
    this.version++;
    this.send();
    this.ctx.wake();
  }

  /* True where the server's wishes are other ones than those shown. */
  adopt(told) {
    if (!told || performance.now() < this.until) return false;
    if (Object.keys(this.now).every((key) => this.now[key] === told[key])) return false;
    this.now = { ...this.now, ...told };
    this.version++;
    return true;
  }
}

class WishRow {
  constructor(ctx, wishes) {
    this.ctx = ctx;
    this.wishes = wishes;
    this.fields = {};
    this.slide = el("input", { type: "range", class: "range", min: "0", max: "2", step: "0.05", "aria-label": "Temperature" });
    this.slide.addEventListener("input", () => wishes.want({ temperature: Number(this.slide.value) }));
    this.prime = el("textarea", { class: "prime-field", rows: "1", maxlength: "400", spellcheck: "false", placeholder: "Begin with … (what the net reads first)", "aria-label": "Priming text: what the net reads first" });
    this.prime.addEventListener("input", () => wishes.want({ prime: this.prime.value.normalize("NFC").slice(-400) }));
    this.unknown = el("div", { class: "unknown", role: "status" });
    this.anew = el("button", { type: "button", class: "btn", title: "Another seed: the same net writes something else", onclick: () => this.writeAnew() }, icon("dice"), "Write anew");
    this.refusal = new Refusal("");
    const field = (key, name) => el("label", { class: "field", title: WISHES[key].title }, el("span", { text: name }), this.number(key));
    this.root = el("div", { class: "wishes" },
      el("div", { class: "wish-row" }, el("label", { class: "field temperature", title: WISHES.temperature.title }, el("span", { text: "Temperature" }), this.slide, this.number("temperature")), this.anew),
      el("div", { class: "wish-row" }, field("top_k", "Top-k"), field("top_p", "Top-p"), field("seed", "Seed"), field("length", "Length"), this.refusal.root),
      this.prime, this.unknown);
    this.show();
  }

  number(key) {
    const { low, high, title } = WISHES[key];
    const input = el("input", { type: "number", class: `wish-number ${key}`, min: String(low), max: String(high), step: "any", title, "aria-label": `${key.replace("_", "-")} as a number` });
    input.addEventListener("change", () => this.typed(key, input));
    this.fields[key] = input;
    return input;
  }

  typed(key, input) {
    const { low, high, whole } = WISHES[key];
    const value = whole ? Math.round(Number(input.value)) : Number(input.value);
    if (input.value.trim() === "" || !(value >= low && value <= high)) {
      this.refusal.range = `${low} to ${high === 1e9 ? "1e9" : high}`;
      this.refusal.say();
      this.show(true);
      return;
    }
    this.refusal.clear();
    this.wishes.want({ [key]: value });
    this.show(true);
  }

  writeAnew() {
    this.wishes.want({ seed: (this.wishes.now.seed + 1) % 2147483647 });
  }

  show(force = false) {
    const { now } = this.wishes;
    for (const [key, input] of Object.entries(this.fields)) {
      if (input.matches(":focus") && !force) continue;
      const text = WISHES[key].whole ? String(now[key]) : fieldText(now[key]);
      if (input.value !== text) input.value = text;
    }
    const at = String(clamp(now.temperature, 0, 2));
    if (this.slide.value !== at) this.slide.value = at;
    this.slide.setAttribute("aria-valuetext", String(now.temperature));
    if (!this.prime.matches(":focus") && this.prime.value !== now.prime) this.prime.value = now.prime;
  }

  update(store) {
    const { wishes } = this;
    if (store.changed("facts")) wishes.adopt(store.facts.writing);
    if (wishes.version !== this.shown) {
      this.shown = wishes.version;
      this.show();
    }
    const alphabet = store.facts.text && store.facts.text.alphabet;
    setText(this.unknown, unknownWords(unknownIn(wishes.now.prime, alphabet), alphabet));
  }
}

class SamplePanel {
  constructor(ctx, samples, wishes) {
    Object.assign(this, { ctx, samples, wishes, shownKey: "", coloured: false });
    this.head = el("h3", { text: "It writes" });
    this.note = el("span", { class: "panel-note" });
    this.colour = toggle("Surprise", false, (on) => { this.coloured = on; this.shownKey = ""; ctx.wake(); }, "Colour every character by how improbable the net found it when it wrote it");
    this.back = el("button", { type: "button", class: "btn text", text: "Back to the newest", onclick: () => this.samples.unpin() });
    this.prime = el("span", { class: "prime" });
    this.body = el("span", { class: "written" });
    this.caret = el("span", { class: "caret", "aria-hidden": "true" });
    this.page = el("pre", { class: "page", tabindex: "0", "aria-label": "Text written by the net" }, this.prime, this.body, this.caret);
    this.legend = el("div", { class: "surprise-legend", hidden: true }, el("span", { text: "expected" }), el("i"), el("span", { text: "surprising (6 nats)" }));
    this.row = new WishRow(ctx, wishes);
    this.root = el("section", { class: "panel sample", "aria-label": "Sample" },
      el("div", { class: "panel-head" }, this.head, this.note, this.back, this.legend, this.colour), this.page, this.row.root);
  }

  setTheme(theme) {
    this.theme = theme;
    this.root.style.setProperty("--surprise", theme.gradient);
    this.shownKey = "";
  }

  resize() {}

  update(store) {
    this.row.update(store);
    const { samples } = this;
    const sample = samples.shown;
    const key = `${samples.version}|${sample ? `${sample.step}|${sample.done}` : ""}|${this.coloured}|${store.status}`;
    const text = sample ? sample.prime + sample.text : "";
    if (key === this.shownKey && text === this.shownText) return;
    Object.assign(this, { shownKey: key, shownText: text });
    this.show(sample, store);
  }

  show(sample, store) {
    const { samples } = this;
    setText(this.head, samples.live ? "It writes" : "It wrote");
    setHidden(this.back, samples.live);
    setText(this.note, sample ? this.told(sample, store) : "");
    const primed = sample ? sample.prime : "";
    /* a lone line break is only where the net begins: an empty line would look like a fault */
    setText(this.prime, primed === "\n" ? "" : primed);
    const chances = sample && this.coloured ? samples.chancesOf(sample) : null;
    setHidden(this.legend, !chances);
    if (chances) this.colours(sample.text, chances);
    else setText(this.body, sample ? sample.text : store.status === "compiling" ? "Preparing …" : "");
    setHidden(this.caret, !sample || sample.done || !samples.live);
  }

  told(sample, store) {
    const loss = lossOfSample(store, sample);
    const when = sample.step ? `step ${formatCount(sample.step)}` : beginningOf(store);
    const uncoloured = this.coloured && !this.samples.chancesOf(sample) ? ", its surprise was not kept" : "";
    return `${when}${loss === null ? "" : `, ${twoDigits(loss)} nats`}${uncoloured}`;
  }

  /* One run of characters for every shade. */
  colours(text, chances) {
    const pieces = [];
    let shade = -1;
    let held = "";
    const flush = () => {
      if (held) pieces.push(el("span", { class: `s${shade}`, text: held }));
      held = "";
    };
    charactersOf(text).forEach((character, i) => {
      const nats = -Math.log(Math.max(chances[i] ?? 1, 1e-9));
      const mine = clamp(Math.floor((nats / SURPRISE_MOST) * 8), 0, 8);
      if (mine !== shade) { flush(); shade = mine; }
      held += character;
    });
    flush();
    this.body.replaceChildren(...pieces);
  }
}

const lossOfSample = (store, sample) => (sample.step || store.curve.rows ? lossAt(store, sample.epoch) : null);
