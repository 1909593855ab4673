/* Height, distance and slope against the step: curves on one canvas, drawn once a race; on another, at every frame, the current step. */
const TIP_ROWS = 7;
const ENDS = { thrown: "thrown off", over_the_edge: "left the map" };

class RunPlot {
  /* series(race) -> what charts_series.js describes; owner: the DescentCharts that links the three */
  constructor(owner, { title, label, series, log = false }) {
    Object.assign(this, { owner, label, makeSeries: series, log, width: 0, chosenLog: false });
    this.lines = el("canvas", { class: "chart" });
    this.top = el("canvas", { class: "chart", role: "img", "aria-label": `${label} against the step` });
    this.tip = el("div", { class: "chart-tip", hidden: true });
    this.box = el("div", { class: "chart-box run-chart" }, this.lines, this.top, this.tip);
    this.logBox = toggle("Log", log, (on) => { this.log = on; this.chosenLog = true; this.stale = true; owner.ctx.mark("charts"); }, "Logarithmic axis");
    this.head = el("div", { class: "panel-head" }, title, el("span", { class: "grow" }), this.logBox);
    this.root = el("section", { class: "panel", "aria-label": label }, this.head, this.box);
    this.listen();
  }

  listen() {
    const { top, owner } = this;
    const step = (event) => this.frame && this.frame.step(event.offsetX);
    top.addEventListener("pointerdown", (event) => {
      if (event.button || !this.frame) return;
      top.setPointerCapture(event.pointerId);
      this.dragging = true;
      owner.ctx.seek(Math.round(step(event)));
    });
    top.addEventListener("pointermove", (event) => {
      if (!this.frame) return;
      if (this.dragging) owner.ctx.seek(Math.round(step(event)));
      owner.point(this, Math.round(step(event)), event.offsetY);
    });
    for (const name of ["pointerup", "pointercancel"]) top.addEventListener(name, () => { this.dragging = false; });
    top.addEventListener("pointerleave", () => { if (!this.dragging) owner.point(null); });
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.box;
    if (!width || !height || (width === this.width && height === this.height)) return;
    Object.assign(this, { width, height, stale: true });
  }

  adopt(race) {
    const series = this.makeSeries(race);
    this.series = series;
    this.stale = true;
    if (series.values && series.logAxis) series.least = leastAbove(race, series);
    if (!series.logAxis) this.log = false;
    else if (!this.chosenLog && series.logHelps !== undefined) this.log = series.logHelps;
    this.logBox.input.checked = this.log;
    setHidden(this.logBox, !series.logAxis);
  }

  begin(canvas) {
    const context = fitCanvas(canvas, this.width, this.height);
    context.clearRect(0, 0, this.width, this.height);
    context.font = `11px ${this.owner.theme.font}`;
    return context;
  }

  draw(race, state) {
    if (!this.width || !this.series) return;
    if (this.stale) this.drawLines(race, state);
    this.stale = false;
    this.drawTop(race, state);
  }

  drawLines(race, state) {
    const context = this.begin(this.lines);
    const { series, owner } = this;
    this.frame = series.values ? plotFrame(series, race.last, this.log, this.width, this.height) : null;
    if (!this.frame) {
      this.sayWhy(context, series.why);
      return;
    }
    this.axes(context);
    context.save();
    context.beginPath();
    context.rect(this.frame.left, this.frame.top - 2, this.frame.width + 1, this.frame.bottom - this.frame.top + 4);
    context.clip();
    this.level(context);
    for (const path of owner.order(race, state)) this.line(context, race, path, path === state.chosen);
    context.restore();
    for (const path of owner.order(race, state)) this.end(context, race, path);
  }

  sayWhy(context, text) {
    context.textAlign = "center";
    context.fillStyle = this.owner.theme.muted;
    context.font = `13px ${this.owner.theme.font}`;
    wrapped(context, text, this.width - 40).forEach((line, i) => context.fillText(line, this.width / 2, this.height / 2 + 18 * i));
  }

