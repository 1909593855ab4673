/* What the visitor looks at inside the net. Both panels share it; the server is told at most 30 times a second. */
const LOOK_MS = 33;

class InsideLook {
  constructor(ctx) {
    this.ctx = ctx;
    this.state = { digit: 0, values: "a", weights: "w", unit: null, maps: [] };
    this.holders = new Set();
    /* somebody picked a test digit, if only the same again */
    this.ondigit = null;
    this.sent = null;
    this.ondigit = () => {};
    this.tell = throttle(() => this.send(), LOOK_MS);
  }

  get opened() {
    return this.holders.size > 0;
  }

  /* ondigit(): a test digit was chosen, perhaps the one that was looked at before something was drawn. */
  set(changes) {
    if (changes.digit !== undefined) this.ondigit();
    const next = { ...this.state, ...changes };
    if (changes.digit !== undefined && this.ondigit) this.ondigit();
    if (JSON.stringify(next) === JSON.stringify(this.state)) return;
    this.state = next;
    this.note();
    if (this.opened) this.tell();
  }

  /* Somebody wants to see inside, or no longer: the server computes it while anybody does. */
  open(flag, holder = "inside") {
    if (flag) this.holders.add(holder);
    else this.holders.delete(holder);
    this.note();
    this.tell();
  }

  toggleMap(name, on) {
    this.set({ maps: [...this.state.maps.filter((other) => other !== name), ...(on ? [name] : [])].sort() });
  }

  send() {
    const inside = this.opened ? this.state : null;
    const text = JSON.stringify(inside);
    if (text === this.sent) return;
    this.sent = text;
    this.ctx.send({ do: "look", inside });
  }

  note() {
    this.ctx.store.dirty.add("look");
    this.ctx.wake();
  }

  /* A new connection or another run does not know what this view looks at. */
  update(store) {
    const { token } = this.ctx.data;
    if (!store.changed("link") && token === this.token) return;
    const news = token !== this.token || (store.link === "open" && this.link !== "open");
    Object.assign(this, { token, link: store.link });
    if (!news) return;
    this.sent = this.opened ? null : "null";
    this.tell();
  }
}
