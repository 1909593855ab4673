/* The decision surface: a 100x100 map stretched by CSS, and over it a canvas of axes and points that is redrawn only when they change. */
const REACH = 6;
const MAP_LEFT = 40;
const MAP_TOP = 6;
const MAP_RIGHT = 8;
const MAP_BOTTOM = 36;
const POINT_RIM = "rgb(14,17,22)";

/* Paints u1 maps of any size through a look-up table; the pixel buffer is kept. */
class MapCanvas {
  constructor(className) {
    this.canvas = el("canvas", { class: className });
    this.context = this.canvas.getContext("2d");
  }

  paint(array, columns, rows, table) {
    if (this.canvas.width !== columns || this.canvas.height !== rows || !this.image) {
      this.canvas.width = columns;
      this.canvas.height = rows;
      this.image = this.context.createImageData(columns, rows);
      this.words = new Uint32Array(this.image.data.buffer);
    }
    const words = this.words;
    for (let i = 0; i < words.length; i++) words[i] = table[array[i]];
    this.context.putImageData(this.image, 0, 0);
  }
}

class Surface {
  /* editable: points can be edited; onedit(points); bare: no controls (Home) */
  constructor({ editable = false, bare = false, onedit = () => {}, wake }) {
    this.map = new MapCanvas("map");
    this.top = el("canvas", { class: "over" });
    this.chip = el("div", { class: "chip", hidden: true });
    this.veil = new Veil();
    this.plot = el("div", { class: "plot" }, this.map.canvas, this.top, this.chip, this.veil.root);
    this.bare = bare;
    this.wake = wake;
    this.discrete = false;
    this.showTest = false;
    this.size = 0;
    this.points = [];
    this.root = el("section", { class: "panel surface", "aria-label": "Output of the network over the plane" });
    this.build(editable, onedit);
  }

  build(editable, onedit) {
    if (this.bare) {
      this.root.append(this.plot);
      return;
    }
    this.tools = new PointTools(this, editable, onedit);
    const redraw = () => { this.stale = true; this.wake(); };
    const discrete = toggle("Discretize", false, (on) => { this.discrete = on; redraw(); }, "Show only which side of 0 the output is on");
    const test = toggle("Test data", false, (on) => { this.showTest = on; redraw(); }, "Also show the points kept for testing (rings)");
    this.legend = el("canvas", { class: "legend" });
    this.readout = el("span", { class: "readout number" });
    this.root.append(
      el("div", { class: "panel-head" }, this.tools.root, el("span", { class: "grow" }), discrete, test),
      this.plot,
      el("div", { class: "panel-foot" }, this.legend, this.readout),
    );
  }

  get margins() {
    return this.bare ? [4, 4, 4, 4] : [MAP_LEFT, MAP_TOP, MAP_RIGHT, MAP_BOTTOM];
  }

  resize() {
    const [left, top, right, bottom] = this.margins;
    const size = Math.max(120, Math.floor(this.plot.clientWidth - left - right));
    if (size === this.size) return;
    this.size = size;
    this.plot.style.height = `${size + top + bottom}px`;
    Object.assign(this.map.canvas.style, { left: `${left}px`, top: `${top}px`, width: `${size}px`, height: `${size}px` });
    this.stale = true;
  }

  setTheme(theme) {
    this.theme = theme;
    this.stale = true;
    if (this.legend) drawLegend(this.legend, theme);
  }

  update(store) {
    this.store = store;
    if (store.changed("points", "data")) {
      if (!this.tools || !this.tools.dragging) this.points = pointsOf(store);
      if (this.tools) this.tools.setTask(store.data ? store.data.task : "classification");
      this.stale = true;
    }
    this.veil.update(store);
    if (this.stale || store.changed("surface", "focus", "hover", "units")) this.paintMap(store);
    if (this.stale) this.drawOver(store);
    this.stale = false;
  }

  /* The unit under the pointer, else the net's output. Until the server's sharp picture comes, the small one is enlarged. */
  paintMap(store) {
    const shown = this.shownMap(store);
    if (this.chip.hidden !== !store.hoverLabel) setHidden(this.chip, !store.hoverLabel);
    if (store.hoverLabel) setText(this.chip, store.hoverLabel);
    if (!shown) return;
    const [rows, columns] = shown.shape;
    this.map.paint(shown.array, columns, rows, this.discrete ? this.theme.steps : this.theme.map);
    if (this.pointer) this.read(this.pointer);
  }

  shownMap(store) {
    if (!store.hover) return store.section("surface");
    return store.section("focus") || store.hoverMap || store.section("surface");
  }

  /* plane -> CSS pixels of the overlay */
  px(x) { return this.margins[0] + ((x + REACH) / (2 * REACH)) * this.size; }
  py(y) { return this.margins[1] + ((REACH - y) / (2 * REACH)) * this.size; }
  plane(event) {
    const box = this.top.getBoundingClientRect();
    const scale = (2 * REACH) / this.size;
    return {
      x: (event.clientX - box.left - this.margins[0]) * scale - REACH,
      y: REACH - (event.clientY - box.top - this.margins[1]) * scale,
    };
  }

