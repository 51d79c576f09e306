// Companion of the drawing canvas: closes two traps of streamlit-drawable-canvas 0.13.0 from the browser's side.
//
// The component sends a stroke 200 ms after the pointer went up, too late for a quick click on Save. Its hidden toolbar
// lies over the canvas's top right corner and swallows strokes that begin there. So the toolbar is hidden, and its send
// button pressed the moment the pointer goes up: the stroke is then part of the page's state before any later event,
// such as a click, can happen. From such a click to Python's answer the canvas takes no strokes, because it may be about
// to be replaced; nor is a shortcut obeyed in the middle of a stroke, which it would cut off.
const companions = new WeakMap();

function start(parentElement) {
  const look = new CSSStyleSheet();
  // A new canvas is there some frames before the component's own style, which lays its layers over each other: until
  // then they stand below each other, and a stroke begun at once would miss the layer that takes it.
  look.replaceSync(`
    .dc-toolbar { display: none !important; }
    .dc-container { position: relative; }
    .dc-background-canvas, .dc-canvas { position: absolute; top: 0; left: 0; }
  `);
  let data = null;
  let drawing = null;  // the canvas with a stroke under way

  const host = () => document.querySelector(`.st-key-${data.canvas} [data-testid=stBidiComponentIsolated]`);
  // The next canvas may be there, and be drawn on, some time before this companion hears of it.
  const all = () => [
    ...document.querySelectorAll(`[class*="st-key-${data.key}-canvas-"] [data-testid=stBidiComponentIsolated]`),
  ];
  const prepare = () => {
    for (const canvas of all()) {
      canvas.style.minHeight = `${data.size}px`;  // empty at first: what is below must not jump up and down again
      if (!canvas.shadowRoot) requestAnimationFrame(prepare);
      else if (!canvas.shadowRoot.adoptedStyleSheets.includes(look)) canvas.shadowRoot.adoptedStyleSheets.push(look);
    }
    host()?.setAttribute("role", "img");
    host()?.setAttribute("aria-label", data.label);
  };
  const pause = () => {
    for (const canvas of all()) {
      canvas.inert = true;
      setTimeout(() => { canvas.inert = false; }, 20000);  // should the answer never come
    }
  };
  const down = (event) => {
    const path = event.composedPath();
    drawing = (path[0].classList?.contains("upper-canvas") && all().find((canvas) => path.includes(canvas))) || null;
  };
  const up = () => {
    drawing?.shadowRoot.querySelector('.dc-toolbar [aria-label="Update the app with this drawing"]')?.click();
    drawing = null;
  };
  const buttons = () => `[class*="st-key-${data.key}-button-"] button:enabled`;
  const click = (event) => { if (event.target.closest?.(buttons())) pause(); };
  const key = (event) => {
    if (drawing) { event.stopImmediatePropagation(); return; }
    if (!/^[a-z]$/i.test(event.key) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.target.closest?.("input, textarea, select")) return;
    if (document.querySelector(`${buttons()} [aria-label="Shortcut ${event.key.toUpperCase()}"]`)) pause();
  };

  const observer = new MutationObserver(prepare);  // a later canvas is prepared before anyone can draw on it
  const listeners = [
    ["mousedown", down, true], ["touchstart", down, true], ["mouseup", up, false], ["touchend", up, false],
    ["click", click, true], ["keydown", key, true],
  ];
  return {
    update(latest) {
      const first = data === null;
      const answered = !first && data.clicks !== latest.clicks;
      data = latest;
      prepare();
      if (answered) host()?.removeAttribute("inert");
      if (!first) return;
      observer.observe(document.body, { childList: true, subtree: true });
      listeners.forEach(([name, listener, capture]) => window.addEventListener(name, listener, capture));
      parentElement.closest("[data-testid=stElementContainer]").style.display = "none";  // takes no space
    },
    stop() {
      observer.disconnect();
      listeners.forEach(([name, listener, capture]) => window.removeEventListener(name, listener, capture));
    },
  };
}

export default function ({ data, parentElement }) {
  if (!companions.has(parentElement)) companions.set(parentElement, start(parentElement));
  companions.get(parentElement).update(data);
  return () => { companions.get(parentElement)?.stop(); companions.delete(parentElement); };
}
