/* "Draw a digit": paper, what the net sees of it and reads, test digits instead, and moves. The net that is training now answers. */
const DRAW_MS = 40;
const DRAW_POLLING_MS = 250;
/* what the net sees and nobody here has sent for so long is a photo from below */
const OTHERS_MS = 5000;
/* The strokes and the test digit of each run, for a visitor who comes back to the page: the run itself has the picture alone. */
const KEPT_DRAWINGS = new Map();

class DrawPanel {
  constructor(ctx, look) {
    Object.assign(this, { ctx, look, drawn: false, sent: 0, sentAt: 0, answeredAt: 0, waiting: false });
    this.paper = new DrawPaper((done) => this.change(done));
    this.answer = new DrawAnswer(ctx);
    this.moves = new DrawMoves(() => this.move());
    this.tellDrawing = throttle(() => this.sendDrawing(), DRAW_MS);
    this.tellSeldom = throttle(() => this.sendDrawing(), DRAW_POLLING_MS);
    this.tellMoves = throttle(() => this.send({}), DRAW_MS);
    this.paper.canvas.addEventListener("keydown", (event) => this.key(event));
    this.build();
    look.ondigit = () => this.leaveDrawing();
    const kept = KEPT_DRAWINGS.get(ctx.data.token);
    if (kept) look.state.digit = kept.digit;
  }

  build() {
    const { paper, answer, moves } = this;
    this.note = el("span", { class: "panel-note number", text: "Draw, and see what the net makes of it as it is now." });
    this.clearing = el("button", { type: "button", class: "btn", text: "Clear", disabled: true, onclick: () => this.clear() });
    this.undoing = el("button", { type: "button", class: "btn", text: "Undo", disabled: true, title: "Take the last stroke back, or a Clear", onclick: () => paper.undo() });
    this.which = el("span", { class: "draw-which number", text: "test digits" });
    const back = iconButton("next", "Previous test digit", () => this.step(-1), "draw-back");
    const tests = el("div", { class: "draw-tests", role: "group", "aria-label": "Test digits" },
      back, this.which, iconButton("next", "Next test digit", () => this.step(1)), iconButton("dice", "A random test digit", () => this.random()));
    this.root = el("section", { class: "panel draw", "aria-label": "Draw a digit" },
      el("div", { class: "panel-head" }, el("h3", { text: "Draw a digit" }), this.note),
      el("div", { class: "draw-stage" },
        el("div", { class: "draw-left" }, paper.root, el("div", { class: "draw-tools" }, this.clearing, this.undoing)),
        el("div", { class: "draw-middle" }, answer.root, tests),
        answer.bars),
      moves.root);
  }

  setTheme(theme) {
    this.paper.setTheme(theme);
    this.answer.setTheme(theme);
    const [right, wrong] = [verdict(true, theme), verdict(false, theme)];
    this.root.style.setProperty("--right", rgb(right));
    this.root.style.setProperty("--mistaken", rgb(wrong));
    this.ctx.wake();
  }

  resize() {
    this.paper.resize();
  }

  /* what the visitor does */

  change(done) {
    this.keep();
    if (this.paper.empty) this.leaveDrawing();
    else if (done || this.paper.readable) {
      this.drawn = true;
      (this.ctx.store.link === "polling" ? this.tellSeldom : this.tellDrawing)();
    }
    this.tellNote();
    this.expose();
  }

  /* A photo has nothing on the paper. */
  clear() {
    if (this.paper.empty) this.leaveDrawing();
    else this.paper.clear();
  }

  move() {
    this.hold();
    this.tellMoves();
  }

  step(by) {
    const count = this.tests;
    if (count) this.show((this.look.state.digit + by + count) % count);
  }

  random() {
    if (this.tests) this.show(Math.floor(Math.random() * this.tests));
  }

  show(digit) {
    this.hold();
    this.look.set({ digit });
    this.leaveDrawing();
    this.keep();
  }

  get tests() {
    const { data } = this.ctx.store;
    return data ? data.test : 0;
  }

  key(event) {
    const undo = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey);
    const act = undo ? () => this.paper.undo() : {
      ArrowLeft: () => this.step(-1), ArrowRight: () => this.step(1), Delete: () => this.clear(), Backspace: () => this.clear(), Escape: () => this.clear(),
    }[event.key];
    if (!act || (!undo && (event.ctrlKey || event.metaKey || event.altKey))) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  keep() {
    KEPT_DRAWINGS.set(this.ctx.data.token, { ...this.paper.kept, digit: this.look.state.digit });
  }

