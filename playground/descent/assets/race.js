/* One race as the page sent it: header and sections (playground/descent/payload.py), and what all views read from them. */
class RaceData {
  /* header: the component's data without the blob. sections: name -> {array, shape} */
  constructor(header, sections) {
    this.header = header;
    this.sections = sections;
    this.runners = header.runners || [];
    this.numbers = numbersOf(this.runners);
    this.paths = header.paths || [];
    this.domain = header.terrain.domain;
    this.names = header.terrain.names || ["x", "y"];
    this.steps = header.race.steps;
    const position = this.section("position");
    this.count = position ? position.shape[0] : 0;
    /* the last step that there is: a preview may be shorter than the race */
    this.last = position ? position.shape[1] - 1 : 0;
    this.starts = Math.max(1, Math.round(this.count / Math.max(1, this.runners.length)));
    this.out = [0, 0, 0];
    /* without a minimum the goal is over the edge of the map, and "reached" says when */
    this.bottomless = !(header.terrain.stationary || []).some(({ kind }) => kind === "minimum");
  }

  static async decode(data) {
    const { blob, ...header } = data;
    const layout = header.layout || [];
    const whole = blob ? await inflate(bytesOfBase64(blob), blobSize(layout)) : new Uint8Array(0);
    return new RaceData(header, blob ? cutSections(whole, layout) : {});
  }

  /* The same terrain and runners from another start: the answer of descent/preview. */
  async preview(buffer, start) {
    const length = new DataView(buffer).getUint32(0, true);
    const answer = JSON.parse(UTF8.decode(new Uint8Array(buffer, 4, length)));
    const sections = cutSections(await inflate(new Uint8Array(buffer, 4 + length), blobSize(answer.layout)), answer.layout);
    const { field, contour_points, contour_starts, contour_level, own_path } = this.sections;
    const header = { ...this.header, paths: answer.paths, race: { ...this.header.race, start } };
    const next = new RaceData(header, { field, contour_points, contour_starts, contour_level, own_path, ...sections });
    next.ranked = this.ranked;
    return next;
  }

  section(name) {
    return this.sections[name] || null;
  }

  /* A single number: path, step, component of a section (paths, steps, components) or (paths, steps); NaN where there is none. */
  at(name, path, step, component = 0) {
    const section = this.sections[name];
    if (!section) return NaN;
    const [, steps, width = 1] = section.shape;
    return section.array[(path * steps + clamp(Math.round(step), 0, steps - 1)) * width + component];
  }

  /* The step after which a path stands still: it was thrown off, or the race is over. */
  end(path) {
    const { thrown } = this.paths[path] || {};
    return thrown >= 0 ? Math.min(thrown, this.last) : this.last;
  }

  /* [x, y, height] between two steps; one array, written over by the next call. */
  place(path, step, smooth = true) {
    const { out, last } = this;
    const { array } = this.sections.position;
    const height = this.sections.height;
    const from = clamp(Math.floor(step), 0, last);
    const to = Math.min(last, from + 1);
    const share = smooth ? clamp(step - from, 0, 1) : 0;
    const row = path * (last + 1);
    const a = 2 * (row + from);
    const b = 2 * (row + to);
    out[0] = array[a] + (array[b] - array[a]) * share;
    out[1] = array[a + 1] + (array[b + 1] - array[a + 1]) * share;
    out[2] = height ? height.array[row + from] + (height.array[row + to] - height.array[row + from]) * share : NaN;
    return out;
  }

  runnerOf(path) {
    return this.paths[path] ? this.paths[path].runner : path % Math.max(1, this.runners.length);
  }

  startOf(path) {
    return this.paths[path] ? this.paths[path].start : Math.floor(path / Math.max(1, this.runners.length));
  }

  /* The path of a runner from a start; rows are start-major. */
  pathOf(runner, start = 0) {
    const path = start * this.runners.length + runner;
    return path < this.count ? path : Math.min(runner, this.count - 1);
  }

  contains(x, y) {
    const [left, right, bottom, top] = this.domain;
    return x >= left && x <= right && y >= bottom && y <= top;
  }

  /* Height between the samples of the field, NaN outside. */
  heightAt(x, y) {
    const field = this.sections.field;
    if (!field || !this.contains(x, y)) return NaN;
    const [rows, columns] = field.shape;
    const [left, right, bottom, top] = this.domain;
    const u = ((x - left) / (right - left)) * (columns - 1);
    const v = ((y - bottom) / (top - bottom)) * (rows - 1);
    const i = Math.min(columns - 2, Math.floor(u));
    const j = Math.min(rows - 2, Math.floor(v));
    const at = j * columns + i;
    const { array } = field;
    const low = array[at] + (array[at + 1] - array[at]) * (u - i);
    const high = array[at + columns] + (array[at + columns + 1] - array[at + columns]) * (u - i);
    return low + (high - low) * (v - j);
  }

  /* Slope from the field's samples: central differences over one sample's distance. */
  slopeAt(x, y) {
    const field = this.sections.field;
    if (!field) return [NaN, NaN];
    const [left, right, bottom, top] = this.domain;
    const dx = (right - left) / (field.shape[1] - 1);
    const dy = (top - bottom) / (field.shape[0] - 1);
    const along = (h, low, high, at, f) => (f(Math.min(high, at + h)) - f(Math.max(low, at - h))) / (Math.min(high, at + h) - Math.max(low, at - h));
    return [along(dx, left, right, x, (u) => this.heightAt(u, y)), along(dy, bottom, top, y, (v) => this.heightAt(x, v))];
  }
}

/* How a path has ended at a step: null while it goes on. */
function endedAt(race, path, step) {
  const { thrown, reached, status, words } = race.paths[path] || {};
  const at = Math.floor(step + 1e-6);
  const there = reached !== null && reached !== undefined && at >= reached;
  if ((status === "goal" || (status === "over_the_edge" && race.bottomless)) && there) return { kind: status, words };
  if (status === "thrown" && thrown >= 0 && at >= thrown) return { kind: "thrown", words };
  return at >= race.last ? { kind: status || "going", words } : null;
}
