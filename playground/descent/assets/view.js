/* The page's parts side by side; each is updated only from here. */
class DescentView {
  constructor(ctx) {
    const skier = new Skier(ctx);
    this.map = new ContourMap(ctx, skier);
    this.bar = new DescentPlaybar(ctx);
    const cells = [["bar", this.bar], ["map", this.map], ["legend", new Legend(ctx), new SkierPanel(ctx, skier)], ...othersOf(ctx)];
    this.parts = cells.flatMap(([, ...parts]) => parts);
    this.root = el("div", { class: "view descent-view" },
      ...cells.map(([name, ...parts]) => el("div", { class: `cell-${name}` }, ...parts.map((part) => part.root))));
    this.root.classList.toggle("flat", !cells.some(([name]) => name === "3d"));
  }

  setTheme(theme) {
    for (const part of this.parts) part.setTheme(theme);
  }

  resize() {
    for (const part of this.parts) part.resize();
  }

  update(state, changed) {
    for (const part of this.parts) part.update(state, changed);
  }
}

function othersOf(ctx) {
  return [
    ["3d", typeof Surface3D === "function" && new Surface3D(ctx)],
    ["charts", typeof DescentCharts === "function" && new DescentCharts(ctx)],
    ["update", typeof UpdatePanel === "function" && new UpdatePanel(ctx)],
    ["ground", typeof GroundPanel === "function" && new GroundPanel(ctx)],
  ].filter(([, part]) => part);
}
