/* Entry point of the Descent view: a Streamlit v2 component over a whole race that lies in its data; playing never asks the server.

   A part is a class in a file of its own, listed in ORDER before this file:
     constructor(ctx)         builds `root`
     setTheme(theme)          once before the first update and after each change of theme (palette.js: readTheme)
     resize()                 the box changed its size
     update(state, changed)   at most once a frame; draw only what `changed` names:
                              "race" "step" "chosen" "hover" "options" "theme" "size"
   ctx: race (RaceData or null), theme, state, options; wake(); mark(...names) adds to `changed` and wakes; seek(step); play(bool);
        choose(path); look({x, y} or null) what the pointer is over; ask(x, y, lane) -> Promise of descent/ground's JSON, or null (of a
        lane's questions only the newest is answered); setStart(x, y, final); colour(runner) -> CSS colour; shows(path) -> bool;
        slow(name) -> whether numbers may be written now (8 times a second); fog() -> {x, y, rx, ry} in terrain units, or null
   state: step (float), playing, speed, loop, smooth, chosen, hover, fog, arrows {gradient, step, momentum, squares, all},
          skier {x, y, height, exact, gradient, steps, stride, trail [[x, y, height], ...]} or null
   options: hidden (Set of runners), solo (runner or null) */
const SESSIONS = new WeakMap();

export default function (component) {
  const host = component.parentElement;
  let session = SESSIONS.get(host);
  if (!session || session.closed) {
    session = new DescentSession(host, component);
    SESSIONS.set(host, session);
  }
  session.receive(component);
  /* Streamlit also cleans up after a call that a quicker rerun overtook: only a host that left the page is closed. */
  return () => setTimeout(() => session.closeIfGone(), 0);
}
