/* Placing the start: press or drag on the map, drag the handle (also by touch), or focus the handle and use the arrow keys. */
const KEY_SHARE = 0.01;
const KEY_SHARE_FAST = 0.05;
const KEY_DONE_MS = 350;
/* a press that moves less is a click */
const CLICK_PX = 5;
const ARROW_KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

class StartHandle {
  constructor(ctx, frame) {
    this.ctx = ctx;
    this.frame = frame;
    this.root = el("button", {
      type: "button", class: "handle start", title: "The start: drag it, click on the map, or use the arrow keys (shift: further)",
      onkeydown: (event) => this.key(event),
      onpointerdown: (event) => this.down(event),
      onpointermove: (event) => this.move(event),
      onpointerup: (event) => this.up(event),
      onpointercancel: () => this.cancel(),
    });
  }

  /* Where the handle stands: what is being placed, else the race's start. */
  get place() {
    return this.ctx.start || this.ctx.race.header.race.start;
  }

  update() {
    const { race, editable } = this.ctx;
    if (!race) return;
    const [x, y] = this.place;
    const [cx, cy] = this.frame.clamped(x, y);
    setTransform(this.root, this.frame.x(cx), this.frame.y(cy));
    setDisabled(this.root, !editable);
    const words = `Start at ${race.names[0]} ${format(x)}, ${race.names[1]} ${format(y)}. Arrow keys move it`;
    if (this.root.getAttribute("aria-label") !== words) this.root.setAttribute("aria-label", words);
  }

  /* The place under a pointer event of the map's stage, kept on the map. */
  at(event) {
    const box = this.root.parentElement.getBoundingClientRect();
    const { x, y } = this.frame.plane(event.clientX - box.left, event.clientY - box.top);
    return this.frame.clamped(x, y);
  }

  down(event) {
    event.stopPropagation();
    if (event.button !== 0 || this.root.disabled) return;
    this.root.setPointerCapture(event.pointerId);
    this.grip = { x: event.clientX, y: event.clientY, moved: false };
  }

  move(event) {
    if (!this.grip) return;
    event.stopPropagation();
    if (!this.grip.moved && Math.hypot(event.clientX - this.grip.x, event.clientY - this.grip.y) < CLICK_PX) return;
    this.grip.moved = true;
    this.ctx.setStart(...this.at(event), false);
  }

  up(event) {
    if (!this.grip) return;
    event.stopPropagation();
    const { moved } = this.grip;
    this.grip = null;
    if (moved) this.ctx.setStart(...this.at(event), true);
  }

  cancel() {
    this.grip = null;
    this.ctx.cancelStart();
  }

  key(event) {
    const direction = ARROW_KEYS[event.key];
    if (!direction || this.root.disabled || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const [xl, xh, yl, yh] = this.frame.domain;
    const share = event.shiftKey ? KEY_SHARE_FAST : KEY_SHARE;
    const [x, y] = this.place;
    const next = this.frame.clamped(x + direction[0] * share * (xh - xl), y + direction[1] * share * (yh - yl));
    this.ctx.setStart(...next, false);
    clearTimeout(this.done);
    this.done = setTimeout(() => this.ctx.setStart(...next, true), KEY_DONE_MS);
  }
}

/* Moves a node only when it must move. */
function setTransform(node, x, y) {
  const text = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
  if (node.style.transform !== text) node.style.transform = text;
}
