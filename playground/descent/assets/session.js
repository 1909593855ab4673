/* One mounted Descent view: the race, the moment shown, the drawing loop, keyboard, theme and size. */
const NUMBERS_EVERY_MS = 125;
const LOOP_REST_MS = 700;
const LONGEST_FRAME_MS = 100;
const START_DIGITS = 6;
/* who is chosen is told to the page when the visitor has settled on one */
const CHOSEN_REST_MS = 300;

class DescentSession {
  constructor(host, component) {
    this.host = host;
    this.component = component;
    this.data = {};
    this.race = null;
    this.changed = new Set();
    this.written = new Map();
    this.source = new GroundSource();
    this.stillness = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.state = {
      step: 0, playing: false, speed: 1, loop: false, smooth: !this.stillness.matches, chosen: 0, hover: null, skier: null, fog: false,
      arrows: { gradient: true, step: true, momentum: false, squares: false, all: false },
    };
    this.options = { hidden: new Set(), solo: null };
    this.placing = new StartPlacing(this);
    this.counter = { frames: 0, drawn: 0, step: 0, playing: false, ready: false, revision: "", drawMs: 0 };
    window.__descent = this.counter;
    this.ctx = this.context();
    this.mount();
  }

  context() {
    const session = this;
    return {
      state: this.state,
      options: this.options,
      get race() { return session.race; },
      get theme() { return session.theme; },
      get editable() { return session.data.editable !== false; },
      get start() { return session.placing.start; },
      get stale() { return session.placing.stale; },
      wake: () => this.wake(),
      mark: (...names) => this.mark(...names),
      seek: (step) => this.seek(step),
      play: (on) => this.play(on),
      choose: (path) => this.choose(path),
      look: (place) => this.look(place),
      ask: (x, y, lane) => this.source.ask(x, y, lane),
      setStart: (x, y, final = true) => this.placing.set(x, y, final),
      cancelStart: () => this.placing.cancel(),
      colour: (runner) => this.colours[runner],
      shows: (path) => this.shows(path),
      slow: (name) => this.slow(name),
      fog: () => clearingOf(this.race, this.state),
    };
  }

  mount() {
    this.shell = el("div", { class: "playground-view descent-shell" });
    this.host.append(this.shell);
    this.view = new DescentView(this.ctx);
    this.shell.append(this.view.root);
    this.checkTheme();
    this.observer = new ResizeObserver(() => { this.resized = true; this.wake(); });
    this.observer.observe(this.shell);
    this.onkey = (event) => this.key(event);
    window.addEventListener("keydown", this.onkey);
    this.endPixels = watchPixels(() => this.checkTheme());
    this.onstillness = () => { this.state.smooth = !this.stillness.matches; this.mark("step"); };
    this.stillness.addEventListener("change", this.onstillness);
  }

  /* component.data came (again): the same revision changes nothing that is drawn. */
  receive(component) {
    this.component = component;
    const data = component.data || {};
    const editable = this.data.editable;
    this.data = data;
    this.checkTheme();
    if (editable !== data.editable) this.mark("options");
    if (!data.terrain || data.revision === this.wanted) return;
    this.wanted = data.revision;
    RaceData.decode(data).then(
      (race) => { if (!this.closed && this.wanted === data.revision) this.arrive(race); },
      (error) => console.error("a race that does not fit", error),
    );
  }

  arrive(race) {
    this.source.open(race.header.query, race.header.revision);
    this.placing.done(race);
    this.adopt(race);
    this.counter.ready = true;
    this.counter.revision = race.header.revision;
  }

  /* Another race takes this one's place: the share played stays where the terrain does. */
  adopt(race) {
    const before = this.race;
    const { state } = this;
    const same = before && before.header.terrain.label === race.header.terrain.label && String(before.domain) === String(race.domain);
    const share = same && before.last > 0 ? state.step / before.last : 0;
    this.race = race;
    this.colours = runnerColours(race, this.theme);
    state.step = share >= 1 ? race.last : state.playing ? share * race.last : Math.round(share * race.last);
    this.moment = state.step;
    if (!same || (state.skier && String(before.header.race.start) !== String(race.header.race.start))) state.skier = null;
    this.keepChosen(before, race);
    this.mark("race", "step");
  }

  keepChosen(before, race) {
    const { state, options } = this;
    const keys = race.runners.map((runner) => runner.key);
    const runner = before ? before.runnerOf(state.chosen) : 0;
    const key = before && before.runners[runner] ? before.runners[runner].key : null;
    const again = keys[runner] === key ? runner : Math.max(0, keys.indexOf(key));
    const start = before ? Math.min(before.startOf(state.chosen), race.starts - 1) : 0;
    state.chosen = Math.max(0, race.pathOf(again, start));
    if (this.keys !== String(keys)) {
      options.hidden.clear();
      options.solo = null;
    }
    this.keys = String(keys);
  }

  shows(path) {
    const runner = this.race.runnerOf(path);
    return this.options.solo !== null ? runner === this.options.solo : !this.options.hidden.has(runner);
  }

