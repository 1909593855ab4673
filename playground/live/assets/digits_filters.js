/* The first layer's weights as pictures. */
const FILTER_TILES = 64;
const FILTER_GAP = 3;

class Filters extends CellPlot {
  constructor(ctx) {
    super("First-layer weights", "", ctx);
    this.atlas = new Atlas();
    this.tiles = FILTER_TILES;
    this.root.classList.add("filters");
  }

  measure(width) {
    this.columns = Math.min(16, Math.max(8, Math.floor(width / 58)));
    this.tile = Math.min(64, Math.floor((width - 2) / this.columns));
    return Math.ceil(FILTER_TILES / this.columns) * this.tile + 2;
  }

  cellAt(x, y) {
    const column = Math.floor(x / this.tile);
    return column < this.columns ? Math.floor(y / this.tile) * this.columns + column : null;
  }

  setTheme(theme) {
    super.setTheme(theme);
    this.repaint = true;
  }

  update(store) {
    this.repaint = this.repaint || store.changed("filters");
    const changed = store.changed("filters", "experiment");
    if (!this.due(changed, this.ctx.wakeLater)) return;
    const section = store.section("filters");
    if (this.repaint) this.atlas.paint(section, this.theme.unit);
    this.repaint = false;
    this.count = Math.min(FILTER_TILES, this.atlas.count);
    const layers = store.net && store.net.layers;
    this.units = layers && layers.length ? layers[0].units : null;
    this.draw();
    this.tell();
  }

  draw() {
    const context = this.begin(this.theme);
    if (!this.count) {
      this.empty(context, "The weights appear as soon as the engine is ready.");
      return;
    }
    for (let i = 0; i < this.count; i++) this.drawTile(context, i, 0);
    if (this.picked !== null) this.drawLarge(context, this.picked);
  }

  corner(i) {
    return [(i % this.columns) * this.tile, Math.floor(i / this.columns) * this.tile];
  }

  drawTile(context, i) {
    const [x, y] = this.corner(i);
    this.atlas.draw(context, i, x + 1, y + 1, this.tile - FILTER_GAP);
  }

  /* The picked picture at three times its size, kept inside the panel. */
  drawLarge(context, i) {
    const size = Math.max(112, 2.5 * this.tile);
    const [x, y] = this.corner(i);
    const left = clamp(x + this.tile / 2 - size / 2, 2, this.width - size - 2);
    const top = clamp(y + this.tile / 2 - size / 2, 2, this.height - size - 2);
    this.atlas.draw(context, i, left, top, size);
    this.ring(context, left - 1, top - 1, size + 2, size + 2);
  }

  idle() {
    if (!this.count) return "";
    if (this.units === null) return "No hidden layer: one picture a digit, 0 to 9.";
    return this.units > this.count ? `${this.count} of ${formatCount(this.units)} units. Blue speaks for the unit, orange against it.` : "Blue speaks for the unit, orange against it.";
  }

  describe(i) {
    return this.units === null ? `Weights of the answer ${i}` : `Weights of unit ${i + 1}`;
  }
}
