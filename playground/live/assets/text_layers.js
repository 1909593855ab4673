/* How hard each matrix of a text net is pushed: one row a matrix. Recurrent nets have no dead units to tell of. */
class TextLayers extends DigitLayers {
  constructor(ctx) {
    super(ctx);
    this.root.querySelector(".panel-note").textContent = "How long the gradient of each matrix is, before clipping.";
    this.canvas.setAttribute("aria-label", "Gradient norm of each matrix");
  }

  get columns() {
    const narrow = this.width < 420;
    return { name: narrow ? 104 : 132, gradient: 60, dead: 0, zero: 62, letters: narrow ? 16 : 21 };
  }
}
