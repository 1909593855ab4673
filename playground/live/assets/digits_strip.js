/* Twelve test digits with the net's ten outputs, and the wrong answers it is surest of. */
const STRIP_TILES = 12;
const TILE_HEIGHT = 142;
const PICTURE = 56;
const BARS = 40;

const largest = (array, from, count) => {
  let best = 0;
  for (let k = 1; k < count; k++) if (array[from + k] > array[from + best]) best = k;
  return best;
};

class DigitStrip extends CellPlot {
  constructor(ctx) {
    super("Test digits, read as it learns", "The outlined bar is the true digit.", ctx);
    this.atlas = new Atlas();
    this.root.classList.add("strip");
  }

  measure(width) {
    this.columns = [12, 6, 4, 3].find((n) => width / n >= 74) || 2;
    this.tile = width / this.columns;
    return Math.ceil(STRIP_TILES / this.columns) * TILE_HEIGHT;
  }

  cellAt(x, y) {
    return Math.floor(y / TILE_HEIGHT) * this.columns + clamp(Math.floor(x / this.tile), 0, this.columns - 1);
  }

  setTheme(theme) {
    super.setTheme(theme);
    this.repaint = true;
  }

  update(store) {
    const changed = store.changed("strip", "strip_bars", "strip_labels");
    this.repaint = this.repaint || store.changed("strip");
    if (!this.due(changed, this.ctx.wakeLater)) return;
    const pictures = store.section("strip");
    this.labels = store.section("strip_labels");
    this.bars = store.section("strip_bars");
    if (this.repaint) this.atlas.paint(pictures, inkTable(this.theme));
    this.repaint = false;
    this.count = pictures && this.labels ? Math.min(STRIP_TILES, this.atlas.count) : 0;
    this.draw();
    this.tell();
  }

  draw() {
    const context = this.begin(this.theme);
    for (let i = 0; i < (this.count || STRIP_TILES); i++) {
      const x = (i % this.columns) * this.tile;
      const y = Math.floor(i / this.columns) * TILE_HEIGHT;
      if (i === this.picked) {
        context.fillStyle = this.theme.grid;
        context.fillRect(x + 1, y, this.tile - 2, TILE_HEIGHT - 6);
      }
      this.drawTile(context, i, x + 4, y, this.tile - 8);
    }
  }

  drawTile(context, i, x, y, width) {
    const left = Math.round(x + (width - PICTURE) / 2);
    const known = i < this.count;
    if (known) this.atlas.draw(context, i, left, y + 20, PICTURE);
    context.strokeStyle = this.theme.faint;
    context.lineWidth = 1;
    context.strokeRect(left - 0.5, y + 19.5, PICTURE + 1, PICTURE + 1);
    const truth = known ? this.labels.array[i] : null;
    const at = known && this.bars ? 10 * i : null;
    if (at !== null) this.drawAnswer(context, truth, largest(this.bars.array, at, 10), left, y);
    this.drawBars(context, at, truth, x, y + 82, width);
  }

  drawAnswer(context, truth, answer, x, y) {
    const right = truth === answer;
    drawMark(context, right, x, y + 4, 9, rgb(verdict(right, this.theme)));
    context.font = `600 12px ${this.theme.font}`;
    context.textAlign = "left";
    context.fillStyle = this.theme.text;
    context.fillText(`reads ${answer}`, x + 14, y + 13);
  }

