/* The moving part of the diagram: one operation under way. */
function ring(context, { x, y }, colour, width, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 7);
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke();
}

function paintMovement(context, diagram, { step, progress, example }) {
  const { data } = diagram.ctx;
  const operation = data.operations[step];
  const movement = movementOf(operation, data.depth);
  const t = Math.min(1, progress / ARRIVED);
  const colour = movement.back || movement.error ? diagram.theme.gradient : diagram.theme.text;
  const paint = { lines: paintLines, cost: paintCost, units: paintUnits, weights: paintWeights, biases: paintBiases }[movement.kind];
  paint({ context, diagram, data, step, operation, movement, t, progress, example, colour });
}

function paintLines({ context, diagram, data, step, operation, movement, t, progress, example }) {
  if (progress >= 1) return;
  const loads = diagram.loadsAt(step, example, () => loadsOf(diagram.lines[movement.gap - 1], data, example, movement, operation));
  drawDots(context, loads, t, movement.back, diagram.theme, diagram.layout.radius);
}

/* Between the outputs and the cost. */
function paintCost({ context, diagram, data, movement, t, progress, example, operation }) {
  if (progress >= 1 || movement.total) return;
  const { cost, columns } = diagram.layout;
  const loads = columns[data.depth].units.map((unit, i) => ({
    line: { x0: unit.x + unit.r, y0: unit.y, x1: cost.units[i].x - unit.r, y1: cost.units[i].y },
    load: data.unit(movement.back ? operation.output : "Y", example, unit.unit),
  })).filter(({ load }) => Number.isFinite(load) && load !== 0);
  if (loads.length) drawDots(context, loads, t, movement.back, diagram.theme, diagram.layout.radius);
}

/* A ring that closes round the units at work; passing on, it opens. */
function paintUnits({ context, diagram, movement, t, progress, colour }) {
  const column = diagram.layout.columns[movement.column];
  if (!column) return;
  for (const unit of column.units) {
    const grow = movement.pass ? 10 * t : 10 * (1 - t);
    context.globalAlpha = progress >= 1 ? (movement.pass ? 0.35 : 0.9) : movement.pass ? 1 - 0.65 * t : 0.3 + 0.6 * t;
    ring(context, unit, colour, 1.6, unit.r + 5 + (progress >= 1 ? 0 : grow));
  }
  context.globalAlpha = 1;
}

/* An update runs along its weights. */
function paintWeights({ context, diagram, data, movement, t, progress }) {
  if (progress >= 1 || movement.error) return;
  const symbol = `G${movement.gap}`;
  const most = data.largest(symbol) || 1;
  for (const line of diagram.lines[movement.gap - 1]) {
    const share = line.from === null ? 0.2 : Math.abs(data.at(symbol, line.from, line.to)) / most;
    if (Number.isFinite(share)) strokeLine(context, line, { width: 1 + 5 * share, colour: diagram.theme.gradient, alpha: (1 - t) * (0.2 + 0.8 * share) });
  }
}

function paintBiases({ context, diagram, movement, progress, t, colour }) {
  const column = diagram.layout.columns[movement.column];
  for (const unit of column ? column.units : []) {
    const { x, y, size } = diagram.biasPlace(unit);
    const wide = size / 2 + 2 + (progress >= 1 ? 0 : 6 * (1 - t));
    context.lineWidth = 1.6;
    context.strokeStyle = colour;
    context.strokeRect(x - wide, y - wide, 2 * wide, 2 * wide);
  }
}
