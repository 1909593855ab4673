/* Trails: thin and whole on a canvas of their own that only ever grows while the race plays, and a short bright tail drawn at every frame. */
/* points nearer than this to the one before are left out of the thin trail */
const TRAIL_GAP_PX = 0.8;
const TAIL_STEPS = 24;
/* a rim of the page's colour keeps thin lines apart from the shades */
const CASING = 1.8;
/* more paths than this are drawn fainter and without tails */
const MANY = 24;
const DASH = [5, 4];

/* One path in pixels, thinned: steps[i] is the step of point i. */
function screenPath(race, path, frame) {
  const { array } = race.section("position");
  const end = race.end(path);
  const row = path * (race.last + 1);
  const steps = [0];
  const points = [frame.x(array[2 * row]), frame.y(array[2 * row + 1])];
  let [x, y] = points;
  for (let step = 1; step <= end; step++) {
    const px = frame.x(array[2 * (row + step)]);
    const py = frame.y(array[2 * (row + step) + 1]);
    if (Math.abs(px - x) + Math.abs(py - y) < TRAIL_GAP_PX && step < end) continue;
    steps.push(step);
    points.push(px, py);
    x = px;
    y = py;
  }
  return { steps, points: Float32Array.from(points), drawn: 0, length: 0 };
}

class Trails {
  constructor(ctx, frame) {
    this.ctx = ctx;
    this.frame = frame;
    this.canvas = el("canvas", { class: "map-layer" });
    this.paths = [];
  }

  /* Another race, size or theme: everything from the start. */
  reset(race) {
    this.race = race;
    this.paths = race.section("position") ? Array.from({ length: race.count }, (_, path) => screenPath(race, path, this.frame)) : [];
    this.clear();
  }

  clear() {
    const { frame } = this;
    this.context = fitCanvas(this.canvas, frame.width, frame.height);
    this.context.clearRect(0, 0, frame.width, frame.height);
    for (const path of this.paths) {
      path.drawn = 0;
      path.length = 0;
    }
    this.step = 0;
  }

  /* Draw what is new up to a step; back in time, or with other runners shown, all again. */
  update(step, again) {
    if (!this.race) return;
    if (again || step < this.step) this.clear();
    const { context, frame } = this;
    context.save();
    frame.clip(context);
    this.paint(context, step, false);
    context.restore();
    this.step = step;
  }

  /* whole: from the first point, without remembering (pictures) */
  paint(context, step, whole) {
    const { ctx, race } = this;
    const many = race.count > MANY;
    context.lineJoin = "round";
    context.lineCap = "round";
    for (const path of this.order()) {
      if (!ctx.shows(path)) continue;
      const runner = race.runnerOf(path);
      const chosen = runner === race.runnerOf(ctx.state.chosen);
      context.globalAlpha = many ? (chosen ? 0.6 : 0.3) : chosen ? 0.95 : 0.75;
      context.lineWidth = many ? 1 : chosen ? 2 : 1.4;
      const look = { colour: ctx.colour(runner), rim: many ? null : ctx.theme.page, dash: race.runners[runner].dash };
      this.stroke(context, this.paths[path], step, look, whole);
    }
    context.globalAlpha = 1;
    context.setLineDash([]);
  }

  /* The chosen runner is drawn last and so lies on top. */
  order() {
    const { chosen } = this.ctx.state;
    const runner = this.race.runnerOf(chosen);
    const all = this.paths.map((_, path) => path);
    return [...all.filter((path) => this.race.runnerOf(path) !== runner), ...all.filter((path) => this.race.runnerOf(path) === runner)];
  }

  stroke(context, path, step, { colour, rim, dash }, whole) {
    const { steps, points } = path;
    const from = whole ? 0 : path.drawn;
    let to = from;
    while (to + 1 < steps.length && steps[to + 1] <= step) to++;
    if (to === from) return;
    let { length } = whole ? { length: 0 } : path;
    context.setLineDash(dash ? DASH : []);
    context.lineDashOffset = length;
    context.beginPath();
    context.moveTo(points[2 * from], points[2 * from + 1]);
    for (let k = from + 1; k <= to; k++) {
      context.lineTo(points[2 * k], points[2 * k + 1]);
      if (dash) length += Math.hypot(points[2 * k] - points[2 * k - 2], points[2 * k + 1] - points[2 * k - 1]);
    }
    if (rim) this.strokeRim(context, rim);
    context.strokeStyle = colour;
    context.stroke();
    if (whole) return;
    path.drawn = to;
    path.length = length;
  }

  strokeRim(context, rim) {
    const { globalAlpha, lineWidth } = context;
    context.globalAlpha = 0.5 * globalAlpha;
    context.lineWidth = lineWidth + CASING;
    context.strokeStyle = rim;
    context.stroke();
    Object.assign(context, { globalAlpha, lineWidth });
  }

  /* The last steps of a path, brighter towards its head; also what the thin trail has not reached. */
  tail(context, path, step) {
    const { race, frame } = this;
    const { array } = race.section("position");
    const row = path * (race.last + 1);
    const head = Math.min(step, race.end(path));
    const last = Math.floor(head);
    const first = Math.max(0, last - TAIL_STEPS);
    /* who stands still has no tail */
    if (head <= 0 || step - race.end(path) > TAIL_STEPS) return;
    const [x, y] = race.place(path, head, this.ctx.state.smooth);
    const end = [frame.x(x), frame.y(y)];
    for (const [share, alpha] of [[0, 0.45], [0.6, 1]]) {
      const from = Math.round(first + (last - first) * share);
      context.globalAlpha = alpha;
      context.beginPath();
      context.moveTo(frame.x(array[2 * (row + from)]), frame.y(array[2 * (row + from) + 1]));
      for (let k = from + 1; k <= last; k++) context.lineTo(frame.x(array[2 * (row + k)]), frame.y(array[2 * (row + k) + 1]));
      context.lineTo(end[0], end[1]);
      context.stroke();
    }
    context.globalAlpha = 1;
  }
}

/* The last point of a path inside the map before it first left it: [x, y] in pixels, or null when it never did. */
function leftMapAt(screen, frame) {
  const { points } = screen;
  for (let k = 0; k < points.length; k += 2) {
    if (frame.inside(points[k], points[k + 1])) continue;
    if (k === 0) return [clamp(points[0], frame.left, frame.left + frame.w), clamp(points[1], frame.top, frame.top + frame.h)];
    return crossing(points.subarray(k - 2, k + 2), frame);
  }
  return null;
}

/* Where a segment from inside crosses the frame. */
function crossing([x0, y0, x1, y1], { left, top, w, h }) {
  let share = 1;
  const cut = (from, to, low, high) => {
    if (to < low) share = Math.min(share, (low - from) / (to - from));
    if (to > high) share = Math.min(share, (high - from) / (to - from));
  };
  cut(x0, x1, left, left + w);
  cut(y0, y1, top, top + h);
  return [x0 + (x1 - x0) * share, y0 + (y1 - y0) * share];
}
