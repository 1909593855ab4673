/* The map as a PNG file: what is seen at this moment, at twice the size, with the names of the runners under it. */
const PICTURE_SCALE = 2;
const PICTURE_ROW = 22;
const PICTURE_MARGIN = 12;

/* paint(context): draws the map into CSS pixels. Returns a canvas. */
function composePicture({ race, theme, frame, runners, title, paint, colour }) {
  const names = runners.map((index) => ({ index, text: `${race.runners[index].label}, rate ${fieldText(race.runners[index].rate)}` }));
  const measure = document.createElement("canvas").getContext("2d");
  measure.font = `12px ${theme.font}`;
  const places = layNames(names, (text) => measure.measureText(text).width + 54, frame.width);
  const rows = places.length ? places[places.length - 1].row + 1 : 0;
  const canvas = document.createElement("canvas");
  canvas.width = PICTURE_SCALE * frame.width;
  canvas.height = PICTURE_SCALE * (frame.height + 28 + rows * PICTURE_ROW + PICTURE_MARGIN);
  const context = canvas.getContext("2d");
  const move = (y) => context.setTransform(PICTURE_SCALE, 0, 0, PICTURE_SCALE, 0, PICTURE_SCALE * y);
  move(28);
  paint(context);
  move(0);
  context.textAlign = "left";
  context.fillStyle = theme.text;
  context.font = `600 13px ${theme.font}`;
  context.fillText(title, PICTURE_MARGIN, 19);
  move(28 + frame.height);
  context.font = `12px ${theme.font}`;
  for (const { index, text, x, row } of places) drawName(context, race, index, colour(index), text, x, row * PICTURE_ROW, theme);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = theme.page;
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}

/* Names side by side, in as many rows as they need. */
function layNames(names, widthOf, width) {
  let x = PICTURE_MARGIN;
  let row = 0;
  return names.map((name) => {
    const wide = widthOf(name.text);
    if (x + wide > width && x > PICTURE_MARGIN) {
      x = PICTURE_MARGIN;
      row++;
    }
    const place = { ...name, x, row };
    x += wide;
    return place;
  });
}

function drawName(context, race, index, colour, text, x, y, theme) {
  context.strokeStyle = colour;
  context.lineWidth = 2.2;
  context.setLineDash(race.runners[index].dash ? DASH : []);
  context.beginPath();
  context.moveTo(x, y + 10);
  context.lineTo(x + 30, y + 10);
  context.stroke();
  context.setLineDash([]);
  drawRunner(context, race, index, x + 15, y + 10, 5, colour, theme.page);
  context.fillStyle = theme.text;
  context.fillText(text, x + 36, y + 14);
}

function saveCanvas(canvas, name) {
  canvas.toBlob((blob) => {
    if (!blob) return;
    const address = URL.createObjectURL(blob);
    const link = el("a", { href: address, download: `${name}.png` });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 2000);
  }, "image/png");
}

/* A name that every file system takes. */
const fileName = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40) || "terrain";
