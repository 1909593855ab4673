/* The ground under your feet: how it slopes and curves at the pointer, else at the chosen runner, and what that predicts. */
const GROUND_ASK_MS = 60;
const GROUND_PICTURE = 148;
const GROUND_CELLS = 37;
/* the bar ends at this multiple of the largest stable rate */
const BAR_END = 1.5;

class GroundPanel {
  constructor(ctx) {
    this.ctx = ctx;
    this.picture = el("canvas", { class: "ground-picture", role: "img", "aria-label": "How the ground curves here" });
    this.source = el("span", { class: "panel-note" });
    this.kind = el("b", { class: "ground-kind" });
    this.shape = el("span");
    this.cells = Object.fromEntries(["place", "height", "gradient", "length", "larger", "smaller"].map((name) => [name, el("span", { class: "number" })]));
    this.matrix = [0, 1, 2, 3].map(() => el("span", { class: "number" }));
    this.words = el("p", { class: "ground-words" });
    this.root = el(
      "section", { class: "panel ground-panel", "aria-label": "The ground under your feet" },
      el("div", { class: "panel-head" }, el("h3", { text: "The ground under your feet" }), this.source),
      el("p", { class: "ground-line" }, this.kind, " ", this.shape),
      el("div", { class: "ground-body" }, this.picture, this.buildNumbers()),
      this.buildBar(), this.words,
    );
    this.askAt = throttle((x, y) => this.ask(x, y), GROUND_ASK_MS);
  }

  buildNumbers() {
    const { cells, matrix } = this;
    const row = (term, ...content) => [el("dt", { text: term }), el("dd", {}, ...content)];
    const eigen = (name, colour) => el("i", { class: `eigen-mark ${colour}`, title: name });
    this.marks = [eigen("Direction of the larger eigenvalue", "larger"), eigen("Direction of the smaller eigenvalue", "smaller")];
    return el(
      "dl", { class: "ground-numbers" },
      ...row("Place", cells.place), ...row("Height", cells.height),
      ...row("Gradient", cells.gradient, el("span", { class: "muted" }, " length ", cells.length)),
      ...row("Hessian", el("span", { class: "matrix", role: "img" }, ...matrix)),
      ...row("Eigenvalues", el("span", { class: "eigen" }, this.marks[0], cells.larger), el("span", { class: "eigen" }, this.marks[1], cells.smaller)),
    );
  }

  buildBar() {
    this.fill = el("div", { class: "stable-fill" });
    this.limit = el("span", { class: "number" });
    this.rate = el("span", { class: "number" });
    const mark = el("div", { class: "stable-mark" });
    mark.style.left = `${100 / BAR_END}%`;
    this.bar = el("div", { class: "stable-bar" }, this.fill, mark);
    return el(
      "div", { class: "stable" },
      el("div", { class: "stable-head" }, el("span", {}, "Learning rate in use ", this.rate), el("span", {}, "largest stable: 2/λ ", this.limit)),
      this.bar,
    );
  }

  setTheme(theme) {
    this.theme = theme;
    if (this.ground) this.drawPicture(this.ground);
  }

  resize() {}

  update(state, changed) {
    const { race } = this.ctx;
    if (!race || !this.theme || !race.count) return;
    if (race !== this.race) Object.assign(this, { race, asked: "", answer: null });
    if (!["race", "step", "hover", "chosen", "theme", "options"].some((name) => changed.has(name)) && !this.late) return;
    this.off = "";
    if (state.hover) {
      const asked = `${state.hover.x},${state.hover.y}`;
      if (asked !== this.asked) this.askAt(state.hover.x, state.hover.y);
      this.asked = asked;
      if (!this.answer) this.show(sampledGround(race, state.hover.x, state.hover.y), "at the pointer");
      return;
    }
    Object.assign(this, { asked: "", answer: null });
    this.late = state.playing && !this.ctx.slow("ground");
    if (!this.late) this.showRunner(state);
  }

  /* Until the exact answer comes, what the map's samples say; for later places the last answer stays until its own comes. */
  ask(x, y) {
    const { race } = this;
    this.ctx.ask(x, y, "ground").then((ground) => {
      const { hover } = this.ctx.state;
      if (race !== this.ctx.race || !hover) return;
      this.answer = toldGround(ground);
      if (this.answer) this.show(this.answer, "at the pointer");
      else if (hover.x === x && hover.y === y) this.show(sampledGround(race, x, y), "at the pointer");
    });
  }