  drawOver(store) {
    const [left, top, right, bottom] = this.margins;
    const context = fitCanvas(this.top, this.size + left + right, this.size + top + bottom);
    context.clearRect(0, 0, this.size + left + right, this.size + top + bottom);
    if (!this.bare) drawAxes(context, this, store.data ? store.data.axes : null);
    context.save();
    context.beginPath();
    context.rect(left, top, this.size, this.size);
    context.clip();
    this.drawPoints(context);
    context.restore();
  }

  drawPoints(context) {
    const radius = clamp(this.size / 90 * (this.points.length > 800 ? 0.7 : 1), 2.2, 4.2);
    const grown = (point) => (point === this.marked ? radius + 2.5 : radius);
    if (this.showTest) for (const point of this.points) if (point.test) this.ring(context, point, grown(point));
    for (const point of this.points) if (!point.test) this.dot(context, point, grown(point));
  }

  /* A training point: white outside, dark inside that, so that it stands out from any map, its own colour's too. */
  dot(context, { x, y, t }, radius) {
    for (const [reach, colour] of [[1.3, "rgba(255,255,255,0.95)"], [0.5, POINT_RIM], [-0.7, this.theme.colour(t)]]) {
      context.fillStyle = colour;
      context.beginPath();
      context.arc(this.px(x), this.py(y), radius + reach, 0, 2 * Math.PI);
      context.fill();
    }
  }

  /* A test point: hollow, with a white halo on both sides; under the training points. */
  ring(context, { x, y, t }, radius) {
    for (const [wide, colour] of [[3.8, "rgba(255,255,255,0.95)"], [1.9, this.theme.colour(t)]]) {
      context.strokeStyle = colour;
      context.lineWidth = wide;
      context.beginPath();
      context.arc(this.px(x), this.py(y), radius + 0.6, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  /* Coordinates and output under the pointer. */
  read(place) {
    this.pointer = place;
    if (!this.readout) return;
    if (!place || Math.abs(place.x) > REACH || Math.abs(place.y) > REACH) {
      setText(this.readout, "");
      return;
    }
    const map = this.shownMap(this.store || {}) || { array: [], shape: [1, 1] };
    const [rows, columns] = map.shape;
    const row = clamp(Math.floor(((REACH - place.y) / (2 * REACH)) * rows), 0, rows - 1);
    const column = clamp(Math.floor(((place.x + REACH) / (2 * REACH)) * columns), 0, columns - 1);
    const value = (map.array[row * columns + column] - 128) / 127;
    const axes = (this.store.data && this.store.data.axes) || [];
    const name = (i) => (axes[i] && axes[i].name) || "xy"[i];
    setText(this.readout, `${shorten(name(0), 8)} ${format(axisValue(axes[0], place.x))}  ${shorten(name(1), 8)} ${format(axisValue(axes[1], place.y))}  →  ${format(value)}`);
  }
}

const shorten = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
/* What a plane coordinate stands for: -5 and 5 are the axis's low and high. */
const axisValue = (axis, v) => (axis ? axis.low + ((v + 5) / 10) * (axis.high - axis.low) : v);

function drawAxes(context, surface, axes) {
  const { theme, size } = surface;
  const [left, top] = surface.margins;
  context.font = `11px ${theme.font}`;
  context.fillStyle = theme.muted;
  context.strokeStyle = theme.faint;
  context.lineWidth = 1;
  context.strokeRect(left - 0.5, top - 0.5, size + 1, size + 1);
  for (const which of [0, 1]) {
    const axis = (axes && axes[which]) || { name: "xy"[which], low: -5, high: 5 };
    const low = axisValue(axis, -REACH);
    const high = axisValue(axis, REACH);
    for (const tick of niceTicks(Math.min(low, high), Math.max(low, high), 6)) {
      const v = ((tick - axis.low) / (axis.high - axis.low)) * 10 - 5;
      if (which === 0) {
        const x = surface.px(v);
        context.textAlign = x > left + size - 8 ? "right" : "center";
        context.fillText(tickText(tick), x, top + size + 14);
      } else {
        context.textAlign = "right";
        context.fillText(tickText(tick), left - 5, clamp(surface.py(v) + 4, top + 9, top + size));
      }
    }
    axisName(context, surface, which, shorten(axis.name || "xy"[which], 30));
  }
}

function axisName(context, surface, which, name) {
  const [left, top] = surface.margins;
  context.textAlign = "center";
  context.fillStyle = surface.theme.text;
  context.save();
  if (which === 0) context.translate(left + surface.size / 2, top + surface.size + 30);
  else {
    context.translate(11, top + surface.size / 2);
    if (name.length > 1) context.rotate(-Math.PI / 2);
  }
  context.fillText(name, 0, which === 0 ? 0 : 4);
  context.restore();
  context.fillStyle = surface.theme.muted;
}

function drawLegend(canvas, theme) {
  const context = fitCanvas(canvas, 150, 16);
  context.clearRect(0, 0, 150, 16);
  for (let i = 0; i < 100; i++) {
    context.fillStyle = theme.colour((i - 49.5) / 49.5, 0.85);
    context.fillRect(25 + i, 3, 1.5, 10);
  }
  context.font = `11px ${theme.font}`;
  context.fillStyle = theme.muted;
  context.textAlign = "right";
  context.fillText("−1", 20, 12);
  context.textAlign = "left";
  context.fillText("1", 131, 12);
}
