/* One mounted Backprop view: the pass, the operation shown, the drawing loop, keyboard, theme and size. */
const MOVED_REST_MS = 400;
const MOST_TOLD = 16;
const LONGEST_FRAME_MS = 100;
/* a single step moves faster than playing does */
const STEP_MS = 650;
/* of an operation that is played, the share in which things move; then it rests */
const MOVING_SHARE = 0.72;

class BackpropSession {
  constructor(host, component) {
    this.host = host;
    this.component = component;
    this.raw = {};
    this.data = null;
    this.changed = new Set();
    /* places that the page has heard of and may still send back */
    this.told = [];
    this.stillness = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.state = { step: 0, progress: 1, playing: false, speed: 1, example: 0, tab: "all", selected: null };
    this.counter = { frames: 0, step: 0, playing: false, ready: false, revision: "", drawMs: 0, shown: {} };
    window.__backprop = this.counter;
    this.ctx = this.context();
    this.mount();
  }

  context() {
    const session = this;
    return {
      state: this.state,
      get data() { return session.data; },
      get editable() { return session.raw.editable !== false; },
      get shownTab() { return session.view.tab; },
      get whole() { return session.view.whole; },
      mark: (...names) => this.mark(...names),
      seek: (index, moving) => this.seek(index, moving),
      step: (by) => this.seek(this.state.step + by, by > 0),
      play: (on) => this.play(on),
      follow: (example) => this.follow(example),
      show: (tab) => this.show(tab),
      pick: (place) => this.pick(place),
      edit: (place) => this.send("edited", place),
      tell: (name, text) => { this.counter.shown[name] = text; },
      forget: (prefix) => this.forget(prefix),
    };
  }

  mount() {
    this.shell = el("div", { class: "playground-view backprop-shell" });
    this.host.append(this.shell);
    this.view = new BackpropView(this.ctx);
    this.shell.append(this.view.root);
    this.checkTheme();
    this.observer = new ResizeObserver(() => { this.resized = true; this.wake(); });
    this.observer.observe(this.shell);
    this.onkey = (event) => this.key(event);
    window.addEventListener("keydown", this.onkey);
    this.endPixels = watchPixels(() => this.checkTheme());
    this.onhide = (event) => { if (event.type === "pagehide" || document.hidden) this.tellNow(); };
    window.addEventListener("pagehide", this.onhide);
    document.addEventListener("visibilitychange", this.onhide);
  }

  /* component.data came (again): the same revision changes nothing that is drawn, but may ask for another operation or weight. */
  receive(component) {
    this.component = component;
    const data = component.data || {};
    this.raw = data;
    this.checkTheme();
    if (!data.operations || !data.operations.length) return;
    const again = data.revision === this.wanted;
    this.wanted = data.revision;
    if (again) {
      if (this.data) this.heed(data);
      return;
    }
    TraceData.decode(data).then(
      (trace) => { if (!this.closed && this.wanted === data.revision) this.arrive(trace); },
      (error) => console.error("a pass that does not fit", error),
    );
  }

  arrive(trace) {
    const { state } = this;
    this.data = trace;
    state.step = clamp(state.step, 0, trace.last);
    state.example = Math.min(state.example, trace.batch - 1);
    state.progress = 1;
    this.heed(trace.header);
    this.counter.shown = {};
    this.mark("trace", "step", "example");
    this.counter.ready = true;
    this.counter.revision = trace.header.revision;
  }

  /* The place that the page asks for, where it is not the one that it was told of; and the weight that it follows. */
  heed({ study, selected }) {
    const { state, data } = this;
    const place = JSON.stringify([study.step, study.example]);
    const echo = this.told.indexOf(place);
    if (echo >= 0) this.told.splice(0, echo);
    else if (place !== this.placed) {
      state.step = clamp(study.step || 0, 0, data.last);
      state.example = clamp(study.example ?? 0, -1, data.batch - 1);
      state.progress = 1;
      state.playing = false;
      this.told = [place];
      this.mark("step", "example");
    }
    this.placed = place;
    const wish = JSON.stringify(selected || null);
    if (wish === this.asked) return;
    this.asked = wish;
    state.selected = selected || null;
    this.mark("selected");
  }

  mark(...names) {
    for (const name of names) this.changed.add(name);
    this.counter.step = this.state.step;
    this.counter.playing = this.state.playing;
    this.wake();
  }

