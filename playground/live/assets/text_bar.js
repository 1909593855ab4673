/* Controls of a run on text, and the figure that matters: how well the net guesses text it has not seen. */
const TEXT_SPEEDS = { slow: "3 steps/s", max: "Max" };

class TextPlaybar extends Playbar {
  build() {
    super.build();
    options(this.speed, Object.entries(TEXT_SPEEDS));
    this.rate.value = "-2";
  }

  buildReadout() {
    const numbers = super.buildReadout();
    setText(this.example_rate.nextSibling, "characters/s");
    this.example_rate.parentNode.style.width = "86px";
    return numbers;
  }

  updateNumbers(store) {
    super.updateNumbers(store);
    setText(this.epoch, epochWords(store.run.epoch || 0));
  }

  updateScrubber(store, recording) {
    super.updateScrubber(store, recording);
    const { count, position, epochs } = recording;
    const live = position === null || position === undefined;
    if (live && count > 1) setText(this.where, `epochs ${epochWords(epochs[0])} to ${epochWords(Math.max(epochs[0], store.run.epoch || 0))}`);
    if (!live) setText(this.where, `epoch ${epochWords(store.run.epoch || 0)}`);
  }
}

const HEADLINE_MS = 200;
/* Random weights cost so little more than guessing blindly: that is not yet being sure of what is wrong. */
const BLIND_NATS = 0.3;

class Headline {
  constructor(ctx) {
    this.ctx = ctx;
    this.last = 0;
    const figure = (name, title) => {
      const value = el("b", { class: "number", text: "–" });
      return [el("div", { class: "figure", title }, value, el("span", { text: name })), value];
    };
    this.now = el("b", { class: "headline-now number", text: "–" });
    this.words = el("span", { class: "headline-words", text: "nats a character on text it has not seen" });
    this.beside = el("span", { class: "headline-beside" });
    const [right, rightValue] = figure("guessed right", "Share of unseen characters whose most probable guess is right");
    const [speed, speedValue] = figure("characters/s", "Characters learned from a second");
    const [read, readValue] = figure("characters read", "Characters learned from so far");
    Object.assign(this, { right: rightValue, speed: speedValue, read: readValue });
    this.root = el("section", { class: "panel headline", "aria-label": "How well it guesses" },
      el("div", { class: "headline-main" }, this.now, el("div", { class: "headline-text" }, this.words, this.beside)),
      el("div", { class: "figures" }, right, speed, read));
  }

  update(store) {
    this.stale = this.stale || store.changed("metrics", "run", "baselines", "facts");
    if (!this.stale) return;
    const wait = this.last + HEADLINE_MS - performance.now();
    if (wait > 0) return this.ctx.wakeLater(wait);
    this.last = performance.now();
    this.stale = false;
    this.show(store);
  }

  show(store) {
    const [loss, right] = judgedOf(store);
    const [uniform, , pairs] = baselinesOf(store);
    setText(this.now, loss === null ? "–" : twoDigits(loss));
    setText(this.words, loss === null ? "nats a character: not measured yet" : `nats (${twoDigits(loss * BITS_PER_NAT)} bits) a character on text it has not seen`);
    const { facts, run } = store;
    const more = loss === null || run.step || facts.opened ? "" : " Press Play.";
    setText(this.beside, pairs ? this.compared(loss, pairs, uniform) + more : "");
    setText(this.right, formatShare(right));
    setText(this.speed, formatRate(store.playing ? store.run.examples_per_second : 0));
    const text = store.facts.text;
    setText(this.read, formatRate(text ? store.run.step * text.batch * text.sequence : 0));
  }

  compared(loss, pairs, uniform) {
    const said = `Guessing by letter pairs gives ${twoDigits(pairs)}, blindly ${twoDigits(uniform)}.`;
    if (loss === null) return `${said} Press Play.`;
    if (loss > uniform && loss < uniform + BLIND_NATS) return `${said} The net guesses blindly, too.`;
    if (loss > uniform) return `${said} The net is worse than blind: it is sure of what does not come.`;
    return `${said} The net is as unsure as between ${Math.exp(loss).toFixed(1)} equally likely characters.`;
  }
}
