/* How a layer bends the plane: the lattice of the inputs drawn at (activation a, activation b). */
class WarpChart extends Plot {
  constructor(ctx) {
    super("The grid of the plane, bent by two units");
    this.ctx = ctx;
    this.choice = { layer: 0, a: 0, b: 1 };
    const change = (key) => (event) => { this.choice[key] = Number(event.target.value); this.fill(); this.ask(); };
    this.layer = el("select", { "aria-label": "Layer", onchange: change("layer") });
    this.a = el("select", { "aria-label": "Unit shown left to right", onchange: change("a") });
    this.b = el("select", { "aria-label": "Unit shown bottom to top", onchange: change("b") });
    const field = (name, node) => el("label", { class: "field" }, el("span", { text: name }), node);
    this.help = el("p", { class: "hint", text: "Each line of the plane's grid, drawn where two units send it. A layer has done its work when one straight line can part the colours." });
    this.nothing = el("p", { class: "warp-nothing", hidden: true, text: "Add a hidden layer to see how it bends the plane." });
    this.root = el("div", { class: "warp" }, this.box, el("div", { class: "warp-side" }, field("Layer", this.layer), field("Across", this.a), field("Up", this.b), this.help), this.nothing);
    this.visible = false;
  }

  setTheme(theme) {
    this.theme = theme;
    this.stale = true;
  }

  /* The server only computes the lattice while somebody looks. */
  show(visible) {
    this.visible = visible;
    this.ask();
  }

  ask() {
    const { layer, a, b } = this.choice;
    const possible = this.visible && this.net && this.net.layers[layer];
    this.ctx.look({ warp: possible ? [layer + 1, a, b] : null });
    this.stale = true;
    this.ctx.wake();
  }

  fill() {
    const { layers } = this.net;
    this.showParts(layers.length > 0);
    if (!layers.length) return;
    this.choice.layer = Math.min(this.choice.layer, layers.length - 1);
    const { units } = layers[this.choice.layer];
    this.choice.a = Math.min(this.choice.a, units - 1);
    this.choice.b = Math.min(this.choice.b, units - 1);
    options(this.layer, layers.map((_, i) => [String(i), `Hidden ${i + 1}`]), String(this.choice.layer));
    const names = Array.from({ length: units }, (_, i) => [String(i), `Unit ${i + 1}`]);
    options(this.a, names, String(this.choice.a));
    options(this.b, names, String(this.choice.b));
  }

  /* Without a hidden layer there is nothing to choose. */
  showParts(some) {
    const [box, side] = this.root.children;
    setHidden(box, !some);
    setHidden(side, !some);
    setHidden(this.nothing, some);
    this.resize();
  }

  adopt(net) {
    const shape = JSON.stringify(net.layers.map((l) => l.units));
    this.net = net;
    if (shape === this.shape) return;
    const first = this.shape === undefined;
    this.shape = shape;
    if (first && net.layers.length) this.choice.layer = net.layers.length - 1;
    this.fill();
    this.ask();
  }

  update(store) {
    if (store.net && store.net.layers) this.adopt(store.net);
    if (!this.visible || !this.due(store.changed("warp", "warp_points"), this.ctx.wakeLater)) return;
    const context = this.begin(this.theme);
    const lattice = store.section("warp");
    if (!this.net || !this.net.layers.length) return;
    if (!lattice) return this.say(context, "Waiting for the grid…");
    const frame = this.frameOf(lattice.array);
    this.axes(context, frame);
    this.lines(context, lattice, frame);
    this.dots(context, store, frame);
  }

  say(context, text) {
    context.fillStyle = this.theme.muted;
    context.textAlign = "center";
    context.fillText(text, this.width / 2, this.height / 2);
  }

  /* Ranges snap to halves, so that the picture does not tremble. */
  frameOf(array) {
    const range = (offset) => {
      let low = 0;
      let high = 0;
      for (let i = offset; i < array.length; i += 2) {
        if (array[i] < low) low = array[i];
        if (array[i] > high) high = array[i];
      }
      return [Math.floor(low * 2 - 0.02) / 2, Math.max(Math.ceil(high * 2 + 0.02) / 2, Math.floor(low * 2) / 2 + 0.5)];
    };
    const [x0, x1] = range(0);
    const [y0, y1] = range(1);
    const left = 34;
    const bottom = this.height - 22;
    const width = this.width - left - 8;
    return { x0, x1, y0, y1, left, bottom, width, x: (v) => left + ((v - x0) / (x1 - x0)) * width, y: (v) => bottom - ((v - y0) / (y1 - y0)) * (bottom - 6) };
  }

  axes(context, { x0, x1, y0, y1, left, bottom, width, x, y }) {
    context.strokeStyle = this.theme.faint;
    context.strokeRect(left + 0.5, 6.5, width, bottom - 6);
    context.fillStyle = this.theme.muted;
    context.textAlign = "center";
    for (const tick of niceTicks(x0, x1, 4)) context.fillText(tickText(tick), clamp(x(tick), left + 6, left + width - 6), bottom + 14);
    context.textAlign = "right";
    for (const tick of niceTicks(y0, y1, 4)) context.fillText(tickText(tick), left - 4, clamp(y(tick) + 4, 14, bottom));
  }

  lines(context, { array, shape }, frame) {
    const [rows, columns] = shape;
    const at = (row, col) => 2 * (row * columns + col);
    context.strokeStyle = this.theme.muted;
    context.lineWidth = 0.7;
    context.beginPath();
    const trace = (i, first) => (first ? context.moveTo(frame.x(array[i]), frame.y(array[i + 1])) : context.lineTo(frame.x(array[i]), frame.y(array[i + 1])));
    for (let row = 0; row < rows; row++) for (let col = 0; col < columns; col++) trace(at(row, col), col === 0);
    for (let col = 0; col < columns; col++) for (let row = 0; row < rows; row++) trace(at(row, col), row === 0);
    context.stroke();
  }

  dots(context, store, frame) {
    const places = store.section("warp_points");
    const points = store.section("points");
    if (!places || !points) return;
    const count = Math.min(places.shape[0], points.shape[0], 600);
    for (let i = 0; i < count; i++) {
      context.fillStyle = this.theme.colour(points.array[3 * i + 2]);
      context.beginPath();
      context.arc(frame.x(places.array[2 * i]), frame.y(places.array[2 * i + 1]), 2.4, 0, 2 * Math.PI);
      context.fill();
    }
  }
}
