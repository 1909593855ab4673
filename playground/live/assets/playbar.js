/* Play, pause, step, speed, learning rate, and the scrubber over the recorded run. Everything answers at once; frames confirm. */
const RATE_LOW = -5;
const RATE_HIGH = 1;
const NUMBERS_MS = 125;
/* a double click is one press */
const CLICK_MS = 250;
const RATE_RANGE = [1e-6, 100];
const BUSY = new Set(["connecting", "starting", "compiling", "failed", "gone"]);
const STATUS_TEXT = {
  connecting: "Connecting…", starting: "Starting the engine…", compiling: "Preparing the engine…", ready: "Ready", playing: "Playing",
  paused: "Paused", waiting: "Waiting for a place…", stopped: "Stopped", finished: "Finished", failed: "Failed",
};

class Playbar {
  constructor(ctx, { small = false } = {}) {
    this.ctx = ctx;
    this.small = small;
    this.lastNumbers = 0;
    this.clicked = -CLICK_MS;
    this.playIcon = icon("play");
    this.playText = el("span", { text: "Play" });
    this.play = el("button", { type: "button", class: "btn primary play", onclick: (event) => this.click(event) }, this.playIcon, this.playText);
    this.status = el("span", { class: "status", role: "status" });
    this.root = el("section", { class: small ? "playbar mini" : "panel playbar", "aria-label": "Run" });
    if (small) {
      this.epoch = el("b", { class: "number" });
      this.root.append(this.play, el("span", { class: "key" }, "epoch ", this.epoch), this.status);
    } else this.build();
  }

  build() {
    const send = (what) => () => this.ctx.send({ do: what });
    this.buttons = [
      iconButton("step", "One step (right arrow)", () => this.step()),
      iconButton("epoch", "One epoch", () => this.step("epoch")),
      iconButton("reset", "Reset to the same initial weights", send("reset")),
      iconButton("dice", "New random initial weights", () => this.ctx.act({ do: "new_weights" })),
    ];
    this.speed = el("select", { "aria-label": "Speed", onchange: () => this.ctx.send({ do: "speed", value: this.speed.value }) });
    options(this.speed, this.ctx.tables.speeds || []);
    this.root.append(
      el("div", { class: "bar-row" }, this.play, ...this.buttons, el("label", { class: "field" }, el("span", { text: "Speed" }), this.speed), this.buildRate(), this.buildReadout()),
      this.buildScrubber(),
    );
  }

  buildRate() {
    const slide = throttle((value) => this.ctx.act({ do: "rate", value }), 30);
    this.rate = el("input", { type: "range", class: "range", min: String(RATE_LOW), max: String(RATE_HIGH), step: "0.01", "aria-label": "Learning rate" });
    this.rateNumber = el("input", { type: "number", class: "rate-number", min: "0.000001", max: "100", step: "any", title: "Learning rate, 0.000001 to 100", "aria-label": "Learning rate as a number" });
    const use = (value, from) => {
      if (!(value >= RATE_RANGE[0] && value <= RATE_RANGE[1])) return this.refuseRate();
      this.refusal.clear();
      this.rateUntil = performance.now() + 1500;
      if (from !== this.rate) this.rate.value = String(Math.log10(value));
      if (from !== this.rateNumber) this.rateNumber.value = fieldText(value);
      slide(value);
    };
    this.rate.addEventListener("input", () => {
      const value = Number((10 ** Number(this.rate.value)).toPrecision(2));
      this.rate.setAttribute("aria-valuetext", String(value));
      use(value, this.rate);
    });
    this.rateNumber.addEventListener("change", () => use(Number(this.rateNumber.value), this.rateNumber));
    this.rateNow = el("span", { class: "rate-now number" });
    this.refusal = new Refusal("1e−6 to 100");
    this.refusal.root.classList.add("rate-now");
    return el("label", { class: "field rate" }, el("span", { text: "Rate" }), this.rate, this.rateNumber, this.refusal.root, this.rateNow);
  }

  /* What was typed is no rate: the one in force comes back. */
  refuseRate() {
    const { experiment } = this.ctx.store;
    if (!experiment) return;
    this.rateUntil = 0;
    this.rateNumber.value = fieldText(experiment.learning_rate);
    this.rate.value = String(Math.log10(experiment.learning_rate));
    this.refusal.say();
  }

  buildReadout() {
    const cell = (name, width) => {
      const value = el("b", { class: "number" });
      const unit = el("span", { text: name });
      const node = el("span", { class: "cell" }, value, unit);
      node.style.width = width;
      return [node, value];
    };
    const [epochs, epoch] = cell("epoch", "68px");
    const [steps, step] = cell("steps/s", "60px");
    const [examples, example] = cell("examples/s", "74px");
    Object.assign(this, { epoch, step_rate: step, example_rate: example });
    return el("div", { class: "numbers" }, epochs, steps, examples);
  }

  buildScrubber() {
    const seek = throttle((at) => this.ctx.send({ do: "seek", at }), 33);
    this.scrub = el("input", { type: "range", class: "range", min: "0", max: "0", value: "0", step: "1", "aria-label": "Time line: go back to any recorded moment" });
    this.scrub.addEventListener("input", () => {
      const at = Number(this.scrub.value);
      this.seeking = performance.now() + 1000;
      seek(at >= Number(this.scrub.max) ? null : at);
    });
    this.back = el("button", { type: "button", class: "btn text", text: "Back to now", onclick: () => { this.seeking = 0; this.ctx.send({ do: "seek", at: null }); } });
    this.where = el("span", { class: "where number" });
    return el("div", { class: "bar-row scrub-row" }, this.status, el("span", { class: "scrub-name", text: "Time line" }), this.scrub, this.where, this.back);
  }

