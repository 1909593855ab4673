/* Loss and accuracy beside each other over the epochs of a run on digits, and the layers below. */
class DigitsCurve extends CurveChart {
  constructor(kind, ctx) {
    super({ wake: ctx.wake, wakeLater: ctx.wakeLater, onoverlayoff: () => ctx.send({ do: "overlay_off" }) });
    Object.assign(this, { kind, glances: [], measured: 0 });
    const title = kind === "loss" ? "Loss" : "Accuracy";
    this.heading.textContent = title;
    this.root.setAttribute("aria-label", title);
    this.canvas.setAttribute("aria-label", `${title} over the epochs`);
    this.root.className = `panel curve digits-${kind}`;
    if (kind !== "loss") this.logBox.remove();
  }

  build(onoverlayoff) {
    super.build(onoverlayoff);
    this.heading = el("h3");
    this.tabs.replaceWith(this.heading);
  }

  update(store) {
    const unmeasured = unmeasuredText(store);
    const changed = store.changed("curve", "overlay", "metrics", "data", "experiment", "glance", "untrained") || (!store.curve.rows && unmeasured !== this.unmeasured);
    this.unmeasured = unmeasured;
    this.follow(store);
    if (!this.due(changed, this.wakeLater)) return;
    setHidden(this.earlier, this.kind !== "loss" || !store.overlay.rows);
    this.measured = store.curve.rows;
    this.draw(Object.create(store, { curve: { value: this.withUntrained(store) } }));
  }

  /* Glances since the last whole epoch, kept here only: they never become rows of the curve. */
  follow(store) {
    const glance = glanceOf(store);
    if (!glance) this.glances = [];
    else if (!this.glances.length || glance.epoch > this.glances.at(-1).epoch) this.glances.push(glance);
    else if (glance.epoch < this.glances.at(-1).epoch) this.glances = [glance];
    if (this.glances.length > 256) this.glances = this.glances.filter((_, i) => i % 2 === 0);
  }

  /* The curve with the point of step 0 before it, which is no epoch's row and travels apart. */
  withUntrained(store) {
    const { curve } = store;
    const untrained = store.section("untrained");
    if (!untrained || untrained.array.length < CURVE_COLUMNS) return curve;
    const array = new Float32Array((curve.rows + 1) * CURVE_COLUMNS);
    array.set(untrained.array);
    array.set(curve.array.subarray(0, curve.rows * CURVE_COLUMNS), CURVE_COLUMNS);
    return { array, rows: curve.rows + 1 };
  }

  /* What has to fit: from the second epoch on no longer step 0, which would press everything else flat. */
  fitted(store) {
    const { array, rows } = store.curve;
    const skipped = this.measured >= 2 ? rows - this.measured : 0;
    const glances = this.glances.flatMap((g) => [g.epoch, g.trainLoss, g.testLoss, g.trainAccuracy, g.testAccuracy]);
    return { array: Float32Array.from([...array.subarray(skipped * CURVE_COLUMNS, rows * CURVE_COLUMNS), ...glances]), rows: rows - skipped + this.glances.length };
  }

  /* The whole run that was asked for, so that the curve grows towards the right edge instead of being squeezed. */
  frameOf(store) {
    const frame = super.frameOf(store);
    const asked = (store.experiment && store.experiment.epochs) || 0;
    const end = Math.max(asked || 5, lastEpoch(store.curve), lastEpoch(store.overlay), ...this.glances.slice(-1).map((glance) => glance.epoch));
    return { ...frame, end, x: (epoch) => frame.left + (epoch / end) * frame.width };
  }

  /* Whole tenths below the lowest value: the last per cents are what matters. */
  range(store, log) {
    const curve = this.fitted(store);
    if (this.kind !== "accuracy") return super.range(Object.create(store, { curve: { value: curve } }), log);
    let low = 1;
    for (const { array, rows } of [curve, store.overlay]) {
      for (let i = 0; i < rows; i++) for (const column of COLUMN.accuracy) low = Math.min(low, array[i * CURVE_COLUMNS + column]);
    }
    return low < 1 ? [Math.min(0.9, Math.floor(low * 10) / 10), 1] : [0, 1];
  }

  draw(store) {
    super.draw(store);
    const context = this.canvas.context;
    const frame = this.frameOf(store);
    if (store.curve.rows) {
      this.dots(context, frame, store.curve);
      this.trail(context, frame, store.curve);
    }
    if (store.playing || BUSY.has(store.status)) { if (!store.curve.rows) this.empty(context, this.unmeasured); }
    else if (!this.measured && !store.run.step) this.empty(context, store.curve.rows ? `Measured ${beginningOf(store)}. Press Play.` : this.unmeasured);
    else if (!store.curve.rows) this.empty(context, "The first point comes at the end of the epoch.");
  }

