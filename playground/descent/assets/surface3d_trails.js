/* Trails and runners on the 3-D surface. A trail is thinned once a race; what the surface hides is drawn faint. */
const HIDDEN_ALPHA = 0.2;
/* of the box's side: trail points closer together than this are one */
const TRAIL_GRAIN = 0.007;
/* above the drawn surface, so that trails do not sink into its flat quads */
const TRAIL_LIFT = 0.012;
const TAIL_POINTS = 6000;

class SurfaceTrail {
  /* Points inside the domain, with the step of each; `starts[i]` = 1 where the line is lifted (it came back from outside). */
  constructor(mesh, race, path) {
    const { array, shape: [, rows] } = race.section("position");
    const [u, v, z, steps, starts] = [[], [], [], [], []];
    let outside = true;
    for (let t = 0; t < rows; t++) {
      const at = 2 * (path * rows + t);
      const [a, b] = [mesh.u(array[at]), mesh.v(array[at + 1])];
      const height = mesh.at(a, b);
      if (!Number.isFinite(height)) {
        if (!outside) this.leave(mesh, [u, v, z, steps, starts], a, b, t);
        outside = true;
        continue;
      }
      const last = u.length - 1;
      if (!outside && t < rows - 1 && Math.abs(a - u[last]) + Math.abs(b - v[last]) < TRAIL_GRAIN) continue;
      u.push(a); v.push(b); z.push(height + TRAIL_LIFT); steps.push(t); starts.push(outside ? 1 : 0);
      outside = false;
    }
    Object.assign(this, { u, v, z, steps, starts, count: u.length, drawn: 0 });
    this.x = new Float32Array(this.count);
    this.y = new Float32Array(this.count);
    this.length = new Float32Array(this.count);
    this.hidden = new Uint8Array(this.count);
  }

  /* The point on the rim where the trail leaves the box. */
  leave(mesh, [u, v, z, steps, starts], a, b, t) {
    const last = u.length - 1;
    let [inside, beyond] = [0, 1];
    for (let i = 0; i < 12; i++) {
      const half = (inside + beyond) / 2;
      if (Number.isFinite(mesh.at(u[last] + half * (a - u[last]), v[last] + half * (b - v[last])))) inside = half;
      else beyond = half;
    }
    if (inside === 0) return;
    const [rimU, rimV] = [u[last] + inside * (a - u[last]), v[last] + inside * (b - v[last])];
    u.push(rimU); v.push(rimV); z.push(mesh.at(rimU, rimV) + TRAIL_LIFT); steps.push(t); starts.push(0);
  }

  /* open: nothing is drawn that could hide it */
  project(orbit, mesh, open) {
    const { place } = mesh;
    for (let i = 0; i < this.count; i++) {
      orbit.project(this.u[i], this.v[i], this.z[i], place);
      this.x[i] = place[0];
      this.y[i] = place[1];
      this.hidden[i] = !open && mesh.hides(orbit, this.u[i], this.v[i], this.z[i]) ? 1 : 0;
      this.length[i] = i ? this.length[i - 1] + Math.hypot(place[0] - this.x[i - 1], place[1] - this.y[i - 1]) : 0;
    }
    this.drawn = 0;
  }

  /* How many points belong to steps up to `step`. */
  upTo(step) {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const half = (low + high) >> 1;
      if (this.steps[half] <= step) low = half + 1;
      else high = half;
    }
    return low;
  }

  /* Draws the points first..last-1 in runs of equal visibility. */
  stroke(context, first, last, dash, fog) {
    for (const hidden of [1, 0]) {
      context.globalAlpha = hidden ? HIDDEN_ALPHA : 1;
      let open = false;
      for (let i = Math.max(1, first); i < last; i++) {
        const skip = this.starts[i] || this.hidden[i] !== hidden || (fog && clearness(fog, this.u[i], this.v[i]) < 0.3);
        if (skip) {
          if (open) context.stroke();
          open = false;
          continue;
        }
        if (!open) {
          context.beginPath();
          context.lineDashOffset = dash ? this.length[i - 1] : 0;
          context.moveTo(this.x[i - 1], this.y[i - 1]);
          open = true;
        }
        context.lineTo(this.x[i], this.y[i]);
      }
      if (open) context.stroke();
    }
    context.globalAlpha = 1;
  }
}

class SurfaceTrails {
  constructor(mesh, ctx) {
    Object.assign(this, { mesh, ctx, trails: [], place: [0, 0] });
  }

  adopt(race) {
    this.race = race;
    this.many = race.count > MANY;
    this.trails = Array.from({ length: this.many ? 0 : race.count }, (_, path) => new SurfaceTrail(this.mesh, race, path));
  }

  colour(path) {
    return this.ctx.colour(this.race.runnerOf(path));
  }

