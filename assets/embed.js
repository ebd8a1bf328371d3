// Folkmoot on a page: its elements, and a widget where this script's tag stands.
// docs/embedding.md says what each attribute does. What only some pages need is
// in embed-more.js. Nothing here uses a method of arrays: pages replace them.
(() => {
  "use strict";
  const doc = document, root = doc.documentElement;
  // A module isn't told where it stands.
  const script = doc.currentScript || doc.querySelector("script[type=module][src*='/embed.js']");
  if (!script) return;
  // Loaded again, by another tag: for another widget.
  if (window.folkmoot?.mount) return folkmoot.mount(script);
  const home = new URL(script.src).origin;

  // Attributes of an element, and what the server calls them.
  const parameters = {
    "page-url": "page", "page-title": "title", topics: "topics", "page-id": "id", "site-id": "site", lang: "lang", sort: "sort",
    "reactions-enabled": "reactions", "comments-enabled": "comments", "input-position": "input", live: "live",
  };

  const find = (selector) => doc.querySelector(selector);
  const meta = (selector) => find(selector)?.content || "";
  // The canonical link names the page, unless it names another site's: then this
  // is a copy, which may not show, or write to, the original's conversation.
  const here = () => {
    const canonical = find("link[rel=canonical]")?.href || "";
    return (canonical + "/").startsWith(location.origin + "/") ? canonical : stands();
  };
  const stands = () => location.href.split("#")[0];
  const address = (of) => {
    let topics = "";
    for (const { content } of doc.querySelectorAll("meta[property='article:tag']")) topics += content + ",";
    const query = new URLSearchParams({
      page: here(),
      title: meta("meta[property='og:title']") || doc.title,
      topics: topics || meta("meta[name=keywords]"),
      lang: root.lang,
    });
    for (const name in parameters) {
      const value = of.getAttribute(name);
      if (value) query.set(parameters[name], name === "page-url" ? new URL(value, doc.baseURI) : value);
    }
    if (query.get("page") !== stands()) query.set("at", stands()); // it may have been named so before
    if (of.localName === "folkmoot-reactions") query.set("comments", 0);
    return home + "/embed?" + query;
  };

  // Which theme the page itself shows: by a mark on <html> or <body>, else by its color scheme.
  const marks = ["data-theme", "data-bs-theme", "data-color-scheme", "class", "style"];
  const worn = () => {
    for (const e of [root, doc.body]) {
      for (const mark of marks) {
        const found = /(?:^|[-_\s])(dark|light)(?![a-z])/.exec(e?.getAttribute(mark));
        if (found && mark !== "style") return found[1];
      }
    }
    const scheme = getComputedStyle(root).colorScheme;
    return scheme === "normal" ? "light" : / /.test(scheme) ? "auto" : scheme;
  };

  // A file, a sandbox and a page within another's belong to no origin that may frame anything.
  const alone = () => {
    for (const above of location.ancestorOrigins || "") if (above !== origin) return true;
    return !/^http/.test(location.protocol) || origin === "null";
  };

  // Whatever the page's style sheets do to frames, this one stays as it is.
  const style = (frame, name, value) => frame.style.setProperty(name, value, "important");

  class Thread extends HTMLElement {
    static observedAttributes = ["theme", ...Object.keys(parameters)];
    // Ends all that this element listens to, while it is in the page.
    #end;
    #marks = new MutationObserver(() => this.#wear());
    #near;
    #frame;
    // The address that the frame shows, but for its theme.
    #at;
    #ready;
    // The theme that the frame began with.
    #worn;
    #late;
    // Where one that stands in the page should stand.
    #goal;

    connectedCallback() {
      this.#end = new AbortController();
      const on = (event, f) => addEventListener(event, f, { signal: this.#end.signal, passive: true });
      // The frame is as tall as its content: it can't know which part of it is on screen.
      let due;
      const show = (hash) => {
        due = 0;
        const top = -this.getBoundingClientRect().top;
        this.#tell({ hash, view: { top, bottom: innerHeight + top } });
      };
      const tell = () => due ||= requestAnimationFrame(() => show());
      on("scroll", tell);
      on("resize", tell);
      on("hashchange", () => show(location.hash));
      on("message", (e) => {
        this.#hear(e);
        tell();
      });
      for (const e of [root, doc.body]) this.#marks.observe(e, { attributeFilter: marks });
      this.style.display = "block";
      this.reload();
    }

    // Moved by moveBefore, the frame stays as it is.
    connectedMoveCallback() {}

    disconnectedCallback() {
      this.#end.abort();
      this.#marks.disconnect();
      this.#drop();
    }

    attributeChangedCallback(name) {
      if (name === "theme") this.#wear();
      // Once, after all that change together.
      else queueMicrotask(() => this.reload());
    }

    // reload shows the conversation of the page as it now is; the same one stays as it stands.
    reload() {
      const at = address(this), theme = this.#theme();
      if (!this.isConnected || at === this.#at) return;
      this.#drop();
      this.#at = at;
      this.#worn = theme;
      if (alone()) {
        const link = doc.createElement("a");
        Object.assign(link, { href: at, target: "_blank", textContent: "Read and join the conversation" });
        this.replaceChildren(link);
        return;
      }
      // One that stands in the page began to load with it.
      const given = this.querySelector(`iframe[src^="${home}/embed?"]`);
      const frame = this.#frame = given || doc.createElement("iframe"), lazy = !given && this.getAttribute("loading") === "lazy";
      const load = () => {
        // A comment's own address: the page that has it. A fragment would have the browser scroll this page, too, whenever it likes.
        const [, id] = /^#comment-(\w+)$/.exec(location.hash) || [];
        frame.src = at + "&theme=" + encodeURIComponent(theme) + (id ? "&around=" + id : "");
        // It says that it is ready before it has loaded, but may be heard later.
        frame.onload = () => {
          clearTimeout(this.#late);
          this.#late = setTimeout(() => this.#ready || this.#say("error", { code: "unavailable" }), 2000);
        };
      };
      // The referrer tells Folkmoot which origin shows it.
      Object.assign(frame, { title: "Reactions and comments", referrerPolicy: "strict-origin-when-cross-origin" });
      frame.style.cssText = "all:initial!important;display:block!important;width:100%!important";
      style(frame, "color-scheme", /^(dark|light)$/.test(theme) ? theme : "light dark");
      this.#goal = given && location.hash;
      if (given) given.contentWindow.postMessage({ folkmoot: { hello: 1 } }, "*");
      else {
        if (!lazy) load();
        this.replaceChildren(frame);
      }
      // Room for an empty thread, as style.css has it.
      const narrow = frame.clientWidth < 480;
      const bar = /comments=[0f]/.test(at), { top } = frame.getBoundingClientRect();
      // What follows a conversation on the first screen begins below that screen: nobody sees it move.
      const room = bar || top < 0 ? 0 : innerHeight - top;
      style(frame, "height", Math.max(bar ? narrow ? 174 : 116 : narrow ? 520 : 400, room) + "px");
      if (!lazy) return;
      this.#near = new IntersectionObserver((seen) => {
        for (const one of seen) if (one.isIntersecting) {
          this.#near.disconnect();
          load();
        }
      }, { rootMargin: "800px" });
      this.#near.observe(frame);
    }

    #drop() {
      clearTimeout(this.#late);
      this.#near?.disconnect();
      this.#frame?.remove();
      this.#frame = this.#at = this.#ready = null;
    }

    #theme() {
      const theme = this.getAttribute("theme") || "auto";
      return theme === "host" ? worn() : /[/.]/.test(theme) ? new URL(theme, doc.baseURI).href : theme;
    }

    // A frame that isn't ready hears it when it is.
    #wear() { this.#tell({ theme: this.#theme() }); }

    #tell(what) {
      if (this.#ready) this.#frame.contentWindow.postMessage({ folkmoot: what }, home);
    }

    #hear({ source, origin: from, data }) {
      const said = data?.folkmoot || {}, frame = this.#frame;
      // From the page to its widgets.
      if (source === window && from === origin) {
        const theme = said.theme || data?.giscus?.setConfig?.theme;
        if (theme) this.setAttribute("theme", theme);
      }
      if (!frame || source !== frame.contentWindow || from !== home) return;
      const { height, scroll, by, scheme, event, title } = said;
      // Until all of it is there, it only grows.
      if (height > (this.#ready ? 0 : frame.clientHeight)) {
        style(frame, "height", height + "px");
        this.#say("resize", { height });
      }
      if (scroll >= 0) scrollTo({ top: this.getBoundingClientRect().top + scrollY + scroll - innerHeight / 4 });
      if (by) scrollBy({ top: by, behavior: "instant" });
      if (scheme) style(frame, "color-scheme", scheme);
      if (title) frame.title = title;
      if (event === "ready") {
        this.#ready = true;
        // Unless it has: the page may have told the frame itself another.
        if (this.#theme() !== this.#worn) this.#wear();
        this.#tell({ hash: this.#goal });
        this.#goal = 0;
      }
      if (event) this.#say(event, said.detail);
    }

    // Said at the tag that the page's author wrote.
    #say(name, detail) {
      (this.by?.isConnected ? this.by : this).dispatchEvent(new CustomEvent("folkmoot:" + name, { bubbles: true, composed: true, detail }));
    }
  }

  // put makes a widget in a place, or before the tag that asks for one.
  const put = (tag, place, dress) => {
    const thread = doc.createElement("folkmoot-thread");
    thread.by = tag;
    thread.setAttribute("made", "");
    dress(thread);
    if (place) place.replaceChildren(thread);
    else {
      tag.before(thread);
      // It may have reserved the room.
      tag.style.display = "none";
    }
  };
  // own makes one that follows its tag's data- attributes.
  const own = (tag) => put(tag, null, (thread) => {
    const copy = ({ name }) => {
      const value = tag.getAttribute(name);
      if (!/^data-/.test(name)) return;
      if (value === null) thread.removeAttribute(name.slice(5));
      else thread.setAttribute(name.slice(5), value);
    };
    for (const attribute of tag.attributes) copy(attribute);
    new MutationObserver((changes) => { for (const c of changes) copy({ name: c.attributeName }); }).observe(tag, { attributes: true });
  });

  // more loads what only some pages need: counts, and the places of other systems.
  let file;
  const more = () => {
    if (file) return folkmoot.more?.();
    file = import(home + "/embed-more.js"); // Trusted Types let it pass
  };
  const counts = "folkmoot-count,comentario-count,hyvor-talk-comment-count,[data-folkmoot-count],[data-disqus-identifier],.disqus-comment-count,[data-cusdis-count-page-id],.cusdis-count,.waline-comment-count,.artalk-comment-count,.coral-count,.remark42__counter,[href$='#disqus_thread'],[href$='#isso-thread'],[href$='#comments']:not([href^='#'])";
  const places = "#disqus_thread,#isso-thread,#remark42,#cusdis_thread,#commento,comentario-comments,.giscus,.utterances,#waline,#coral_thread,hyvor-talk-comments";
  const mount = (tag) => {
    const { siteId, pageUrl } = tag.dataset;
    const theirs = tag.matches("[data-isso],[data-repo],[repo],[data-app-id],[data-auto-init],[data-css-override],#dsq-count-scr");
    const head = tag.parentNode === doc.head;
    const begin = () => {
      if (find(counts)) more();
      if (/\/count\.js/.test(tag.src) || find("folkmoot-thread:not([made]),folkmoot-reactions")) return;
      if (!siteId && !pageUrl && (theirs || find(places))) {
        folkmoot.tag = tag;
        more();
      } else if (!head) own(tag);
    };
    // What stands further down may say more than what was read yet.
    if (doc.readyState === "loading" && !find(places) && (head || theirs)) doc.addEventListener("DOMContentLoaded", begin);
    else begin();
  };
  window.folkmoot = {
    home, here, counts, places, put, mount,
    reload() {
      for (const e of doc.querySelectorAll("folkmoot-thread,folkmoot-reactions")) e.reload();
      if (find(counts)) more();
    },
  };
  // Two systems are asked by a call as soon as their script is there.
  const ask = (given) => { folkmoot.given = given; };
  if (find("#coral_thread")) window.Coral = { createStreamEmbed: ask };
  if (find("#waline")) window.Waline = { init: ask };
  customElements.define("folkmoot-thread", Thread);
  customElements.define("folkmoot-reactions", class extends Thread {});
  mount(script);
})();
