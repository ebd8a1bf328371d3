// What pages ask of other systems by calls.
import { comentario } from "./elements.mjs";
import { cusdis, commento, fill } from "./places.mjs";
import { change, darkness, doc, folkmoot, languageOf, leave, of, off, pageOf, sorts, stand, standing, themeOf } from "./stand.mjs";

const count = () => { folkmoot.also("counts"); };
const theme = (name) => { for (const thread of standing()) change(thread, { theme: themeOf(name) }); };
const destroy = () => { for (const thread of standing()) leave(thread); };
const elementOf = (e, usual) => typeof e === "string" ? doc.querySelector(e) : e || doc.querySelector(usual);

// Who listens to what happens, in another system's words.
const speaker = (names) => {
  const heard = [];
  return {
    hear: (name, detail) => { for (const one of [...heard]) if (!one.name || one.name === names[name]) one.f(...(one.name ? [detail] : [names[name], detail])); },
    on: (name, f) => { heard.push({ name, f }); },
    onAny: (f) => { heard.push({ f }); },
    off: (name, f) => { for (let i = heard.length; i--;) if (heard[i].name === name && heard[i].f === f) heard.splice(i, 1); },
  };
};

// init is Waline's, Artalk's and Twikoo's: they stand in whatever place the call says.
const init = (options = {}) => {
  const place = elementOf(options.el, "#waline,#artalk,#Comments,#twikoo,#tcomment");
  if (typeof options.comment === "string") { // a selector of counts
    for (const e of doc.querySelectorAll(options.comment)) Object.assign(e.dataset, { folkmootCount: "", pageUrl: e.dataset.path || e.dataset.pageKey || "" });
  }
  if (options.comment) count();
  if (!place) return undefined;
  // The call says where the conversation stands, and not its script's tag.
  for (const thread of doc.querySelectorAll("folkmoot-thread[made]")) if (!thread.again) leave(thread);
  const events = speaker({ ready: "list-loaded", comment: "comment-insert" });
  let now = options;
  const pathOf = ({ path, pageKey }) => /^(window\.)?location\.pathname$/.test(path) ? "" : path || pageKey;
  const thread = stand(place, {
    read: () => ({
      ...pageOf("", pathOf(now)), "page-title": now.pageTitle, lang: languageOf(now.lang || now.locale), theme: darkness(now.dark ?? now.darkMode),
      sort: sorts[now.commentSorting], "reactions-enabled": off(now.reaction ?? now.pageVote),
    }),
    hear: (name, detail) => {
      if (name === "ready") now.onCommentLoaded?.();
      events.hear(name, detail);
    },
  });
  const reload = () => {
    thread.again();
    thread.reload();
  };
  const marks = new MutationObserver(() => thread.again());
  if (typeof options.dark === "string") for (const e of [doc.documentElement, doc.body]) marks.observe(e, { attributes: true });
  return {
    el: place,
    // Waline's forgets the path that isn't said again.
    update: (more) => { now = { ...now, path: undefined, ...more }; reload(); },
    reload, destroy: () => {
      marks.disconnect();
      leave(thread);
    },
    setDarkMode: (dark) => { now = { ...now, dark }; thread.again(); },
    ...events, trigger() {}, getConf: () => now, getEl: () => place,
  };
};

// coral stands in its place when that comes near the screen, or when it is told to.
const coral = (options = {}) => {
  const events = speaker({ ready: "ready", comment: "createComment.success", reaction: "createCommentReaction.success" });
  options.events?.(events);
  let thread;
  const embed = {
    ...events, rendered: false,
    render: () => {
      embed.rendered = true;
      thread = stand(doc.getElementById(options.id || "coral_thread"), {
        read: () => ({ ...pageOf(options.storyURL, options.storyID), loading: options.autoRender && "lazy" }),
        hear: events.hear,
      });
    },
    remove: () => leave(thread), login() {}, logout() {},
  };
  if (options.autoRender !== false) embed.render();
  return embed;
};

const createInstance = (c) => {
  window.remark_config = { ...window.remark_config, ...c };
  if (c?.node && !c.node.id) c.node.id = "remark42";
  fill();
  return { changeTheme: theme, destroy };
};
const numbersOf = async ({ urls = [] }) => {
  const { numbers, page } = await import(folkmoot.home + "/embed-counts.mjs"), pages = [];
  for (const url of urls) pages.push(page("", url, true));
  const found = await numbers(pages);
  return urls.map((url, i) => ({ url, count: found.get(pages[i])?.comments || 0 }));
};
const widget = (more) => Object.assign((options) => init(options), { init, ...more });

export const calls = {
  DISQUS: { reset: ({ config } = {}) => { if (config) window.disqus_config = config; fill()?.reload(); } },
  DISQUSWIDGETS: { getCount: count },
  Isso: { init: fill, fetchComments: () => { fill()?.reload(); } },
  REMARK42: { changeTheme: theme, destroy, createInstance },
  CUSDIS: { initial: fill, renderTo: cusdis, setTheme: theme },
  CUSDIS_COUNT: { initial: count },
  commento: { main: fill, reInit: (more) => commento(doc.getElementById(of.idRoot || "commento"), more) },
  comentario: { main: () => { for (const e of doc.querySelectorAll("comentario-comments")) comentario(e); } },
  Waline: widget({ commentCount: (o) => { init({ ...o, el: null, comment: o?.selector || true }); }, pageviewCount() {}, RecentComments: async () => ({ comments: [], destroy() {} }), UserList: async () => ({ users: [], destroy() {} }) }),
  Artalk: widget({ use() {}, loadCountWidget: count }),
  twikoo: widget({ init: async (o) => init(o), getCommentsCount: numbersOf, getRecentComments: async () => [] }),
  Coral: { createStreamEmbed: coral },
  hyvorTalkCommentCounts: { load: count },
};
