/* Loss over the epochs of a text, in nats or bits: training solid, unseen text dashed, guessers without a net as thin lines.
   Small marks along the foot are the samples; the one that is shown is marked through. */
const EPOCH_ENDS = [0.1, 0.2, 0.5, 1, 2, 3, 5];
const NAME_HEIGHT = 12;

/* Places down a page, in order, moved as little as need be to stand `gap` apart between `top` and `foot`. */
function apart(places, gap, top, foot) {
  const moved = [];
  for (const place of places) moved.push(Math.max(place, top, (moved.at(-1) ?? -Infinity) + gap));
  for (let i = moved.length - 1, most = foot; i >= 0; most = moved[i--] - gap) moved[i] = Math.min(moved[i], most);
  return moved;
}

class TextCurve extends CurveChart {
  constructor(ctx, samples) {
    super({ wake: ctx.wake, wakeLater: ctx.wakeLater, onoverlayoff: () => ctx.send({ do: "overlay_off" }) });
    this.samples = samples;
    this.unit = "nats";
    this.root.classList.add("text-loss");
    this.root.setAttribute("aria-label", "Loss");
    this.canvas.setAttribute("aria-label", "Loss over the epochs, with what guessers without a net get");
    this.canvas.addEventListener("click", (event) => this.pickSample(event));
  }

  build(onoverlayoff) {
    super.build(onoverlayoff);
    const redraw = () => { this.stale = true; this.shown = ""; this.wake(); };
    const unit = segmented("Unit", [["nats", "Nats"], ["bits", "Bits"]], "nats", (key) => { this.unit = key; redraw(); });
    this.tabs.replaceWith(el("h3", { text: "Loss a character" }), unit);
    this.logBox.remove();
    const dashed = this.root.querySelector(".swatch.test").nextSibling;
    dashed.textContent = "unseen";
  }

  update(store) {
    const changed = store.changed("curve", "overlay", "metrics", "recording", "experiment", "baselines", "samples", "run");
    if (!this.due(changed || this.samples.version !== this.seen, this.wakeLater)) return;
    this.seen = this.samples.version;
    this.baselines = baselinesOf(store);
    setHidden(this.earlier, !store.overlay.rows);
    this.draw(store);
  }

  /* The axis grows in leaps, so that the curve is not squeezed a little at every row. */
  endOf(store) {
    const asked = (store.experiment && store.experiment.epochs) || 0;
    const last = Math.max(lastEpoch(store.curve), lastEpoch(store.overlay), store.run.epoch || 0);
    if (asked && last > 0.2 * asked) return Math.max(asked, last);
    return EPOCH_ENDS.find((end) => end >= last) || Math.ceil(last * 1.25);
  }

  frameOf(store) {
    const left = 42;
    const bottom = this.height - 38;
    const width = this.width - left - 10;
    const [low, high] = this.range(store).map((v) => inUnit(v, this.unit));
    const end = this.endOf(store);
    const place = (v) => bottom - ((v - low) / (high - low)) * (bottom - 10);
    return { left, bottom, width, low, high, end, log: false, top: 8, x: (epoch) => left + (epoch / end) * width, place, y: (nats) => place(inUnit(nats, this.unit)) };
  }

  /* From a little below the lowest loss to blind guessing: what lies above that has gone wrong, and is seen to leave the chart. */
  range(store) {
    const losses = [];
    for (const { array, rows } of [store.curve, store.overlay]) {
      for (let i = 0; i < rows; i++) for (const column of COLUMN.loss) losses.push(array[i * CURVE_COLUMNS + column]);
    }
    const finite = losses.filter(Number.isFinite);
    const high = this.baselines.length ? this.baselines[0] * 1.06 : Math.max(1, ...finite) * 1.05;
    const low = Math.min(this.baselines.length ? this.baselines[3] : high, ...finite);
    return [Math.max(0, Math.floor((low - 0.15) * 5) / 5), high];
  }

