/* The terrain in 3-D, to orbit: three canvases, so that a playing race redraws only runners. Surface: when the camera, the theme or
   the fog moves. Trails: grow. Runners, axes' names and the pointer's pin: every frame. */
const TURN_PER_PX = 0.008;
const PICK_PX = 16;
const PIN_TALL = 0.3;
const MOST_STATIONARY = 16;
/* a page that scrolls past must not stop here: the wheel zooms after the pointer has rested */
const WHEEL_REST_MS = 250;
const KEY_TURN = 0.12;
const KEY_MOVES = {
  ArrowLeft: [KEY_TURN, 0], ArrowRight: [-KEY_TURN, 0], ArrowUp: [0, KEY_TURN], ArrowDown: [0, -KEY_TURN],
};

class Surface3D {
  constructor(ctx) {
    Object.assign(this, { ctx, orbit: new Orbit(), mesh: new SurfaceMesh(), fingers: new Map(), shown: [], width: 0, height: 0, quietSince: 0 });
    this.trails = new SurfaceTrails(this.mesh, ctx);
    this.canvases = ["ground", "paths", "top"].map((name) => el("canvas", { class: `surface3d-${name}` }));
    this.top = this.canvases[2];
    this.box = el("div", { class: "surface3d-box", tabindex: "0", role: "img", "aria-label": "The terrain in 3-D. Arrow keys turn it, plus and minus zoom, 0 resets the view." }, ...this.canvases);
    this.scaleWords = el("span", { class: "panel-note" });
    this.back = el("button", { type: "button", class: "btn text small", text: "Reset view", title: "Back to the first view (double click)", onclick: () => this.reset() });
    this.root = el(
      "section", { class: "panel surface3d", "aria-label": "Terrain in 3-D" },
      el("div", { class: "panel-head" }, el("h3", { text: "In 3-D" }), this.scaleWords, this.back),
      this.box,
    );
    this.listen();
  }

