/* Stop watches inside the Descent page: what a visitor does, and when its race is on screen. Uses window.__descent, the view's counters. */
window.__stopwatch = (() => {
  const counter = () => window.__descent || {};

  /* When the race was drawn whose revision is new: a frame asked for after the view's own comes after it. */
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now())));

  /* true when test() holds, false after `limit` ms. A message channel is not slowed down like nested timers. */
  const until = (test, limit = 20000) =>
    new Promise((resolve) => {
      const start = performance.now();
      const channel = new MessageChannel();
      const look = () => {
        if (test()) resolve(true);
        else if (performance.now() - start > limit) resolve(false);
        else setTimeout(() => channel.port2.postMessage(0), 1);
      };
      channel.port1.onmessage = look;
      look();
    });

  const find = (selector, root = document) => {
    const hit = root.querySelector(selector);
    if (hit) return hit;
    for (const node of root.querySelectorAll("*")) {
      const inner = node.shadowRoot && find(selector, node.shadowRoot);
      if (inner) return inner;
    }
    return null;
  };

  const press = (selector) => find(selector).click();

  const play = async () => {
    const { drawn } = counter();
    const start = performance.now();
    press(".descent-bar .play");
    return (await until(() => counter().step > 0 && counter().drawn > drawn)) ? performance.now() - start : null;
  };

  /* Arm, let Playwright click, type or let go of the start, then ask how long after that the new race was drawn. */
  let acted = 0;
  for (const kind of ["click", "keydown", "pointerup"]) addEventListener(kind, () => { acted = performance.now(); }, true);
  let answer = null;
  const arm = () => {
    const { revision } = counter();
    answer = until(() => counter().revision !== revision).then((came) => (came ? nextFrame() : null));
  };
  const shown = async () => {
    const end = await answer;
    return end === null ? null : end - acted;
  };

  const counters = () => ({ ...counter(), now: performance.now() });

  return { play, press, arm, shown, counters };
})();
