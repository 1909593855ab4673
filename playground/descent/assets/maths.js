/* The formulas of the rules as MathML, which every current browser sets. Understands the LaTeX that the rules are written in:
   letters, numbers, operators, ^ _ { }, and the commands below; mathOf returns null for anything else. */
const MATHML = "http://www.w3.org/1998/Math/MathML";
const GREEK = {
  mu: "μ", rho: "ρ", eta: "η", epsilon: "ε", lambda: "λ", Delta: "Δ", beta: "β", alpha: "α", gamma: "γ",
};
const RELATIONS = { leftarrow: "←", cdot: "·", times: "×", pm: "±", quad: " " };

function math(tag, ...children) {
  const node = document.createElementNS(MATHML, tag);
  node.append(...children);
  return node;
}

/* A whole formula as a <math> element, or null. */
function mathOf(latex) {
  const tokens = latex.match(/\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|\S/g) || [];
  const reader = { tokens, at: 0 };
  try {
    const row = mathRow(reader, null);
    return reader.at === tokens.length ? math("math", row) : null;
  } catch {
    return null;
  }
}

function mathRow(reader, end) {
  const row = math("mrow");
  while (reader.at < reader.tokens.length && reader.tokens[reader.at] !== end) {
    const part = mathScripts(reader, mathAtom(reader));
    if (part) row.append(part);
  }
  return row;
}

/* What stands at this place, without its scripts; null for spaces. */
function mathAtom(reader) {
  const token = reader.tokens[reader.at++];
  if (token === undefined) throw new Error("the formula ends too early");
  if (token === "{") return mathGroup(reader);
  if (token.startsWith("\\")) return mathCommand(reader, token.slice(1));
  if (/^\d/.test(token)) return math("mn", token);
  if (/^[a-zA-Z]$/.test(token)) return math("mi", token);
  if ("+-=/()[],".includes(token)) return math("mo", token === "-" ? "−" : token);
  throw new Error(`unknown ${token}`);
}

/* After an opening brace: up to the closing one. */
function mathGroup(reader) {
  const row = mathRow(reader, "}");
  if (reader.tokens[reader.at++] !== "}") throw new Error("a brace is missing");
  return row;
}

function mathArgument(reader) {
  return mathAtom(reader);
}

function mathCommand(reader, name) {
  if (GREEK[name]) return math("mi", GREEK[name]);
  if (RELATIONS[name]) return math("mo", RELATIONS[name]);
  if (name === "frac") return math("mfrac", mathArgument(reader), mathArgument(reader));
  if (name === "sqrt") return math("msqrt", mathArgument(reader));
  if (name === "hat") return math("mover", mathArgument(reader), math("mo", "^"));
  if (name === "mathrm") {
    const word = mathArgument(reader);
    const upright = math("mi", word.textContent);
    upright.setAttribute("mathvariant", "normal");
    return upright;
  }
  if (/^[,;! ]$/.test(name)) return null;
  throw new Error(`unknown \\${name}`);
}

function mathScripts(reader, base) {
  let below = null;
  let above = null;
  for (;;) {
    const token = reader.tokens[reader.at];
    if (token !== "^" && token !== "_") break;
    reader.at++;
    if (token === "^") above = mathArgument(reader);
    else below = mathArgument(reader);
  }
  if (below && above) return math("msubsup", base, below, above);
  if (below) return math("msub", base, below);
  return above ? math("msup", base, above) : base;
}