  /* Looking at an earlier moment of the run. */
  get past() {
    const { recording, playing } = this.ctx.store;
    return !playing && Boolean(recording) && recording.position !== null && recording.position !== undefined;
  }

  click({ detail }) {
    const now = performance.now();
    if (detail > 1 && now - this.clicked < CLICK_MS) return;
    this.clicked = now;
    this.toggle();
  }

  /* After the last epoch Play trains as many again: the server would answer a plain play with "finished". In the past it goes
     on from there: a plain play would throw away what one looks at. */
  toggle() {
    const { store, send, act, wake } = this.ctx;
    if (this.play.disabled) return;
    const playing = !store.playing;
    this.seeking = 0;
    if (this.past) act({ do: "continue" });
    else if (store.status === "finished" && store.experiment && store.experiment.epochs) act({ do: "remedy", key: "longer" });
    else send({ do: playing ? "play" : "pause" });
    store.want(playing ? "playing" : "paused");
    setTimeout(() => { store.dirty.add("run"); wake(); }, HOLD_MS + 20);
    this.update(store, true);
    wake();
  }

  /* what: "step" or "epoch"; a playing run pauses first */
  step(what = "step") {
    if (this.buttons && this.buttons[0].disabled) return;
    const { store, send } = this.ctx;
    if (store.playing) {
      store.want("paused");
      send({ do: "pause" });
    }
    send({ do: what });
    this.ctx.wake();
  }

  update(store, force) {
    if (force || store.changed("run", "recording", "link")) this.updateState(store);
    const now = performance.now();
    if (this.lastNumbers + NUMBERS_MS > now && !force) {
      if (this.numbersDue || store.changed("run", "experiment", "recording", "metrics")) {
        this.numbersDue = true;
        this.ctx.wakeLater(this.lastNumbers + NUMBERS_MS - now);
      }
      return;
    }
    if (!force && !this.numbersDue && !store.changed("run", "experiment", "recording", "metrics")) return;
    this.numbersDue = false;
    this.lastNumbers = now;
    this.updateNumbers(store);
  }

  updateState(store) {
    const { playing, status } = store;
    const { past } = this;
    swapIcon(this.playIcon, playing ? "pause" : "play");
    setText(this.playText, playing ? "Pause" : past ? "Continue from here" : "Play");
    this.play.title = past ? "Train on from this moment (space); the old curve stays as an overlay" : "Play or pause (space)";
    const busy = BUSY.has(status) || !store.frames;
    setDisabled(this.play, busy && status !== "compiling");
    (this.buttons || []).forEach((button, i) => {
      const locked = past && i < 2;
      setDisabled(button, busy || locked, locked ? "You look at an earlier moment: continue from here, or go back to now first" : button.getAttribute("aria-label"));
    });
    setText(this.status, this.statusText(store));
    if (this.status.dataset.kind !== status) this.status.dataset.kind = status;
  }

  statusText(store) {
    if (store.link === "reconnecting") return "Reconnecting…";
    if (store.link === "gone") return "Run ended";
    return STATUS_TEXT[store.status] || store.status;
  }

  updateNumbers(store) {
    const { run, recording } = store;
    setText(this.epoch, formatCount(run.epoch));
    if (this.small) return;
    setText(this.step_rate, formatRate(store.playing ? run.steps_per_second : 0));
    setText(this.example_rate, formatRate(store.playing ? run.examples_per_second : 0));
    if (run.speed && this.speed.value !== run.speed && !this.speed.matches(":focus")) this.speed.value = run.speed;
    this.updateRate(store);
    if (recording) this.updateScrubber(store, recording);
  }

  /* The slider holds the setting; a schedule makes the rate in force another one, which is named beside it. */
  updateRate({ experiment, run }) {
    if (!experiment) return;
    const setting = experiment.learning_rate;
    const scheduled = run.rate > 0 && Math.abs(run.rate / setting - 1) > 0.01 && performance.now() > (this.rateUntil || 0);
    setText(this.rateNow, scheduled ? `now ${format(run.rate)}` : "");
    if (performance.now() < (this.rateUntil || 0) || this.rateNumber.matches(":focus")) return;
    const text = fieldText(setting);
    if (this.rateNumber.value === text) return;
    this.rateNumber.value = text;
    this.rate.value = String(Math.log10(setting));
  }

  updateScrubber(store, { count, position, epochs }) {
    const live = position === null || position === undefined;
    const most = String(Math.max(0, count - 1));
    if (this.scrub.max !== most) this.scrub.max = most;
    if (performance.now() > (this.seeking || 0)) {
      const at = live ? most : String(position);
      if (this.scrub.value !== at) this.scrub.value = at;
    }
    setDisabled(this.scrub, count < 2);
    setDisabled(this.back, live);
    setText(this.where, live ? (count > 1 ? `epochs ${formatCount(epochs[0])} to ${formatCount(Math.max(epochs[0], store.run.epoch || 0))}` : "no recording yet") : `epoch ${formatCount(store.run.epoch)}`);
  }
}

/* How the run began: a net from a file has been trained elsewhere. */
const beginningOf = ({ facts }) => (facts && facts.opened ? "as saved" : "before training");
