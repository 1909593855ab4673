/* Small DOM helpers. Text only ever goes in through textContent. */
const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  play: "M5 3.2v13.6L16.5 10z",
  pause: "M4.5 3h4v14h-4zM11.5 3h4v14h-4z",
  step: "M3.5 3.2v13.6L12.5 10zM13.5 3h3v14h-3z",
  epoch: "M2.5 3.6v12.8L9.2 10zM9.2 3.6v12.8L15.9 10zM15.5 3.4h2.4v13.2h-2.4z",
  reset: "M10 3a7 7 0 1 1-6.7 5h2.2A5 5 0 1 0 10 5v2.6L5.4 4 10 .4z",
  dice: "M4.5 2.5h11a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-11a2 2 0 0 1-2-2v-11a2 2 0 0 1 2-2zm1.7 2.2a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zm7.6 7.6a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM10 8.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z",
  plus: "M8.8 3.5h2.4v5.3h5.3v2.4h-5.3v5.3H8.8v-5.3H3.5V8.8h5.3z",
  minus: "M3.5 8.8h13v2.4h-13z",
  close: "M4.9 3.5 10 8.6l5.1-5.1 1.400 1.400-5.100 5.100 5.100 5.100-1.400 1.400-5.100-5.100-5.100 5.100-1.400-1.400L8.600 10 3.500 4.900z",
  look: "M10 4c4.200 0 7.200 3 8.500 6-1.300 3-4.300 6-8.500 6s-7.200-3-8.500-6C2.800 7 5.800 4 10 4zm0 2.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7z",
  next: "M7 3.500 13.500 10 7 16.500l-1.500-1.500 5-5-5-5z",
};

function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (key === "class") node.className = value;
    else if (key === "text") node.textContent = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key in node && typeof value !== "string") node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  path.setAttribute("fill-rule", "evenodd");
  svg.append(path);
  return svg;
}

function swapIcon(svg, name) {
  const path = svg.firstChild;
  if (path.getAttribute("d") !== ICONS[name]) path.setAttribute("d", ICONS[name]);
}

/* Layout is only touched when the words really change. */
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setHidden(node, hidden) {
  if (node.hidden !== hidden) node.hidden = hidden;
}

function setDisabled(node, disabled, title) {
  if (node.disabled !== disabled) node.disabled = disabled;
  if (title !== undefined && node.title !== title) node.title = title;
}

function iconButton(name, label, onclick, extra = "") {
  return el("button", { type: "button", class: `btn ${extra}`, "aria-label": label, title: label, onclick }, icon(name));
}

function options(select, pairs, value) {
  select.replaceChildren(...pairs.map(([key, label]) => el("option", { value: key, text: label })));
  if (value !== undefined) select.value = value;
}

/* A group of buttons of which one is pressed. pairs: [[key, label or node, title], ...] */
function segmented(label, pairs, value, onpick) {
  const buttons = new Map();
  const pick = (key) => {
    for (const [k, button] of buttons) button.setAttribute("aria-pressed", String(k === key));
  };
  const box = el("div", { class: "segmented", role: "group", "aria-label": label });
  for (const [key, content, title] of pairs) {
    const button = el("button", { type: "button", title, "aria-label": title || content, onclick: () => { pick(key); onpick(key); } }, content);
    buttons.set(key, button);
    box.append(button);
  }
  pick(value);
  box.pick = pick;
  return box;
}

function toggle(label, checked, onchange, title) {
  const input = el("input", { type: "checkbox", checked, onchange: () => onchange(input.checked) });
  const box = el("label", { class: "toggle", title }, input, el("span", { text: label }));
  box.input = input;
  return box;
}

/* Sizes a canvas to its CSS box in device pixels; returns [context, width, height] in CSS pixels, and whether the size changed. */
function fitCanvas(canvas, width, height) {
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const w = Math.max(1, Math.round(width * ratio));
  const h = Math.max(1, Math.round(height * ratio));
  const context = canvas.context || (canvas.context = canvas.getContext("2d"));
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  /* half as wide on pixels twice as fine is as many pixels as before */
  if (canvas.shownWidth !== width || canvas.shownHeight !== height) {
    Object.assign(canvas, { shownWidth: width, shownHeight: height });
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

/* Calls when the screen has other pixels: the page was zoomed, or its window is on another screen. Returns what ends that. */
function watchPixels(call) {
  let query = null;
  const end = () => { if (query) query.removeEventListener("change", changed); };
  const listen = () => {
    end();
    query = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    query.addEventListener("change", changed);
  };
  const changed = () => { listen(); call(); };
  listen();
  return end;
}

/* Calls at most every `ms`, with the newest arguments, and never forgets the last call. */
function throttle(call, ms) {
  let timer = 0;
  let last = -Infinity;
  let waiting = null;
  const fire = () => { timer = 0; last = performance.now(); const args = waiting; waiting = null; call(...args); };
  return (...args) => {
    waiting = args;
    if (timer) return;
    const wait = last + ms - performance.now();
    if (wait <= 0) fire();
    else timer = setTimeout(fire, wait);
  };
}

/* Keys belong to the view when nothing that uses them itself has the focus. */
function mayTakeKey(event, host) {
  const target = event.composedPath()[0];
  if (!(target instanceof Element)) return true;
  if (target.closest("input, select, textarea, [contenteditable=true]")) return false;
  if (event.key === " " && target.closest("button, a, [role=button], summary, label")) return false;
  if (event.repeat && event.key === " ") return false;
  const inside = event.composedPath().includes(host);
  return inside || target === document.body || target === document.documentElement || target.matches("section, main, [data-testid=stMain]");
}
