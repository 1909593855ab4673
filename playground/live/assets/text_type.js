/* "Type and it goes on": what the net that trains just now expects after a text, as bars; a click on one writes it. */
const TYPE_BARS = 8;
const TYPE_MS = 40;

class TypePanel {
  constructor(ctx, wishes) {
    Object.assign(this, { ctx, wishes, until: 0, asked: null, stale: true, begun: false });
    this.send = throttle(() => ctx.send({ do: "type", text: this.text }), TYPE_MS);
    this.field = el("textarea", { class: "type-field", rows: "3", maxlength: "2000", spellcheck: "false", placeholder: "Type here, for example:  ROMEO:", "aria-label": "A text for the net to go on from" });
    this.field.addEventListener("input", () => this.changed());
    this.unknown = el("div", { class: "unknown", role: "status" });
    this.note = el("span", { class: "panel-note", text: "Click a bar to write it." });
    this.rows = Array.from({ length: TYPE_BARS + 1 }, (_, i) => this.row(i === TYPE_BARS));
    this.on = el("button", { type: "button", class: "btn", title: "The sample above begins with this text", onclick: () => this.writeOn() }, icon("next"), "Write on from here");
    this.clear = el("button", { type: "button", class: "btn text", text: "Clear", onclick: () => this.put("") });
    this.root = el("section", { class: "panel typing", "aria-label": "Type and it goes on" },
      el("div", { class: "panel-head" }, el("h3", { text: "Type and it goes on" }), this.note),
      this.field, this.unknown,
      el("div", { class: "bars" }, ...this.rows.map((row) => row.root)),
      el("div", { class: "wish-row" }, this.on, this.clear));
  }

  row(rest) {
    const name = el("span", { class: "bar-name" });
    const fill = el("i");
    const share = el("span", { class: "number bar-share" });
    const row = { name, fill, share, character: null };
    row.root = rest
      ? el("div", { class: "bar rest" }, name, el("span", { class: "bar-track" }, fill), share)
      : el("button", { type: "button", class: "bar", onclick: () => { if (row.character !== null) this.put(this.field.value + row.character); } }, name, el("span", { class: "bar-track" }, fill), share);
    return row;
  }

  get text() {
    return this.field.value.normalize("NFC").slice(-2000);
  }

  put(text) {
    this.field.value = text.slice(-2000);
    this.field.scrollTop = this.field.scrollHeight;
    this.changed();
  }

  changed() {
    this.until = performance.now() + TOUCHED_MS;
    this.stale = true;
    this.send();
    this.ctx.wake();
  }

  writeOn() {
    this.wishes.want({ prime: charactersOf(this.text).slice(-400).join("") });
  }

  setTheme() {}

  resize() {}

  update(store) {
    const told = store.facts.typed;
    if (store.run.status && !this.begun && store.frames && store.facts.text) this.begin(told);
    if (store.changed("facts") && told && told.text !== this.text && performance.now() > this.until && !this.field.matches(":focus")) {
      this.field.value = told.text;
      this.stale = true;
    }
    const alphabet = store.facts.text && store.facts.text.alphabet;
    if (this.stale || alphabet !== this.alphabet) {
      this.alphabet = alphabet;
      setText(this.unknown, unknownWords(unknownIn(this.text, alphabet), alphabet));
    }
    if (!this.stale && !store.changed("typed_chances", "facts")) return;
    this.stale = false;
    this.show(store.section("typed_chances"), charactersOf(alphabet), told);
  }

  /* The first thing asked: what comes after nothing, unless the server still knows a text from before a reload. */
  begin(told) {
    this.begun = true;
    if (!told) this.send();
  }

  show(section, alphabet, told) {
    if (!section || section.array.length !== alphabet.length) return;
    const order = Array.from(section.array.keys()).sort((a, b) => section.array[b] - section.array[a]);
    const best = order.slice(0, TYPE_BARS);
    const rest = order.slice(TYPE_BARS).reduce((sum, i) => sum + section.array[i], 0);
    const waiting = told && told.text !== this.text;
    this.root.classList.toggle("waiting", Boolean(waiting));
    best.forEach((i, at) => this.fill(this.rows[at], alphabet[i], section.array[i]));
    for (let at = best.length; at < TYPE_BARS; at++) this.fill(this.rows[at], null, 0);
    const left = Math.max(0, alphabet.length - TYPE_BARS);
    const last = this.rows[TYPE_BARS];
    setText(last.name, left === 1 ? "1 other" : `${left} others`);
    last.root.classList.toggle("blank", !left);
    this.measure(last, rest);
  }

  /* A row without a character is there only to keep the height: small alphabets have fewer than there are bars. */
  fill(row, character, share) {
    row.character = character;
    row.root.classList.toggle("blank", character === null);
    const name = character === null ? "" : characterName(character);
    setText(row.name, name);
    row.name.classList.toggle("named", name.length > 1);
    if (row.root.title !== `Write ${name}`) row.root.title = `Write ${name}`;
    setDisabled(row.root, character === null);
    this.measure(row, share);
  }

  measure(row, share) {
    row.fill.style.transform = `scaleX(${clamp(share, 0, 1)})`;
    setText(row.share, `${(100 * share).toFixed(1)} %`);
  }
}
