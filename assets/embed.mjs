// embed.js as a module, for pages that import what they call, as Waline's do,
// or its elements, as giscus's:
// import { init } from "https://talk.example/embed.mjs".
const script = document.createElement("script"), src = new URL("embed.js", import.meta.url).href;
const trusted = window.trustedTypes?.createPolicy("folkmoot", { createScriptURL: (address) => address });
await new Promise((done, failed) => {
  Object.assign(script, { src: trusted ? trusted.createScriptURL(src) : src, onload: done, onerror: () => failed(new Error("no " + src)) });
  document.head.append(script);
});
const { Waline, Artalk, folkmoot } = window;
folkmoot.also("more"); // elements, such as giscus's
export const version = "folkmoot", { init, commentCount, pageviewCount, RecentComments, UserList } = Waline;
export default Artalk;
