// Whether this device is told of what concerns its person, through the browser's
// push service: an offer after somebody has commented or followed, and a switch
// under Me. Only pages of Folkmoot's own load this: a frame can't subscribe.
(() => {
  "use strict";
  const script = document.currentScript, root = document.documentElement, $ = (selector) => document.querySelector(selector);
  const key = Uint8Array.from(atob(script.dataset.key.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const patience = 10e3, day = 864e5; // milliseconds: until a push service counts as gone; of a day
  const possible = Boolean(window.PushManager && window.Notification && navigator.serviceWorker);

  // What is known of the device here: which subscription the server has, and when the offer was declined.
  const kept = "folkmoot:push";
  const known = () => { try { return JSON.parse(localStorage.getItem(kept)) || {}; } catch { return {}; } };
  const note = (more) => { try { localStorage.setItem(kept, JSON.stringify({ ...known(), ...more })); } catch { /* it is asked again */ } };

  const show = (state) => { root.dataset.push = state; return state; };
  const soon = (promise) => Promise.race([promise, new Promise((_, late) => { setTimeout(() => late(new Error("no answer")), patience); })]);
  const registration = () => soon(navigator.serviceWorker.ready);
  const subscription = async () => (await (await navigator.serviceWorker.getRegistration("/"))?.pushManager.getSubscription()) || null;

  const send = (method, body) => fetch("/api/v1/push", { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const tell = async (now) => {
    const { endpoint, keys } = now.toJSON(), { endpoint: before } = known();
    const body = { endpoint, keys, lang: root.lang, instead: before && before !== endpoint ? before : "" };
    let answer = await send("POST", body);
    if (answer.status === 401) { // nobody yet
      await window.folkmoot.meet();
      answer = await send("POST", body);
    }
    if (!answer.ok) throw new Error("push: " + answer.status);
    note({ endpoint, lang: root.lang, at: Date.now() });
  };

  // On answers what is so then: on, off, denied, none or failed.
  const on = async () => {
    if (!possible) return show("none");
    const allowed = await Notification.requestPermission(); // at a click: else browsers don't ask
    if (allowed !== "granted") return show(allowed === "denied" ? "denied" : "off");
    try {
      const { pushManager } = await registration();
      let now = await pushManager.getSubscription();
      const theirs = new Uint8Array(now?.options.applicationServerKey || []);
      if (now && theirs.join() !== key.join()) { // of a database that is gone
        await now.unsubscribe();
        now = null;
      }
      now ||= await soon(pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
      await tell(now);
      return show("on");
    } catch (e) {
      console.warn("folkmoot: no push:", e);
      return show("failed");
    }
  };
  const off = async () => {
    try {
      const now = await subscription(), endpoint = now?.endpoint || known().endpoint;
      await now?.unsubscribe();
      note({ endpoint: "" });
      if (endpoint) await send("DELETE", { endpoint });
    } catch (e) {
      console.warn("folkmoot: push is off here, and the server doesn't know:", e); // it finds out with the next message
    }
    return show("off");
  };

  // The server is told again each day, so that it knows which devices are still there.
  const begin = async () => {
    if (!possible) return show("none");
    if (Notification.permission === "denied") return show("denied");
    const now = Notification.permission === "granted" ? await subscription().catch(() => null) : null;
    const { endpoint, lang, at } = known();
    if (!now || !endpoint) return show("off");
    show("on");
    if (endpoint !== now.endpoint || lang !== root.lang || Date.now() - at > day) await tell(now).catch(() => {});
    return "on";
  };
  const ready = begin();

  // The offer, once in a while: after a deed that makes answers likely.
  const offered = "folkmoot:push-offer", pauseDays = 60;
  const offer = async () => {
    const box = $("#push-offer");
    if (!box || !box.hidden || await ready !== "off" || root.dataset.push !== "off" || Date.now() - (known().declined || 0) < pauseDays * day) return;
    box.hidden = false;
    box.querySelector("p").textContent = box.dataset.offer;
  };
  const busy = async (button, work) => { // a push service may take seconds
    button.setAttribute("aria-busy", "true");
    button.disabled = true;
    await work;
    button.disabled = false;
    button.removeAttribute("aria-busy");
    if (document.activeElement === document.body && button.checkVisibility()) button.focus();
  };
  const stand = () => { // the button that had the focus may be gone
    const now = [...document.querySelectorAll("#push .pill")].find((b) => b.checkVisibility() && !b.disabled) || $("#push [role=status]");
    if (document.activeElement === document.body) now.focus();
  };
  const answer = async (yes) => {
    const box = $("#push-offer"), words = box.querySelector("p");
    if (!yes) {
      note({ declined: Date.now() });
      box.hidden = true;
      return;
    }
    const state = await on();
    words.textContent = box.dataset[state] || "";
    box.querySelector(".yes").hidden = true;
    const no = box.querySelector(".no");
    no.textContent = box.dataset.close;
    if (state === "off") { box.hidden = true; note({ declined: Date.now() }); } else no.focus(); // the button that had it is gone
  };
  document.addEventListener("click", (e) => {
    const button = e.target.closest?.("button");
    if (!button) return;
    if (button.matches("#push-offer .yes")) busy(button, answer(true));
    else if (button.matches("#push-offer .no")) answer(false);
    else if (button.matches("#push .pill")) busy(button, (button.matches(".on") ? on() : off()).then(stand));
  });
  const deed = /^\/do\/(post|follow)$/;
  addEventListener("submit", (e) => { // by the browser itself: the next page offers
    const { submitter, target } = e;
    if (e.defaultPrevented || !deed.test(new URL(submitter?.formAction || target.action).pathname) || submitter?.value === "false") return;
    try { sessionStorage.setItem(offered, "1"); } catch { /* no offer */ }
  });
  const { event } = window.folkmoot;
  window.folkmoot.event = (name, detail) => { // by the program
    event(name, detail);
    if (name === "comment") offer();
  };
  try {
    if (sessionStorage.getItem(offered) || new URL(location).searchParams.has("came")) offer();
    sessionStorage.removeItem(offered);
  } catch { /* no offer */ }

  // Quiet hours are where this device is.
  document.addEventListener("change", (e) => {
    const zone = e.target.matches?.("#settings input[type=time]") && e.target.form.elements.zone;
    if (zone && !zone.value) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  });

  // The app's icon says what is unread, as far as the page knows.
  try {
    const { frame } = JSON.parse($("#state").textContent);
    if (/^(home|inbox)$/.test(frame?.screen) && navigator.setAppBadge) (frame.unread ? navigator.setAppBadge(frame.unread) : navigator.clearAppBadge()).catch(() => {});
  } catch { /* a page without */ }

  window.folkmoot.push = { on, off };
})();
