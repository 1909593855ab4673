/* The Digits page: run and progress, score beside a place to draw, inside the net, then test digits, curves, mistakes, layers. */
class DigitsView {
  constructor(ctx) {
    this.ctx = ctx;
    this.look = new InsideLook(ctx);
    this.playbar = new DigitsPlaybar(ctx);
    this.diagnosis = new Diagnosis(ctx);
    this.score = new Score(ctx);
    this.draw = typeof DrawPanel === "undefined" ? null : new DrawPanel(ctx, this.look);
    this.inside = new InsidePanel(ctx, this.look);
    this.strip = new PickedStrip(ctx, this.look);
    this.loss = new DigitsCurve("loss", ctx);
    this.accuracy = new DigitsCurve("accuracy", ctx);
    this.confusion = new Confusion(ctx);
    this.worst = new PickedMistakes(ctx, this.look);
    this.layers = new DigitLayers(ctx);
    this.filters = new Filters(ctx);
    this.root = el("div", { class: "view digits-view" }, this.playbar.root, this.diagnosis.root, this.score.root, ...this.plots.map((part) => part.root));
  }

  get plots() {
    const { draw, inside, strip, loss, accuracy, confusion, worst, layers, filters } = this;
    return [draw, inside, strip, loss, accuracy, confusion, worst, layers, filters].filter(Boolean);
  }

  setTheme(theme) {
    for (const part of this.plots) part.setTheme(theme);
  }

  resize() {
    for (const part of this.plots) part.resize();
  }

  update(store) {
    this.look.update(store);
    this.playbar.update(store);
    this.diagnosis.update(store);
    this.score.update(store);
    if (store.changed("experiment")) this.showFilters(store);
    for (const part of this.plots) part.update(store);
    if (window.__playground) window.__playground.inside = this.inside.report;
  }

  /* Filters of convolutions stand beside their maps; here there are only weights of units, over all pixels. */
  showFilters({ net }) {
    const sees = net && net.kind === "stack" ? net.layers.find((layer) => layer.key === "conv" || layer.key === "dense") : null;
    setHidden(this.filters.root, Boolean(sees) && sees.key === "conv");
  }

  key(name) {
    if (name === " ") this.playbar.toggle();
    else if (name === "ArrowRight") this.playbar.step();
    else return false;
    return true;
  }
}
