/* Edges and unit maps of the diagram on two canvases. Both are built to do nothing when nothing visible changed. */
const LEVELS = 16;
const SIDE = 25;
const MANY_UNITS = 40;
/* edges drawn in one frame at most; the other gaps wait for the next frames */
const EDGE_BUDGET = 600;
const UNITS_MS = 33;

/* weight -> 0..LEVELS-1 */
const levelOf = (weight) => Math.min(LEVELS - 1, Math.floor(LEVELS * Math.tanh(Math.abs(weight) / 1.6)));

class EdgeCanvas {
  constructor() {
    this.canvas = el("canvas", { class: "edges" });
    this.next = 0;
  }

  setLayout(layout) {
    this.layout = layout;
    this.levels = new Uint8Array(layout.gaps.total);
    this.stale = layout.gaps.map(() => true);
    this.next = 0;
    fitCanvas(this.canvas, layout.width, layout.height).clearRect(0, 0, layout.width, layout.height);
  }

  redraw() {
    if (this.layout) this.stale.fill(true);
  }

  get pending() {
    return Boolean(this.layout && this.ready && this.stale.includes(true));
  }

  /* Marks the gaps in which a weight changed by a visible amount. */
  classify(theta) {
    const { levels } = this;
    this.layout.gaps.forEach((gap, g) => {
      const end = gap.offset + gap.from.length * gap.to.length;
      for (let i = gap.offset; i < end; i++) {
        const level = levelOf(theta[i]) | (theta[i] < 0 ? 128 : 0);
        if (level === levels[i]) continue;
        levels[i] = level;
        this.stale[g] = true;
      }
    });
  }

  /* Draws the stale gaps in turn, as many as the budget of a frame allows. */
  update(theta, theme) {
    this.ready = Boolean(this.layout && theta && theta.length === this.layout.gaps.total);
    if (!this.ready) return;
    this.classify(theta);
    const { gaps } = this.layout;
    let budget = EDGE_BUDGET;
    for (let i = 0; i < gaps.length && budget > 0; i++) {
      const g = (this.next + i) % gaps.length;
      if (!this.stale[g]) continue;
      this.drawGap(gaps[g], theme);
      this.stale[g] = false;
      budget -= gaps[g].from.length * gaps[g].to.length;
      if (budget <= 0) this.next = (g + 1) % gaps.length;
    }
  }

  /* Edges of one gap, sorted by level and sign so that strong ones lie on top and styles change rarely. */
  buckets(gap) {
    const buckets = Array.from({ length: 2 * LEVELS }, () => []);
    for (let row = 0; row < gap.from.length; row++) {
      for (let col = 0; col < gap.to.length; col++) {
        const code = this.levels[weightAt(gap, row, col)];
        buckets[2 * (code & 127) + (code >> 7)].push(gap.from[row].y, gap.to[col].y);
      }
    }
    return buckets;
  }

  /* One stroke an edge: a software rasteriser is three times slower on one path of many crossing lines. */
  drawGap(gap, theme) {
    const { width, height, straight } = this.layout;
    const context = fitCanvas(this.canvas, width, height);
    const thick = clamp(gap.size / 34, 0.35, 1);
    const half = (gap.x0 + gap.x1) / 2;
    context.clearRect(gap.x0 - 4, 0, gap.x1 - gap.x0 + 8, height);
    this.buckets(gap).forEach((edges, code) => {
      const level = (code >> 1) / (LEVELS - 1);
      context.strokeStyle = rgba(code & 1 ? NEGATIVE : POSITIVE, (theme.dark ? 0.22 : 0.14) + 0.78 * level);
      context.lineWidth = (0.6 + 6 * level) * thick;
      for (let i = 0; i < edges.length; i += 2) {
        context.beginPath();
        context.moveTo(gap.x0, edges[i]);
        if (straight) context.lineTo(gap.x1, edges[i + 1]);
        else context.bezierCurveTo(half, edges[i], half, edges[i + 1], gap.x1, edges[i + 1]);
        context.stroke();
      }
    });
  }
}

