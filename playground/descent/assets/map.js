/* The contour map: three canvases over each other (terrain, trails, what moves), the start handle, the skier, and what the pointer reads. */
const MAP_MOST_HEIGHT = 486;
const MAP_LEAST_HEIGHT = 210;
const NEAR_PX = 11;
const ARROW_TOGGLES = [
  ["gradient", "Downhill", "The gradient that the rule is given, turned round: the way straight down"],
  ["step", "Step", "The step that the rule makes of it"],
  ["momentum", "Momentum", "The running mean or sum of gradients, for rules that keep one"],
  ["squares", "Squares", "The running sum or mean of squared gradients, for each direction: what adaptive rules divide by"],
];

class ContourMap {
  constructor(ctx, skier) {
    this.ctx = ctx;
    this.skier = skier;
    this.frame = new MapFrame();
    this.base = new MapBase(this.frame);
    this.trails = new Trails(ctx, this.frame);
    this.runners = new MapRunners(ctx, this.frame, this.trails);
    this.top = el("canvas", { class: "map-layer" });
    this.start = new StartHandle(ctx, this.frame);
    this.skis = el("button", { type: "button", class: "handle ski", title: "You: arrow keys ski", "aria-label": "Your skier: arrow keys ski", hidden: true, onkeydown: (event) => this.skiKey(event) }, icon("skier"));
    this.chip = el("div", { class: "map-chip", hidden: true });
    this.stage = el("div", { class: "map-stage" }, this.base.canvas, this.trails.canvas, this.top, this.start.root, this.skis, this.chip);
    this.pointer = new MapPointer(this);
    this.key = el("canvas", { class: "height-key" });
    this.readout = el("span", { class: "readout number" });
    this.root = el("section", { class: "panel contour", "aria-label": "Contour map" },
      this.buildHead(), this.stage, el("div", { class: "panel-foot map-foot" }, this.key, this.readout));
  }

  buildHead() {
    const { state } = this.ctx;
    const redraw = () => this.ctx.mark("options");
    const arrows = ARROW_TOGGLES.map(([key, label, title]) => {
      const box = toggle(label, state.arrows[key], (on) => { state.arrows[key] = on; redraw(); }, title);
      box.classList.add(`arrow-${key}`);
      return box;
    });
    const all = segmented("Arrows of", [["one", "chosen", "Arrows of the chosen runner"], ["all", "all", "Arrows of all runners"]], state.arrows.all ? "all" : "one",
      (key) => { state.arrows.all = key === "all"; redraw(); });
    all.classList.add("arrows-of");
    const fog = toggle("Fog", state.fog, (on) => { state.fog = on; redraw(); }, "See only what lies near the chosen runner, as an optimizer does");
    this.skiBox = toggle("Ski by hand", false, (on) => (on ? this.skier.start() : this.skier.stop()), "Race against the optimizers yourself");
    this.save = iconButton("picture", "Save the map as a picture (PNG)", () => this.savePicture());
    return el("div", { class: "panel-head map-head" },
      el("div", { class: "map-tools", role: "group", "aria-label": "Arrows" }, ...arrows, all),
      el("div", { class: "map-tools" }, fog, this.skiBox, this.save));
  }

  setTheme() {}

  resize() {
    const width = Math.floor(this.root.querySelector(".map-head").clientWidth);
    if (!(width > 0)) return;
    this.width = width;
    this.fit();
  }

  /* The map is as high as its domain wants, within bounds. */
  fit() {
    const { race } = this.ctx;
    if (!race || !this.width) return;
    const [left, top, right, bottom] = MAP_MARGINS;
    const [xl, xh, yl, yh] = race.domain;
    const aspect = (xh - xl) / (yh - yl);
    const equal = aspect >= NARROWEST && aspect <= 1 / NARROWEST;
    const wanted = equal ? (this.width - left - right) / aspect + top + bottom : MAP_MOST_HEIGHT;
    const height = Math.round(clamp(wanted, MAP_LEAST_HEIGHT, MAP_MOST_HEIGHT));
    if (this.stage.style.height !== `${height}px`) this.stage.style.height = `${height}px`;
    this.frame.set(race.domain, this.width, height);
  }

