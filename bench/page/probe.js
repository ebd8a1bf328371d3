// Runs in every document before its own scripts, and tells the benchmark what
// happens there: say(JSON) is a binding. Times are of the wall clock, because
// frames have clocks of their own.
(() => {
  "use strict";
  const wanted = /*WANTED*/null; // {first, live}: selectors
  const say = window.say;
  const tell = (what, at = performance.now(), value = 0) => say(JSON.stringify({ what, at: performance.timeOrigin + at, value }));
  if (window === top) {
    tell("start", 0);
    new PerformanceObserver((list) => {
      for (const e of list.getEntries()) tell("shift", e.startTime, e.value);
    }).observe({ type: "layout-shift", buffered: true });
    new PerformanceObserver((list) => {
      for (const e of list.getEntries()) tell("long", e.startTime, e.duration);
    }).observe({ type: "longtask", buffered: true });
  }
  if (window.WebAssembly) { // the program, to ask it for its memory
    const begin = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...what) => {
      const made = await begin.apply(WebAssembly, what);
      window.program = made.instance;
      return made;
    };
  }
  let seen = false, alive = false;
  const visible = new IntersectionObserver((entries) => {
    if (seen || !entries.some((e) => e.isIntersecting && e.intersectionRect.height >= 12)) return;
    seen = true;
    visible.disconnect();
    requestAnimationFrame(() => { // that frame has been handed over when the next one begins
      tell("first");
      look();
    });
  });
  let watched = null;
  const look = () => {
    if (!seen) {
      const element = document.querySelector(wanted.first);
      if (element && element !== watched) {
        if (watched) visible.unobserve(watched);
        visible.observe(watched = element);
      }
    } else if (!alive && document.querySelector(wanted.live)) {
      alive = true;
      changes.disconnect();
      tell("live");
    }
  };
  const changes = new MutationObserver(look);
  changes.observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });
})();