  axes(context) {
    const { frame, owner: { theme }, series } = this;
    context.strokeStyle = theme.grid;
    context.fillStyle = theme.muted;
    context.lineWidth = 1;
    context.textAlign = "right";
    for (const [value, text] of this.ticks()) {
      const y = Math.round(frame.y(value)) + 0.5;
      context.beginPath();
      context.moveTo(frame.left, y);
      context.lineTo(frame.left + frame.width, y);
      context.stroke();
      context.fillText(text, frame.left - 6, y + 3.5);
    }
    context.textAlign = "center";
    for (const tick of niceTicks(0, frame.last, clamp(Math.floor(frame.width / 80), 2, 8))) {
      if (Number.isInteger(tick)) context.fillText(tick.toLocaleString("en-US"), Math.min(frame.x(tick), frame.left + frame.width - 10), frame.bottom + 14);
    }
    context.fillStyle = theme.text;
    context.fillText("step", frame.left + frame.width / 2, this.height - 4);
    context.save();
    context.translate(10, (frame.top + frame.bottom) / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(this.log ? `${series.logAxis} (log)` : series.axis, 0, 0);
    context.restore();
  }

  /* [value, text] of every tick of the upright axis. */
  ticks() {
    const { frame, series } = this;
    if (!frame.log) return niceTicks(frame.low, frame.high, clamp(Math.floor(frame.bottom / 34), 2, 5)).map((tick) => [tick, tickText(tick)]);
    const every = Math.ceil((frame.high - frame.low) / 5);
    const ticks = [];
    for (let power = Math.floor(frame.low); power <= frame.high; power++) {
      if (power % every !== 0) continue;
      for (const times of frame.high - frame.low < 2 ? [1, 2, 5] : [1]) ticks.push([times * 10 ** power, power >= -3 && power <= 4 ? tickText(times * 10 ** power) : `${times}e${tickText(power)}`]);
    }
    return ticks.map(([above, text]) => [series.base + above, text]).filter(([value]) => frame.y(value) <= frame.bottom + 1 && frame.y(value) >= frame.top - 1);
  }

  /* The radius that counts as "near", dotted. */
  level(context) {
    const { frame, series, owner: { theme } } = this;
    if (!series.level) return;
    const y = frame.y(series.level);
    if (y < frame.top + 12 || y > frame.bottom) return;
    context.strokeStyle = theme.muted;
    context.lineWidth = 1;
    context.setLineDash([2, 3]);
    context.beginPath();
    context.moveTo(frame.left, y);
    context.lineTo(frame.left + frame.width, y);
    context.stroke();
    context.setLineDash([]);
  }

  /* Over the veil, so that it can be read from the first step on. */
  levelName(context) {
    const { frame, series, owner: { theme } } = this;
    const y = series.level ? frame.y(series.level) : 0;
    if (y < frame.top + 12 || y > frame.bottom) return;
    context.textAlign = "right";
    context.lineWidth = 3;
    context.strokeStyle = theme.page;
    context.fillStyle = theme.muted;
    const place = [`below: ${series.levelName}`, frame.left + frame.width - 4, y - 4];
    context.strokeText(...place);
    context.fillText(...place);
  }

  /* More steps than pixels are thinned to the lowest and highest of every pixel, so that spikes survive. */
  line(context, race, path, chosen) {
    const { frame, series: { values } } = this;
    const from = path * (race.last + 1);
    const to = from + race.end(path);
    const stride = Math.max(1, Math.ceil(race.last / frame.width));
    this.pen(context, race, path, chosen);
    context.beginPath();
    const point = (k) => { if (Number.isFinite(values[k])) context.lineTo(frame.x(k - from), clamp(frame.y(values[k]), -50, this.height + 50)); };
    for (let k = from; k <= to; k += stride) {
      if (stride === 1) point(k);
      else spikes(values, k, Math.min(to + 1, k + stride)).forEach(point);
    }
    point(to);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  pen(context, race, path, chosen) {
    const many = race.count > MANY;
    context.globalAlpha = chosen ? 1 : many ? 0.35 : 0.85;
    context.strokeStyle = this.owner.ctx.colour(race.runnerOf(path));
    context.lineWidth = chosen ? 2.8 : many ? 1 : 1.5;
    context.lineJoin = "round";
    context.setLineDash(race.runners[race.runnerOf(path)].dash ? [5, 4] : []);
  }

  /* A cross where a runner was thrown off, a small ring where it left the map. */
  end(context, race, path) {
    const { thrown } = race.paths[path];
    if (!(thrown >= 0) || race.count > MANY) return;
    const { frame, owner, series } = this;
    const step = race.end(path);
    const value = lastFinite(series.values, path * (race.last + 1), step);
    if (value === null) return;
    const [x, y] = [frame.x(step), frame.inside(value)];
    const colour = owner.ctx.colour(race.runnerOf(path));
    if (isThrown(race, path)) drawLeft(context, x, y, 4, colour, owner.theme.page);
    else drawMark(context, "circle", x, y, 2.6, owner.theme.page, colour, 1);
  }

  drawTop(race, state) {
    const context = this.begin(this.top);
    const { frame, owner } = this;
    if (!frame) return;
    const x = frame.x(clamp(state.step, 0, race.last));
    context.globalAlpha = state.fog ? 1 : 0.62;
    context.fillStyle = owner.theme.page;
    context.fillRect(x, 0, frame.left + frame.width - x + 8, frame.bottom + 5);
    context.globalAlpha = 1;
    this.levelName(context);
    this.hair(context, x, owner.theme.muted);
    if (owner.hoverStep !== null) this.hair(context, frame.x(owner.hoverStep), owner.theme.faint);
    if (race.count <= MANY) for (const path of owner.order(race, state)) this.dot(context, race, path, state.step, path === state.chosen);
    if (owner.pointed === this) this.tell(race, state, context);
    else setHidden(this.tip, true);
  }

  hair(context, x, colour) {
    context.strokeStyle = colour;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, this.frame.top);
    context.lineTo(x, this.frame.bottom);
    context.stroke();
  }

  valueAt(race, path, step) {
    const from = path * (race.last + 1);
    const low = Math.floor(clamp(step, 0, race.last));
    const here = this.series.values[from + low];
    const next = this.series.values[from + Math.min(race.last, low + 1)];
    return Number.isFinite(next) ? here + (step - low) * (next - here) : here;
  }

  dot(context, race, path, step, chosen) {
    if (race.paths[path].thrown >= 0 && step > race.end(path)) return;
    const value = this.valueAt(race, path, Math.min(step, race.last));
    if (!Number.isFinite(value)) return;
    const mark = race.runners[race.runnerOf(path)].mark;
    drawMark(context, mark, this.frame.x(Math.min(step, race.last)), this.frame.inside(value), chosen ? 4.6 : 3.2, this.owner.ctx.colour(race.runnerOf(path)), this.owner.theme.page, 1);
  }

  /* The values under the pointer: the curves nearest to it, in the order in which they lie. */
  tell(race, state, context) {
    const { owner, frame } = this;
    const step = owner.hoverStep;
    const rows = owner.order(race, state)
      .map((path) => ({ path, value: this.valueAt(race, path, Math.min(step, race.end(path))) }))
      .filter(({ value }) => Number.isFinite(value))
      .map((row) => ({ ...row, y: frame.inside(row.value), gone: race.paths[row.path].thrown >= 0 && step >= race.end(row.path) }));
    const near = rows.sort((a, b) => Math.abs(a.y - owner.pointerY) - Math.abs(b.y - owner.pointerY)).slice(0, TIP_ROWS);
    const nearest = near[0];
    near.sort((a, b) => a.y - b.y);
    setHidden(this.tip, !near.length);
    this.tip.replaceChildren(el("b", { class: "number", text: `step ${formatCount(step)}` }), ...near.map((row) => this.tipRow(race, row, row === nearest)));
    const right = frame.x(step) > frame.left + frame.width / 2;
    Object.assign(this.tip.style, right ? { right: `${this.width - frame.x(step) + 10}px`, left: "auto" } : { left: `${frame.x(step) + 10}px`, right: "auto" });
    for (const { path, y } of near) drawMark(context, "circle", frame.x(step), y, 2.2, owner.ctx.colour(race.runnerOf(path)), owner.theme.page, 1);
  }

  tipRow(race, { path, value, gone }, bold) {
    const swatch = el("i", { class: "tip-swatch" });
    swatch.style.background = this.owner.ctx.colour(race.runnerOf(path));
    const words = gone ? ENDS[race.paths[path].status] || "over" : format(value);
    return el("div", { class: bold ? "tip-row near" : "tip-row" }, swatch, el("span", { class: "tip-name", text: pathName(race, path) }), el("span", { class: "number", text: words }));
  }
}

class DescentCharts {
  constructor(ctx) {
    Object.assign(this, { ctx, hoverStep: null, pointed: null, pointerY: 0, distance: "saddle" });
    this.tabs = segmented("Distance to", [["saddle", "Saddle", "Distance to the nearest saddle point"], ["minimum", "Minimum", "Distance to the nearest minimum"]], "saddle", (kind) => this.pick(kind));
    const heading = (text) => el("h3", { text });
    this.plots = [
      new RunPlot(this, { title: heading("Height"), label: "Height", series: heightSeries }),
      new RunPlot(this, { title: el("span", { class: "chart-title" }, heading("Distance to"), this.tabs), label: "Distance", series: (race) => distanceSeries(race, this.distance) }),
      new RunPlot(this, { title: heading("Gradient norm"), label: "Gradient norm", series: gradientSeries, log: true }),
    ];
    this.root = el("div", { class: "descent-charts" }, ...this.plots.map((plot) => plot.root));
  }

