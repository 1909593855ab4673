/* The marks of runners and of stationary points. All are drawn around (x, y) in CSS pixels. */
const MARKS = {
  circle: (path, r) => path.arc(0, 0, r, 0, 2 * Math.PI),
  square: (path, r) => path.rect(-0.88 * r, -0.88 * r, 1.76 * r, 1.76 * r),
  diamond: (path, r) => polygon(path, 4, 1.22 * r, -Math.PI / 2),
  triangle: (path, r) => polygon(path, 3, 1.25 * r, -Math.PI / 2),
  cross: (path, r) => cross(path, 1.15 * r, 0.42 * r),
  star: (path, r) => star(path, 5, 1.35 * r, 0.6 * r),
};

function polygon(path, corners, radius, turn) {
  for (let k = 0; k < corners; k++) {
    const angle = turn + (2 * Math.PI * k) / corners;
    path[k ? "lineTo" : "moveTo"](radius * Math.cos(angle), radius * Math.sin(angle));
  }
  path.closePath();
}

function star(path, points, outer, inner) {
  for (let k = 0; k < 2 * points; k++) {
    const angle = -Math.PI / 2 + (Math.PI * k) / points;
    const radius = k % 2 ? inner : outer;
    path[k ? "lineTo" : "moveTo"](radius * Math.cos(angle), radius * Math.sin(angle));
  }
  path.closePath();
}

/* a plus sign, as an outline */
function cross(path, r, w) {
  const corners = [[-w, -r], [w, -r], [w, -w], [r, -w], [r, w], [w, w], [w, r], [-w, r], [-w, w], [-r, w], [-r, -w], [-w, -w]];
  corners.forEach(([x, y], k) => path[k ? "lineTo" : "moveTo"](x, y));
  path.closePath();
}

const markPaths = new Map();

/* One shape of each kind and size, kept: twelve runners draw them at every frame. */
function markPath(mark, radius) {
  const key = `${mark}${radius}`;
  let path = markPaths.get(key);
  if (!path) {
    path = new Path2D();
    (MARKS[mark] || MARKS.circle)(path, radius);
    markPaths.set(key, path);
  }
  return path;
}

function drawMark(context, mark, x, y, radius, fill, rim, rimWidth = 1.5) {
  const path = markPath(mark, radius);
  context.translate(x, y);
  if (rim) {
    context.strokeStyle = rim;
    context.lineWidth = 2 * rimWidth;
    context.lineJoin = "round";
    context.stroke(path);
  }
  context.fillStyle = fill;
  context.fill(path);
  context.translate(-x, -y);
}

/* Where a runner left: an x in its colour. */
function drawLeft(context, x, y, radius, colour, rim) {
  for (const [wide, stroke] of [[5, rim], [2.4, colour]]) {
    context.strokeStyle = stroke;
    context.lineWidth = wide;
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(x - radius, y - radius);
    context.lineTo(x + radius, y + radius);
    context.moveTo(x + radius, y - radius);
    context.lineTo(x - radius, y + radius);
    context.stroke();
  }
  context.lineCap = "butt";
}

/* Minimum: a ring with a dot (filled: the lowest). Saddle: two wedges that meet, as the ground does. Maximum: a peak. */
const STATIONARY = {
  minimum: (context, r, lowest) => {
    context.beginPath();
    context.arc(0, 0, r, 0, 2 * Math.PI);
    context.stroke();
    context.beginPath();
    context.arc(0, 0, lowest ? 0.55 * r : 0.28 * r, 0, 2 * Math.PI);
    context.fill();
  },
  saddle: (context, r) => {
    context.beginPath();
    context.moveTo(-r, -0.8 * r);
    context.lineTo(r, 0.8 * r);
    context.lineTo(r, -0.8 * r);
    context.lineTo(-r, 0.8 * r);
    context.closePath();
    context.stroke();
  },
  maximum: (context, r) => {
    context.beginPath();
    polygon(context, 3, 1.2 * r, -Math.PI / 2);
    context.stroke();
  },
  flat: (context, r) => {
    context.beginPath();
    context.setLineDash([2.5, 2.5]);
    context.arc(0, 0, r, 0, 2 * Math.PI);
    context.stroke();
    context.setLineDash([]);
  },
};

function drawStationary(context, { kind, lowest }, x, y, theme, radius = 5.5) {
  const draw = STATIONARY[kind] || STATIONARY.flat;
  context.save();
  context.translate(x, y);
  for (const [wide, colour] of [[0.8 * radius, theme.page], [0.31 * radius, theme.text]]) {
    context.lineWidth = wide;
    context.strokeStyle = colour;
    context.fillStyle = colour;
    draw(context, radius, lowest);
  }
  context.restore();
}

const KIND_WORDS = { minimum: "minimum", saddle: "saddle point", maximum: "maximum", flat: "flat place" };
const stationaryWords = ({ kind, lowest }) => (kind === "minimum" && lowest ? "lowest minimum" : KIND_WORDS[kind] || kind);
