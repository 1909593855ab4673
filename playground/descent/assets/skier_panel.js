/* Skiing by hand: eight directions, a stride, the slope underfoot, and the standing against the optimizers after as many steps. */
const DIRECTIONS = [
  ["up left", [-1, 1]], ["up", [0, 1]], ["up right", [1, 1]],
  ["left", [-1, 0]], null, ["right", [1, 0]],
  ["down left", [-1, -1]], ["down", [0, -1]], ["down right", [1, -1]],
];
const STRIDE_POSITIONS = 100;
const COMPASS = ["→", "↗", "↑", "↖", "←", "↙", "↓", "↘"];
const compass = (right, up) => COMPASS[(Math.round(Math.atan2(up, right) / (Math.PI / 4)) + 8) % 8];

class SkierPanel {
  constructor(ctx, skier) {
    this.ctx = ctx;
    this.skier = skier;
    this.root = el("section", { class: "panel skier", "aria-label": "Ski by hand", hidden: true });
    this.slope = el("p", { class: "skier-slope" });
    this.edge = el("p", { class: "hint", text: "That is the edge of the map." , hidden: true });
    this.standing = el("p", { class: "skier-standing", role: "status" });
    this.table = el("tbody");
    this.root.append(
      el("div", { class: "skier-drive" }, this.buildPad(), this.buildSide()),
      el("div", { class: "skier-words" },
        el("p", { class: "hint", text: "Get down in as few steps as you can: a button, a click on the map, or the arrow keys on the skier. With fog you see only what an optimizer sees." }),
        this.slope, this.edge, this.standing),
      el("div", { class: "skier-score" }, el("table", {}, el("caption", { text: "Heights after as many steps" }), this.table)),
    );
  }

  buildPad() {
    const cells = DIRECTIONS.map((entry) => {
      if (!entry) return el("span", { class: "pad-middle", "aria-hidden": "true" }, icon("solo"));
      const [name, direction] = entry;
      const button = iconButton("arrow", `One stride ${name}`, () => this.skier.go(direction), "pad");
      button.firstChild.style.transform = `rotate(${Math.atan2(direction[0], direction[1])}rad)`;
      return button;
    });
    return el("div", { class: "skier-pad", role: "group", "aria-label": "Direction" }, ...cells);
  }

  buildSide() {
    const { low, high } = STRIDE_SHARE;
    const ratio = Math.log(high / low);
    this.strideNumber = el("span", { class: "number stride-number" });
    this.stride = el("input", {
      type: "range", class: "range", min: "0", max: String(STRIDE_POSITIONS), step: "1", "aria-label": "Stride",
      value: String(Math.round((STRIDE_POSITIONS * Math.log(STRIDE_SHARE.first / low)) / ratio)),
      oninput: () => {
        this.skier.setStride(low * Math.exp((ratio * Number(this.stride.value)) / STRIDE_POSITIONS));
        this.ctx.mark("options");
      },
    });
    this.undo = iconButton("undo", "Take the last step back", () => this.skier.undo());
    this.again = iconButton("reset", "Back to the start", () => this.skier.start());
    return el("div", { class: "skier-side" },
      el("label", { class: "field" }, el("span", { text: "Stride" }), this.stride), this.strideNumber,
      el("div", { class: "skier-buttons" }, this.undo, this.again));
  }

  setTheme() {}

  resize() {}

  update(state, changed) {
    setHidden(this.root, !state.skier);
    if (!state.skier || !(changed.has("options") || changed.has("race") || changed.has("chosen") || changed.has("theme"))) return;
    const { race } = this.ctx;
    const { gradient, steps, exact } = state.skier;
    const [xl, xh] = race.domain;
    setText(this.strideNumber, format(this.skier.strideShare * (xh - xl)));
    const size = Math.hypot(gradient[0], gradient[1]);
    const sign = exact ? "" : "≈ ";
    setText(this.slope, Number.isFinite(size)
      ? `Slope here ${sign}${format(size)}${size > 0 ? `, steepest way down ${compass(-gradient[0], -gradient[1])}` : ", level"}`
      : "No ground here");
    setHidden(this.edge, !this.skier.edge || !steps);
    setDisabled(this.undo, !steps);
    setDisabled(this.again, !steps);
    this.updateScore(state.skier);
  }

  updateScore({ steps, height, exact }) {
    const rows = this.skier.score();
    const place = rows.findIndex((row) => row.mine) + 1;
    const now = `${exact ? "" : "≈ "}${format(height)}`;
    const many = `${steps} step${steps === 1 ? "" : "s"}`;
    setText(this.standing, steps ? `You: height ${now} after ${many}, place ${place} of ${rows.length}` : `You: height ${now}, no step yet`);
    this.table.replaceChildren(...rows.map((row, i) => this.row(row, i + 1)));
  }

  row({ name, runner, height, mine, gone, exact }, place) {
    const swatch = el("span", { class: "swatch-dot" });
    swatch.style.background = mine ? "var(--ink)" : this.ctx.colour(runner);
    return el("tr", { class: mine ? "mine" : "" },
      el("td", { class: "number", text: String(place) }),
      el("th", { scope: "row" }, swatch, name),
      el("td", { class: "number", text: gone ? "thrown off" : `${exact ? "" : "≈ "}${format(height)}`, title: gone || undefined }));
  }
}
