/* What a reload of this tab goes on with: the run that each view shows, remembered by the browser for this tab alone. */
const RUN_KEY = "playground.run.";
const RELOADED = (performance.getEntriesByType("navigation")[0] || {}).type === "reload";
const REMEMBERED = new Set();

function rememberRun(view, token) {
  REMEMBERED.add(view);
  try {
    sessionStorage.setItem(RUN_KEY + view, token);
  } catch {
    /* a browser that keeps nothing: a reload begins anew */
  }
}

/* The run that `view` showed before the tab was reloaded; null where there is none, and once the view has shown another. */
function runBefore(view) {
  if (!RELOADED || REMEMBERED.has(view)) return null;
  try {
    return sessionStorage.getItem(RUN_KEY + view);
  } catch {
    return null;
  }
}
