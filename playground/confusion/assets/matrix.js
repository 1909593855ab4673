/* A table of buttons: rows are true digits, columns the net's answers; colour is the share of the row. One is picked by a click. */
const MATRIX_KEYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const MATRIX_HINT = "Rows are the true digits, columns what the net answered.";

class Matrix {
  constructor(host) {
    this.cells = [];
    this.table = el("table", { "aria-label": "Confusion matrix: true digits in rows, the net's answers in columns" });
    this.note = el("p", { class: "matrix-note", role: "status", text: MATRIX_HINT });
    this.root = el("div", { class: "playground-view matrix" },
      el("div", { class: "matrix-across", text: "answer of the net" }),
      el("div", { class: "matrix-down", text: "true digit" }), this.table, this.note);
    host.append(this.root);
    this.table.addEventListener("keydown", (event) => this.key(event));
    this.table.addEventListener("pointerleave", () => this.tell(null));
    this.table.addEventListener("focusout", () => this.tell(null));
  }

  receive(component) {
    this.component = component;
    Object.assign(this, component.data);
    const count = this.counts.length;
    if (this.cells.length !== count) this.build(count);
    this.totals = this.counts.map((row) => row.reduce((total, n) => total + n, 0));
    this.paint(readTheme(this.root));
  }

  build(count) {
    const digits = Array.from({ length: count }, (_, k) => k);
    const head = el("tr", {}, el("td"), ...digits.map((k) => el("th", { scope: "col", text: String(k) })));
    this.cells = digits.map((row) => digits.map((column) => this.cell(row, column)));
    const rows = digits.map((row) => el("tr", {}, el("th", { scope: "row", text: String(row) }), ...this.cells[row].map((cell) => el("td", {}, cell))));
    this.table.replaceChildren(el("tbody", {}, head, ...rows));
  }

  cell(row, column) {
    const tell = () => this.tell([row, column]);
    return el("button", { type: "button", onclick: () => this.pick(row, column), onpointerenter: tell, onfocus: tell });
  }

  /* Only one cell is reached by the tab key; arrow keys go on from there. */
  paint(theme) {
    const [atRow, atColumn] = this.picked || [0, 0];
    this.cells.forEach((cells, row) => cells.forEach((cell, column) => {
      const n = this.counts[row][column];
      const ground = shareGround(row === column, this.share(row, n), theme);
      const picked = Boolean(this.picked) && row === atRow && column === atColumn;
      cell.textContent = n ? formatCount(n) : "";
      cell.style.background = rgb(ground);
      cell.style.color = textOn(ground);
      cell.classList.toggle("right", row === column);
      cell.classList.toggle("picked", picked);
      cell.setAttribute("aria-pressed", String(picked));
      cell.setAttribute("aria-label", this.said(row, column));
      cell.tabIndex = row === atRow && column === atColumn ? 0 : -1;
    }));
  }

  share(row, count) {
    return this.totals[row] ? count / this.totals[row] : 0;
  }

  said(row, column) {
    const n = this.counts[row][column];
    const share = this.totals[row] ? ` (${formatShare(this.share(row, n))})` : "";
    return `True ${row}, answered ${column}: ${formatCount(n)} of ${formatCount(this.totals[row])}${share}`;
  }

  tell(place) {
    this.note.textContent = place ? this.said(...place) : MATRIX_HINT;
  }

  pick(row, column) {
    this.component.setTriggerValue("picked", [row, column]);
  }

  key(event) {
    const move = MATRIX_KEYS[event.key];
    const row = this.cells.findIndex((cells) => cells.includes(event.target));
    if (!move || row < 0) return;
    const last = this.cells.length - 1;
    const column = this.cells[row].indexOf(event.target);
    this.cells[clamp(row + move[0], 0, last)][clamp(column + move[1], 0, last)].focus();
    event.preventDefault();
    event.stopPropagation();
  }
}
