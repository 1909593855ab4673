/* The height field as 60 x 60 quads in a box (u, v -1..1, z -TALL/2..TALL/2), and the camera that looks at it. */
const QUADS = 60;
const CORNERS = QUADS + 1;
const TALL = 1.1;
const CAMERA_AWAY = 5.2;
const NEAR_ZOOM = 2.6;
const LIGHT = [-0.42, 0.5, 0.76];
/* quads overlap by this share of their size: neighbours drawn edge to edge leave hairlines */
const OVERLAP = 1.08;
const MESH_LINE_EVERY = 6;

class Orbit {
  constructor() {
    this.reset();
  }

  reset() {
    Object.assign(this, { yaw: -0.62, pitch: 0.6, zoom: 1 });
  }

  get moved() {
    return this.yaw !== -0.62 || this.pitch !== 0.6 || this.zoom !== 1;
  }

  turn(yaw, pitch) {
    this.yaw = (this.yaw + yaw) % (2 * Math.PI);
    this.pitch = clamp(this.pitch + pitch, 0.12, Math.PI / 2);
  }

  scale(factor) {
    this.zoom = clamp(this.zoom * factor, 0.6, 5);
  }

  /* Where the box falls on a canvas; call after every change. focus: the point to look at, near to, instead of the whole box. */
  fit(width, height, focus = null) {
    this.focus = focus || [0, 0, 0];
    const zoom = this.zoom * (focus ? NEAR_ZOOM : 1);
    const [sin, cos] = [Math.sin(this.pitch), Math.cos(this.pitch)];
    const room = Math.min(width / 3.15, height / 2.8);
    Object.assign(this, {
      sin, cos, sinYaw: Math.sin(this.yaw), cosYaw: Math.cos(this.yaw),
      /* what is near looks larger: the box sits lower than its middle */
      middleX: width / 2, middleY: height / 2 - (focus ? 0 : 0.29 * room * cos * this.zoom),
      focal: room * (CAMERA_AWAY - 0.5) * zoom,
    });
    const [u, v, z] = this.focus;
    this.eye = [u + CAMERA_AWAY * cos * this.sinYaw, v - CAMERA_AWAY * cos * this.cosYaw, z + CAMERA_AWAY * sin];
  }

  /* Box -> canvas, written to place[0], place[1]; returns the distance from the eye. */
  project(u, v, z, place) {
    const [toU, toV, toZ] = this.focus;
    const across = (u - toU) * this.cosYaw + (v - toV) * this.sinYaw;
    const away = (v - toV) * this.cosYaw - (u - toU) * this.sinYaw;
    const distance = CAMERA_AWAY + away * this.cos - (z - toZ) * this.sin;
    const scale = this.focal / Math.max(0.5, distance);
    place[0] = this.middleX + across * scale;
    place[1] = this.middleY - (away * this.sin + (z - toZ) * this.cos) * scale;
    return distance;
  }
}

class SurfaceMesh {
  constructor() {
    this.z = new Float32Array(CORNERS * CORNERS);
    this.shares = new Float32Array(CORNERS * CORNERS);
    this.x = new Float32Array(CORNERS * CORNERS);
    this.y = new Float32Array(CORNERS * CORNERS);
    this.colours = [];
    this.place = [0, 0];
  }

  /* Samples the race's field; a corner without a height is NaN and leaves a hole. */
  adopt(race) {
    const [left, right, bottom, top] = race.header.terrain.domain;
    this.domain = race.header.terrain.domain;
    this.race = race;
    this.scale = verticalScale(race);
    for (let j = 0; j < CORNERS; j++) {
      const y = bottom + ((top - bottom) * j) / QUADS;
      for (let i = 0; i < CORNERS; i++) {
        const height = race.heightAt(Math.min(right, left + ((right - left) * i) / QUADS), Math.min(top, y));
        this.z[j * CORNERS + i] = Number.isFinite(height) ? TALL * (this.scale.share(height) - 0.5) : NaN;
        this.shares[j * CORNERS + i] = heightShare(race, height);
      }
    }
  }

  u(x) { return (2 * (x - this.domain[0])) / (this.domain[1] - this.domain[0]) - 1; }
  v(y) { return (2 * (y - this.domain[2])) / (this.domain[3] - this.domain[2]) - 1; }

  /* Height of the drawn surface in the box: NaN outside and in holes. */
  at(u, v) {
    const a = (u + 1) * (QUADS / 2);
    const b = (v + 1) * (QUADS / 2);
    if (!(a >= 0 && b >= 0 && a <= QUADS && b <= QUADS)) return NaN;
    const i = Math.min(QUADS - 1, a | 0);
    const j = Math.min(QUADS - 1, b | 0);
    const k = j * CORNERS + i;
    const s = a - i;
    const t = b - j;
    const { z } = this;
    return (1 - t) * (z[k] + s * (z[k + 1] - z[k])) + t * (z[k + CORNERS] + s * (z[k + CORNERS + 1] - z[k + CORNERS]));
  }

