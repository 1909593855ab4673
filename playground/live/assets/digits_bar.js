/* Controls of a run on digits, and how far it is: an honest bar, with time left only when there is an end to reach. */
const PROGRESS_MS = 200;

class DigitsPlaybar extends Playbar {
  build() {
    const send = (what) => () => this.ctx.send({ do: what });
    this.cancel = iconButton("close", "Cancel the run", () => { this.ctx.store.want("stopped"); this.ctx.send({ do: "cancel" }); this.ctx.wake(); });
    this.buttons = [
      iconButton("step", "One step: one batch (right arrow)", () => this.step()),
      iconButton("epoch", "To the end of the epoch", send("epoch")),
      iconButton("reset", "Reset to the same initial weights", send("reset")),
      iconButton("dice", "New random initial weights", () => this.ctx.act({ do: "new_weights" })),
    ];
    const [step, epoch, ...rest] = this.buttons;
    this.root.append(el("div", { class: "bar-row" }, this.play, step, epoch, this.cancel, ...rest, this.buildRate(), this.buildReadout()), this.buildProgress());
    this.rate.value = "-3";
  }

  buildProgress() {
    this.pace = new Pace();
    this.fill = el("div", { class: "progress-fill" });
    this.track = el("div", { class: "progress-track", role: "progressbar", "aria-label": "Training", "aria-valuemin": "0", "aria-valuemax": "100" }, this.fill);
    this.words = el("span", { class: "progress-words number" });
    this.left = el("span", { class: "progress-left number" });
    return el("div", { class: "bar-row progress-row" }, this.status, this.track, this.words, this.left);
  }

  updateState(store) {
    super.updateState(store);
    setDisabled(this.cancel, store.status !== "playing" && store.status !== "paused" && store.status !== "waiting");
    this.updateProgress(store);
  }

  updateNumbers(store) {
    const { run } = store;
    setText(this.epoch, `${Math.floor(run.epoch * 10) / 10}`);
    setText(this.step_rate, formatRate(store.playing ? run.steps_per_second : 0));
    setText(this.example_rate, formatRate(store.playing ? run.examples_per_second : 0));
    this.updateRate(store);
    this.updateWords(store);
  }

  updateProgress(store) {
    const share = progressOf(store);
    const waiting = store.status === "compiling" || store.status === "starting" || store.status === "connecting";
    this.track.classList.toggle("waiting", waiting);
    this.fill.style.transform = `scaleX(${waiting ? 1 : share})`;
  }

  updateWords(store) {
    const words = progressWords(store);
    setText(this.words, words);
    this.pace.note(store);
    setText(this.left, this.pace.words(store));
    const percent = String(Math.round(100 * progressOf(store)));
    if (this.track.getAttribute("aria-valuenow") === percent) return;
    this.track.setAttribute("aria-valuenow", percent);
    this.track.setAttribute("aria-valuetext", words);
  }
}

/* Of the whole run, or, where a run has no end, of the epoch. */
function progressOf({ run }) {
  const share = run.progress === null || run.progress === undefined ? (run.epoch || 0) % 1 : run.progress;
  return clamp(share, 0, 1);
}

function progressWords({ run, experiment, status, data, playing }) {
  if (!experiment) return "";
  const { epochs } = experiment;
  const all = epochs ? ` of ${formatCount(epochs)}` : "";
  if (status === "finished") return `${formatCount(run.epoch)} epochs in ${duration(run.seconds)}`;
  if (!run.step) return data ? `${epochs ? formatCount(epochs) : "Any number of"} epochs of ${formatCount(data.train)} digits` : "";
  if (!playing) return `${(Math.floor(run.epoch * 10 + 1e-6) / 10).toFixed(1)}${all} epochs done`;
  const number = Math.floor(run.epoch + 1e-6) + 1;
  return `epoch ${formatCount(epochs ? Math.min(number, epochs) : number)}${all || ", no end set"}`;
}

/* Time left by the progress of the last seconds, pauses for measuring included. Without two seconds to go by it says nothing. */
const PACE_WINDOW_MS = 8000;
const PACE_LEAST_MS = 2000;

class Pace {
  constructor() {
    this.samples = [];
  }

  note({ run, playing }) {
    const now = performance.now();
    const last = this.samples.at(-1);
    if (!playing || !run.step || run.progress === null || run.progress === undefined || (last && run.progress < last[1])) this.samples = [];
    if (!playing || !run.step || run.progress === null || run.progress === undefined) return;
    this.samples.push([now, run.progress]);
    while (now - this.samples[0][0] > PACE_WINDOW_MS) this.samples.shift();
  }

