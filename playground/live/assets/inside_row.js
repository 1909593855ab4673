/* One layer: what it is, and its maps as tiles or its units as a strip, each convolution's filters above their maps. */
const MOST_MAPS = 32;
const MOST_UNITS_SHOWN = 512;
const INPUT = -1;

/* layer: as the server tells it, or the input's. panel: {look, scale, tables, theme, roomy, point(row, place, event), pick(row, place)} */
class InsideRow {
  constructor(panel, layer) {
    Object.assign(this, { panel, layer, stale: true, seen: true, hovered: null });
    this.index = layer.index;
    this.name = this.index === INPUT ? "inside_in" : `inside_${this.index}`;
    this.scales = this.index === INPUT ? "scales_in" : `scales_${this.index}`;
    this.maps = isMaps(layer.shape);
    this.output = layer.label === "output";
    const whole = layer.shape.length === 3 ? layer.shape[0] : layer.shape.reduce((a, b) => a * b, 1);
    this.count = Math.min(whole, layer.shape.length === 3 ? MOST_MAPS : MOST_UNITS_SHOWN);
    this.whole = whole;
    this.atlas = new InsideAtlas();
    this.filterAtlas = new InsideAtlas();
    this.build();
  }

  build() {
    const { layer } = this;
    this.canvas = el("canvas", { class: "inside-canvas", role: "img", "aria-label": this.spoken() });
    if (this.index !== INPUT) this.canvas.tabIndex = 0;
    this.range = el("span", { class: "inside-range number" });
    this.scroll = el("div", { class: "inside-scroll" }, this.canvas);
    this.head = el("div", { class: "inside-head", title: this.countsText() },
      el("span", { class: "inside-name" }, el("b", { text: layer.label }), el("span", { text: shapeText(layer.shape) })), el("span", { text: this.quietText() }), this.range);
    this.root = el("div", { class: "inside-row" }, this.head, this.scroll);
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("pointerleave", () => this.point(null));
    this.canvas.addEventListener("click", (event) => this.click(event));
    this.canvas.addEventListener("keydown", (event) => this.panel.key(this, event));
    this.canvas.addEventListener("blur", () => this.point(null));
  }

  spoken() {
    const what = this.maps ? `${this.count} maps of ${this.layer.shape[1]} by ${this.layer.shape[2]}` : `${this.count} units`;
    return `${this.layer.label}: ${what}.${this.index === INPUT ? "" : " Arrow keys choose a place; how its number came about is told below."}`;
  }

  quietText() {
    const { parameters, activation } = this.layer;
    if (this.index === INPUT) return "what the net is given";
    const name = activation && activation !== "linear" ? this.panel.names[activation] || activation : "";
    const some = this.whole > this.count ? `first ${this.count} shown` : "";
    return [parameters ? `${formatCount(parameters)} weights` : "", name, some].filter(Boolean).join(", ");
  }

  countsText() {
    const { parameters, multiplies } = this.layer;
    const most = this.whole > this.count ? `; the first ${this.count} of ${formatCount(this.whole)} are shown` : "";
    return multiplies === undefined ? "" : `${formatCount(parameters)} weights and biases, ${formatCount(multiplies)} multiplications a digit${most}`;
  }

  /* The height follows from the shape and the width: nothing jumps while values come and go. before: the row above, or null */
  resize(width, before) {
    if (width < 20) return;
    const { shape, filters } = this.layer;
    const like = before && before.maps && before.count === this.count && before.lay && this.count > 1 ? before.lay.side : 0;
    this.lay = this.maps ? layTiles({ shape, count: this.count, filters }, width, this.panel.roomy, like) : layStrip(this.count, width, this.output);
    this.scroll.style.height = `${this.lay.height + (this.lay.width > width ? 12 : 0)}px`;
    this.stale = true;
  }

