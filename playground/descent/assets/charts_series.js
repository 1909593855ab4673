/* What the three charts plot: numbers of every path at every step, and the range that is worth seeing.
   A series is {values (paths, steps) or null, why it is missing, low, high, floor of a log axis, axis, logAxis, level: a line to compare with} */
const LOG_FLOOR = 1e-9;
/* heights that fall to less than this share of where they began are first shown on a log axis */
const LOG_HELPS = 0.005;
/* as in the scoreboard: shares of the domain's diagonal */
const NEAR_SADDLE = 0.05;
const AT_GOAL = 0.02;
/* point distances to work out while a page waits */
const MOST_DISTANCES = 4e6;
/* a terrain with more saddle points than this is about its minima */
const FEW_SADDLES = 3;
const NO_HEIGHTS = "No height where the runners start: take another start.";

const diagonalOf = (race) => Math.hypot(race.domain[1] - race.domain[0], race.domain[3] - race.domain[2]);
const isThrown = (race, path) => race.paths[path].status === "thrown";

/* Lowest and highest finite value, of the paths that stayed on the mountain if there are any. positive: only values above 0. */
function extent(race, values, positive = false) {
  const width = race.last + 1;
  const stayed = race.paths.some((_, path) => !isThrown(race, path));
  let [low, high] = [Infinity, -Infinity];
  for (let path = 0; path < race.count; path++) {
    const end = stayed && isThrown(race, path) ? 0 : race.end(path);
    for (let k = path * width; k <= path * width + end; k++) {
      const value = values[k];
      if (!Number.isFinite(value) || (positive && !(value > 0))) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : null;
}

/* Heights; with a known lowest point also as the height above it, which a log axis can show. */
function heightSeries(race) {
  const section = race.section("height");
  if (!section) return { values: null, why: "No heights came with this race.", axis: "height" };
  const values = section.array;
  const range = extent(race, values);
  if (!range) return { values: null, why: NO_HEIGHTS, axis: "height" };
  const [least, most] = range;
  const scale = verticalScale(race);
  const minima = (race.header.terrain.stationary || []).filter((point) => point.kind === "minimum" && Number.isFinite(point.height)).map((point) => point.height);
  const starts = Array.from({ length: race.count }, (_, path) => values[path * (race.last + 1)]).filter(Number.isFinite);
  const low = Math.min(Math.max(least, scale.low - 0.05 * (scale.high - scale.low)), ...starts);
  const high = Math.min(most, Math.max(...starts, low) + 0.6 * Math.max(Math.max(...starts, low) - low, 0.02 * (scale.high - scale.low)));
  const base = minima.length ? Math.min(...minima, least) : null;
  return { values, axis: "height", low, high, base, logAxis: base === null ? null : "height above the lowest point", logHelps: base !== null && logHelps(race, values, base) };
}

function logHelps(race, values, base) {
  const width = race.last + 1;
  let best = Infinity;
  let start = 0;
  for (let path = 0; path < race.count; path++) {
    start = Math.max(start, values[path * width] - base);
    best = Math.min(best, values[path * width + race.end(path)] - base);
  }
  return best < LOG_HELPS * start;
}

function distanceSeries(race, kind) {
  const name = kind === "saddle" ? "saddle point" : "minimum";
  const axis = `distance to the ${kind}`;
  const section = race.section(`${kind}_distance`) || distancesTo(race, kind);
  if (!section) return { values: null, why: `This terrain has no ${name} on the map.`, axis };
  const range = extent(race, section.array);
  if (!range) return { values: null, why: `This terrain has no ${name} on the map.`, axis };
  const level = (kind === "saddle" ? NEAR_SADDLE : AT_GOAL) * diagonalOf(race);
  return {
    values: section.array, axis, logAxis: axis,
    low: 0, high: Math.min(range[1], diagonalOf(race)), base: 0,
    level, levelName: kind === "saddle" ? "still near it" : "reached",
  };
}

/* Where the page sent no distances (many paths, or a start that is being dragged): from the positions; null without such a point. */
function distancesTo(race, kind) {
  const points = (race.header.terrain.stationary || []).filter((point) => point.kind === kind);
  const position = race.section("position");
  if (!points.length || !position || points.length * position.array.length > MOST_DISTANCES) return null;
  const array = new Float32Array(position.array.length / 2).fill(Infinity);
  for (let k = 0; k < array.length; k++) {
    for (const { x, y } of points) array[k] = Math.min(array[k], Math.hypot(position.array[2 * k] - x, position.array[2 * k + 1] - y));
  }
  return { array };
}

function gradientSeries(race) {
  const section = race.section("gradient");
  const why = race.count > MANY ? "Shown for races of up to 24 paths." : "Shown when the start is let go.";
  if (!section) return { values: null, why, axis: "gradient norm" };
  const values = new Float32Array(section.array.length / 2);
  const height = race.section("height");
  /* a formula's derivative may have a value where the formula has none: no height, no slope */
  for (let k = 0; k < values.length; k++) values[k] = height && !Number.isFinite(height.array[k]) ? NaN : Math.hypot(section.array[2 * k], section.array[2 * k + 1]);
  const range = extent(race, values);
  if (!range) return { values: null, why: NO_HEIGHTS, axis: "gradient norm" };
  return { values, axis: "gradient norm", logAxis: "gradient norm", low: 0, high: range[1], base: 0 };
}

/* Where steps and values fall on the canvas. log: the axis shows the value above series.base. */
function plotFrame(series, last, log, width, height) {
  const [left, top, bottom] = [50, 8, height - 32];
  const across = Math.max(10, width - left - 10);
  const [low, high] = log ? logRange(series) : linearRange(series);
  const place = (value) => (log ? Math.log10(Math.max(value - series.base, LOG_FLOOR * LOG_FLOOR)) : value);
  return {
    left, top, bottom, log, low, high, last, width: across,
    x: (step) => left + (step / Math.max(1, last)) * across,
    step: (x) => clamp(((x - left) / across) * last, 0, last),
    y: (value) => bottom - ((place(value) - low) / (high - low)) * (bottom - top),
    inside: (value) => clamp(bottom - ((place(value) - low) / (high - low)) * (bottom - top), top, bottom),
  };
}

function linearRange({ low, high }) {
  const span = high - low;
  if (!(span > 0)) return [low - 0.5, low + 0.5];
  return [low === 0 ? 0 : low - 0.04 * span, high + 0.04 * span];
}

function logRange({ least, high, base }) {
  const top = Math.log10(Math.max(high - base, LOG_FLOOR)) + 0.1;
  const bottom = Math.log10(clamp(least, LOG_FLOOR * Math.max(1, high - base), Math.max(high - base, LOG_FLOOR)));
  return [Math.min(bottom - 0.1, top - 1), top];
}

/* The smallest value above the base: how far down a log axis reaches. */
function leastAbove(race, { values, base }) {
  let least = Infinity;
  const width = race.last + 1;
  for (let path = 0; path < race.count; path++) {
    if (isThrown(race, path)) continue;
    for (let k = path * width; k <= path * width + race.end(path); k++) {
      const value = values[k] - base;
      if (value > 0 && value < least) least = value;
    }
  }
  return Number.isFinite(least) ? least : 1e-3;
}
