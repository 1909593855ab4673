/* The Digits page: run and progress, score, test digits, curves, confusion matrix, mistakes, layers, first weights. */
class DigitsView {
  constructor(ctx) {
    this.ctx = ctx;
    this.playbar = new DigitsPlaybar(ctx);
    this.diagnosis = new Diagnosis(ctx);
    this.score = new Score(ctx);
    this.strip = new DigitStrip(ctx);
    this.loss = new DigitsCurve("loss", ctx);
    this.accuracy = new DigitsCurve("accuracy", ctx);
    this.confusion = new Confusion(ctx);
    this.worst = new WorstMistakes(ctx);
    this.layers = new DigitLayers(ctx);
    this.filters = new Filters(ctx);
    this.root = el("div", { class: "view digits-view" }, this.playbar.root, this.diagnosis.root, this.score.root, ...this.plots.map((part) => part.root));
  }

  get plots() {
    return [this.strip, this.loss, this.accuracy, this.confusion, this.worst, this.layers, this.filters];
  }

  setTheme(theme) {
    for (const part of this.plots) part.setTheme(theme);
  }

  resize() {
    for (const part of this.plots) part.resize();
  }

  update(store) {
    this.playbar.update(store);
    this.diagnosis.update(store);
    this.score.update(store);
    for (const part of this.plots) part.update(store);
  }

  key(name) {
    if (name === " ") this.playbar.toggle();
    else if (name === "ArrowRight") this.playbar.step();
    else return false;
    return true;
  }
}
