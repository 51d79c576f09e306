// A pad that is read in the browser while one writes on it; nothing of it leaves the page. Until the first touch it
// shows how a digit is written and read: the ink, then the ink in 20 x 20 pixels, that centred in 28 x 28, and the ten
// probabilities, one after the other. `reader.js`, which stands before this file, makes and reads the digits.
const PAD = 280;  // units of the pad, whatever its size on the screen
const LINE = 18;  // units, the width of the line that is shown
const LEAST_EXTENT = 0.05 * PAD;  // what is shorter is a dot, as in `strokes.check_size`
const MOST_POINTS = 5000;
const STAGES = ["ink", "box", "digit", "bars"];
const STAGE_TIME = 700;  // ms from one stage of the replay to the next
const PAD_LABEL = "Pad to draw a digit on, with mouse, finger or pen";

function startLivePad(root) {
  const [live, pad, box, digit, bars, reading, said, clear, another] = [
    ".live", ".pad", ".box", ".digit", ".bars", ".reading", ".said", ".clear", ".another",
  ].map((selector) => root.querySelector(selector));
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let network = null, text = null, written = [], next = 0;  // written: drawings to replay; next: which of them
  let strokes = [], points = 0, current = null;  // current: the pointer that draws
  let frame = null;  // of the replay

  bars.replaceChildren(...Array.from({ length: NUM_CLASSES }, (_, label) => {
    const bar = document.createElement("li");
    // Said in this order; where each stands is the style's matter.
    bar.innerHTML = `<span class="name">${label}</span> <span class="percent">0\u00a0%</span><span class="track"><span class="fill"></span></span>`;
    return bar;
  }));

  // Showing
  const paintInk = (shown) => {
    const ratio = (window.devicePixelRatio || 1) * (pad.clientWidth || PAD) / PAD;
    [pad.width, pad.height] = [Math.round(PAD * ratio), Math.round(PAD * ratio)];
    const context = pad.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    Object.assign(context, { lineWidth: LINE, lineCap: "round", lineJoin: "round", strokeStyle: "#fff" });
    for (const stroke of shown) {
      context.beginPath();
      stroke.forEach(([x, y], index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)));
      if (stroke.length === 1) context.lineTo(stroke[0][0], stroke[0][1]);
      context.stroke();
    }
  };
  const paintPixels = (canvas, size, pixels) => {
    [canvas.width, canvas.height] = [size, size];
    if (!pixels) return;
    const image = canvas.getContext("2d").createImageData(size, size);
    pixels.forEach((value, pixel) => image.data.set([value, value, value, 255], 4 * pixel));
    canvas.getContext("2d").putImageData(image, 0, 0);
  };
  const tooSmall = (shown) => {
    const all = shown.flat();
    return [0, 1].every((axis) => {
      const values = all.map((point) => point[axis]);
      return Math.max(...values) - Math.min(...values) < LEAST_EXTENT;
    });
  };
  // Shows what is drawn and what is made of it, up to a stage; returns what it was read as.
  const show = (shown, stage = "bars") => {
    paintInk(shown);
    const steps = tooSmall(shown) ? null : drawingSteps(shown);
    const reached = steps ? STAGES.indexOf(stage) : 0;
    paintPixels(box, BOX_SIZE, reached >= 1 && steps.box);
    paintPixels(digit, IMAGE_SIZE, reached >= 2 && steps.digit);
    const read = reached >= 3 && network ? readDigit(network, steps.digit) : null;
    const label = read ? read.indexOf(Math.max(...read)) : null;
    [...bars.children].forEach((bar, index) => {
      const percent = `${Math.round(100 * (read?.[index] ?? 0))}\u00a0%`;
      bar.querySelector(".percent").textContent = percent;
      bar.querySelector(".fill").style.height = `${100 * (read?.[index] ?? 0)}%`;
      bar.classList.toggle("most", index === label);
    });
    const words = read ? `This is ${label === 8 ? "an" : "a"} ${label} (${Math.round(100 * read[label])}\u00a0%)` : "Ten probabilities";
    reading.textContent = words;
    Object.assign(live.dataset, { stage: STAGES[reached], reading: label ?? "" });
    return read ? words : "";
  };

  // The replay
  const stopReplay = () => {
    cancelAnimationFrame(frame);
    frame = null;
  };
  const replay = () => {
    stopReplay();
    const drawing = written[next % written.length];
    next += 1;
    current = null;
    [strokes, points] = [[], 0];
    live.dataset.state = "replay";
    said.textContent = "";
    pad.setAttribute("aria-label", `${PAD_LABEL}. As an example a ${drawing.label} is written on it.`);
    const ends = drawing.strokes.at(-1).at(-1)[2];
    if (calm.matches) { show(drawing.strokes); live.dataset.state = "shown"; return; }
    let began = null;
    const step = (now) => {
      began ??= now;
      const stage = Math.min(3, Math.max(0, Math.floor((now - began - ends) / STAGE_TIME)));
      const so_far = drawing.strokes.map((stroke) => stroke.filter(([, , time]) => time <= now - began));
      show(so_far.filter((stroke) => stroke.length), STAGES[stage]);
      if (stage < 3) frame = requestAnimationFrame(step);
      else live.dataset.state = "shown";
    };
    frame = requestAnimationFrame(step);
  };
  const empty = () => {
    stopReplay();
    current = null;
    [strokes, points] = [[], 0];
    live.dataset.state = "own";
    pad.setAttribute("aria-label", PAD_LABEL);
    said.textContent = "";
    show(strokes);
  };

  // The pen
  const add = (event) => {
    const area = pad.getBoundingClientRect();
    const samples = event.type === "pointermove" ? event.getCoalescedEvents?.() ?? [] : [];
    for (const { clientX, clientY } of samples.length ? samples : [event]) {
      const [x, y] = [((clientX - area.left) * PAD) / area.width, ((clientY - area.top) * PAD) / area.height];
      const [lastX, lastY] = strokes.at(-1).at(-1) ?? [];
      if ((x === lastX && y === lastY) || points >= MOST_POINTS) continue;
      strokes.at(-1).push([x, y]);
      points += 1;
    }
  };
  const down = (event) => {
    if (current?.kind === "touch" && event.pointerType === "pen") cancel();  // the hand came down before the pen
    if (event.button || (current && !event.isPrimary)) return;
    event.preventDefault();
    if (live.dataset.state !== "own") empty();
    pad.setPointerCapture(event.pointerId);
    current = { id: event.pointerId, kind: event.pointerType };
    strokes.push([]);
    add(event);
    show(strokes);
  };
  const move = (event) => {
    if (event.pointerId !== current?.id) return;
    if (!event.buttons && event.pointerType === "mouse") { finish(); return; }  // it went up outside the window
    const began = performance.now();
    add(event);
    show(strokes);
    live.dataset.ms = (performance.now() - began).toFixed(1);
  };
  const up = (event) => {
    if (event.pointerId !== current?.id) return;
    add(event);
    finish();
  };
  const finish = () => {
    current = null;
    said.textContent = show(strokes);
  };
  const cancel = () => {  // a palm, as the system has found out: a pen's stroke is kept
    if (current?.kind === "touch") strokes.pop();
    finish();
  };

  const listeners = {
    pointerdown: down, pointermove: move, pointerup: up,
    pointercancel: (event) => { if (event.pointerId === current?.id) cancel(); },
  };
  Object.entries(listeners).forEach(([name, listener]) => pad.addEventListener(name, listener));
  pad.addEventListener("touchmove", (event) => event.preventDefault(), { passive: false });  // the page stays put
  clear.onclick = empty;
  another.onclick = replay;
  return {
    update(data) {
      if (data.network !== text) {
        text = data.network;
        network = unpackNetwork(text);
        if (live.dataset.state === "own") show(strokes);
      }
      written = JSON.parse(data.written);
      another.hidden = !written.length;
      if (!live.dataset.state) (written.length ? replay : empty)();
    },
    stop: stopReplay,
  };
}
