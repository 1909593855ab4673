/* What does not move on the map: shades, contour lines, axes, stationary points. Drawn once a race, theme or size. */
const MAP_MARGINS = [44, 8, 10, 34];
/* Scales of x and y are alike where the domain is no narrower than this: then arrows across contours look perpendicular. */
const NARROWEST = 0.55;
const MANY_POINTS = 14;
/* a height smaller than this share of the map's range is written as 0 */
const NEGLIGIBLE = 1e-4;

/* Terrain units <-> CSS pixels. */
class MapFrame {
  constructor() {
    this.set([-1, 1, -1, 1], 200, 200);
  }

  /* width, height: of the whole canvas */
  set(domain, width, height) {
    const [left, top, right, bottom] = MAP_MARGINS;
    const [xl, xh, yl, yh] = domain;
    const room = [Math.max(40, width - left - right), Math.max(40, height - top - bottom)];
    const aspect = (xh - xl) / (yh - yl);
    let [w, h] = room;
    if (aspect >= NARROWEST && aspect <= 1 / NARROWEST) {
      w = Math.min(room[0], room[1] * aspect);
      h = w / aspect;
    }
    Object.assign(this, { domain, width, height, w: Math.round(w), h: Math.round(h), left: left + Math.floor((room[0] - w) / 2), top });
    this.scaleX = this.w / (xh - xl);
    this.scaleY = this.h / (yh - yl);
  }

  x(x) { return this.left + (x - this.domain[0]) * this.scaleX; }
  y(y) { return this.top + (this.domain[3] - y) * this.scaleY; }
  /* back, from pixels of the canvas */
  plane(px, py) { return { x: this.domain[0] + (px - this.left) / this.scaleX, y: this.domain[3] - (py - this.top) / this.scaleY }; }
  inside(px, py) { return px >= this.left && px <= this.left + this.w && py >= this.top && py <= this.top + this.h; }
  clamped(x, y) {
    const [xl, xh, yl, yh] = this.domain;
    return [clamp(x, xl, xh), clamp(y, yl, yh)];
  }

  clip(context) {
    context.beginPath();
    context.rect(this.left, this.top, this.w, this.h);
    context.clip();
  }
}

class MapBase {
  constructor(frame) {
    this.frame = frame;
    this.canvas = el("canvas", { class: "map-layer" });
  }

  draw(race, theme) {
    const { frame } = this;
    const context = fitCanvas(this.canvas, frame.width, frame.height);
    this.paint(context, race, theme);
  }

  paint(context, race, theme) {
    const { frame } = this;
    context.clearRect(0, 0, frame.width, frame.height);
    const shades = this.shadesOf(race, theme);
    context.save();
    frame.clip(context);
    if (shades) this.paintShades(context, shades);
    this.paintContours(context, race, theme);
    this.paintOwnPath(context, race, theme);
    this.paintStarts(context, race, theme);
    this.paintStationary(context, race, theme);
    context.restore();
    this.paintAxes(context, race, theme);
  }

  shadesOf(race, theme) {
    const field = race.section("field");
    if (!field) return null;
    if (this.field !== field.array || this.dark !== theme.dark) {
      this.shades = paintField(race, theme.dark);
      this.field = field.array;
      this.dark = theme.dark;
    }
    return this.shades;
  }

  /* Samples lie on the domain's very edges: half a pixel is cut off all round. */
  paintShades(context, shades) {
    const { left, top, w, h } = this.frame;
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(shades, 0.5, 0.5, shades.width - 1, shades.height - 1, left, top, w, h);
  }

  paintContours(context, race, theme) {
    const points = race.section("contour_points");
    const starts = race.section("contour_starts");
    if (!points || !starts) return;
    const { frame } = this;
    const count = points.shape[0];
    context.beginPath();
    for (let line = 0; line < starts.array.length; line++) {
      const from = starts.array[line];
      const to = line + 1 < starts.array.length ? starts.array[line + 1] : count;
      for (let k = from; k < to; k++) context[k === from ? "moveTo" : "lineTo"](frame.x(points.array[2 * k]), frame.y(points.array[2 * k + 1]));
    }
    context.strokeStyle = theme.dark ? "rgba(205,222,240,0.26)" : "rgba(30,52,80,0.30)";
    context.lineWidth = 0.9;
    context.lineJoin = "round";
    context.stroke();
  }

