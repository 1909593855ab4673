/* Heights to shades. Deep is dark and high is pale (in the dark theme: high is lighter), so that every runner's colour stands out.

   The scale follows ranks rather than heights: on Beale or Rosenbrock one corner is 10,000 times as high as the valley floor, and a
   linear scale would paint all but the corner alike. */
const RANKS = 96;
const SAMPLES = 6000;
/* Heights closer than this share of the usual range count as level: rounding errors on a plateau are no relief. */
const LEVEL = 2e-4;
/* Stops from the valley up; one calm blue-grey hue, in steps of equal lightness. */
const RAMP_LIGHT = [[158, 181, 205], [179, 198, 217], [200, 214, 228], [221, 231, 239], [243, 246, 250]];
const RAMP_DARK = [[10, 14, 20], [17, 24, 33], [24, 34, 46], [32, 45, 60], [42, 58, 75]];
/* where the terrain has no height */
const NOWHERE = { light: [226, 222, 216], dark: [52, 46, 42] };
const SHADES = 256;

function heightRamp(dark) {
  const stops = dark ? RAMP_DARK : RAMP_LIGHT;
  return (share) => {
    const at = clamp(share, 0, 1) * (stops.length - 1);
    const i = Math.min(stops.length - 2, Math.floor(at));
    return mix(stops[i], stops[i + 1], at - i);
  };
}

/* Increasing heights and the share of the map below each; computed once a field. */
function rankScale(array) {
  const stride = Math.max(1, Math.floor(array.length / SAMPLES));
  const sample = [];
  for (let i = 0; i < array.length; i += stride) if (Number.isFinite(array[i])) sample.push(array[i]);
  if (!sample.length) return { heights: [0, 1], shares: [0, 1] };
  const sorted = Float64Array.from(sample).sort();
  const pick = (share) => sorted[Math.round(share * (sorted.length - 1))];
  const least = Math.max((pick(0.9) - pick(0.02)) * LEVEL, Math.abs(pick(0.5)) * 1e-6, 1e-30);
  const heights = [sorted[0]];
  const shares = [0];
  for (let k = 1; k <= RANKS; k++) {
    const height = pick(k / RANKS);
    if (height - heights[heights.length - 1] < least) continue;
    heights.push(height);
    shares.push(k / RANKS);
  }
  if (heights.length === 1) return { heights: [sorted[0] - 1, sorted[0] + 1], shares: [0, 1] };
  /* half rank, half even spacing of what remains: a wide plateau does not eat all the shades */
  const even = heights.map((_, i) => i / (heights.length - 1));
  return { heights, shares: shares.map((share, i) => 0.6 * share + 0.4 * even[i]) };
}

function scaleOf(race) {
  const field = race.section("field");
  if (!race.ranked) race.ranked = rankScale(field ? field.array : []);
  return race.ranked;
}

/* Where a height lies on the scale: 0 the lowest of the map, 1 the highest. */
function heightShare(race, height) {
  const { heights, shares } = scaleOf(race);
  let low = 0;
  let high = heights.length - 1;
  if (!(height > heights[0])) return 0;
  if (height >= heights[high]) return 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (heights[middle] <= height) low = middle;
    else high = middle;
  }
  return shares[low] + ((height - heights[low]) / (heights[high] - heights[low])) * (shares[high] - shares[low]);
}

/* The height at a share of the scale. */
function heightOfShare(race, share) {
  const { heights, shares } = scaleOf(race);
  let i = 0;
  while (i < shares.length - 2 && shares[i + 1] < share) i++;
  return heights[i] + ((share - shares[i]) / (shares[i + 1] - shares[i] || 1)) * (heights[i + 1] - heights[i]);
}

/* A canvas of one pixel a sample, the first row on top as screens have it. */
function paintField(race, dark) {
  const field = race.section("field");
  if (!field) return null;
  const [rows, columns] = field.shape;
  const canvas = document.createElement("canvas");
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  const words = new Uint32Array(image.data.buffer);
  const ramp = heightRamp(dark);
  const table = Array.from({ length: SHADES }, (_, i) => word(ramp(i / (SHADES - 1))));
  const nowhere = word(dark ? NOWHERE.dark : NOWHERE.light);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const height = field.array[(rows - 1 - row) * columns + column];
      words[row * columns + column] = Number.isFinite(height) ? table[Math.round(heightShare(race, height) * (SHADES - 1))] : nowhere;
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
