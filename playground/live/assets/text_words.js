/* What the parts of the Shakespeare page share: nats and bits, names of characters, characters that training never saw. */
const BITS_PER_NAT = 1 / Math.LN2;
const GUESSERS = ["any character", "letters", "letter pairs", "letter triples"];
const CHARACTER_NAMES = { " ": "space", "\n": "line break", "\t": "tab", "\ufffd": "rare character", "\u00a0": "wide space", "\u200b": "zero-width space" };

const inUnit = (nats, unit) => (unit === "bits" ? nats * BITS_PER_NAT : nats);

/* Losses are compared in their last digits; what has blown up is told by its size, in a width that its place has. */
const TELLS_DIGITS = 1000;
const lossDigits = (value, digits) => (!Number.isFinite(value) ? "–" : Math.abs(value) < TELLS_DIGITS ? value.toFixed(digits) : format(value));
const twoDigits = (value) => lossDigits(value, 2);

/* controls, joiners, marks of direction, variants of emoji, spaces of other widths */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Z}\ufe00-\ufe0f]/u;

/* What is said of a character where it would not be seen, or would be taken for something else. */
function characterName(character) {
  if (CHARACTER_NAMES[character]) return CHARACTER_NAMES[character];
  if (/\p{M}/u.test(character) && !UNSEEN.test(character)) return `\u25cc${character}`;
  return UNSEEN.test(character) ? `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}` : character;
}

/* The characters as the net counts them: by code point. */
const charactersOf = (text) => Array.from(text || "");

/* Composed as the text was (NFC); then the characters that the alphabet does not have, each once. */
function unknownIn(text, alphabet) {
  if (!alphabet) return [];
  const known = new Set(charactersOf(alphabet));
  return [...new Set(charactersOf(text))].filter((character) => !known.has(character));
}

function unknownWords(characters, alphabet) {
  if (!characters.length) return "";
  const shown = characters.slice(0, 8).map(characterName).join("  ");
  const more = characters.length > 8 ? ` and ${characters.length - 8} more` : "";
  const one = characters.length === 1;
  const done = (alphabet || "").includes("\ufffd") ? "read as a rare character" : "passed over";
  return `Never seen in training, so ${one ? "it is" : "they are"} ${done}: ${shown}${more}`;
}

const baselinesOf = (store) => {
  const section = store.section("baselines");
  return section ? Array.from(section.array) : [];
};

/* Newest loss (nats) and share guessed right on unseen text: of the last row, or of a net before its first step; nulls before that. */
const judgedOf = ({ metrics, facts }) => (metrics && Number.isFinite(metrics.test_loss) ? [metrics.test_loss, metrics.test_accuracy] : facts.first || [null, null]);

/* 0.37, 2.4, 12: epochs of texts are long. */
const epochWords = (epoch) => (epoch < 9.95 ? (Math.floor(epoch * 100 + 1e-6) / 100).toFixed(2) : (Math.floor(epoch * 10 + 1e-6) / 10).toFixed(1));

/* The curve's loss on unseen text at an epoch: of the last row until then, so that it never changes; null before the first. */
function lossAt({ curve }, epoch) {
  const until = Math.fround(epoch); // as the rows' own epochs are
  let row = nearestRow(curve, until);
  if (row > 0 && curve.array[row * CURVE_COLUMNS] > until) row--;
  const at = row * CURVE_COLUMNS;
  const value = curve.rows && curve.array[at] <= until ? curve.array[at + COLUMN.loss[1]] : NaN;
  return Number.isFinite(value) ? value : null;
}

/* A setting that the visitor turns: what the server says is shown unless it was touched a moment ago. */
const TOUCHED_MS = 1500;
