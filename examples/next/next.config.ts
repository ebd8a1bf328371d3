import type { NextConfig } from "next";

const config: NextConfig = { output: "export", trailingSlash: true, reactStrictMode: true };

export default config;