  /* Back on the page: the run still has the digit, the drawing and its moves, and the controls show that. */
  resume(facts) {
    this.resumed = true;
    if (this.sent) return;
    this.moves.adopt(facts.moves);
    const kept = KEPT_DRAWINGS.get(this.ctx.data.token);
    if (facts.source !== "drawn") return;
    this.hold();
    if (!kept) return;
    this.paper.restore(kept);
    this.drawn = !this.paper.empty;
  }

  /* what the server is told */

  /* As long as this panel has been used it wants to see the answer, whatever else is folded. */
  hold() {
    if (!this.look.holders.has("draw")) this.look.open(true, "draw");
  }

  sendDrawing() {
    if (!this.drawn) return;
    this.hold();
    this.send({ raster: this.paper.raster(), side: PAPER_SIDE });
  }

  send(fields) {
    this.sent++;
    this.sentAt = performance.now();
    this.waiting = true;
    this.ctx.send({ do: "draw", ...fields, moves: this.moves.moves });
  }

  /* Back to the test digit, from a drawing or a photo. */
  leaveDrawing() {
    if (!this.drawn && this.source !== "drawn") return;
    this.drawn = false;
    this.paper.clear(true);
    this.keep();
    this.send({ raster: null });
    this.tellNote();
  }

  get facts() {
    return (this.ctx.store.facts && this.ctx.store.facts.inside) || null;
  }

  get source() {
    return this.facts ? this.facts.source : null;
  }

  /* what it shows */

  update(store) {
    this.reconnect(store);
    if (!this.resumed && this.facts && this.facts.moves) this.resume(this.facts);
    this.noticePhoto(store);
    if (this.waiting && store.changed("looked_bars")) {
      this.waiting = false;
      this.answeredAt = performance.now();
    }
    this.answer.update(store);
    if (store.changed("facts", "look", "data")) this.tellNote();
    this.expose();
  }

  /* A new connection may be one to another run, which knows nothing of this drawing. */
  reconnect(store) {
    const { token } = this.ctx.data;
    const news = token !== this.token || (store.link === "open" && this.link !== "open");
    if (token !== this.token) this.resumed = false;
    Object.assign(this, { token, link: store.link });
    if (!news || store.link !== "open") return;
    if (this.drawn) this.sendDrawing();
    else if (this.moves.moved) this.send({});
  }

  /* A photo has taken the drawing's place: what is on the paper is not what is read. */
  noticePhoto(store) {
    const section = store.section("looked");
    if (!section || !store.changed("looked")) return;
    const before = this.seen;
    if (before && before.every((ink, i) => ink === section.array[i])) return;
    this.seen = section.array.slice();
    if (!before || !this.drawn || this.paper.drawing || this.source !== "drawn" || performance.now() - this.sentAt < OTHERS_MS) return;
    this.drawn = false;
    this.paper.clear(true);
    this.keep();
  }

  tellNote() {
    const { facts } = this;
    const theirs = facts && facts.source === "drawn";
    const digit = facts && !theirs ? facts.digit : this.look.state.digit;
    setText(this.which, facts && !theirs ? `test digit ${formatCount(digit + 1)}` : "test digits");
    const { empty, history } = this.paper;
    setDisabled(this.clearing, empty && !theirs);
    setDisabled(this.undoing, !history.length);
    if (!empty && !this.paper.drawing && !this.paper.readable) setText(this.note, "Too little to read: draw a larger digit.");
    else if (this.drawn) setText(this.note, "Your drawing, read by the net as it is now.");
    else if (theirs) setText(this.note, "Your picture, read by the net as it is now.");
    else if (facts) setText(this.note, `Test digit ${formatCount(digit + 1)}, a ${facts.truth}. Draw one of your own.`);
  }

  /* For tests. */
  expose() {
    if (!window.__playground) return;
    const { shown } = this.answer;
    window.__playground.draw = {
      source: this.source, drawn: this.drawn, strokes: this.paper.strokes.length, sent: this.sent, sentAt: this.sentAt, answeredAt: this.answeredAt,
      answer: shown && shown.answer, sure: shown && shown.sure, truth: shown && shown.truth, bars: shown ? Array.from(shown.bars) : null, moves: this.moves.moves,
      digit: this.facts ? this.facts.digit : null,
    };
  }
}
