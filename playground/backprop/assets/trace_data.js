/* One traced pass as the page sent it: header and matrices (playground/backprop/payload.py), and what the three views read from them. */
const PICTURE_SIDE = 8;

class TraceData {
  /* header: the component's data without the blob. sections: symbol -> {array, shape} */
  constructor(header, sections) {
    this.header = header;
    this.study = header.study || {};
    this.operations = header.operations;
    this.rules = header.rules || [];
    this.widths = header.net.widths;
    this.activations = header.net.activations || [];
    this.depth = this.widths.length - 1;
    this.last = this.operations.length - 1;
    this.matrices = new Map();
    for (const [symbol, about] of Object.entries(header.matrices)) {
      const section = sections[symbol];
      if (!section) continue;
      const [rows, cols] = about.shape;
      const [heldRows, heldCols] = section.shape;
      this.matrices.set(symbol, { ...about, symbol, rows, cols, heldRows, heldCols, array: section.array });
    }
    this.batch = this.study.batch || (this.matrices.get("X") || { rows: 1 }).rows;
    this.born = new Map();
    for (const { index, inputs, output } of this.operations) if (!inputs.includes(output) && !this.born.has(output)) this.born.set(output, index);
    this.sizes = new Map();
  }

  static async decode(data) {
    const { blob, ...header } = data;
    const whole = await inflate(bytesOfBase64(blob), blobSize(header.layout));
    return new TraceData(header, cutSections(whole, header.layout));
  }

  matrix(symbol) {
    return this.matrices.get(symbol) || null;
  }

  /* An entry; NaN where there is none or only blocks of it were sent. */
  at(symbol, row, column) {
    const matrix = this.matrices.get(symbol);
    if (!matrix || matrix.blocks || !(row < matrix.rows && column < matrix.cols)) return NaN;
    return matrix.array[row * matrix.cols + column];
  }

  /* The largest size of an entry. */
  largest(symbol) {
    if (!this.sizes.has(symbol)) {
      const matrix = this.matrices.get(symbol);
      let most = 0;
      for (const value of matrix ? matrix.array : []) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
      this.sizes.set(symbol, most);
    }
    return this.sizes.get(symbol);
  }

  /* Whether the pass has come to where this is computed. */
  known(symbol, step) {
    return this.matrices.has(symbol) && (!this.born.has(symbol) || this.born.get(symbol) <= step);
  }

  output(layer) {
    return layer === 0 ? "X" : layer === this.depth ? "Y" : `A${layer}`;
  }

  /* What column `layer` of the diagram holds at a step: its outputs, else what arrived there, else nothing. */
  valueOf(layer, step) {
    return [this.output(layer), `Z${layer}`].find((symbol) => this.known(symbol, step)) || null;
  }

  errorOf(layer, step) {
    return (layer === 0 ? ["dX"] : [`D${layer}`, `dA${layer}`]).find((symbol) => this.known(symbol, step)) || null;
  }

  /* The matrix in force: after its update the new one. */
  weightsOf(layer, step, letter = "W") {
    const next = `${letter}${layer}'`;
    return this.known(next, step) ? next : `${letter}${layer}`;
  }

  /* Of one example an entry as it is; of the whole batch (-1) the mean of the sizes. */
  unit(symbol, example, column) {
    const matrix = this.matrices.get(symbol);
    if (!matrix || matrix.blocks || column >= matrix.cols) return NaN;
    if (example >= 0) return this.at(symbol, Math.min(example, matrix.rows - 1), column);
    return this.means(matrix)[column];
  }

  /* Mean size of each column, kept. */
  means(matrix) {
    if (!matrix.means) {
      const { rows, cols, array } = matrix;
      matrix.means = new Float64Array(cols);
      for (let k = 0; k < rows * cols; k++) matrix.means[k % cols] += Math.abs(array[k]) / rows;
    }
    return matrix.means;
  }

  /* Height and width of the picture that the inputs are, or null. */
  get picture() {
    const side = Math.round(Math.sqrt(this.widths[0]));
    return side >= PICTURE_SIDE && side * side === this.widths[0] ? side : null;
  }

  /* The `count` units of a layer that say most for an example, in their own order. */
  strongest(layer, example, count) {
    const all = Array.from({ length: this.widths[layer] }, (_, unit) => unit);
    if (all.length <= count) return all;
    const symbol = this.output(layer);
    const size = all.map((unit) => Math.abs(this.unit(symbol, example, unit)) || 0);
    return all.sort((a, b) => size[b] - size[a]).slice(0, count).sort((a, b) => a - b);
  }
}

/* "128 × 3" */
const shapeText = ({ rows, cols }) => `${rows} × ${cols}`;
