/* Entry point of the Backprop view: a Streamlit v2 component over one traced pass that lies in its data; stepping never asks the server.

   A part is a class in a file of its own, listed in ORDER before this file:
     constructor(ctx)         builds `root`
     setTheme(theme)          once before the first update and after each change of theme (palette.js: readTheme)
     resize()                 the box changed its size, or the part was shown or hidden
     update(state, changed)   at most once a frame; draw only what `changed` names:
                              "trace" "step" "progress" "example" "entry" "hover" "selected" "options" "theme" "size"
   ctx: data (TraceData or null), state, editable; mark(...names) adds to `changed` and wakes; seek(index, moving), step(by), play(bool),
        follow(example or -1), show(tab), whole (the diagram has a row of its own), pick({layer, row, column}) a weight (row null: a bias), edit({matrix, row, column, value});
        tell(name, text) a number that stands on the screen, forget() those of the matrices (for tests: window.__backprop.shown)
   state: step (an operation's index), progress (0..1 of it), playing, speed, example (-1: the whole batch), tab, selected
   window.__backprop.shown: symbol -> numbers of a heatmap ("a b; c d"), "symbol[r,c]" -> one entry (counted from 0),
        "net symbol[r,c]" -> a number in the diagram (r is "mean" for the whole batch), "tip ..." -> that under the pointer */
const SESSIONS = new WeakMap();

export default function (component) {
  const host = component.parentElement;
  let session = SESSIONS.get(host);
  if (!session || session.closed) {
    session = new BackpropSession(host, component);
    SESSIONS.set(host, session);
  }
  session.receive(component);
  /* Streamlit also cleans up after a call that a quicker rerun overtook: only a host that left the page is closed. */
  return () => setTimeout(() => session.closeIfGone(), 0);
}
