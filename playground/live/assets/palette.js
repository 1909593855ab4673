/* Colours, look-up tables and number formats that every view shares. */
const NEGATIVE = [230, 97, 0];
const POSITIVE = [26, 133, 255];
const GRADIENT = { light: "#D41159", dark: "#FF5C95" };
const NEUTRAL = { light: [248, 248, 246], dark: [43, 47, 54] };

const probe = document.createElement("canvas").getContext("2d");

/* Any CSS colour -> [r, g, b]; the canvas is the parser that every browser has. */
function parseColour(text, fallback) {
  probe.fillStyle = fallback;
  probe.fillStyle = text;
  const value = probe.fillStyle;
  if (value[0] === "#") return [1, 3, 5].map((i) => parseInt(value.slice(i, i + 2), 16));
  return value.match(/[\d.]+/g).slice(0, 3).map(Number);
}

const luminance = ([r, g, b]) => (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
const mix = (from, to, share) => from.map((v, i) => Math.round(v + (to[i] - v) * share));
const rgb = (c) => `rgb(${c[0]},${c[1]},${c[2]})`;
const rgba = (c, a) => `rgba(${c[0]},${c[1]},${c[2]},${a})`;
/* Canvas pixels are read as little-endian RGBA words. */
const word = ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;

/* value -1..1 -> [r, g, b]. strength < 1 keeps points readable on top of the map. */
function diverging(value, dark, strength = 1) {
  const v = Math.max(-1, Math.min(1, value));
  const neutral = dark ? NEUTRAL.dark : NEUTRAL.light;
  return mix(neutral, v < 0 ? NEGATIVE : POSITIVE, Math.abs(v) ** 0.9 * strength);
}

/* Right and wrong answers: green and purple, which stay apart for every kind of colour vision. Orange and blue mean signs. */
const VERDICT = { light: { right: [27, 120, 55], wrong: [118, 42, 131] }, dark: { right: [102, 189, 116], wrong: [186, 143, 205] } };

const verdict = (right, theme) => VERDICT[theme.dark ? "dark" : "light"][right ? "right" : "wrong"];

/* Ground of a cell of a confusion matrix: it deepens with the root of its share, so that a single mistake is seen. */
const shareGround = (right, share, theme) => mix(theme.dark ? NEUTRAL.dark : NEUTRAL.light, verdict(right, theme), 0.95 * Math.sqrt(share));
/* Black or white, whichever stands out more: at least 4.5 to 1 on any ground. */
const textOn = (ground) => (luminance(ground.map(linear)) > 0.179 ? "#000000" : "#ffffff");
/* A part of a colour as the amount of light that it is, 0 to 255. */
const linear = (part) => 255 * (part <= 10 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);

function makeTable(dark, strength, discrete) {
  const table = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    const v = (i - 128) / 127;
    table[i] = word(diverging(discrete ? (v < 0 ? -1 : 1) : v, dark, strength));
  }
  return table;
}

/* What a canvas needs of the page's theme: read once a theme, not once a frame. */
function readTheme(host) {
  const css = getComputedStyle(host);
  const pick = (name, fallback) => css.getPropertyValue(name).trim() || fallback;
  const background = parseColour(pick("--st-background-color", "#ffffff"), "#ffffff");
  const dark = luminance(background) < 0.4;
  const ink = parseColour(pick("--st-text-color", dark ? "#fafafa" : "#31333f"), "#31333f");
  /* drawn anew too where the screen has other pixels */
  const key = [background, ink, pick("--st-primary-color", ""), pick("--st-font", ""), window.devicePixelRatio].join("|");
  return {
    key, dark, background, ink,
    font: pick("--st-font", "sans-serif"),
    text: rgb(ink),
    muted: rgb(mix(background, ink, 0.66)),
    faint: rgb(mix(background, ink, 0.28)),
    grid: rgb(mix(background, ink, 0.1)),
    page: rgb(background),
    positive: rgb(POSITIVE),
    negative: rgb(NEGATIVE),
    gradient: dark ? GRADIENT.dark : GRADIENT.light,
    map: makeTable(dark, dark ? 0.85 : 0.8, false),
    steps: makeTable(dark, dark ? 0.7 : 0.6, true),
    unit: makeTable(dark, 1, false),
    colour: (value, strength) => rgb(diverging(value, dark, strength)),
  };
}

/* Three significant digits, with a true minus sign; never longer than 8 characters. */
function format(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  let text;
  if (size === 0) text = "0";
  else if (size < 0.001 || size >= 1e5) text = value.toExponential(2);
  else if (size >= 999.5) text = String(Number(value.toPrecision(3)));
  else text = value.toPrecision(3);
  return text.replace("e+", "e").replace(/-/g, "−");
}

/* Rates: 12.3 k, 4.56 M. */
function formatRate(value) {
  if (!value || !Number.isFinite(value)) return "0";
  if (value >= 999500) return `${(value / 1e6).toPrecision(3)} M`;
  if (value >= 999.5) return `${(value / 1e3).toPrecision(3)} k`;
  return value >= 99.5 ? String(Math.round(value)) : value.toPrecision(3);
}

const formatCount = (value) => Math.floor(value || 0).toLocaleString("en-US");

/* 0..1 -> per cent. */
function formatShare(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  return `${format(100 * value)} %`;
}

/* What a number field shows: short, and readable by Number(). */
const fieldText = (value) => (value !== 0 && Math.abs(value) < 0.001 ? Number(value.toPrecision(3)).toExponential() : String(Number(value.toPrecision(3))));

const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

/* About `count` round values inside [low, high]. */
function niceTicks(low, high, count) {
  const span = high - low;
  /* nor where doubles cannot tell one tick from the next */
  if (!(span > 1e-12 * Math.max(Math.abs(low), Math.abs(high)))) return [low];
  const raw = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999);
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-6); k * step <= high + step * 1e-6; k++) ticks.push(Number((k * step).toPrecision(12)));
  return ticks;
}

/* From 100,000 on as a power of ten: there is room for six characters beside an axis. */
function tickText(value) {
  const short = Number(value.toPrecision(4));
  return (Math.abs(short) >= 1e5 ? short.toExponential() : String(short)).replace("e+", "e").replace(/-/g, "−");
}