  listen() {
    const { box } = this;
    box.addEventListener("pointerdown", (event) => this.press(event));
    box.addEventListener("pointermove", (event) => this.drag(event));
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) box.addEventListener(name, (event) => this.release(event));
    box.addEventListener("pointerenter", () => { this.quietSince = performance.now(); });
    box.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    box.addEventListener("dblclick", () => this.reset());
    box.addEventListener("keydown", (event) => this.key(event));
  }

  setTheme(theme) {
    this.theme = theme;
    this.coloured = false;
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.box;
    if (!width || !height) return;
    Object.assign(this, { width, height });
    this.moved();
  }

  update(state, changed) {
    const { race } = this.ctx;
    if (!race || !this.theme || !race.count || !mustDraw(changed, "camera")) return;
    if (!this.width) this.resize();
    if (!this.width) return;
    if (race !== this.race) this.adopt(race);
    if (!this.coloured) this.colour();
    const shown = shownKey(this.ctx);
    if (shown !== this.shownKey) this.again = true;
    this.shownKey = shown;
    this.draw(state);
  }

  adopt(race) {
    this.race = race;
    const field = race.section("field");
    if (field && field.array !== this.field) {
      this.field = field.array;
      this.mesh.adopt(race);
      this.coloured = false;
    }
    this.mesh.race = race;
    this.trails.adopt(race);
    setText(this.scaleWords, this.mesh.scale ? this.mesh.scale.words : "");
    this.turned = true;
  }

  colour() {
    this.mesh.colour(this.theme);
    this.coloured = true;
    this.turned = true;
  }

  /* The hole in the fog, in the box's units. */
  clearing() {
    const fog = this.ctx.fog();
    if (!fog) return null;
    const [left, right, bottom, top] = this.race.domain;
    return { u: this.mesh.u(fog.x), v: this.mesh.v(fog.y), radiusU: (2 * fog.rx) / (right - left), radiusV: (2 * fog.ry) / (top - bottom) };
  }

  draw(state) {
    const fog = this.clearing();
    const fogMoved = JSON.stringify(fog) !== this.fogged;
    this.fogged = JSON.stringify(fog);
    if (this.turned || fogMoved) this.project(fog);
    if (this.turned || fogMoved) this.drawGround(fog);
    this.drawPaths(state, fog, this.turned || fogMoved || this.again);
    this.drawTop(state, fog);
    this.turned = false;
    this.again = false;
  }

  /* In the fog the camera comes near and follows. */
  project(fog) {
    const ground = fog ? this.mesh.at(fog.u, fog.v) : NaN;
    this.orbit.fit(this.width, this.height, fog ? [fog.u, fog.v, Number.isFinite(ground) ? ground : 0] : null);
    this.mesh.project(this.orbit);
    this.trails.project(this.orbit, Boolean(fog));
  }

  clean(canvas) {
    const context = fitCanvas(canvas, this.width, this.height);
    context.clearRect(0, 0, this.width, this.height);
    return context;
  }

  drawGround(fog) {
    const context = this.clean(this.canvases[0]);
    if (!fog) drawFloor(context, this.orbit, this.race, this.theme);
    this.mesh.draw(context, this.orbit, fog);
    this.drawStationary(context, fog);
  }

  drawPaths(state, fog, again) {
    if (again || this.trails.ahead(state.step)) {
      this.clean(this.canvases[1]);
      this.trails.restart();
    }
    const context = this.canvases[1].context || this.clean(this.canvases[1]);
    this.trails.extend(context, state.step, state.chosen, fog);
  }

  drawTop(state, fog) {
    const context = this.clean(this.top);
    if (state.skier) this.drawSkier(context, state.skier);
    this.shown = this.trails.heads(context, this.theme, this.orbit, state, fog);
    if (state.hover) this.drawPin(context, state.hover);
  }

  /* Canvas place of a point of the terrain, lifted off the surface: {x, y, stand}, or null outside. */
  place(x, y, lift = 0) {
    const stand = this.trails.inBox(x, y);
    const z = stand ? this.mesh.at(...stand) + lift : NaN;
    if (!Number.isFinite(z)) return null;
    const place = [0, 0];
    this.orbit.project(...stand, z, place);
    return { x: place[0], y: place[1], stand, z };
  }

  hidden({ stand, z }) {
    return this.mesh.hides(this.orbit, ...stand, z + 0.02);
  }

  /* Of dozens of points only the lowest ones: their marks would cover the surface. */
  drawStationary(context, fog) {
    const points = this.race.header.terrain.stationary || [];
    for (const point of points.length > MOST_STATIONARY ? points.filter(({ lowest }) => lowest) : points) {
      const place = this.place(point.x, point.y);
      if (!place || (fog && clearness(fog, ...place.stand) < 0.3)) continue;
      context.globalAlpha = !fog && this.hidden(place) ? 0.25 : 0.9;
      drawStationary(context, point, place.x, place.y, this.theme);
    }
    context.globalAlpha = 1;
  }

  drawSkier(context, { x, y, trail }) {
    context.strokeStyle = this.theme.text;
    context.lineWidth = 2;
    context.beginPath();
    for (const [a, b] of trail || []) {
      const place = this.place(a, b, TRAIL_LIFT);
      if (place) context.lineTo(place.x, place.y);
    }
    context.lineJoin = "round";
    context.stroke();
    const place = this.place(x, y, TRAIL_LIFT);
    if (place) drawMark(context, "circle", place.x, place.y, 6, this.theme.text, this.theme.page);
  }

  /* Where the map's pointer is. */
  drawPin(context, { x, y }) {
    const foot = this.place(x, y);
    const head = this.place(x, y, PIN_TALL);
    if (!foot) return;
    context.strokeStyle = this.theme.text;
    context.fillStyle = this.theme.text;
    context.globalAlpha = this.hidden(foot) ? 0.45 : 1;
    context.lineWidth = 1.4;
    context.beginPath();
    context.moveTo(foot.x, foot.y);
    context.lineTo(head.x, head.y);
    context.stroke();
    context.beginPath();
    context.arc(head.x, head.y, 3, 0, 2 * Math.PI);
    context.fill();
    context.globalAlpha = 1;
  }

  moved() {
    this.turned = true;
    setHidden(this.back, !this.orbit.moved);
    this.ctx.mark("camera");
  }

  reset() {
    this.orbit.reset();
    this.moved();
  }

  press(event) {
    if (event.button) return;
    this.box.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
    this.travelled = 0;
  }

  drag(event) {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const [dx, dy] = [event.clientX - before[0], event.clientY - before[1]];
    const apart = this.spread();
    this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
    this.travelled += Math.abs(dx) + Math.abs(dy);
    if (this.fingers.size > 1) {
      if (apart > 0) this.orbit.scale(this.spread() / apart);
      this.orbit.turn((-dx * TURN_PER_PX) / 2, (dy * TURN_PER_PX) / 2);
    } else if (this.travelled > 3) this.orbit.turn(-dx * TURN_PER_PX, dy * TURN_PER_PX);
    this.moved();
  }

  /* Distance of the first two fingers. */
  spread() {
    const [a, b] = this.fingers.values();
    return b ? Math.hypot(a[0] - b[0], a[1] - b[1]) : 0;
  }

  /* A press that did not travel chooses the runner under it. */
  release(event) {
    if (!this.fingers.delete(event.pointerId) || event.type !== "pointerup" || this.travelled > 6) return;
    const box = this.box.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const far = (place) => Math.hypot(place.x - x, place.y - y);
    const nearest = this.shown.reduce((best, place) => (far(place) <= far(best) ? place : best), { x: -1e4, y: -1e4 });
    if (far(nearest) < PICK_PX) this.ctx.choose(nearest.path);
  }

  wheel(event) {
    const now = performance.now();
    const passing = !event.ctrlKey && now - this.quietSince < WHEEL_REST_MS && this.box.getRootNode().activeElement !== this.box;
    if (passing) {
      this.quietSince = now;
      return;
    }
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    this.orbit.scale(Math.exp(-clamp(event.deltaY * lines, -120, 120) * (event.ctrlKey ? 0.01 : 0.002)));
    this.moved();
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const move = KEY_MOVES[event.key];
    if (move) this.orbit.turn(...move);
    else if (event.key === "+" || event.key === "=") this.orbit.scale(1.15);
    else if (event.key === "-") this.orbit.scale(1 / 1.15);
    else if (event.key === "0" || event.key === "Home") this.orbit.reset();
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.moved();
  }
}

