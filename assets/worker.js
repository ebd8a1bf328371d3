// The service worker of the installed app. It begins as go-app's does (v10,
// gen/app-worker.js): one cache a version, filled at install, the others deleted
// at activation, and every page taken over at once. What is added: an install
// that fails is tried again, pages are kept for when there is no network, and
// the outbox is sent when there is one.
"use strict";
const cacheName = "app-" + "{{.Version}}";
const resourcesToCache = {{.ResourcesToCache}};
const pagesKept = 80, patience = 3000; // pages; milliseconds until a kept page is shown instead

importScripts("{{.Outbox}}");

self.addEventListener("install", (event) => event.waitUntil((async () => {
  await (await caches.open(cacheName)).addAll(resourcesToCache);
  await self.skipWaiting();
})()));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== cacheName && name !== "pages") await caches.delete(name);
  await self.clients.claim();
  await renew();
})()));

// Pages that an older version made ask for files that are gone: the latest are fetched anew.
const renew = async () => {
  const cache = await caches.open("pages"), kept = await cache.keys();
  for (const { url } of kept.slice(-20)) {
    try { await keep(url, await fetch(url, { headers: { Accept: "text/html" } })); } catch { return; }
  }
};

const screens = /^\/(?:topics(?:\/.*)?|t\/.+|inbox|me)?$/;
const keptAs = (address) => {
  const url = new URL(address);
  url.hash = "";
  url.searchParams.delete("from");
  return url.href;
};

// keep puts a page at the end of the line; those at its beginning go first.
const keep = async (address, answer) => {
  if (new URL(address).searchParams.has("came")) return; // said once
  if (answer.status === 404 || answer.status === 410) { // it is gone
    await (await caches.open("pages")).delete(keptAs(address));
    return;
  }
  if (!answer.ok || answer.redirected || answer.type !== "basic") return;
  let body;
  try { body = await answer.blob(); } catch { return; } // it broke off: what was kept stays
  const cache = await caches.open("pages"), as = keptAs(address);
  try {
    await cache.delete(as);
    const headers = new Headers(answer.headers);
    headers.set("Kept-At", String(Date.now()));
    await cache.put(as, new Response(body, { status: answer.status, headers }));
    const kept = await cache.keys();
    for (const old of kept.slice(0, Math.max(0, kept.length - pagesKept))) {
      if (new URL(old.url).pathname.startsWith("/t")) await cache.delete(old);
    }
  } catch { // full: half of what was read longest ago goes, and the outbox stays
    const kept = await cache.keys();
    for (const old of kept.slice(0, Math.ceil(kept.length / 2))) await cache.delete(old);
  }
};

// A page comes from the network, unless that takes too long or is gone.
const page = async (event) => {
  const { request } = event;
  const network = fetch(request).then((answer) => {
    event.waitUntil(keep(request.url, answer.clone()));
    return answer;
  });
  const late = new Promise((go) => { setTimeout(go, patience); });
  const kept = async () => { // which says for how long it was, where scripts can read it
    const found = await caches.match(keptAs(request.url), { cacheName: "pages", ignoreVary: true });
    if (!found) return found;
    const headers = new Headers(found.headers);
    headers.set("Server-Timing", `kept;dur=${Math.max(0, Date.now() - Number(found.headers.get("Kept-At")))}`);
    return new Response(found.body, { status: found.status, headers });
  };
  try {
    const answer = await Promise.race([network, late.then(kept)]);
    if (answer) return answer;
    return await network;
  } catch {
    return await kept() || await caches.match("/offline", { cacheName, ignoreVary: true }) || Response.error();
  }
};

self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && request.destination === "document" && screens.test(url.pathname)) event.respondWith(page(event));
  else if (/^\/(?:assets|icons)\//.test(url.pathname)) event.respondWith(caches.match(request, { ignoreVary: true }).then((kept) => kept || fetch(request)));
});

self.addEventListener("message", (event) => {
  const { keep: address, flush, version } = event.data || {};
  if (version) event.ports[0]?.postMessage("{{.Version}}");
  if (typeof address === "string" && new URL(address, location.href).origin === location.origin) { // a page has changed since it was fetched
    event.waitUntil(fetch(address, { headers: { Accept: "text/html" } }).then((answer) => keep(address, answer), () => {}));
  }
  if (flush) event.waitUntil(self.folkmootOutbox.flush().catch(() => {}));
});

self.addEventListener("sync", (event) => {
  if (event.tag !== "outbox") return;
  event.waitUntil(self.folkmootOutbox.flush().then((empty) => { if (!empty) throw new Error("some of it waits"); }));
});

// What the server sends: {"folkmoot":1,"title","body","path","tag","unread"}. Anything else isn't ours.
const read = (data) => {
  try {
    const said = data.json();
    const fine = said?.folkmoot === 1 && typeof said.title === "string" && /^\/[^/\\]/.test(said.path);
    return fine ? said : null;
  } catch {
    return null;
  }
};
const windows = () => self.clients.matchAll({ type: "window", includeUncontrolled: true });
const shows = (client, path) => new URL(client.url).pathname === new URL(path, location.href).pathname;

const badge = async (n) => { // what is unread, on the app's icon
  if (navigator.setAppBadge) await (n > 0 ? navigator.setAppBadge(n) : navigator.clearAppBadge()).catch(() => {});
};

self.addEventListener("push", (event) => event.waitUntil((async () => {
  const said = event.data && read(event.data);
  if (!said) return;
  if (Number.isInteger(said.unread)) await badge(said.unread);
  for (const client of await windows()) if (client.visibilityState === "visible" && shows(client, said.path)) return; // it is being read
  await self.registration.showNotification(said.title.slice(0, 200), {
    body: String(said.body || "").slice(0, 500), tag: String(said.tag || said.path), renotify: true, icon: "/icons/icon-192.png", badge: "/icons/badge-96.png",
    dir: "auto", data: { path: said.path, unread: said.unread },
  });
})()));

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { path = "/inbox", unread } = event.notification.data || {};
  event.waitUntil((async () => {
    if (Number.isInteger(unread)) await badge(unread - 1);
    const open = await windows();
    const best = open.find((client) => shows(client, path)) || open.find((client) => screens.test(new URL(client.url).pathname));
    if (best) {
      try {
        const there = await best.navigate(path);
        await (there || best).focus().catch(() => {}); // some browsers let only themselves
        return;
      } catch { /* not ours to steer: a window of its own */ }
    }
    await self.clients.openWindow(path);
  })());
});

// A browser may change its subscription: the server is told, so that it doesn't find out by a message that is lost.
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil((async () => {
  const { pushManager } = self.registration, key = "{{.PushKey}}";
  const now = event.newSubscription || await pushManager.getSubscription() || await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = now.toJSON();
  const answer = await fetch("/api/v1/push", {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ endpoint, keys, lang: navigator.language, instead: event.oldSubscription?.endpoint || "" }),
  });
  if (!answer.ok) throw new Error("push: " + answer.status);
})()));
