/* Sums and functions written out with their numbers. */
const MOST_TERMS = 25;
const MOST_PARTS = 8;

/* A number in the middle of a formula: negative ones in brackets. */
const term = (value, write = format) => (value < 0 ? `(${write(value)})` : write(value));
/* Whole numbers as they are, for sums that were made by hand. */
const plain = (value) => (Number.isInteger(value) ? String(value).replace("-", "−") : format(value));
const joined = (values) => values.map((value, i) => (i ? term(value) : format(value))).join(" + ");
const total = (values) => values.reduce((sum, value) => sum + value, 0);

/* 0.31·0.8 + 0.2·(−0.5) + ... = 0.148. Products that are 0 are counted, not written. */
function productsText(values, weights, write = format) {
  const products = Array.from(values, (value, i) => value * weights[i]);
  const whole = products.map((product, i) => i).filter((i) => products[i] !== 0);
  const shown = whole.slice(0, MOST_TERMS).map((i, n) => `${n ? term(values[i], write) : write(values[i])}·${term(weights[i], write)}`);
  const rest = whole.slice(MOST_TERMS);
  if (rest.length) shown.push(`${rest.length} more: ${term(total(rest.map((i) => products[i])), write)}`);
  const zeros = products.length - whole.length;
  const none = zeros ? `${shown.length ? " + " : ""}${zeros} × 0` : "";
  return `${shown.join(" + ")}${none} = ${write(total(products))}`;
}

/* The sum over maps, plus the bias; of many maps the later ones are one number. parts: [{channel, sum}] */
function partsText({ parts, bias, sum }) {
  const shown = parts.slice(0, MOST_PARTS).map((part) => part.sum);
  const rest = parts.slice(MOST_PARTS).map((part) => part.sum);
  const others = rest.length ? ` + ${rest.length} other maps: ${term(total(rest))}` : "";
  return `${joined(shown)}${others} + bias ${term(bias)} = ${format(sum)}`;
}

/* The server counts from 0, people from 1. */
const countedFromOne = (label) => label.replace(/-?\d+/g, (number) => String(Number(number) + 1).replace("-", "−"));

/* ReLU(1.62) = 1.62; nothing where nothing is done. */
function appliedText(label, key, sum, value) {
  return key === "linear" || !label ? "" : `${label}(${format(sum)}) = ${format(value)}`;
}

/* What the gradient says at this number. */
function slopeText({ gradient, slope, activation }) {
  if (gradient === null || gradient === undefined) return "";
  const by = `Gradient of the cost by this output: ${format(gradient)}`;
  if (slope === null || slope === undefined || activation === "linear") return `${by}.`;
  return `${by}; by the sum, × slope ${format(slope)}: ${format(gradient * slope)}.`;
}

/* How the window of a pooling layer becomes one number. */
const POOLED = {
  pool_max: (values, { value }) => `max(${values.map(format).join(", ")}) = ${format(value)}`,
  pool_average: (values, { value }) => `(${joined(values)}) / ${values.length} = ${format(value)}`,
  pool_l2: (values, { value }) => `√((${values.map((v) => `${term(v)}²`).join(" + ")}) / ${values.length}) = ${format(value)}`,
  subsample: (values, { sum, bias }, weight) => `${format(weight)} · (${joined(values)}) + bias ${term(bias)} = ${format(sum)}`,
};

/* Powers that are added up: the small ones as one number. */
function powersText(powers) {
  const large = powers.filter((power) => power >= 0.001);
  const small = powers.filter((power) => power < 0.001);
  const rest = small.length ? ` + ${small.length} small ones ${format(total(small))}` : "";
  return `${large.map(format).join(" + ")}${rest}`;
}

/* e^(4.2 − 4.2) / (1 + 0.03 + ...) = 0.95. The largest is taken off all of them, so that no power is too large to write. */
function softmaxText(z, k, others = []) {
  const most = Math.max(...z, ...others);
  const powers = [...z, ...others].map((other) => Math.exp(other - most));
  return `e^(${format(z[k])} − ${term(most)}) / (${powersText(powers)}) = ${format(powers[k])} / ${format(total(powers))} = ${format(powers[k] / total(powers))}`;
}

/* How the ten outputs become answers, by cost. */
const NONE_OF_TEN = -0.1;
const ANSWERED = {
  softmax_cross_entropy: (z, k) => `Softmax: ${softmaxText(z, k)}`,
  summed_squared: (z, k) => `Logistic: 1 / (1 + e^${z[k] < 0 ? format(-z[k]) : `(−${format(z[k])})`}) = ${format(1 / (1 + Math.exp(-z[k])))}`,
  map_criterion: (z, k) => `${softmaxText(z, k, [NONE_OF_TEN])}; one of the powers, e^(${format(NONE_OF_TEN)} − …), stands for none of the ten`,
};

/* A probability that is neither 0 nor 1 never looks like it. */
const sureText = (p) => (p > 0 && p < 1e-4 ? "< 0.01 %" : formatSure(p));

/* conv 1, map 3, row 5, column 7. */
function placeText(layer, [, channel, y, x]) {
  if (layer.label === "output") return `Output of the digit ${channel}`;
  return isMaps(layer.shape) ? `${layer.label}, map ${channel + 1}, row ${y + 1}, column ${x + 1}` : `${layer.label}, unit ${channel + 1}`;
}
