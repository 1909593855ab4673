/* How the number of a unit of a dense layer came about: its largest contributions as bars; at the output the answers too. */
class DenseStory extends PointStory {
  constructor() {
    super();
    this.bars = el("div", { class: "inside-bars" });
    this.answers = el("div", { class: "inside-bars answers" });
    this.root.replaceChildren(this.bars, this.answers, this.lines);
    this.parts = { bars: [], answers: [] };
  }

  show(tale) {
    const { unit, layer, names } = tale;
    const top = unit.top || [];
    const most = Math.max(1e-12, ...top.map(([, , , product]) => Math.abs(product)));
    this.fill("bars", top.map(([label, a, w, product]) => ({ label: countedFromOne(label), words: `${format(a)} · ${term(w)}`, share: product / most, value: format(product) })));
    this.say(...this.sums(unit, top), appliedText(names[layer.activation], layer.activation, unit.sum, unit.value), ...this.answered(tale));
    this.facts = { products: top.map(([, , , product]) => product), text: this.lines.firstChild ? this.lines.firstChild.textContent : "" };
  }

  sums({ bias, sum, terms, rest: smaller }, top) {
    const shown = total(top.map(([, , , product]) => product));
    const many = terms - top.length;
    const rest = many > 0 ? ` + ${formatCount(many)} smaller ones ${term(smaller)}` : "";
    return [`${top.length === 1 ? "The product" : `The ${top.length} largest products`} ${format(shown)}${rest} + bias ${term(bias)} = ${format(sum)}`];
  }

  answered({ unit, place, cost }) {
    setHidden(this.answers, !unit.logits);
    if (!unit.logits) return [];
    const answer = largest(unit.probabilities, 0, unit.probabilities.length);
    this.fill("answers", unit.logits.map((z, k) => ({
      label: `digit ${k}`, words: `sum ${format(z)}`, share: unit.probabilities[k], value: sureText(unit.probabilities[k]), strong: k === place[1] || k === answer,
    })));
    const write = ANSWERED[cost];
    return write ? [write(unit.logits, place[1])] : [];
  }

  /* Rows are made once; what changes is text and the length of a bar. */
  fill(name, items) {
    const box = this[name];
    const rows = this.parts[name];
    while (rows.length < items.length) {
      const row = { label: el("span"), words: el("span", { class: "inside-words number" }), bar: el("i"), value: el("b", { class: "number" }) };
      row.root = el("div", { class: "inside-bar" }, row.label, row.words, el("span", { class: "inside-track" }, row.bar), row.value);
      rows.push(row);
      box.append(row.root);
    }
    rows.forEach((row, i) => {
      setHidden(row.root, i >= items.length);
      if (i < items.length) this.fillRow(row, items[i], name === "answers");
    });
  }

  fillRow(row, { label, words, share, value, strong }, oneSided) {
    setText(row.label, label);
    setText(row.words, words);
    setText(row.value, value);
    row.root.classList.toggle("strong", Boolean(strong));
    const size = `${(oneSided ? 100 : 50) * Math.min(1, Math.abs(share) || 0)}%`;
    if (row.bar.style.width !== size) row.bar.style.width = size;
    row.bar.className = oneSided ? "answer" : share < 0 ? "against" : "for";
  }
}

/* LeNet-5's output: how far what reaches it is from a drawn picture of the digit. */
class DistanceStory extends DenseStory {
  constructor() {
    super();
    this.seen = new NumberGrid("what reaches it", "The 84 units of the layer before, as a picture");
    this.picture = new NumberGrid("the drawn digit", "The picture that it is compared with");
    const step = WindowStory.prototype.after("−", this.picture);
    this.root.replaceChildren(el("div", { class: "inside-flow" }, this.seen.root, step), this.answers, this.lines);
  }

  show(tale) {
    const { window: seen, kernel, theme, tight } = tale;
    if (seen && kernel && seen.shape.length === 3) {
      const strength = Math.max(1, ...seen.array.map(Math.abs));
      this.seen.draw(Array.from(seen.array), seen.shape[2], theme, { strength, tight });
      this.picture.draw(Array.from(kernel.array), seen.shape[2], theme, { strength, tight });
    }
    super.show(tale);
  }

  sums({ sum, terms }) {
    return [`Minus the sum of the ${terms} squared differences: ${format(sum)}. The nearest picture wins.`];
  }
}

const STORIES = {
  conv: ConvStory, pool_max: PoolStory, pool_average: PoolStory, pool_l2: PoolStory, subsample: PoolStory,
  norm: PointStory, dropout: PointStory, flatten: PointStory, dense: DenseStory, rbf: DistanceStory,
};
