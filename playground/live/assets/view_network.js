/* The Network page: surface, diagram, playbar, diagnosis, curves, and a box of tabs for a closer look. */
class NetworkView {
  constructor(ctx) {
    this.ctx = ctx;
    this.surface = new Surface({ editable: ctx.data.editable !== false, wake: ctx.wake, onedit: (points) => this.editPoints(points) });
    this.diagram = new Diagram(ctx);
    this.playbar = new Playbar(ctx);
    this.diagnosis = new Diagnosis(ctx);
    this.curve = new CurveChart({ wake: ctx.wake, wakeLater: ctx.wakeLater, beginning: true, onoverlayoff: () => ctx.send({ do: "overlay_off" }) });
    this.buildTabs();
    this.root = el("div", { class: "view network-view" }, this.surface.root, this.playbar.root, this.diagnosis.root, this.diagram.root, this.curve.root, this.more);
  }

  buildTabs() {
    const { ctx } = this;
    this.tabs = { layers: new LayersChart(ctx), weights: new HistogramChart(ctx), warp: new WarpChart(ctx) };
    this.tab = "layers";
    const pick = segmented("Closer look", [["layers", "Gradients"], ["weights", "Weights"], ["warp", "Bent grid"]], "layers", (tab) => this.openTab(tab));
    this.more = el("section", { class: "panel more", "aria-label": "A closer look" }, el("div", { class: "panel-head" }, pick), ...Object.values(this.tabs).map((tab) => tab.root));
    for (const [key, tab] of Object.entries(this.tabs)) setHidden(tab.root, key !== "layers");
  }

  openTab(name) {
    this.tab = name;
    for (const [key, tab] of Object.entries(this.tabs)) setHidden(tab.root, key !== name);
    this.tabs.warp.show(name === "warp");
    this.tabs[name].resize();
    this.tabs[name].stale = true;
    this.ctx.wake();
  }

  get parts() {
    return [this.surface, this.diagram, this.curve, ...Object.values(this.tabs)];
  }

  setTheme(theme) {
    for (const part of this.parts) part.setTheme(theme);
  }

  resize() {
    for (const part of this.parts) part.resize();
  }

  update(store) {
    this.playbar.update(store);
    this.diagram.update(store);
    this.surface.update(store);
    this.diagnosis.update(store);
    this.curve.update(store);
    this.tabs[this.tab].update(store);
    if (this.tab !== "warp" && store.changed("experiment") && store.net) this.tabs.warp.adopt(store.net);
  }

  /* component.data came again with another `editable`. */
  setData(data) {
    this.surface.tools.setEditable(data.editable !== false);
    this.diagram.signature = "";
  }

  editPoints(points) {
    echoPoints(this.ctx.store, points);
    this.ctx.edit({ "data.source": "own", "data.own": points, "data.own_task": this.ctx.store.data.task });
  }

  key(name) {
    if (name === " ") this.playbar.toggle();
    else if (name === "ArrowRight") this.playbar.step();
    else return false;
    return true;
  }
}
