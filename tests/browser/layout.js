// What no page may do at any size: scroll sideways, cut what it says, lay one control over another.
() => {
  const found = [];
  const main = document.querySelector("[data-testid=stMain]");
  const sideways = [document.scrollingElement, main].filter((node) => node.scrollWidth > node.clientWidth + 1);
  if (sideways.length) found.push(`scrolls sideways: ${sideways.map((node) => `${node.scrollWidth} in ${node.clientWidth}`)}`);
  const seen = (node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && node.getClientRects().length;
  const said = (node) => (node.getAttribute("aria-label") || node.textContent || node.tagName).trim().slice(0, 60);
  const parts = (root) => [...root.querySelectorAll("*")].flatMap((node) => [node, ...(node.shadowRoot ? parts(node.shadowRoot) : [])]);
  const all = parts(main).filter((node) => !node.closest("[data-testid=stDataFrame], svg, canvas"));
  for (const node of all) {
    const style = getComputedStyle(node);
    const text = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!text || !seen(node)) continue;
    if (node.closest("[class*=notranslate] .said, [role=tablist]")) continue;  // for ears alone; tabs are swiped
    if (/hidden|clip|auto|scroll/.test(style.overflowX) && node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 1) found.push(`cut: ${said(node)}`);
    const box = node.getBoundingClientRect();
    if (box.width > 1 && (box.right > innerWidth + 1 || box.left < -1)) found.push(`outside: ${said(node)}`);
  }
  for (const node of all) {  // names that end in dots
    const style = getComputedStyle(node);
    if (style.textOverflow === "ellipsis" && node.scrollWidth > node.clientWidth + 1 && node.closest("label") && seen(node)) found.push(`cut: ${said(node)}`);
  }
  for (const text of main.querySelectorAll("svg.marks text")) {  // of a turned title the box is larger than the letters
    const [box, chart] = [text.getBoundingClientRect(), text.closest("svg").getBoundingClientRect()];
    if (box.width > 1 && text.checkVisibility({ opacityProperty: true }) && (box.right > chart.right + 2 || box.left < chart.left - 8)) found.push(`cut in a chart: ${said(text)}`);
  }
  for (const node of parts(main).filter((each) => each.matches("canvas, img"))) {  // a drawing surface, a picture
    const around = node.getRootNode().host ?? node.closest("[data-testid=stColumn]");
    const [box, room] = [node.getBoundingClientRect(), around?.getBoundingClientRect()];
    if (room && box.width > 1 && box.right > room.right + 2) found.push(`wider than its place: ${said(node)}`);
  }
  for (const node of all) {  // rows of choices that would have to be swiped
    if (node.matches("[data-testid=stButtonGroup] *") && node.scrollWidth > node.clientWidth + 2 && /auto|scroll|hidden/.test(getComputedStyle(node).overflowX)) found.push(`hidden choices: ${said(node)}`);
  }
  const controls = all.filter((node) => node.matches("button, input, a[href], select, textarea") && seen(node));
  const boxes = controls.map((node) => [node, node.getBoundingClientRect()]).filter(([, box]) => box.width > 4 && box.height > 4);
  for (const [place, [node, box]] of boxes.entries()) {
    for (const [other, over] of boxes.slice(place + 1)) {
      if (node.contains(other) || other.contains(node)) continue;
      const [w, h] = [Math.min(box.right, over.right) - Math.max(box.left, over.left), Math.min(box.bottom, over.bottom) - Math.max(box.top, over.top)];
      if (w > 2 && h > 2) found.push(`overlap: ${said(node)} and ${said(other)}`);
    }
  }
  return [...new Set(found)];
}
