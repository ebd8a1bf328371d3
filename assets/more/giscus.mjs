// giscus and utterances, whose widgets stand where their script's tag does.
import { change, doc, languageOf, stand, tag, themeOf } from "./stand.mjs";

// What a page is called by: a title is one that several pages may have.
const termOf = (mapping) => {
  if (mapping === "title") return doc.title;
  if (mapping === "og:title") return doc.querySelector("meta[property='og:title']")?.content;
  return "";
};

// Pages send messages to the frame that they know, for an origin that it isn't of.
const listens = (name, hear) => (frame) => {
  frame.classList.add(name + "-frame");
  Object.defineProperty(frame, "contentWindow", { value: { postMessage: hear } });
};

export const giscus = (place, asked) => {
  const thread = stand(place, {
    read: () => {
      const d = asked();
      return {
        "page-id": /^(specific|number)$/.test(d.mapping) ? d.term : termOf(d.mapping),
        theme: themeOf(d.theme), lang: languageOf(d.lang), loading: d.loading,
        "reactions-enabled": d.reactionsEnabled, "input-position": d.inputPosition || "bottom",
      };
    },
    hear: (name, detail) => {
      if (name !== "count" || asked().emitMetadata !== "1") return;
      const discussion = { totalCommentCount: detail.comments, totalReplyCount: 0, reactionCount: detail.reactions, locked: false };
      window.dispatchEvent(new MessageEvent("message", { origin: "https://giscus.app", data: { giscus: { discussion, viewer: null } } }));
    },
    framed: listens("giscus", (message) => {
      const c = message?.giscus?.setConfig || {}, said = {};
      if (c.theme) said.theme = themeOf(c.theme);
      if (c.term || c.number) said["page-id"] = String(c.term || c.number);
      if ("reactionsEnabled" in c) said["reactions-enabled"] = c.reactionsEnabled ? "1" : "0";
      if (c.inputPosition) said["input-position"] = c.inputPosition;
      if (c.lang) said.lang = languageOf(c.lang);
      change(thread, said);
    }),
  });
  thread.classList.add("giscus");
  return thread;
};

export const utterances = (place) => {
  const said = (name) => tag.getAttribute(name);
  const thread = stand(place, {
    read: () => {
      const term = said("issue-term"), id = /^(pathname|url|title|og:title)$/.test(term) ? termOf(term) : term;
      return { "page-id": said("issue-number") || id, theme: themeOf(said("theme")), loading: "lazy" };
    },
    framed: listens("utterances", (message) => {
      if (message?.type === "set-theme") change(thread, { theme: themeOf(message.theme) });
    }),
  });
  thread.classList.add("utterances");
  return thread;
};
