/* Loss and accuracy over the epochs. Redrawn at most 20 times a second: a curve has no need of 60. */
const CHART_MS = 50;
const COLUMN = { loss: [1, 2], accuracy: [3, 4] };
const METRIC = { loss: ["train_loss", "test_loss"], accuracy: ["train_accuracy", "test_accuracy"] };

class Plot {
  constructor(label) {
    this.canvas = el("canvas", { class: "chart", role: "img", "aria-label": label });
    this.box = el("div", { class: "chart-box" }, this.canvas);
    this.last = 0;
    this.stale = true;
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.box;
    if (!width || !height || (width === this.width && height === this.height)) return;
    Object.assign(this, { width, height, stale: true });
  }

  /* True when it is time to draw; asks for another look when it is too early. */
  due(changed, wakeLater) {
    this.stale = this.stale || changed;
    if (!this.stale || !this.width) return false;
    const wait = this.last + CHART_MS - performance.now();
    if (wait > 0) {
      wakeLater(wait);
      return false;
    }
    this.last = performance.now();
    this.stale = false;
    return true;
  }

  begin(theme) {
    const context = fitCanvas(this.canvas, this.width, this.height);
    context.clearRect(0, 0, this.width, this.height);
    context.font = `11px ${theme.font}`;
    context.lineWidth = 1;
    context.textBaseline = "alphabetic";
    return context;
  }
}

class CurveChart extends Plot {
  /* beginning: mark where the untrained net stands, and say what to press */
  constructor({ wake, wakeLater, bare = false, beginning = false, onoverlayoff }) {
    super("Loss over the epochs");
    Object.assign(this, { wake, wakeLater, bare, beginning, kind: "loss", log: false });
    this.root = bare ? this.box : el("section", { class: "panel curve", "aria-label": "Loss and accuracy" });
    if (!bare) this.build(onoverlayoff);
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("pointerdown", (event) => this.point(event));
    this.canvas.addEventListener("pointerleave", () => this.point(null));
  }

  build(onoverlayoff) {
    const redraw = () => { this.stale = true; this.shown = ""; this.wake(); };
    this.tabs = segmented("Curve", [["loss", "Loss"], ["accuracy", "Accuracy"]], "loss", (kind) => { this.kind = kind; redraw(); });
    this.logBox = toggle("Log", false, (on) => { this.log = on; redraw(); }, "Logarithmic loss axis");
    this.train = el("b", { class: "number value" });
    this.test = el("b", { class: "number value" });
    this.when = el("span", { class: "when number" });
    this.earlier = el("button", { type: "button", class: "btn link", title: "Take the earlier run's curve away", onclick: onoverlayoff }, el("span", { class: "swatch earlier" }), "earlier ✕");
    const key = (name, node) => el("span", { class: "key" }, el("span", { class: `swatch ${name}` }), name, node);
    this.root.append(el("div", { class: "panel-head" }, this.tabs, this.logBox, el("span", { class: "grow" }), this.earlier, this.when, key("train", this.train), key("test", this.test)), this.box);
  }

  setTheme(theme) {
    this.theme = theme;
    this.stale = true;
  }

  point(event) {
    this.pointerX = event ? event.offsetX : null;
    this.stale = true;
    this.wake();
  }

  update(store) {
    const changed = store.changed("curve", "overlay", "metrics", "data", "recording");
    if (!this.due(changed, this.wakeLater)) return;
    const regression = store.data && store.data.task === "regression";
    if (!this.bare) {
      setDisabled(this.tabs.children[1], Boolean(regression), regression ? "Numbers have no accuracy" : "Accuracy");
      if (regression && this.kind === "accuracy") { this.kind = "loss"; this.tabs.pick("loss"); }
      setHidden(this.earlier, !store.overlay.rows);
      setHidden(this.logBox, this.kind !== "loss");
    }
    this.draw(store);
  }

