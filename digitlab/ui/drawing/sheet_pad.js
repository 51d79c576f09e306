// A sheet of cells to write digits in: pointers, keys and layout. `sheet_acts.js` knows what is on the sheet,
// `sheet_outbox.js` brings it to Python; save is an event like the others, so it cannot overtake a stroke.
const pads = new WeakMap();
const HEAD = 22;  // px, the strip with prompt and clear button above each cell
const GAP = 6;  // px between cells
const [MIN_SIDE, MAX_SIDE] = [76, 150];  // px, the side of a cell; smaller only where the visitor asks for many columns
const MAX_POINTS = 20000;  // of a stroke, and
const MAX_STROKE_TIME = 3.6e6;  // ms: Python takes no more
const CALLED_WAITING = 1000;  // ms: what is stored sooner is not called waiting

// How long a full sheet waits for a further stroke of its last digit before it saves itself: twice the longest pause
// this writer has made within a digit. Before ten digits nothing is known of the writer. A person may pause longer than
// that: for `LATE` ms after the last pen-up a stroke at that digit's place still belongs to it, though the next sheet is
// shown. Where the next sheet has no such place, or its first cell is there, the sheet waits as long before it saves.
const [MIN_WAIT, FIRST_WAIT, MAX_WAIT] = [200, 800, 1500];  // ms
const LATE = 2500;  // ms

const now = (event) => Math.round(performance.timeOrigin + (event ? event.timeStamp : performance.now()));
const round = (value) => Math.round(value * 10) / 10;

