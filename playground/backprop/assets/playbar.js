/* Play, pause, one operation on or back, speed, where to jump, which example, and the scrubber. All of it happens in the browser. */
const SPEEDS = [0.25, 0.5, 1, 2, 4];
/* at speed 1 */
const OPERATION_MS = 1200;
const TABS = [["all", "Side by side"], ["diagram", "Diagram"], ["rules", "Rules"], ["matrices", "Matrices"]];

class BackpropPlaybar {
  constructor(ctx) {
    this.ctx = ctx;
    this.playIcon = icon("play");
    this.playText = el("span", { text: "Play" });
    this.play = el("button", { type: "button", class: "btn primary play", title: "Play or pause (space)", onclick: () => ctx.play(!ctx.state.playing) }, this.playIcon, this.playText);
    this.back = iconButton("back", "One operation back (left arrow)", () => ctx.step(-1));
    this.next = iconButton("step", "One operation on (right arrow)", () => ctx.step(1));
    this.reset = iconButton("reset", "Back to the start", () => ctx.seek(0));
    this.speed = el("select", { "aria-label": "Speed", title: `1× is ${OPERATION_MS / 1000} seconds an operation`, onchange: () => { ctx.state.speed = Number(this.speed.value); ctx.mark("options"); } });
    options(this.speed, SPEEDS.map((speed) => [String(speed), `${speed}×`]), String(ctx.state.speed));
    this.scrub = el("input", { type: "range", class: "range", min: "0", max: "1", value: "0", step: "1", "aria-label": "Operation", oninput: () => ctx.seek(Number(this.scrub.value)) });
    this.phases = el("div", { class: "phases", "aria-hidden": "true" });
    this.jump = el("select", { class: "jump", "aria-label": "Jump to", onchange: () => ctx.seek(Number(this.jump.value), true) });
    this.now = el("b", { class: "number" });
    this.total = el("span");
    this.words = el("p", { class: "op-words", "aria-live": "polite" });
    this.tabs = segmented("View", TABS, ctx.state.tab, (key) => ctx.show(key));
    this.tabs.classList.add("view-tabs");
    this.root = el("section", { class: "panel playbar backprop-bar", "aria-label": "The pass" }, this.buildFirst(), this.buildSecond(), this.buildThird());
  }

  buildFirst() {
    return el("div", { class: "bar-row" }, this.play, this.back, this.next, this.reset,
      el("div", { class: "scrub-box" }, this.scrub, this.phases),
      el("span", { class: "cell step-cell" }, this.now, this.total),
      el("label", { class: "field" }, el("span", { text: "Speed" }), this.speed));
  }

  buildSecond() {
    const { ctx } = this;
    this.which = segmented("Which examples", [["one", "One example", "Follow one example through the net"], ["all", "Whole batch", "Mean size over all examples"]], "one",
      (key) => ctx.follow(key === "all" ? -1 : this.lastExample || 0));
    this.example = el("input", { type: "number", class: "tiny", min: "1", step: "1", "aria-label": "Example followed", onchange: () => this.pickExample() });
    this.of = el("span", { class: "of" });
    this.examples = el("span", { class: "field examples" }, this.which, this.example, this.of);
    return el("div", { class: "bar-row second-row" }, this.tabs, el("span", { class: "grow" }), this.examples,
      el("label", { class: "field" }, el("span", { text: "Jump to" }), this.jump));
  }

  buildThird() {
    return this.words;
  }

  pickExample() {
    const { data, follow } = this.ctx;
    const wanted = Math.round(Number(this.example.value));
    if (wanted >= 1 && wanted <= data.batch) follow(wanted - 1);
    else this.ctx.mark("example");
  }

  setTheme() {}

  resize() {}

  update(state, changed) {
    const { data } = this.ctx;
    if (changed.has("trace")) this.build(data);
    if (changed.has("trace") || changed.has("example")) this.updateExample(state, data);
    if (changed.has("options")) this.tabs.pick(this.ctx.shownTab);
    if (!["step", "trace", "options"].some((name) => changed.has(name))) return;
    swapIcon(this.playIcon, state.playing ? "pause" : "play");
    setText(this.playText, state.playing ? "Pause" : state.step >= data.last ? "Play again" : "Play");
    setDisabled(this.back, state.step <= 0);
    setDisabled(this.reset, state.step <= 0);
    setDisabled(this.next, state.step >= data.last);
    this.updateStep(state, data);
  }

  updateStep({ step }, data) {
    if (this.scrub.value !== String(step)) this.scrub.value = String(step);
    setText(this.now, String(step + 1));
    const operation = data.operations[step];
    const words = `${placeOf(operation, data)}: ${operation.operation}`;
    this.scrub.setAttribute("aria-valuetext", `operation ${step + 1} of ${data.last + 1}, ${words}`);
    setText(this.words, words);
    this.words.dataset.phase = operation.phase;
    let at = "0";
    for (const { value } of this.jump.options) if (Number(value) <= step) at = value;
    if (this.jump.value !== at) this.jump.value = at;
  }

  updateExample({ example }, data) {
    const one = example >= 0;
    if (one) this.lastExample = example;
    setHidden(this.examples, data.batch < 2);
    this.which.pick(one ? "one" : "all");
    this.example.value = String((one ? example : this.lastExample || 0) + 1);
    this.example.max = String(data.batch);
    setDisabled(this.example, !one);
    setText(this.of, `of ${data.batch}`);
  }

  build(data) {
    this.scrub.max = String(data.last);
    setText(this.total, `of ${data.last + 1}`);
    this.phases.replaceChildren(...data.operations.map(({ phase }) => el("i", { "data-phase": phase })));
    const groups = new Map([["Forward", []], ["Backward", []], ["Update", []]]);
    let before = "";
    for (const operation of data.operations) {
      const { phase, index } = operation;
      const group = phase === "forward" ? "Forward" : phase === "update" ? "Update" : "Backward";
      const name = placeOf(operation, data);
      if (group + name !== before) groups.get(group).push([index, name]);
      before = group + name;
    }
    this.jump.replaceChildren(...[...groups].filter(([, list]) => list.length).map(([label, list]) =>
      el("optgroup", { label }, ...list.map(([index, name]) => el("option", { value: String(index), text: `${name}${label === "Forward" ? "" : label === "Update" ? ", update" : ", back"}` })))));
  }
}

/* "Layer 2", "Cost" */
const placeOf = ({ layer }, data) => (layer > data.depth ? "Cost" : `Layer ${layer}`);
