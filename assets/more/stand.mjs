// A widget where another system's would stand, and what other systems' words mean.

export const doc = document, { folkmoot } = window;

// The script's tag that asked for all this, if one did, and what its attributes say.
export let tag, of = {};
export const begin = (by) => {
  tag = by;
  of = by.dataset;
};

// An id that begins with a slash or is an address names the page of that address.
// Only its own origin may show a page: a published address in a preview is left out.
export const pageOf = (url, id) => {
  const isPath = /^(\/|https?:)/.test(id), said = { "page-id": isPath ? "" : id, "page-url": "" };
  if (!isPath && !url) return said;
  const page = isPath ? new URL(id, location) : new URL(url, doc.baseURI);
  if (page.origin === location.origin) said["page-url"] = page.href;
  return said;
};

export const themeOf = (name) => {
  if (!name || /^https?:|^\/|\.css$/.test(name)) return name;
  if (/dark|cobalt|gray|frappe|macchiato|mocha/.test(name)) return "dark";
  return /light|latte/.test(name) ? "light" : "auto";
};
// Others ask for darkness by true, false, "auto" or a selector of the page's mark for it.
export const darkness = (dark) => ({ undefined: "", true: "dark", false: "light", auto: "auto" })[dark] ?? (doc.querySelector(dark) ? "dark" : "light");
export const languageOf = (name) => {
  const odd = { bp: "pt-BR", ua: "uk", jp: "ja", gr: "el" };
  return odd[name] || (typeof name === "string" && name !== "auto" && name.replace("_", "-"));
};
export const sorts = { newest: "newest", oldest: "oldest", upvotes: "top", latest: "newest", hottest: "top", top: "top" };
export const off = (value) => value === false && "0";

// dress changes what has changed: some pages say the same at every message that they hear.
const dress = (thread, said) => {
  for (const name of Object.keys(said)) { // pages add to what all objects have
    const value = said[name] ? String(said[name]) : null;
    if (thread.getAttribute(name) === value) continue;
    if (value) thread.setAttribute(name, value); else thread.removeAttribute(name);
  }
};

// change is what a call says of a widget, over what its page says.
export const change = (thread, said) => {
  Object.assign(thread.changed, said);
  thread.again();
};

export const leave = (thread) => {
  thread.tag = null; // else it returns
  thread.remove();
};

// filled are the places that have, or had, a widget.
export const filled = new WeakSet();

// standing are the widgets that stand for others.
export const standing = () => [...doc.querySelectorAll("folkmoot-thread[made]")].filter((thread) => thread.again);

// stand puts a widget into a place, or else where the tag stands, unless there is
// one, and keeps it as read says. It is told to hear what happens, and framed the
// frame that it gets.
export const stand = (place, { read, hear, framed }) => {
  let thread = place?.matches("folkmoot-thread") ? place : place?.querySelector("folkmoot-thread");
  if (!thread?.again) {
    if (place && !place.hidden) place.style.display = "block";
    if (place) filled.add(place);
    folkmoot.put(tag, place, (made) => {
      thread = made;
      thread.changed = {};
      thread.again = () => dress(thread, { ...thread.read(), ...thread.changed });
      thread.framed = framed;
      thread.read = read;
      thread.again();
      if (place) thread.by = null; // what happens is said in the place
      const watch = new MutationObserver(thread.again);
      for (const e of [tag, place]) if (e) watch.observe(e, { attributes: true });
      for (const name of ["ready", "comment", "reaction", "count"]) {
        (place || tag).addEventListener("folkmoot:" + name, ({ detail }) => { if (thread.isConnected) thread.hear?.(name, detail); });
      }
    });
  }
  thread.read = read;
  thread.hear = hear;
  thread.again();
  return thread;
};
