/* The commands that the formulas of a pass need on top of those that maths.js knows. */
Object.assign(GREEK, { delta: "δ", partial: "∂", prime: "′", space: "\u00a0" });
Object.assign(RELATIONS, { odot: "⊙", sum: "∑", to: "→", top: "⊤" });

/* LaTeX -> <math>; where it holds something unknown, its text. */
function formula(latex) {
  const plain = latex
    .replace(/\\tfrac/g, "\\frac")
    .replace(/\\text\{([^}]*)\}/g, (_, words) => `\\mathrm{${words.trim()}}\\space `)
    .replace(/'/g, "\\prime ");
  return mathOf(plain) || el("span", { text: latex });
}
