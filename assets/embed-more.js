// What only some pages need of Folkmoot: counts, and standing in for another
// comment system, whose place, attributes and calls it understands. embed.js
// loads it where one of them is found.
(() => {
  "use strict";
  const doc = document, { folkmoot } = window, base = doc.baseURI;

  // Other systems call a page by an address, by a path or by an id.
  const named = (url, id, link) => {
    const given = {}, isPath = /^(\/|https?:)/.test(id);
    if (id && !isPath) given["page-id"] = id;
    url ||= isPath ? id : link;
    if (url) given["page-url"] = new URL(url, base).href;
    return given;
  };
  // Only its own origin may show a page: a published address in a preview is left out.
  const pageOf = (url, id) => {
    const { "page-url": page, ...given } = named(url, id);
    return page?.startsWith(location.origin + "/") ? { "page-url": page, ...given } : given;
  };
  const themeOf = (name) => (/dark/.test(name) ? "dark" : /light/.test(name) ? "light" : "auto");
  const sorts = { newest: "newest", oldest: "oldest", upvotes: "top", latest: "newest", hottest: "top", top: "top" };

  // COUNTS

  // What a count counts: a page, comments or reactions, and how it is said.
  const asked = (e) => {
    const d = e.dataset, attribute = (name) => e.getAttribute(name);
    switch (e.localName) {
      case "folkmoot-count":
        return { ...named(attribute("page-url")), "page-id": attribute("page-id"), kind: attribute("kind") };
      case "comentario-count":
        return { ...named("", attribute("path")), say: (n) => (n === 0 && attribute("zero-text")) || (attribute("prefix") || "") + n + (attribute("suffix") || "") };
      case "hyvor-talk-comment-count":
        return { ...named("", attribute("page-id")), say: attribute("mode") === "number" ? String : words };
    }
    if ("folkmootCount" in d) return { ...named(d.pageUrl || attribute("href")), "page-id": d.pageId, kind: d.folkmootCount };
    const link = attribute("href"), page = named(
      d.disqusUrl || d.url || d.coralUrl,
      d.disqusIdentifier || d.issoId || d.cusdisCountPageId || d.path || d.pageKey || d.pageId,
      link,
    );
    const numbers = !link && !d.disqusUrl && !d.disqusIdentifier && (!d.coralUrl || d.coralNotext === "true");
    return { ...page, say: numbers ? String : words };
  };
  // A text with a number in it, in whatever language, gets the new one.
  const words = (n, text) => (/\d+/.test(text) ? text.replace(/\d+/, n) : n + (n === 1 ? " Comment" : " Comments"));

  const addressOf = ({ "page-url": url, "page-id": id }) => {
    const page = url ? url.split("#")[0] : folkmoot.here();
    return id ? new URL(page).origin + "/#page-id=" + encodeURIComponent(id) : page;
  };
  const count = async () => {
    const byPage = new Map();
    for (const element of doc.querySelectorAll(folkmoot.counts)) {
      // What a link to comments holds besides words is not ours to replace.
      if (/#comments$/.test(element.getAttribute("href")) && element.childElementCount) continue;
      const ask = asked(element), page = addressOf(ask);
      if (!byPage.has(page)) byPage.set(page, []);
      byPage.get(page).push({ element, ...ask });
    }
    const pages = [...byPage.keys()];
    while (pages.length) { // as many as the server answers at once, in an address that proxies let pass
      const query = new URLSearchParams();
      for (let n = 0; n < 100 && pages.length && (n === 0 || `${query}`.length < 6000); n++) query.append("page", pages.shift());
      const answer = await fetch(folkmoot.home + "/api/v1/counts?" + query);
      if (!answer.ok) return; // the numbers stay as they are
      for (const counts of (await answer.json()).counts) {
        for (const { element, kind, say = String } of byPage.get(counts.page)) {
          element.textContent = say(kind === "reactions" ? counts.reactions : counts.comments, element.textContent);
        }
      }
    }
  };
  // Once for all that appear together.
  let due;
  const soon = () => {
    due ||= Promise.resolve().then(() => {
      due = null;
      return count();
    }).catch((e) => console.warn("folkmoot could not count:", e));
  };

  // PLACES

  // Each place of another system, and what its page says to it there: by
  // attributes of the place or of the script's tag, or by a global.
  let tag, of;
  const settings = {
    "#disqus_thread": () => {
      const c = { page: {} };
      window.disqus_config?.call(c);
      return {
        ...pageOf(c.page.url || window.disqus_url, c.page.identifier || window.disqus_identifier),
        "page-title": c.page.title || window.disqus_title, lang: c.language,
      };
    },
    "#isso-thread": ({ dataset: d }) => ({ ...pageOf("", d.issoId), "page-title": d.title, lang: of.issoLang, sort: sorts[of.issoSorting] }),
    "#remark42": () => {
      const c = window.remark_config || {};
      return { ...pageOf(c.url), "page-title": c.page_title, theme: c.theme && themeOf(c.theme), lang: c.locale };
    },
    "#cusdis_thread": ({ dataset: d }) => ({ ...pageOf(d.pageUrl, d.pageId), "page-title": d.pageTitle, theme: d.theme && themeOf(d.theme) }),
    "#commento": () => pageOf("", of.pageId),
    "comentario-comments": (e) => ({
      ...pageOf("", e.getAttribute("page-id")), lang: e.getAttribute("lang"), live: e.getAttribute("live-update") === "false" && "0",
      theme: e.getAttribute("theme") && themeOf(e.getAttribute("theme")),
    }),
    ".giscus": () => ({
      "page-id": /^(specific|number)$/.test(of.mapping) && of.term, theme: of.theme && themeOf(of.theme), lang: of.lang, loading: of.loading,
      "reactions-enabled": of.reactionsEnabled, "input-position": of.inputPosition,
    }),
    ".utterances": () => {
      const term = tag.getAttribute("issue-term"), theme = tag.getAttribute("theme");
      return { "page-id": !/^(pathname|url|title|og:title)$/.test(term) && term, theme: theme && themeOf(theme) };
    },
    "#waline": () => {
      const { path, lang, dark, reaction, commentSorting } = folkmoot.given || {};
      return {
        ...pageOf("", path), lang, "reactions-enabled": reaction === false && "0", sort: sorts[commentSorting],
        theme: dark === true ? "dark" : /[[.]/.test(dark) ? "host" : "auto",
      };
    },
    "#coral_thread": () => pageOf(folkmoot.given?.storyURL, folkmoot.given?.storyID),
    "hyvor-talk-comments": (e) => ({
      ...pageOf(e.getAttribute("page-url"), e.getAttribute("page-id")), "page-title": e.getAttribute("page-title"),
      lang: e.getAttribute("page-language"), loading: e.getAttribute("loading"), theme: themeOf(e.getAttribute("colors")),
    }),
  };

  const dress = (thread, given) => {
    for (const name in given) {
      if (given[name]) thread.setAttribute(name, given[name]); else thread.removeAttribute(name);
    }
  };
  const stand = (selector, place) => {
    if (place) place.style.display = "block";
    folkmoot.put(tag, place, (thread) => {
      thread.again = () => dress(thread, settings[selector](place));
      thread.again();
      const watch = new MutationObserver(thread.again);
      for (const e of [tag, place]) if (e) watch.observe(e, { attributes: true });
    });
  };
  // fill puts a widget into the first place that there is, unless it has one.
  const fill = () => {
    for (const selector in settings) {
      const place = doc.querySelector(selector);
      if (!place) continue;
      const thread = place.querySelector("folkmoot-thread");
      if (thread?.again) thread.again(); else stand(selector, place);
      return;
    }
    // Two systems stand where their script's tag does.
    if (of.repo && tag.isConnected) stand(".giscus");
    else if (tag.hasAttribute("repo")) stand(".utterances");
  };
  const theme = (name) => {
    for (const thread of doc.querySelectorAll("folkmoot-thread[made]")) thread.setAttribute("theme", themeOf(name));
  };
  const empty = () => {
    for (const thread of doc.querySelectorAll("folkmoot-thread[made]")) thread.remove();
  };

  // The calls that pages make later, where nobody else answers them.
  const calls = {
    "#disqus_thread": { DISQUS: { reset: ({ config } = {}) => { if (config) window.disqus_config = config; fill(); } } },
    "#isso-thread": { Isso: { init: fill, fetchComments: fill } },
    "#remark42": { REMARK42: { changeTheme: theme, destroy: empty, createInstance: (c) => { window.remark_config = { ...window.remark_config, ...c }; fill(); } } },
    "#cusdis_thread": { CUSDIS: { initial: fill, renderTo: fill, setTheme: theme } },
    "#commento": { commento: { main: fill } },
    "comentario-comments": { comentario: { main: fill } },
  };

  folkmoot.more = () => {
    if (doc.querySelector(folkmoot.counts)) soon();
    if (!folkmoot.tag || folkmoot.tag === tag) return;
    tag = folkmoot.tag;
    of = tag.dataset;
    for (const selector in calls) {
      if (!doc.querySelector(selector)) continue;
      for (const name in calls[selector]) window[name] ??= calls[selector][name];
    }
    const later = of.autoInit === "false" || doc.querySelector("comentario-comments[auto-init=false], hyvor-talk-comments[loading=manual]");
    if (!later) fill();
    if (doc.querySelector("#remark42")) window.dispatchEvent(new Event("REMARK42::ready"));
  };
  customElements.define("folkmoot-count", class extends HTMLElement {
    static observedAttributes = ["page-url", "page-id", "kind"];
    connectedCallback() { soon(); }
    attributeChangedCallback() { if (this.isConnected) soon(); }
  });
  folkmoot.more();
})();
