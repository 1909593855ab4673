/* What the net sees, 28 by 28, and what it makes of it: the answer, large, and how likely it takes each digit to be. */
const ANSWER_TEXT_MS = 140;
const SPOKEN_MS = 600;
const PREVIEW_SIDE = 112;

class DrawAnswer {
  constructor(ctx) {
    Object.assign(this, { ctx, textAt: 0, shown: null, spokenAt: 0 });
    this.map = new MapCanvas("draw-preview");
    this.map.canvas.setAttribute("role", "img");
    this.map.canvas.setAttribute("aria-label", "What the net sees: 28 by 28 pixels");
    this.caption = el("figcaption", { text: "What the net sees" });
    this.digit = el("b", { class: "draw-digit", text: "–" });
    this.sure = el("span", { class: "draw-sure number" });
    this.truth = el("span", { class: "draw-truth" });
    this.spoken = el("span", { class: "draw-spoken", role: "status", "aria-live": "polite" });
    this.root = el("div", { class: "draw-read" },
      el("figure", { class: "draw-seen" }, this.map.canvas, this.caption),
      el("div", { class: "draw-answer" }, el("span", { class: "draw-reads", text: "The net reads" }), this.digit, this.sure, this.truth, this.spoken));
    this.bars = el("ol", { class: "draw-bars", start: "0", "aria-label": "How likely the net takes each digit to be" });
    this.rows = Array.from({ length: 10 }, (_, k) => this.row(k));
  }

  row(k) {
    const fill = el("i");
    const number = el("span", { class: "draw-share number" });
    const root = el("li", {}, el("b", { text: String(k) }), el("span", { class: "draw-track" }, fill), number);
    this.bars.append(root);
    return { root, fill, number };
  }

  setTheme(theme) {
    this.theme = theme;
    this.ink = inkTable(theme);
    this.repaint = true;
  }

  update(store) {
    const looked = store.section("looked");
    if (looked && (store.changed("looked") || this.repaint)) this.map.paint(looked.array, DIGIT_SIZE, DIGIT_SIZE, this.ink);
    if (looked) this.repaint = false;
    const bars = store.section("looked_bars");
    const facts = store.facts && store.facts.inside;
    if (!bars || !facts || !store.changed("looked_bars", "facts")) return;
    this.show(bars.array, facts);
  }

  show(bars, { truth, source }) {
    const answer = largest(bars, 0, 10);
    const sure = bars[answer];
    const known = truth !== null && truth !== undefined;
    const kind = known ? (truth === answer ? "right" : "wrong") : "open";
    const other = !this.shown || this.shown.answer !== answer || this.shown.truth !== truth || this.shown.source !== source;
    this.shown = { answer, sure, truth: known ? truth : null, source, bars };
    this.rows.forEach(({ root, fill }, k) => {
      fill.style.transform = `scaleX(${clamp(bars[k] || 0, 0, 1)})`;
      if (other) {
        root.dataset.kind = k === answer ? kind : "";
        root.classList.toggle("truth", known && k === truth);
      }
    });
    setText(this.digit, Number.isFinite(sure) ? String(answer) : "–");
    if (this.digit.dataset.kind !== kind) this.digit.dataset.kind = kind;
    this.tellNumbers(other);
  }

  /* Numbers that change at every frame cannot be read, but those of another answer come with it. */
  tellNumbers(now) {
    const wait = this.textAt + ANSWER_TEXT_MS - performance.now();
    if (!now && wait > 0) {
      if (!this.timer) this.timer = setTimeout(() => { this.timer = 0; this.tellNumbers(true); }, wait);
      return;
    }
    this.textAt = performance.now();
    const { bars, sure, answer, truth } = this.shown;
    this.rows.forEach(({ number }, k) => setText(number, Number.isFinite(bars[k]) ? formatBar(bars[k]) : "–"));
    setText(this.sure, Number.isFinite(sure) ? formatSure(sure) : "");
    setText(this.truth, truth === null ? "" : truth === answer ? "and that is right." : `but it is a ${truth}.`);
    this.speak();
  }

  /* Spoken is what it has come to: not every answer on the way. */
  speak() {
    clearTimeout(this.speaker);
    this.speaker = setTimeout(() => {
      const { answer, sure, truth } = this.shown;
      if (!Number.isFinite(sure)) return;
      const told = `${answer} ${truth}`;
      if (told === this.told && performance.now() - this.spokenAt < 10 * SPOKEN_MS) return;
      this.told = told;
      this.spokenAt = performance.now();
      setText(this.spoken, `The net reads ${answer} (${Math.round(100 * sure)} %)${truth === null ? "" : truth === answer ? ", which is right" : `; it is a ${truth}`}.`);
    }, SPOKEN_MS);
  }
}

/* Short shares, all as wide as the next. */
const formatBar = (p) => (p > 0.9995 ? "> 99.9 %" : p < 0.0005 ? "< 0.1 %" : `${(100 * p).toFixed(1)} %`);
