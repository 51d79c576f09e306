// What the writer did and Python has not stored yet.
//
// Each view of a sheet is a client with a name of its own, which numbers its events. A message holds all events that
// Python has not acknowledged: whatever breaks, each arrives, and Python takes it once. They are kept in the browser's
// local storage too, so that the next view of the sheet finds what a closed tab could not send. A sheet that Python has
// not stored yet is begun by its first message, which says how (`begin`); a look at it alone sends none.
const RESEND_AFTER = 2000;  // ms without an answer
const memory = new Map();  // where the browser stores nothing: until the page is loaded anew

// Keeps a text under a name, or forgets it for an empty one; false where that is only in memory.
function keepText(name, text) {
  memory.delete(name);
  try {
    if (text) localStorage.setItem(name, text);
    else localStorage.removeItem(name);
    return true;
  } catch {  // storage is blocked or full
    if (text) memory.set(name, text);
    return !text;
  }
}

function keptTexts(prefix) {
  const found = new Map();
  try {
    Object.keys(localStorage).forEach((name) => found.set(name, localStorage.getItem(name)));
  } catch { /* storage is blocked */ }
  memory.forEach((text, name) => found.set(name, text));
  return [...found].filter(([name]) => name.startsWith(prefix)).map(([, text]) => text);
}

// `onChange(strokes, save, kept)` is told how many strokes wait, whether a save does, and whether they outlive the page.
function createOutbox(onChange) {
  let publish = null, timer = null, sequence = 0, kept = true;
  // Parts of a message: {key: of the sheet, sheet: id, begin, client, events}. `others` are of clients before this one;
  // each goes with the own event `until` and has arrived when that one has.
  let own = null, others = [];
  let previous = null;  // the own part of the sheet before, which late strokes go on with: {part, sequence}

  const place = (part) => `digitlab ${own.key} ${part.client}`;  // where the next view of the sheet shown looks
  const keep = (part) => { kept = keepText(place(part), part.events.length ? JSON.stringify(part) : ""); };
  const change = () => {
    const events = [own, ...others].flatMap((part) => part.events);
    onChange(events.filter(({ points }) => points).length, events.some(({ type }) => type === "save"), kept);
  };
  // A look at a sheet alone is nothing to tell.
  const told = () => (own?.events.some(({ seen }) => seen === undefined) ? own : { ...own, events: [] });
  const send = () => {
    publish("outbox", { ...told(), others });
    clearTimeout(timer);
    if (own.events.length || others.length) timer = setTimeout(send, RESEND_AFTER);
  };
  const add = (event) => {
    own.events.push({ n: ++sequence, ...event });
    keep(own);
    change();
    send();
  };
  return {
    add,
    // Notes that the sheet is shown, with so many events of others seen on it. It is sent with what comes next.
    addShown(at, seen) {
      if (others.length) { add({ type: "shown", at }); return; }
      own.events.push({ n: ++sequence, type: "shown", at, seen });
      change();
    },
    use(publishState) { publish = publishState; },
    // Begins a sheet, and returns the events of clients before this one that Python does not know.
    open({ key, sheet, begin, acknowledged }) {
      clearTimeout(timer);
      if (own) {
        [own, ...others].forEach((part) => keepText(place(part), ""));
        // A sheet that was saved has all; one that is another window's now may lack what is not acknowledged.
        const lacks = own.events.some(({ points }) => points) && !own.events.some(({ type }) => type === "save");
        const left = own.events.filter(({ type }) => lacks || type === "late");
        previous = { part: { ...own, events: left }, sequence };
        others = [...others.filter((part) => part.key !== own.key), ...(left.length ? [previous.part] : [])];
      }
      const waiting = keptTexts(`digitlab ${key} `).map((text) => JSON.parse(text));
      waiting.forEach((part) => { part.events = part.events.filter(({ n }) => n > (acknowledged[part.client] ?? 0)); });
      own = { key, sheet, begin, client: Math.random().toString(36).slice(2, 14), events: [] };
      sequence = 0;
      others = [...others, ...waiting].filter(({ events }) => events.length).map((part) => ({ ...part, until: 1 }));
      others.forEach(keep);
      if (previous) previous.part = others.find(({ client }) => client === previous.part.client) ?? previous.part;
      return others.filter((part) => part.key === key).flatMap(({ events }) => events);
    },
    // Sends a stroke for a sheet that has saved itself: the one shown, or the one before it.
    addLate(sheet, event) {
      if (sheet === own.sheet) { add({ type: "late", ...event }); return; }
      const { part } = previous ?? {};
      if (part?.sheet !== sheet) return;  // two sheets ago
      part.events.push({ n: ++previous.sequence, type: "late", ...event });
      part.until = sequence + 1;
      if (!others.includes(part)) others.push(part);
      keep(part);
      add({ type: "went_on", at: event.ended });
    },
    acknowledge(acknowledged) {
      const known = acknowledged[own.client] ?? 0;
      own.events = own.events.filter(({ n }) => n > known);
      others.filter(({ until }) => until <= known).forEach((part) => { part.events = []; keep(part); });
      others = others.filter(({ events }) => events.length);
      if (!own.events.length) clearTimeout(timer);
      keep(own);
      change();
    },
    // Asks for what is stored of a sheet, until it comes.
    ask() {
      let number = 0;
      const again = () => {
        publish("outbox", { ...told(), others: [], ask: ++number });
        timer = setTimeout(again, RESEND_AFTER);
      };
      clearTimeout(timer);
      timer = setTimeout(again);  // not now: what is sent while the component is mounted may get lost
    },
    stop() { clearTimeout(timer); },
  };
}