  draw(store) {
    const context = this.begin(this.theme);
    const frame = this.frameOf(store);
    this.axes(context, frame);
    context.save();
    context.beginPath();
    context.rect(frame.left, 0, frame.width, frame.bottom + 2);
    context.clip();
    const [train, test] = COLUMN[this.kind];
    for (const [column, dash] of [[train, []], [test, [5, 4]]]) {
      this.line(context, frame, store.overlay, column, { dash, style: this.theme.faint, width: 1.5 });
    }
    this.line(context, frame, store.curve, train, { dash: [], style: this.theme.text, width: 1.8 });
    this.line(context, frame, store.curve, test, { dash: [5, 4], style: this.theme.text, width: 1.5 });
    context.restore();
    if (this.beginning && !store.curve.rows) this.start(context, frame, store);
    this.place(context, frame, store);
    if (!this.bare) this.readout(context, frame, store);
  }

  /* Where data coordinates fall on the canvas. */
  frameOf(store) {
    const left = this.bare ? 34 : 46;
    const bottom = this.height - (this.bare ? 18 : 30);
    const width = this.width - left - 10;
    const log = this.log && this.kind === "loss";
    const [low, high] = this.range(store, log);
    const end = Math.max(10, lastEpoch(store.curve), lastEpoch(store.overlay));
    const scale = (v) => (log ? Math.log10(Math.max(v, 1e-12)) : v);
    return {
      left, bottom, width, low, high, end, log, top: 8,
      x: (epoch) => left + (epoch / end) * width,
      y: (v) => bottom - ((scale(v) - low) / (high - low)) * (bottom - 8),
    };
  }

  range(store, log) {
    if (this.kind === "accuracy") return [0, 1];
    let low = Infinity;
    let high = 0;
    for (const { array, rows } of [store.curve, store.overlay]) {
      for (let i = 0; i < rows; i++) {
        for (const column of COLUMN.loss) {
          const v = array[i * CURVE_COLUMNS + column];
          if (!Number.isFinite(v)) continue;
          if (v > high) high = v;
          if (v < low && v > 0) low = v;
        }
      }
    }
    if (this.beginning && !store.curve.rows) {
      for (const value of METRIC.loss.map((name) => store.metrics[name]).filter((v) => v > 0 && Number.isFinite(v))) {
        high = Math.max(high, value);
        low = Math.min(low, value);
      }
    }
    if (!(high > 0)) return log ? [-3, 0] : [0, 0.5];
    if (!log) return [0, high * 1.05];
    const bottom = Math.floor(Math.log10(Math.max(low, 1e-9)));
    return [bottom, Math.max(bottom + 1, Math.log10(high) + 0.05)];
  }

  axes(context, frame) {
    const { theme } = this;
    context.textAlign = "right";
    const most = frame.log ? 5 : clamp(Math.floor(frame.bottom / 34), 2, 5);
    for (const tick of niceTicks(frame.low, frame.high, most).filter((t) => !frame.log || Number.isInteger(t))) {
      const y = frame.y(frame.log ? 10 ** tick : tick);
      context.strokeStyle = theme.grid;
      context.beginPath();
      context.moveTo(frame.left, Math.round(y) + 0.5);
      context.lineTo(frame.left + frame.width, Math.round(y) + 0.5);
      context.stroke();
      context.fillStyle = theme.muted;
      context.fillText(this.tickLabel(tick, frame.log), frame.left - 6, y + 4);
    }
    context.textAlign = "center";
    for (const tick of niceTicks(0, frame.end, clamp(Math.floor(frame.width / 80), 2, 8))) {
      if (!Number.isInteger(tick)) continue;
      const x = frame.x(tick);
      context.fillText(tick.toLocaleString("en-US"), Math.min(x, frame.left + frame.width - 8), frame.bottom + 14);
    }
    if (!this.bare) context.fillText("epoch", frame.left + frame.width / 2, this.height - 3);
  }

  tickLabel(tick, log) {
    if (this.kind === "accuracy") return `${Math.round(100 * tick)} %`;
    if (!log) return tickText(tick);
    return tick >= -3 && tick <= 3 ? tickText(10 ** tick) : `1e${tickText(tick)}`;
  }

  /* More points than pixels are thinned to the lowest and highest of every pixel pair, so that spikes survive. */
  line(context, frame, { array, rows }, column, { dash, style, width }) {
    if (!rows) return;
    if (rows === 1) return this.dot(context, frame.x(array[0]), frame.y(array[column]), { dash, style });
    const stride = Math.max(1, Math.floor(rows / frame.width));
    context.setLineDash(dash);
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    const to = (i) => {
      const v = array[i * CURVE_COLUMNS + column];
      if (Number.isFinite(v)) context.lineTo(frame.x(array[i * CURVE_COLUMNS]), frame.y(v));
    };
    for (let i = 0; i < rows; i += stride) to(stride === 1 ? i : peak(array, column, i, Math.min(rows, i + stride)));
    to(rows - 1);
    context.stroke();
    context.setLineDash([]);
  }

