/* One strip of fixed height: what is wrong, in plain words, with buttons that help. More than one: leafed through. */
class Diagnosis {
  constructor(ctx) {
    this.ctx = ctx;
    this.index = 0;
    this.badge = el("span", { class: "badge" });
    this.title = el("strong");
    this.text = el("span", { class: "words" });
    this.remedies = el("div", { class: "remedies" });
    this.pager = el("button", { type: "button", class: "btn text", "aria-label": "Next remark", onclick: () => { this.index++; this.show(this.items); } });
    this.body = el("button", { type: "button", class: "card-body", "aria-expanded": "false", onclick: () => this.open(!this.opened) },
      el("span", { class: "clamp" }, this.title, this.text));
    this.root = el("section", { class: "panel diagnosis", "aria-label": "Diagnosis", "aria-live": "polite" }, this.badge, this.body, this.remedies, this.pager);
    this.items = [];
    this.key = "";
  }

  update(store) {
    if (!store.changed("diagnosis", "run", "link")) return;
    this.show(this.itemsOf(store));
  }

  /* The run's own message counts as a remark: a refusal must be read before anything else. */
  itemsOf({ diagnosis, run, status, link }) {
    const items = [...(diagnosis || [])];
    const rank = { error: 0, warning: 1, info: 2 };
    items.sort((a, b) => rank[a.severity] - rank[b.severity]);
    if (run.message && status !== "compiling") items.unshift({ key: "message", severity: status === "failed" ? "error" : "info", title: "", text: run.message, remedies: [] });
    if (link === "reconnecting") items.unshift({ key: "link", severity: "warning", title: "Connection lost.", text: "Trying again; the run waits for you.", remedies: [] });
    if (link === "gone") items.unshift({ key: "link", severity: "error", title: "This run has ended on the server.", text: "Reload the page to start it again: the address holds your experiment.", remedies: [] });
    return items;
  }

  show(items) {
    this.items = items;
    const item = items.length ? items[this.index % items.length] : null;
    const key = JSON.stringify([item, items.length, this.index % Math.max(1, items.length)]);
    if (key === this.key) return;
    this.key = key;
    this.open(Boolean(item) && item.severity === "error");
    this.root.dataset.severity = item ? item.severity : "none";
    setText(this.title, item ? item.title : "");
    setText(this.text, item ? item.text : "Nothing wrong to report.");
    this.body.title = item ? `${item.title} ${item.text}`.trim() : "";
    setHidden(this.pager, items.length < 2);
    setText(this.pager, `${(this.index % Math.max(1, items.length)) + 1} of ${items.length} ›`);
    this.showRemedies(item ? item.remedies || [] : []);
    const clamp = this.body.firstChild;
    this.root.classList.toggle("cut", clamp.scrollHeight > clamp.clientHeight + 1);
  }

  /* A long remark is cut to two lines until it is clicked; what has stopped the run is told in full at once. */
  open(opened) {
    this.opened = opened;
    this.root.classList.toggle("open", opened);
    this.body.setAttribute("aria-expanded", String(opened));
  }

  showRemedies(remedies) {
    this.remedies.replaceChildren(...remedies.map(({ key, label }) =>
      el("button", { type: "button", class: "btn remedy", text: label, onclick: () => this.ctx.act({ do: "remedy", key }) })));
  }
}
