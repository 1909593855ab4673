/* Digits that can be looked inside the net at: a click, or Enter, on a test digit or a mistake. */
class PickedStrip extends DigitStrip {
  constructor(ctx, look) {
    super(ctx);
    this.look = look;
    this.hint = "The outlined bar is the true digit. Click one to look inside the net at it.";
    pickable(this, (i) => look.set({ digit: i }));
  }

  update(store) {
    if (store.changed("look", "facts")) this.mark(store.facts && store.facts.inside);
    super.update(store);
  }

  mark(facts) {
    const looked = this.look.opened && facts && facts.source === "test" ? facts.digit : null;
    if (looked === this.looked) return;
    this.looked = looked;
    this.stale = true;
  }

  drawTile(context, i, x, y, width) {
    super.drawTile(context, i, x, y, width);
    if (i === this.looked) this.ring(context, Math.round(x + (width - PICTURE) / 2) - 2, y + 18, PICTURE + 4, PICTURE + 4);
  }
}

class PickedMistakes extends WorstMistakes {
  constructor(ctx, look) {
    super(ctx);
    this.hint = "Wrong, and sure of it. Click one to look inside the net at it.";
    pickable(this, (i) => {
      const numbers = ctx.store.section("worst_index");
      if (numbers && i < numbers.array.length) look.set({ digit: numbers.array[i] });
    });
  }
}

function pickable(plot, pick) {
  const tryPick = (i) => { if (i !== null && i >= 0 && i < plot.count) pick(i); };
  plot.root.classList.add("pickable");
  plot.canvas.addEventListener("click", (event) => tryPick(plot.cellAt(event.offsetX, event.offsetY)));
  plot.canvas.addEventListener("keydown", (event) => { if (event.key === "Enter") tryPick(plot.picked); });
}
