"use client";

import { useState } from "react";
import { Folkmoot } from "./Folkmoot";

export function Conversation(props: { server: string; page: string; title: string; topics: string[] }) {
  const [comments, setComments] = useState(0);
  return (
    <>
      <p className="said">{comments === 1 ? "1 comment" : `${comments} comments`} below</p>
      <Folkmoot {...props} onCount={(counts) => setComments(counts.comments)} />
    </>
  );
}

export function Toggle() {
  const flip = () => {
    const root = document.documentElement;
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  };
  return <button type="button" className="toggle" onClick={flip}>Light or dark</button>;
}
