import type { Metadata } from "next";
import Link from "next/link";
import { Conversation } from "../../Post";
import { addressOf, folkmoot, posts } from "../../../posts";

type Params = { params: Promise<{ slug: string }> };

const find = (slug: string) => posts.find((post) => post.slug === slug)!;

export const dynamicParams = false;
export const generateStaticParams = () => posts.map(({ slug }) => ({ slug }));

export async function generateMetadata({ params }: Params): Promise<Metadata> {
  const { slug } = await params;
  return { title: find(slug).title, alternates: { canonical: addressOf(slug) } };
}

export default async function Post({ params }: Params) {
  const { slug } = await params;
  const { title, topics, text } = find(slug);
  const page = addressOf(slug);
  return (
    <main>
      <article>
        <h1>{title}</h1>
        <p>{text}</p>
      </article>
      <p>Next: {posts.filter((post) => post.slug !== slug).map((post) => <Link key={post.slug} href={`/posts/${post.slug}/`}>{post.title}</Link>)}</p>
      <Conversation server={folkmoot} page={page} title={title} topics={topics} />
      <noscript><a href={`${folkmoot}/embed?page=${encodeURIComponent(page)}`}>Read and join the conversation</a></noscript>
    </main>
  );
}
