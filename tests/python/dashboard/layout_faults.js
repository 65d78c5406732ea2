// Faults of what is visible on a page, in words: text cut off, text over text, a page wider than the window.
() => {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`page is ${root.scrollWidth} wide`);
  const words = node => node.textContent.trim().replace(/\s+/g, " ").slice(0, 40);
  const inside = (a, b) => a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 2 && a.bottom <= b.bottom + 2;
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.textContent.trim() || parent.closest("script, style, title, option, noscript, [opacity='0']")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()].filter(rect => rect.width > 0.5 && rect.height > 0.5);
    if (!rects.length) continue;
    // what may be scrolled into view is not cut off; what is out of view now lies over nothing
    const scroller = parent.closest(".scroll")?.getBoundingClientRect();
    const box = (parent.closest("svg, .tiles > div, .card") ?? document.body).getBoundingClientRect();
    for (const rect of rects) {
      if (!scroller && !inside(rect, box)) faults.push(`cut off: ${words(node)}`);
      const shown = scroller
        ? { left: Math.max(rect.left, scroller.left), right: Math.min(rect.right, scroller.right), top: rect.top, bottom: rect.bottom }
        : rect;
      if (shown.right - shown.left > 1) texts.push({ node, ...{ left: shown.left, right: shown.right, top: shown.top, bottom: shown.bottom } });
    }
    const style = getComputedStyle(parent);
    if (style.overflowX !== "visible" && style.overflowX !== "auto" && parent.scrollWidth > parent.clientWidth + 1)
      faults.push(`cut off: ${words(node)}`);
  }
  texts.sort((a, b) => a.top - b.top);
  texts.forEach((a, n) => {
    for (let m = n + 1; m < texts.length && texts[m].top < a.bottom; m++) {
      const b = texts[m];
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      // lines of text may touch by a little of their leading
      if (a.node !== b.node && across > 1.5 && down > 4) faults.push(`over each other: ${words(a.node)} / ${words(b.node)}`);
    }
  });
  return [...new Set(faults)];
}
