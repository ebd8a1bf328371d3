// What is kept on this device, for the pages that list: how much it is, clearing it,
// and what was entered into their forms while the program takes them over.
(() => {
  "use strict";
  const ours = "folkmoot:", drafts = "folkmoot:drafts:";
  const names = () => { try { return Object.keys(localStorage).filter((name) => name.startsWith(ours)); } catch { return []; } };
  const pages = async () => (self.caches ? (await (await caches.open("pages")).keys()) : []);

  const device = {
    figures: async () => {
      const got = { pages: 0, drafts: names().filter((name) => name.startsWith(drafts)).length, usage: -1, persisted: false, canPersist: false };
      try { got.pages = (await pages()).filter((page) => new URL(page.url).pathname.startsWith("/t/")).length; } catch { /* a private window */ }
      try {
        got.usage = (await navigator.storage.estimate()).usage ?? -1;
        got.persisted = await navigator.storage.persisted();
        got.canPersist = Boolean(navigator.storage.persist);
      } catch { /* an older browser, or no TLS */ }
      return JSON.stringify(got);
    },
    persist: () => navigator.storage.persist(),
    draft: (thread, box, text) => { // a text that was taken back waits in its box again
      try {
        const all = JSON.parse(localStorage.getItem(drafts + thread)) || {};
        all[box] = all[box] ? text + "\n\n" + all[box] : text;
        localStorage.setItem(drafts + thread, JSON.stringify(all));
        return true;
      } catch {
        return false;
      }
    },
    clear: async (everything) => { // tells whether it could
      if (everything) {
        await window.folkmoot.push?.off();
        const ended = await fetch("/api/v1/session", { method: "DELETE" }).then((answer) => answer.ok, () => false);
        if (!ended) return false; // only the server can end a session that no script sees
      }
      await window.folkmootOutbox?.clear(everything);
      for (const name of names()) if (everything || name !== "folkmoot:outbox") localStorage.removeItem(name);
      try { sessionStorage.clear(); } catch { /* there is none */ }
      if (self.caches) for (const name of everything ? await caches.keys() : ["pages"]) await caches.delete(name);
      if (everything) for (const registration of await navigator.serviceWorker?.getRegistrations() || []) await registration.unregister();
      return true;
    },
  };

  const { capture, restore } = window.folkmoot;
  let entered = [];
  const fields = () => [...document.querySelectorAll(".screen form")].flatMap((form) => [...form.elements]).filter((e) => e.matches("input:not([type=hidden])"));
  Object.assign(window.folkmoot, {
    device,
    capture: () => {
      capture();
      entered = fields().map(({ id, name, value, checked }) => ({ id, name, value, checked }));
    },
    restore: () => {
      fields().forEach((field, i) => {
        const was = entered[i];
        if (was && was.id === field.id && was.name === field.name) Object.assign(field, { value: was.value, checked: was.checked });
      });
      restore();
    },
  });
})();
