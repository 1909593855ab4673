/* The visitor's own runner: a place, a stride, and a step in one of eight directions at a time. Knows no screen but its mark on the map. */
const STRIDE_SHARE = { low: 0.002, high: 0.25, first: 0.05 };
const SKIER_MOST_STEPS = 2000;

class Skier {
  constructor(ctx) {
    this.ctx = ctx;
    this.strideShare = STRIDE_SHARE.first;
  }

  get state() {
    return this.ctx.state.skier;
  }

  start() {
    const { race, state } = this.ctx;
    if (!race || !race.count) return;
    const [x, y] = race.place(race.pathOf(race.runnerOf(state.chosen), race.startOf(state.chosen)), 0);
    this.put(this.clamped(x, y), []);
  }

  stop() {
    this.ctx.state.skier = null;
    this.ctx.mark("options");
  }

  clamped(x, y) {
    const [xl, xh, yl, yh] = this.ctx.race.domain;
    return [clamp(x, xl, xh), clamp(y, yl, yh)];
  }

  /* Stand at a place. What the field says is shown until the server's exact answer is here. */
  put([x, y], before) {
    const { race, state } = this.ctx;
    const height = race.heightAt(x, y);
    const trail = [...before, [x, y, height]];
    const here = { x, y, height, exact: false, gradient: race.slopeAt(x, y), steps: trail.length - 1, stride: this.strideShare, trail };
    state.skier = here;
    this.ctx.mark("options");
    this.ctx.ask(x, y, `skier${trail.length}`).then((ground) => {
      if (!ground || !Number.isFinite(ground.height)) return;
      trail[trail.length - 1][2] = ground.height;
      if (state.skier !== here) return;
      Object.assign(here, { height: ground.height, gradient: ground.gradient || here.gradient, exact: true });
      this.ctx.mark("options");
    });
  }

  /* direction: [right, up], of any length; the stride is a share of the map's width and height */
  go([right, up]) {
    const skier = this.state;
    const size = Math.hypot(right, up);
    if (!skier || !(size > 0) || skier.steps >= SKIER_MOST_STEPS) return;
    const [xl, xh, yl, yh] = this.ctx.race.domain;
    const x = skier.x + (right / size) * this.strideShare * (xh - xl);
    const y = skier.y + (up / size) * this.strideShare * (yh - yl);
    const place = this.clamped(x, y);
    this.edge = place[0] !== x || place[1] !== y;
    this.put(place, skier.trail);
  }

  /* A step towards a place of the map. */
  toward(x, y) {
    const { race, state } = this.ctx;
    const [xl, xh, yl, yh] = race.domain;
    this.go([(x - state.skier.x) / (xh - xl), (y - state.skier.y) / (yh - yl)]);
  }

  undo() {
    const skier = this.state;
    if (!skier || !skier.steps) return;
    const trail = skier.trail.slice(0, -1);
    const [x, y] = trail.pop();
    this.put([x, y], trail);
  }

  setStride(share) {
    this.strideShare = share;
    if (this.state) this.state.stride = share;
  }

  /* Everyone's height after as many steps as the skier has made, lowest first: {name, height, mine, runner, gone, exact}. */
  score() {
    const { race, state, shows } = this.ctx;
    const skier = this.state;
    const start = race.startOf(state.chosen);
    const rows = [{ name: "You", height: skier.height, mine: true, exact: skier.exact, gone: null }];
    race.runners.forEach((runner, index) => {
      const path = race.pathOf(index, start);
      if (!shows(path)) return;
      const step = Math.min(skier.steps, race.last);
      const ended = endedAt(race, path, step);
      const gone = ended && ended.kind === "thrown" ? ended.words : null;
      rows.push({ name: runner.label, runner: index, height: race.place(path, step)[2], mine: false, exact: true, gone });
    });
    /* the server's heights and the race's differ in their last digits: such rows are level */
    const rank = (row) => (row.gone || !Number.isFinite(row.height) ? Infinity : Number(row.height.toPrecision(5)));
    return rows.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
  }
}

/* The skier's way on the map. */
function drawSkierTrail(context, frame, skier, theme) {
  for (const [wide, colour] of [[4.5, theme.page], [2, theme.text]]) {
    context.strokeStyle = colour;
    context.lineWidth = wide;
    context.lineJoin = "round";
    context.beginPath();
    skier.trail.forEach(([x, y], k) => context[k ? "lineTo" : "moveTo"](frame.x(x), frame.y(y)));
    context.stroke();
  }
  context.fillStyle = theme.text;
  for (const [x, y] of skier.trail) {
    context.beginPath();
    context.arc(frame.x(x), frame.y(y), 2.4, 0, 2 * Math.PI);
    context.fill();
  }
}
