// Folkmoot: puts the conversation of a page where this script's tag stands.
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script) return; // a module or an evaluated copy doesn't know where it stands
  const home = new URL(script.src).origin;
  const given = script.dataset;
  const meta = (selector, attribute = "content") => document.querySelector(selector)?.getAttribute(attribute) || "";
  const metas = (selector) => Array.from(document.querySelectorAll(selector), (m) => m.content);

  // The canonical link names the page, unless it names another site's: then this
  // is a copy, which may not show, or write to, the original's conversation.
  const canonical = document.querySelector("link[rel=canonical]")?.href || "";
  const ours = canonical.startsWith(location.origin + "/") || canonical === location.origin;
  const page = given.pageUrl || (ours ? canonical : location.href.split("#")[0]);

  const query = new URLSearchParams({
    page,
    title: given.pageTitle || meta('meta[property="og:title"]') || document.title,
    topics: given.topics || metas('meta[property="article:tag"]').join(",") || meta("meta[name=keywords]"),
  });
  for (const name of ["theme", "sort"]) if (given[name]) query.set(name, given[name]);
  const address = home + "/embed?" + query;

  if (!/^https?:$/.test(location.protocol)) { // a file can't embed: its origin is nobody's
    const link = document.createElement("a");
    link.href = address;
    link.textContent = "Read and join the conversation";
    script.before(link);
    return;
  }

  const frame = document.createElement("iframe");
  frame.title = "Reactions and comments";
  frame.referrerPolicy = "strict-origin-when-cross-origin"; // tells Folkmoot which origin shows it
  Object.assign(frame.style, { display: "block", width: "100%", border: "0" });
  frame.src = address + (/^#comment-/.test(location.hash) ? location.hash : "");
  script.before(frame);
  frame.style.height = frame.clientWidth < 480 ? "520px" : "400px"; // room for an empty thread, as style.css has it

  // Which part of the frame is on screen: it is as tall as its content, so it
  // can't know by itself.
  let told = false;
  const tell = () => {
    if (told) return;
    told = true;
    requestAnimationFrame(() => {
      told = false;
      const box = frame.getBoundingClientRect();
      frame.contentWindow?.postMessage({ folkmoot: { view: { top: -box.top, bottom: innerHeight - box.top } } }, home);
    });
  };
  addEventListener("scroll", tell, { passive: true });
  addEventListener("resize", tell, { passive: true });
  frame.addEventListener("load", tell);
  addEventListener("message", (e) => {
    const said = e.source === frame.contentWindow && e.origin === home && e.data && e.data.folkmoot;
    if (!said) return;
    if (said.height > 0) frame.style.height = said.height + "px";
    if (said.scroll >= 0) scrollTo({ top: frame.getBoundingClientRect().top + scrollY + said.scroll - innerHeight / 4 });
    tell();
  });
})();
