// Follows Tab through a page: `walked.step()` after each, `walked.missed()` and `walked.unseen` at the end.
() => {
  const CONTROLS = "a[href], button, input, select, textarea, [role=slider], [role=tab], [role=radio]";
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
  // Whether Tab has come to something new.
  walked.step = () => {
    const { last } = walked, at = inner();
    if (last?.node.isConnected && looks(last.node) === last.looks) walked.unseen.push(name(last.node));
    const isNew = at && at !== document.body && !walked.reached.has(at);
    walked.last = isNew ? { node: at, looks: looks(at) } : null;
    if (isNew) walked.reached.add(at);
    return Boolean(isNew);
  };
  walked.missed = () => parts(document.querySelector("[data-testid=stMain]")).filter((node) => {
    if (!node.matches(CONTROLS) || node.disabled || node.tabIndex < 0 || node.closest(NOT_FOR_KEYS)) return false;
    if (!node.checkVisibility({ visibilityProperty: true }) || !node.getClientRects().length) return false;
    const sameGroup = (other) => node.type === "radio" && other.type === "radio" && other.name === node.name;
    return !walked.reached.has(node) && ![...walked.reached].some(sameGroup);
  }).map(name);
  window.walked = walked;
}
