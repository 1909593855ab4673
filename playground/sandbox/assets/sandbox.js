/* A kernel slides over an input that can be painted on; one place of the map is written out. */
const SANDBOX_SLIDE_MS = 450;
const SANDBOX_STILL_MS = 900;
/* smallest and largest cell, and what input and map may take, on a desk and on a phone */
const SANDBOX_CELL = [13, 34];
const SANDBOX_ROOM = [236, 250];
const SANDBOX_GLIDE_MS = 180;
const SANDBOX_KEYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

class Sandbox {
  constructor(host) {
    Object.assign(this, { place: [0, 0], glide: new Glide(), playing: false });
    this.stillness = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.build();
    host.append(this.root);
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.root);
    this.endPixels = watchPixels(() => this.draw());
    window.__sandbox = this.told = {};
  }

  build() {
    const figure = (title, label, focus) => {
      const canvas = el("canvas", { role: "img", "aria-label": label });
      if (focus) canvas.tabIndex = 0;
      return { canvas, root: el("figure", { class: "inside-grid" }, canvas, el("figcaption", { text: title })) };
    };
    const step = (sign, node) => el("div", { class: "inside-step" }, el("span", { class: "inside-sign", text: sign }), node);
    this.input = figure("input: click or drag to paint", "Input; click or drag to paint");
    this.output = figure("map: click a place", "Map; arrow keys move the window", true);
    this.kernel = new NumberGrid("kernel", "Numbers of the kernel");
    this.products = new NumberGrid("products", "Window times kernel");
    this.playIcon = icon("play");
    this.playText = el("span", { text: "Slide" });
    this.play = el("button", { type: "button", class: "btn", onclick: () => this.toggle() }, this.playIcon, this.playText);
    this.where = el("span", { class: "inside-where", role: "status" });
    this.sum = el("p", { class: "sandbox-sum number" });
    this.flow = el("div", { class: "inside-flow" }, this.input.root, step("×", this.kernel.root), step("=", this.products.root), step("→", this.output.root));
    this.root = el("div", { class: "playground-view inside" },
      el("div", { class: "sandbox" }, this.flow, el("div", { class: "sandbox-foot" }, this.play, this.where), this.sum));
    this.listen();
  }

  listen() {
    const { canvas } = this.input;
    canvas.addEventListener("pointerdown", (event) => this.startPainting(event));
    canvas.addEventListener("pointermove", (event) => this.paint(event));
    canvas.addEventListener("pointerup", () => this.endPainting());
    canvas.addEventListener("pointercancel", () => this.endPainting());
    this.output.canvas.addEventListener("click", (event) => this.choose(event));
    this.output.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  receive(component) {
    this.component = component;
    const text = JSON.stringify(component.data);
    if (text !== this.text && !this.painting) {
      this.text = text;
      this.data = component.data;
      this.image = component.data.image.flat();
      const last = component.data.output.length - 1;
      this.place = this.place.map((at) => Math.min(at, last));
    }
    this.draw();
  }

  close() {
    this.observer.disconnect();
    this.endPixels();
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    return true;
  }

  /* Painting shows at once; the map follows when the finger is lifted. */
  startPainting(event) {
    const i = this.cellAt(event);
    if (i === null) return;
    this.input.canvas.setPointerCapture(event.pointerId);
    this.painting = { ink: this.image[i] < 0.5 ? 1 : 0 };
    this.paint(event);
  }

  paint(event) {
    const i = this.painting ? this.cellAt(event) : null;
    if (i === null || this.image[i] === this.painting.ink) return;
    this.image[i] = this.painting.ink;
    this.draw();
  }

  endPainting() {
    if (!this.painting) return;
    this.painting = null;
    this.component.setTriggerValue("painted", { image: this.image });
  }

  cellAt({ offsetX, offsetY }) {
    const { padding, image } = this.data;
    const [x, y] = [offsetX, offsetY].map((at) => Math.floor((at - 2) / this.cell) - padding);
    return x < 0 || y < 0 || x >= image.length || y >= image.length ? null : y * image.length + x;
  }

  choose({ offsetX, offsetY }) {
    const most = this.data.output.length - 1;
    this.go([offsetY, offsetX].map((at) => clamp(Math.floor((at - 2) / this.outCell), 0, most)));
  }

  key(event) {
    const move = SANDBOX_KEYS[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    const most = this.data.output.length - 1;
    this.go(this.place.map((at, i) => clamp(at + move[i], 0, most)));
  }

  go(place, playing = false) {
    this.place = place;
    this.playing = playing;
    this.draw();
  }

  toggle() {
    const most = this.data.output.length - 1;
    const ended = this.place.every((at) => at === most);
    this.go(!this.playing && ended ? [0, 0] : this.place, !this.playing);
    this.slide();
  }

  slide() {
    clearTimeout(this.timer);
    if (!this.playing) return;
    this.timer = setTimeout(() => {
      const side = this.data.output.length;
      const next = this.place[0] * side + this.place[1] + 1;
      if (next >= side * side) return this.go(this.place);
      this.go([Math.floor(next / side), next % side], true);
      this.slide();
    }, this.stillness.matches ? SANDBOX_STILL_MS : SANDBOX_SLIDE_MS);
  }

  draw() {
    if (!this.data || !this.root.clientWidth) return;
    const theme = readTheme(this.root);
    this.root.classList.toggle("dark", theme.dark);
    const { kernel, padding, stride } = this.data;
    const tight = this.root.clientWidth < 620;
    const weights = kernel.flat();
    const products = this.seen().map((value, i) => value * weights[i]);
    const strongest = (values) => Math.max(1e-9, ...values.map(Math.abs));
    this.glide.to([this.place[0] * stride - padding, this.place[1] * stride - padding], this.stillness.matches ? 0 : SANDBOX_GLIDE_MS, performance.now());
    this.kernel.draw(weights, kernel.length, theme, { strength: strongest(weights), tight });
    this.products.draw(products, kernel.length, theme, { strength: strongest(products), tight });
    this.drawOutput(theme, tight);
    this.drawInput(theme, tight);
    this.tell(products, weights);
  }

  /* What lies under the window, row by row; 0 beyond the edge. */
  seen() {
    const { kernel, padding, stride, image } = this.data;
    const side = image.length;
    return kernel.flatMap((row, i) => row.map((_, j) => {
      const [y, x] = [this.place[0] * stride - padding + i, this.place[1] * stride - padding + j];
      return y < 0 || x < 0 || y >= side || x >= side ? 0 : this.image[y * side + x];
    }));
  }

  drawInput(theme, tight) {
    const { image, padding, kernel } = this.data;
    const side = image.length + 2 * padding;
    this.cell = clamp(Math.floor(SANDBOX_ROOM[tight ? 1 : 0] / side), ...SANDBOX_CELL);
    const now = performance.now();
    const context = fitCanvas(this.input.canvas, side * this.cell + 4, side * this.cell + 4);
    const value = (y, x) => {
      const within = Math.min(y, x) >= padding && Math.max(y, x) < padding + image.length;
      return within ? this.image[(y - padding) * image.length + x - padding] : null;
    };
    drawCells(context, side, this.cell, value, 1, theme);
    const [y, x] = this.glide.at(now);
    frameBox(context, [y + 2 / this.cell, x + 2 / this.cell, kernel.length, kernel.length], this.cell, padding, theme);
    if (!this.glide.moving(now)) return;
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.drawInput(theme, tight));
  }

  drawOutput(theme, tight) {
    const { output } = this.data;
    const side = output.length;
    this.outCell = clamp(Math.floor(SANDBOX_ROOM[tight ? 1 : 0] / side), ...SANDBOX_CELL);
    const context = fitCanvas(this.output.canvas, side * this.outCell + 4, side * this.outCell + 4);
    const most = Math.max(1e-9, ...output.flat().map(Math.abs));
    const reached = (y, x) => !this.playing || y < this.place[0] || (y === this.place[0] && x <= this.place[1]);
    drawCells(context, side, this.outCell, (y, x) => (reached(y, x) ? output[y][x] : null), most, theme);
    const edge = 2 / this.outCell;
    frameBox(context, [this.place[0] + edge, this.place[1] + edge, 1, 1], this.outCell, 0, theme);
  }

  tell(products, weights) {
    const [y, x] = this.place;
    setText(this.where, `Row ${y + 1}, column ${x + 1} of the map: ${plain(this.data.output[y][x])}`);
    setText(this.sum, productsText(this.seen(), weights, plain));
    swapIcon(this.playIcon, this.playing ? "pause" : "play");
    setText(this.playText, this.playing ? "Pause" : "Slide");
    this.where.setAttribute("aria-live", this.playing ? "off" : "polite");
    Object.assign(this.told, { place: this.place, products, value: this.data.output[y][x], playing: this.playing, side: this.data.output.length });
  }
}

/* side x side cells with their numbers where there is room; value(y, x) is null where there is nothing. */
function drawCells(context, side, cell, value, most, theme) {
  context.clearRect(0, 0, side * cell + 4, side * cell + 4);
  context.font = `${cell > 30 ? 11 : 9.5}px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let i = 0; i < side * side; i++) {
    const [row, column] = [Math.floor(i / side), i % side];
    const v = value(row, column);
    const [x, y] = [2 + column * cell, 2 + row * cell];
    const colour = diverging((v || 0) / most, theme.dark);
    context.fillStyle = v === null ? theme.grid : rgb(colour);
    context.fillRect(x, y, cell - 1, cell - 1);
    if (v === null || cell < 26) continue;
    context.fillStyle = textOn(colour);
    context.fillText(cellText(v, cell < 34), x + cell / 2 - 0.5, y + cell / 2 + 0.5);
  }
}
