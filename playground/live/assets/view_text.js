/* The Shakespeare page: run, headline, loss beside the sample, older samples, what comes next, layers. */
class TextView {
  constructor(ctx) {
    this.ctx = ctx;
    this.samples = new Samples(ctx);
    this.wishes = new Wishes(ctx);
    this.playbar = new TextPlaybar(ctx);
    this.diagnosis = new Diagnosis(ctx);
    this.headline = new Headline(ctx);
    this.loss = new TextCurve(ctx, this.samples);
    this.sample = new SamplePanel(ctx, this.samples, this.wishes);
    this.timeline = new Timeline(ctx, this.samples);
    this.typing = new TypePanel(ctx, this.wishes);
    this.layers = new TextLayers(ctx);
    this.root = el("div", { class: "view text-view" }, this.playbar.root, this.diagnosis.root, this.headline.root, ...this.parts.map((part) => part.root));
  }

  get parts() {
    return [this.loss, this.sample, this.timeline, this.typing, this.layers];
  }

  setTheme(theme) {
    for (const part of this.parts) part.setTheme(theme);
  }

  resize() {
    for (const part of this.parts) part.resize();
  }

  update(store) {
    this.samples.update(store);
    this.playbar.update(store);
    this.diagnosis.update(store);
    this.headline.update(store);
    for (const part of this.parts) part.update(store);
    if (window.__playground) window.__playground.text = { samples: this.samples.list.length, shown: this.samples.shownStep, live: this.samples.live };
  }

  key(name) {
    if (name === " ") this.playbar.toggle();
    else if (name === "ArrowRight") this.playbar.step();
    else if (name === "Escape" && !this.samples.live) this.samples.unpin();
    else return false;
    return true;
  }
}
