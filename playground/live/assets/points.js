/* Editing the data with the pointer: add a point of the chosen class, drag it, remove it. Generated data become the visitor's own. */
const MOST_POINTS = 2000;
const GRAB_PX = 10;

class PointTools {
  constructor(surface, editable, onedit) {
    this.surface = surface;
    this.onedit = onedit;
    this.mode = "look";
    this.task = "classification";
    this.value = 1;
    this.root = el("div", { class: "point-tools" });
    this.listen();
    this.setEditable(editable);
  }

  setEditable(editable) {
    if (editable === this.editable) return;
    this.editable = editable;
    this.mode = "look";
    this.root.replaceChildren();
    if (editable) this.build();
  }

  build() {
    const dot = (name) => el("span", { class: `dot ${name}` });
    this.modes = segmented("What a click on the plane does", [
      ["look", icon("look"), "Look: read the output under the pointer"],
      ["negative", dot("negative"), "Add or drag points of the orange class (−1)"],
      ["positive", dot("positive"), "Add or drag points of the blue class (+1)"],
      ["value", dot("value"), "Add or drag points of the chosen value"],
      ["erase", icon("close"), "Remove points"],
    ], this.mode, (mode) => this.setMode(mode));
    this.number = el("input", {
      type: "number", class: "tiny", min: "-1", max: "1", step: "0.1", value: "1", "aria-label": "Value of new points, −1 to 1",
      oninput: () => { this.value = clamp(Number(this.number.value) || 0, -1, 1); },
    });
    this.root.append(this.modes, this.number);
    this.setTask(this.task, true);
  }

  setTask(task, force) {
    if (task === this.task && !force) return;
    this.task = task;
    if (!this.modes) return;
    const regression = task === "regression";
    const [, negative, positive, value] = this.modes.children;
    setHidden(negative, regression);
    setHidden(positive, regression);
    setHidden(value, !regression);
    setHidden(this.number, !regression);
    this.modes.pick("look");
    this.setMode("look");
  }

  setMode(mode) {
    this.mode = mode;
    /* a finger must still scroll the page over a map that is only looked at */
    this.surface.top.style.touchAction = mode === "look" ? "" : "none";
    this.surface.top.style.cursor = mode === "look" ? "" : mode === "erase" ? "pointer" : "crosshair";
  }

  listen() {
    const top = this.surface.top;
    top.addEventListener("pointerdown", (event) => this.down(event));
    top.addEventListener("pointermove", (event) => this.move(event));
    top.addEventListener("pointerup", (event) => this.up(event));
    top.addEventListener("pointercancel", () => this.cancel());
    top.addEventListener("pointerleave", () => this.surface.read(null));
    top.addEventListener("contextmenu", (event) => { if (this.editing) event.preventDefault(); });
  }

  get editing() {
    return this.editable && this.mode !== "look";
  }

  nearest(event) {
    const { surface } = this;
    const box = surface.top.getBoundingClientRect();
    const at = [event.clientX - box.left, event.clientY - box.top];
    let best = null;
    let least = (event.pointerType === "touch" ? 1.8 : 1) * GRAB_PX;
    for (const point of surface.points) {
      if (point.test && !surface.showTest) continue;
      const distance = Math.hypot(surface.px(point.x) - at[0], surface.py(point.y) - at[1]);
      if (distance < least) [best, least] = [point, distance];
    }
    return best;
  }

  down(event) {
    const place = this.surface.plane(event);
    this.surface.read(place);
    if (!this.editing || Math.abs(place.x) > REACH || Math.abs(place.y) > REACH) return;
    event.preventDefault();
    const near = this.nearest(event);
    if (this.mode === "erase" || event.button === 2 || event.shiftKey) {
      if (near) this.remove(near);
      return;
    }
    if (!near && this.surface.points.length >= MOST_POINTS) return;
    this.surface.top.setPointerCapture(event.pointerId);
    this.dragging = near || this.add(place);
    this.moved = !near;
    this.surface.marked = this.dragging;
    this.refresh();
  }

  target() {
    if (this.task === "regression") return this.value;
    return this.mode === "negative" ? -1 : 1;
  }

  add(place) {
    const point = { ...this.rounded(place), t: this.target(), test: false };
    this.surface.points.push(point);
    return point;
  }

  rounded({ x, y }) {
    const limit = (v) => Math.round(clamp(v, -REACH, REACH) * 1000) / 1000;
    return { x: limit(x), y: limit(y) };
  }

  move(event) {
    const place = this.surface.plane(event);
    this.surface.read(place);
    if (this.dragging) {
      Object.assign(this.dragging, this.rounded(place));
      this.moved = true;
      this.refresh();
    } else if (this.editing) {
      const near = this.nearest(event);
      if (near === this.surface.marked) return;
      this.surface.marked = near;
      this.refresh();
    }
  }

  up() {
    if (!this.dragging) return;
    this.dragging = null;
    this.surface.marked = null;
    if (this.moved) this.commit();
    this.refresh();
  }

  cancel() {
    this.dragging = null;
    this.surface.marked = null;
    this.surface.points = pointsOf(this.surface.store);
    this.refresh();
  }

  /* A run needs at least one point to learn from. */
  remove(point) {
    const { points } = this.surface;
    if (!point.test && points.filter((p) => !p.test).length < 2) return;
    points.splice(points.indexOf(point), 1);
    this.surface.marked = null;
    this.commit();
    this.refresh();
  }

  commit() {
    const { points } = this.surface;
    points.sort((a, b) => a.test - b.test);
    this.onedit(points.map((p) => ({ ...p, t: this.task === "classification" ? (p.t < 0 ? -1 : 1) : p.t })));
  }

  refresh() {
    this.surface.stale = true;
    this.surface.wake();
  }
}

/* Local echo of edited points, so that nothing jumps back until the server answers. */
function echoPoints(store, points) {
  const array = new Float32Array(points.flatMap((p) => [p.x, p.y, p.t]));
  store.sections.points = { array, shape: [points.length, 3] };
  const test = points.filter((p) => p.test).length;
  store.data = { ...store.data, train: points.length - test, test };
  store.dirty.add("points");
}
