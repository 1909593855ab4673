/* Entry point of the live view: a Streamlit v2 component that picks a view by `data.view`.

   To add a view, write a class in a file of its own, list it in ORDER before this file and enter it in VIEWS:
     constructor(ctx)   builds `root` (a DOM node); ctx is below
     setTheme(theme)    once before the first update and after each change of theme (palette.js: readTheme)
     resize()           the width or height of the box changed
     update(store)      called at most once a frame; draw only what `store.changed(key, ...)` names (header keys, section names,
                        "link", "hover", "all"); store.section(name) -> {array, shape} or null; see store.js
     key(name)          optional; a key was pressed for the view; return true when it was used
     setData(data)      optional; `editable` changed
   ctx: store; data (of the component); tables; send(command); act(command) for commands that change the experiment;
        edit({path: value}) = act of `set`; look({hover, warp}); wake() asks for an update; wakeLater(ms) the same, later. */
const VIEWS = { network: NetworkView, digits: DigitsView, text: TextView, mini: MiniView };
const SESSIONS = new WeakMap();

export default function (component) {
  const host = component.parentElement;
  let session = SESSIONS.get(host);
  if (!session || session.closed) {
    session = new Session(host, component);
    SESSIONS.set(host, session);
  }
  session.receive(component);
  /* Streamlit also cleans up after a call that a quicker rerun overtook: only a host that left the page is closed. */
  return () => setTimeout(() => session.closeIfGone(), 0);
}
