// Systems that are an element.
import { giscus } from "./giscus.mjs";
import { languageOf, off, pageOf, sorts, stand, themeOf } from "./stand.mjs";

const parse = (text) => { try { return JSON.parse(text) || {}; } catch { return {}; } };

const comentario = (e) => stand(e, {
  read: () => ({
    ...pageOf("", e.getAttribute("page-id")), lang: languageOf(e.getAttribute("lang")), theme: themeOf(e.getAttribute("theme")),
    live: e.getAttribute("live-update") === "false" && "0",
  }),
});
const hyvor = (e) => {
  const say = (name, detail) => e.dispatchEvent(new CustomEvent(name, { detail }));
  return stand(e, {
    read: () => {
      const settings = parse(e.getAttribute("settings"));
      return {
        ...pageOf(e.getAttribute("page-url"), e.getAttribute("page-id")), "page-title": e.getAttribute("page-title"),
        lang: languageOf(e.getAttribute("page-language")), theme: themeOf(e.getAttribute("colors")), loading: e.getAttribute("loading") === "lazy" && "lazy",
        sort: sorts[settings.comments_view?.default_sort], live: off(settings.realtime?.on), "reactions-enabled": settings.top_widget === "none" && "0",
      };
    },
    hear: (name, detail) => {
      if (name === "ready") say("loaded", null);
      if (name === "comment") say("comment:published", detail);
      if (name === "reaction") say("reaction", { type: detail.mine[0] });
    },
  });
};
const widget = (e) => {
  const said = (name) => e.getAttribute(name) ?? undefined;
  return giscus(e, () => ({
    mapping: said("mapping"), term: said("term"), theme: said("theme"), lang: said("lang"), loading: said("loading"),
    reactionsEnabled: said("reactionsenabled"), inputPosition: said("inputposition"), emitMetadata: said("emitmetadata"),
  }));
};

// define makes an element that shows itself, unless its page says that it waits
// for a call.
const define = (name, show, waits, calls) => {
  if (customElements.get(name)) return;
  customElements.define(name, class extends HTMLElement {
    constructor() {
      super();
      Object.assign(this, calls(this));
    }
    connectedCallback() { if (!this.matches(waits)) show(this); }
  });
};
define("comentario-comments", comentario, "[auto-init=false]", (e) => ({ main: async () => { comentario(e); }, nonInteractiveSsoLogin: async () => {} }));
define("hyvor-talk-comments", hyvor, "[loading=manual]", (e) => ({
  load: () => { hyvor(e); },
  api: { reload: () => { hyvor(e).reload(); }, auth: { login() {}, logout() {} } },
}));
define("giscus-widget", widget, "[no]", () => ({}));

export { comentario };