  showRunner(state) {
    const { race } = this;
    const path = clamp(state.chosen || 0, 0, race.count - 1);
    const at = Math.min(Math.floor(state.step + 1e-6), race.end(path));
    const [x, y] = [race.at("position", path, at, 0), race.at("position", path, at, 1)];
    const under = `under ${pathName(race, path)}, step ${formatCount(at)}`;
    if (!race.section("hessian")) {
      this.showSampled(x, y, race.at("height", path, at), under);
      return;
    }
    const three = [0, 1, 2].map((i) => race.at("hessian", path, at, i));
    const gradient = [0, 1].map((i) => race.at("gradient", path, at, i));
    const ground = completeGround(race, { x, y, height: race.at("height", path, at), gradient, hessian: three });
    this.show(ground, under, this.nextOf(race, path, at));
  }

  /* Heights before and after the runner's next step; null where it makes none, or leaves the ground. */
  nextOf(race, path, at) {
    if (at >= race.end(path)) return null;
    const [from, to] = [race.at("height", path, at), race.at("height", path, at + 1)];
    const thrown = race.paths[path].thrown === at + 1;
    return Number.isFinite(from) && Number.isFinite(to) && !thrown ? { from, to, name: pathName(race, path) } : null;
  }

  /* No derivatives came with this race: the map's samples, or nothing off the map. */
  showSampled(x, y, height, where) {
    const ground = Number.isFinite(height) ? sampledGround(this.race, x, y) : noGround({ x, y });
    if (ground) this.show(ground, where);
    else this.showOff(x, y, height, where);
  }

  /* Off the map there are no samples; the server is asked while the race rests. */
  showOff(x, y, height, where) {
    const { race } = this;
    this.show(noGround({ x, y }), where);
    setText(this.kind, "Off the map.");
    setText(this.shape, "");
    setText(this.cells.height, format(height));
    setText(this.words, "Off the map: how the ground slopes and curves here is not known.");
    if (this.ctx.state.playing) return;
    this.off = `${x},${y}`;
    this.ctx.ask(x, y, "off").then((answer) => {
      const ground = toldGround(answer);
      if (ground && this.off === `${x},${y}` && race === this.ctx.race) this.show(ground, where);
    });
  }

  /* The chosen runner's learning rate at the step shown, and its momentum where it has one. */
  inUse() {
    const { race, ctx: { state } } = this;
    const path = clamp(state.chosen || 0, 0, race.count - 1);
    const runner = race.runners[race.runnerOf(path)];
    const at = clamp(Math.floor(state.step + 1e-6), 0, Math.max(0, race.last - 1));
    const rate = race.at("rate", path, at);
    const told = race.section(`lines_${path}`);
    const index = (runner.lines || []).findIndex((line) => line.symbol === "mu");
    const mu = told && index >= 0 ? told.array[(at * told.shape[1] + index) * 2] : NaN;
    return { runner, rate: Number.isFinite(rate) ? rate : runner.rate, mu };
  }

  /* next: see nextWords */
  show(ground, where, next = null) {
    if (!ground) return;
    this.ground = ground;
    const { cells } = this;
    const about = ground.about ? "≈ " : "";
    const [title, curve] = SHAPE_WORDS[ground.shape] || SHAPE_WORDS.unknown;
    setText(this.source, `${where}${ground.about ? ", read off the map" : ""}`);
    setText(this.kind, `${KIND_WORDS_HERE[ground.kind] || title}.`);
    setText(this.shape, curve);
    setText(cells.place, `(${format(ground.x)}, ${format(ground.y)})`);
    setText(cells.height, about + format(ground.height));
    setText(cells.gradient, `${about}(${format(ground.gradient[0])}, ${format(ground.gradient[1])})`);
    setText(cells.length, format(Math.hypot(...ground.gradient)));
    const [xx, xy, yy] = ground.hessian;
    [xx, xy, xy, yy].forEach((value, i) => setText(this.matrix[i], about + format(value)));
    setText(cells.larger, about + format(ground.eigenvalues[0]));
    setText(cells.smaller, about + format(ground.eigenvalues[1]));
    this.showStable(ground, next);
    this.drawPicture(ground);
  }

  /* Red only where a step did go up: what one place predicts, the ground further on need not keep. */
  showStable(ground, next) {
    const { runner, rate, mu } = this.inUse();
    const largest = CURVES_UP.has(ground.shape) ? ground.eigenvalues[0] : NaN;
    const share = rate * largest * 0.5;
    setText(this.rate, format(rate));
    setText(this.limit, largest > 0 ? `= ${format(2 / largest)}` : ground.shape === "unknown" ? "–" : "none: nothing curves up here");
    this.fill.style.width = `${largest > 0 ? 100 * Math.min(1, share / BAR_END) : 0}%`;
    this.fill.dataset.level = share > 1 && next && next.to > next.from ? "over" : share > 0.5 ? "zigzag" : "calm";
    this.bar.classList.toggle("beyond", share > BAR_END);
    const predicted = groundWords(ground, rate);
    if (ground.shape === "unknown") setText(this.words, predicted);
    else setText(this.words, [`With rate ${format(rate)}: ${lowered(predicted)}`, boundWords(runner, largest, mu), nextWords(ground, rate, next)].filter(Boolean).join(" "));
  }

