/* One message of the server -> {header, curve, overlay, sections}. The layout is described in playground/live/frames.py. */
const UTF8 = new TextDecoder();
const CURVE_COLUMNS = 5;

async function inflate(bytes, size) {
  const stream = new DecompressionStream("deflate");
  const writer = stream.writable.getWriter();
  writer.write(bytes).catch(() => {});
  writer.close().catch(() => {});
  const reader = stream.readable.getReader();
  const whole = new Uint8Array(size);
  for (let at = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return whole;
    if (at + value.length > size) throw new Error("a frame is longer than its header says");
    whole.set(value, at);
    at += value.length;
  }
}

const WIDTHS = { u1: 1, f4: 4 };
const sectionLength = (shape) => shape.reduce((product, n) => product * n, 1);
const blobSize = (layout) => layout.reduce((sum, [, type, ...shape]) => sum + WIDTHS[type] * sectionLength(shape), 0);

function cutSections(whole, layout) {
  const sections = {};
  let at = 0;
  for (const [name, type, ...shape] of layout) {
    const length = sectionLength(shape);
    const bytes = length * WIDTHS[type];
    /* floats may start at any byte: a copy aligns them */
    const array = type === "u1" ? whole.subarray(at, at + bytes) : new Float32Array(whole.buffer.slice(at, at + bytes));
    sections[name] = { array, shape };
    at += bytes;
  }
  return sections;
}

async function decodeFrame(buffer) {
  const headerBytes = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(UTF8.decode(new Uint8Array(buffer, 4, headerBytes)));
  let at = 4 + headerBytes;
  const floats = (rows) => {
    const bytes = rows * CURVE_COLUMNS * 4;
    const array = new Float32Array(buffer.slice(at, at + bytes));
    at += bytes;
    return array;
  };
  const curve = floats(header.curve ? header.curve.rows : 0);
  const overlay = floats(header.overlay ? header.overlay.rows : 0);
  const layout = header.sections || [];
  const sections = at < buffer.byteLength && layout.length
    ? cutSections(await inflate(new Uint8Array(buffer, at), blobSize(layout)), layout)
    : {};
  return { header, curve, overlay, sections };
}

function bytesOfBase64(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes.buffer;
}
