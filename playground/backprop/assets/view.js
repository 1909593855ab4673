/* The parts side by side or one at a time; each is updated only from here. */
const NARROW = 980;
/* from so many layers on the diagram has a row of its own */
const DEEP = 5;

class BackpropView {
  constructor(ctx) {
    this.ctx = ctx;
    this.parts = [new BackpropPlaybar(ctx), new TraceDiagram(ctx), new RuleCards(ctx), new MatricesView(ctx)];
    this.root = el("div", { class: "view backprop-view" }, ...this.parts.map((part) => part.root));
  }

  /* Where there is no room side by side, the diagram is what one sees first. */
  get tab() {
    const { tab } = this.ctx.state;
    return tab === "all" && this.narrow ? "diagram" : tab;
  }

  get deep() {
    const { data } = this.ctx;
    return Boolean(data) && data.depth >= DEEP;
  }

  /* Whether the diagram has the whole width while the other parts are shown too. */
  get whole() {
    return this.deep && this.tab === "all";
  }

  setTheme(theme) {
    for (const part of this.parts) part.setTheme(theme);
  }

  resize() {
    this.narrow = this.root.clientWidth < NARROW;
    this.root.classList.toggle("narrow", this.narrow);
    this.root.classList.toggle("deep", this.deep);
    this.root.dataset.tab = this.tab;
    for (const part of this.parts) part.resize();
  }

  update(state, changed) {
    if (changed.has("trace") && this.root.classList.contains("deep") !== this.deep) {
      this.resize();
      changed.add("size").add("options");
    }
    for (const part of this.parts) part.update(state, changed);
  }
}
