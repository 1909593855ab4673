/* The Home page's miniature: a surface, a small diagram and the loss, really training; play and pause only. */
class MiniView {
  constructor(ctx) {
    this.ctx = ctx;
    this.surface = new Surface({ bare: true, wake: ctx.wake });
    this.diagram = new Diagram(ctx, { tiny: true });
    this.curve = new CurveChart({ bare: true, beginning: true, wake: ctx.wake, wakeLater: ctx.wakeLater });
    this.playbar = new Playbar(ctx, { small: true });
    const head = (text) => el("h4", { text });
    this.root = el("div", { class: "view mini-view" },
      el("div", { class: "mini-net" }, head("Network"), this.diagram.root),
      el("div", { class: "mini-surface" }, head("What it says"), this.surface.root),
      el("div", { class: "mini-loss" }, head("Loss over the epochs"), this.curve.root),
      this.playbar.root);
  }

  get parts() {
    return [this.surface, this.diagram, this.curve];
  }

  setTheme(theme) {
    for (const part of this.parts) part.setTheme(theme);
  }

  resize() {
    for (const part of this.parts) part.resize();
  }

  update(store) {
    this.playbar.update(store);
    for (const part of this.parts) part.update(store);
  }

  key(name) {
    if (name !== " ") return false;
    this.playbar.toggle();
    return true;
  }
}
