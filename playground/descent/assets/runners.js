/* The runners at one moment, over the trails: tails, marks, crosses where they left, arrows. */
const MARK_RADIUS = 6;
const MARK_RADIUS_MANY = 3.2;

class MapRunners {
  constructor(ctx, frame, trails) {
    this.ctx = ctx;
    this.frame = frame;
    this.trails = trails;
    this.arrows = new Arrows(ctx, frame);
  }

  reset(race) {
    this.race = race;
    this.many = race.count > MANY;
    this.left = this.trails.paths.map((screen) => leftMapAt(screen, this.frame));
    this.arrows.reset(race);
  }

  paint(context, step) {
    const { ctx, race } = this;
    if (!race || !race.count) return;
    const order = this.trails.order().filter((path) => ctx.shows(path));
    context.save();
    this.frame.clip(context);
    if (step > 0 && !this.many) this.paintTails(context, order, step);
    for (const path of order) this.paintMark(context, path, step);
    this.paintArrows(context, order, step);
    context.restore();
  }

  paintTails(context, order, step) {
    context.lineCap = "round";
    context.lineJoin = "round";
    for (const path of order) {
      const runner = this.race.runnerOf(path);
      context.strokeStyle = this.ctx.colour(runner);
      context.lineWidth = path === this.ctx.state.chosen ? 4.2 : 3;
      this.trails.tail(context, path, step);
    }
  }

  /* Where a mark is drawn: [x, y, outside, thrown] in pixels. Who is off the map waits where it left. */
  spot(path, step) {
    const { frame, race } = this;
    const [x, y] = race.place(path, step, this.ctx.state.smooth);
    const px = frame.x(x);
    const py = frame.y(y);
    const { status, thrown } = race.paths[path] || {};
    /* who went over the edge on purpose is not thrown off, though it also leaves the world in the end */
    const off = status === "thrown" && thrown >= 0 && step >= thrown;
    if (frame.inside(px, py)) return [px, py, false, off];
    const [lx, ly] = this.left[path] || [clamp(px, frame.left, frame.left + frame.w), clamp(py, frame.top, frame.top + frame.h)];
    return [lx, ly, true, off];
  }

  paintMark(context, path, step) {
    const { ctx, frame, race } = this;
    const [px, py, outside, thrown] = this.spot(path, step);
    const runner = race.runnerOf(path);
    const colour = ctx.colour(runner);
    const rim = ctx.theme.page;
    /* whole inside the frame, though it stands on its edge */
    const keep = (value, low, long) => clamp(value, low + 7, low + long - 7);
    const [x, y] = outside || thrown ? [keep(px, frame.left, frame.w), keep(py, frame.top, frame.h)] : [px, py];
    if (thrown) return drawLeft(context, x, y, this.many ? 3 : 5, colour, rim);
    const chosen = path === ctx.state.chosen;
    if (chosen) this.halo(context, x, y);
    const radius = this.many ? MARK_RADIUS_MANY : outside ? 4.4 : MARK_RADIUS;
    context.globalAlpha = outside ? 0.75 : 1;
    if (this.many) drawMark(context, race.runners[runner].mark, x, y, radius, colour, rim, 0.8);
    else drawRunner(context, race, runner, x, y, radius, colour, rim);
    context.globalAlpha = 1;
  }

  halo(context, x, y) {
    context.lineWidth = 2;
    context.strokeStyle = this.ctx.theme.text;
    context.beginPath();
    context.arc(x, y, this.many ? 6 : 11, 0, 2 * Math.PI);
    context.stroke();
  }

  paintArrows(context, order, step) {
    const { arrows, chosen } = this.ctx.state;
    if (!(arrows.gradient || arrows.step || arrows.momentum || arrows.squares)) return;
    if (!arrows.all || this.many) {
      if (this.ctx.shows(chosen)) this.arrows.draw(context, chosen, step);
      return;
    }
    for (const path of order) this.arrows.draw(context, path, step);
  }

  /* The path whose mark is nearest to a pixel, or null when none is within reach. */
  near(px, py, step, reach) {
    const { race, ctx } = this;
    if (!race || !race.count) return null;
    let best = null;
    let least = reach;
    for (let path = 0; path < race.count; path++) {
      if (!ctx.shows(path)) continue;
      const [x, y] = this.spot(path, step);
      const far = Math.hypot(x - px, y - py) - (path === ctx.state.chosen ? 0.5 : 0);
      if (far < least) [best, least] = [path, far];
    }
    return best;
  }
}
