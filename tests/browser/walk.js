// Follows Tab through a page: `walked.step()` after each, `walked.missed()` and `walked.unseen` at the end.
() => {
  const CONTROLS = "a[href], button, input, select, textarea, [role=slider], [role=tab], [role=radio]";
  const GROUP = "[role=radiogroup], [role=tablist], [role=toolbar], [data-testid=stButtonGroup]";
  const NOT_FOR_KEYS = "[inert], [aria-hidden=true], [data-testid=stDataFrame]";  // a table is walked by arrows
  // What has the focus, also inside of a component.
  const inner = () => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at;
  };
  // How a control and what is around it look.
  const looks = (node) => {
    const near = [node, ...node.querySelectorAll("*")].slice(0, 30);
    for (let up = node.parentElement, step = 0; up && step < 3; up = up.parentElement, step += 1) {
      near.push(up, ...up.children);
    }
    return near.map((each) => {
      const style = getComputedStyle(each);
      return [style.outline, style.boxShadow, style.borderColor, style.backgroundColor].join();
    }).join("|");
  };
  const name = (node) => (node.getAttribute("aria-label") || node.innerText || node.outerHTML).trim().slice(0, 80);
  const parts = (root) => [...root.querySelectorAll("*")].flatMap(
    (node) => [node, ...(node.shadowRoot ? parts(node.shadowRoot) : [])],
  );
  const walked = { reached: new Set(), unseen: [], last: null };
  const before = new Map(parts(document).filter((node) => node.matches(CONTROLS)).map((node) => [node, looks(node)]));
  const nextFrame = () => new Promise(requestAnimationFrame);
  const changed = async (node, from) => {  // on a busy machine it shows a moment later where it is
    for (const end = performance.now() + 1000; looks(node) === from && performance.now() < end;) await nextFrame();
    return looks(node) !== from;
  };
  // Whether Tab has come to something new.
  walked.step = async () => {
    const { last } = walked, at = inner();
    if (last?.node.matches(CONTROLS) && !(await changed(last.node, last.looks))) walked.unseen.push(name(last.node));
    if (last && last.node === at && at.matches("[data-testid=data-grid-canvas]")) return true;  // from cell to cell
    const isNew = at && at !== document.body && !walked.reached.has(at);
    if (isNew) await changed(at, before.get(at));
    for (let frame = 0; frame < 6; frame += 1) await nextFrame();  // a toolbar comes first, then the line around its button
    walked.last = isNew ? { node: at, looks: looks(at) } : null;
    if (isNew) walked.reached.add(at);
    return Boolean(isNew);
  };
  walked.missed = () => parts(document.querySelector("[data-testid=stMain]")).filter((node) => {
    if (!node.matches(CONTROLS) || node.disabled || node.tabIndex < 0 || node.closest(NOT_FOR_KEYS)) return false;
    if (!node.checkVisibility({ visibilityProperty: true }) || !node.getClientRects().length) return false;
    // Of a group of choices Tab reaches one, and the arrows the others.
    const group = node.closest(GROUP);
    return !walked.reached.has(node) && !(group && [...walked.reached].some((other) => group.contains(other)));
  }).map(name);
  window.walked = walked;
}
