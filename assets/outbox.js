// The outbox: what somebody did and the server has not confirmed yet. It is on
// the device before it is sent, survives the browser, and carries its own proof
// of who wrote it: a signature by a key that can't leave this browser and, unlike
// a session, doesn't expire. Pages and the service worker share this file; what
// several of them send is done once, by its ref.
(() => {
  "use strict";
  const batch = 50, batchBytes = 192 * 1024; // of one request; the server takes 256 KiB
  const atOnce = 1000; // milliseconds in which a request fails that can't have arrived

  const asked = (request) => new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });

  // A database that can't be opened is begun anew, once: what it held can't be read anyway.
  let opening;
  const open = (again) => new Promise((done, failed) => {
    const request = indexedDB.open("folkmoot", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("outbox", { keyPath: "id", autoIncrement: true }).createIndex("ref", "ref", { unique: true });
      request.result.createObjectStore("keys");
    };
    request.onsuccess = () => {
      const db = request.result;
      db.onversionchange = () => { db.close(); opening = null; };
      db.onclose = () => { opening = null; };
      done(db);
    };
    request.onerror = () => {
      if (again) { failed(request.error); return; }
      asked(indexedDB.deleteDatabase("folkmoot")).then(() => open(true)).then(done, failed);
    };
  });
  const database = async () => {
    try {
      return await (opening ??= open());
    } catch {
      opening = null;
      return null; // a private window, a sandbox, a broken disk
    }
  };
  const change = (db, store, work) => new Promise((done, failed) => {
    const t = db.transaction(store, "readwrite", { durability: "strict" }), answer = work(t.objectStore(store));
    t.oncomplete = () => done(answer?.result);
    t.onabort = t.onerror = () => failed(t.error);
  });

  // Without a database there is the older storage, which a page has and a worker
  // has not; without that, memory, as long as the page is open.
  const rest = {
    list: [],
    read() {
      try { this.list = JSON.parse(localStorage.getItem("folkmoot:outbox")) || this.list; } catch { /* memory must do */ }
      return this.list;
    },
    write(list) {
      this.list = list;
      try {
        if (list.length) localStorage.setItem("folkmoot:outbox", JSON.stringify(list)); else localStorage.removeItem("folkmoot:outbox");
        return true;
      } catch {
        return false;
      }
    },
  };

  const keptKey = (db) => asked(db.transaction("keys").objectStore("keys").get("device"));
  // The key is made once, whichever page or worker comes first.
  let pair;
  const key = () => pair ??= (async () => {
    const db = await database();
    if (!db || !self.crypto?.subtle) return null;
    const kept = await keptKey(db);
    if (kept) return kept;
    const made = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
    const fresh = { sign: made.privateKey, name: text(await crypto.subtle.exportKey("raw", made.publicKey)) };
    try {
      await change(db, "keys", (keys) => keys.add(fresh, "device"));
      return fresh;
    } catch { // another was first
      return keptKey(db);
    }
  })().catch(() => null);
  const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  const signed = async (words) => {
    const own = await key();
    if (!own) return {};
    const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, own.sign, new TextEncoder().encode(words));
    return { key: own.name, signature: text(signature) };
  };

  // Room is made by letting go of the pages that were read longest ago.
  const makeRoom = async () => {
    const cache = self.caches && await caches.open("pages"), kept = cache ? await cache.keys() : [];
    for (const page of kept.slice(0, Math.ceil(kept.length / 4))) await cache.delete(page);
    return kept.length > 0;
  };

  // All pages and the worker hear what changes: {ref, …} became of an entry, {taken}
  // was taken back, {cleared} is everything. A page hears its own changes, too.
  const heard = self.BroadcastChannel && new BroadcastChannel("folkmoot-outbox");
  const changed = (what = {}) => self.dispatchEvent(new MessageEvent("folkmoot-outbox", { data: what }));
  const tell = (what) => { heard?.postMessage(what); changed(what); };
  if (heard) {
    heard.onmessage = ({ data }) => {
      if (data?.cleared) pair = opening = null;
      changed(data);
    };
  }
  const all = async () => {
    const db = await database();
    const kept = db ? await asked(db.transaction("outbox").objectStore("outbox").getAll()).catch(() => []) : [];
    return [...kept, ...(self.localStorage ? rest.read() : rest.list)];
  };
  // put keeps {ref, at, thread, command}, the command as JSON text. It tells whether that will survive the page.
  const put = async (entry) => {
    const whole = { ...entry, kept: Date.now(), ...await signed(`folkmoot-outbox-1\n${entry.ref}\n${entry.at}\n${entry.command}`) };
    const db = await database();
    for (let room = true; db && room;) {
      try {
        await change(db, "outbox", (outbox) => outbox.add(whole));
        tell({});
        return true;
      } catch (e) {
        if (e?.name === "ConstraintError") return true; // it is there
        room = e?.name === "QuotaExceededError" && await makeRoom().catch(() => false);
      }
    }
    const survives = rest.write([...rest.read().filter((e) => e.ref !== whole.ref), whole]);
    tell({});
    return survives;
  };
  const update = async (ref, becomes) => { // becomes makes the entry anew, or nothing
    rest.write(rest.read().map((e) => (e.ref === ref ? becomes(e) : e)).filter(Boolean));
    const db = await database();
    if (db) {
      await change(db, "outbox", (outbox) => {
        outbox.index("ref").openCursor(ref).onsuccess = (e) => {
          const cursor = e.target.result, next = cursor && becomes(cursor.value);
          if (next) cursor.update(next); else cursor?.delete();
        };
      });
    }
    tell({});
  };
  const drop = (ref) => update(ref, () => null);
  const tried = (ref) => update(ref, (entry) => ({ ...entry, tried: true })); // nobody knows what became of it
  const refuse = (ref, why) => update(ref, (entry) => ({ ...entry, refused: why }));

  const alone = (work, now) => (self.navigator.locks ? navigator.locks.request("folkmoot-outbox", { ifAvailable: Boolean(now) }, work) : work(true));
  // takeBack removes an entry, unless all is being sent just now, and tells
  // whether it did. Pages that hold it hear so.
  const takeBack = (ref) => alone(async (free) => {
    if (free) {
      await drop(ref);
      heard?.postMessage({ taken: ref }); // whoever has done it knows
    }
    return Boolean(free);
  }, true);

  // What was written last, as it was written, so that it can be edited without a network.
  const writings = async (db) => asked(db.transaction("keys").objectStore("keys").get("wrote")).then((list) => list || []);
  const wrote = async (comment, body) => {
    const db = await database();
    if (!db) return;
    const list = [...(await writings(db)).filter((w) => w.comment !== comment), { comment, body }].slice(-20);
    await change(db, "keys", (keys) => keys.put(list, "wrote"));
  };
  const said = async (comment) => {
    const db = await database();
    return db && (await writings(db)).find((w) => w.comment === comment)?.body || "";
  };

  // flush sends what waits, in its order, and tells whether nothing waits any more.
  const flush = () => alone(async () => {
    for (;;) {
      const entries = [];
      let bytes = 0;
      for (const { ref, at, thread, command, key, signature, refused } of await all()) {
        if (refused) continue;
        bytes += command.length * 3 + 400;
        if (entries.length && (bytes > batchBytes || entries.length === batch)) break;
        entries.push({ ref, at, thread, command, key, signature });
      }
      if (!entries.length) return true;
      const began = Date.now();
      let results;
      try {
        const answer = await fetch("/api/v1/outbox", {
          method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ entries }),
        });
        if (!answer.ok) return false; // an older server, or one that is in trouble: it waits
        ({ results } = await answer.json());
      } catch (e) {
        if (Date.now() - began > atOnce) for (const { ref } of entries) await tried(ref); // else nothing was reached
        throw e;
      }
      if (!Array.isArray(results) || !results.length) return false;
      for (const result of results) {
        if (result.status === "done") {
          const said = JSON.parse(entries.find((e) => e.ref === result.ref)?.command || "{}");
          if (result.comment && said.body) await wrote(result.comment.id, said.body).catch(() => {});
          await drop(result.ref);
        }
        else if (result.status === "refused") await refuse(result.ref, { code: result.code, message: result.message });
        else return false; // later, or what only a newer server knows
        tell(result);
      }
    }
  });

  self.folkmootOutbox = {
    put, drop, refuse, tried, takeBack, all, flush, wrote, said,
    clear: async (everything) => { // what was written; with everything also the key, and what waits is thrown away
      const db = await database();
      if (!everything) {
        if (db) await change(db, "keys", (keys) => keys.delete("wrote"));
        return;
      }
      rest.write([]);
      if (db) for (const store of ["outbox", "keys"]) await change(db, store, (all) => all.clear());
      pair = null;
      heard?.postMessage({ cleared: true }); // what others hold in memory goes with their page
    },
    proof: async (origin, only) => { // that a session may be the key's person's; only if there is a key already
      const db = only && await database();
      if (only && !(db && await keptKey(db).catch(() => null))) return {};
      const { key: own, signature } = await signed("folkmoot-session-1\n" + origin);
      return own ? { key: own, proof: signature } : {};
    },
  };
})();
