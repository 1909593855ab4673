/* Stop watches inside the page: what a visitor does, and when the view has drawn it. Uses window.__playground, the view's own counters. */
window.__bench = (() => {
  const counter = () => window.__playground || {};

  /* also inside shadow roots, where the component lives */
  const find = (selector, root = document) => {
    const hit = root.querySelector(selector);
    if (hit) return hit;
    for (const node of root.querySelectorAll("*")) {
      const inner = node.shadowRoot && find(selector, node.shadowRoot);
      if (inner) return inner;
    }
    return null;
  };

  /* The time when test() first holds, null after `limit` ms. A message channel is not slowed down like nested timers. */
  const until = (test, limit = 8000) =>
    new Promise((resolve) => {
      const start = performance.now();
      const channel = new MessageChannel();
      const look = () => {
        const now = performance.now();
        if (test()) resolve(now);
        else if (now - start > limit) resolve(null);
        else setTimeout(() => channel.port2.postMessage(0), 1);
      };
      channel.port1.onmessage = look;
      look();
    });

  const since = async (start, test) => {
    const end = await until(test);
    return end === null ? null : end - start;
  };

  const play = async () => {
    const { drawn, epoch } = counter();
    const start = performance.now();
    find(".play").click();
    return since(start, () => counter().drawn > drawn && counter().epoch > epoch);
  };

  /* The button flips at once and pictures under way are held back; the next one drawn is the server's answer. */
  const pause = async () => {
    const { drawn } = counter();
    const start = performance.now();
    find(".play").click();
    return since(start, () => counter().drawn > drawn && counter().status === "paused");
  };

  const rate = async (value) => {
    const slider = find('input[type="range"][aria-label="Learning rate"]');
    const start = performance.now();
    slider.value = String(Math.log10(value));
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    return since(start, () => Math.abs(counter().rate / value - 1) < 0.03);
  };

  const speed = (key) => {
    const select = find('select[aria-label="Speed"]');
    select.value = key;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };

  /* For Streamlit's widgets: arm, let Playwright click, then ask how long after the click a picture of the new revision was drawn. */
  let clicked = 0;
  let answer = null;
  addEventListener("click", () => { clicked = performance.now(); }, true);
  const arm = () => {
    const { revision } = counter();
    answer = until(() => counter().revision > revision);
  };
  const confirmed = async () => {
    const end = await answer;
    return end === null ? null : end - clicked;
  };

  const counters = () => ({ ...counter(), now: performance.now() });

  const score = () => { const node = find(".score-now"); return node ? parseFloat(node.textContent) : NaN; };
  const reach = async (percent, limit) => {
    const start = performance.now();
    find(".play").click();
    const end = await until(() => score() >= percent, limit);
    return end === null ? null : (end - start) / 1000;
  };

  const clickedAt = () => clicked;

  return { clickedAt, find, until, play, pause, rate, speed, arm, confirmed, counters, reach };
})();
