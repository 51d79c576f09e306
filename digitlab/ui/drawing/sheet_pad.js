// A sheet of cells to write digits in.
//
// Whatever the writer does becomes an event (shown, stroke, undo, clear, save) with a number that counts up per client.
// Every message holds all events that Python has not acknowledged yet, and they are kept in the browser's session
// storage: whatever breaks, each event arrives, and Python takes it once. Save is an event like the others, so it cannot
// overtake a stroke.
const pads = new WeakMap();
const HEAD = 22;  // px, the strip with prompt and clear button above each cell
const GAP = 6;  // px between cells
const [MIN_SIDE, MAX_SIDE] = [76, 150];  // px, the side of a cell; smaller only where the visitor asks for many columns
const RESEND_AFTER = 2000;  // ms without an answer
const MAX_POINTS = 20000;  // of a stroke, and
const MAX_STROKE_TIME = 3.6e6;  // ms: Python takes no more

// How long a full sheet waits for a further stroke of its last digit before it saves itself: twice the longest pause
// this writer has made within a digit. Before ten digits nothing is known of the writer.
const [MIN_WAIT, FIRST_WAIT, MAX_WAIT] = [200, 800, 1500];  // ms

const now = (event) => Math.round(performance.timeOrigin + (event ? event.timeStamp : performance.now()));
const round = (value) => Math.round(value * 10) / 10;

