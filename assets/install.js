// What makes pages of Folkmoot's own an app: the service worker, an offer to
// install, and a word when there is a newer version. The widget under an article
// doesn't load this.
(() => {
  "use strict";
  const script = document.currentScript, root = document.documentElement;
  const mark = (name, on) => root.classList.toggle(name, Boolean(on));

  // Style sheets show a button or instructions by these marks.
  const standalone = () => navigator.standalone === true || matchMedia("(display-mode: standalone)").matches;
  const apple = /iPhone|iPad|iPod/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
  let offer = null;
  const show = () => {
    mark("installed", standalone());
    mark("can-install", offer && !standalone());
    mark("can-install-by-hand", apple && !standalone());
  };
  addEventListener("beforeinstallprompt", (e) => { e.preventDefault(); offer = e; show(); });
  addEventListener("appinstalled", () => { offer = null; show(); });
  document.addEventListener("click", async (e) => {
    if (!offer || !e.target.closest?.(".install")) return;
    const once = offer;
    offer = null;
    await once.prompt();
    show();
  });
  show();
  // Whoever has installed it wants it kept. Elsewhere the reader is asked in /me.
  const keep = () => { if (standalone()) navigator.storage?.persist?.().catch(() => {}); };
  addEventListener("appinstalled", keep);
  keep();

  const workers = navigator.serviceWorker;
  if (!workers) return;
  const versionOf = (worker) => new Promise((tell) => {
    const line = new MessageChannel();
    line.port1.onmessage = (e) => tell(e.data);
    worker.postMessage({ version: true }, [line.port2]);
  });
  const ask = () => { // once a page; whoever says later gets the new version with the next page
    if (document.getElementById("newer")) return;
    const box = document.createElement("div"), words = document.createElement("p");
    Object.assign(box, { id: "newer", className: "newer" });
    box.setAttribute("role", "status");
    words.textContent = script.dataset.newer;
    const button = (label, act) => {
      const b = document.createElement("button");
      Object.assign(b, { type: "button", textContent: label, onclick: act });
      return b;
    };
    box.append(words, button(script.dataset.reload, () => location.reload()), button(script.dataset.later, () => box.remove()));
    document.body.append(box);
  };
  const watch = (registration) => registration.addEventListener("updatefound", () => {
    const fresh = registration.installing, updating = Boolean(workers.controller);
    fresh?.addEventListener("statechange", async () => {
      if (fresh.state === "activated" && updating && await versionOf(fresh) !== script.dataset.version) ask();
    });
  });
  const register = async (tries) => { // an install that fails, such as on a bad network, is tried again
    const { active, installing } = await workers.register("/app-worker.js", { scope: "/", updateViaCache: "none" });
    if (active || !tries) return;
    installing?.addEventListener("statechange", () => {
      if (installing.state === "redundant") setTimeout(() => register(tries - 1).catch(() => {}), 3000);
    });
  };
  const begin = async () => {
    try {
      await register(3);
      const registration = await workers.ready, { active } = registration;
      watch(registration);
      document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") registration.update().catch(() => {}); });
      active.postMessage({ keep: location.href, flush: true }); // the first page came before there was a worker
      addEventListener("online", () => active.postMessage({ flush: true }));
      let older = 0; // more was said: it is kept anew once in a while, and when the reader leaves
      const renew = () => {
        if (older) active.postMessage({ keep: location.href });
        clearTimeout(older);
        older = 0;
      };
      addEventListener("folkmoot-older", () => { older ||= setTimeout(renew, 5000); });
      addEventListener("pagehide", renew);
      document.addEventListener("visibilitychange", renew);
    } catch (e) {
      console.warn("folkmoot: no service worker:", e); // everything else works without
    }
  };
  if (document.readyState === "complete") begin(); else addEventListener("load", begin, { once: true });
})();