  /* The curve of the ground alone, without its slope: blue rises above here, orange falls below. The cross: the two eigenvectors. */
  drawPicture(ground) {
    const { theme } = this;
    if (!theme) return;
    const context = fitCanvas(this.picture, GROUND_PICTURE, GROUND_PICTURE);
    context.clearRect(0, 0, GROUND_PICTURE, GROUND_PICTURE);
    const disc = () => {
      context.beginPath();
      context.arc(GROUND_PICTURE / 2, GROUND_PICTURE / 2, GROUND_PICTURE / 2 - 1, 0, 2 * Math.PI);
    };
    if (ground.shape === "unknown") {
      disc();
      context.strokeStyle = theme.faint;
      context.lineWidth = 1;
      context.stroke();
      return;
    }
    this.paintCurve(ground);
    context.save();
    disc();
    context.clip();
    context.imageSmoothingEnabled = true;
    context.drawImage(this.small, 0, 0, GROUND_PICTURE, GROUND_PICTURE);
    context.restore();
    const largest = Math.max(...ground.eigenvalues.map(Math.abs));
    ground.directions.forEach((direction, i) => {
      const value = ground.eigenvalues[i];
      const share = largest > 0 ? Math.sqrt(Math.abs(value) / largest) : 0;
      if (Number.isFinite(value)) this.axis(context, direction, 14 + share * (GROUND_PICTURE / 2 - 24), i);
    });
    this.slope(context, ground.gradient);
  }

  /* Half of d'Hd over a small square, in bands so that its level lines show. */
  paintCurve({ hessian: [xx, xy, yy], eigenvalues }) {
    this.small = this.small || Object.assign(document.createElement("canvas"), { width: 2 * GROUND_CELLS, height: 2 * GROUND_CELLS });
    const context = this.small.getContext("2d");
    const image = context.createImageData(2 * GROUND_CELLS, 2 * GROUND_CELLS);
    const pixels = new Uint32Array(image.data.buffer);
    const most = Math.max(...eigenvalues.map(Math.abs)) || 1;
    for (let row = 0, k = 0; row < 2 * GROUND_CELLS; row++) {
      const dy = 1 - (row + 0.5) / GROUND_CELLS;
      for (let column = 0; column < 2 * GROUND_CELLS; column++, k++) {
        const dx = (column + 0.5) / GROUND_CELLS - 1;
        const value = (xx * dx * dx + 2 * xy * dx * dy + yy * dy * dy) / most;
        pixels[k] = this.theme.map[clamp(Math.round(128 + 127 * banded(value)), 1, 255)];
      }
    }
    context.putImageData(image, 0, 0);
  }

  axis(context, [c, s], reach, index) {
    const middle = GROUND_PICTURE / 2;
    for (const [wide, colour] of [[4.5, this.theme.page], [2.2, this.theme.text]]) {
      context.strokeStyle = colour;
      context.lineWidth = wide;
      context.setLineDash(index ? [5, 4] : []);
      context.beginPath();
      context.moveTo(middle - reach * c, middle + reach * s);
      context.lineTo(middle + reach * c, middle - reach * s);
      context.stroke();
    }
    context.setLineDash([]);
  }

  /* The gradient's direction, as on the map. */
  slope(context, [gx, gy]) {
    const length = Math.hypot(gx, gy);
    if (!(length > 0)) return;
    const middle = GROUND_PICTURE / 2;
    const [x, y] = [(gx / length) * 40, (-gy / length) * 40];
    for (const [wide, colour] of [[5, this.theme.page], [2.6, this.theme.gradient]]) {
      context.strokeStyle = colour;
      context.lineWidth = wide;
      context.lineCap = "round";
      context.beginPath();
      context.moveTo(middle, middle);
      context.lineTo(middle + x, middle + y);
      for (const side of [0.45, -0.45]) {
        context.moveTo(middle + x, middle + y);
        const angle = Math.atan2(y, x) + Math.PI + side;
        context.lineTo(middle + x + 9 * Math.cos(angle), middle + y + 9 * Math.sin(angle));
      }
      context.stroke();
    }
    context.lineCap = "butt";
  }
}

/* Steps of a tenth, so that lines of equal height show. */
const banded = (value) => Math.sign(value) * Math.ceil(Math.abs(value) * 8) / 9;
const lowered = (text) => text.charAt(0).toLowerCase() + text.slice(1);
