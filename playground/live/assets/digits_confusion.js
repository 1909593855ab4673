/* The confusion matrix: rows are true digits, columns the net's answers; colour is the share of the row. */
const CONFUSION_LEFT = 34;
const CONFUSION_TOP = 32;
const CONFUSION_RIGHT = 54;
const CONFUSION_MOST = 44;

class Confusion extends CellPlot {
  constructor(ctx) {
    super("Confusion matrix", "Point at a cell.", ctx);
    Object.assign(this, { columns: 10, counts: null });
    this.root.classList.add("confusion");
  }

  measure(width) {
    this.cell = Math.min(CONFUSION_MOST, Math.floor((width - CONFUSION_LEFT - CONFUSION_RIGHT) / 10));
    this.left = CONFUSION_LEFT + Math.max(0, Math.floor((width - CONFUSION_LEFT - CONFUSION_RIGHT - 10 * this.cell) / 2));
    return CONFUSION_TOP + 10 * this.cell + 6;
  }

  cellAt(x, y) {
    const column = Math.floor((x - this.left) / this.cell);
    const row = Math.floor((y - CONFUSION_TOP) / this.cell);
    return column >= 0 && column < 10 && row >= 0 && row < 10 ? 10 * row + column : null;
  }

  update(store) {
    const when = store.run.step && this.counts ? measuredWhen(store) : "";
    const unmeasured = unmeasuredText(store);
    const changed = store.changed("confusion") || when !== this.when || (!this.counts && unmeasured !== this.unmeasured);
    Object.assign(this, { when, unmeasured });
    if (!this.due(changed, this.ctx.wakeLater)) return;
    const section = store.section("confusion");
    /* before the first measurement the counts are all 0 */
    this.counts = section && sum(section.array) ? section.array : null;
    this.count = this.counts ? 100 : 0;
    this.totals = Array.from({ length: 10 }, (_, row) => (this.counts ? sum(this.counts.subarray(10 * row, 10 * row + 10)) : 0));
    this.draw();
    this.tell();
  }

  idle() {
    return dated(this.when, this.hint);
  }

  draw() {
    const context = this.begin(this.theme);
    this.drawNames(context);
    for (let row = 0; row < 10; row++) {
      for (let column = 0; column < 10; column++) this.drawCell(context, row, column);
      this.drawShare(context, row);
    }
    if (!this.counts) this.empty(context, this.unmeasured);
    else if (this.picked !== null) {
      const [x, y] = this.corner(this.picked);
      this.ring(context, x + 1, y + 1, this.cell - 2, this.cell - 2);
    }
  }

  corner(index) {
    return [this.left + (index % 10) * this.cell, CONFUSION_TOP + Math.floor(index / 10) * this.cell];
  }

  drawNames(context) {
    const { theme, cell, left } = this;
    const middle = left + 5 * cell;
    context.fillStyle = theme.muted;
    context.textAlign = "center";
    context.fillText("answer of the net", middle, 11);
    context.fillText("right", left + 10 * cell + CONFUSION_RIGHT / 2, CONFUSION_TOP - 7);
    context.save();
    context.translate(left - 24, CONFUSION_TOP + 5 * cell);
    context.rotate(-Math.PI / 2);
    context.fillText("true digit", 0, 0);
    context.restore();
    context.font = `600 12px ${theme.font}`;
    context.fillStyle = theme.text;
    for (let k = 0; k < 10; k++) {
      context.fillText(String(k), left + (k + 0.5) * cell, CONFUSION_TOP - 7);
      context.fillText(String(k), left - 10, CONFUSION_TOP + (k + 0.5) * cell + 4);
    }
  }

  drawCell(context, row, column) {
    const { theme, cell } = this;
    const [x, y] = this.corner(10 * row + column);
    const count = this.counts ? this.counts[10 * row + column] : 0;
    const share = this.totals[row] ? count / this.totals[row] : 0;
    const ground = shareGround(row === column, share, theme);
    context.fillStyle = rgb(this.counts ? ground : mix(theme.background, theme.ink, 0.04));
    context.fillRect(x + 0.5, y + 0.5, cell - 1, cell - 1);
    if (!count) return;
    context.font = `${row === column ? "600 " : ""}${cell < 30 ? 10 : 11}px ${theme.font}`;
    context.textAlign = "center";
    context.fillStyle = textOn(ground);
    context.fillText(String(count), x + cell / 2, y + cell / 2 + 4);
  }

  drawShare(context, row) {
    if (!this.counts) return;
    context.font = `11px ${this.theme.font}`;
    context.textAlign = "center";
    context.fillStyle = this.theme.muted;
    const share = this.totals[row] ? this.counts[11 * row] / this.totals[row] : NaN;
    const y = CONFUSION_TOP + (row + 0.5) * this.cell + 4;
    context.fillText(formatShare(share), this.left + 10 * this.cell + CONFUSION_RIGHT / 2, y);
  }

  describe(index) {
    const [row, column] = [Math.floor(index / 10), index % 10];
    const [count, total] = [this.counts[index], this.totals[row]];
    return `True ${row}, answered ${column}: ${formatCount(count)} of ${formatCount(total)} (${formatShare(total ? count / total : NaN)})`;
  }
}

/* A hint, preceded by when the picture's figures were measured. */
function dated(when, hint) {
  if (!when) return hint;
  return `${when.startsWith("epoch") ? `After ${when}` : capital(when)}. ${hint}`;
}

const sum = (array) => array.reduce((total, value) => total + value, 0);

/* Share of the test set that is answered rightly, from the matrix: it is newer than the last finished epoch. */
function accuracyOf(confusion) {
  if (!confusion) return null;
  const total = sum(confusion.array);
  let right = 0;
  for (let k = 0; k < 10; k++) right += confusion.array[11 * k];
  return total ? right / total : null;
}