  /* Colours stay with the surface while it turns: the light comes from the north-west of the map. */
  colour(theme) {
    this.colours = new Array(QUADS * QUADS);
    this.line = theme.dark ? "rgba(255,255,255,0.12)" : "rgba(20,40,60,0.13)";
    const size = 2 / QUADS;
    const { z, shares } = this;
    const ramp = heightRamp(theme.dark);
    for (let j = 0; j < QUADS; j++) {
      for (let i = 0; i < QUADS; i++) {
        const k = j * CORNERS + i;
        const slopeU = (z[k + 1] + z[k + CORNERS + 1] - z[k] - z[k + CORNERS]) / (2 * size);
        const slopeV = (z[k + CORNERS] + z[k + CORNERS + 1] - z[k] - z[k + 1]) / (2 * size);
        const share = (shares[k] + shares[k + 1] + shares[k + CORNERS] + shares[k + CORNERS + 1]) / 4;
        const facing = (LIGHT[2] - slopeU * LIGHT[0] - slopeV * LIGHT[1]) / Math.hypot(slopeU, slopeV, 1);
        this.colours[j * QUADS + i] = Number.isFinite(facing) ? rgb(shaded(ramp(share), facing, theme.dark)) : null;
      }
    }
  }

  project(orbit) {
    const { place, x, y, z } = this;
    for (let j = 0, k = 0; j < CORNERS; j++) {
      for (let i = 0; i < CORNERS; i++, k++) {
        orbit.project((2 * i) / QUADS - 1, (2 * j) / QUADS - 1, z[k], place);
        x[k] = place[0];
        y[k] = place[1];
      }
    }
  }

  /* Painter's order: rows and columns furthest from the eye first, which is exact for a height field.
     fog: null, or {u, v, radiusU, radiusV} around which alone there is something to see. */
  draw(context, orbit, fog) {
    const columns = farthestFirst(orbit.eye[0]);
    const rows = farthestFirst(orbit.eye[1]);
    context.strokeStyle = this.line;
    context.lineWidth = 1;
    for (const j of rows) {
      for (const i of columns) {
        const colour = this.colours[j * QUADS + i];
        if (!colour) continue;
        if (fog) {
          const seen = clearness(fog, (2 * i + 1) / QUADS - 1, (2 * j + 1) / QUADS - 1);
          if (seen <= 0) continue;
          context.globalAlpha = seen;
        }
        context.fillStyle = colour;
        this.quad(context, j * CORNERS + i);
        if (i % MESH_LINE_EVERY === 0) this.edge(context, j * CORNERS + i, CORNERS);
        if (j % MESH_LINE_EVERY === 0) this.edge(context, j * CORNERS + i, 1);
      }
    }
    context.globalAlpha = 1;
  }

  quad(context, k) {
    const { x, y } = this;
    const l = k + CORNERS;
    const middleX = ((x[k] + x[k + 1] + x[l] + x[l + 1]) / 4) * (1 - OVERLAP);
    const middleY = ((y[k] + y[k + 1] + y[l] + y[l + 1]) / 4) * (1 - OVERLAP);
    context.beginPath();
    context.moveTo(x[k] * OVERLAP + middleX, y[k] * OVERLAP + middleY);
    context.lineTo(x[k + 1] * OVERLAP + middleX, y[k + 1] * OVERLAP + middleY);
    context.lineTo(x[l + 1] * OVERLAP + middleX, y[l + 1] * OVERLAP + middleY);
    context.lineTo(x[l] * OVERLAP + middleX, y[l] * OVERLAP + middleY);
    context.fill();
  }

  edge(context, k, step) {
    context.beginPath();
    context.moveTo(this.x[k], this.y[k]);
    context.lineTo(this.x[k + step], this.y[k + step]);
    context.stroke();
  }

  /* Whether the surface stands between the eye and a point: the ray is followed until it is above everything. */
  hides(orbit, u, v, z) {
    const [du, dv, dz] = [orbit.eye[0] - u, orbit.eye[1] - v, orbit.eye[2] - z];
    const flat = Math.hypot(du, dv);
    if (flat < 0.05) return false;
    const step = 0.036 / flat;
    for (let t = step; t < 1; t += step) {
      const height = z + t * dz;
      if (height > TALL / 2) return false;
      const ground = this.at(u + t * du, v + t * dv);
      if (ground > height) return true;
      if (Number.isNaN(ground) && (Math.abs(u + t * du) > 1 || Math.abs(v + t * dv) > 1)) return false;
    }
    return false;
  }
}

/* Indices 0..QUADS-1, those furthest from the eye's own column first. */
function farthestFirst(eye) {
  const centre = (eye + 1) * (QUADS / 2) - 0.5;
  return Array.from({ length: QUADS }, (_, i) => i).sort((a, b) => Math.abs(b - centre) - Math.abs(a - centre));
}

function shaded(colour, facing, dark) {
  const light = facing - LIGHT[2] + (dark ? 0.16 : 0);
  return light < 0 ? mix(colour, [0, 0, 0], Math.min(0.5, -light * (dark ? 0.55 : 0.42))) : mix(colour, [255, 255, 255], Math.min(0.4, light * 0.6));
}

/* 1 near the middle of the fog's hole, 0 from its rim on. */
function clearness({ u, v, radiusU, radiusV }, atU, atV) {
  const far = Math.hypot((atU - u) / radiusU, (atV - v) / radiusV);
  return clamp((1 - far) / 0.35, 0, 1);
}
