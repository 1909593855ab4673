/* Asks the server what only it knows: the ground at a place, and the race from another start. Both have a fallback; neither is waited for. */
const GROUND_KEPT = 400;
const FAILS_BEFORE_REST = 3;
const REST_MS = 6000;
const ASK_TIMEOUT_MS = 4000;

class GroundSource {
  constructor() {
    this.kept = new Map();
    this.lanes = new Map();
    this.rested();
  }

  rested() {
    this.health = { ground: { fails: 0, restUntil: 0 }, preview: { fails: 0, restUntil: 0 } };
  }

  /* Another race: what was known of the ground holds no more when the query differs. */
  open(query, key) {
    this.query = query;
    if (key === this.key) return;
    this.key = key;
    this.kept.clear();
    this.rested();
  }

  address(what, x, y) {
    const place = `ui_x=${encodeURIComponent(x)}&ui_y=${encodeURIComponent(y)}`;
    return `${serverBase()}descent/${what}?${this.query ? `${this.query}&` : ""}${place}`;
  }

  /* fetch with a time limit; null for whatever goes wrong, and for a while after it went wrong several times */
  async fetch(what, x, y) {
    const health = this.health[what];
    if (performance.now() < health.restUntil) return null;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), ASK_TIMEOUT_MS);
    try {
      const answer = await fetch(this.address(what, x, y), { signal: stop.signal, credentials: "same-origin" });
      if (!answer.ok) throw new Error(answer.statusText);
      const value = what === "ground" ? await answer.json() : await answer.arrayBuffer();
      health.fails = 0;
      return value;
    } catch {
      if (++health.fails >= FAILS_BEFORE_REST) health.restUntil = performance.now() + REST_MS;
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  /* JSON of the ground at (x, y), or null. A lane has one question on its way and remembers the newest other. */
  ask(x, y, lane = "ground") {
    const name = `${Number(x).toPrecision(6)},${Number(y).toPrecision(6)}`;
    if (this.kept.has(name)) return Promise.resolve(this.kept.get(name));
    const queue = this.lanes.get(lane) || { busy: false, next: null };
    this.lanes.set(lane, queue);
    return new Promise((resolve) => {
      if (queue.next) queue.next.resolve(null);
      queue.next = { name, x, y, resolve };
      if (!queue.busy) this.work(queue);
    });
  }

  async work(queue) {
    queue.busy = true;
    while (queue.next) {
      const { name, x, y, resolve } = queue.next;
      queue.next = null;
      const { key } = this;
      const value = await this.fetch("ground", x, y);
      if (value && key === this.key) this.keep(name, value);
      resolve(key === this.key ? value : null);
    }
    queue.busy = false;
  }

  keep(name, value) {
    this.kept.set(name, value);
    if (this.kept.size > GROUND_KEPT) this.kept.delete(this.kept.keys().next().value);
  }

  preview(x, y) {
    return this.fetch("preview", x, y);
  }
}