  dashed(path) {
    return Boolean(this.race.runners[this.race.runnerOf(path)].dash);
  }

  /* The paths to draw, the chosen one last and so on top. */
  order(chosen) {
    const paths = [];
    for (let path = 0; path < this.race.count; path++) if (path !== chosen && this.ctx.shows(path)) paths.push(path);
    if (chosen !== null && chosen < this.race.count && this.ctx.shows(chosen)) paths.push(chosen);
    return paths;
  }

  project(orbit, open) {
    for (const trail of this.trails) trail.project(orbit, this.mesh, open);
  }

  /* A clean canvas: everything is to be drawn again. */
  restart() {
    for (const trail of this.trails) trail.drawn = 0;
  }

  /* Adds to the canvas what the runners have walked since the last call. */
  extend(context, step, chosen, fog) {
    if (this.many) return;
    for (const path of this.order(chosen)) {
      const trail = this.trails[path];
      const last = trail.upTo(step);
      if (last <= trail.drawn) continue;
      this.pen(context, path, chosen);
      trail.stroke(context, trail.drawn, last, this.dashed(path), fog);
      trail.drawn = last;
    }
    context.setLineDash([]);
  }

  pen(context, path, chosen) {
    context.strokeStyle = this.colour(path);
    context.lineWidth = path === chosen ? 3.2 : 1.9;
    context.lineJoin = "round";
    context.setLineDash(this.dashed(path) ? [5, 4] : []);
  }

  /* True when some trail already reaches beyond `step`: it has to be drawn afresh. */
  ahead(step) {
    return this.trails.some((trail) => trail.drawn > 0 && trail.steps[trail.drawn - 1] > step);
  }

  /* Where a runner stands at a fractional step: [u, v], or null outside the box. */
  stand(path, step) {
    const [x, y] = this.race.place(path, step, this.ctx.state.smooth !== false);
    return this.inBox(x, y);
  }

  inBox(x, y) {
    const [u, v] = [this.mesh.u(x), this.mesh.v(y)];
    return Math.abs(u) <= 1 && Math.abs(v) <= 1 ? [u, v] : null;
  }

  /* The runners, and the stretch from the last drawn trail point to each. Returns [{path, x, y}] for picking. */
  heads(context, theme, orbit, { step, chosen }, fog) {
    const shown = [];
    const order = this.order(chosen);
    if (this.many) this.tails(context, orbit, order, step, chosen, fog);
    for (const path of order) {
      const stand = this.stand(path, step);
      if (!stand || (fog && clearness(fog, ...stand) < 0.3)) continue;
      const z = this.mesh.at(...stand) + TRAIL_LIFT;
      if (!Number.isFinite(z)) continue;
      orbit.project(stand[0], stand[1], z, this.place);
      const [x, y] = this.place;
      context.globalAlpha = !fog && this.mesh.hides(orbit, stand[0], stand[1], z + 0.01) ? 0.4 : 1;
      if (!this.many) this.join(context, path, chosen, x, y);
      const radius = path === chosen ? 6.5 : this.many ? 2.8 : 4.8;
      const runner = this.race.runnerOf(path);
      if (this.many) drawMark(context, this.race.runners[runner].mark, x, y, radius, this.colour(path), theme.page);
      else drawRunner(context, this.race, runner, x, y, radius, this.colour(path), theme.page);
      shown.push({ path, x, y });
    }
    context.globalAlpha = 1;
    return shown;
  }

  join(context, path, chosen, x, y) {
    const trail = this.trails[path];
    if (!trail.drawn) return;
    this.pen(context, path, chosen);
    context.setLineDash([]);
    context.beginPath();
    context.moveTo(trail.x[trail.drawn - 1], trail.y[trail.drawn - 1]);
    context.lineTo(x, y);
    context.stroke();
  }

  /* With hundreds of runners only the last steps of each. */
  tails(context, orbit, order, step, chosen, fog) {
    const length = clamp(Math.floor(TAIL_POINTS / order.length), 8, 60);
    context.globalAlpha = 0.6;
    for (const path of order) {
      this.pen(context, path, chosen);
      context.setLineDash([]);
      context.lineWidth = path === chosen ? 2.6 : 1.2;
      context.beginPath();
      for (let t = Math.max(0, Math.floor(step) - length); t <= step; t++) this.tailPoint(context, orbit, this.stand(path, t), fog);
      this.tailPoint(context, orbit, this.stand(path, step), fog);
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  tailPoint(context, orbit, stand, fog) {
    if (!stand || (fog && clearness(fog, ...stand) < 0.3)) return;
    orbit.project(stand[0], stand[1], this.mesh.at(...stand) + TRAIL_LIFT, this.place);
    context.lineTo(this.place[0], this.place[1]);
  }
}