  drawBars(context, at, truth, x, y, width) {
    const { theme } = this;
    const slot = width / 10;
    const answer = at === null ? null : largest(this.bars.array, at, 10);
    context.textAlign = "center";
    for (let k = 0; k < 10; k++) {
      const height = at === null ? 0 : clamp(this.bars.array[at + k], 0, 1) * BARS;
      const left = x + k * slot + 1;
      context.fillStyle = k === answer ? rgb(verdict(k === truth, theme)) : theme.muted;
      context.fillRect(left, y + BARS - height, slot - 2, height);
      context.fillStyle = k === truth ? theme.text : theme.muted;
      context.font = `${k === truth ? "700 " : ""}9px ${theme.font}`;
      context.fillText(String(k), left + slot / 2 - 1, y + BARS + 10);
    }
    context.strokeStyle = theme.faint;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, y + BARS + 0.5);
    context.lineTo(x + width, y + BARS + 0.5);
    context.stroke();
    if (truth === null) return;
    context.strokeStyle = theme.text;
    context.strokeRect(x + truth * slot + 0.5, y - 0.5, slot - 1, BARS + 1);
  }

  describe(i) {
    if (!this.bars) return this.hint;
    const at = 10 * i;
    const truth = this.labels.array[i];
    const answer = largest(this.bars.array, at, 10);
    const said = `It is ${truth}. Reads ${answer} at ${formatSure(this.bars.array[at + answer])}`;
    return truth === answer ? `${said}.` : `${said}, the true ${truth} at ${formatSure(this.bars.array[at + truth])}.`;
  }
}

const WORST_TILES = 12;
const WORST_HEIGHT = 102;

class WorstMistakes extends CellPlot {
  constructor(ctx) {
    super("Worst mistakes", "Wrong on the test set, and sure of it.", ctx);
    this.atlas = new Atlas();
    this.root.classList.add("worst");
  }

  measure(width) {
    this.columns = [12, 6, 4, 3].find((n) => width / n >= 76) || 2;
    this.tile = width / this.columns;
    return Math.ceil(WORST_TILES / this.columns) * WORST_HEIGHT;
  }

  cellAt(x, y) {
    return Math.floor(y / WORST_HEIGHT) * this.columns + clamp(Math.floor(x / this.tile), 0, this.columns - 1);
  }

  setTheme(theme) {
    super.setTheme(theme);
    this.repaint = true;
  }

  update(store) {
    this.repaint = this.repaint || store.changed("worst");
    const when = store.run.step && this.measured ? measuredWhen(store) : "";
    const unmeasured = unmeasuredText(store);
    const changed = store.changed("worst", "worst_info", "confusion") || when !== this.when || (!this.measured && unmeasured !== this.unmeasured);
    Object.assign(this, { when, unmeasured });
    if (!this.due(changed, this.ctx.wakeLater)) return;
    const pictures = store.section("worst");
    this.info = store.section("worst_info");
    if (this.repaint) this.atlas.paint(pictures, inkTable(this.theme));
    this.repaint = false;
    this.count = pictures && this.info ? Math.min(WORST_TILES, this.atlas.count, this.info.shape[0]) : 0;
    const confusion = store.section("confusion");
    this.measured = Boolean(confusion && sum(confusion.array));
    this.draw();
    this.tell();
  }

  idle() {
    return dated(this.when, this.hint);
  }

  draw() {
    const context = this.begin(this.theme);
    if (!this.count) {
      this.empty(context, this.measured ? "Not one mistake on the test set." : this.unmeasured);
      return;
    }
    for (let i = 0; i < this.count; i++) this.drawTile(context, i);
  }

  drawTile(context, i) {
    const { theme } = this;
    const middle = ((i % this.columns) + 0.5) * this.tile;
    const top = Math.floor(i / this.columns) * WORST_HEIGHT;
    const left = Math.round(middle - PICTURE / 2);
    this.atlas.draw(context, i, left, top + 3, PICTURE);
    context.lineWidth = 1;
    context.strokeStyle = theme.faint;
    context.strokeRect(left - 0.5, top + 2.5, PICTURE + 1, PICTURE + 1);
    if (i === this.picked) this.ring(context, left - 2, top + 1, PICTURE + 4, PICTURE + 4);
    const [truth, answer, sure] = this.info.array.subarray(3 * i, 3 * i + 3);
    context.textAlign = "center";
    context.fillStyle = theme.text;
    context.font = `600 12px ${theme.font}`;
    context.fillText(`${truth} read as ${answer}`, middle, top + PICTURE + 18);
    context.fillStyle = theme.muted;
    context.font = `11px ${theme.font}`;
    context.fillText(formatSure(sure), middle, top + PICTURE + 33);
  }

  describe(i) {
    const [truth, answer, sure] = this.info.array.subarray(3 * i, 3 * i + 3);
    return `It is ${truth}; the net reads ${answer} at ${formatSure(sure)}.`;
  }
}
