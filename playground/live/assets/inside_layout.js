/* Where things lie: the tiles of a layer, its filters above them, the cells of a row of units, and what a place sees of the digit. */
const TILE_GAP = 6;
const FILTER_GAP_BELOW = 3;
const FILTERS_IN_LINE = 3;
/* more lines of tiles than these scroll to the side, or a deep net would fill screens */
const MOST_LINES = 2;
const STRIP_HEIGHT = 24;
const STRIP_GAP = 4;
const OUTPUT_CELL = 46;

const isMaps = (shape) => shape.length === 3 && shape[1] * shape[2] > 1;

/* A whole number of screen pixels a place, so that places are all alike. like: the side of the maps before, where each of these
   comes from one of those, or 0 */
function tileSide(places, count, roomy, like) {
  const wish = like || (count <= 8 ? (roomy ? 76 : 58) : count <= 16 ? (roomy ? 54 : 48) : 42);
  return places * Math.max(1, Math.round(wish / places));
}

/* The block of a filter: its channels as small squares, a few in a line, as wide as the tile. filters: [k, c, size, size] or null */
function layFilter(filters, side) {
  if (!filters) return null;
  const [, channels, size] = filters;
  const inLine = channels === 4 ? 2 : Math.min(channels, FILTERS_IN_LINE);
  const room = channels === 1 ? Math.min(30, side) : (side - (inLine - 1)) / inLine;
  const square = room >= size ? size * Math.floor(room / size) : Math.max(4, Math.floor(room));
  const lines = Math.ceil(channels / inLine);
  const left = Math.floor((side - (inLine * (square + 1) - 1)) / 2);
  return { channels, size, inLine, square, lines, left, height: lines * (square + 1) - 1 + FILTER_GAP_BELOW };
}

/* Tiles side by side, a filter above its map, on two lines at most; on a phone in one, which scrolls. */
function layTiles({ shape, count, filters }, width, roomy, like) {
  const [, rows, columns] = shape;
  const side = tileSide(Math.max(rows, columns), count, roomy, like);
  const filter = layFilter(filters, side);
  const step = Math.max(side, like) + TILE_GAP;
  const fitting = Math.max(1, Math.min(count, Math.floor((width + TILE_GAP) / step)));
  const inLine = roomy ? Math.max(fitting, Math.ceil(count / MOST_LINES)) : count;
  const tall = side + (filter ? filter.height : 0) + TILE_GAP;
  const lines = Math.ceil(count / inLine);
  return { kind: "tiles", side, step, tall, filter, inLine, lines, count, rows, columns, width: inLine * step - TILE_GAP + 2, height: lines * tall - TILE_GAP + 2 };
}

/* Cells of a row of units, on as many lines as they take. */
function layStrip(count, width, output) {
  const cell = output ? Math.min(OUTPUT_CELL, Math.floor(width / count)) : clamp(Math.floor(width / count), 6, 20);
  const inLine = Math.max(1, Math.min(count, Math.floor(width / cell)));
  const lines = Math.ceil(count / inLine);
  const tall = output ? STRIP_HEIGHT + 30 : STRIP_HEIGHT + STRIP_GAP;
  return { kind: "strip", output, cell, inLine, lines, tall, count, width: inLine * cell + 2, height: lines * tall + 2 };
}

/* The corner of tile or cell `i`. */
const cornerOf = (lay, i) => [1 + (i % lay.inLine) * (lay.step || lay.cell), 1 + Math.floor(i / lay.inLine) * lay.tall];

/* What lies under a point of the canvas: {channel, y, x}, with a filter {channel, filter: {channel, y, x}}, or null. */
function placeAt(lay, px, py) {
  const column = Math.floor((px - 1) / (lay.step || lay.cell));
  const channel = Math.floor((py - 1) / lay.tall) * lay.inLine + column;
  if (column < 0 || column >= lay.inLine || channel < 0 || channel >= lay.count) return null;
  if (lay.kind === "strip") return { channel, y: 0, x: 0 };
  const [left, top] = cornerOf(lay, channel);
  const dy = py - top - (lay.filter ? lay.filter.height : 0);
  if (dy < 0) return { channel, filter: filterAt(lay.filter, px - left, py - top) };
  const scale = lay.side / Math.max(lay.rows, lay.columns);
  const [y, x] = [Math.floor(dy / scale), Math.floor((px - left) / scale)];
  return y < lay.rows && x < lay.columns && x >= 0 ? { channel, y, x } : null;
}

function filterAt(filter, dx, dy) {
  const step = filter.square + 1;
  const [column, line] = [Math.floor((dx - filter.left) / step), Math.floor(dy / step)];
  const channel = line * filter.inLine + column;
  if (column < 0 || column >= filter.inLine || line < 0 || channel >= filter.channels) return null;
  const within = (at) => clamp(Math.floor(((at % step) * filter.size) / filter.square), 0, filter.size - 1);
  return { channel, y: within(dy), x: within(dx - filter.left) };
}

/* What place (y, x) of the layer at place `at` of the list sees of the 28 x 28 digit: [top, left, height, width]; it may hang over
   the edge. */
function fieldOf(layers, at, y, x, border) {
  const side = DIGIT_SIZE + 2 * border;
  let [top, left, tall, wide] = [y, x, 1, 1];
  for (let i = at; i >= 0; i--) {
    const { key, window: slides } = layers[i];
    if (key === "dense" || key === "rbf" || key === "flatten") return [-border, -border, side, side];
    if (!slides) continue;
    const [size, stride, padding] = slides;
    [top, left] = [top * stride - padding, left * stride - padding];
    [tall, wide] = [(tall - 1) * stride + size, (wide - 1) * stride + size];
  }
  return [top - border, left - border, tall, wide];
}

/* 6 × 24 × 24, or 84 units. */
const shapeText = (shape) => (shape.length === 1 ? `${formatCount(shape[0])} ${shape[0] === 1 ? "unit" : "units"}` : shape.map(formatCount).join(" × "));
