// Counts on index pages, in Folkmoot's words and in those of other systems.
// embed.js loads this where a page has any.
const doc = document, base = doc.baseURI, { home, here } = window.folkmoot;
const elements = "folkmoot-count,[data-folkmoot-count],comentario-count,hyvor-talk-comment-count,.disqus-comment-count,[data-cusdis-count-page-id],.waline-comment-count,.artalk-comment-count,.coral-count,.remark42__counter,[href$='#disqus_thread'],[href$='#isso-thread'],[href$='#commento'],[href$='#discourse-comments'],[href$='#comments']:not([href^='#'])";

// A text with a number in it, in whatever language, gets the new one.
const words = (n, text) => (/\d+/.test(text) ? text.replace(/\d+/, n) : n + (n === 1 ? " Comment" : " Comments"));

// Which page a count counts: by its id, or its address. Other systems' ids may be
// paths and addresses.
const page = (url, id, theirs) => {
  if (theirs && /^(\/|https?:)/.test(id)) [url, id] = [new URL(id, location), ""];
  const at = url ? new URL(url, base) : new URL(here());
  return id ? at.origin + "/#page-id=" + encodeURIComponent(id) : at.href.split("#")[0];
};
// What a count counts, and how it is said.
const asked = (e) => {
  const d = e.dataset, attribute = (name) => e.getAttribute(name), link = attribute("href");
  switch (e.localName) {
    case "folkmoot-count":
      return { page: page(attribute("page-url"), attribute("page-id")), kind: attribute("kind") };
    case "comentario-count":
      return { page: page("", attribute("path"), true), say: (n) => (n === 0 && attribute("zero-text")) || (attribute("prefix") || "") + n + (attribute("suffix") || "") };
    case "hyvor-talk-comment-count":
      return { page: page("", attribute("page-id"), true), say: attribute("mode") === "number" ? String : words };
  }
  if ("folkmootCount" in d) return { page: page(d.pageUrl || link, d.pageId), kind: d.folkmootCount };
  const url = d.disqusUrl || d.url || d.coralUrl || d.discourseEmbedUrl || link || (e.matches(".remark42__counter") && window.remark_config?.url);
  const id = d.disqusIdentifier || d.issoId || d.cusdisCountPageId || d.path || d.pageKey || d.coralId || d.pageId;
  const number = !link && !d.disqusUrl && !d.disqusIdentifier && (!e.matches(".coral-count") || d.coralNotext === "true");
  return { page: page(url, id, true), say: number ? String : words };
};

// numbers asks for the counts of pages, as many at once as the server answers,
// in an address that proxies let pass.
const numbers = async (pages) => {
  const found = new Map();
  for (let i = 0; i < pages.length;) {
    const query = new URLSearchParams();
    for (let n = 0; n < 100 && i < pages.length && (n === 0 || `${query}`.length < 6000); n++) query.append("page", pages[i++]);
    const answer = await fetch(home + "/api/v1/counts?" + query);
    if (!answer.ok) break; // the numbers stay as they are
    for (const counts of (await answer.json()).counts) found.set(counts.page, counts);
  }
  return found;
};
const changes = new MutationObserver(() => soon());
// count counts for every element of the page.
const count = async () => {
  const all = [];
  for (const element of doc.querySelectorAll(elements)) {
    // What a link to comments holds besides words is not ours to replace.
    if (/#comments$/.test(element.getAttribute("href")) && element.childElementCount) continue;
    all.push({ element, ...asked(element) });
    if (element.localName === "folkmoot-count") changes.observe(element, { attributeFilter: ["page-url", "page-id", "kind"] });
  }
  const found = await numbers([...new Set(all.map((one) => one.page))]);
  for (const { element, page, kind, say = String } of all) {
    const counts = found.get(page);
    if (counts) element.textContent = say(kind === "reactions" ? counts.reactions : counts.comments, element.textContent);
  }
};
// Once for all that appear together.
let due;
const soon = () => {
  if (!due) queueMicrotask(async () => {
    due = false;
    try { await count(); } catch (e) { console.warn("folkmoot could not count:", e); }
  });
  due = true;
};
export { numbers, page, soon as default };
