/* How high the 3-D surface and the charts draw a height. Colours follow the map's ranks (map_scale.js); here shape matters, so the
   scale is straight wherever that shows anything, and the page says which one it is.
   verticalScale(race) -> {kind: "linear"|"log"|"clipped"|"flat", low, high, words, share(height) 0..1} */
const VERTICAL_SCALES = new WeakMap();
/* A surface whose middle height lies in this lowest part of its range is shown on a log scale: else it looks like a flat floor. */
const LOG_BELOW = 0.07;
/* Never when the highest place is less than so many times as high as the lowest. */
const LOG_LEAST_RATIO = 100;
/* Clipped when all of the range is this many times the range without its lowest and highest hundredth. */
const CLIP_ABOVE = 5;

/* One scale a field: it does not depend on the runners, so that nothing jumps while they move. */
function verticalScale(race) {
  const field = race.section("field");
  if (!field) return makeVerticalScale([]);
  if (!VERTICAL_SCALES.has(field.array)) VERTICAL_SCALES.set(field.array, makeVerticalScale(field.array));
  return VERTICAL_SCALES.get(field.array);
}

function makeVerticalScale(array) {
  const sorted = Float64Array.from(array).filter(Number.isFinite).sort();
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  if (!sorted.length) return straightScale(0, 1, "flat", "No height to draw");
  const [low, high] = [at(0), at(1)];
  const span = high - low;
  if (!(span > 1e-6 * Math.abs(high))) return straightScale(low - 0.5, low + 0.5, "flat", "The same height everywhere");
  const [first, last] = [at(0.01), at(0.99)];
  const clipped = last > first && span > CLIP_ABOVE * (last - first);
  return scaleBetween(...(clipped ? [first, last] : [low, high]), at, clipped);
}

function scaleBetween(low, high, at, clipped) {
  const steep = !(low > 0) || high / low > LOG_LEAST_RATIO;
  const log = steep && (at(0.5) - low) / (high - low) < LOG_BELOW;
  const cut = clipped ? `cut off below ${format(low)} and above ${format(high)}` : "";
  if (log) return logScale(low, high, Math.max(at(0.1) - low, (high - low) * 1e-6), `Steep: heights on a log scale${cut && `, ${cut}`}`);
  return straightScale(low, high, clipped ? "clipped" : "linear", cut ? `Heights ${cut}` : "Heights to scale");
}

function straightScale(low, high, kind, words) {
  return { kind, low, high, words, share: (height) => clamp((height - low) / (high - low), 0, 1) };
}

/* Straight near the lowest point, up to `unit` above it; logarithmic further up. */
function logScale(low, high, unit, words) {
  const most = Math.log1p((high - low) / unit);
  return { kind: "log", low, high, words, share: (height) => clamp(Math.log1p(Math.max(0, height - low) / unit) / most, 0, 1) };
}

/* "Adam", or "Adam, start 3" where there are several starts. */
function pathName(race, path) {
  const { label } = race.runners[race.runnerOf(path)];
  return race.starts > 1 ? `${label}, start ${race.startOf(path) + 1}` : label;
}

/* What names in `changed` a drawn view has to do with: all but other views' own. */
const DRAWN_BY = ["race", "step", "chosen", "options", "theme", "size", "hover"];
const mustDraw = (changed, own) => changed.has(own) || DRAWN_BY.some((name) => changed.has(name));
/* Differs when other runners are shown, or another is chosen. */
const shownKey = ({ state, options }) => `${state.chosen}|${[...options.hidden]}|${options.solo}`;
