// Of a long conversation, what is near the screen is in the document, and room
// stands for the rest. The program says what that is; this measures, and leaves
// what is on the screen where it is.
(() => {
  "use strict";
  const folkmoot = window.folkmoot;
  const rows = () => document.querySelectorAll("#comments :is(.comment, .rest, .room)");
  const rowOf = (node) => (node?.closest ? node : node?.parentElement)?.closest("#comments :is(.comment, .rest)");
  const nameOf = (row) => row.id.replace("comment-", "");
  const isRoom = (e) => e.className === "room";
  let held; // a row that is on the screen, and where it stands in the document

  // What the reader holds on to: the focus, both ends of a selection, open menus.
  const pins = () => {
    const chosen = getSelection(), ends = chosen.isCollapsed ? [] : [chosen.anchorNode, chosen.focusNode];
    const all = [document.activeElement, ...ends, ...document.querySelectorAll("#comments .menu[open]")];
    return all.map(rowOf).filter(Boolean).map(nameOf).join(" ");
  };

  Object.assign(folkmoot, {
    sight: () => { // see session.ParseSight
      const own = new Map(), [top, bottom] = folkmoot.visible();
      let begin = 0, end = 0;
      for (const e of rows()) {
        if (e.parentElement.closest(".replies:not([open])")) continue;
        const box = e.getBoundingClientRect(), above = own.get(e.parentElement.closest(".comment"));
        if (above) above.height -= box.height; else end = box.bottom;
        if (!own.size) begin = box.top;
        own.set(e, { top: box.top, height: box.height });
      }
      const lines = [`${top} ${bottom} ${begin} ${end}`, pins()];
      for (const [e, { top, height }] of own) if (!isRoom(e)) lines.push(`${nameOf(e)} ${top} ${height}`);
      return lines.join("\n");
    },
    hold: () => { // before the document changes
      const [top, bottom] = folkmoot.visible();
      held = null;
      for (const e of rows()) {
        const box = e.getBoundingClientRect();
        if (box.bottom <= top || isRoom(e) || !box.height) continue;
        if (box.top >= bottom) return;
        const reply = e.querySelector(":scope > .replies[open] > summary + *");
        if (reply && reply.getBoundingClientRect().top <= top) continue;
        held = { e, top: box.top + scrollY };
        return;
      }
    },
    rooms: (heights) => { // after it: they are so high, but for what was wrong about the rows that they stood for
      const all = document.querySelectorAll("#comments .room"), wanted = heights.split(" ");
      all.forEach((room, i) => { room.style.height = (room.wants = +wanted[i]) + "px"; });
      folkmoot.mark();
      if (!held?.e.isConnected) return;
      const by = held.e.getBoundingClientRect().top + scrollY - held.top;
      if (Math.abs(by) < 0.02) return; // rounding
      let widest; // of those above it
      for (const room of all) {
        if (!(room.compareDocumentPosition(held.e) & Node.DOCUMENT_POSITION_FOLLOWING)) break;
        if (!(widest?.wants > room.wants)) widest = room;
      }
      const wants = widest?.wants, takes = wants - by;
      if (takes >= wants / 2 && takes <= wants * 2) widest.style.height = takes + "px";
      else folkmoot.grown(by);
    },
    near: () => { // the end of what was loaded is
      const more = document.querySelector("#comments > .more:not(.earlier)"), [top, bottom] = folkmoot.visible();
      return !!more && bottom > top && more.getBoundingClientRect().top < bottom + (bottom - top);
    },
    atMore: () => !!document.activeElement?.matches("#comments > .more:not(.earlier)"),
    soon: () => requestAnimationFrame(() => folkmoot.scrolled()),
  });
})();
