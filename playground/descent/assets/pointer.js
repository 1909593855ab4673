/* The pointer over the map: place the start, choose a runner, ski towards a place; and the words for what lies under it. */
class MapPointer {
  constructor(map) {
    this.map = map;
    this.ctx = map.ctx;
    const on = (name, call) => map.stage.addEventListener(name, (event) => call.call(this, event));
    on("pointerdown", this.down);
    on("pointermove", this.move);
    on("pointerup", this.up);
    on("pointercancel", this.cancel);
    on("pointerleave", this.leave);
  }

  pixel(event) {
    const box = this.map.stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  down(event) {
    const [px, py] = this.pixel(event);
    if (event.button !== 0 || !event.isPrimary || !this.ctx.race || !this.map.frame.inside(px, py)) return;
    this.press = { px, py, touch: event.pointerType === "touch", near: this.nearRunner(px, py), moved: false };
    const { near, touch } = this.press;
    /* a finger may be about to scroll the page; a mouse places the start at once */
    if (touch || near !== null || this.ctx.state.skier || !this.ctx.editable) return;
    this.map.stage.setPointerCapture(event.pointerId);
    this.press.placing = true;
    this.ctx.setStart(...this.place(px, py), false);
  }

  move(event) {
    const [px, py] = this.pixel(event);
    const { press } = this;
    if (press && Math.hypot(px - press.px, py - press.py) > CLICK_PX) press.moved = true;
    if (press && press.placing && press.moved) this.ctx.setStart(...this.place(px, py), false);
    const { frame } = this.map;
    this.under = frame.inside(px, py) ? [px, py] : null;
    this.ctx.look(this.under ? frame.plane(px, py) : null);
  }

  up(event) {
    const { press } = this;
    this.press = null;
    if (!press) return;
    const [px, py] = this.pixel(event);
    if (press.placing) return this.ctx.setStart(...this.place(px, py), true);
    if (press.moved) return;
    if (this.ctx.state.skier) return this.map.skier.toward(...this.place(px, py));
    if (press.near !== null) return this.ctx.choose(press.near);
    if (this.ctx.editable) this.ctx.setStart(...this.place(px, py), true);
  }

  cancel() {
    if (this.press && this.press.placing) this.ctx.cancelStart();
    this.press = null;
  }

  leave() {
    if (this.press && this.press.placing) return;
    this.under = null;
    this.ctx.look(null);
  }

  place(px, py) {
    const { frame } = this.map;
    const { x, y } = frame.plane(px, py);
    return frame.clamped(x, y);
  }

  /* At the very start all runners stand under the handle: there is nothing to choose between. */
  nearRunner(px, py) {
    const { state, race } = this.ctx;
    if (state.step <= 0 && race.starts < 2) return null;
    const near = this.map.runners.near(px, py, state.step, NEAR_PX);
    if (near === null) return null;
    const [x, y] = race.place(near, state.step);
    return seenThrough(clearingOf(race, state), x, y) ? near : null;
  }

  /* The words for what is under the pointer. */
  read(force) {
    if (!force && !this.ctx.slow("read")) return;
    const { race, state } = this.ctx;
    if (!this.under || !state.hover || !race) {
      const { hover } = state;
      setText(this.map.readout, hover && race ? this.placeWords(hover) : "");
      return setHidden(this.map.chip, true);
    }
    const clearing = clearingOf(race, state);
    const hidden = !seenThrough(clearing, state.hover.x, state.hover.y);
    setText(this.map.readout, hidden ? "hidden by the fog" : this.placeWords(state.hover));
    this.showChip(hidden ? null : this.chipWords());
  }

  placeWords({ x, y }) {
    const { race } = this.ctx;
    const [a, b] = race.names;
    const height = race.heightAt(x, y);
    return `${shorter(a)} ${format(x)}  ${shorter(b)} ${format(y)}  height ${Number.isFinite(height) ? `≈ ${format(height)}` : "–"}`;
  }

  chipWords() {
    const { race, state } = this.ctx;
    const [px, py] = this.under;
    const near = this.nearRunner(px, py);
    if (near !== null) return this.runnerWords(near, state.step);
    const { frame } = this.map;
    const point = (race.header.terrain.stationary || []).find(({ x, y }) => Math.hypot(frame.x(x) - px, frame.y(y) - py) < NEAR_PX);
    return point ? `${stationaryWords(point)} at ${format(point.x)}, ${format(point.y)}, height ${format(point.height)}` : null;
  }

  runnerWords(path, step) {
    const { race } = this.ctx;
    const [x, y, height] = race.place(path, step);
    const ended = endedAt(race, path, step);
    const at = Math.floor(step);
    const slope = Math.hypot(race.at("gradient", path, at, 0), race.at("gradient", path, at, 1));
    const words = `${race.runners[race.runnerOf(path)].label}: ${format(x)}, ${format(y)}, height ${format(height)}`;
    return `${words}${Number.isFinite(slope) ? `, slope ${format(slope)}` : ""}${ended && ended.words ? `. ${ended.words}` : ""}`;
  }

  showChip(words) {
    const { chip, frame } = this.map;
    setHidden(chip, !words);
    if (!words) return;
    setText(chip, words);
    const [px, py] = this.under;
    const right = px > frame.left + frame.w / 2;
    chip.classList.toggle("right", right);
    setTransform(chip, right ? px - 12 : px + 12, py > frame.top + 60 ? py - 14 : py + 34);
  }
}

const shorter = (name) => (name.length > 10 ? `${name.slice(0, 9)}…` : name);