  /* Where the visitor's own net went, on a slice of its loss; the dot is where it is now. */
  paintOwnPath(context, race, theme) {
    const own = race.section("own_path");
    if (!own || own.shape[0] < 2) return;
    const { frame } = this;
    const last = own.shape[0] - 1;
    const at = (k) => [frame.x(own.array[2 * k]), frame.y(own.array[2 * k + 1])];
    context.beginPath();
    for (let k = 0; k <= last; k++) context[k ? "lineTo" : "moveTo"](...at(k));
    context.lineJoin = "round";
    for (const [wide, colour, dash] of [[4, theme.page, []], [1.8, theme.text, [1.5, 3]]]) {
      context.setLineDash(dash);
      context.lineWidth = wide;
      context.strokeStyle = colour;
      context.stroke();
    }
    context.setLineDash([]);
    drawMark(context, "circle", ...at(last), 3.5, theme.text, theme.page);
    this.nameOwnPath(context, at(last), theme);
  }

  nameOwnPath(context, [x, y], theme) {
    const right = x > this.frame.left + this.frame.w / 2;
    context.font = `600 11px ${theme.font}`;
    context.textAlign = right ? "right" : "left";
    context.lineWidth = 3;
    context.strokeStyle = theme.page;
    context.fillStyle = theme.text;
    const place = ["your net", x + (right ? -8 : 8), y - 7];
    context.strokeText(...place);
    context.fillText(...place);
  }

  /* Where there are dozens, the lowest minima keep their size and the rest step back. */
  paintStationary(context, race, theme) {
    const points = race.header.terrain.stationary || [];
    const many = points.length > MANY_POINTS;
    for (const point of points) {
      const small = many && !point.lowest;
      context.globalAlpha = small ? 0.65 : 1;
      drawStationary(context, point, this.frame.x(point.x), this.frame.y(point.y), theme, small ? 3.2 : 5.5);
    }
    context.globalAlpha = 1;
  }

  /* Many starts: a small ring each. */
  paintStarts(context, race, theme) {
    if (race.starts < 2) return;
    const { frame } = this;
    for (let start = 0; start < race.starts; start++) {
      const [x, y] = race.place(race.pathOf(0, start), 0);
      for (const [wide, colour] of [[3.5, theme.page], [1.5, theme.text]]) {
        context.strokeStyle = colour;
        context.lineWidth = wide;
        context.beginPath();
        context.arc(frame.x(x), frame.y(y), 3, 0, 2 * Math.PI);
        context.stroke();
      }
    }
  }

  paintAxes(context, race, theme) {
    const { left, top, w, h, domain } = this.frame;
    const [xl, xh, yl, yh] = domain;
    context.font = `11px ${theme.font}`;
    context.fillStyle = theme.muted;
    context.strokeStyle = theme.faint;
    context.lineWidth = 1;
    context.strokeRect(left - 0.5, top - 0.5, w + 1, h + 1);
    for (const tick of niceTicks(xl, xh, w / 55)) {
      const x = this.frame.x(tick);
      context.textAlign = x > left + w - 10 ? "right" : x < left + 10 ? "left" : "center";
      context.fillText(tickText(tick), x, top + h + 14);
    }
    context.textAlign = "right";
    for (const tick of niceTicks(yl, yh, h / 50)) context.fillText(tickText(tick), left - 5, clamp(this.frame.y(tick) + 4, top + 9, top + h));
    context.fillStyle = theme.text;
    context.textAlign = "center";
    context.fillText(race.names[0], left + w / 2, top + h + 29);
    context.save();
    context.translate(left - 34, top + h / 2);
    if (race.names[1].length > 1) context.rotate(-Math.PI / 2);
    context.fillText(race.names[1], 0, 4);
    context.restore();
  }
}

/* The scale of heights: a bar from the lowest to the highest, and the height in the middle of it. */
function drawHeightKey(canvas, race, theme) {
  const [width, height, from, long] = [216, 26, 40, 136];
  const context = fitCanvas(canvas, width, height);
  const ramp = heightRamp(theme.dark);
  context.clearRect(0, 0, width, height);
  for (let i = 0; i < long; i++) {
    context.fillStyle = rgb(ramp(i / (long - 1)));
    context.fillRect(from + i, 1, 1.5, 10);
  }
  context.strokeStyle = theme.faint;
  context.strokeRect(from - 0.5, 0.5, long + 1, 11);
  context.font = `11px ${theme.font}`;
  context.fillStyle = theme.muted;
  const range = heightOfShare(race, 1) - heightOfShare(race, 0);
  for (const share of [0, 0.5, 1]) {
    const value = heightOfShare(race, share);
    context.textAlign = "center";
    context.fillText(format(Math.abs(value) < NEGLIGIBLE * range ? 0 : value), from + share * long, 23);
  }
  context.textAlign = "right";
  context.fillText("height", from - 6, 11);
}