  mark(...names) {
    for (const name of names) this.changed.add(name);
    this.count();
    this.wake();
  }

  seek(step) {
    if (!this.race) return;
    this.state.playing = false;
    this.state.step = clamp(step, 0, this.race.last);
    this.mark("step", "options");
  }

  play(on) {
    const { state, race } = this;
    if (!race || !race.last) return;
    if (on && state.step >= race.last) state.step = 0;
    this.moment = state.step;
    state.playing = on;
    this.lastTick = 0;
    this.restUntil = 0;
    this.mark("step", "options");
  }

  /* Only ever the visitor's choice: what a new race keeps or drops is set in keepChosen. */
  choose(path) {
    if (!this.race || !(path >= 0 && path < this.race.count)) return;
    this.tellChosen(this.race.runnerOf(path));
    if (path === this.state.chosen) return;
    this.state.chosen = path;
    this.mark("chosen");
  }

  /* Also while it plays: the page answers with the same revision, and so nothing starts again. */
  tellChosen(runner) {
    clearTimeout(this.telling);
    const { race } = this;
    this.telling = setTimeout(() => {
      if (!this.closed && race.runners.length === this.race.runners.length) this.component.setTriggerValue("chosen", runner);
    }, CHOSEN_REST_MS);
  }

  look(place) {
    const { hover } = this.state;
    if (!place && !hover) return;
    if (place && hover && place.x === hover.x && place.y === hover.y) return;
    this.state.hover = place;
    this.mark("hover");
  }

  /* Whether numbers called `name` may be written now; when not, they are asked again soon. */
  slow(name) {
    const now = performance.now();
    const last = this.written.get(name);
    if (last === undefined || now - last >= NUMBERS_EVERY_MS) {
      this.written.set(name, now);
      return true;
    }
    if (!this.later) this.later = setTimeout(() => { this.later = 0; this.mark("step"); }, NUMBERS_EVERY_MS);
    return false;
  }

  checkTheme() {
    const theme = readTheme(this.shell);
    if (this.theme && theme.key === this.theme.key) return;
    this.theme = theme;
    if (this.race) this.colours = runnerColours(this.race, theme);
    this.shell.classList.toggle("dark", theme.dark);
    this.view.setTheme(theme);
    this.mark("theme");
  }

  wake() {
    if (this.frameRequest || this.closed) return;
    this.frameRequest = requestAnimationFrame((now) => { this.frameRequest = 0; this.tick(now); });
  }

  tick(now) {
    if (this.closeIfGone()) return;
    this.counter.frames++;
    if (this.state.playing) this.advance(now);
    if (this.resized) {
      this.resized = false;
      this.view.resize();
      this.changed.add("size");
    }
    if (this.race && this.changed.size) this.draw();
    if (this.state.playing) this.wake();
  }

  /* On by the time that has passed, in whole steps for who asked for less motion. */
  advance(now) {
    const { state, race } = this;
    const passed = this.lastTick ? Math.min(LONGEST_FRAME_MS, now - this.lastTick) : 0;
    this.lastTick = now;
    if (state.step >= race.last) {
      if (now < this.restUntil) return;
      this.moment = 0;
    }
    this.moment = Math.min(race.last, this.moment + (passed / 1000) * STEPS_PER_SECOND * state.speed);
    const step = state.smooth ? this.moment : Math.floor(this.moment);
    if (step !== state.step) this.changed.add("step");
    state.step = step;
    if (state.step < race.last) return;
    this.restUntil = now + LOOP_REST_MS;
    if (state.loop) return;
    state.playing = false;
    this.changed.add("options");
  }

  draw() {
    const { changed, counter, state } = this;
    const from = performance.now();
    this.changed = new Set();
    this.view.update(state, changed);
    counter.drawn++;
    counter.drawMs = 0.9 * counter.drawMs + 0.1 * (performance.now() - from);
    this.count();
  }

  count() {
    const { step, playing, chosen } = this.state;
    Object.assign(this.counter, { step, playing, chosen });
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.race) return;
    if (!mayTakeKey(event, this.host) && !this.onSlider(event)) return;
    const act = { " ": () => this.view.bar.toggle(), ArrowRight: () => this.view.bar.step(1), ArrowLeft: () => this.view.bar.step(-1) }[event.key];
    if (!act) return;
    act();
    event.preventDefault();
  }

  /* A slider has no use for the space bar: after scrubbing it plays. */
  onSlider(event) {
    const target = event.composedPath()[0];
    return event.key === " " && !event.repeat && event.composedPath().includes(this.host) && target instanceof Element && target.matches("input[type=range]");
  }

  closeIfGone() {
    if (!this.closed && !this.host.isConnected) this.close();
    return this.closed;
  }

  close() {
    this.closed = true;
    this.observer.disconnect();
    window.removeEventListener("keydown", this.onkey);
    this.endPixels();
    this.stillness.removeEventListener("change", this.onstillness);
    cancelAnimationFrame(this.frameRequest);
    clearTimeout(this.later);
    clearTimeout(this.telling);
    this.placing.close();
    this.shell.remove();
  }
}
