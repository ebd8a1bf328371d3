// What the widget's page does without, before and beside the Wasm program: it
// fits its frame, keeps drafts, and starts the program when that disturbs nobody.
(() => {
  "use strict";
  const script = document.currentScript;
  const $ = (id) => document.getElementById(id);

  // A sandboxed frame has no storage, and the program would die of asking.
  let storage;
  try {
    storage = window.localStorage;
  } catch {
    const kept = new Map();
    storage = {
      getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => kept.set(k, v), removeItem: (k) => kept.delete(k),
      clear: () => kept.clear(), key: (i) => [...kept.keys()][i] ?? null, get length() { return kept.size; },
    };
    for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { value: storage });
  }

  const root = document.documentElement;

  // The host page: the only origin that may frame us (the policy sees to it).
  const host = script.dataset.host;
  const framed = parent !== window;
  const tell = (what) => { if (framed) parent.postMessage({ folkmoot: what }, host); };
  const event = (name, detail) => tell({ event: name, detail });

  // What is refused is refused in the page's language, not the browser's.
  const spoken = { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang };

  const dress = () => { // for what few pages show at first
    if ($("more")) return;
    const sheet = document.createElement("link");
    Object.assign(sheet, { id: "more", rel: "stylesheet", href: script.dataset.more });
    script.before(sheet);
  };

  let height = 0;
  const fit = () => {
    if (document.querySelector(".text :is([class]:not(.mention), img)")) dress(); // the first comment that needs it
    for (const wide of document.querySelectorAll(".text :is(pre, table)")) { // who has no mouse scrolls with keys
      if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0; else wide.removeAttribute("tabindex");
    }
    const now = Math.ceil(document.body.getBoundingClientRect().height);
    if (now !== height) tell({ height: height = now });
  };
  new ResizeObserver(fit).observe(document.body);

  const unfold = (e) => { for (let d = e; (d = d.parentElement?.closest("details")); ) d.open = true; };
  let marked; // the comment that the reader has come for stands out, even when its element is replaced
  const mark = () => {
    if (!marked) return;
    root.classList.add("stood");
    if ($(marked)?.matches(".sought")) return;
    for (const e of document.querySelectorAll(".sought")) e.classList.remove("sought");
    $(marked)?.classList.add("sought");
  };
  const stand = (hash, seen) => { // scroll the host to the comment that an address names, unless it is seen
    const name = decodeURIComponent(hash.slice(1)), target = name && $(name);
    if (target) {
      unfold(target);
      marked = name;
      mark();
      fit();
      const { top, bottom } = target.getBoundingClientRect();
      if (framed && (!seen || !view || top < view.top || bottom > view.bottom)) tell({ scroll: top });
      else if (!framed && !location.hash) target.scrollIntoView({ block: "center" });
      return;
    }
    const [, id] = /^comment-(\w+)$/.exec(name) || [], at = new URL(location);
    if (!id) return;
    if (window.folkmoot.bring?.(id)) { marked = name; return; } // it is here, only not in the document
    if (at.searchParams.get("around") === id) return;
    for (const place of ["after", "before"]) at.searchParams.delete(place);
    at.searchParams.set("around", id); // it is on another page
    at.hash = framed ? "" : hash; // there, the browser would scroll the article as well
    location.replace(at);
  };
  addEventListener("hashchange", () => stand(location.hash));

  // Drafts stay on the device until they are sent.
  let thread, drafts;
  const keyOf = (what, of = thread) => "folkmoot:" + what + ":" + of;
  const load = (k) => { try { return JSON.parse(storage.getItem(k)) || {}; } catch { return {}; } };
  const save = (k, v) => {
    try {
      if (Object.keys(v).length) storage.setItem(k, JSON.stringify(v)); else storage.removeItem(k);
    } catch { /* full: the text is still in its box */ }
  };
  const adopt = (id, former) => { // what was written in threads that have become this one belongs here
    thread = id;
    for (const old of former ? former.split(",") : []) {
      for (const what of ["drafts", "sent"]) {
        save(keyOf(what), { ...load(keyOf(what, old)), ...load(keyOf(what)) });
        save(keyOf(what, old), {});
      }
    }
    drafts = load(keyOf("drafts"));
  };
  const named = document.querySelector("input[name=thread]");
  adopt(named?.value || "", named?.dataset.former);
  const isField = (e) => e && e.id && e.id.startsWith("box") && /^(TEXTAREA|INPUT)$/.test(e.tagName);
  const note = (field) => {
    if (field.value && field.value !== field.defaultValue) drafts[field.id] = field.value; else delete drafts[field.id];
    save(keyOf("drafts"), drafts);
  };
  document.addEventListener("input", (e) => { if (isField(e.target)) note(e.target); });
  document.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && isField(e.target)) { e.preventDefault(); e.target.form.requestSubmit(); }
  });
  // Whoever starts to write gets what helps with that.
  const loaded = {};
  const file = (name) => loaded[name] ??= new Promise((done, failed) => {
    const element = document.createElement("script");
    Object.assign(element, { src: script.dataset[name], onload: done, onerror: () => { loaded[name] = null; failed(new Error("no " + name)); } });
    document.head.append(element);
  });
  const helpers = () => { dress(); return file("write"); };
  document.addEventListener("focusin", (e) => { if (e.target.name === "body") helpers().catch(() => {}); });
  document.addEventListener("click", (e) => {
    const tool = e.target.closest(".tools button");
    if (tool) helpers().then(() => window.folkmoot.tool(tool), () => {});
  });
  document.addEventListener("keydown", (e) => { // n: to the next that is new, where nobody is writing
    if (e.key !== "n" || e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, textarea, select, [contenteditable]")) return;
    window.folkmoot.next?.(document.activeElement?.closest(".new-to-me")?.id.slice(8) || "");
  });
  document.addEventListener("toggle", ({ target: d }) => { // a branch was folded away, or unfolded
    if (d.matches(".replies")) window.folkmoot.folded?.(d.parentElement.id.slice(8), !d.open);
  }, true);
  document.addEventListener("submit", (e) => { // by the browser itself: the answer tells what became of it
    if (e.defaultPrevented || !e.target.elements.body) return;
    const id = e.target.elements.body.id;
    save(keyOf("sent"), { [id]: drafts[id] });
    delete drafts[id];
    save(keyOf("drafts"), drafts);
  });
  // A page that comes after ours and stands at the new comment says that it arrived.
  const unsent = load(keyOf("sent")), arrived = location.hash.startsWith("#comment-") && document.referrer.startsWith(location.origin);
  if (!arrived) drafts = { ...unsent, ...drafts };
  save(keyOf("sent"), {});
  save(keyOf("drafts"), drafts);
  const fill = () => { // every box that is new in the document gets its draft
    for (const field of document.querySelectorAll("textarea, input[type=text]")) {
      if (!isField(field) || field.folkmootFilled) continue;
      field.folkmootFilled = true;
      if (drafts[field.id] && field.value === field.defaultValue && !field.value) field.value = drafts[field.id];
    }
  };

  // The takeover replaces every element in one task. What the person was doing
  // is read right before and done again right after.
  const path = (e) => {
    if (!e || e === document.body) return "";
    if (e.id) return "#" + CSS.escape(e.id);
    const near = e.closest("[id]");
    return (near ? "#" + CSS.escape(near.id) + " " : "") + e.tagName +
      (e.name ? `[name="${CSS.escape(e.name)}"]` : "") + (e.name === "reaction" ? `[value="${CSS.escape(e.value)}"]` : "");
  };
  const all = (selector) => [...document.querySelectorAll(selector)];
  let before = null;
  const capture = () => {
    const active = document.activeElement, focus = path(active);
    before = {
      fields: {}, focus, nth: focus && all(focus).indexOf(active), x: scrollX, y: scrollY,
      folded: all(".replies:not([open])").map((d) => d.parentElement.id), spoilt: all(".spoiler").map((d) => d.open),
    };
    for (const field of document.querySelectorAll("textarea, input[type=text]")) {
      if (isField(field)) before.fields[field.id] = [field.value, field.selectionStart, field.selectionEnd, field.selectionDirection, field.scrollTop];
    }
  };
  const restore = () => {
    mark();
    if (!before) return;
    for (const [id, [value, start, end, direction, top]] of Object.entries(before.fields)) {
      const field = $(id);
      if (!field) continue;
      field.folkmootFilled = true;
      if (field.value !== value) field.value = value;
      if (value) field.setSelectionRange(start, end, direction);
      if (top) field.scrollTop = top;
    }
    for (const id of before.folded) $(id)?.querySelector(":scope > .replies")?.removeAttribute("open");
    all(".spoiler").forEach((d, i) => { d.open = before.spoilt[i]; });
    if (before.focus) all(before.focus)[before.nth]?.focus({ preventScroll: true });
    if (before.x || before.y) scrollTo(before.x, before.y); // lays the page out
    before = null;
  };

  // An input method that composes a character must not lose its field.
  let composing = false, waiting = [];
  document.addEventListener("compositionstart", () => { composing = true; });
  document.addEventListener("compositionend", () => {
    composing = false;
    setTimeout(() => { for (const go of waiting.splice(0)) go(); }); // after the input event that ends it
  });
  const breathe = () => new Promise((go) => setTimeout(go)); // the page does what waits, such as what a tap asks for
  const settled = () => breathe().then(() => new Promise((go) => { if (composing) waiting.push(go); else go(); }));

  // Where the screen is, in the page's own coordinates. A frame that isn't as high
  // as its page scrolls by itself.
  let view = framed ? null : undefined;
  const visible = () => (view ? [view.top, view.bottom] : view === null && root.scrollHeight <= innerHeight ? [0, 0] : [0, innerHeight]);
  let due; // once a frame of the screen
  const scrolled = () => { due ||= requestAnimationFrame(() => { due = 0; window.folkmoot.scrolled?.(); }); };
  for (const move of ["scroll", "resize"]) addEventListener(move, scrolled, { passive: true });

  // The frame is an opaque box unless both sides have the same color scheme.
  const scheme = () => tell({ scheme: getComputedStyle(root).colorScheme });
  const wear = (theme) => { // light, dark, the address of a style sheet, or the system's
    const named = /dark/.test(theme) ? "dark" : /light/.test(theme) ? "light" : "", sheet = $("theme");
    if (/^https?:/.test(theme)) {
      const link = document.createElement("link");
      Object.assign(link, { id: "theme", rel: "stylesheet", href: theme, onload: () => { sheet?.remove(); scheme(); } });
      if (link.href !== sheet?.href) document.head.append(link);
      delete root.dataset.theme;
    } else {
      sheet?.remove();
      if (named) root.dataset.theme = named; else delete root.dataset.theme;
    }
    scheme();
  };

  // A sandboxed frame belongs to nobody: who wants to write gets a tab.
  const sandboxed = window.origin === "null";
  if (sandboxed) {
    for (const field of document.querySelectorAll("textarea, input")) field.readOnly = true;
    document.addEventListener("click", (e) => {
      if (!e.target.closest("button, textarea, input")) return;
      e.preventDefault();
      open(location.href, "_blank");
    }, true);
  }

  // The language's file, or nothing: English is in the program.
  const language = async () => {
    if (!script.dataset.words) return "";
    const answer = await fetch(script.dataset.words);
    if (!answer.ok) throw new Error("no words: " + answer.status);
    return answer.text();
  };

  const watch = (type, see) => {
    try { new PerformanceObserver(see).observe({ type, buffered: true }); } catch { /* not every browser tells */ }
  };
  let started = sandboxed || !script.dataset.wasm;
  const start = async () => {
    if (started) return;
    started = true;
    dress();
    try {
      const program = fetch(script.dataset.wasm); // beside what runs it: one wait, not two
      program.catch(() => {});
      const words = language(); // likewise
      words.catch(() => {});
      const live = file("live"); // likewise
      live.catch(() => {});
      await file("exec");
      await live;
      window.folkmoot.words = await words;
      const go = new window.Go();
      go.env = { GOGC: "400" }; // of a heap this small: collecting garbage was a quarter of the time until it is live
      const { instance } = await WebAssembly.instantiateStreaming(program, go.importObject);
      go.run(instance).catch((e) => console.error("folkmoot stopped:", e));
    } catch (e) { // the page works without it; the next touch tries again
      console.warn("folkmoot could not start:", e);
      started = false;
    }
  };
  // The program starts when that is in nobody's way: the page has been painted, and
  // the browser has nothing else to do. Where showing the page took long, starting
  // takes longer, and the page around may have to wait meanwhile: there nobody has
  // scrolled for a while, either. Who saves data touches something first.
  const painted = new Promise((go) => {
    const look = () => { // a frame that is off screen paints nothing
      watch("paint", (list) => { if (list.getEntriesByName("first-contentful-paint").length) go(); });
      setTimeout(go, 1000);
    };
    if (document.readyState === "complete") look(); else addEventListener("load", look, { once: true });
  });
  let slow = false, calm;
  watch("longtask", (list) => { slow ||= list.getEntries().some((task) => task.duration >= 150); });
  const idle = () => new Promise((go) => {
    if (window.requestIdleCallback) requestIdleCallback(go, { timeout: 3000 }); else setTimeout(go, 200);
  });
  const startIdle = async () => {
    if (started || navigator.connection?.saveData) return;
    await painted;
    await idle();
    clearTimeout(calm);
    if (slow && framed) calm = setTimeout(() => idle().then(start), 5000); else start();
  };
  // A finger that scrolls asks for nothing.
  addEventListener("pointerdown", (e) => { if (e.pointerType !== "touch") start(); }, { passive: true });
  for (const touch of ["click", "keydown", "focusin"]) addEventListener(touch, start, { passive: true });

  const hear = (e) => {
    if (e.source !== parent || e.origin !== host) return;
    const said = e.data?.folkmoot, theme = said?.theme || e.data?.giscus?.setConfig?.theme;
    if (typeof theme === "string") wear(theme);
    if (said?.hello) announce(); // it came later than this page
    const at = said?.view, moved = at && (view?.top !== at.top || view.bottom !== at.bottom);
    if (at) view = at;
    if (/^#comment-\w+$/.test(said?.hash)) stand(said.hash, true);
    if (moved && view.bottom > -800 && view.top < height + 800) startIdle();
    if (moved) window.folkmoot.scrolled?.();
  };
  if (!framed) startIdle();

  window.goappGetenv = () => "";
  window.goappNav = window.goappOnUpdate = window.goappOnAppInstallChange = () => {};
  const state = (page = document) => { // what the program starts from; what comments say stands in the page once
    const text = page.getElementById("state")?.textContent;
    if (!text) return "";
    const all = JSON.parse(text);
    for (const c of all.view?.comments || []) c.html ||= page.getElementById("comment-" + c.id)?.querySelector(":scope > .text")?.innerHTML || "";
    return JSON.stringify(all);
  };
  let counts = "";
  const counted = (comments, reactions) => { // as the page shows them
    const now = JSON.stringify({ comments, reactions });
    if (now !== counts) event("count", JSON.parse(counts = now));
  };
  window.folkmoot = {
    event, counted, state, adopt, capture, restore, breathe, settled, visible, fill,
    helpers, spoken, language, mark, thread: () => thread,
    long: () => (script.dataset.long ? file("long") : Promise.reject(new Error("not long"))),
    grown: (by) => { // above the screen: that goes along
      if (view) { fit(); tell({ by }); } else scrollBy({ top: by, behavior: "instant" });
    },
    value: (id) => $(id)?.value || "",
    meant: () => "", // which people a box's names mean: complete.js knows
    put: (id, text) => { // into a box whose text is the program's to change
      const field = $(id);
      if (!field) return false;
      field.value = text;
      note(field);
      return true;
    },
    visited: (now) => { // when this thread was last seen here; a reload within the hour is the same visit
      const name = keyOf("visit"), [began, before] = (storage.getItem(name) || ",").split(",");
      const same = began && new Date(now) - new Date(began) < 3600e3;
      try { storage.setItem(name, same ? began + "," + before : now + "," + began); } catch { /* then nothing is marked */ }
      return same ? before : began;
    },
    stand: (id, focus) => { // at a comment or box that the program has just shown
      const element = $(id);
      if (!element) return;
      unfold(element);
      if (focus) element.focus({ preventScroll: true });
      const box = element.getBoundingClientRect(), [top, bottom] = visible();
      if (box.top >= top && box.bottom <= bottom) return;
      if (framed) { fit(); tell({ scroll: box.top }); } else element.scrollIntoView({ block: "center" });
    },
    goOn: (id) => $(id)?.focus({ preventScroll: true }),
    forget: (id) => { delete drafts[id]; save(keyOf("drafts"), drafts); },
  };
  const announce = () => {
    tell({ title: document.title }); // of the frame, in its language
    event("ready", JSON.parse(counts));
    height = 0;
    fit();
    event("count", JSON.parse(counts));
    scheme();
  };
  const { comments, reactions } = script.dataset;
  counts = JSON.stringify({ comments: +comments, reactions: +reactions });
  fill();
  announce();
  if (framed) { // what was said before this script came waits in the page, and what comes now passes the same way
    window.said?.forEach(hear);
    window.said = { push: hear };
  }
  const around = new URL(location).searchParams.get("around");
  stand(location.hash || (around ? "#comment-" + around : ""));
  if (Object.keys(unsent).length && arrived) event("comment", { id: location.hash.slice(9) });
})();