  seek(index, moving = false) {
    if (!this.data) return;
    const { state } = this;
    const step = clamp(Math.round(index), 0, this.data.last);
    if (step === state.step && !state.playing) return;
    state.playing = false;
    state.step = step;
    state.progress = moving && !this.stillness.matches ? 0 : 1;
    this.last = 0;
    this.mark("step", "progress");
    this.tellPage();
  }

  play(on) {
    const { state, data } = this;
    if (!data || !data.last) return;
    if (on && state.step >= data.last) Object.assign(state, { step: 0, progress: 0 });
    this.clock = state.progress >= 1 ? 1 : state.progress * MOVING_SHARE;
    state.playing = on;
    this.last = 0;
    this.mark("step", "progress");
    if (on) clearTimeout(this.resting);
    else this.tellNow();
  }

  follow(example) {
    if (!this.data || example === this.state.example) return;
    this.state.example = clamp(example, -1, this.data.batch - 1);
    this.mark("example", "step");
    this.tellPage();
  }

  show(tab) {
    this.state.tab = tab;
    this.resized = true;
    this.mark("options");
  }

  pick(place) {
    this.state.selected = place;
    this.asked = JSON.stringify(place);
    this.mark("selected");
    this.send("picked", place);
  }

  send(name, value) {
    this.component.setTriggerValue(name, value);
  }

  /* Once it rests the page hears where, for the address. */
  tellPage() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => { if (!this.state.playing) this.tellNow(); }, MOVED_REST_MS);
  }

  /* At once: where playing stops, or is left with the tab hidden or the page gone. */
  tellNow() {
    clearTimeout(this.resting);
    const { step, example } = this.state;
    const place = JSON.stringify([step, example]);
    if (!this.data || this.closed || place === this.told[this.told.length - 1]) return;
    this.told = [...this.told, place].slice(-MOST_TOLD);
    this.send("moved", { step, example });
  }

  /* Numbers that stand no more: of the diagram ("net "), or of the matrices. */
  forget(prefix) {
    const { shown } = this.counter;
    for (const name of Object.keys(shown)) if (prefix ? name.startsWith(prefix) : !/^(net|tip) /.test(name)) delete shown[name];
  }

  checkTheme() {
    const theme = readTheme(this.shell);
    if (this.theme && theme.key === this.theme.key) return;
    this.theme = theme;
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
    if (this.data) this.advance(now);
    if (this.resized) {
      this.resized = false;
      this.view.resize();
      this.changed.add("size").add("options");
    }
    if (this.data && this.changed.size) this.draw();
    if (this.state.playing || this.state.progress < 1) this.wake();
  }

  /* On by the time that has passed: a single step only moves, playing goes on to the next operation. */
  advance(now) {
    const { state } = this;
    if (!state.playing && state.progress >= 1) return;
    const passed = this.last ? Math.min(LONGEST_FRAME_MS, now - this.last) : 0;
    this.last = now;
    if (!state.playing) {
      state.progress = Math.min(1, state.progress + passed / STEP_MS);
      this.changed.add("progress");
      return;
    }
    this.clock += (passed * state.speed) / OPERATION_MS;
    if (this.clock >= 1) this.nextPlayed();
    state.progress = this.stillness.matches ? 1 : Math.min(1, this.clock / MOVING_SHARE);
    this.mark("progress");
  }

  nextPlayed() {
    const { state, data } = this;
    if (state.step >= data.last) {
      state.playing = false;
      this.clock = 1;
      this.tellNow();
    } else {
      state.step++;
      this.clock = 0;
    }
    this.changed.add("step");
  }

  draw() {
    const { changed, counter } = this;
    const from = performance.now();
    this.changed = new Set();
    this.view.update(this.state, changed);
    counter.drawMs = performance.now() - from;
    if (changed.has("step")) counter.stepMs = counter.drawMs;
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.data) return;
    if (!mayTakeKey(event, this.host) && !this.onSlider(event)) return;
    const act = { " ": () => this.play(!this.state.playing), ArrowRight: () => this.ctx.step(1), ArrowLeft: () => this.ctx.step(-1) }[event.key];
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
    window.removeEventListener("pagehide", this.onhide);
    document.removeEventListener("visibilitychange", this.onhide);
    cancelAnimationFrame(this.frameRequest);
    clearTimeout(this.resting);
    this.shell.remove();
  }
}
