// Where the site and the Folkmoot server are; the defaults are for trying it out.
const { SITE = "http://localhost:1313/", FOLKMOOT = "http://localhost:8080" } = process.env;

export default function (config) {
  config.addGlobalData("site", { url: SITE.replace(/\/$/, ""), folkmoot: FOLKMOOT });
}
