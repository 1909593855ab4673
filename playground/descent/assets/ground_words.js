/* What the ground is called and what it predicts, from its numbers alone: while a race plays, the server is not asked.
   The same rules and words as engines/descent/ground.py. A ground: {x, y, height, gradient, hessian [xx, xy, yy], eigenvalues (larger
   first), directions, shape, kind, about: true when it was read off the map's samples}. Where there is no finite height the shape is
   "unknown" and all else is NaN: a formula's derivative may have a value where the formula has none. */
const FLAT_CURVATURE = 1e-5;
const AT_REST = 1e-3;
const SHAPES = { "1,1": "bowl", "1,-1": "saddle", "1,0": "trough", "0,0": "plane", "0,-1": "ridge", "-1,-1": "dome" };
/* what it is called where one stands on a slope, and how it curves */
const SHAPE_WORDS = {
  bowl: ["Slope in a bowl", "The ground curves up every way, as around a minimum."],
  dome: ["Slope on a dome", "The ground curves down every way, as around a maximum."],
  saddle: ["Slope on a saddle", "The ground curves up one way and down the other."],
  trough: ["Slope in a trough", "The ground curves up one way, hardly at all the other."],
  ridge: ["Slope on a ridge", "The ground curves down one way, hardly at all the other."],
  plane: ["Even slope", "The ground hardly curves at all."],
  unknown: ["No height here", "The terrain has no finite height at this place."],
};
const KIND_WORDS_HERE = { minimum: "Minimum", saddle: "Saddle point", maximum: "Maximum", flat: "Flat" };
const CURVES_UP = new Set(["bowl", "saddle", "trough"]);
const CURVES_DOWN = new Set(["dome", "saddle", "ridge"]);
/* rate x curvature at which a quadratic bowl becomes unstable; plain descent: 2 */
const STABLE_WITH_MOMENTUM = {
  momentum: (mu) => 2 * (1 + mu),
  nesterov: (mu) => (2 * (1 + mu)) / (1 + 2 * mu),
};
const SPREADS = new WeakMap();

/* From the 10th to the 90th percentile of the map's heights. */
function spreadOf(race) {
  const field = race.section("field");
  if (!field) return 0;
  if (!SPREADS.has(field.array)) {
    const sorted = Float64Array.from(field.array).filter(Number.isFinite).sort();
    const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
    SPREADS.set(field.array, sorted.length ? at(0.9) - at(0.1) : 0);
  }
  return SPREADS.get(field.array);
}

/* Eigenvalues, directions, shape and kind of a place of which height, gradient and Hessian are known. */
function completeGround(race, ground) {
  if (!Number.isFinite(ground.height)) return noGround(ground);
  const [xx, xy, yy] = ground.hessian;
  const [middle, across] = [(xx + yy) / 2, Math.hypot((xx - yy) / 2, xy)];
  const angle = Math.atan2(xy, (xx - yy) / 2) / 2;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const eigenvalues = [middle + across, middle - across];
  const size = diagonalOf(race);
  const least = (FLAT_CURVATURE * spreadOf(race)) / size ** 2;
  const sign = (value) => (Math.abs(value) > least ? Math.sign(value) : 0);
  const shape = eigenvalues.every(Number.isFinite) ? SHAPES[`${eigenvalues.map(sign)}`] : "unknown";
  const whole = { ...ground, eigenvalues, directions: [[c, s], [-s, c]], shape };
  return { ...whole, kind: kindAt(race, whole, size) };
}

function noGround({ x, y }) {
  const none = [NaN, NaN];
  return { x, y, height: NaN, gradient: none, hessian: [NaN, NaN, NaN], eigenvalues: none, directions: [[1, 0], [0, 1]], shape: "unknown", kind: "unknown" };
}

/* What the server said of a place, null where that is no answer. JSON has no NaN: what is not finite came as null. */
function toldGround(answer) {
  if (!answer) return null;
  if (!Number.isFinite(answer.height)) return noGround(answer);
  return Array.isArray(answer.hessian) && answer.hessian.every(Number.isFinite) ? answer : null;
}

function kindAt(race, { x, y, gradient, eigenvalues, directions, shape }, size) {
  const known = (race.header.terrain.stationary || []).find((point) => Math.hypot(x - point.x, y - point.y) <= AT_REST * size);
  if (known) return known.kind;
  const resting = eigenvalues.every((value, i) => {
    const along = Math.abs(gradient[0] * directions[i][0] + gradient[1] * directions[i][1]);
    return along <= Math.max(AT_REST * size * Math.abs(value), (FLAT_CURVATURE * spreadOf(race)) / size);
  });
  return resting ? { bowl: "minimum", saddle: "saddle", dome: "maximum" }[shape] || "flat" : "slope";
}

