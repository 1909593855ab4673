/* What each kind of operation looks like in matrices, and how one entry of its result comes about. */

/* -> {kind: "product", left, right, add, out} with left and right {symbol, flip}, or {kind: "row", items: [symbol or {sign}]}.
   A flipped operand is drawn transposed. */
function sceneOf({ rule, inputs, output, layer, operation }) {
  const [first, second, third] = inputs;
  if (rule === "forward_1") return { kind: "product", left: { symbol: first }, right: { symbol: second }, add: third, out: output };
  if (rule === "backward_1") return { kind: "product", left: { symbol: first }, right: { symbol: second, flip: true }, out: output };
  if (rule === "gradient" && inputs.length === 2) return { kind: "product", left: { symbol: first, flip: true }, right: { symbol: second }, out: output };
  const sign = (text) => ({ sign: text });
  const row = (...items) => ({ kind: "row", items, out: output, columns: rule === "gradient" });
  if (rule === "gradient") return row(first, sign("∑ rows →"), output);
  if (rule === "forward_2") return row(first, sign("f →"), output);
  if (rule === "backward_2") return row(first, sign("⊙ f′ of"), second, sign("="), output);
  if (rule === "update") return row(first, sign("− η ·"), second, sign("="), output);
  if (first === output) return row(first, sign(`→ layer ${rule === "forward_3" ? layer + 1 : layer - 1}`));
  if (inputs.length === 1) return { ...row(first, sign("add up →"), output), total: true };
  return row(first, sign(","), second, sign(operation.startsWith("start") ? "E′ →" : "E →"), output);
}

/* Entry (row, column) of the result -> {terms: [[factor, ...], ...], tail, before, after} with factors {value, symbol}; null where a
   matrix came in blocks. `tail` are factors of nothing: numbers that are added. */
function entryOf(operation, data, row, column) {
  const scene = sceneOf(operation);
  const symbols = [...operation.inputs, operation.output];
  if (symbols.some((symbol) => !data.matrix(symbol) && symbol !== "eta") || symbols.some((symbol) => (data.matrix(symbol) || {}).blocks)) return null;
  const value = (symbol, r, c) => ({ symbol, value: data.at(symbol, r, c) });
  const result = value(operation.output, row, column);
  if (scene.kind === "product") return { ...productOf(scene, data, value, row, column), result };
  const [first, second] = operation.inputs;
  if (scene.columns) return { terms: rowsOf(data, first, (r) => [value(first, r, column)]), result };
  if (scene.total) return { ...totalOf(data, first), result };
  return { ...pointOf(operation, data, value(first, row, column), second && value(second, row, column), result), result };
}

function rowsOf(data, symbol, make) {
  return Array.from({ length: data.matrix(symbol).rows }, (_, r) => make(r));
}

function productOf({ left, right, add }, data, value, row, column) {
  const held = data.matrix(left.symbol);
  const terms = Array.from({ length: left.flip ? held.rows : held.cols }, (_, k) => [
    left.flip ? value(left.symbol, k, row) : value(left.symbol, row, k),
    right.flip ? value(right.symbol, column, k) : value(right.symbol, k, column),
  ]);
  return { terms, tail: add ? value(add, 0, column) : null };
}

function totalOf(data, symbol) {
  const { array } = data.matrix(symbol);
  const terms = Array.from(array, (entry) => [{ symbol, value: entry }]);
  return { terms, divide: data.matrix(symbol).rows };
}

/* What is done entry by entry: a list of texts and numbers in the order they are written. */
function pointOf({ rule, inputs, output, layer, operation }, data, first, second, result) {
  const label = (data.activations[layer - 1] || { label: "f" }).label;
  if (rule === "forward_2") return { line: [label, "(", first, ")"] };
  if (rule === "backward_2") {
    const slope = result.value / first.value;
    return { line: [first, "× f′(", second, ")", ...(Number.isFinite(slope) ? ["=", first, "×", { value: slope, symbol: "slope" }] : [])] };
  }
  if (rule === "update") return { line: [first, "−", { symbol: "eta", value: data.study.learning_rate }, "×", second] };
  if (inputs[0] === output) return { line: [] };
  const start = operation.startsWith("start");
  return { line: [...(start && data.batch > 1 ? [`1/${data.batch}`] : []), start ? "E′(" : "E(", first, ",", second, ")"] };
}
