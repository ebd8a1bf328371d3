// Systems whose page has a place for them.
import { giscus, utterances } from "./giscus.mjs";
import { doc, filled, languageOf, of, pageOf, sorts, stand, tag, themeOf } from "./stand.mjs";

const disqus = (place) => {
  let callbacks = {};
  const known = {}; // a change of a comment is told, too
  const tell = (name, detail) => { for (const f of callbacks[name] || []) f?.(detail); };
  return stand(place, {
    read: () => {
      const c = { page: {}, callbacks: {} };
      try { window.disqus_config?.call(c); } catch (e) { console.error(e); }
      callbacks = c.callbacks || {};
      return {
        ...pageOf(c.page.url || window.disqus_url, c.page.identifier || window.disqus_identifier),
        "page-title": c.page.title || window.disqus_title, lang: languageOf(c.language),
      };
    },
    hear: (name, detail) => {
      if (name === "ready") tell("onReady");
      if (name !== "comment" || known[detail.id]) return;
      known[detail.id] = true;
      if (detail.state !== "removed") tell("onNewComment", { id: detail.id });
    },
  });
};
const isso = (place) => stand(place, {
  read: () => ({ ...pageOf("", place.dataset.issoId), "page-title": place.dataset.title, lang: languageOf(of.issoLang), sort: sorts[of.issoSorting] }),
});
const remark42 = (place) => stand(place, {
  read: () => {
    const c = window.remark_config || {};
    return { ...pageOf(c.url), "page-title": c.page_title, theme: themeOf(c.theme), lang: languageOf(c.locale) };
  },
});
export const cusdis = (place) => stand(place, {
  read: () => {
    const { pageUrl, pageId, pageTitle, theme } = place.dataset;
    return { ...pageOf(pageUrl, pageId), "page-title": pageTitle, theme: themeOf(theme) };
  },
});
let reinit = {}; // what the page says to Commento later
export const commento = (place, more) => {
  if (more) reinit = more;
  return stand(place, { read: () => pageOf("", reinit.pageId || of.pageId) });
};
const discourse = (place) => stand(place, {
  read: () => {
    const c = window.DiscourseEmbed || window;
    return pageOf(c.discourseEmbedUrl, c.topicId && "topic-" + c.topicId);
  },
});

const places = {
  "#disqus_thread": disqus, "#isso-thread": isso, "#remark42": remark42, "#cusdis_thread,#cusdis": cusdis, "#commento": commento,
  ".giscus": (place) => giscus(place, () => of), ".utterances": utterances, "#discourse-comments": discourse,
};

// later says whether a page has a place that had no widget yet.
export const later = () => {
  for (const selector in places) {
    const place = doc.querySelector(selector);
    if (place && !filled.has(place) && !place.matches("folkmoot-thread")) return true;
  }
  return false;
};

// fill puts a widget into the first place that there is, and returns it.
export const fill = () => {
  const other = doc.getElementById(of.idRoot || window.cusdisElementId || "");
  if (other) return of.idRoot ? commento(other) : cusdis(other);
  for (const selector in places) {
    const place = doc.querySelector(selector);
    // Widgets are called by these names, too: another tag's is not this one's place.
    if (place && (!place.matches("folkmoot-thread") || place.tag === tag)) return places[selector](place);
  }
  // Two systems stand where their script's tag does.
  if (of.repo && tag.isConnected) return giscus(null, () => of);
  if (tag?.hasAttribute("repo")) return utterances();
};