function start(root) {
  const [pad, surface, canvas, save, undo, redo, note, waiting] = [
    ".pad", ".surface", "canvas", ".save", ".undo", ".redo", ".note", ".waiting",
  ].map((selector) => root.querySelector(selector));
  let data = null, acts = createActs([], []), ratio = 1;  // ratio: pixels of the canvas per px
  let cells = [];  // {label, x, y, w, h, node, strokes: [{points, size}]}: place and size in px, label to write
  let current = null, saving = false, autosaveTimer = null;  // current: the stroke being drawn; saving: Save was sent
  let lastPenUp = null, longestPause = 0, digits = 0;  // longestPause: within a digit, ms; digits: cells filled so far
  let last = null, lastTimer = null;  // the digit that may go on though its sheet has saved itself
  let waitingTimer = null;

  const showWaiting = (strokes, saves, kept) => {
    clearTimeout(waitingTimer);
    const say = (text) => {
      waiting.classList.remove("pending");
      if (waiting.textContent !== text) waiting.textContent = text;
    };
    const where = kept ? ", kept in this browser." : ". Keep this page open: this browser stores nothing.";
    const words = (strokes ? `${strokes} ${strokes === 1 ? "stroke" : "strokes"} waiting` : "Waiting to save the sheet") + where;
    if (!strokes && !saves) say(acts.canUndo || saving ? "Saved" : "");
    else if (/waiting/i.test(waiting.textContent)) say(words);
    else {
      waiting.classList.add("pending");  // neither saved nor yet worth a word
      waitingTimer = setTimeout(() => say(words), CALLED_WAITING);
    }
  };
  const outbox = createOutbox(showWaiting);

  // Layout and drawing
  const layOut = () => {
    const width = surface.clientWidth;
    if (!data || !width) return;
    const fitting = Math.max(1, Math.floor((width + GAP) / (MIN_SIDE + GAP)));
    const columns = data.columns || Math.min(fitting, 10, data.labels.length);
    const side = Math.min(MAX_SIDE, (width - GAP * (columns - 1)) / columns);
    const rows = Math.ceil(data.labels.length / columns);
    surface.style.height = `${rows * (side + HEAD + GAP)}px`;
    cells.forEach((cell, index) => {
      const [row, column] = [Math.floor(index / columns), index % columns];
      Object.assign(cell, { x: column * (side + GAP), y: row * (side + HEAD + GAP) + HEAD, w: side, h: side });
      Object.assign(cell.node.style, { left: `${cell.x}px`, top: `${cell.y - HEAD}px`, width: `${side}px`, height: `${side + HEAD}px` });
    });
    ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(rows * (side + HEAD + GAP) * ratio);
    paint();
  };
  const paint = () => {
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    cells.forEach((cell) => {
      drawCell(context, cell, [...cell.strokes, ...(current?.cell === cell ? [current] : [])]);
      cell.node.classList.toggle("begun", cell.strokes.length > 0);
      cell.node.classList.toggle("done", cell.strokes.length > 0);
    });
    if (last?.shown) drawCell(context, last.cell, [...last.strokes, ...(current?.late ? [current] : [])]);
    surface.dataset.cells = JSON.stringify(
      cells.map(({ label, x, y, w, h, strokes }) => ({ label, x, y, w, h, done: strokes.length > 0 })),
    );
    undo.disabled = saving || !acts.canUndo;
    redo.disabled = saving || !acts.canRedo;
    save.disabled = saving || !cells.some(({ strokes }) => strokes.length);
  };
  const spread = () => {
    cells.forEach((cell) => { cell.strokes = []; });
    acts.strokes().forEach((stroke) => cells[stroke.cell].strokes.push(stroke));
  };
  const act = (event) => {
    acts.add(event);
    spread();
    outbox.add(event);
    paint();
  };

  // Pointer
  const holds = (cell, x, y) => x >= cell.x && x < cell.x + cell.w && y >= cell.y - HEAD && y < cell.y + cell.h;
  const add = (event) => {
    const box = surface.getBoundingClientRect();
    const { cell, points, began, size, pointer } = current;
    const samples = event.type === "pointermove" ? event.getCoalescedEvents?.() ?? [] : [];
    (samples.length ? samples : [event]).forEach((sample) => {
      const scale = size / cell.w;  // the cell may have changed its size since the stroke began
      const x = round((sample.clientX - box.left - cell.x) * scale), y = round((sample.clientY - box.top - cell.y) * scale);
      const [lastX, lastY, , lastPressure] = points.at(-1) ?? [];
      if ((x === lastX && y === lastY) || points.length === MAX_POINTS) return;
      // A mouse does not press, and what is lifted does not any more.
      const pressed = event.type === "pointerup" ? lastPressure : Math.round(sample.pressure * 100) / 100;
      points.push([x, y, Math.max(0, now(sample) - began), pointer === "mouse" ? 0.5 : pressed ?? 0.5]);
    });
  };
  const down = (event) => {
    // One pen or finger at a time; but a pen takes over from the hand that came down before it, and what comes down
    // as the only one of its kind tells that the one before has gone up where nobody saw it.
    if (current?.pointer === "touch" && event.pointerType === "pen") current = null;
    if (current && (event.pointerId === current.id || (event.isPrimary && event.pointerType === current.pointer))) finish();
    if (event.button || current || event.target !== canvas) return;
    const box = surface.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const late = last && now(event) <= last.at + LATE && holds(last.cell, x, y);
    const cell = late ? last.cell : !saving && cells.find((each) => holds(each, x, y));
    if (!cell) return;
    if (ratio !== window.devicePixelRatio) layOut();
    event.preventDefault();
    clearTimeout(autosaveTimer);
    clearTimeout(lastTimer);
    if (late) last.shown = true;
    else last = null;
    canvas.setPointerCapture(event.pointerId);
    current = { cell, late, size: cell.w, points: [], began: now(event), pointer: event.pointerType, id: event.pointerId };
    add(event);
    paint();
  };
  const move = (event) => {
    if (event.pointerId !== current?.id) return;
    if (!event.buttons && event.pointerType !== "touch") { finish(); return; }  // it went up outside the window
    const from = current.points.length - 1;
    add(event);
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawStroke(context, current.cell, current, from);
  };
  const up = (event) => {
    if (event.pointerId !== current?.id) return;
    add(event);
    finish(now(event));
  };
  const cancel = (event) => {
    if (event.pointerId !== current?.id) return;
    if (current.pointer !== "touch") { finish(); return; }
    current = null;  // a palm, as the system has found out
    paint();
    saveWhenFull();
    forgetLastLater();
  };
  // Ends the stroke at a time in ms; where nobody saw the pen go up, with the last point.
  const finish = (at = current.began + current.points.at(-1)[2]) => {
    const { cell, late, points, size, began, pointer } = current;
    current = null;
    const ended = Math.min(Math.max(at, began), began + MAX_STROKE_TIME);
    const gap = late ? began - last.at : lastPenUp?.cell === cell ? began - lastPenUp.at : 0;
    if (gap < MAX_WAIT) longestPause = Math.max(longestPause, gap);
    const stroke = { cell: late ? last.index : cells.indexOf(cell), size: round(size), began, ended, pointer, points };
    if (late) {
      last.strokes.push(stroke);
      last.at = ended;
      note.textContent = `Added to the ${last.label} of the sheet before.`;
      outbox.addLate(last.sheet, stroke);
      forgetLastLater();
      paint();
      return;
    }
    if (!cell.strokes.length) digits += 1;
    lastPenUp = { cell, at: ended };
    act({ type: "stroke", ...stroke });
    saveWhenFull();
  };
  const saveWhenFull = (least = 0) => {
    clearTimeout(autosaveTimer);
    if (!data.autosave || saving || cells.some(({ strokes }) => !strokes.length || isTap(strokes))) return;
    const usual = digits < 10 ? FIRST_WAIT : Math.min(Math.max(2 * longestPause, MIN_WAIT), MAX_WAIT);
    const wait = cells.length === 1 || data.more < cells.length ? LATE : Math.max(usual, least);
    autosaveTimer = setTimeout(() => {
      if (lastPenUp) {
        const { label, strokes, x, y, w, h } = lastPenUp.cell;
        last = { sheet: data.sheet, index: cells.indexOf(lastPenUp.cell), label, strokes: [...strokes], cell: { x, y, w, h }, at: lastPenUp.at };
      }
      submit(lastPenUp?.at);  // the wait is not the writer's time
      forgetLastLater();
    }, wait);
  };
  const forgetLastLater = () => {
    clearTimeout(lastTimer);
    if (last) lastTimer = setTimeout(() => { last = null; showNote(); paint(); }, Math.max(0, last.at + LATE - now()));
  };
  const showNote = () => { note.textContent = data.autosave ? "Saves itself when the last cell is filled." : ""; };

  // Buttons and keys
  const submit = (at = now()) => {
    if (saving || current || !cells.some(({ strokes }) => strokes.length)) return;
    clearTimeout(autosaveTimer);
    saving = true;
    pad.classList.add("saving");
    outbox.add({ type: "save", at });
    paint();
  };
  const takeBack = (type, more) => {
    if (saving || current) return;
    lastPenUp = null;
    act({ type, at: now(), ...more });
    saveWhenFull(LATE);
  };
  const undoLast = () => { if (acts.canUndo) takeBack("undo"); };
  const redoLast = () => { if (acts.canRedo) takeBack("redo"); };
  const key = (event) => {
    const path = event.composedPath();
    const on = (selector) => path.some((node) => node !== save && node.matches?.(selector));
    // A key that is held down, or that is meant for something else, does nothing here.
    if (event.repeat || event.defaultPrevented || on("input, textarea, select, [contenteditable=true]")) return;
    const letter = (event.ctrlKey || event.metaKey) && !event.altKey ? letterOf(event) : "";
    const action = { z: event.shiftKey ? redoLast : undoLast, y: redoLast }[letter]
      ?? (event.key === "Enter" && !on("button, a, summary, [role=slider], [role=option]") ? () => submit() : null);
    if (!action) return;
    event.preventDefault();
    action();
  };

  const showSheet = () => {
    const unsent = outbox.open(data);
    surface.querySelectorAll(".cell").forEach((node) => node.remove());
    saving = unsent.some(({ type }) => type === "save");
    if (!current?.late) current = null;
    lastPenUp = null;
    pad.classList.toggle("saving", saving);
    cells = data.labels.map((label, index) => {
      const node = document.createElement("div");
      node.className = "cell";
      node.innerHTML = `<div class="head"><span class="prompt">${label}</span>
        <button class="clear" type="button" aria-label="Clear cell ${index + 1}, a ${label}">×</button></div>`;
      surface.append(node);
      const cell = { label, node, strokes: [] };
      node.querySelector("button").onclick = () => { if (cell.strokes.length) takeBack("clear", { cell: index }); };
      return cell;
    });
    acts = createActs([...data.done], [...data.undone]);
    unsent.forEach((event) => acts.add(event));  // what is stored, then what is not yet
    spread();
    canvas.setAttribute("aria-label", `Write these digits, one a cell: ${data.labels.join(", ")}`);
    outbox.addShown(now(), data.seen);
    layOut();
    saveWhenFull();
  };

  let screen = null;  // listens for a window that is moved to a screen of another pixel ratio
  const watchScreen = () => {
    screen?.removeEventListener("change", watchScreen);
    screen = matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    screen.addEventListener("change", watchScreen);
    layOut();
  };
  const leave = (event) => { if (current && (document.hidden || event.type === "pagehide")) finish(); };
  const pointers = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: cancel };
  Object.entries(pointers).forEach(([name, listener]) => surface.addEventListener(name, listener));
  surface.addEventListener("contextmenu", (event) => event.preventDefault());  // a finger that rests
  surface.addEventListener("touchmove", (event) => event.preventDefault(), { passive: false });  // the page stays put
  [save.onclick, undo.onclick, redo.onclick] = [() => submit(), undoLast, redoLast];
  document.addEventListener("keydown", key);
  document.addEventListener("visibilitychange", leave);
  window.addEventListener("pagehide", leave);
  watchScreen();
  const observer = new ResizeObserver(layOut);
  observer.observe(surface);
  return {
    update(component) {
      outbox.use(component.setStateValue);
      const other = data?.key !== component.data.key;
      // What is stored of a sheet is sent once, and the browser may never have got it: then it asks.
      if (other && !component.data.done) { outbox.ask(); return; }
      if (other) clearTimeout(autosaveTimer);
      if (other && last?.sheet !== data?.sheet && !current?.late) last = null;
      data = component.data;
      if (!last?.shown) showNote();
      if (other) { showSheet(); return; }
      if (saving && data.refused) { saving = false; last = null; pad.classList.remove("saving"); }
      outbox.acknowledge(data.acknowledged);
      paint();
    },
    stop() {
      if (current) finish();  // kept for the next view of the sheet
      observer.disconnect();
      outbox.stop();
      [autosaveTimer, lastTimer, waitingTimer].forEach(clearTimeout);
      screen.removeEventListener("change", watchScreen);
      document.removeEventListener("keydown", key);
      document.removeEventListener("visibilitychange", leave);
      window.removeEventListener("pagehide", leave);
    },
  };
}

export default function (component) {
  const { parentElement } = component;
  if (!pads.has(parentElement)) pads.set(parentElement, start(parentElement));
  pads.get(parentElement).update(component);
  return () => { pads.get(parentElement)?.stop(); pads.delete(parentElement); };
}