  words({ run, playing }) {
    if (!playing || !run.progress) return "";
    const [first, last] = [this.samples[0], this.samples.at(-1)];
    if (!first || last[0] - first[0] < PACE_LEAST_MS || last[1] <= first[1]) return "estimating …";
    return `${duration(((1 - last[1]) * (last[0] - first[0])) / (last[1] - first[1]) / 1000)} left`;
  }
}

/* 8 s, 1 min 20 s, 2 h 5 min. */
function duration(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/* The figure that matters, large: right answers on the test set, next to what an untrained net and a guess get. */
class Score {
  constructor(ctx) {
    this.ctx = ctx;
    this.last = 0;
    this.now = el("b", { class: "score-now number", text: "–" });
    this.of = el("span", { class: "score-of", text: "of the test digits read rightly" });
    this.before = el("b", { class: "number", text: "–" });
    this.beginning = el("dt", { text: "Before training" });
    this.wrong = el("b", { class: "number", text: "–" });
    this.root = el("section", { class: "panel score", "aria-label": "Score" },
      el("div", { class: "score-main" }, this.now, this.of),
      el("dl", { class: "score-side" },
        el("dt", { text: "Wrong" }), el("dd", {}, this.wrong),
        this.beginning, el("dd", {}, this.before),
        el("dt", { text: "By guessing" }), el("dd", {}, el("b", { class: "number", text: "10 %" }))));
  }

  update(store) {
    const changed = store.changed("confusion", "glance", "metrics", "run", "curve", "experiment", "untrained", "facts");
    this.stale = this.stale || changed;
    if (!this.stale) return;
    const wait = this.last + PROGRESS_MS - performance.now();
    if (wait > 0) return this.ctx.wakeLater(wait);
    this.last = performance.now();
    this.stale = false;
    this.show(store);
  }

  show(store) {
    const glance = glanceOf(store);
    const untrained = store.section("untrained");
    setText(this.beginning, capital(beginningOf(store)));
    setText(this.before, untrained && untrained.array.length ? formatPercent(untrained.array[4]) : "–");
    if (glance) this.showGlance(glance, store);
    else this.showMeasured(store);
  }

  /* A sample is never shown as if it were the test set. */
  showGlance({ epoch, testAccuracy, tests }, store) {
    const about = store.data && tests >= store.data.test ? "" : "about ";
    setText(this.now, `${about}${(100 * testAccuracy).toFixed(1)} %`);
    setText(this.of, `of ${formatCount(tests)} test digits, epoch ${epochText(epoch)}`);
    setText(this.wrong, `${formatCount(Math.round((1 - testAccuracy) * tests))} of ${formatCount(tests)}`);
    this.now.classList.toggle("sample", about !== "");
  }

  showMeasured(store) {
    const confusion = store.section("confusion");
    const accuracy = accuracyOf(confusion);
    const shown = accuracy === null ? store.metrics.test_accuracy : accuracy;
    setText(this.now, formatPercent(shown));
    const total = (confusion && sum(confusion.array)) || (store.data ? store.data.test : 0);
    setText(this.of, Number.isFinite(shown) ? `of ${total ? formatCount(total) : "the"} test digits${store.run.step ? `, ${measuredWhen(store)}` : " read rightly"}` : unmeasuredText(store));
    this.now.classList.remove("sample");
    setText(this.wrong, accuracy === null ? "–" : formatCount(Math.round((1 - accuracy) * total)));
  }
}

/* When the figures shown were measured in full: at the end of the last whole epoch. */
function measuredWhen(store) {
  const epochs = Math.floor(store.run.epoch + 1e-6);
  return epochs ? `epoch ${formatCount(epochs)}` : beginningOf(store);
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/* In place of figures, until there are some of the net as it is. */
function unmeasuredText({ playing, status, run }) {
  if (BUSY.has(status)) return "Measured as soon as the engine is ready.";
  if (playing) return "Measured at the end of this epoch.";
  return run.step ? "Not measured since it was changed. Press Play." : "Nothing measured yet. Press Play.";
}

/* 0.07, 0.5, 12.3: a fraction of an epoch, cut and never rounded up to the next. */
const epochText = (epoch) => (epoch < 0.1 ? (Math.floor(epoch * 100) / 100).toFixed(2) : (Math.floor(epoch * 10) / 10).toFixed(1));

/* Provisional figures on a sample, from the middle of a long epoch; null when there are none newer than the last measurement. */
function glanceOf(store) {
  const section = store.section("glance");
  if (!section || section.array.length < 7) return null;
  const [epoch, trainLoss, testLoss, trainAccuracy, testAccuracy, trains, tests] = section.array;
  return { epoch, trainLoss, testLoss, trainAccuracy, testAccuracy, trains, tests };
}

const formatPercent = (share) => (share === null || share === undefined || Number.isNaN(share) ? "–" : `${(100 * share).toFixed(share > 0.0995 ? (share > 0.99 ? 2 : 1) : 2)} %`);
