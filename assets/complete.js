// What @ and :name may mean, offered while somebody types: people of this
// conversation, and emoji. It stands behind write.js in the same file.
(() => {
  "use strict";
  const { insert, said, visible } = window.folkmoot;
  const $ = (id) => document.getElementById(id);
  const most = 6, patience = 120; // how many are offered; milliseconds without a key before the server is asked
  const fold = (name) => name.normalize("NFC").toLowerCase().replace(/\s/gu, " ");
  const state = JSON.parse($("state")?.textContent || "{}"), thread = state.view?.thread.id;

  // People: those whose comments are in the page, nearest to the box first, and those
  // that the server has found.
  const authors = new Map((state.view?.comments || []).map((c) => [c.id, c.author.id]));
  const hue = (id) => { let sum = 0; for (const sign of id) sum = (sum * 31 + sign.codePointAt(0)) & 7; return "avatar hue-" + sum; };
  const initials = (name) => name.split(" ").filter((_, i, all) => !i || i === all.length - 1).map((word) => (/[\p{L}\p{N}]/u.exec(word) || [""])[0].toUpperCase()).join("");
  const asked = new Map(); // by what was searched for
  const near = (field) => {
    const all = [...document.querySelectorAll("article.comment")].reverse(), branch = [];
    for (let at = field.closest("article.comment"); at; at = at.parentElement.closest("article.comment")) branch.push(at);
    return [...branch, ...all].map((article) => {
      const of = (part) => article.querySelector(":scope > header " + part), name = of(".name bdi")?.textContent;
      return name && { name, face: of(".avatar").className, headline: of(".headline")?.textContent, id: authors.get(article.id.slice(8)) };
    }).filter(Boolean);
  };
  const people = (field, like) => {
    const found = []; // of those who came while the page was open, only the name and the color are known
    for (const p of [...near(field), ...(asked.get(like) || [])]) {
      const name = fold(p.name), key = name + p.face, known = found.find((k) => k.key === key && (!k.id || !p.id || k.id === p.id));
      if (known) known.id ??= p.id;
      else if ((name.startsWith(like) || name.includes(" " + like)) && !(p.id && p.id === state.me?.id)) found.push({ ...p, key, text: "@" + p.name });
    }
    return found.slice(0, most);
  };
  let waiting;
  const search = (like, then) => {
    clearTimeout(waiting);
    if (!like || !thread || asked.has(like)) return;
    waiting = setTimeout(async () => {
      try {
        const answer = await fetch(`/api/v1/threads/${thread}/people?q=${encodeURIComponent(like)}`);
        if (!answer.ok) return;
        asked.set(like, (await answer.json()).people.map((p) => ({ ...p, face: hue(p.id) })));
        then();
      } catch { /* those in the page must do */ }
    }, patience);
  };

  // Emoji, by what begins like that and then by what has it within.
  let signs;
  const emoji = (like, then) => {
    if (signs === undefined) {
      signs = null;
      fetch("/emoji.txt").then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error("no emoji")))).then((text) => {
        signs = text.split("\n").filter((line) => line && line[0] !== "#").flatMap((line) => {
          const [sign, ...names] = line.split(" ");
          return names.map((name) => ({ name, sign, text: sign }));
        });
        then();
      }).catch(() => { signs = undefined; });
    }
    const first = (signs || []).filter((s) => s.name.startsWith(like)).sort((a, b) => a.name.length - b.name.length);
    return [...first, ...(signs || []).filter((s) => s.name.indexOf(like) > 0)].slice(0, most);
  };

  // What stands before the caret, as the server would read it (see markdown/mention.go and emoji.go).
  const at = /(?:^|[^\p{L}\p{N}\p{M}@/._+-]|[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}\p{sc=Tibt}])@([^\n@]{0,60})$/u;
  const token = (field) => {
    if (field.selectionStart !== field.selectionEnd) return null;
    const before = field.value.slice(0, field.selectionEnd), sign = /(?:^|[^\w:]):([a-z0-9_+-]{2,40})$/.exec(before), person = !sign && at.exec(before);
    if (sign) return { kind: "emoji", like: sign[1], from: before.length - sign[1].length - 1 };
    if (!person || /^\s/.test(person[1])) return null;
    return { kind: "people", like: fold(person[1]), from: before.length - person[1].length - 1 };
  };

  // The list is one for all boxes, beside them in the document: a box is the program's. A
  // text area can't have the role of a combobox (ARIA in HTML); what it may have of one, it has.
  const list = Object.assign(document.createElement("ul"), { id: "complete", className: "complete", hidden: true });
  const status = Object.assign(document.createElement("p"), { className: "unseen" });
  list.setAttribute("role", "listbox");
  status.setAttribute("role", "status");
  let field = null, now = null, given = "", offers = [], active = -1, dismissed = -1;

  const point = (i) => {
    active = i;
    [...list.children].forEach((option, n) => option.setAttribute("aria-selected", String(n === i)));
    if (i < 0) { field.removeAttribute("aria-activedescendant"); return; }
    field.setAttribute("aria-activedescendant", list.children[i].id);
  };
  const close = () => {
    list.hidden = true;
    status.textContent = "";
    for (const name of ["aria-controls", "aria-autocomplete", "aria-activedescendant"]) field?.removeAttribute(name);
    field = now = null;
  };
  const open = () => !list.hidden;

  // Where a character of a text field is on the screen: where it is in a copy of it.
  const copied = ["direction", "fontFamily", "fontSize", "fontWeight", "letterSpacing", "lineHeight", "textAlign", "wordSpacing", "tabSize", "width", "boxSizing",
    "paddingTop", "paddingBottom", "paddingLeft", "paddingRight", "borderTopWidth", "borderLeftWidth", "borderRightWidth"];
  const placeOf = (position) => {
    const copy = document.createElement("div"), mark = document.createElement("span"), style = getComputedStyle(field), box = field.getBoundingClientRect();
    for (const name of copied) copy.style[name] = style[name];
    Object.assign(copy.style, { position: "absolute", top: 0, left: 0, visibility: "hidden", whiteSpace: "pre-wrap", overflowWrap: "anywhere" });
    mark.textContent = field.value.slice(position) || ".";
    copy.append(field.value.slice(0, position), mark);
    document.body.append(copy);
    const from = copy.getBoundingClientRect(), [line] = mark.getClientRects();
    copy.remove();
    const rtl = style.direction === "rtl", top = box.top + line.top - from.top - field.scrollTop;
    return { rtl, x: box.left + (rtl ? line.right : line.left) - from.left, top, bottom: top + line.height };
  };
  const place = () => {
    const { rtl, x, top, bottom } = placeOf(now.from), gap = 4, width = list.offsetWidth;
    let [first, last] = visible();
    if (window !== parent || last <= first) { // a frame ends where its content does
      const end = document.body.getBoundingClientRect().bottom;
      [first, last] = last > first ? [Math.max(0, first), Math.min(last, end)] : [0, end];
    }
    const below = last - bottom - gap, above = top - first - gap, up = below < list.offsetHeight && above > below;
    while (offers.length > 2 && list.offsetHeight > (up ? above : below)) { // whoever wants the others types more
      offers.pop();
      list.lastChild.remove();
    }
    list.style.left = scrollX + Math.max(gap, Math.min(rtl ? x - width : x, document.documentElement.clientWidth - width - gap)) + "px";
    list.style.top = scrollY + (up ? top - gap - list.offsetHeight : bottom + gap) + "px";
  };

  const option = (offer, i) => {
    const row = Object.assign(document.createElement("li"), { id: "complete-" + i });
    const part = (className, text) => { const e = Object.assign(document.createElement("span"), { className, textContent: text, dir: "auto" }); row.append(e); return e; };
    row.setAttribute("role", "option");
    if (offer.sign) part("sign", offer.sign).setAttribute("aria-hidden", "true");
    else part(offer.face, initials(offer.name)).setAttribute("aria-hidden", "true");
    part("name", offer.name);
    if (offer.headline) part("headline", offer.headline);
    row.addEventListener("pointerdown", (e) => e.preventDefault()); // the box keeps the focus
    row.addEventListener("click", () => choose(i));
    return row;
  };
  const many = (forms, n) => (forms[new Intl.PluralRules(document.documentElement.lang).select(n)] || forms.other).replace("{n}", n);
  const look = (box) => {
    const what = token(box);
    if (what && what.from === dismissed) { close(); return; }
    dismissed = -1;
    if (!what) { close(); return; }
    const again = () => { if (document.activeElement === box && box.isConnected) look(box); };
    const found = what.kind === "emoji" ? emoji(what.like, again) : people(box, what.like);
    if (what.kind === "people") search(what.like, again);
    const whole = found.length === 1 && what.kind === "people" && fold(found[0].name) === what.like; // it stands there
    if (!found.length || whole) { close(); return; }
    if (field && field !== box) close();
    if (!list.isConnected) document.querySelector("main").append(list, status); // a landmark
    const same = open() && JSON.stringify(found) === given, still = same && now.from === what.from && now.like === what.like;
    field = box; now = what;
    if (!same) {
      offers = found;
      given = JSON.stringify(found);
      list.replaceChildren(...offers.map(option));
      list.hidden = false;
      list.setAttribute("aria-label", said["complete." + what.kind]);
      field.setAttribute("aria-autocomplete", "list");
      field.setAttribute("aria-controls", list.id);
    }
    place();
    status.textContent = many(said["complete.found"], offers.length);
    if (!still) point(what.like.endsWith(" ") ? -1 : 0); // whoever goes on after a name may mean a line to end
  };
  const choose = (i) => {
    const offer = offers[i], box = field, after = box.value[box.selectionEnd];
    const text = offer.text + (offer.sign || (after && /[\s.,:;!?)]/.test(after)) ? "" : " ");
    if (offer.id) mean(box, offer);
    box.setSelectionRange(dismissed = now.from, box.selectionEnd);
    close();
    insert(box.id, text);
  };

  // Who was chosen, of several people of one name, is kept with the draft.
  const key = "folkmoot:meant:" + thread;
  const meanings = () => { try { return JSON.parse(localStorage.getItem(key)) || {}; } catch { return {}; } };
  const mean = (box, offer) => {
    const all = meanings();
    for (const id in all) if (!$(id)?.value) delete all[id];
    all[box.id] = { ...all[box.id], [fold(offer.name)]: offer.id };
    try { localStorage.setItem(key, JSON.stringify(all)); } catch { /* full: the server guesses */ }
  };
  const meant = (id) => {
    const text = fold($(id)?.value || "");
    return Object.entries(meanings()[id] || {}).filter(([name]) => text.includes("@" + name)).map(([, person]) => person).join(" ");
  };
  document.addEventListener("formdata", (e) => { // of a form that the browser sends itself
    const box = e.target.elements.body;
    if (box && meant(box.id)) e.formData.set("mentions", meant(box.id));
  });

  const isBox = (e) => e?.name === "body" && e.tagName === "TEXTAREA";
  document.addEventListener("input", (e) => { if (isBox(e.target) && !e.isComposing) look(e.target); });
  document.addEventListener("compositionend", (e) => { if (isBox(e.target)) look(e.target); });
  let left = ""; // the box that had a list when it lost the focus: the takeover gives it back
  document.addEventListener("focusout", (e) => { if (field && e.target === field) { left = field.id; close(); } });
  document.addEventListener("focusin", (e) => {
    if (isBox(e.target) && e.target !== field && e.target.id === (field?.id || left)) look(e.target); // some browsers tell no loss
    left = "";
  });
  document.addEventListener("selectionchange", () => {
    if (open() && token(field)?.from !== now.from) close();
  });
  document.addEventListener("keydown", (e) => {
    if (!open() || e.isComposing || e.keyCode === 229 || e.ctrlKey || e.metaKey || e.altKey || e.shiftKey || e.target !== field) return; // an input method's keys are its own
    const n = offers.length;
    switch (e.key) {
      case "ArrowDown": point((active + 1) % n); break;
      case "ArrowUp": point((active < 0 ? n : active + n - 1) % n); break;
      case "Enter": case "Tab":
        if (active < 0) { close(); return; }
        choose(active);
        break;
      case "Escape": dismissed = now.from; close(); break;
      default: return;
    }
    e.preventDefault();
    e.stopPropagation();
  }, true);
  addEventListener("resize", () => { if (open()) place(); });

  Object.assign(window.folkmoot, { meant });
  if (isBox(document.activeElement)) look(document.activeElement); // what was typed before this was here
})();
