/* What is under the pointer, enlarged: a map or a filter, with the place that is pointed at and its number. */
const LENS_SIDE = 168;
const LENS_AWAY = 18;

class InsideLens {
  constructor() {
    this.canvas = el("canvas", { "aria-hidden": "true" });
    this.title = el("b");
    this.value = el("span", { class: "number" });
    this.root = el("div", { class: "inside-lens", hidden: true }, this.canvas, el("div", { class: "inside-lens-words" }, this.title, this.value));
    this.at = null;
  }

  /* row: the row pointed at; place: where; event: a mouse's, for a finger the lens stays away. */
  show(row, place, event) {
    const shown = place && event && event.pointerType !== "touch" && row.lay.kind === "tiles" && row.section;
    this.at = shown ? { row, place } : null;
    setHidden(this.root, !shown);
    if (shown) this.move(event);
  }

  move(event) {
    const host = this.root.parentElement.getBoundingClientRect();
    const [x, y] = [event.clientX - host.left, event.clientY - host.top];
    const [width, height] = [LENS_SIDE + 14, LENS_SIDE + 52];
    const left = x + LENS_AWAY + width > host.width ? x - LENS_AWAY - width : x + LENS_AWAY;
    const top = clamp(y - height / 2, 0, Math.max(0, host.height - height));
    Object.assign(this.root.style, { left: `${Math.max(0, left)}px`, top: `${top}px` });
    this.stale = true;
  }

  /* fresh: the pictures have new values */
  paint(theme, fresh) {
    if (!this.at || !(this.stale || fresh)) return;
    this.stale = false;
    const { row, place } = this.at;
    const context = fitCanvas(this.canvas, LENS_SIDE, LENS_SIDE);
    context.clearRect(0, 0, LENS_SIDE, LENS_SIDE);
    if (place.filter) this.paintFilter(context, row, place, theme);
    else this.paintMap(context, row, place, theme);
  }

  paintMap(context, row, place, theme) {
    const { rows, columns } = row.lay;
    const scale = LENS_SIDE / Math.max(rows, columns);
    row.atlas.draw(context, place.channel, 0, 0, columns * scale, rows * scale);
    markPlace(context, place.x * scale, place.y * scale, scale, theme);
    setText(this.title, `${row.layer.label}, map ${place.channel + 1}`);
    setText(this.value, `row ${place.y + 1}, column ${place.x + 1}: ${format(row.valueAt(place))}`);
  }

  paintFilter(context, row, { channel, filter }, theme) {
    const { size, channels } = row.lay.filter;
    if (!row.filters) return;
    row.filterAtlas.draw(context, channel * channels + filter.channel, 0, 0, LENS_SIDE, LENS_SIDE);
    markPlace(context, (filter.x * LENS_SIDE) / size, (filter.y * LENS_SIDE) / size, LENS_SIDE / size, theme);
    const code = row.filters.array[((channel * channels + filter.channel) * size + filter.y) * size + filter.x];
    setText(this.title, `${row.layer.label}, filter ${channel + 1}${channels > 1 ? ` on map ${filter.channel + 1}` : ""}`);
    setText(this.value, `row ${filter.y + 1}, column ${filter.x + 1}: ${format(decoded(code, row.filterScale.array[channel]))}`);
  }
}
