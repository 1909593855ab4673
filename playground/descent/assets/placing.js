/* A start on its way: while it is dragged the server previews the race from there where it can; released, the page is told. */
const ANSWER_EXPECTED_MS = 6000;

class StartPlacing {
  constructor(session) {
    this.session = session;
    this.start = null;
    /* the trails on the map belong to another start */
    this.stale = false;
    this.base = null;
    this.dragging = false;
    this.asked = null;
    this.busy = false;
  }

  /* final: the visitor has let go */
  set(x, y, final) {
    const { session } = this;
    if (!session.race || session.data.editable === false) return;
    const start = [x, y].map((v) => Number(v.toPrecision(START_DIGITS)));
    if (!this.base) this.base = session.race;
    this.stale = this.stale || session.race === this.base;
    this.start = start;
    this.dragging = !final;
    this.preview(start);
    session.mark("start");
    if (!final) return;
    if (String(start) === String(this.base.header.race.start)) return this.cancel();
    session.component.setTriggerValue("edited", { start });
    clearTimeout(this.expected);
    this.expected = setTimeout(() => { if (!this.dragging) this.cancel(); }, ANSWER_EXPECTED_MS);
  }

  /* One question on its way at a time, then the newest. */
  async preview(start) {
    this.asked = start;
    if (this.busy) return;
    this.busy = true;
    while (this.asked && this.start) {
      const [x, y] = this.asked;
      this.asked = null;
      const { base } = this;
      const buffer = await this.session.source.preview(x, y);
      await this.show(buffer, base, [x, y]);
    }
    this.busy = false;
  }

  async show(buffer, base, start) {
    if (!buffer) return;
    try {
      const race = await base.preview(buffer, start);
      if (!this.start || this.base !== base || this.session.closed) return;
      this.stale = false;
      this.session.adopt(race);
    } catch (error) {
      console.error("a preview that does not fit", error);
    }
  }

  /* Back to the race that the page knows. */
  cancel() {
    const { base, session } = this;
    this.clear();
    if (base && session.race !== base) session.adopt(base);
    session.mark("options");
  }

  /* The page has sent a race. Who drags on meanwhile keeps the start. */
  done(race) {
    if (!this.dragging) return this.clear();
    this.base = race;
    this.stale = true;
  }

  clear() {
    clearTimeout(this.expected);
    this.start = null;
    this.base = null;
    this.stale = false;
    this.dragging = false;
    this.asked = null;
  }

  close() {
    this.clear();
  }
}
