/* How hard each matrix of a text net is pushed: one row a matrix. Recurrent nets have no dead units to tell of. */
class TextLayers extends DigitLayers {
  constructor(ctx) {
    super(ctx);
    this.root.querySelector(".panel-note").textContent = "How long the gradient of each matrix is, before clipping.";
    this.canvas.setAttribute("aria-label", "Gradient norm of each matrix");
  }

  get columns() {
    return { name: this.width < 420 ? 104 : 132, gradient: 60, dead: 0, zero: 62 };
  }

  header(context, { left, width, low, high }) {
    context.fillStyle = this.theme.muted;
    context.textAlign = "left";
    context.fillText("gradient norm", left, 12);
    context.textAlign = "right";
    context.fillText("near zero", this.width - 2, 12);
    context.textAlign = "center";
    const every = Math.max(1, Math.ceil((high - low) / Math.max(2, Math.floor(width / 44))));
    for (let power = low; power <= high; power += every) {
      const x = left + ((power - low) / (high - low)) * width;
      context.fillStyle = this.theme.grid;
      context.fillRect(Math.round(x), 32, 1, this.height - 36);
      context.fillStyle = this.theme.muted;
      context.fillText(power === 0 ? "1" : `1e${tickText(power)}`, x, 27);
    }
  }

  row(context, layer, { low, high, left, width }, y, pitch) {
    const { theme } = this;
    const middle = y + pitch / 2;
    context.font = `11px ${theme.font}`;
    context.textAlign = "left";
    context.fillStyle = theme.text;
    context.fillText(shorten(layer.name, this.width < 420 ? 16 : 21), 2, middle + 4);
    const share = layer.gradient > 0 ? (Math.log10(layer.gradient) - low) / (high - low) : 0;
    context.fillStyle = theme.gradient;
    context.fillRect(left, middle - pitch * 0.32, layer.gradient > 0 ? Math.max(2, clamp(share, 0, 1) * width) : 0, pitch * 0.64);
    context.fillStyle = theme.text;
    context.fillText(format(layer.gradient), left + width + 8, middle + 4);
    context.textAlign = "right";
    context.fillStyle = layer.weights_near_zero > 0.5 ? theme.text : theme.muted;
    context.fillText(formatShare(layer.weights_near_zero), this.width - 2, middle + 4);
  }
}
