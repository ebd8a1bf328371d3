export const site = process.env.SITE || "http://localhost:1313/";
export const folkmoot = process.env.FOLKMOOT || "http://localhost:8080";

export const posts = [
  {
    slug: "bench",
    title: "Whose bench is it?",
    topics: ["streets", "commons"],
    text: "The bench on Mill Lane was put there by nobody in particular. It has been mended twice, by two people who never met. What would you call its owner?",
  },
  { slug: "hedge", title: "The hedge that nobody cuts", topics: ["streets"], text: "It is cut every February all the same." },
];

export const addressOf = (slug: string) => `${site}posts/${slug}/`;