  /* Which sections are new, and whether the pictures have to be painted anew. */
  update(store, all) {
    this.section = this.fitting(store.section(this.name));
    this.scale = this.section && store.section(this.scales);
    const filters = store.section(`filters_${this.index}`);
    this.filters = filters && this.layer.filters && filters.shape.length === 4 && filters.shape[0] === this.count ? filters : null;
    this.filterScale = this.filters && store.section(`filter_scales_${this.index}`);
    if (all || store.changed(this.name, this.scales)) this.mapsStale = true;
    if (all || store.changed(`filters_${this.index}`)) this.filtersStale = true;
    this.stale = this.stale || this.mapsStale || this.filtersStale;
  }

  /* A section of the net before, whose layer had another shape, is not shown. */
  fitting(section) {
    if (!section) return null;
    const [, height, width] = section.shape;
    const { shape } = this.layer;
    const fits = shape.length === 3 ? height === shape[1] && width === shape[2] && section.shape[0] >= this.count : section.array.length >= this.count;
    return fits ? section : null;
  }

  get largest() {
    return this.scale ? Math.max(...this.scale.array) : 0;
  }

  /* One gain a map: by its own scale, by the layer's largest, or by the net's. */
  gains(scales, shared) {
    const { scale } = this.panel;
    if (this.index === INPUT || (scale === "map" && this.maps)) return Array.from(scales, () => 1);
    const to = scale === "net" ? shared : Math.max(...scales);
    return Array.from(scales, (own) => gainOf(own, to));
  }

  paint() {
    if (!this.stale || !(this.seen || this.needed) || !this.lay) return false;
    const { panel, lay } = this;
    if (this.mapsStale && this.section) this.paintMaps(lay);
    if (this.filtersStale && this.filters) {
      const [k, c, size] = this.filters.shape;
      const gains = panel.scale === "map" ? Array(k).fill(1) : this.gains(this.filterScale.array.subarray(0, k), panel.largestFilter);
      this.filterAtlas.paint(this.filters.array, k * c, size, size, panel.weightTable, gains);
    }
    this.stale = this.mapsStale = this.filtersStale = false;
    this.draw();
    return true;
  }

  paintMaps(lay) {
    const { array, shape } = this.section;
    const gains = this.gains(this.scale.array, this.panel.largestValue);
    const table = this.panel.valueTable;
    if (lay.kind === "tiles") this.atlas.paint(array, shape[0], shape[1], shape[2], table, gains);
    else this.atlas.paint(array, 1, 1, array.length, table, gains);
  }

  draw() {
    const { lay } = this;
    const context = fitCanvas(this.canvas, lay.width, lay.height);
    context.clearRect(0, 0, lay.width, lay.height);
    if (!this.section) return this.drawEmpty(context);
    if (lay.kind === "tiles") for (let i = 0; i < this.count; i++) this.drawTile(context, i);
    else this.drawStrip(context);
    this.drawPicked(context);
    this.drawHovered(context);
  }

  drawEmpty(context) {
    const { lay } = this;
    context.fillStyle = this.panel.theme.grid;
    for (let i = 0; i < this.count; i++) {
      const [x, y] = cornerOf(lay, i);
      if (lay.kind === "tiles") context.fillRect(x, y + (lay.filter ? lay.filter.height : 0), lay.side, lay.side);
      else context.fillRect(x, y, lay.cell - 1, STRIP_HEIGHT);
    }
  }

  drawTile(context, i) {
    const { lay } = this;
    const [x, y] = cornerOf(lay, i);
    const { filter } = lay;
    if (filter && this.filters) {
      for (let c = 0; c < filter.channels; c++) {
        const left = x + filter.left + (c % filter.inLine) * (filter.square + 1);
        this.filterAtlas.draw(context, i * filter.channels + c, left, y + Math.floor(c / filter.inLine) * (filter.square + 1), filter.square, filter.square);
      }
    }
    const [top, scale] = [y + (filter ? filter.height : 0), lay.side / Math.max(lay.rows, lay.columns)];
    this.atlas.draw(context, i, x, top, lay.columns * scale, lay.rows * scale);
  }

  drawStrip(context) {
    const { lay, atlas, panel } = this;
    for (let line = 0; line < lay.lines; line++) {
      const from = line * lay.inLine;
      const many = Math.min(lay.inLine, this.count - from);
      atlas.drawPart(context, from, many, 1, 1 + line * lay.tall, many * lay.cell, STRIP_HEIGHT);
    }
    context.fillStyle = panel.theme.page;
    for (let i = 0; i < this.count; i++) {
      const [x, y] = cornerOf(lay, i);
      context.fillRect(x + lay.cell - 1, y, 1, STRIP_HEIGHT);
    }
    if (lay.output) drawAnswers(context, lay, panel);
  }