  /* A line of one point would not be seen. What is dashed is hollow. */
  dot(context, x, y, { dash, style }) {
    if (!Number.isFinite(y)) return;
    context.beginPath();
    context.arc(x, y, 3.2, 0, 2 * Math.PI);
    context.fillStyle = dash.length ? this.theme.page : style;
    context.strokeStyle = style;
    context.lineWidth = 1.4;
    context.fill();
    context.stroke();
  }

  /* Before the first epoch: where the untrained net stands. */
  start(context, frame, { metrics, run }) {
    METRIC[this.kind].forEach((name, i) => {
      const value = metrics[name];
      if (value === null || value === undefined || !Number.isFinite(value)) return;
      this.dot(context, frame.left, frame.y(value), { dash: i ? [5, 4] : [], style: this.theme.text });
    });
    if (!run.step) this.empty(context, "Press Play.");
  }

  empty(context, text) {
    context.font = `13px ${this.theme.font}`;
    context.textAlign = "center";
    const [x, y, width] = [this.width / 2 + 20, this.height / 2 - 12, context.measureText(text).width];
    context.fillStyle = this.theme.page;
    context.fillRect(x - width / 2 - 6, y - 14, width + 12, 20);
    context.fillStyle = this.theme.muted;
    context.fillText(text, x, y);
  }

  /* The place that the scrubber shows. */
  place(context, frame, store) {
    if (!store.recording || store.recording.position === null || store.recording.position === undefined) return;
    const x = frame.x(store.run.epoch || 0);
    context.strokeStyle = this.theme.muted;
    context.beginPath();
    context.moveTo(x, frame.top);
    context.lineTo(x, frame.bottom);
    context.stroke();
  }

  readout(context, frame, store) {
    const { curve, metrics } = store;
    const [a, b] = METRIC[this.kind];
    const show = this.kind === "loss" ? format : formatShare;
    const inside = this.pointerX !== null && this.pointerX >= frame.left && curve.rows > 0;
    if (!inside) {
      setText(this.when, "");
      setText(this.train, show(metrics[a]));
      setText(this.test, show(metrics[b]));
      return;
    }
    const epoch = ((this.pointerX - frame.left) / frame.width) * frame.end;
    const i = nearestRow(curve, epoch);
    const at = i * CURVE_COLUMNS;
    setText(this.when, `epoch ${formatCount(curve.array[at])}`);
    setText(this.train, show(curve.array[at + COLUMN[this.kind][0]]));
    setText(this.test, show(curve.array[at + COLUMN[this.kind][1]]));
    this.cross(context, frame, curve.array, at);
  }

  cross(context, frame, array, at) {
    const x = frame.x(array[at]);
    context.strokeStyle = this.theme.faint;
    context.beginPath();
    context.moveTo(x, frame.top);
    context.lineTo(x, frame.bottom);
    context.stroke();
    context.fillStyle = this.theme.text;
    for (const column of COLUMN[this.kind]) {
      context.beginPath();
      context.arc(x, frame.y(array[at + column]), 3, 0, 2 * Math.PI);
      context.fill();
    }
  }
}

const lastEpoch = ({ array, rows }) => (rows ? array[(rows - 1) * CURVE_COLUMNS] : 0);

function peak(array, column, from, to) {
  let best = from;
  for (let i = from; i < to; i++) if (array[i * CURVE_COLUMNS + column] > array[best * CURVE_COLUMNS + column]) best = i;
  return best;
}

function nearestRow({ array, rows }, epoch) {
  let low = 0;
  let high = rows - 1;
  while (low < high) {
    const half = (low + high) >> 1;
    if (array[half * CURVE_COLUMNS] < epoch) low = half + 1;
    else high = half;
  }
  if (low > 0 && epoch - array[(low - 1) * CURVE_COLUMNS] < array[low * CURVE_COLUMNS] - epoch) low--;
  return low;
}
