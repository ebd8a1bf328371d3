// What TypeScript should know of Folkmoot on a page. Save it in your project, or
// refer to it: /// <reference path="./folkmoot.d.ts" />

/** The attributes of <folkmoot-thread> and <folkmoot-reactions>; on a script's tag each begins with data-. */
interface FolkmootAttributes {
  "site-id"?: string;
  "page-id"?: string;
  "page-url"?: string;
  "page-title"?: string;
  topics?: string;
  theme?: "auto" | "light" | "dark" | "host" | (string & {});
  lang?: string;
  loading?: "lazy" | "eager";
  sort?: string;
  "reactions-enabled"?: "0" | "1" | "false" | "true";
  "comments-enabled"?: "0" | "1" | "false" | "true";
  "input-position"?: "top" | "bottom";
  live?: "0" | "1" | "false" | "true";
}

/** The attributes of <folkmoot-count>. */
interface FolkmootCountAttributes {
  "page-id"?: string;
  "page-url"?: string;
  kind?: "comments" | "reactions";
}

interface FolkmootElement extends HTMLElement {
  /** Show the conversation of the page as it now is: after a navigation without a load. */
  reload(): void;
}

interface FolkmootCounts {
  comments: number;
  reactions: number;
}

/** Events are fired at the tag that the page's author wrote, and bubble. */
interface FolkmootEvents {
  "folkmoot:ready": CustomEvent<FolkmootCounts>;
  "folkmoot:count": CustomEvent<FolkmootCounts>;
  "folkmoot:comment": CustomEvent<{ id: string; state?: string }>;
  "folkmoot:reaction": CustomEvent<{ mine: string[] }>;
  "folkmoot:resize": CustomEvent<{ height: number }>;
  "folkmoot:signin": CustomEvent<{ guest: boolean }>;
  "folkmoot:error": CustomEvent<{ code: string; message?: string }>;
}

/** What a page may say to its widgets: window.postMessage({ folkmoot: { theme: "dark" } }, location.origin). */
interface FolkmootMessage {
  folkmoot: { theme: string };
}

interface HTMLElementTagNameMap {
  "folkmoot-thread": FolkmootElement;
  "folkmoot-reactions": FolkmootElement;
  "folkmoot-count": HTMLElement;
}

interface HTMLElementEventMap extends FolkmootEvents {}
interface DocumentEventMap extends FolkmootEvents {}
interface WindowEventMap extends FolkmootEvents {}

interface Window {
  folkmoot?: {
    /** Every widget shows the conversation of the page as it now is, and all counts are asked for again. */
    reload(): void;
  };
}
