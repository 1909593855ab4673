/* What moves in the diagram during an operation: values forward along the lines, errors back, in the gradient colour. */
const MOST_DOTS = 260;
/* the share of an operation after which what travels has arrived */
const ARRIVED = 0.8;

/* -> {gap, back, kind} of an operation: which lines are travelled, in which direction; kind "units" lights a column instead. */
function movementOf({ rule, layer, operation, inputs, output }, depth) {
  if (rule === "forward_1") return { kind: "lines", gap: layer, back: false };
  if (rule === "backward_1") return { kind: "lines", gap: layer, back: true };
  if (rule === "gradient") return inputs.length === 2 ? { kind: "weights", gap: layer, error: true } : { kind: "biases", column: layer, error: true };
  if (rule === "update") return /^b/.test(output) ? { kind: "biases", column: layer } : { kind: "weights", gap: layer };
  if (rule === "forward_4") return { kind: "cost", back: operation.startsWith("start"), total: output === "C" };
  const back = rule.startsWith("backward");
  if (rule === "backward_3") return { kind: "units", column: layer - 1, back, pass: true };
  return { kind: "units", column: Math.min(layer, depth), back, pass: rule === "forward_3" };
}

/* What each line carries in an operation, signed: the value at its start times its weight. */
function loadsOf(lines, data, example, { back }, operation) {
  const source = operation.inputs[0];
  const weights = `W${operation.layer}`;
  const loads = lines.map((line) => {
    if (line.from === null) return { line, load: data.unit(`${back ? "dA" : "Z"}${operation.layer}`, example, line.to) };
    const value = data.unit(source, example, back ? line.to : line.from);
    const weight = data.at(weights, line.from, line.to);
    return { line, load: value * (Number.isNaN(weight) ? 1 : weight) };
  }).filter(({ load }) => Number.isFinite(load) && load !== 0);
  if (loads.length > MOST_DOTS) loads.sort((a, b) => Math.abs(b.load) - Math.abs(a.load));
  return loads.slice(0, MOST_DOTS);
}

/* Dots on their way; t from 0 to 1. */
function drawDots(context, loads, t, back, theme, radius) {
  const most = Math.max(1e-30, ...loads.map(({ load }) => Math.abs(load)));
  const run = t * t * (3 - 2 * t);
  for (const { line, load } of loads) {
    const share = Math.sqrt(Math.abs(load) / most);
    const at = back ? 1 - run : run;
    const size = clamp(radius * 0.42 * share, 1.2, 7);
    context.globalAlpha = 0.35 + 0.65 * share;
    context.fillStyle = back ? theme.gradient : load < 0 ? theme.negative : theme.positive;
    for (const [lag, scale] of [[0.09, 0.55], [0.045, 0.75], [0, 1]]) {
      const place = clamp(back ? at + lag : at - lag, 0, 1);
      context.beginPath();
      context.arc(line.x0 + (line.x1 - line.x0) * place, line.y0 + (line.y1 - line.y0) * place, size * scale, 0, 7);
      context.fill();
    }
  }
  context.globalAlpha = 1;
}
