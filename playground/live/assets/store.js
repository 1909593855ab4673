/* What the server has told so far, merged: messages only carry what changed. Views read it and look at `dirty`. */
const PLAIN_KEYS = ["run", "revision", "data", "metrics", "recording", "layers", "histogram", "diagnosis", "facts", "samples"];
/* what is worked out by measuring the net: a frame without pictures takes it back */
const MEASURED = ["confusion", "worst", "worst_info", "worst_index", "glance", "untrained"];
const ECHO_MS = 2000;
const HOLD_MS = 2000;
/* what the server may answer to play or pause while its first frames are still on their way */
const RUNNABLE = new Set(["ready", "playing", "paused", "stopped", "finished"]);

class Store {
  constructor() {
    this.dirty = new Set();
    this.clear();
  }

  clear() {
    this.run = { status: "connecting", message: null, step: 0, epoch: 0, rate: null, steps_per_second: 0, examples_per_second: 0 };
    this.revision = null;
    this.experiment = null;
    this.data = null;
    this.metrics = {};
    this.recording = null;
    this.layers = [];
    this.histogram = null;
    this.diagnosis = [];
    this.facts = {};
    this.samples = [];
    this.curve = { version: null, array: new Float32Array(5 * 512), rows: 0 };
    this.overlay = { version: null, array: new Float32Array(0), rows: 0 };
    this.sections = {};
    this.local = null;
    this.wanted = null;
    this.frames = 0;
    this.dirty.add("all");
  }

  merge(frame) {
    const { header, sections } = frame;
    this.frames++;
    for (const key of PLAIN_KEYS) {
      if (header[key] === undefined) continue;
      this[key] = header[key];
      this.dirty.add(key);
    }
    if (header.experiment) this.adopt(header.experiment);
    if (header.curve) this.mergeCurve(header.curve, frame.curve);
    if (header.overlay) {
      this.overlay = { version: header.overlay.version, rows: header.overlay.rows, array: frame.overlay };
      this.dirty.add("overlay");
    }
    if (!Object.keys(sections).length) this.forgetMeasured();
    for (const [name, section] of Object.entries(sections)) {
      if (name === "focus" && this.isStaleFocus(header.focus)) continue;
      this.sections[name] = section;
      this.dirty.add(name);
    }
    this.settle();
  }

  /* Another net is being prepared: what the one before had reached is not its own. */
  forgetMeasured() {
    for (const name of MEASURED.filter((known) => this.sections[known])) {
      delete this.sections[name];
      this.dirty.add(name);
    }
  }

  settle() {
    if (!this.wanted) return;
    const { status, until } = this.wanted;
    if (this.run.status === status || !RUNNABLE.has(this.run.status) || performance.now() > until) this.wanted = null;
  }

  /* header.focus names the unit of the picture, where the server tells it */
  isStaleFocus(named) {
    return !this.hover || (named && (named[0] !== this.hover[0] || named[1] !== this.hover[1]));
  }

  adopt(experiment) {
    this.experiment = experiment;
    this.local = null;
    this.dirty.add("experiment");
  }

  mergeCurve({ version, start, rows }, array) {
    const curve = this.curve;
    if (version !== curve.version) {
      curve.version = version;
      curve.rows = 0;
    }
    if (rows) {
      const size = (start + rows) * CURVE_COLUMNS;
      if (size > curve.array.length) {
        const larger = new Float32Array(size * 2);
        larger.set(curve.array.subarray(0, curve.rows * CURVE_COLUMNS));
        curve.array = larger;
      }
      curve.array.set(array, start * CURVE_COLUMNS);
      curve.rows = start + rows;
    }
    this.dirty.add("curve");
  }

  /* Local echo: the net as the visitor has just asked for it, until the server agrees or refuses. */
  get net() {
    if (this.local && performance.now() > this.local.until) {
      this.local = null;
      this.dirty.add("experiment");
    }
    return this.local ? this.local.net : this.experiment && this.experiment.net;
  }

  echoNet(changes) {
    this.local = { net: { ...this.net, ...changes }, until: performance.now() + ECHO_MS };
    this.dirty.add("experiment");
  }

  get status() {
    return this.wanted && performance.now() < this.wanted.until ? this.wanted.status : this.run.status;
  }

  get playing() {
    return this.status === "playing";
  }

  /* The button flips at once; frames already on their way do not flip it back. */
  want(status) {
    this.wanted = { status, until: performance.now() + HOLD_MS };
    this.dirty.add("run");
  }

  /* After a pause what is still on its way is kept but not drawn. */
  get held() {
    return Boolean(this.wanted && this.wanted.status === "paused" && this.run.status === "playing" && performance.now() < this.wanted.until);
  }

  section(name) {
    return this.sections[name] || null;
  }

  changed(...names) {
    return this.dirty.has("all") || names.some((name) => this.dirty.has(name));
  }
}

/* Points as one editable list: [{x, y, t, test}]. */
function pointsOf(store) {
  const section = store.section("points");
  if (!section || !store.data) return [];
  const points = [];
  const rounded = (v) => Math.round(v * 1000) / 1000;
  for (let i = 0; i < section.shape[0]; i++) {
    const [x, y, t] = section.array.subarray(3 * i, 3 * i + 3);
    points.push({ x: rounded(x), y: rounded(y), t: rounded(t), test: i >= store.data.train });
  }
  return points;
}
