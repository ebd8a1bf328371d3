// What helps to write a comment: marks, keys, a preview, pasting. It is loaded
// when somebody starts to write, and needs no Wasm.
(() => {
  "use strict";

  // Put text where the selection is, so that it can be undone.
  const insert = (field, text) => {
    field.focus({ preventScroll: true });
    if (!document.execCommand("insertText", false, text)) {
      field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  // Marks: around what is selected, or before each of its lines.
  const around = { bold: ["**", "**"], italic: ["_", "_"], code: ["`", "`"], link: ["[", "](https://)"] };
  const before = { quote: "> ", list: "- " };
  const mark = (field, name) => {
    const { selectionStart: start, selectionEnd: end, value } = field, chosen = value.slice(start, end);
    if (before[name]) {
      const from = value.lastIndexOf("\n", start - 1) + 1;
      field.setSelectionRange(from, end);
      insert(field, value.slice(from, end).split("\n").map((line) => before[name] + line).join("\n"));
      return;
    }
    const [open, close] = name === "code" && chosen.includes("\n") ? ["```\n", "\n```"] : around[name];
    if (chosen.length > open.length + close.length && chosen.startsWith(open) && chosen.endsWith(close)) { // it has the mark: take it away
      insert(field, chosen.slice(open.length, -close.length));
      return;
    }
    insert(field, open + chosen + close);
    const at = field.selectionEnd - close.length;
    if (name === "link" && chosen) field.setSelectionRange(field.selectionEnd - "https://)".length, field.selectionEnd - 1); // the address is next
    else if (!chosen) field.setSelectionRange(at, at);
  };

  // What to say in the page's language; it is never waited for.
  const said = {
    "preview.unavailable": "The preview can't be had just now. Please try again.",
    "complete.people": "People",
    "complete.emoji": "Emoji",
    "complete.found": { "one": "{n} suggestion", "other": "{n} suggestions" }
  };
  window.folkmoot.language().then((file) => {
    for (const key in file ? said : {}) said[key] = JSON.parse(file).words[key];
  }).catch(() => {});

  // A preview is what the server would make of it.
  const draft = (field) => {
    const { thread, parent } = field.form.elements, body = field.value, mentions = window.folkmoot.meant(field.id).split(" ").filter(Boolean);
    return { body, thread: thread.value, parent: parent?.value, mentions };
  };
  const preview = async (button, field) => {
    const shown = button.closest("form").querySelector(".preview");
    const show = shown.hidden && field.value.trim() !== "";
    button.setAttribute("aria-pressed", String(show));
    shown.hidden = !show;
    if (!show) { field.focus({ preventScroll: true }); return; }
    shown.setAttribute("aria-busy", "true");
    let made;
    try {
      const answer = await fetch("/api/v1/preview", {
        method: "POST", headers: window.folkmoot.spoken, body: JSON.stringify(draft(field)),
      });
      made = await answer.json();
    } catch { /* said below */ }
    shown.removeAttribute("aria-busy");
    if (made?.html) shown.innerHTML = made.html; // rendered and sanitized as a comment's is
    else shown.textContent = made?.detail || said["preview.unavailable"];
  };

  const tool = (button) => {
    const field = button.closest("form").elements.body;
    if (button.name === "preview") preview(button, field); else mark(field, button.name);
  };

  document.addEventListener("keydown", (e) => {
    const name = (e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && { b: "bold", i: "italic", k: "link" }[e.key];
    if (name && e.target.name === "body") { e.preventDefault(); mark(e.target, name); }
  });

  // Rich text that is pasted becomes Markdown. Of its attributes only those are read that
  // matter here: a browser would report each style and handler to the page's policy.
  const tags = /<(\/?)([a-z][^\s/>]*)((?:"[^"]*"|'[^']*'|[^"'>])*)>/gi, attributes = /([^\s"'<>/=]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]*)/g;
  const bare = (html) => html.replace(tags, (_, end, name, rest) => {
    if (/^(base|link|meta)$/i.test(name)) return "";
    if (/^(style|script)$/i.test(name)) name = "template"; // what is in it is not read
    let kept = "";
    for (const [, key, value] of rest.matchAll(attributes)) {
      if (/^href$/i.test(key)) kept += " href=" + value;
      if (/^style$/i.test(key) && /font-weight:\s*(normal|400)/i.test(value)) kept += " data-thin";
    }
    return `<${end}${name}${kept}>`;
  });
  const blocks = /^(P|DIV|UL|OL|LI|BLOCKQUOTE|PRE|H[1-6]|TABLE|TR|SECTION|ARTICLE)$/;
  const markdown = (node, list) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data.replace(/\s+/g, " ");
    if (node.nodeType !== Node.ELEMENT_NODE || /^(STYLE|SCRIPT|META|TITLE|HEAD)$/.test(node.tagName)) return "";
    let inner = [...node.childNodes].map((child, i) => markdown(child, node.tagName === "OL" ? i + 1 : 0)).join("");
    const words = inner.trim(), wrap = (sign) => (words ? sign + words + sign : "");
    switch (node.tagName) {
      case "B": case "STRONG": return "thin" in node.dataset ? inner : wrap("**"); // Google's outermost b is none
      case "I": case "EM": return wrap("_");
      case "CODE": return node.closest("pre") ? node.textContent : wrap("`");
      case "PRE": return "\n\n```\n" + node.textContent.replace(/\n$/, "") + "\n```\n\n";
      case "A": return /^https?:/i.test(node.getAttribute("href")) && words ? (words === node.href ? words : `[${words}](${node.href})`) : inner;
      case "BR": return "\n";
      case "LI": return (list ? list + ". " : "- ") + words.replace(/\n/g, "\n  ") + "\n";
      case "BLOCKQUOTE": return "\n\n" + words.split("\n").map((line) => "> " + line).join("\n") + "\n\n";
      case "H1": case "H2": case "H3": case "H4": case "H5": case "H6": return "\n\n" + wrap("**") + "\n\n";
      case "IMG": return "";
    }
    return blocks.test(node.tagName) ? "\n\n" + inner.replace(/^ +| +$/g, "") + "\n\n" : inner;
  };
  document.addEventListener("paste", (e) => {
    if (e.target.name !== "body") return;
    const html = e.clipboardData.getData("text/html");
    if (!html) return;
    const text = markdown(new DOMParser().parseFromString(bare(html), "text/html").body).replace(/[ \t]+\n/g, "\n").replace(/\n{3,}/g, "\n\n").trim();
    if (!text) return;
    e.preventDefault();
    insert(e.target, text);
  });

  Object.assign(window.folkmoot, { tool, said, insert: (id, text) => { const field = document.getElementById(id); if (field) insert(field, text); } });
})();
