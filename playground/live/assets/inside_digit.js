/* The digit that goes in, what a place of a map sees of it, and which of its pixels matter. */
const PATCH_PLACES = 14;

class InsideDigit {
  constructor(look) {
    this.look = look;
    this.atlas = new InsideAtlas();
    this.field = null;
    this.pictures = [
      this.picture("looked", "The digit", "The digit that goes into the net"),
      this.picture("saliency", "Saliency", "Where more ink would raise the answer, by the gradient"),
      this.picture("occlusion", "Occlusion", "What hiding a place costs the answer"),
    ];
    this.said = el("p", { class: "inside-said", role: "status" });
    this.root = el("div", { class: "inside-digit" }, ...this.pictures.map((picture) => picture.root), this.said);
  }

  picture(name, title, label) {
    const canvas = el("canvas", { role: "img", "aria-label": label });
    const caption = el("figcaption", { text: title });
    return { name, title, canvas, caption, stale: true, root: el("figure", { class: `inside-picture ${name}`, title: label }, canvas, caption) };
  }

  setTheme(theme) {
    this.theme = theme;
    this.ink = inkTable(theme);
    this.repaint();
  }

  repaint() {
    for (const picture of this.pictures) picture.stale = true;
    this.digitStale = true;
  }

  resize(side) {
    if (side === this.side) return;
    this.side = side;
    this.repaint();
  }

  /* What is outlined: [top, left, height, width] in pixels of the digit, or null. */
  outline(field) {
    if (JSON.stringify(field) === JSON.stringify(this.field)) return;
    this.field = field;
    this.repaint();
  }

  update(store, facts) {
    const { maps } = this.look.state;
    for (const picture of this.pictures) {
      const shown = picture.name === "looked" || maps.includes(picture.name);
      setHidden(picture.root, !shown);
      picture.section = shown ? store.section(picture.name) : null;
      if (store.changed(picture.name, "looked", "look")) picture.stale = true;
    }
    if (store.changed("looked")) this.digitStale = true;
    if (facts) setText(this.said, lookedText(facts, store.section("looked_bars")));
    const scale = store.section("saliency_scale");
    const hidden = this.pictures[2].section;
    this.captions(scale && scale.array[0], hidden && Math.max(...hidden.array.map(Math.abs)));
  }

  captions(saliency, occlusion) {
    const [, first, second] = this.pictures;
    setText(first.caption, first.section && saliency ? `Saliency, to ±${format(saliency)}` : "Saliency");
    setText(second.caption, second.section && occlusion !== null ? `Occlusion, to ${formatShare(occlusion)}` : "Occlusion");
  }

  paint() {
    const [looked] = this.pictures;
    if (!this.side || !this.theme) return;
    if (this.digitStale && looked.section) {
      this.atlas.paint(looked.section.array, 1, DIGIT_SIZE, DIGIT_SIZE, this.ink, [1]);
      this.digitStale = false;
    }
    for (const picture of this.pictures) {
      if (!picture.stale || picture.root.hidden) continue;
      picture.stale = false;
      this.draw(picture);
    }
  }

  draw(picture) {
    const { side, theme } = this;
    const context = fitCanvas(picture.canvas, side, side);
    context.clearRect(0, 0, side, side);
    context.fillStyle = theme.grid;
    if (!this.atlas.count) return context.fillRect(0, 0, side, side);
    context.globalAlpha = picture.name === "looked" ? 1 : 0.35;
    this.atlas.draw(context, 0, 0, 0, side, side);
    context.globalAlpha = 1;
    if (picture.section && picture.name !== "looked") this.drawOver(context, picture);
    if (this.field) outlineField(context, this.field, side / DIGIT_SIZE, theme);
  }

  /* Strong places are opaque, weak ones let the digit through. */
  drawOver(context, { name, section }) {
    const { side, theme } = this;
    const { array, shape } = section;
    const places = shape[0];
    const step = side / places;
    const most = name === "occlusion" ? Math.max(1e-6, ...array.map(Math.abs)) : 1;
    for (let i = 0; i < array.length; i++) {
      const v = name === "occlusion" ? array[i] / most : (array[i] - CODE_ZERO) / CODE_SPAN;
      if (Math.abs(v) < 0.02) continue;
      const colour = name === "occlusion" ? (v < 0 ? NEGATIVE : POSITIVE) : gradientColour(Math.sign(v), theme);
      context.fillStyle = rgba(colour, Math.min(1, Math.abs(v) ** 0.8));
      const [x, y] = [Math.round((i % places) * step), Math.round(Math.floor(i / places) * step)];
      context.fillRect(x, y, Math.round(((i % places) + 1) * step) - x, Math.round((Math.floor(i / places) + 1) * step) - y);
    }
  }
}

/* The outline of a field, kept inside the picture where it hangs over the edge. */
function outlineField(context, [top, left, height, width], scale, theme) {
  const most = DIGIT_SIZE * scale;
  const [x, y] = [clamp(left * scale, 0, most - 3), clamp(top * scale, 0, most - 3)];
  const [right, bottom] = [clamp((left + width) * scale, x + 3, most), clamp((top + height) * scale, y + 3, most)];
  for (const [style, line] of [[theme.page, 5], [theme.positive, 2.5]]) {
    context.strokeStyle = style;
    context.lineWidth = line;
    context.strokeRect(x + 1.5, y + 1.5, right - x - 3, bottom - y - 3);
  }
}

/* Test digit 7: it is a 4, and the net reads 4 at 98.1 %. */
function lookedText({ source, digit, truth, answer }, bars) {
  const sure = bars && answer !== null && answer !== undefined ? ` at ${formatSure(bars.array[answer])}` : "";
  const reads = `the net reads ${answer}${sure}`;
  if (source === "drawn") return `Your picture: ${reads}.`;
  return `Test digit ${formatCount(digit + 1)}: it is a ${truth}, ${reads}.`;
}
