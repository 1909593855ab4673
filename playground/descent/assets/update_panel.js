/* One update: the chosen runner's next step, line by line, with its numbers. The lines are those that the engine computes with. */
const UPDATE_HINT = "Point at a line, or tap it, to read what it does.";

class UpdatePanel {
  constructor(ctx) {
    this.ctx = ctx;
    this.swatch = el("canvas", { class: "update-mark", "aria-hidden": "true" });
    this.name = el("b", { class: "update-name" });
    this.when = el("span", { class: "panel-note number" });
    this.table = el("div", { class: "update-lines" });
    this.words = el("p", { class: "update-words", role: "status" });
    this.aside = el("p", { class: "update-aside", hidden: true });
    this.nothing = el("p", { class: "update-words", hidden: true, text: "Steps are written out for races of up to 24 paths: take fewer starts or fewer runners." });
    this.root = el(
      "section", { class: "panel update-panel", "aria-label": "One update" },
      el("div", { class: "panel-head" }, el("h3", { text: "One update" }), this.swatch, this.name, this.when),
      this.nothing, this.table, this.words, this.aside,
    );
    this.rows = [];
    this.table.addEventListener("pointerleave", () => this.explain(null));
  }

  setTheme(theme) {
    this.theme = theme;
    this.drawSwatch();
  }

  resize() {}

  update(state, changed) {
    const { race } = this.ctx;
    if (!race || !this.theme || !race.count) return;
    const chosen = clamp(state.chosen || 0, 0, race.count - 1);
    if (race !== this.race || chosen !== this.chosen) this.adopt(race, chosen);
    else if (!this.late && !changed.has("step")) return;
    /* numbers that change 60 times a second cannot be read */
    this.late = state.playing && !this.fresh && !this.ctx.slow("update");
    if (this.late) return;
    this.fresh = false;
    this.write(race, chosen, state.step);
  }

  adopt(race, chosen) {
    Object.assign(this, { race, chosen, fresh: true });
    const runner = race.runners[race.runnerOf(chosen)];
    const key = JSON.stringify([runner.key, runner.lines, race.names]);
    if (key !== this.key) this.build(runner, race.names);
    this.key = key;
    setText(this.name, pathName(race, chosen));
    this.drawSwatch();
  }

  drawSwatch() {
    const { race, theme } = this;
    if (!race || !theme) return;
    const context = fitCanvas(this.swatch, 22, 22);
    context.clearRect(0, 0, 22, 22);
    const index = race.runnerOf(this.chosen);
    drawRunner(context, race, index, 11, 11, 5, this.ctx.colour(index), theme.page);
  }

  build(runner, names) {
    const place = { symbol: "", latex: "w \\leftarrow w + \\Delta w", words: "Where it stands after this step.", text: "{p} + {change}" };
    const head = el("div", { class: "update-row update-names" }, el("span"), el("b", { text: names[0] }), el("b", { text: names[1] }));
    this.lines = [...(runner.lines || []), place];
    this.textbook = runner.textbook || [];
    this.rows = this.lines.map((line, i) => this.row(line, i));
    this.table.replaceChildren(head, ...this.rows.map(({ node }) => node));
    this.table.dataset.rule = runner.key;
    this.explain(null);
    this.buildAside();
  }

  row(line, index) {
    const cells = ["x", "y"].map((_, component) => {
      const sum = el("span", { class: "update-sum" });
      const value = el("b", { class: "number update-value" });
      return { sum, value, node: el("span", { class: "update-cell", "data-name": this.ctx.race.names[component] }, sum, value) };
    });
    const formula = el("span", { class: "update-formula" }, mathOf(line.latex) || el("span", { text: plainFormula(line) }));
    const node = el("div", {
      class: "update-row", tabindex: "0", onpointerenter: () => this.explain(index), onfocus: () => this.explain(index), onblur: () => this.explain(null),
    }, formula, ...cells.map((cell) => cell.node));
    return { node, cells };
  }

  explain(index) {
    this.rows.forEach(({ node }, i) => node.classList.toggle("explained", i === index));
    setText(this.words, index === null ? UPDATE_HINT : this.lines[index].words);
    this.words.classList.toggle("said", index !== null);
  }

  /* Two gradients that differ ten million times, and what the rule makes of them. */
  buildAside() {
    this.ratioLine = this.textbook.length > 0;
    if (!this.ratioLine) return;
    /* toFixed: the pair is told as 0.00001, not as 1e-5 */
    const plain = (value) => (value < 0.001 ? value.toFixed(5) : tickText(value));
    const pairs = this.textbook.map(([g, rms, ratio]) => `${plain(g)} / ${plain(rms)} = ${tickText(ratio)}`);
    this.live = el("b", { class: "number" });
    this.aside.replaceChildren(
      el("span", { text: "The textbook pair: " }), el("b", { class: "number", text: pairs.join(" and ") }),
      el("span", { text: ". Gradients ten million times apart, steps only twenty times. Here, now: " }), this.live,
    );
  }