/* What the ground predicts for plain gradient descent with a learning rate. */
function groundWords({ eigenvalues, shape, kind }, rate) {
  if (shape === "unknown") return "No height here, so no slope, and nothing can be predicted.";
  const said = CURVES_UP.has(shape) ? [acrossWords(rate * eigenvalues[0])] : [];
  if (CURVES_DOWN.has(shape)) said.push(downWords(rate * -eigenvalues[1], kind === "saddle" || kind === "maximum"));
  else if (shape === "bowl" && rate * eigenvalues[0] < 2) said.push(alongWords(rate * eigenvalues[1]));
  return said.join(" ").trim() || "The ground hardly curves here: each step is the rate times the slope, and nothing can zigzag.";
}

function acrossWords(product) {
  const factor = Math.abs(1 - product);
  if (product > 2) return `Too big a step for this curvature: if the ground kept it, the distance to the valley floor would grow ${Number(factor.toPrecision(3))} times with each step.`;
  if (product > 1) return `Zigzag: each step crosses the valley floor and keeps ${shareWords(factor)} of the distance to it.`;
  return `No zigzag: each step keeps ${shareWords(factor)} of the distance to the valley floor along the steepest curve.`;
}

const shareWords = (factor) => `${Number((100 * factor).toPrecision(3))} %`;

function alongWords(product) {
  if (product >= 1) return "";
  return `Along the gentlest curve ten times closer takes about ${stepsWords(product <= 0 ? Infinity : Math.log(0.1) / Math.log1p(-product))}.`;
}

function downWords(product, resting) {
  const growth = product < 1 ? `by ${format(100 * product)} %` : `${format(1 + product)} times`;
  const way = `Along the direction that curves down the distance grows ${growth} a step, ten times in ${stepsWords(Math.log(10) / Math.log1p(product))}`;
  return resting ? `${way}; exactly on the point nothing moves.` : `${way}.`;
}

function stepsWords(steps) {
  if (!(steps <= 1e6)) return "more than a million steps";
  return Math.ceil(steps) === 1 ? "1 step" : `${formatCount(Math.ceil(steps))} steps`;
}

/* How a rule that is not plain descent changes the bound; "" for plain descent. mu: the momentum in force. */
function boundWords(runner, largest, mu) {
  const plain = (runner.lines || []).length <= 2;
  if (plain) return "";
  const factor = STABLE_WITH_MOMENTUM[runner.key];
  if (factor && Number.isFinite(mu) && largest > 0) return `With momentum ${format(mu)}, ${runner.label} stays stable up to ${format(factor(mu) / largest)}.`;
  return `That is plain gradient descent; ${runner.label} scales its steps itself, so take it as a guide.`;
}

/* What the runner's own next step made of a rate that is too large for the curvature under it. next: {from, to, name} or null. */
function nextWords(ground, rate, next) {
  if (!next || !isTooLarge(ground, rate) || next.from === next.to) return "";
  const way = next.to < next.from ? "But the next step of" : "And the next step of";
  return `${way} ${next.name} goes ${next.to < next.from ? "down" : "up"}, from ${format(next.from)} to ${format(next.to)}.`;
}

const isTooLarge = ({ shape, eigenvalues }, rate) => CURVES_UP.has(shape) && rate * eigenvalues[0] > 2;

/* Read off the map's samples where the server does not answer: differences over one sample's distance. null off the map. */
function sampledGround(race, x, y) {
  const field = race.section("field");
  const [left, right, bottom, top] = race.domain;
  if (!field || !race.contains(x, y)) return null;
  const dx = (right - left) / (field.shape[1] - 1);
  const dy = (top - bottom) / (field.shape[0] - 1);
  const u = clamp(x, left + dx, right - dx);
  const v = clamp(y, bottom + dy, top - dy);
  const h = (i, j) => race.heightAt(u + i * dx, v + j * dy);
  const hessian = [
    (h(1, 0) - 2 * h(0, 0) + h(-1, 0)) / dx ** 2,
    (h(1, 1) - h(1, -1) - h(-1, 1) + h(-1, -1)) / (4 * dx * dy),
    (h(0, 1) - 2 * h(0, 0) + h(0, -1)) / dy ** 2,
  ];
  /* rounding errors of the samples are no curvature */
  const least = 1e-4 * Math.max(...hessian.map(Math.abs));
  const exact = hessian.map((value) => (Math.abs(value) < least ? 0 : value));
  const gradient = [(h(1, 0) - h(-1, 0)) / (2 * dx), (h(0, 1) - h(0, -1)) / (2 * dy)];
  return completeGround(race, { x, y, height: race.heightAt(x, y), gradient, hessian: exact, about: true });
}
