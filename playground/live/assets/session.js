/* One mounted view: transport, store, the drawing loop, keyboard, theme and size. */
const EDITED_MS = 150;
const EDIT_EXPECTED_MS = 3000;
const BEFORE_MS = 4000;

class Session {
  constructor(host, component) {
    this.host = host;
    this.store = new Store();
    this.lookAt = { hover: null, warp: null };
    this.expected = 0;
    this.adoptComponent(component);
    this.counter = { frames: 0, drawn: 0, lastFrameAt: 0, drawMs: 0, status: "connecting", link: "connecting" };
    window.__playground = this.counter;
    this.transport = new Transport({
      wake: () => this.wake(),
      early: (frames) => frames.forEach((frame) => this.merge(frame)),
      changed: (status) => this.linkChanged(status),
      refused: () => this.component.setStateValue("mode", "polling"),
      gone: () => this.component.setTriggerValue("lost", this.transport.token),
    });
    this.transport.sendCommands = (commands) => this.component.setTriggerValue("commands", commands);
    this.mount(component);
  }

  adoptComponent(component) {
    this.component = component;
    this.data = component.data || {};
    this.tables = this.data.tables || this.tables || {};
  }

  mount() {
    const shell = el("div", { class: "playground-view" });
    this.shell = shell;
    this.host.append(shell);
    this.viewName = this.data.view;
    this.view = new (VIEWS[this.viewName] || VIEWS.network)(this.context());
    shell.append(this.view.root);
    this.checkTheme();
    this.observer = new ResizeObserver(() => { this.resized = true; this.wake(); });
    this.observer.observe(shell);
    this.onkey = (event) => this.key(event);
    window.addEventListener("keydown", this.onkey);
    this.endPixels = watchPixels(() => this.checkTheme());
  }

  context() {
    const session = this;
    return {
      store: this.store,
      get data() { return session.data; },
      get tables() { return session.tables; },
      send: (command) => this.transport.send(command),
      act: (command) => this.act(command),
      edit: (changes) => this.act({ do: "set", changes }),
      look: (patch) => this.look(patch),
      wake: () => this.wake(),
      wakeLater: (ms) => this.wakeLater(ms),
    };
  }

  /* component.data came (again): the same token keeps socket and state. */
  receive(component) {
    const before = this.data;
    this.adoptComponent(component);
    if (this.data.view !== this.viewName) this.remount();
    else if (this.data.editable !== before.editable && this.view.setData) this.view.setData(this.data);
    if (this.data.polling) this.transport.startPolling();
    if (this.data.token !== this.transport.token && !this.waitsForBefore()) {
      this.store.clear();
      this.knownRevision = undefined;
      this.transport.open(this.data.token);
      rememberRun(this.viewName, this.data.token);
    }
    this.transport.receiveBatch(this.data.frames, this.data.after);
    this.checkTheme();
    this.wake();
  }

  /* After a reload: whether the server has yet to say that the run of before goes on, or that it is gone. */
  waitsForBefore() {
    if (this.before === undefined) this.askForBefore();
    if (this.before === this.data.settled) this.before = null;
    return this.before !== null;
  }

  askForBefore() {
    this.before = runBefore(this.viewName);
    if (this.before === null) return;
    this.component.setTriggerValue("before", this.before);
    setTimeout(() => {
      if (this.closed || this.before === null) return;
      this.before = null;
      this.receive(this.component);
    }, BEFORE_MS);
  }

  remount() {
    this.observer.disconnect();
    window.removeEventListener("keydown", this.onkey);
    this.endPixels();
    this.shell.remove();
    this.mount();
    this.store.dirty.add("all");
  }

  checkTheme() {
    const theme = readTheme(this.shell);
    if (this.theme && theme.key === this.theme.key) return;
    this.theme = theme;
    this.shell.classList.toggle("dark", theme.dark);
    this.view.setTheme(theme);
    this.store.dirty.add("all");
    this.wake();
  }

  linkChanged(status) {
    this.store.link = status;
    this.counter.link = status;
    this.store.dirty.add("link");
    /* a new connection does not know what this view looks at */
    if (status === "open" && (this.lookAt.hover || this.lookAt.warp)) this.transport.send({ do: "look", ...this.lookAt });
    this.wake();
  }

  look(patch) {
    const next = { ...this.lookAt, ...patch };
    if (JSON.stringify(next) === JSON.stringify(this.lookAt)) return;
    this.lookAt = next;
    this.transport.send({ do: "look", ...next });
  }

  /* A command that changes the experiment: the page's widgets and address follow when the server confirms. */
  act(command) {
    this.expected = performance.now() + EDIT_EXPECTED_MS;
    this.transport.send(command);
  }

  /* In the fallback the commands themselves rerun the script. */
  confirm(revision) {
    if (revision === this.knownRevision) return;
    const first = this.knownRevision === undefined;
    this.knownRevision = revision;
    if (first || this.transport.polling || performance.now() > this.expected) return;
    clearTimeout(this.editTimer);
    this.editTimer = setTimeout(() => this.component.setTriggerValue("edited", this.knownRevision), EDITED_MS);
  }

  wake() {
    if (this.frameRequest || this.closed) return;
    this.frameRequest = requestAnimationFrame((now) => { this.frameRequest = 0; this.tick(now); });
  }

  wakeLater(ms) {
    if (this.laterTimer) return;
    this.laterTimer = setTimeout(() => { this.laterTimer = 0; this.wake(); }, Math.max(4, ms));
  }

  tick(now) {
    const { store, transport, counter } = this;
    if (this.closeIfGone()) return;
    const frames = transport.take(now, store.playing);
    for (const frame of frames) this.merge(frame);
    if (frames.length) {
      counter.frames += frames.length;
      counter.id = frames[frames.length - 1] ? frames[frames.length - 1].header.id : counter.id;
      this.confirm(store.revision);
    }
    try {
      if (!store.held) this.draw(frames.length, now);
    } finally {
      /* whatever happens here, the server must not wait for ever */
      transport.acknowledge(frames.length);
      if (transport.inbox.length) this.wake();
    }
  }

  merge(frame) {
    try {
      if (frame) this.store.merge(frame);
    } catch (error) {
      console.error("a frame that does not fit", error);
    }
  }

  draw(arrived, now) {
    const start = performance.now();
    if (this.resized) {
      this.resized = false;
      this.view.resize();
      this.store.dirty.add("all");
    }
    this.view.update(this.store);
    this.store.dirty.clear();
    const { counter } = this;
    if (arrived) {
      counter.drawn++;
      counter.lastFrameAt = now;
      counter.drawMs = 0.9 * counter.drawMs + 0.1 * (performance.now() - start);
    }
    counter.status = this.store.status;
    counter.epoch = this.store.run.epoch;
    counter.rate = this.store.run.rate;
    counter.revision = this.store.revision;
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.view.key) return;
    if (!mayTakeKey(event, this.host)) return;
    if (this.view.key(event.key)) event.preventDefault();
  }

  closeIfGone() {
    if (!this.closed && !this.host.isConnected) this.close();
    return this.closed;
  }

  close() {
    this.closed = true;
    this.transport.close();
    this.observer.disconnect();
    window.removeEventListener("keydown", this.onkey);
    this.endPixels();
    cancelAnimationFrame(this.frameRequest);
    clearTimeout(this.laterTimer);
    clearTimeout(this.editTimer);
    this.shell.remove();
  }
}