  /* From the last point on, dotted: figures on a sample, until the epoch is measured in full. */
  trail(context, frame, { array, rows }) {
    if (!this.glances.length) return;
    const names = this.kind === "loss" ? ["trainLoss", "testLoss"] : ["trainAccuracy", "testAccuracy"];
    context.strokeStyle = this.theme.muted;
    context.fillStyle = this.theme.muted;
    context.lineWidth = 1.3;
    context.setLineDash([1, 3]);
    names.forEach((name, i) => {
      context.beginPath();
      context.moveTo(frame.x(lastEpoch({ array, rows })), frame.y(array[(rows - 1) * CURVE_COLUMNS + COLUMN[this.kind][i]]));
      for (const glance of this.glances) context.lineTo(frame.x(glance.epoch), frame.y(glance[name]));
      context.stroke();
    });
    context.setLineDash([]);
    const last = this.glances.at(-1);
    for (const name of names) context.fillRect(frame.x(last.epoch) - 2, frame.y(last[name]) - 2, 4, 4);
    context.font = `11px ${this.theme.font}`;
    context.textAlign = "right";
    const text = `dotted: a sample, epoch ${epochText(last.epoch)}`;
    context.fillText(text, frame.left + frame.width, this.kind === "loss" ? frame.top + 8 : frame.bottom - 8);
  }

  /* While there is a sample its figures stand in the head: the canvas says what they are. */
  readout(context, frame, store) {
    super.readout(context, frame, store);
    const last = this.glances.at(-1);
    if (!last || (this.pointerX !== null && this.pointerX >= frame.left)) return;
    setText(this.train, this.kind === "loss" ? format(last.trainLoss) : formatShare(last.trainAccuracy));
    setText(this.test, this.kind === "loss" ? format(last.testLoss) : formatShare(last.testAccuracy));
  }

  cross(context, frame, array, at) {
    context.save();
    context.beginPath();
    context.rect(frame.left - 4, 0, frame.width + 8, frame.bottom + 4);
    context.clip();
    super.cross(context, frame, array, at);
    context.restore();
  }

  dots(context, frame, { array, rows }) {
    if (rows > 60) return;
    for (const [column, filled] of [[COLUMN[this.kind][0], true], [COLUMN[this.kind][1], false]]) {
      for (let i = 0; i < rows; i++) {
        const value = array[i * CURVE_COLUMNS + column];
        if (!Number.isFinite(value) || frame.y(value) > frame.bottom || frame.y(value) < 0) continue;
        context.beginPath();
        context.arc(frame.x(array[i * CURVE_COLUMNS]), frame.y(value), 2.6, 0, 2 * Math.PI);
        context.fillStyle = filled ? this.theme.text : this.theme.page;
        context.strokeStyle = this.theme.text;
        context.lineWidth = 1.3;
        context.fill();
        context.stroke();
      }
    }
  }
}

/* One row a layer: gradient norm in magenta on a log scale, dead units, share of weights near zero. */
const LAYER_COLUMNS = { name: 70, gradient: 56, dead: 78, zero: 66, letters: 11 };
const NARROW_COLUMNS = { name: 54, gradient: 48, dead: 62, zero: 54, letters: 8 };

class DigitLayers extends LayersChart {
  constructor(ctx) {
    super(ctx);
    this.root = el("section", { class: "panel layers", "aria-label": "Layers" }, el("div", { class: "panel-head" }, el("h3", { text: "Layers" }), el("span", { class: "panel-note", text: "How hard each is pushed, and what it leaves unused." })), this.box);
  }

  update(store) {
    /* while the engine is being prepared the layers are not known: what is shown stays */
    if (store.status === "compiling" && !(store.layers || []).length) return;
    super.update(store);
  }

  empty(context, text) {
    context.font = `13px ${this.theme.font}`;
    super.empty(context, `${text}.`);
  }

  get columns() {
    return this.width < 420 ? NARROW_COLUMNS : LAYER_COLUMNS;
  }

  bars(layers) {
    const { name, gradient, dead, zero } = this.columns;
    return { ...super.bars(layers), left: name, width: Math.max(40, this.width - name - gradient - dead - zero) };
  }

  header(context, bars) {
    const { left, width, low, high } = bars;
    context.fillStyle = this.theme.muted;
    context.textAlign = "left";
    context.fillText("gradient norm", left, 12);
    context.textAlign = "right";
    if (this.columns.dead) context.fillText(this.width < 420 ? "dead" : "dead units", this.width - this.columns.zero, 12);
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
    context.fillText(shorten(layer.name, this.columns.letters), 2, middle + 4);
    const share = layer.gradient > 0 ? (Math.log10(layer.gradient) - low) / (high - low) : 0;
    context.fillStyle = theme.gradient;
    context.fillRect(left, middle - pitch * 0.32, layer.gradient > 0 ? Math.max(2, clamp(share, 0, 1) * width) : 0, pitch * 0.64);
    context.fillStyle = theme.text;
    context.fillText(format(layer.gradient), left + width + 8, middle + 4);
    context.textAlign = "right";
    context.fillStyle = layer.dead ? theme.text : theme.muted;
    if (this.columns.dead) context.fillText(`${formatCount(layer.dead)}${this.width < 420 ? "/" : " of "}${formatCount(layer.units)}`, this.width - this.columns.zero, middle + 4);
    context.fillStyle = layer.weights_near_zero > 0.5 ? theme.text : theme.muted;
    context.fillText(formatShare(layer.weights_near_zero), this.width - 2, middle + 4);
  }
}
