import type { ReactNode } from "react";
import Link from "next/link";
import { Toggle } from "./Post";
import "./style.css";

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" data-theme="light">
      <body>
        <nav><Link href="/">The commons</Link><Toggle /></nav>
        {children}
      </body>
    </html>
  );
}
