/* What tells runners of one optimizer apart when there are more than a solid and a dashed trail can: a number, and a shade of the colour. */
const SHADE_DARKER = 0.32;
const SHADE_PALER = 0.22;
const NUMBERED_RADIUS = 7.5;

/* For each runner its number among those of its optimizer, from 1; 0 where there are at most two of them. */
function numbersOf(runners) {
  const all = new Map();
  for (const { key } of runners) all.set(key, (all.get(key) || 0) + 1);
  const seen = new Map();
  return runners.map(({ key }) => {
    seen.set(key, (seen.get(key) || 0) + 1);
    return all.get(key) > 2 ? seen.get(key) : 0;
  });
}

/* A CSS colour for each runner: the optimizer's; where there are more than two of it a shade each, the first furthest from the page. */
function runnerColours({ runners, numbers }, theme) {
  const [back, front] = theme.dark ? [[255, 255, 255], [0, 0, 0]] : [[0, 0, 0], [255, 255, 255]];
  const count = (key) => runners.filter((runner) => runner.key === key).length;
  return runners.map(({ key, colour }, index) => {
    const own = theme.dark ? colour.dark : colour.light;
    if (!numbers[index]) return own;
    const at = (2 * (numbers[index] - 1)) / (count(key) - 1) - 1;
    return rgb(at < 0 ? mix(parseColour(own, own), back, -at * SHADE_DARKER) : mix(parseColour(own, own), front, at * SHADE_PALER));
  });
}

/* A runner's mark, with its number where it has one. */
function drawRunner(context, race, index, x, y, radius, colour, rim, rimWidth = 1.5) {
  const number = race.numbers[index];
  const size = number ? Math.max(radius, NUMBERED_RADIUS) : radius;
  drawMark(context, race.runners[index].mark, x, y, size, colour, rim, rimWidth);
  if (!number) return;
  const { textAlign, textBaseline, font } = context;
  context.font = `700 ${number > 9 ? 8 : 10}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = luminance(parseColour(colour, colour)) > 0.45 ? "#000" : "#fff";
  context.fillText(String(number), x, y + 0.5);
  Object.assign(context, { textAlign, textBaseline, font });
}
