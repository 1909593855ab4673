/* Where everything in the network diagram stands. Pure geometry: a net and a box in, positions out. */
const HEAD_PX = 34;
const FOOT_PX = 58;
/* the least distance of a hidden layer from the inputs, from another hidden layer, and of the output from the last one */
const LEAST_X = { first: 72, between: 92, last: 62 };
/* with small controls; where fingers need the large ones the diagram scrolls instead */
const COMPACT_X = { first: 54, between: 57, last: 48 };
const COMPACT_FROM_PX = 480;
const FINGERS = matchMedia("(pointer: coarse)");
const LABEL_PX = 38;
/* with more edges than this they are straight lines, which are quicker to draw */
const MANY_CURVES = 400;
const TINY = { head: 6, foot: 6, label: 4, least: { first: 30, between: 30, last: 30 } };

const lowsOf = (hidden, least) => (hidden === 0 ? [least.last] : [least.first, ...Array(hidden - 1).fill(least.between), least.last]);
const spanOf = (list) => list.reduce((a, b) => a + b, 0);

/* Distances between neighbouring columns: equal where there is room, else as small as their controls allow. */
function gapWidths(lows, room) {
  const wanted = room / lows.length;
  if (wanted >= Math.max(...lows)) return lows.map(() => wanted);
  const spare = Math.max(0, room - spanOf(lows)) / lows.length;
  return lows.map((low) => low + spare);
}

/* Each column is as dense as its own units ask for; `most` limits a tile's side. */
function column(x, count, { middle, room, tiny }, most) {
  const pitch = clamp(room / Math.max(1, count), tiny ? 8 : 21, tiny ? 40 : 48);
  const size = Math.floor(clamp(pitch - (pitch < 26 ? 3 : 7), 6, most));
  const top = middle - ((count - 1) * pitch) / 2;
  return { x, size, nodes: Array.from({ length: count }, (_, i) => ({ x, y: top + i * pitch, size })) };
}

/* net: {inputs, layers}; inputs: keys of all rows of the input column. Returns sizes, columns and gaps of edges. */
function layoutNet(net, inputs, width, height, tiny) {
  const [head, foot, label] = tiny ? [TINY.head, TINY.foot, TINY.label] : [HEAD_PX, FOOT_PX, LABEL_PX];
  const counts = net.layers.map((layer) => layer.units);
  const most = Math.max(inputs.length, 1, ...counts);
  const whole = Math.max(height, head + foot + most * (tiny ? 8 : 21));
  const space = { middle: head + (whole - head - foot) / 2, room: whole - head - foot, tiny };
  const first = label + 20;
  const wide = lowsOf(counts.length, tiny ? TINY.least : LEAST_X);
  const compact = !tiny && width >= COMPACT_FROM_PX && !FINGERS.matches && width - first - 32 < spanOf(wide);
  const right = tiny ? 20 : compact ? 26 : 32;
  const widths = gapWidths(compact ? lowsOf(counts.length, COMPACT_X) : wide, width - first - right);
  const xs = widths.reduce((all, gap) => [...all, all[all.length - 1] + gap], [first]);
  const hidden = compact ? clamp(widths[1] - 30, 26, 38) : 38;
  const columns = [inputs.length, ...counts, 1].map((count, i) => column(xs[i], count, space, i === 0 || i > counts.length ? 38 : hidden));
  const active = net.inputs.map((key) => columns[0].nodes[inputs.indexOf(key)]).filter(Boolean);
  const gaps = gapsOf(columns, active);
  return { width: xs[xs.length - 1] + right, height: whole, head, foot, compact, columns, gaps, straight: gaps.total > MANY_CURVES };
}

/* One gap a weight layer: end points and where its weights start in theta. */
function gapsOf(columns, active) {
  const gaps = [];
  let offset = 0;
  for (let l = 1; l < columns.length; l++) {
    const [left, here] = [columns[l - 1], columns[l]];
    const from = l === 1 ? active : left.nodes;
    const to = here.nodes;
    gaps.push({ layer: l - 1, offset, from, to, size: Math.min(left.size, here.size), x0: left.x + left.size / 2, x1: here.x - here.size / 2 });
    offset += (from.length + 1) * to.length;
  }
  gaps.total = offset;
  return gaps;
}

const weightAt = (gap, row, column) => gap.offset + row * gap.to.length + column;
const biasAt = (gap, column) => gap.offset + gap.from.length * gap.to.length + column;
/* Edges are S-shaped: x and y of the curve at 0..1, control points half-way. */
const curveX = (s) => 1.5 * s * (1 - s) + s * s * s;
const curveY = (s) => s * s * (3 - 2 * s);

/* Height (0..1) and steepness of an S-shaped edge at `along` (0..1) of its width. */
function curveAt(along) {
  let low = 0;
  let high = 1;
  for (let i = 0; i < 20; i++) {
    const half = (low + high) / 2;
    if (curveX(half) < along) low = half;
    else high = half;
  }
  return { share: curveY(low), steep: (6 * low * (1 - low)) / Math.max(0.3, 1.5 - 3 * low + 3 * low * low) };
}

/* The edge nearest to a place, at most `reach` px away: {gap, row, column} or null. */
function nearestEdge(layout, x, y, reach) {
  const gap = layout.gaps.find((g) => x > g.x0 && x < g.x1);
  if (!gap) return null;
  const along = (x - gap.x0) / (gap.x1 - gap.x0);
  const { share, steep } = layout.straight ? { share: along, steep: 1 } : curveAt(along);
  const slope = steep / (gap.x1 - gap.x0);
  let best = null;
  let least = reach;
  gap.from.forEach((from, row) => gap.to.forEach((to, col) => {
    const rise = to.y - from.y;
    const distance = Math.abs(from.y + rise * share - y) / Math.hypot(1, rise * slope);
    if (distance < least) [best, least] = [{ gap, row, column: col }, distance];
  }));
  return best;
}

const edgePath = ({ gap, row, column }, straight) => {
  const y0 = gap.from[row].y;
  const y1 = gap.to[column].y;
  if (straight) return `M${gap.x0} ${y0}L${gap.x1} ${y1}`;
  const half = (gap.x0 + gap.x1) / 2;
  return `M${gap.x0} ${y0}C${half} ${y0} ${half} ${y1} ${gap.x1} ${y1}`;
};
