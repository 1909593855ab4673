/* Where everything of the diagram stands. */
const UNITS_DRAWN = 16;
const UNITS_OF_MANY = 10;
const HEAD = 40;
const FOOT = 24;
/* between two units, for the numbers that stand there */
const ROOM = 34;

/* -> {width, height, radius, gap, columns: [{layer, x, picture, more, units}], cost: {x, units}} with units {unit, x, y, r, roomy} */
function layTrace(data, example, width, height) {
  const many = data.depth + 2;
  const drawn = data.widths.map((count, layer) => (layer === 0 && data.picture ? [] : data.strongest(layer, example, count > UNITS_DRAWN ? UNITS_OF_MANY : UNITS_DRAWN)));
  const most = Math.max(1, ...drawn.map((units) => units.length));
  const side = data.picture ? Math.min(130, width * 0.26) : 0;
  const radius = clamp(Math.min((height - HEAD - FOOT) / most / 2.5, width / many / 4.6), 4.5, 25);
  const left = data.picture ? side / 2 + 6 : radius + 14;
  const right = width - Math.max(radius + 34, Math.min(width / many / 2, 62));
  const x = (layer) => left + ((right - left) * layer) / (many - 1);
  const shift = data.picture ? side / 2 - radius : 0;
  const across = (layer) => (layer && shift ? left + shift + ((right - left - shift) * layer) / (many - 1) : x(layer));
  const middle = HEAD + (height - HEAD - FOOT) / 2;
  const place = (units, at) => {
    const gap = Math.min((height - HEAD - FOOT) / Math.max(1, units.length), radius * 6.4);
    const roomy = gap >= 2 * radius + ROOM && radius >= 15;
    return units.map((unit, i) => ({ unit, x: at, y: middle + (i - (units.length - 1) / 2) * gap, r: radius, roomy }));
  };
  const columns = drawn.map((units, layer) => ({
    layer, x: across(layer), units: place(units, across(layer)), more: units.length < data.widths[layer] && units.length ? data.widths[layer] : 0,
    picture: layer === 0 && data.picture ? { side, x: left, y: middle } : null,
  }));
  return { width, height, radius, columns, middle, cost: { x: across(many - 1), units: place(drawn[data.depth], across(many - 1)) }, gap: (right - left) / (many - 1) };
}

/* The lines of gap `layer` (between columns layer - 1 and layer): {layer, from, to, x0, y0, x1, y1} with units by their number. */
function linesOf(layout, layer) {
  const before = layout.columns[layer - 1];
  const after = layout.columns[layer];
  if (before.picture) {
    const { side, x, y } = before.picture;
    return after.units.map((to) => ({ layer, from: null, to: to.unit, x0: x + side / 2, y0: y, x1: to.x - to.r, y1: to.y }));
  }
  return before.units.flatMap((from) => after.units.map((to) => ({ layer, from: from.unit, to: to.unit, x0: from.x + from.r, y0: from.y, x1: to.x - to.r, y1: to.y })));
}

/* The line nearest to a point, within reach; of two the one of the larger weight. */
function lineAt(lines, x, y, weight) {
  let best = null;
  let score = 6;
  for (const line of lines) {
    if (x < line.x0 || x > line.x1) continue;
    const slope = (line.y1 - line.y0) / (line.x1 - line.x0);
    const off = Math.abs(y - line.y0 - slope * (x - line.x0)) / Math.hypot(1, slope);
    const cost = off - Math.min(1, weight(line));
    if (off < 6 && cost < score) [best, score] = [line, cost];
  }
  return best;
}
