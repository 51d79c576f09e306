// Companion of the drawing canvas: works around faults of streamlit-drawable-canvas 0.13.0 in the browser.
//
// The component sends a stroke 200 ms after the pointer went up, too late for a quick click on Save. Its hidden toolbar
// lies over the canvas's top right corner and swallows strokes that begin there. So the toolbar is hidden, and its send
// button pressed the moment the pointer goes up: the stroke is then part of the page's state before any later event,
// such as a click, can happen. From such a click to Python's answer the canvas takes no strokes, because it may be about
// to be replaced; nor is a shortcut obeyed in the middle of a stroke, which it would cut off.
//
// Nor does the component hear of a touch that the system takes away, or of a button that goes up outside the window: it
// would take no other stroke, or go on with that one. So it is told that the stroke has ended. What a palm has drawn
// until the system found out is taken back; a pen's stroke is kept.
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
  let layer = null, begunBy = "", pointer = "";  // what takes the strokes there, by which event, and what draws

  const host = () => document.querySelector(`.st-key-${data.canvas} [data-testid=stBidiComponentIsolated]`);
  // The next canvas may be there, and be drawn on, some time before this companion hears of it.
  const canvases = () => [
    ...document.querySelectorAll(`[class*="st-key-${data.key}-canvas-"] [data-testid=stBidiComponentIsolated]`),
  ];
  const prepare = () => {
    if (canvases().some((canvas) => !canvas.shadowRoot)) requestAnimationFrame(prepare);
    for (const canvas of canvases()) {
      canvas.style.minHeight = `${data.size}px`;  // empty at first: what is below must not jump up and down again
      if (canvas.shadowRoot && !canvas.shadowRoot.adoptedStyleSheets.includes(styles)) canvas.shadowRoot.adoptedStyleSheets.push(styles);
    }
    host()?.setAttribute("role", "img");
    host()?.setAttribute("aria-label", data.label);
    host()?.setAttribute("translate", "no");
  };
  const blockDrawing = () => {
    for (const canvas of canvases()) {
      canvas.inert = true;
      setTimeout(() => { canvas.inert = false; }, 20000);  // should the answer never come
    }
  };
  const pointerDown = (event) => {
    const path = event.composedPath();
    [layer, begunBy] = [path[0], event.type];
    activeCanvas = (layer.classList?.contains("upper-canvas") && canvases().find((canvas) => path.includes(canvas))) || null;
  };
  const press = (canvas, name) => canvas?.shadowRoot.querySelector(`.dc-toolbar [aria-label="${name}"]`)?.click();
  const pointerUp = (event) => {
    if (event.touches?.length) return;  // another finger; the one that draws is still down
    press(activeCanvas, "Update the app with this drawing");
    activeCanvas = null;
  };
  const notePointer = (event) => { if (event.isPrimary) pointer = event.pointerType; };
  const endStroke = (event) => layer.dispatchEvent(event);  // the listener above hears of it too
  const anyway = { bubbles: true, composed: true };
  const touchCancelled = (event) => {
    if (!activeCanvas || begunBy !== "touchstart" || event.touches.length) return;
    const palm = pointer === "touch" ? activeCanvas : null;
    if (palm) activeCanvas = null;  // nothing of it is sent
    endStroke(new TouchEvent("touchend", { ...anyway, changedTouches: [...event.changedTouches], touches: [] }));
    setTimeout(() => press(palm, "Undo"));  // not before the component has put the stroke into its history
  };
  const mouseLost = (event) => {
    if (!activeCanvas || begunBy !== "mousedown" || (event.type === "mousemove" && event.buttons)) return;
    endStroke(new MouseEvent("mouseup", { ...anyway, clientX: event.clientX, clientY: event.clientY, view: window }));
  };
  const buttons = () => `[class*="st-key-${data.key}-button-"] button:enabled`;
  const clicked = (event) => { if (event.target.closest?.(buttons())) blockDrawing(); };
  // The letter of a key as it is printed on it; where that is not a Latin one, as it is on an English keyboard.
  const letterOf = ({ key, code }) => (/^[a-z]$/i.test(key) ? key : code.replace(/^Key/, "")).toLowerCase();
  const keyDown = (event) => {
    if (activeCanvas) { event.stopImmediatePropagation(); return; }
    if (event.target.closest?.("input, textarea, select, [contenteditable=true]")) return;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.repeat) {
      const name = { z: event.shiftKey ? "redo" : "undo", y: "redo" }[letterOf(event)];
      const button = name && document.querySelector(`.st-key-${data.key}-button-${name} button:enabled`);
      if (button) { event.preventDefault(); button.click(); }
      return;
    }
    if (event.metaKey || event.altKey || event.shiftKey || event.repeat) return;
    const button = document.querySelector(`${buttons()} [aria-label="Shortcut ${letterOf(event).toUpperCase()}"]`)?.closest("button");
    if (!button) return;
    blockDrawing();
    if (event.key.length === 1 && !/^[a-z]$/i.test(event.key)) button.click();  // Streamlit knows the Latin letters alone
  };

  const observer = new MutationObserver(prepare);  // a later canvas is prepared before anyone can draw on it
  const listeners = [
    ["pointerdown", notePointer, true], ["mousedown", pointerDown, true], ["touchstart", pointerDown, true],
    ["mouseup", pointerUp, false], ["touchend", pointerUp, false], ["touchcancel", touchCancelled, true],
    ["pointercancel", mouseLost, true], ["mousemove", mouseLost, true],
    ["click", clicked, true], ["keydown", keyDown, true],
  ];
  return {
    update(latest) {
      const first = data === null;
      // A canvas that this companion had not heard of may have been drawn on and saved already: then what comes now is
      // only the answer to the click before, and the pointer must stay off the canvas that is about to be replaced.
      const clicks = first ? 0 : latest.clicks - data.clicks;
      const answered = clicks > 1 || (clicks === 1 && data.canvas === latest.canvas);
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
