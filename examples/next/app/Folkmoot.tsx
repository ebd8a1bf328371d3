"use client";

import { useEffect, useRef, type DetailedHTMLProps, type HTMLAttributes } from "react";

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "folkmoot-thread": DetailedHTMLProps<HTMLAttributes<FolkmootElement>, FolkmootElement> & FolkmootAttributes;
      "folkmoot-count": DetailedHTMLProps<HTMLAttributes<HTMLElement>, HTMLElement> & FolkmootCountAttributes;
    }
  }
}

/** Load Folkmoot once, however many components ask for it and however often React mounts them. */
function useFolkmoot(server: string) {
  useEffect(() => {
    const src = `${server}/embed.js`;
    if (document.querySelector(`script[src="${src}"]`)) window.folkmoot?.reload();
    else document.head.append(Object.assign(document.createElement("script"), { src, async: true }));
  }, [server]);
}

interface Props {
  server: string;
  page: string;
  title: string;
  topics: string[];
  onCount?: (counts: FolkmootCounts) => void;
}

/** The conversation of a page. Another page is another conversation: React changes an attribute, Folkmoot the rest. */
export function Folkmoot({ server, page, title, topics, onCount }: Props) {
  const thread = useRef<FolkmootElement>(null);
  useFolkmoot(server);
  useEffect(() => {
    const element = thread.current;
    const tell = (e: FolkmootEvents["folkmoot:count"]) => onCount?.(e.detail);
    element?.addEventListener("folkmoot:count", tell);
    return () => element?.removeEventListener("folkmoot:count", tell);
  }, [onCount]);
  return <folkmoot-thread ref={thread} page-url={page} page-title={title} topics={topics.join(",")} theme="host" />;
}

/** How many comments a page has. */
export function Count({ server, page }: { server: string; page: string }) {
  useFolkmoot(server);
  return <folkmoot-count page-url={page} />;
}
