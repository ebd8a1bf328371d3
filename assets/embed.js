// Folkmoot on a page: its elements, and a widget where this script's tag stands.
// docs/embedding.md says what each attribute does. What only some pages need is
// in embed-counts.mjs and embed-more.mjs. Nothing here uses a method of arrays:
// pages replace them.
(() => {
  const doc = document, root = doc.documentElement;
  // A module isn't told where it stands, and what is imported stands nowhere.
  let script = doc.currentScript;
  if (!script) {
    const [src] = /http.*?(?=:\d+:\d)/.exec(Error().stack) || [];
    for (const tag of doc.scripts) if (tag.src === src) script = tag;
    script ||= Object.assign(doc.createElement("script"), { src });
  }
  // Loaded again, by another tag: for another widget.
  if (window.folkmoot?.mount) return folkmoot.mount(script);
  const home = new URL(script.src).origin;

  // Attributes of an element. The server calls page-url page, page-id id and the
  // others by their first word.
  const parameters = ["page-url", "page-id", "page-title", "site-id", "topics", "lang", "sort", "live", "reactions-enabled", "comments-enabled", "input-position"];

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
    for (const name of parameters) {
      const value = of.getAttribute(name);
      if (value) query.set(name.replace(/page-(?=[it])|-.*/g, ""), name === "page-url" ? new URL(value, doc.baseURI) : value);
    }
    const at = stands();
    if (query.get("page") !== at) query.set("at", at); // it may have been named so before
    if (of.localName === "folkmoot-reactions") query.set("comments", 0);
    return home + "/embed?" + query;
  };

  // Which theme the page itself shows, where e stands: by a mark on <html> or
  // <body>, else by its color scheme, else by how bright its words are.
  const worn = (e) => {
    for (const marked of [root, doc.body]) {
      for (const { name, value } of marked.attributes) {
        const [, found] = /(?:^|[-_\s])(dark|light)(?![a-z])/.exec(/class|theme|mode|scheme/.test(name) && value) || "";
        if (found) return found;
      }
    }
    const { colorScheme, color } = getComputedStyle(e);
    if (colorScheme !== "normal") return / /.test(colorScheme) ? "auto" : colorScheme;
    const [, green] = /, (\d+)/.exec(color) || "";
    return green > 127 ? "dark" : "light";
  };

  // A file, a sandbox and a page within another's belong to no origin that may frame anything.
  const alone = () => {
    for (const above of location.ancestorOrigins || "") if (above !== origin) return true;
    return !/^http/.test(location) || origin === "null";
  };

  // Whatever the page's style sheets do to frames, this one stays as it is.
  const style = (frame, name, value) => frame.style.setProperty(name, value, "important");

  class Thread extends HTMLElement {
    static observedAttributes = ["theme", ...parameters];
    // Ends all that this element listens to, while it is in the page.
    #end;
    #marks = new MutationObserver(() => this.#wear());
    #near;
    #frame;
    #window;
    // The address that the frame shows, but for its theme.
    #at;
    #ready;
    // The theme that the frame began with.
    #worn;
    #late;
    // Where one that stands in the page should stand.
    #goal;
    #returned = 0;

    connectedCallback() {
      const { signal } = this.#end = new AbortController(), on = (event, f) => addEventListener(event, f, { signal });
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
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#wear(), { signal });
      for (const e of [root, doc.body]) this.#marks.observe(e, { attributes: true });
      this.style.display = "block";
      this.reload();
    }

    // Moved by moveBefore, the frame stays as it is.
    connectedMoveCallback() {}

    disconnectedCallback() {
      this.#end.abort();
      this.#marks.disconnect();
      this.#drop();
      // Frameworks remove what they don't know, and leave the tag that it belongs to.
      setTimeout(() => {
        if (!this.isConnected && this.tag?.isConnected && this.#returned++ < 3) this.tag.before(this);
      });
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
      if (alone()) {
        const link = doc.createElement("a");
        Object.assign(link, { href: at, target: "_blank", textContent: "Read and join the conversation" });
        return this.replaceChildren(link);
      }
      // One that stands in the page began to load with it.
      const given = this.querySelector(`iframe[src^="${home}/embed?"]`);
      const frame = this.#frame = given || doc.createElement("iframe"), lazy = !given && this.getAttribute("loading") === "lazy";
      this.#worn = !given && theme; // one that stands there has begun as it likes
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
      frame.title = "Conversation";
      // The referrer tells Folkmoot which origin shows it.
      frame.referrerPolicy = "strict-origin-when-cross-origin";
      frame.style.cssText = "all:initial!important;display:block!important;width:100%!important";
      style(frame, "color-scheme", /^(dark|light)$/.test(theme) ? theme : "light dark");
      this.#goal = given && location.hash;
      if (given) given.contentWindow.postMessage({ folkmoot: { hello: 1 } }, "*");
      else {
        if (!lazy) load();
        this.replaceChildren(frame);
      }
      this.#window = frame.contentWindow;
      this.framed?.(frame);
      // Room for an empty thread, as style.css has it.
      const narrow = frame.clientWidth < 480;
      const bar = /comments=[0f]/.test(at), { top } = frame.getBoundingClientRect();
      // What follows a conversation on the first screen begins below that screen: nobody sees it move.
      const room = bar || top < 0 ? 0 : innerHeight - top;
      style(frame, "height", Math.max(bar ? narrow ? 174 : 116 : narrow ? 520 : 400, room) + "px");
      if (!lazy) return;
      this.#near = new IntersectionObserver((seen) => {
        if (!seen[seen.length - 1].isIntersecting) return;
        this.#near.disconnect();
        load();
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
      const theme = this.getAttribute("theme") || "host";
      return theme === "host" ? worn(this) : /[/.]/.test(theme) ? new URL(theme, doc.baseURI).href : theme;
    }

    // A frame that isn't ready hears it when it is.
    #wear() { this.#tell({ theme: this.#theme() }); }

    #tell(what) {
      if (this.#ready) this.#window.postMessage({ folkmoot: what }, home);
    }

    #hear({ source, origin: from, data }) {
      const said = data?.folkmoot || {}, frame = this.#frame;
      // From the page to its widgets.
      if (source === window && from === origin) {
        const theme = said.theme || data?.giscus?.setConfig?.theme;
        if (theme) this.setAttribute("theme", theme);
      }
      if (!frame || source !== this.#window || from !== home) return;
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
    // A page's copy of itself may have one there.
    const before = place || tag.previousElementSibling;
    const thread = before?.matches("folkmoot-thread[made]") ? before : doc.createElement("folkmoot-thread");
    thread.setAttribute("made", "");
    thread.by = tag;
    dress(thread);
    if (place) place.replaceChildren(thread);
    else {
      thread.tag = tag;
      if (!thread.isConnected) tag.before(thread);
      // It may have reserved the room.
      tag.style.display = "none";
    }
    return thread;
  };
  // own makes one that follows its tag's data- attributes.
  const own = (tag) => put(tag, null, (thread) => {
    const copy = (name) => {
      if (/^data-/.test(name)) thread.setAttribute(name.slice(5), tag.getAttribute(name) || "");
    };
    for (const { name } of tag.attributes) copy(name);
    new MutationObserver((changes) => { for (const { attributeName } of changes) copy(attributeName); }).observe(tag, { attributes: true });
  });

  // also does what only some pages need: counts, and the places of other systems.
  // Who asks together goes on together. Trusted Types let an import pass.
  const files = {}, also = async (what) => (await (files[what] ||= import(`${home}/embed-${what}.mjs`))).default();
  const counts = "folkmoot-count,comentario-count,hyvor-talk-comment-count,[data-folkmoot-count],[class*=comment-count],[data-cusdis-count-page-id],.coral-count,.remark42__counter,[href$=thread],[href$='#commento'],[href$=comments]:not([href^='#'])";
  const places = "#disqus_thread,#isso-thread,#remark42,#cusdis_thread,#commento,comentario-comments,.giscus,.utterances,#waline,#coral_thread,#discourse-comments,hyvor-talk-comments";

  // Pages ask other systems by calls, some as soon as the script is there. A stand-in
  // takes down what is asked, of it or of an earlier answer, for embed-more.mjs.
  const asked = [];
  const standIn = (...path) => {
    const ask = function (_, given) { // one that takes new
      const n = asked.length;
      asked[n] = { path, given };
      also("more");
      return standIn(n);
    };
    return new Proxy(ask, { get: (_, name) => standIn(...path, name), apply: (_, self, given) => ask(0, given), construct: ask });
  };
  const mount = (tag) => {
    const { siteId, pageUrl } = tag.dataset, plain = siteId || pageUrl;
    const theirs = tag.matches("[data-isso],[data-repo],[repo],[data-id-root],#dsq-count-scr") || window.remark_config;
    const head = !doc.body?.contains(tag), early = head || theirs || tag.onload || tag.src !== home + "/embed.js";
    // An element's id is a global, too.
    if ((early || !tag.async) && !plain) for (const name of ["Waline", "Artalk", "twikoo", "Coral"]) if (window[name]?.nodeType ?? !window[name]) window[name] = standIn(name);
    const begin = () => {
      if (find(counts)) also("counts");
      if (/\w\/[^?]*(count|last-)/.test(tag.src) || find("folkmoot-thread:not([made]),folkmoot-reactions")) return;
      // In the head it stands for what is, or comes, elsewhere.
      if (!plain && (head || theirs || find(places))) {
        folkmoot.tag = tag;
        also("more");
      } else if (!head && !asked[0]) own(tag);
    };
    // What stands further down may say more than what was read yet.
    if (doc.readyState === "loading" && !find(places) && early) doc.addEventListener("DOMContentLoaded", begin);
    else begin();
  };
  window.folkmoot = {
    home, here, put, mount, also, asked,
    reload() {
      for (const e of doc.querySelectorAll("folkmoot-thread,folkmoot-reactions")) e.reload();
      if (find(counts)) also("counts");
    },
  };
  customElements.define("folkmoot-thread", Thread);
  customElements.define("folkmoot-reactions", class extends Thread {});
  customElements.define("folkmoot-count", class extends HTMLElement {
    connectedCallback() { also("counts"); }
  });
  mount(script);
})();
