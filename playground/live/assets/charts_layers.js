/* Per-layer gradients and dead units, and the histogram of all weights. */
const ROW_PX = 24;
/* [right edge, width, words]: tooltips over the headings, in pixels from the right */
const LAYER_TIPS = [
  [52, 42, "dead: units whose slope is 0 for every training point, so that no gradient passes through them; of all units of the layer"],
  [0, 52, "saturated: share of the layer's answers that lie on a flat stretch of the activation, where the slope is nearly 0"],
];

/* One row a weight layer: name, gradient norm on a log scale in magenta, dead and saturated units. */
class LayersChart extends Plot {
  constructor({ wakeLater }) {
    super("Gradient norm, dead and saturated units of each layer");
    this.wakeLater = wakeLater;
    const tip = ([right, width, title]) => Object.assign(el("span", { class: "tip", title }), { style: `right: ${right}px; width: ${width}px` });
    this.root = el("div", { class: "layers-part" }, this.box, ...LAYER_TIPS.map(tip),
      el("p", { class: "hint", text: "dead: units whose slope is 0 for every training point; saturated: share of answers on a flat stretch" }));
    this.canvas.setAttribute("data-part", "layers");
  }

  setTheme(theme) {
    this.theme = theme;
    this.stale = true;
  }

  update(store) {
    if (!this.due(store.changed("layers"), this.wakeLater)) return;
    const layers = store.layers || [];
    const context = this.begin(this.theme);
    if (!layers.length) return this.empty(context, "Train a step to see the gradients");
    const bars = this.bars(layers);
    this.header(context, bars);
    const pitch = Math.min(ROW_PX, (this.height - 36) / layers.length);
    layers.forEach((layer, i) => this.row(context, layer, bars, 36 + i * pitch, pitch));
    this.canvas.setAttribute("aria-label", layers.map((l) => `${l.name}: gradient ${format(l.gradient)}, dead ${l.dead}`).join("; "));
  }

  empty(context, text) {
    context.fillStyle = this.theme.muted;
    context.textAlign = "center";
    context.fillText(text, this.width / 2, this.height / 2);
  }

  /* Whole decades, so that the axis only moves when a gradient leaves it. */
  bars(layers) {
    const norms = layers.map((l) => l.gradient).filter((g) => g > 0 && Number.isFinite(g));
    const low = clamp(Math.floor(Math.log10(Math.min(1e-3, ...norms))), -12, -3);
    const high = clamp(Math.ceil(Math.log10(Math.max(1, ...norms))), 0, 8);
    return { low, high, left: 66, width: Math.max(40, this.width - 66 - 166) };
  }

  header(context, { low, high, left, width }) {
    context.fillStyle = this.theme.muted;
    context.textAlign = "left";
    context.fillText("gradient norm", left, 12);
    context.textAlign = "right";
    context.fillText("dead", this.width - 60, 12);
    context.fillText("saturated", this.width - 2, 12);
    const every = Math.max(1, Math.ceil((high - low) / Math.max(2, Math.floor(width / 44))));
    context.textAlign = "center";
    for (let power = low; power <= high; power += every) {
      const x = left + ((power - low) / (high - low)) * width;
      context.fillText(power === 0 ? "1" : `1e${tickText(power)}`, x, 27);
      context.fillStyle = this.theme.grid;
      context.fillRect(Math.round(x), 32, 1, this.height - 36);
      context.fillStyle = this.theme.muted;
    }
  }

  row(context, layer, { low, high, left, width }, y, pitch) {
    const { theme } = this;
    const middle = y + pitch / 2;
    context.fillStyle = theme.text;
    context.textAlign = "left";
    context.fillText(shorten(layer.name, 10), 2, middle + 4);
    const share = layer.gradient > 0 ? (Math.log10(layer.gradient) - low) / (high - low) : 0;
    context.fillStyle = theme.gradient;
    context.fillRect(left, middle - pitch * 0.32, Math.max(layer.gradient > 0 ? 2 : 0, clamp(share, 0, 1) * width), pitch * 0.64);
    context.fillStyle = theme.text;
    context.fillText(format(layer.gradient), left + width + 8, middle + 4);
    context.textAlign = "right";
    context.fillStyle = layer.dead ? theme.text : theme.muted;
    context.fillText(`${layer.dead}/${layer.units}`, this.width - 60, middle + 4);
    context.fillStyle = layer.saturated > 0.5 ? theme.text : theme.muted;
    context.fillText(formatShare(layer.saturated), this.width - 2, middle + 4);
  }
}

/* All weights, with the near-zero share named and marked. */
class HistogramChart extends Plot {
  constructor({ wakeLater }) {
    super("Histogram of all weights");
    this.wakeLater = wakeLater;
    this.root = this.box;
  }

  setTheme(theme) {
    this.theme = theme;
    this.stale = true;
  }

  update(store) {
    if (!this.due(store.changed("histogram"), this.wakeLater)) return;
    const context = this.begin(this.theme);
    const { histogram } = store;
    if (!histogram || !histogram.counts.length) return;
    const { low, high, counts, near_zero: share, threshold } = histogram;
    const frame = { left: 34, top: 22, bottom: this.height - 30, width: this.width - 44 };
    const x = (w) => frame.left + ((w - low) / (high - low || 1)) * frame.width;
    const most = Math.max(1, ...counts);
    this.marks(context, frame, { low, high, most, x });
    const step = frame.width / counts.length;
    counts.forEach((count, i) => {
      const middle = low + ((i + 0.5) * (high - low)) / counts.length;
      const height = (count / most) * (frame.bottom - frame.top);
      context.fillStyle = this.theme.colour(clamp(middle / Math.max(-low, high, 1e-9), -1, 1) * 0.75 + Math.sign(middle) * 0.25);
      context.fillRect(frame.left + i * step + 0.5, frame.bottom - height, Math.max(1, step - 1), height);
      context.strokeStyle = this.theme.faint;
      if (count) context.strokeRect(frame.left + i * step + 0.5, frame.bottom - height, Math.max(1, step - 1), height);
    });
    context.textAlign = "left";
    context.fillStyle = this.theme.text;
    const text = `${formatShare(share)} of the weights are nearer to 0 than ${format(threshold)}`;
    context.fillText(text, frame.left, 13);
    this.canvas.setAttribute("aria-label", text);
  }

  marks(context, frame, { low, high, most, x }) {
    const { theme } = this;
    context.fillStyle = theme.muted;
    context.textAlign = "center";
    for (const tick of niceTicks(low, high, clamp(Math.floor(frame.width / 60), 2, 7))) context.fillText(tickText(tick), x(tick), frame.bottom + 14);
    context.fillText("weight", frame.left + frame.width / 2, this.height - 2);
    context.textAlign = "right";
    context.fillText(String(most), frame.left - 4, frame.top + 8);
    context.fillText("0", frame.left - 4, frame.bottom);
    context.fillStyle = theme.grid;
    context.fillRect(frame.left, frame.bottom, frame.width, 1);
    if (low < 0 && high > 0) context.fillRect(Math.round(x(0)), frame.top, 1, frame.bottom - frame.top);
  }
}