  /* The step after `step`: the last there is when the race is over. */
  write(race, path, step) {
    const end = race.end(path);
    const at = clamp(Math.floor(step + 1e-6), 0, Math.max(0, end - 1));
    const told = race.section(`lines_${path}`);
    const crowd = !told && race.count > MANY;
    setHidden(this.nothing, !crowd);
    setHidden(this.table, crowd);
    setHidden(this.words, crowd);
    this.table.classList.toggle("stale", !told);
    if (told && !Number.isFinite(race.at("height", path, at))) return this.writeNothing(at);
    setText(this.when, told ? this.whenWords(race, path, at, step) : crowd ? "" : "comes when the start is let go");
    if (crowd) setHidden(this.aside, true);
    if (!told) return;
    setHidden(this.aside, !this.ratioLine);
    for (const component of [0, 1]) this.writeComponent(race, path, at, component, told);
    this.writeLive(told, at);
  }

  /* There is no step to write out where the terrain has no height. */
  writeNothing(at) {
    setText(this.when, `step ${formatCount(at)}: no height here, so no slope`);
    setHidden(this.aside, true);
    for (const { cells } of this.rows) {
      for (const { sum, value } of cells) {
        writeSum(sum, "");
        setText(value, "");
      }
    }
  }

  whenWords(race, path, at, step) {
    const { thrown } = race.paths[path];
    const over = step + 1e-6 >= race.end(path);
    const leaves = thrown >= 0 && at + 1 >= thrown;
    const which = leaves ? "the step that leaves the world" : over ? "the last step of the race" : "the next step";
    return `step ${formatCount(at)} → ${formatCount(at + 1)}, ${which}; height ${format(race.at("height", path, at))} → ${leaves ? "gone" : format(race.at("height", path, at + 1))}`;
  }

  writeComponent(race, path, at, component, { array, shape: [, count] }) {
    const runner = race.runners[race.runnerOf(path)];
    const constants = new Set(["step", "learning_rate", ...Object.keys(runner.settings)]);
    const values = {
      ...runner.settings, step: at + 1, learning_rate: race.at("rate", path, at), p: race.at("position", path, at, component),
      g: race.at("seen", path, at, component), m: race.at("first", path, at, component), v: race.at("second", path, at, component),
    };
    this.lines.forEach((line, i) => {
      const { sum, value } = this.rows[i].cells[component];
      const result = i < count ? array[(at * count + i) * 2 + component] : values.p + values.change;
      writeSum(sum, filled(line.text || "", values, constants));
      setText(value, format(result));
      values[line.symbol] = result;
    });
  }

  writeLive({ array, shape: [, count] }, at) {
    const index = this.lines.findIndex((line) => line.symbol === "ratio");
    if (index < 0) return;
    const value = (line, component) => format(array[(at * count + line) * 2 + component]);
    setText(this.live, [0, 1].map((c) => `${value(0, c)} / ${value(index - 1, c)} = ${value(index, c)}`).join(" and "));
  }
}

/* "{b1} · {m}" with the names' numbers (constants without zeros at the end); signs and powers of ten get brackets where they would
   be misread. */
function filled(text, values, constants) {
  return text.replace(/\{(\w+)\}/g, (whole, name, place) => {
    const value = values[name];
    if (value === undefined) return name;
    const number = constants.has(name) ? tickText(Number(Number(value).toPrecision(3))) : format(Number(value));
    const [before, after] = [text.slice(0, place).trimEnd().slice(-1), text[place + whole.length]];
    const signed = number.startsWith("−") && before !== "" && before !== "(";
    const power = (after === "²" || after === "^") && /[−e]/.test(number);
    return signed || power ? `(${number})` : number;
  });
}

/* Powers as superscripts. */
function writeSum(node, text) {
  if (node.dataset.text === text) return;
  node.dataset.text = text;
  const parts = text.split(/\^(\([^)]*\)|[\d.]+)/);
  node.replaceChildren(...parts.map((part, i) => (i % 2 ? el("sup", { text: part.replace(/^\(|\)$/g, "") }) : document.createTextNode(part))), text ? " = " : "");
}

const plainFormula = (line) => (line.text ? line.text.replace(/[{}]/g, "") : line.symbol);
