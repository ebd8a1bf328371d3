// What pages of Folkmoot's own do besides the program, and before it: keys, the
// place where somebody left off, sharing, and lists that move only when that is
// in nobody's way. The widget under an article doesn't load this.
(() => {
  "use strict";
  const script = document.currentScript, said = script.dataset;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const shown = (e) => e.checkVisibility?.() ?? e.getClientRects().length > 0;
  const tell = (name, detail) => dispatchEvent(new CustomEvent("folkmoot:" + name, { detail }));
  const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const keep = (name, value) => { try { if (value) localStorage.setItem(name, value); else localStorage.removeItem(name); } catch { /* then it isn't kept */ } };
  const kept = (name) => { try { return localStorage.getItem(name) || ""; } catch { return ""; } };

  // A list may move while the reader can't be about to press something in it: it
  // is off the screen, or there is a mouse, which rests elsewhere.
  const calm = 900, around = 24; // milliseconds, pixels
  let pointer = null, stirred = -calm;
  const stir = (e) => {
    if (e.type.startsWith("pointer")) pointer = e.pointerType === "touch" ? null : [e.clientX, e.clientY];
    stirred = performance.now();
  };
  for (const name of ["pointermove", "pointerdown", "wheel", "keydown", "touchstart"]) addEventListener(name, stir, { passive: true, capture: true });
  document.addEventListener("pointerleave", () => { pointer = null; });
  const free = (items) => {
    const list = all(items);
    if (!list.length || document.hidden) return true;
    const first = list[0].getBoundingClientRect(), bottom = list.at(-1).getBoundingClientRect().bottom;
    if (bottom < 0 || first.top > innerHeight) return true;
    if (!matchMedia("(hover: hover) and (pointer: fine)").matches || performance.now() - stirred < calm) return false;
    if (list.some((e) => e.contains(document.activeElement))) return false;
    if (!pointer) return true;
    const [x, y] = pointer;
    return x < first.left - around || x > first.right + around || y < first.top - around || y > bottom + around;
  };
  setInterval(() => { if (!document.hidden) tell("free"); }, calm);

  let was = new Map();
  const note = (items) => { was = new Map(all(items).map((e) => [e, e.getBoundingClientRect().top])); };
  const moved = (items) => {
    if (still() || document.hidden) return;
    for (const e of all(items)) {
      const from = was.get(e), to = e.getBoundingClientRect().top;
      if (from === undefined) e.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 240 });
      else if (Math.abs(from - to) > 1) e.animate([{ transform: `translateY(${from - to}px)` }, { transform: "none" }], { duration: 320, easing: "cubic-bezier(.2,.7,.2,1)" });
    }
  };

  // Long lists: the program says which sheets are in the document.
  const sheets = () => {
    const tops = [], bottoms = [];
    let focused = -1;
    all(".sheet").forEach((e, i) => {
      const { top, bottom } = e.getBoundingClientRect();
      tops.push(top);
      bottoms.push(bottom);
      if (e.contains(document.activeElement)) focused = i;
    });
    return JSON.stringify({ Tops: tops, Bottoms: bottoms, Screen: innerHeight, Focused: focused });
  };
  let looking = false;
  const look = () => {
    if (looking) return;
    looking = true;
    requestAnimationFrame(() => { looking = false; tell("looked"); });
  };
  addEventListener("scroll", look, { passive: true });
  addEventListener("resize", look, { passive: true });
  addEventListener("pageshow", (e) => { if (e.persisted) tell("back"); });

  // What somebody opens in the inbox is seen.
  document.addEventListener("click", (e) => {
    const comment = e.target.closest?.("[data-tells]")?.dataset.tells;
    if (!comment) return;
    fetch("/api/v1/inbox/seen", { method: "POST", keepalive: true, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ comment }) }).catch(() => {});
    tell("opened", comment);
  });

  Object.assign(window.folkmoot, {
    free, note, moved, sheets,
    unread: (prefix) => { document.title = prefix + said.title; },
    top: (items) => { // what was pressed is gone: the focus goes to what it was about
      const target = items && document.querySelector(items)?.querySelector(".goes") || document.getElementById("folkmoot");
      if (!document.activeElement || document.activeElement === document.body) target?.focus({ preventScroll: true });
      if (items) target?.scrollIntoView({ block: "nearest", behavior: still() ? "instant" : "smooth" });
    },
    old: () => performance.getEntriesByType("navigation")[0]?.serverTiming?.some((t) => t.name === "kept") || false, // see worker.js
  });

  // Sharing: as the device does it, else the link is copied.
  const conversation = /^\/t\/(\w+)$/.exec(location.pathname)?.[1];
  document.addEventListener("click", async (e) => {
    const button = e.target.closest?.(".share");
    if (!button) return;
    const url = location.origin + location.pathname, says = document.querySelector(".shared");
    try {
      if (navigator.share) await navigator.share({ title: document.querySelector(".article h1")?.textContent, url });
      else {
        await navigator.clipboard.writeText(url);
        says.textContent = said.copied;
      }
    } catch (failed) {
      if (failed.name !== "AbortError") says.textContent = url; // to be copied by hand
    }
  });

  // Where somebody left a conversation, on this device, by the comment that was
  // first on the screen: given back unless an address asks for another place.
  const placesKept = 200, placesKey = "folkmoot:places";
  const places = () => { try { return JSON.parse(kept(placesKey)) || []; } catch { return []; } };
  const leave = () => {
    if (!conversation) return;
    const first = scrollY > 300 && all("article.comment").find((e) => e.getBoundingClientRect().top >= 0 && shown(e));
    const others = places().filter?.((p) => p[0] !== conversation) || [];
    if (first) others.push([conversation, first.id.slice("comment-".length), Math.round(first.getBoundingClientRect().top)]);
    keep(placesKey, others.length ? JSON.stringify(others.slice(-placesKept)) : "");
  };
  let leaving;
  if (conversation) {
    addEventListener("scroll", () => { clearTimeout(leaving); leaving = setTimeout(leave, 400); }, { passive: true });
    addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); });
  }
  const comeBack = () => {
    const asked = new URL(location), how = performance.getEntriesByType("navigation")[0]?.type;
    const [, comment, top] = conversation && places().find?.((p) => p[0] === conversation) || [];
    if (!comment || !/^\w+$/.test(comment) || asked.hash || how !== "navigate" || ["around", "after", "before", "reply"].some((name) => asked.searchParams.has(name))) return;
    const there = document.getElementById("comment-" + comment);
    if (!there) {
      if (!document.querySelector(".comments > .more")) return;
      asked.searchParams.set("around", comment); // it is on another page
      location.replace(asked);
      return;
    }
    for (let d = there; (d = d.parentElement?.closest("details"));) d.open = true;
    scrollTo({ top: scrollY + there.getBoundingClientRect().top - (Number(top) || 0), behavior: "instant" });
    const box = document.createElement("p"), start = document.createElement("button");
    Object.assign(start, { type: "button", textContent: said.start, onclick: () => { box.remove(); scrollTo({ top: 0, behavior: still() ? "instant" : "smooth" }); document.getElementById("folkmoot").focus({ preventScroll: true }); } });
    box.className = "left-off";
    box.setAttribute("role", "status");
    box.append(said.left + " ", start);
    document.body.append(box);
    const away = () => { if (scrollY < 200) { box.remove(); removeEventListener("scroll", away); } };
    addEventListener("scroll", away, { passive: true });
    setTimeout(() => { if (!box.contains(document.activeElement)) box.remove(); }, 8000);
  };
  comeBack();

  // Keys. Those that are single letters can be turned off (WCAG 2.1.4).
  const dialog = document.getElementById("keys"), box = dialog.querySelector("input");
  const off = () => kept("folkmoot:keys") === "off";
  box.checked = !off();
  box.addEventListener("change", () => keep("folkmoot:keys", box.checked ? "" : "off"));
  const help = () => { if (!dialog.open) dialog.showModal(); };
  dialog.querySelector("button").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (e) => { if (e.target === dialog) dialog.close(); });
  document.addEventListener("click", (e) => { if (e.target.closest?.(".to-keys")) help(); });

  const items = () => all("#folkmoot :is(.goes, article.comment)").filter(shown);
  const current = () => document.activeElement?.closest?.(".goes, article.comment") || document.activeElement?.closest?.(".entry")?.querySelector(".goes");
  const step = (by) => {
    const list = items(), at = list.indexOf(current());
    const onScreen = list.findIndex((e) => e.getBoundingClientRect().top >= 0);
    const next = list[at < 0 ? Math.max(0, onScreen) : at + by];
    if (!next) return;
    next.focus({ preventScroll: true });
    const { top, bottom } = next.getBoundingClientRect();
    if (top < 80 || bottom > innerHeight - 120) next.scrollIntoView({ block: "center", behavior: "instant" });
  };
  const press = (selector) => { // of what has the focus, else of the page
    const near = document.activeElement?.closest?.("article.comment, .entry, .card, .told-of");
    const target = near && all(selector, near).find((e) => e.closest("article.comment, .entry, .card, .told-of") === near) || all(".marks " + selector + ", .title " + selector + ", .bar " + selector).find(shown);
    target?.click();
    return target;
  };
  const ways = { h: "/", t: "/topics", i: "/inbox", m: "/me" };
  const deeds = {
    "?": help,
    j: () => step(1),
    k: () => step(-1),
    o: () => { const e = current(); if (e?.href) e.click(); },
    ".": () => { all(".new").find(shown)?.click(); },
    f: () => press(".follows"),
    r: () => press('button[name="reply"]'),
    l: () => press("button.like"),
    c: () => { const field = document.getElementById("box"); field?.focus(); },
    e: () => { document.querySelector(".see-all button")?.click(); },
  };
  // The widget's own key is one of them.
  addEventListener("keydown", (e) => { if (off() && e.key === "n" && !e.target.closest?.("input, textarea, select, [contenteditable]")) e.stopImmediatePropagation(); }, true);
  let going = 0;
  document.addEventListener("keydown", (e) => {
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || off() || dialog.open) return;
    if (e.target.closest?.("input, textarea, select, [contenteditable], [role=listbox]")) return;
    // On a keyboard of other letters, the key at the same place does it.
    const key = /^[ -~]$/.test(e.key) ? e.key.toLowerCase() : /^Key[A-Z]$/.test(e.code) ? e.code[3].toLowerCase() : e.key;
    const gone = going && performance.now() - going < 1500;
    going = 0;
    if (gone && ways[key]) {
      e.preventDefault();
      location.href = ways[key];
    } else if (key === "g") going = performance.now();
    else if (deeds[key]) {
      e.preventDefault(); // a letter that opens a field isn't written there
      deeds[key]();
    }
  });
})();