  drawPicked(context) {
    const { unit } = this.panel.look.state;
    if (!unit || unit[0] !== this.index || unit[1] >= this.count) return;
    this.outline(context, { channel: unit[1], y: unit[2], x: unit[3] }, 2);
  }

  drawHovered(context) {
    if (this.hovered && !this.hovered.filter) this.outline(context, this.hovered, 1);
  }

  outline(context, { channel, y, x }, width) {
    const { lay } = this;
    const [left, top] = cornerOf(lay, channel);
    context.strokeStyle = this.panel.theme.text;
    context.lineWidth = width;
    if (lay.kind === "strip") {
      context.strokeRect(left, top, lay.cell - 1, STRIP_HEIGHT);
      return;
    }
    const scale = lay.side / Math.max(lay.rows, lay.columns);
    const under = top + (lay.filter ? lay.filter.height : 0);
    if (width > 1) context.strokeRect(left, under, lay.columns * scale, lay.rows * scale);
    markPlace(context, left + x * scale, under + y * scale, scale, this.panel.theme);
  }

  /* The number at a place, to the accuracy of its code; null where there is none. */
  valueAt({ channel, y, x }) {
    const { section: section, lay } = this;
    if (!section) return null;
    if (lay.kind === "strip") return decoded(section.array[channel], this.scale.array[this.scale.array.length > 1 ? channel : 0]);
    return decoded(section.array[(channel * lay.rows + y) * lay.columns + x], this.scale.array[channel]);
  }

  point(event) {
    const found = event && this.lay && placeAt(this.lay, event.offsetX, event.offsetY);
    const place = found && (found.filter === undefined || found.filter) ? found : null;
    this.hover(place, event);
  }

  hover(place, event) {
    const same = JSON.stringify(place) === JSON.stringify(this.hovered);
    if (!same) this.stale = true;
    this.hovered = place;
    this.panel.point(this, place, event);
  }

  click(event) {
    const place = this.lay && placeAt(this.lay, event.offsetX, event.offsetY);
    if (place && this.index !== INPUT) this.panel.pick(this, place.filter === undefined ? place : null);
  }
}

/* A place of a map, seen on every colour: dark inside light, or the other way round. */
function markPlace(context, x, y, size, theme) {
  const side = Math.max(3, size);
  const [left, top] = [x + size / 2 - side / 2, y + size / 2 - side / 2];
  context.lineWidth = 3;
  context.strokeStyle = theme.page;
  context.strokeRect(left - 0.5, top - 0.5, side + 1, side + 1);
  context.lineWidth = 1.5;
  context.strokeStyle = theme.text;
  context.strokeRect(left - 0.5, top - 0.5, side + 1, side + 1);
}

/* Below the output layer's cells: the digits, and what each is given. */
function drawAnswers(context, lay, { theme, bars, truth }) {
  context.textAlign = "center";
  const answer = bars ? largest(bars, 0, lay.count) : null;
  for (let i = 0; i < lay.count; i++) {
    const [x, y] = cornerOf(lay, i);
    const middle = x + (lay.cell - 1) / 2;
    context.font = `${i === answer ? "700" : "400"} 12px ${theme.font}`;
    context.fillStyle = i === truth ? theme.text : theme.muted;
    context.fillText(String(i), middle, y + STRIP_HEIGHT + 13);
    if (!bars) continue;
    context.font = `${i === answer ? "600 " : ""}10px ${theme.font}`;
    context.fillStyle = i === answer ? theme.text : theme.muted;
    context.fillText(shareText(bars[i], lay.cell), middle, y + STRIP_HEIGHT + 26);
  }
}

/* A probability in a narrow place. */
const shareText = (p, room) => (p < 0.005 ? "0" : room < 36 ? String(Math.round(100 * p)) : `${Math.round(100 * p)} %`);