/* Maps of inputs and units, painted into one atlas and copied from there to their places. */
class UnitCanvas {
  constructor() {
    this.canvas = el("canvas", { class: "units" });
    this.atlas = new MapCanvas("");
    this.last = 0;
  }

  /* Milliseconds until it is time to draw `count` maps again. */
  wait(count) {
    return count > MANY_UNITS ? this.last + UNITS_MS - performance.now() : 0;
  }

  setLayout(layout) {
    this.layout = layout;
    fitCanvas(this.canvas, layout.width, layout.height).clearRect(0, 0, layout.width, layout.height);
  }

  /* nodes: [{x, y}] in the order of the maps; output: canvas of the surface, for the last node. */
  draw({ nodes, idle, output, surface, section, theta, theme }) {
    const { width, height, gaps } = this.layout;
    const context = fitCanvas(this.canvas, width, height);
    this.last = performance.now();
    context.clearRect(0, 0, width, height);
    if (section && section.shape[0] === nodes.length) {
      this.atlas.paint(section.array, SIDE, SIDE * nodes.length, theme.unit);
      nodes.forEach((node, i) => this.place(context, this.atlas.canvas, i * SIDE, SIDE, node, theme));
    } else nodes.forEach((node) => this.blank(context, node, theme));
    context.globalAlpha = 0.35;
    for (const { node, canvas } of idle) {
      if (canvas) this.place(context, canvas, 0, SIDE, node, theme);
      else this.blank(context, node, theme);
    }
    context.globalAlpha = 1;
    if (surface) this.place(context, surface, 0, surface.width, output, theme);
    else this.blank(context, output, theme);
    if (theta && theta.length === gaps.total) this.biases(context, theta, theme);
  }

  place(context, source, top, side, node, theme) {
    const { x, y, size } = node;
    context.drawImage(source, 0, top, side, side, x - size / 2, y - size / 2, size, size);
    this.frame(context, node, theme);
  }

  blank(context, node, theme) {
    const { x, y, size } = node;
    context.fillStyle = theme.colour(0);
    context.fillRect(x - size / 2, y - size / 2, size, size);
    this.frame(context, node, theme);
  }

  frame(context, { x, y, size }, theme) {
    context.strokeStyle = theme.faint;
    context.lineWidth = 1;
    context.strokeRect(x - size / 2, y - size / 2, size, size);
  }

  biases(context, theta, theme) {
    context.lineWidth = 1;
    /* a bias of 0 has the colour of the page: its outline keeps it from looking like a bite out of the tile */
    context.strokeStyle = rgba(theme.ink, 0.5);
    for (const gap of this.layout.gaps) {
      const [{ size }] = gap.to;
      if (size < 12) continue;
      const side = Math.round(clamp(size / 4, 5, 8));
      gap.to.forEach(({ x, y }, i) => {
        const [left, top] = [Math.round(x - size / 2 - side / 2) + 0.5, Math.round(y + size / 2 - side / 2) + 0.5];
        context.fillStyle = theme.colour(Math.tanh(theta[biasAt(gap, i)] / 1.2));
        context.fillRect(left, top, side, side);
        context.strokeRect(left, top, side, side);
      });
    }
  }
}

/* Pictures of inputs the net does not use: the server only sends those it does. */
const INPUT_FORMULAS = {
  x: (x) => x, y: (x, y) => y, x2: (x) => x * x, y2: (x, y) => y * y, xy: (x, y) => x * y,
  sinx: (x) => 5 * Math.sin(x), siny: (x, y) => 5 * Math.sin(y),
};

function inputMap(key) {
  const formula = INPUT_FORMULAS[key];
  if (!formula) return null;
  const array = new Uint8Array(SIDE * SIDE);
  for (let i = 0; i < SIDE * SIDE; i++) {
    const x = ((i % SIDE) / (SIDE - 1)) * 12 - 6;
    const y = 6 - (Math.floor(i / SIDE) / (SIDE - 1)) * 12;
    array[i] = 128 + Math.round(127 * clamp(formula(x, y) / 5, -1, 1));
  }
  return { array, shape: [SIDE, SIDE] };
}
