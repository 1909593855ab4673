/* Arrows at a runner: downhill (the gradient it was given, turned round), the step it is about to take, its momentum; and squares for
   the running sum (or mean) of squared gradients, one for each direction, as wide as its root.

   Sizes range over many powers of ten within one race: lengths are logarithmic, three powers of ten below the race's usual largest;
   directions are exact. */
const ARROW_SHORT = 9;
const ARROW_LONG = 62;
const ARROW_DECADES = 3;
const SQUARE_LONG = 46;
const STEP_COLOUR = { light: "#0B1F33", dark: "#FFFFFF" };
/* AdaDelta's first slot holds squares of its steps, no direction. */
const FIRST_IS_NO_DIRECTION = new Set(["adadelta"]);

/* The size that nine in ten values of a section of vectors stay below. */
function usualSize(section) {
  if (!section) return 1;
  const { array } = section;
  const stride = 2 * Math.max(1, Math.floor(array.length / 8000));
  const sizes = [];
  for (let i = 0; i + 1 < array.length; i += stride) {
    const size = Math.hypot(array[i], array[i + 1]);
    if (size > 0 && Number.isFinite(size)) sizes.push(size);
  }
  sizes.sort((a, b) => a - b);
  return sizes.length ? sizes[Math.floor(0.9 * (sizes.length - 1))] : 1;
}

const arrowLength = (size, usual) => ARROW_SHORT + (ARROW_LONG - ARROW_SHORT) * clamp(1 + Math.log10(size / usual) / ARROW_DECADES, 0, 1.15);

class Arrows {
  constructor(ctx, frame) {
    this.ctx = ctx;
    this.frame = frame;
  }

  reset(race) {
    this.race = race;
    this.usual = { seen: usualSize(race.section("seen") || race.section("gradient")), change: usualSize(race.section("change")), first: usualSize(race.section("first")) };
    this.largest = new Map();
  }

  draw(context, path, step) {
    const { race } = this;
    const { arrows, smooth } = this.ctx.state;
    const at = Math.min(Math.floor(step), race.last - 1);
    if (!race.section("gradient") || at < 0 || step >= race.end(path)) return;
    const [x, y] = race.place(path, step, smooth);
    const [px, py] = [this.frame.x(x), this.frame.y(y)];
    if (!this.frame.inside(px, py)) return;
    if (arrows.squares) this.squares(context, path, at, px, py);
    if (arrows.momentum && !FIRST_IS_NO_DIRECTION.has(race.runners[race.runnerOf(path)].key)) this.arrow(context, "first", -1, path, at, px, py);
    if (arrows.gradient) this.arrow(context, race.section("seen") ? "seen" : "gradient", -1, path, at, px, py);
    if (arrows.step) this.arrow(context, "change", 1, path, at, px, py);
  }

  /* Where the step follows the gradient they lie on each other: the gradient is the broader one, below. */
  look(name, path) {
    const { theme } = this.ctx;
    if (name === "change") return { colour: theme.dark ? STEP_COLOUR.dark : STEP_COLOUR.light, wide: 2, head: 9, rim: theme.page };
    if (name === "first") return { colour: this.ctx.colour(this.race.runnerOf(path)), wide: 3.4, head: 11, rim: theme.text };
    return { colour: theme.gradient, wide: 6, head: 18, rim: theme.page };
  }

  arrow(context, name, sign, path, step, px, py) {
    const u = sign * this.race.at(name, path, step, 0);
    const v = sign * this.race.at(name, path, step, 1);
    const size = Math.hypot(u, v);
    if (!(size > 0) || !Number.isFinite(size)) return;
    /* x and y may have different scales on the screen */
    const [dx, dy] = [u * this.frame.scaleX, -v * this.frame.scaleY];
    const long = arrowLength(size, this.usual[name === "gradient" ? "seen" : name]) / Math.hypot(dx, dy);
    drawArrow(context, px, py, px + dx * long, py + dy * long, this.look(name, path));
  }

  /* The largest root of the second slot along a path: its square has full width. */
  largestRoot(path) {
    if (!this.largest.has(path)) {
      const { array, shape } = this.race.section("second");
      let most = 0;
      for (let k = path * shape[1] * 2; k < (path + 1) * shape[1] * 2; k++) if (array[k] > most && Number.isFinite(array[k])) most = array[k];
      this.largest.set(path, Math.sqrt(most));
    }
    return this.largest.get(path);
  }

  squares(context, path, step, px, py) {
    if (!this.race.section("second")) return;
    const most = this.largestRoot(path);
    if (!(most > 0)) return;
    const { theme } = this.ctx;
    context.strokeStyle = theme.gradient;
    context.lineWidth = 1.2;
    for (const part of [0, 1]) {
      const side = (SQUARE_LONG * Math.sqrt(Math.max(0, this.race.at("second", path, step, part)))) / most;
      if (!(side > 0.8)) continue;
      /* right of the runner for x, above it for y */
      const [left, top] = part === 0 ? [px + 9, py - side / 2] : [px - side / 2, py - 9 - side];
      context.globalAlpha = 0.2;
      context.fillStyle = theme.gradient;
      context.fillRect(left, top, side, side);
      context.globalAlpha = 1;
      context.strokeRect(left, top, side, side);
    }
  }
}

function drawArrow(context, x0, y0, x1, y1, { colour, wide, head: most, rim }) {
  const angle = Math.atan2(y1 - y0, x1 - x0);
  const long = Math.hypot(x1 - x0, y1 - y0);
  const head = Math.min(most, 0.55 * long + 2);
  context.save();
  context.translate(x0, y0);
  context.rotate(angle);
  context.lineJoin = "round";
  for (const [more, stroke] of [[2.4, rim], [0, colour]]) {
    context.strokeStyle = stroke;
    context.fillStyle = stroke;
    context.lineWidth = wide + more;
    context.beginPath();
    context.moveTo(0, 0);
    context.lineTo(long - head, 0);
    context.stroke();
    context.lineWidth = 1 + more;
    context.beginPath();
    context.moveTo(long, 0);
    context.lineTo(long - head, -0.5 * head);
    context.lineTo(long - head, 0.5 * head);
    context.closePath();
    context.stroke();
    context.fill();
  }
  context.restore();
}
