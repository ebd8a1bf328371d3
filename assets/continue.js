// The page on which somebody becomes who they are in a widget's frame, whose
// storage the browser keeps apart. The window that opened this one is asked for
// the code: an address could be anybody's, and would make whoever follows it
// another. Without that window, or without this script, the code is typed.
(() => {
  "use strict";
  const script = document.currentScript, $ = (selector) => document.querySelector(selector);
  const patience = 4000, again = 250; // milliseconds until the code is to be typed; between two questions
  const say = (words) => { $("#code-error").textContent = words; };

  // Texts that were begun there and not sent: of each conversation what its boxes hold.
  const kept = "folkmoot:brought", threads = 20, textBytes = 64 << 10, allBytes = 512 << 10;
  const checked = (drafts) => {
    const fine = {};
    let bytes = 0;
    for (const [thread, boxes] of Object.entries(drafts && typeof drafts === "object" ? drafts : {})) {
      if (!/^[a-z0-9]{1,64}$/.test(thread) || !boxes || typeof boxes !== "object" || Object.keys(fine).length === threads) continue;
      for (const [box, text] of Object.entries(boxes)) {
        if (!/^box[\w-]{0,80}$/.test(box) || typeof text !== "string" || !text.trim() || text.length > textBytes || (bytes += text.length) > allBytes) continue;
        (fine[thread] ??= {})[box] = text;
      }
    }
    return fine;
  };
  const stash = (drafts) => { try { sessionStorage.setItem(kept, JSON.stringify(drafts)); } catch { return 0; } return Object.keys(drafts).length; };
  const unstash = () => { // into this storage, where the boxes of the same conversations look; what was begun here stays before it
    try {
      for (const [thread, boxes] of Object.entries(checked(JSON.parse(sessionStorage.getItem(kept))))) {
        const name = "folkmoot:drafts:" + thread;
        let own;
        try { own = JSON.parse(localStorage.getItem(name)) || {}; } catch { own = {}; }
        for (const [box, text] of Object.entries(boxes)) {
          if (!own[box]) own[box] = text;
          else if (!/-(name|headline)$/.test(box) && !own[box].includes(text)) own[box] += "\n\n" + text;
        }
        localStorage.setItem(name, JSON.stringify(own));
      }
      sessionStorage.removeItem(kept);
    } catch { /* no storage, or a full one: they are still where they were written */ }
  };

  // Ask the window that opened this one, if it is one of ours: the browser delivers to that origin only.
  const other = window.opener, enter = $("form.enter");
  if (enter && other && !history.state?.asked && !$("#code-error").textContent) {
    const nonce = [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
    const form = $(".by-code"), asking = $(".asking");
    let asks = 0;
    const end = () => { clearInterval(asks); asking.textContent = ""; form.hidden = false; };
    const ask = () => {
      if (other.closed) { end(); return; }
      other.postMessage({ folkmoot: { ask: nonce } }, location.origin);
    };
    addEventListener("message", (e) => {
      const said = e.data?.folkmoot;
      if (e.source !== other || e.origin !== location.origin || said?.answer !== nonce) return;
      end();
      if (typeof said.error === "string" && said.error) { say(said.error.slice(0, 500)); return; }
      if (typeof said.code !== "string" || !/^[0-9A-Z]{4}-[0-9A-Z]{4}$/.test(said.code)) return;
      enter.elements.code.value = said.code;
      enter.elements.drafts.value = stash(checked(said.drafts));
      history.replaceState({ asked: true }, ""); // whoever comes back here isn't sent on again
      enter.requestSubmit();
    });
    form.hidden = true;
    asking.textContent = script.dataset.asking;
    asks = setInterval(ask, again);
    setTimeout(() => { if (!form.isConnected || !form.hidden) return; end(); enter.elements.code.focus(); }, patience);
    ask();
  } else if (enter) {
    enter.elements.code.select();
  }

  // Who this device is by its key is settled before and after: what waits in its
  // outbox is signed with that.
  const meet = async (only) => {
    const proof = await window.folkmootOutbox.proof(location.origin, only);
    if (!proof.key) return;
    await fetch("/api/v1/session", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(proof) });
  };
  $("form.consent")?.addEventListener("submit", async (e) => {
    e.preventDefault();
    const { code, drafts } = e.target.elements, button = e.submitter;
    if (button) button.disabled = true;
    say("");
    try {
      await meet(true).catch(() => {}); // no key, or a server that knows none
      const answer = await fetch("/api/v1/continue", {
        method: "POST", headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang }, body: JSON.stringify({ code: code.value, confirm: true }),
      });
      if (!answer.ok) throw await answer.json();
      unstash();
      await meet().catch(() => {});
      other?.postMessage({ folkmoot: { continued: true } }, location.origin);
      const to = new URL("/inbox", location);
      to.searchParams.set("came", drafts.value);
      const lang = new URL(location).searchParams.get("lang");
      if (lang) to.searchParams.set("lang", lang);
      location.replace(to);
    } catch (why) {
      if (button) button.disabled = false;
      say(typeof why?.detail === "string" ? why.detail : script.dataset.unsent);
    }
  });
})();