/* The floor of the box with the two axes, named along the edges nearest to the eye. */
function drawFloor(context, orbit, race, theme) {
  const floor = -TALL / 2;
  const corner = (u, v) => {
    const place = [0, 0];
    orbit.project(u, v, floor, place);
    return place;
  };
  context.strokeStyle = theme.faint;
  context.lineWidth = 1;
  context.beginPath();
  for (const [u, v] of [[-1, -1], [1, -1], [1, 1], [-1, 1]]) context.lineTo(...corner(u, v));
  context.closePath();
  context.stroke();
  const nearV = orbit.eye[1] < 0 ? -1 : 1;
  const nearU = orbit.eye[0] < 0 ? -1 : 1;
  const [left, right, bottom, top] = race.domain;
  context.font = `11px ${theme.font}`;
  nameEdge(context, theme, race.names[0], [left, right], corner(-1, nearV * 1.12), corner(1, nearV * 1.12));
  nameEdge(context, theme, race.names[1], [bottom, top], corner(nearU * 1.12, -1), corner(nearU * 1.12, 1));
}

function nameEdge(context, theme, name, ends, from, to) {
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = theme.muted;
  ends.forEach((value, i) => {
    const share = i ? 0.94 : 0.06;
    context.fillText(tickText(value), from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1]));
  });
  context.fillStyle = theme.text;
  context.fillText(name, (from[0] + to[0]) / 2, (from[1] + to[1]) / 2);
  context.textBaseline = "alphabetic";
}
