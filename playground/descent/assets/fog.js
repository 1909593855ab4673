/* Fog: only what lies near the skier, or the chosen runner, is seen. */
const FOG_SHARE = 0.13;

/* {x, y, rx, ry} in terrain units of what can be seen, or null without fog. */
function clearingOf(race, state) {
  if (!state.fog || !race || !race.count) return null;
  const [xl, xh, yl, yh] = race.domain;
  const [x, y] = state.skier ? [state.skier.x, state.skier.y] : race.place(state.chosen, state.step, state.smooth);
  return { x, y, rx: FOG_SHARE * (xh - xl), ry: FOG_SHARE * (yh - yl) };
}

const seenThrough = (clearing, x, y) => !clearing || ((x - clearing.x) / clearing.rx) ** 2 + ((y - clearing.y) / clearing.ry) ** 2 <= 1;

function drawFog(context, frame, clearing, theme) {
  const grey = theme.dark ? [54, 59, 67] : [214, 217, 221];
  const px = frame.x(clearing.x);
  const py = frame.y(clearing.y);
  const rx = clearing.rx * frame.scaleX;
  const squeeze = (clearing.ry * frame.scaleY) / rx;
  context.save();
  frame.clip(context);
  context.translate(px, py);
  context.scale(1, squeeze);
  const shade = context.createRadialGradient(0, 0, 0.72 * rx, 0, 0, 1.1 * rx);
  shade.addColorStop(0, rgba(grey, 0));
  shade.addColorStop(1, rgba(grey, 1));
  context.fillStyle = shade;
  context.fillRect(frame.left - px, (frame.top - py) / squeeze, frame.w, frame.h / squeeze);
  context.restore();
}
