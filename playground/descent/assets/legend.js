/* Who races: a chip a runner. Press it to choose the runner; the small buttons hide it, or show it alone. */
const thereAt = (step) => (step === null || step === undefined ? "" : ` at step ${formatCount(step)}`);
const shortlyAt = (step) => (step === null || step === undefined ? "" : ` at ${step}`);
/* How a path ended: in words, and in as few as a narrow chip holds. */
const ENDED_CHIP = {
  thrown: ({ thrown }) => [`Thrown off${thereAt(thrown)}`, `Thrown${shortlyAt(thrown)}`],
  goal: ({ reached }) => [`Goal reached${thereAt(reached)}`, `Goal${shortlyAt(reached)}`],
  over_the_edge: ({ reached }, race) => (race.bottomless ? [`Over the edge${thereAt(reached)}`, `Off map${shortlyAt(reached)}`] : ["Over the edge", "Off map"]),
  side_valley: () => ["In a side valley", "Side valley"],
  saddle: () => ["Stuck at the saddle", "At saddle"],
  flat: () => ["Stuck on flat ground", "On the flat"],
  going: () => ["Not there yet", "Not there"],
};
/* off from the first step on: [where the terrain has no height, outside the world] */
const NEVER_STARTED = { nowhere: ["No height at the start", "No height"], outside: ["The start is off the map", "Off the map"] };

/* [words, few words] */
function endedWords(race, path, { kind }) {
  const ended = race.paths[path];
  if (kind === "thrown" && ended.thrown === 0) return NEVER_STARTED[Number.isFinite(race.at("height", path, 0)) ? "outside" : "nowhere"];
  return (ENDED_CHIP[kind] || ENDED_CHIP.going)(ended, race);
}

class RunnerChip {
  constructor(ctx, index, runner) {
    this.ctx = ctx;
    this.index = index;
    this.mark = el("canvas", { class: "chip-mark", "aria-hidden": "true" });
    this.long = el("span", { class: "chip-long" });
    this.few = el("span", { class: "chip-few" });
    this.state = el("span", { class: "chip-state number" }, this.long, this.few);
    const label = el("span", { class: "chip-words" }, el("span", { class: "chip-label", text: runner.label }), this.state);
    this.main = el("button", { type: "button", class: "chip-main", onclick: () => this.choose() }, this.mark, label);
    this.eye = iconButton("look", "", () => this.toggleHidden(), "round small");
    this.alone = iconButton("solo", "", () => this.toggleSolo(), "round small");
    this.root = el("li", { class: "runner-chip" }, this.main, this.eye, this.alone);
    this.label = runner.label;
    this.rate = runner.rate;
  }

  get path() {
    const { race, state } = this.ctx;
    return race.pathOf(this.index, race.startOf(state.chosen));
  }

  choose() {
    const { options } = this.ctx;
    options.hidden.delete(this.index);
    if (options.solo !== null) options.solo = this.index;
    this.ctx.mark("options");
    this.ctx.choose(this.path);
  }

  toggleHidden() {
    const { options } = this.ctx;
    if (options.solo !== null) {
      options.solo = null;
      options.hidden.delete(this.index);
    } else if (!options.hidden.delete(this.index)) options.hidden.add(this.index);
    this.ctx.mark("options");
  }

  toggleSolo() {
    const { options } = this.ctx;
    options.solo = options.solo === this.index ? null : this.index;
    this.ctx.mark("options");
    if (options.solo !== null) this.ctx.choose(this.path);
  }

  drawMark(theme) {
    const { race } = this.ctx;
    const runner = race.runners[this.index];
    const colour = this.ctx.colour(this.index);
    const context = fitCanvas(this.mark, 34, 18);
    context.clearRect(0, 0, 34, 18);
    context.strokeStyle = colour;
    context.lineWidth = 2.4;
    context.setLineDash(runner.dash ? DASH : []);
    context.beginPath();
    context.moveTo(0, 9);
    context.lineTo(34, 9);
    context.stroke();
    context.setLineDash([]);
    drawRunner(context, race, this.index, 17, 9, 5.2, colour, theme.page);
  }

  updateOptions() {
    const { options, race, state } = this.ctx;
    const shown = this.ctx.shows(this.path);
    const chosen = race.runnerOf(state.chosen) === this.index;
    this.main.setAttribute("aria-pressed", String(chosen));
    this.root.classList.toggle("chosen", chosen);
    this.root.classList.toggle("off", !shown);
    this.eye.setAttribute("aria-pressed", String(!shown));
    this.name(this.eye, `${shown ? "Hide" : "Show"} ${this.label}`);
    this.alone.setAttribute("aria-pressed", String(options.solo === this.index));
    this.name(this.alone, options.solo === this.index ? "Show all again" : `Show only ${this.label}`);
  }

  name(button, words) {
    button.title = words;
    button.setAttribute("aria-label", words);
  }

  /* One start: the height, then how it ended. Many starts: how many have got where they should. */
  updateState(state) {
    const { race } = this.ctx;
    const ended = race.starts > 1 ? null : endedAt(race, this.path, state.step);
    const [words, few] = ended ? endedWords(race, this.path, ended) : race.starts > 1 ? this.countWords(state) : this.heightWords(state);
    setText(this.long, words);
    setText(this.few, few);
    const kind = ended ? ended.kind : "";
    if (this.root.dataset.kind !== kind) this.root.dataset.kind = kind;
    const title = `${this.label}, learning rate ${fieldText(this.rate)}${ended && ended.words ? `: ${ended.words}` : ""}`;
    if (this.main.title !== title) this.main.title = title;
  }

  heightWords({ step }) {
    const height = format(this.ctx.race.place(this.path, step)[2]);
    return [`height ${height}`, `height ${height}`];
  }

  countWords({ step }) {
    const { race } = this.ctx;
    let reached = 0;
    let thrown = 0;
    for (let start = 0; start < race.starts; start++) {
      const ended = endedAt(race, race.pathOf(this.index, start), step);
      if (ended && (ended.kind === "goal" || ended.kind === "over_the_edge")) reached++;
      if (ended && ended.kind === "thrown") thrown++;
    }
    return [`${reached} of ${race.starts} there${thrown ? `, ${thrown} thrown off` : ""}`, `${reached} of ${race.starts} there`];
  }
}

class Legend {
  constructor(ctx) {
    this.ctx = ctx;
    this.chips = [];
    this.root = el("ul", { class: "legend-chips", "aria-label": "Runners" });
  }

  setTheme(theme) {
    this.theme = theme;
    if (this.ctx.race) for (const chip of this.chips) chip.drawMark(theme);
  }

  resize() {}

  update(state, changed) {
    const { race } = this.ctx;
    if (changed.has("race")) this.rebuild(race);
    if (changed.has("race") || changed.has("options") || changed.has("chosen")) for (const chip of this.chips) chip.updateOptions();
    if (changed.has("race") || changed.has("chosen") || (changed.has("step") && this.ctx.slow("legend"))) for (const chip of this.chips) chip.updateState(state);
  }

  /* The same runners from another start keep their chips, and so the focus. */
  rebuild(race) {
    const key = JSON.stringify(race.runners.map(({ key: name, label, rate, mark, colour, dash }) => [name, label, rate, mark, colour, dash]));
    if (key === this.key) return;
    this.key = key;
    this.chips = race.runners.map((runner, index) => new RunnerChip(this.ctx, index, runner));
    this.root.replaceChildren(...this.chips.map((chip) => chip.root));
    for (const chip of this.chips) chip.drawMark(this.theme);
  }
}
