/* "How this number came about": the story of the unit that was clicked, under its layer; its window can slide over the map. */
const SLIDE_WHOLE_MS = 40000;
const SLIDE_RANGE_MS = [70, 400];
const SLIDE_STILL_MS = 700;
/* the server may be slow: go on without its answer */
const SLIDE_PATIENCE_MS = 1500;
const STORY_MS = 100;

class InsideUnit {
  /* names: key -> label of activations */
  constructor(ctx, look, names) {
    Object.assign(this, { ctx, look, names, stories: new Map(), playing: false, shownAt: 0, movedAt: 0 });
    this.stillness = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.build();
  }

  build() {
    this.where = el("span", { class: "inside-where", role: "status" });
    this.playIcon = icon("play");
    this.playText = el("span", { text: "Slide" });
    this.play = el("button", { type: "button", class: "btn", title: "Let the window slide over the map", onclick: () => this.toggle() }, this.playIcon, this.playText);
    this.back = iconButton("next", "One place back", () => this.step(-1), "flipped");
    this.on = iconButton("next", "One place on", () => this.step(1));
    this.close = iconButton("close", "Close the explanation (Escape)", () => this.look.set({ unit: null }));
    this.body = el("div", { class: "inside-body" });
    this.slope = el("p", { class: "inside-slope number" });
    this.root = el("section", { class: "inside-unit", "aria-label": "How this number came about", hidden: true },
      el("div", { class: "inside-unit-head" }, el("h4", { text: "How this number came about" }), this.where, el("span", { class: "inside-unit-tools" }, this.back, this.play, this.on, this.close)),
      this.body, this.slope);
  }

  setTheme(theme) {
    this.theme = theme;
    this.shown = "";
  }

  resize(roomy) {
    this.roomy = roomy;
    this.shown = "";
    this.shrink();
  }

  shrink() {
    this.tallest = 0;
    this.body.style.minHeight = "";
  }

  /* Formulas grow and shrink with their numbers; what stands below does not move up and down with them. */
  keepHeight() {
    const tall = this.body.offsetHeight;
    if (tall <= this.tallest) return;
    this.tallest = tall;
    this.body.style.minHeight = `${tall}px`;
  }

  /* rows: by index of their layers. Shows what the server has told of the unit; until it has, what was there stays. */
  update(store, facts, rows, order) {
    const { unit: wanted } = this.look.state;
    setHidden(this.root, !wanted);
    this.rows = rows;
    if (!wanted) return this.rest();
    const row = rows.get(wanted[0]);
    if (!row) return;
    if (this.root.previousElementSibling !== row.root) row.root.after(this.root);
    const unit = facts && facts.unit;
    this.values = facts ? facts.values : "a";
    this.confirmed = Boolean(unit) && this.isSame(unit, wanted);
    this.root.classList.toggle("waiting", !this.confirmed);
    if (unit && unit.layer === wanted[0]) this.tell(store, unit, row, order);
    this.slide(performance.now());
  }

  rest() {
    this.playing = false;
    this.shown = "";
    this.story = null;
    clearTimeout(this.timer);
  }

  isSame({ layer, channel, y, x }, wanted) {
    return layer === wanted[0] && channel === wanted[1] && y === wanted[2] && x === wanted[3];
  }

  tell(store, unit, row, order) {
    const now = performance.now();
    const place = [unit.layer, unit.channel, unit.y, unit.x];
    const key = JSON.stringify([place, this.playing]);
    const fresh = store.changed("facts", "unit_window", "unit_kernel");
    if (key !== this.shown || (fresh && now - this.shownAt >= STORY_MS)) {
      this.shown = key;
      this.shownAt = now;
      this.write(store, unit, place, row, order);
    } else if (fresh) this.ctx.wakeLater(this.shownAt + STORY_MS - now);
    if (!this.story || !this.tale) return;
    if (this.story.gliding(now) || this.gliding || row.painted || (this.tale.before && this.tale.before.painted)) this.story.glide(this.tale, now);
    this.gliding = this.story.gliding(now);
    if (this.gliding) this.ctx.wake();
  }

  write(store, unit, place, row, order) {
    this.pick(unit.kind, unit.layer);
    const before = order[order.indexOf(row) - 1] || null;
    this.tale = {
      unit, place, row, before, layer: row.layer, window: store.section("unit_window"), kernel: store.section("unit_kernel"), theme: this.theme,
      names: this.names, cost: store.experiment && store.experiment.cost, sliding: this.playing, pace: this.pace(row), still: this.stillness.matches,
      tight: !this.roomy, values: this.values,
    };
    this.story.show(this.tale);
    setText(this.where, placeText(row.layer, place));
    setText(this.slope, slopeText(unit));
    this.buttons(row);
    this.keepHeight();
  }

  pick(kind, layer) {
    if (layer !== this.layer) this.shrink();
    this.layer = layer;
    if (!this.stories.has(kind)) this.stories.set(kind, new (STORIES[kind] || DenseStory)(this.ctx, this.look));
    const story = this.stories.get(kind);
    if (story === this.story) return;
    this.story = story;
    this.body.replaceChildren(story.root);
  }

  buttons(row) {
    const slides = Boolean(row.maps && row.layer.window);
    setHidden(this.play, !slides);
    swapIcon(this.playIcon, this.playing ? "pause" : "play");
    setText(this.playText, this.playing ? "Pause" : "Slide");
    this.where.setAttribute("aria-live", this.playing ? "off" : "polite");
  }

  pace(row) {
    if (this.stillness.matches) return SLIDE_STILL_MS;
    return row.maps ? clamp(SLIDE_WHOLE_MS / (row.layer.shape[1] * row.layer.shape[2]), ...SLIDE_RANGE_MS) : SLIDE_RANGE_MS[1];
  }

  /* From where it is, or, at the end of the map, from its beginning. */
  toggle() {
    this.playing = !this.playing;
    const { unit } = this.look.state;
    const row = unit && this.rows.get(unit[0]);
    if (this.playing && row && !this.after(unit, row, 1)) this.look.set({ unit: [unit[0], unit[1], 0, 0] });
    this.movedAt = performance.now();
    this.ctx.store.dirty.add("look");
    this.ctx.wake();
  }

  slide(now) {
    if (!this.playing) return;
    const { unit } = this.look.state;
    const row = this.rows.get(unit[0]);
    const due = this.movedAt + (this.confirmed ? this.pace(row) : SLIDE_PATIENCE_MS);
    clearTimeout(this.timer);
    if (now < due) {
      this.timer = setTimeout(() => this.ctx.wake(), due - now);
      return;
    }
    const next = this.after(unit, row, 1);
    this.movedAt = now;
    if (next) this.look.set({ unit: next });
    else this.playing = false;
    this.ctx.wake();
  }

  step(by) {
    this.playing = false;
    const { unit } = this.look.state;
    const row = unit && this.rows.get(unit[0]);
    const next = row && this.after(unit, row, by);
    if (next) this.look.set({ unit: next });
  }

  /* The next place of the map, line by line, or the next unit of a row; null behind the last. */
  after([layer, channel, y, x], row, by) {
    if (!row.maps) return channel + by >= 0 && channel + by < row.count ? [layer, channel + by, 0, 0] : null;
    const [, rows, columns] = row.layer.shape;
    const at = y * columns + x + by;
    return at >= 0 && at < rows * columns ? [layer, channel, Math.floor(at / columns), at % columns] : null;
  }
}
