import type { Metadata } from "next";
import Link from "next/link";
import { Count } from "./Folkmoot";
import { addressOf, folkmoot, posts } from "../posts";

export const metadata: Metadata = { title: "The commons" };

export default function Index() {
  return (
    <main>
      <h1>The commons</h1>
      <ul>
        {posts.map(({ slug, title }) => (
          <li key={slug}>
            <Link href={`/posts/${slug}/`}>{title}</Link>, <Count server={folkmoot} page={addressOf(slug)} /> comments
          </li>
        ))}
      </ul>
    </main>
  );
}
