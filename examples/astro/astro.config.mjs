import { defineConfig } from "astro/config";

export default defineConfig({
  site: process.env.SITE || "http://localhost:1313",
  outDir: process.env.OUT || "dist",
  devToolbar: { enabled: false },
});
