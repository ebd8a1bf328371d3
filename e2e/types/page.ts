// How a page uses Folkmoot with TypeScript. What must not pass is marked as such.

document.addEventListener("folkmoot:comment", (e) => {
  const id: string = e.detail.id;
  // @ts-expect-error: a comment has no author here
  console.log(id, e.detail.author);
});
window.addEventListener("folkmoot:ready", (e) => console.log(e.detail.comments + e.detail.reactions));
window.addEventListener("folkmoot:error", ({ detail: { code, message = "" } }) => console.log(code.toUpperCase(), message.length));
document.body.addEventListener("folkmoot:reaction", (e) => console.log(e.detail.mine.join()));
document.body.addEventListener("folkmoot:resize", (e) => console.log(e.detail.height.toFixed()));
// @ts-expect-error: whether somebody is a guest is true or false
document.body.addEventListener("folkmoot:signin", (e) => console.log(e.detail.guest.length));

const thread = document.createElement("folkmoot-thread");
thread.setAttribute("page-id", "post-7");
thread.reload();
document.querySelector("folkmoot-reactions")?.reload();
// @ts-expect-error: a count asks by itself
document.querySelector("folkmoot-count")?.reload();

const attributes: FolkmootAttributes = { "page-id": "post-7", theme: "host", loading: "lazy", sort: "newest", live: "0" };
// @ts-expect-error: it loads lazily or eagerly
attributes.loading = "never";
// @ts-expect-error: it stands at the top or at the bottom
attributes["input-position"] = "left";
const count: FolkmootCountAttributes = { "page-url": "/post", kind: "reactions" };
// @ts-expect-error: likes are not counted
count.kind = "likes";

const message: FolkmootMessage = { folkmoot: { theme: "dark" } };
window.postMessage(message, location.origin);
window.folkmoot?.reload();
// @ts-expect-error: a script that hasn't come yet has left nothing
window.folkmoot.reload();