  /* Which distance, asked for by the visitor: stays through the next races where they have it. */
  pick(kind) {
    this.distance = kind;
    this.asked = kind;
    if (this.race) this.plots[1].adopt(this.race);
    this.ctx.mark("charts");
  }

  setTheme(theme) {
    this.theme = theme;
    this.stale();
  }

  stale() {
    for (const plot of this.plots) plot.stale = true;
  }

  resize() {
    for (const plot of this.plots) plot.resize();
  }

  /* The pointer is over a plot at a step, or over none: all three show where. */
  point(plot, step = null, y = 0) {
    Object.assign(this, { pointed: plot, hoverStep: plot ? step : null, pointerY: y });
    this.ctx.mark("charts");
  }

  order(race, state) {
    const shown = [];
    for (let path = 0; path < race.count; path++) if (path !== state.chosen && this.ctx.shows(path)) shown.push(path);
    if (state.chosen !== null && state.chosen < race.count && this.ctx.shows(state.chosen)) shown.push(state.chosen);
    return shown;
  }

  update(state, changed) {
    const { race } = this.ctx;
    if (!race || !this.theme || !race.count || !mustDraw(changed, "charts")) return;
    if (!this.plots[0].width) this.resize();
    if (race !== this.race) this.adopt(race);
    const shown = shownKey(this.ctx);
    if (shown !== this.shownKey) this.stale();
    this.shownKey = shown;
    for (const plot of this.plots) plot.draw(race, state);
  }