  /* Without baselines the text is still being read, and no scale is known. */
  axes(context, frame) {
    if (!this.baselines.length) return;
    const { theme } = this;
    context.textAlign = "right";
    for (const tick of niceTicks(frame.low, frame.high, clamp(Math.floor(frame.bottom / 34), 2, 6))) {
      const y = Math.round(frame.place(tick)) + 0.5;
      context.strokeStyle = theme.grid;
      context.beginPath();
      context.moveTo(frame.left, y);
      context.lineTo(frame.left + frame.width, y);
      context.stroke();
      context.fillStyle = theme.muted;
      context.fillText(tickText(tick), frame.left - 6, y + 4);
    }
    context.textAlign = "center";
    context.fillStyle = theme.muted;
    for (const tick of niceTicks(0, frame.end, clamp(Math.floor(frame.width / 80), 2, 8))) {
      context.fillText(tickText(tick), Math.min(frame.x(tick), frame.left + frame.width - 8), frame.bottom + 22);
    }
    context.fillText("epochs", frame.left + frame.width / 2, this.height - 3);
    this.guessers(context, frame);
  }

  guessers(context, frame) {
    const { theme } = this;
    const lines = this.baselines.map((nats) => Math.round(frame.y(nats)) + 0.5);
    const named = apart(lines.map((y) => y - 4), NAME_HEIGHT, 10, frame.bottom - 4);
    context.lineWidth = 1;
    this.baselines.forEach((nats, i) => {
      const y = lines[i];
      context.strokeStyle = theme.faint;
      context.beginPath();
      context.moveTo(frame.left, y);
      context.lineTo(frame.left + frame.width, y);
      context.stroke();
      context.textAlign = "right";
      context.fillStyle = theme.muted;
      context.fillText(`${GUESSERS[i]} ${twoDigits(inUnit(nats, this.unit))}`, frame.left + frame.width - 2, named[i]);
    });
  }

  draw(store) {
    super.draw(store);
    const context = this.canvas.context;
    const frame = this.frameOf(store);
    this.marks(context, frame, store);
    if (!store.curve.rows && !store.run.step) this.empty(context, "Press Play.");
  }

  /* One mark a sample, at the moment it is of. */
  marks(context, frame) {
    const { samples, theme } = this;
    for (const sample of samples.list) {
      const shown = sample.step === samples.shownStep;
      const x = Math.round(frame.x(sample.epoch));
      context.fillStyle = shown ? theme.text : theme.muted;
      context.fillRect(x - (shown ? 2 : 1), frame.bottom + 3, shown ? 4 : 2, shown ? 9 : 6);
      if (!shown || samples.live) continue;
      context.strokeStyle = theme.muted;
      context.setLineDash([2, 3]);
      context.beginPath();
      context.moveTo(x + 0.5, frame.top);
      context.lineTo(x + 0.5, frame.bottom);
      context.stroke();
      context.setLineDash([]);
    }
  }

  pickSample(event) {
    const { list } = this.samples;
    if (!list.length || !this.frame) return;
    const epoch = ((event.offsetX - this.frame.left) / this.frame.width) * this.frame.end;
    const nearest = list.reduce((best, sample) => (Math.abs(sample.epoch - epoch) < Math.abs(best.epoch - epoch) ? sample : best));
    this.samples.pin(nearest.step);
  }

  readout(context, frame, store) {
    this.frame = frame;
    const { curve, metrics } = store;
    const show = (nats) => (Number.isFinite(nats) ? lossDigits(inUnit(nats, this.unit), 3) : "–");
    const inside = this.pointerX !== null && this.pointerX >= frame.left && curve.rows > 0;
    if (!inside) {
      setText(this.when, "");
      setText(this.train, show(metrics && metrics.train_loss));
      setText(this.test, show(metrics && metrics.test_loss));
      return;
    }
    const at = nearestRow(curve, ((this.pointerX - frame.left) / frame.width) * frame.end) * CURVE_COLUMNS;
    setText(this.when, `epoch ${epochWords(curve.array[at])}`);
    setText(this.train, show(curve.array[at + 1]));
    setText(this.test, show(curve.array[at + 2]));
    this.cross(context, frame, curve.array, at);
  }

  cross(context, frame, array, at) {
    context.save();
    context.beginPath();
    context.rect(frame.left - 4, 0, frame.width + 8, frame.bottom + 4);
    context.clip();
    super.cross(context, frame, array, at);
    context.restore();
  }
}
