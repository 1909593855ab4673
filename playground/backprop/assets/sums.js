/* How one entry of a result comes about, written out with its numbers. */
const TERMS_WHOLE = 10;
const TERMS_OF_MANY = 6;

/* place: {row, column, k}; k is the term that the pointer is on, or null. -> DOM nodes */
function writeSum(operation, data, place, tell) {
  const entry = entryOf(operation, data, place.row, place.column);
  const out = data.matrix(operation.output);
  if (!entry) return [el("span", { class: "muted", text: "Too large to send number by number: a cell stands for the largest entry of its block." })];
  const result = format(entry.result.value);
  tell(`${operation.output}[${place.row},${place.column}]`, result);
  const single = out.rows * out.cols === 1;
  const head = el("span", { class: "sum-head" }, formula(out.latex), single ? null : el("small", { text: `[${place.row + 1}, ${place.column + 1}]` }));
  const body = entry.line ? lineNodes(entry.line, data) : sumNodes(entry, data, place.k, tell, operation);
  return [head, equals(), ...body, body.length ? equals() : null, el("b", { class: `term ${kindOf(operation.output, data)}`, text: result })].filter(Boolean);
}

/* Brackets keep close to what they hold. */
const signNode = (text) => el("span", { class: `sign${/\($/.test(text) ? " open" : ""}${/^\)|^,/.test(text) ? " close" : ""}`, text });
const equals = () => el("span", { class: "sign", text: "=" });
const kindOf = (symbol, data) => (data.matrix(symbol) || { kind: "number" }).kind;

/* Negative numbers stand in brackets behind a sign. */
function numberNode({ symbol, value }, data, first = false) {
  const text = format(value);
  return el("span", { class: `num ${kindOf(symbol, data)}`, text: value < 0 && !first ? `(${text})` : text });
}

function lineNodes(line, data) {
  return line.map((part, i) => (typeof part === "string" ? signNode(part) : numberNode(part, data, i === 0 || /\($|,$/.test(line[i - 1]))));
}

function sumNodes({ terms, tail, divide }, data, chosen, tell, operation) {
  const value = (term) => term.reduce((product, factor) => product * factor.value, 1);
  const all = terms.map((term, k) => ({ term, k, value: value(term) }));
  const few = all.length <= TERMS_WHOLE;
  const shown = few ? all : [...all].sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, TERMS_OF_MANY).sort((a, b) => a.k - b.k);
  if (chosen !== null && all[chosen] && !shown.includes(all[chosen])) shown.splice(0, 0, all[chosen]);
  const nodes = shown.flatMap(({ term, k }, i) => [
    i ? el("span", { class: "sign", text: "+" }) : null,
    el("span", { class: k === chosen ? "term lit" : "term" }, ...term.flatMap((factor, f) => [f ? el("span", { class: "sign", text: "×" }) : null, numberNode(factor, data, i === 0 && f === 0)])),
  ]).filter(Boolean);
  if (!few) {
    const rest = all.filter((part) => !shown.includes(part)).reduce((sum, part) => sum + part.value, 0);
    nodes.push(el("span", { class: "sign", text: "+" }), el("span", { class: "term rest", text: `${all.length - shown.length} smaller terms: ${format(rest)}` }));
  }
  tell(`${operation.output}:terms`, shown.map(({ term }) => term.map((factor) => format(factor.value)).join("×")).join(" + "));
  if (tail) nodes.push(el("span", { class: "sign", text: "+" }), numberNode(tail, data));
  if (divide && divide > 1) {
    nodes.unshift(signNode("("));
    nodes.push(signNode(`) / ${divide}`));
  }
  return nodes;
}