  adopt(race) {
    this.race = race;
    const has = Object.fromEntries(["saddle", "minimum"].map((kind) => [kind, Boolean(distanceSeries(race, kind).values)]));
    const saddles = (race.header.terrain.stationary || []).filter(({ kind }) => kind === "saddle").length;
    const wanted = this.asked || (saddles > FEW_SADDLES ? "minimum" : "saddle");
    this.distance = has[wanted] || !(has.saddle || has.minimum) ? wanted : has.saddle ? "saddle" : "minimum";
    this.tabs.pick(this.distance);
    ["saddle", "minimum"].forEach((kind, i) => setDisabled(this.tabs.children[i], !has[kind], has[kind] ? `Distance to the nearest ${kind}` : `No ${kind} on this map`));
    for (const plot of this.plots) plot.adopt(race);
  }
}

/* Indices of the lowest and the highest value of a stretch, in the order of the steps. */
function spikes(values, from, to) {
  let [low, high] = [from, from];
  for (let k = from + 1; k < to; k++) {
    if (values[k] < values[low]) low = k;
    if (values[k] > values[high]) high = k;
  }
  return low === high ? [low] : [Math.min(low, high), Math.max(low, high)];
}

function lastFinite(values, from, step) {
  for (let k = from + step; k >= from; k--) if (Number.isFinite(values[k])) return values[k];
  return null;
}

/* Lines of words that fit a width. */
function wrapped(context, text, width) {
  const lines = [""];
  for (const part of text.split(" ")) {
    const longer = `${lines[lines.length - 1]} ${part}`.trim();
    if (lines[lines.length - 1] && context.measureText(longer).width > width) lines.push(part);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
