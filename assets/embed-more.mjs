// What only some pages need of Folkmoot: standing in for another comment system,
// whose place, attributes and calls it understands. embed.js loads it where a page
// has such a place or makes such a call; docs/embedding.md says what is understood.
import { calls } from "./more/calls.mjs";
import "./more/elements.mjs";
import { cusdis, fill, later } from "./more/places.mjs";
import { begin, doc, folkmoot, of, tag } from "./more/stand.mjs";

// What was asked of stand-ins is asked of the systems, in order. A path begins
// with a system's name, or with the number of an earlier answer.
const answers = [], used = {};
const answer = ({ path: [first, ...names], given }) => {
  used[first] = true;
  let it, found = typeof first === "number" ? answers[first] : calls[first];
  for (const name of names) [it, found] = [found, found?.[name]];
  if (names.at(-1) === "then" && !found) return given[0](it);
  return found?.apply(it, given);
};
const catchUp = () => {
  while (answers.length < folkmoot.asked.length) {
    const next = answers.length;
    try { answers[next] = answer(folkmoot.asked[next]); } catch (e) {
      answers[next] = undefined;
      console.error(e);
    }
  }
};

// Where each system is known by its place. Others are known by a call.
const places = {
  DISQUS: "#disqus_thread", Isso: "#isso-thread", REMARK42: "#remark42", CUSDIS: "#cusdis_thread,#cusdis", commento: "#commento",
  comentario: "comentario-comments", Waline: "#waline", Coral: "#coral_thread", DISQUSWIDGETS: "#dsq-count-scr", hyvorTalkCommentCounts: "hyvor-talk-comment-count",
};
// A stand-in has a part of any name.
const isStandIn = (it) => typeof it?.anyNameAtAll === "function";
// As long as no system is known, any may be called yet.
const name = () => {
  const wanted = Object.keys(calls).filter((system) => used[system] || (places[system] && doc.querySelector(places[system]))
    || (system === "REMARK42" && window.remark_config) || (system === "commento" && of.idRoot));
  if (!wanted.length) return;
  for (const system of Object.keys(calls)) if (isStandIn(window[system])) delete window[system];
  for (const system of wanted) {
    if (window[system]?.nodeType ?? !window[system]) window[system] = calls[system]; // an element's id is a global, too
  }
};

// What pages that change without being loaded put there later is filled, too, once.
let due, watching;
const look = () => {
  due = 0;
  if (later()) fill();
};
const watch = () => {
  if (watching) return;
  watching = new MutationObserver(() => { due ||= setTimeout(look, 50); });
  watching.observe(doc.documentElement, { childList: true, subtree: true });
};

export default () => {
  if (folkmoot.tag && folkmoot.tag !== tag) {
    begin(folkmoot.tag);
    window.renderCusdis ??= doc.querySelector(places.CUSDIS) || of.appId ? cusdis : undefined;
    if (of.autoInit !== "false" && !window.CUSDIS_PREVENT_INITIAL_RENDER) {
      fill();
      watch();
    }
    catchUp();
    name();
    if (window.remark_config || doc.querySelector(places.REMARK42)) window.dispatchEvent(new Event("REMARK42::ready"));
  }
  catchUp();
  name();
};