function start(root) {
  const [pad, surface, canvas, save, undo, note] = [".pad", ".surface", "canvas", ".save", ".undo", ".note"].map(
    (selector) => root.querySelector(selector),
  );
  let data = null, publish = null, client = null, outbox = [], sequence = 0, resendTimer = null;
  let cells = [];  // {label, x, y, w, h, node, strokes: [{points, size}]}: place and size in px, label to write
  let strokeCells = [];  // the cell of each stroke that is not undone, oldest first
  let current = null, saving = false, autosaveTimer = null;  // current: the stroke being drawn; saving: Save was sent
  let lastPenUp = null, longestPause = 0, digits = 0;  // longestPause: within a digit, ms; digits: cells filled so far

  const keepOutbox = () => {
    const name = `sheet-${data.sheet}`;
    try {
      if (outbox.length) sessionStorage.setItem(name, JSON.stringify({ client, sequence, outbox }));
      else sessionStorage.removeItem(name);
    } catch { /* no room: then a reload before the answer is not covered */ }
  };
  const send = () => {
    publish("outbox", { sheet: data.sheet, client, events: outbox });
    clearTimeout(resendTimer);
    if (outbox.length) resendTimer = setTimeout(send, RESEND_AFTER);
  };
  const addEvent = (event) => {
    outbox.push({ n: ++sequence, ...event });
    keepOutbox();
    send();
  };

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
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(rows * (side + HEAD + GAP) * scale);
    paint();
  };
  const paint = () => {
    const context = canvas.getContext("2d");
    const scale = window.devicePixelRatio || 1;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    cells.forEach((cell) => {
      context.fillStyle = "#000";
      context.beginPath();
      context.roundRect(cell.x, cell.y, cell.w, cell.h, 6);
      context.fill();
      [...cell.strokes, ...(current?.cell === cell ? [current] : [])].forEach((stroke) => drawStroke(context, cell, stroke, 0));
      cell.node.classList.toggle("begun", cell.strokes.length > 0);
      cell.node.classList.toggle("done", cell.strokes.length > 0);
    });
    surface.dataset.cells = JSON.stringify(
      cells.map(({ label, x, y, w, h, strokes }) => ({ label, x, y, w, h, done: strokes.length > 0 })),
    );
    undo.disabled = saving || !strokeCells.length;
    save.disabled = saving || !strokeCells.length;
  };
  const drawStroke = (context, cell, stroke, from) => {  // draws the points from index `from` on
    const scale = cell.w / stroke.size;
    const at = ([x, y]) => [cell.x + x * scale, cell.y + y * scale];
    context.strokeStyle = "#fff";
    context.lineWidth = cell.w * 0.07;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(...at(stroke.points[from]));
    stroke.points.slice(from).forEach((point) => context.lineTo(...at(point)));
    context.stroke();
  };

  // Pointer
  const cellAt = (x, y) => cells.find((cell) => x >= cell.x && x < cell.x + cell.w && y >= cell.y - HEAD && y < cell.y + cell.h);
  const add = (event) => {
    const box = surface.getBoundingClientRect();
    const { cell, points, began } = current;
    const samples = event.getCoalescedEvents?.() ?? [];
    (samples.length ? samples : [event]).forEach((sample) => {
      const [x, y] = [round(sample.clientX - box.left - cell.x), round(sample.clientY - box.top - cell.y)];
      const [lastX, lastY] = points.at(-1) ?? [];
      if ((x === lastX && y === lastY) || points.length === MAX_POINTS) return;
      points.push([x, y, Math.max(0, now(sample) - began), Math.round(sample.pressure * 100) / 100]);
    });
  };
  const down = (event) => {
    // One pen or finger at a time; but a pen takes over from the hand that came down before it.
    const palm = current?.pointer === "touch" && event.pointerType === "pen";
    if (event.button || (current && !palm) || saving || event.target !== canvas) return;
    const box = surface.getBoundingClientRect();
    const cell = cellAt(event.clientX - box.left, event.clientY - box.top);
    if (!cell) return;
    event.preventDefault();
    clearTimeout(autosaveTimer);
    canvas.setPointerCapture(event.pointerId);
    current = { cell, size: cell.w, points: [], began: now(event), pointer: event.pointerType, id: event.pointerId };
    const gap = lastPenUp?.cell === cell ? current.began - lastPenUp.at : 0;
    if (gap < MAX_WAIT) longestPause = Math.max(longestPause, gap);
    add(event);
    paint();
  };
  const move = (event) => {
    if (event.pointerId !== current?.id) return;
    const from = current.points.length - 1;
    add(event);
    drawStroke(canvas.getContext("2d"), current.cell, current, from);
  };
  const up = (event) => {
    if (event.pointerId !== current?.id) return;
    if (event.type === "pointerup") add(event);
    const { cell, points, size, began, pointer } = current;
    current = null;
    cell.strokes.push({ points, size });
    strokeCells.push(cell);
    if (cell.strokes.length === 1) digits += 1;
    const ended = Math.min(Math.max(now(event), began), began + MAX_STROKE_TIME);
    lastPenUp = { cell, at: ended };
    addEvent({ type: "stroke", cell: cells.indexOf(cell), size: round(size), began, ended, pointer, points });
    paint();
    saveWhenFull();
  };
  const saveWhenFull = () => {
    clearTimeout(autosaveTimer);
    if (!data.autosave || !cells.every((cell) => cell.strokes.length)) return;
    const wait = digits < 10 ? FIRST_WAIT : Math.min(Math.max(2 * longestPause, MIN_WAIT), MAX_WAIT);
    autosaveTimer = setTimeout(() => submit(lastPenUp?.at), wait);  // the wait is not the writer's time
  };

  // Buttons and keys
  const submit = (at = now()) => {
    if (saving || current || !strokeCells.length) return;
    clearTimeout(autosaveTimer);
    saving = true;
    pad.classList.add("saving");
    addEvent({ type: "save", at });
    paint();
  };
  const undoStroke = () => {
    if (saving || current || !strokeCells.length) return;
    clearTimeout(autosaveTimer);
    lastPenUp = null;
    strokeCells.pop().strokes.pop();
    addEvent({ type: "undo", at: now() });
    paint();
  };
  const clear = (cell) => {
    if (saving || current || !cell.strokes.length) return;
    clearTimeout(autosaveTimer);
    lastPenUp = null;
    cell.strokes = [];
    strokeCells = strokeCells.filter((each) => each !== cell);
    addEvent({ type: "clear", cell: cells.indexOf(cell), at: now() });
    paint();
  };
  const key = (event) => {
    const path = event.composedPath();
    const on = (selector) => path.some((node) => node !== save && node.matches?.(selector));
    // A key that is held down, or that is meant for something else, does nothing here.
    if (event.repeat || event.defaultPrevented || on("input, textarea, select, [contenteditable=true]")) return;
    const undoes = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    const saves = event.key === "Enter" && !on("button, a, summary, [role=slider], [role=option]");
    if (!undoes && !saves) return;
    event.preventDefault();
    if (undoes) undoStroke();
    else submit();
  };

  const showSheet = () => {
    const kept = JSON.parse(sessionStorage.getItem(`sheet-${data.sheet}`) ?? "null");
    outbox = kept?.outbox.filter(({ n }) => n > (data.acknowledged[kept.client] ?? 0)) ?? [];
    // Without unacknowledged events the client takes a new name: a duplicated tab must not count on under the same one.
    client = outbox.length ? kept.client : Math.random().toString(36).slice(2, 14);
    sequence = outbox.length ? kept.sequence : 0;
    surface.querySelectorAll(".cell").forEach((node) => node.remove());
    saving = outbox.some(({ type }) => type === "save");
    current = lastPenUp = null;
    strokeCells = [];
    pad.classList.toggle("saving", saving);
    cells = data.labels.map((label, index) => {
      const node = document.createElement("div");
      node.className = "cell";
      node.innerHTML = `<div class="head"><span class="prompt">${label}</span>
        <button class="clear" type="button" aria-label="Clear cell ${index + 1}, a ${label}">×</button></div>`;
      surface.append(node);
      const cell = { label, node, strokes: [] };
      node.querySelector("button").onclick = () => clear(cell);
      return cell;
    });
    // The strokes Python has stored, then the events it has not acknowledged yet.
    data.strokes.forEach(({ cell, size, points }) => { cells[cell].strokes.push({ size, points }); strokeCells.push(cells[cell]); });
    outbox.forEach((event) => {
      if (event.type === "stroke") { cells[event.cell].strokes.push(event); strokeCells.push(cells[event.cell]); }
      if (event.type === "undo") strokeCells.pop()?.strokes.pop();
      if (event.type === "clear") {
        cells[event.cell].strokes = [];
        strokeCells = strokeCells.filter((each) => each !== cells[event.cell]);
      }
    });
    canvas.setAttribute("aria-label", `Write these digits, one a cell: ${data.labels.join(", ")}`);
    addEvent({ type: "shown", at: now() });
    layOut();
    saveWhenFull();
  };

  surface.addEventListener("pointerdown", down);
  surface.addEventListener("pointermove", move);
  surface.addEventListener("pointerup", up);
  surface.addEventListener("pointercancel", up);
  surface.addEventListener("contextmenu", (event) => event.preventDefault());  // a finger that rests
  surface.addEventListener("touchmove", (event) => event.preventDefault(), { passive: false });  // the page stays put
  save.onclick = () => submit();
  undo.onclick = undoStroke;
  document.addEventListener("keydown", key);
  const observer = new ResizeObserver(layOut);
  observer.observe(surface);
  return {
    update(component) {
      publish = component.setStateValue;
      const other = data?.sheet !== component.data.sheet;
      if (other && data) sessionStorage.removeItem(`sheet-${data.sheet}`);
      clearTimeout(other ? autosaveTimer : null);
      data = component.data;
      note.textContent = data.autosave ? "Saves itself when the last cell is filled." : "";
      if (other) { showSheet(); return; }
      outbox = outbox.filter(({ n }) => n > (data.acknowledged[client] ?? 0));
      if (!outbox.length) clearTimeout(resendTimer);
      if (saving && data.refused) { saving = false; pad.classList.remove("saving"); }
      keepOutbox();
      paint();
    },
    stop() {
      observer.disconnect();
      clearTimeout(resendTimer);
      clearTimeout(autosaveTimer);
      document.removeEventListener("keydown", key);
    },
  };
}

export default function (component) {
  const { parentElement } = component;
  if (!pads.has(parentElement)) pads.set(parentElement, start(parentElement));
  pads.get(parentElement).update(component);
  return () => { pads.get(parentElement)?.stop(); pads.delete(parentElement); };
}
