// What the program needs of the page besides boot.js, and comes with it: its calls,
// and the outbox, which stands before this in the same file.
(() => {
  "use strict";
  const { folkmoot } = window, { spoken } = folkmoot, outbox = window.folkmootOutbox;
  const api = (path, options) => fetch("/api/v1/" + path, options);
  let line = Promise.resolve(); // what is let go of at once must be there first: signing takes a moment
  const inLine = (work) => line = line.then(work).catch(() => {});

  addEventListener("pagehide", async () => { // whoever leaves with something unsent has a worker send it, where there is one
    try {
      const registration = await navigator.serviceWorker?.getRegistration("/");
      if (registration?.sync && (await outbox.all()).length) await registration.sync.register("outbox");
    } catch { /* then the next page sends it */ }
  });

  Object.assign(folkmoot, {
    quote: (id) => { // what is selected in a comment, as Markdown quotes it
      const chosen = getSelection(), text = document.getElementById(id)?.querySelector(":scope > .text");
      if (!text || !chosen.rangeCount || !text.contains(chosen.anchorNode) || !text.contains(chosen.focusNode)) return "";
      const words = chosen.toString().trim();
      return words ? words.split("\n").map((line) => "> " + line).join("\n") + "\n\n" : "";
    },
    refetch: async (address) => { // the state that a page of ours would start from
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      return folkmoot.state(page);
    },
    source: async (comment) => { // a comment as its author wrote it
      let answer;
      try { answer = await api("comments/" + encodeURIComponent(comment) + "/source"); } catch { return await outbox.said(comment) || ""; }
      return answer.ok ? (await answer.json()).body : "";
    },
    wrote: (comment, body) => inLine(() => outbox.wrote(comment, body)),
    appoint: async (code) => { // what is wrong with a code, or nothing
      const answer = await api("keeper", { method: "POST", headers: spoken, body: JSON.stringify({ code }) });
      return answer.ok ? "" : (await answer.json()).detail;
    },
    call: async (method, path, body) => { // the API's answer, or an error
      const answer = await api(path, { method, headers: spoken, body });
      return answer.ok ? answer.text() : Promise.reject(new Error(answer.status));
    },
    meet: async () => { // as whom the outbox is signed, so that both are one
      const ask = async (who) => (await api("session", { method: "POST", headers: spoken, body: JSON.stringify(who) })).status;
      const proof = await outbox.proof(location.origin), status = await ask(proof);
      return proof.key && status >= 400 && status < 429 ? ask({}) : status; // a server that knows no keys
    },
    // What isn't confirmed yet, here and in other conversations, see outbox.js.
    keep: (ref, at, command) => {
      const thread = folkmoot.thread();
      return inLine(() => outbox.put({ ref, at, thread, command }));
    },
    letGo: (ref) => inLine(() => outbox.drop(ref)),
    kept: async () => {
      const thread = folkmoot.thread(), all = await outbox.all();
      if (all.some((e) => e.thread !== thread && !e.refused)) outbox.flush().catch(() => {});
      return JSON.stringify(all.filter((e) => e.thread === thread).map((e) => ({ ...e, command: JSON.parse(e.command) })));
    },
  });
})();
