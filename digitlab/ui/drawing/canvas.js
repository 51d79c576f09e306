// Companion of the drawing canvas: works around two faults of streamlit-drawable-canvas 0.13.0 in the browser.
//
// The component sends a stroke 200 ms after the pointer went up, too late for a quick click on Save. Its hidden toolbar
// lies over the canvas's top right corner and swallows strokes that begin there. So the toolbar is hidden, and its send
// button pressed the moment the pointer goes up: the stroke is then part of the page's state before any later event,
// such as a click, can happen. From such a click to Python's answer the canvas takes no strokes, because it may be about
// to be replaced; nor is a shortcut obeyed in the middle of a stroke, which it would cut off.
const companions = new WeakMap();

function start(parentElement) {
  const styles = new CSSStyleSheet();
  // A new canvas is there some frames before the component's own style, which lays its layers over each other: until
  // then they stand below each other, and a stroke begun at once would miss the layer that takes it.
  styles.replaceSync(`
    .dc-toolbar { display: none !important; }
    .dc-container { position: relative; }
    .dc-background-canvas, .dc-canvas { position: absolute; top: 0; left: 0; }
  `);
  let data = null;
  let activeCanvas = null;  // the canvas that a stroke is being drawn on

  const host = () => document.querySelector(`.st-key-${data.canvas} [data-testid=stBidiComponentIsolated]`);
  // The next canvas may be there, and be drawn on, some time before this companion hears of it.
  const canvases = () => [
    ...document.querySelectorAll(`[class*="st-key-${data.key}-canvas-"] [data-testid=stBidiComponentIsolated]`),
  ];
  const prepare = () => {
    for (const canvas of canvases()) {
      canvas.style.minHeight = `${data.size}px`;  // empty at first: what is below must not jump up and down again
      if (!canvas.shadowRoot) requestAnimationFrame(prepare);
      else if (!canvas.shadowRoot.adoptedStyleSheets.includes(styles)) canvas.shadowRoot.adoptedStyleSheets.push(styles);
    }
    host()?.setAttribute("role", "img");
    host()?.setAttribute("aria-label", data.label);
  };
  const blockDrawing = () => {
    for (const canvas of canvases()) {
      canvas.inert = true;
      setTimeout(() => { canvas.inert = false; }, 20000);  // should the answer never come
    }
  };
  const pointerDown = (event) => {
    const path = event.composedPath();
    activeCanvas = (path[0].classList?.contains("upper-canvas") && canvases().find((canvas) => path.includes(canvas))) || null;
  };
  const pointerUp = () => {
    activeCanvas?.shadowRoot.querySelector('.dc-toolbar [aria-label="Update the app with this drawing"]')?.click();
    activeCanvas = null;
  };
  const buttons = () => `[class*="st-key-${data.key}-button-"] button:enabled`;
  const clicked = (event) => { if (event.target.closest?.(buttons())) blockDrawing(); };
  const keyDown = (event) => {
    if (activeCanvas) { event.stopImmediatePropagation(); return; }
    if (!/^[a-z]$/i.test(event.key) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.target.closest?.("input, textarea, select")) return;
    if (document.querySelector(`${buttons()} [aria-label="Shortcut ${event.key.toUpperCase()}"]`)) blockDrawing();
  };

  const observer = new MutationObserver(prepare);  // a later canvas is prepared before anyone can draw on it
  const listeners = [
    ["mousedown", pointerDown, true], ["touchstart", pointerDown, true], ["mouseup", pointerUp, false], ["touchend", pointerUp, false],
    ["click", clicked, true], ["keydown", keyDown, true],
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
