/* Play, pause, one step on or back, speed, loop, and the scrubber over the race. All of it happens here, over numbers that are there. */
const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4, 10];
/* at speed 1 */
const STEPS_PER_SECOND = 30;

class DescentPlaybar {
  constructor(ctx) {
    this.ctx = ctx;
    this.playIcon = icon("play");
    this.playText = el("span", { text: "Play" });
    this.play = el("button", { type: "button", class: "btn primary play", title: "Play or pause (space)", onclick: () => this.toggle() }, this.playIcon, this.playText);
    this.back = iconButton("back", "One step back (left arrow)", () => this.step(-1));
    this.next = iconButton("step", "One step (right arrow)", () => this.step(1));
    this.reset = iconButton("reset", "Back to the start", () => ctx.seek(0));
    this.speed = el("select", { "aria-label": "Speed", onchange: () => { ctx.state.speed = Number(this.speed.value); ctx.mark("options"); } });
    options(this.speed, SPEEDS.map((speed) => [String(speed), `${speed}×`]), String(ctx.state.speed));
    this.speed.title = `1× is ${STEPS_PER_SECOND} steps a second`;
    this.loop = toggle("Loop", ctx.state.loop, (on) => { ctx.state.loop = on; ctx.mark("options"); }, "Start over at the end");
    this.now = el("b", { class: "number" });
    this.total = el("span");
    this.scrub = el("input", { type: "range", class: "range", min: "0", max: "1", value: "0", step: "1", "aria-label": "Step of the race", oninput: () => ctx.seek(Number(this.scrub.value)) });
    this.root = el("section", { class: "panel playbar descent-bar", "aria-label": "Race" },
      this.play, this.back, this.next, this.reset,
      this.scrub, el("span", { class: "cell step-cell" }, this.now, this.total),
      el("label", { class: "field" }, el("span", { text: "Speed" }), this.speed), this.loop);
  }

  toggle() {
    this.ctx.play(!this.ctx.state.playing);
  }

  /* The next whole step before or after this moment. */
  step(by) {
    const { step } = this.ctx.state;
    this.ctx.seek(by > 0 ? Math.floor(step + 1e-6) + 1 : Math.ceil(step - 1e-6) - 1);
  }

  setTheme() {}

  resize() {}

  update(state, changed) {
    const { race } = this.ctx;
    if (changed.has("race")) {
      this.scrub.max = String(race.last);
      setText(this.total, `of ${formatCount(race.last)} steps`);
    }
    if (!(changed.has("step") || changed.has("race") || changed.has("options"))) return;
    this.updateButtons(state, race);
    const at = String(Math.round(state.step));
    if (this.scrub.value !== at) this.scrub.value = at;
    if (changed.has("race") || !state.playing || this.ctx.slow("playbar")) this.updateNumbers(state, race);
  }

  updateNumbers({ step }, race) {
    const now = formatCount(step + 1e-6);
    setText(this.now, now);
    this.scrub.setAttribute("aria-valuetext", `step ${now} of ${formatCount(race.last)}`);
  }

  updateButtons({ playing, step }, race) {
    swapIcon(this.playIcon, playing ? "pause" : "play");
    setText(this.playText, playing ? "Pause" : step >= race.last ? "Play again" : "Play");
    setDisabled(this.back, step <= 0);
    setDisabled(this.reset, step <= 0);
    setDisabled(this.next, step >= race.last);
  }
}