  update(state, changed) {
    const { race, theme } = this.ctx;
    if (!mustDraw(changed, "start")) return;
    const whole = changed.has("race") || changed.has("theme") || changed.has("size");
    if (whole) {
      this.fit();
      this.drawBase(race, theme, changed);
      this.trails.reset(race);
      this.runners.reset(race);
    }
    const again = whole || changed.has("chosen") || changed.has("options");
    if (again || changed.has("step")) this.trails.update(state.step, again);
    this.trails.canvas.classList.toggle("stale", Boolean(this.ctx.stale));
    this.drawTop();
    this.start.update();
    this.updateSkis(state);
    if (changed.has("step") || changed.has("race") || changed.has("hover")) this.pointer.read(changed.has("hover") || !state.playing);
  }

  /* The terrain of a preview is the one that is drawn already; only the rings of its starts move. */
  drawBase(race, theme, changed) {
    const drawn = this.drawnBase;
    const field = race.section("field");
    if (drawn && drawn.field === field && race.starts < 2 && drawn.stationary === race.header.terrain.stationary && !changed.has("theme") && !changed.has("size")) return;
    this.drawnBase = { field, stationary: race.header.terrain.stationary };
    this.base.draw(race, theme);
    drawHeightKey(this.key, race, theme);
  }

  drawTop() {
    const context = fitCanvas(this.top, this.frame.width, this.frame.height);
    context.clearRect(0, 0, this.frame.width, this.frame.height);
    this.paintTop(context, true);
  }

  /* pointer: also what the pointer is over */
  paintTop(context, pointer) {
    const { frame } = this;
    const { race, state, theme, stale } = this.ctx;
    if (!stale) this.runners.paint(context, state.step);
    if (state.skier) {
      context.save();
      frame.clip(context);
      drawSkierTrail(context, frame, state.skier, theme);
      context.restore();
    }
    const clearing = clearingOf(race, state);
    if (clearing) drawFog(context, frame, clearing, theme);
    if (pointer && state.hover) this.paintHover(context, state.hover, theme);
  }

  /* A small cross where the pointer is in any of the views. */
  paintHover(context, { x, y }, theme) {
    const { frame } = this;
    const [px, py] = [frame.x(x), frame.y(y)];
    if (!frame.inside(px, py)) return;
    for (const [wide, colour] of [[3.5, theme.page], [1.2, theme.text]]) {
      context.strokeStyle = colour;
      context.lineWidth = wide;
      context.beginPath();
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        context.moveTo(px + 3 * dx, py + 3 * dy);
        context.lineTo(px + 8 * dx, py + 8 * dy);
      }
      context.stroke();
    }
  }

  updateSkis({ skier }) {
    setHidden(this.skis, !skier);
    if (this.skiBox.input.checked !== Boolean(skier)) this.skiBox.input.checked = Boolean(skier);
    this.stage.classList.toggle("skiing", Boolean(skier));
    if (skier) setTransform(this.skis, this.frame.x(skier.x), this.frame.y(skier.y));
  }

  skiKey(event) {
    const direction = ARROW_KEYS[event.key];
    if (!direction || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.skier.go(direction);
  }

  savePicture() {
    const { race, theme, state, shows, colour } = this.ctx;
    if (!race) return;
    const { label } = race.header.terrain;
    const runners = race.runners.map((_, index) => index).filter((index) => shows(race.pathOf(index)));
    const paint = (context) => {
      this.base.paint(context, race, theme);
      context.save();
      this.frame.clip(context);
      this.trails.paint(context, state.step, true);
      context.restore();
      this.paintTop(context, false);
    };
    const title = `${label}, step ${formatCount(state.step)}`;
    saveCanvas(composePicture({ race, theme, frame: this.frame, runners, title, paint, colour }), `descent-${fileName(label)}`);
  }
}
