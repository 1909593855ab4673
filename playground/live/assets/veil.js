/* What lies over the surface while there is nothing to see yet, and after a failure. */
const VEILS = {
  connecting: "Connecting…",
  starting: "Starting the engine…",
  compiling: "Preparing the engine…",
  waiting: "Waiting for a place…",
  reconnecting: "Connection lost. Reconnecting…",
  gone: "This run has ended on the server.",
  failed: "The engine stopped.",
};
const ACTION = { gone: "Reload the page to start a new one." };

class Veil {
  constructor() {
    this.title = el("strong");
    this.detail = el("span");
    this.root = el("div", { class: "veil", role: "status" }, el("span", { class: "spinner", "aria-hidden": "true" }), this.title, this.detail);
    this.kind = "";
    this.link = "connecting";
  }

  /* the connection's word comes first, then the run's */
  kindOf(store) {
    if (this.link === "gone" || this.link === "reconnecting") return this.link;
    if (!store.frames) return "connecting";
    if (store.run.status in VEILS) return store.run.status;
    return store.section("surface") ? "" : "starting";
  }

  update(store) {
    if (store.link) this.link = store.link;
    const kind = this.kindOf(store);
    const detail = kind === "failed" || kind === "waiting" || kind === "compiling" ? store.run.message || "" : ACTION[kind] || "";
    setText(this.detail, detail);
    if (kind === this.kind && this.shown) return;
    this.shown = true;
    this.kind = kind;
    setText(this.title, VEILS[kind] || "");
    setHidden(this.root, !kind);
    /* over a picture that is still good the veil is a note, not a curtain */
    this.root.className = `veil ${kind} ${store.section("surface") ? "light" : ""}`;
  }
}
