// What is on a sheet, as the acts of its writer tell: strokes, clears, undo and redo. Python counts in the same way.
// `done` and `undone` are those of earlier views of the sheet.
function createActs(done, undone) {
  const strokes = () => done.reduce(
    (living, act) => (act.points ? [...living, act] : living.filter(({ cell }) => cell !== act.cell)), [],
  );
  return {
    strokes,
    add(event) {
      if (event.type === "undo") undone.push(...done.splice(-1));
      else if (event.type === "redo") done.push(...undone.splice(-1));
      else if (event.points || (event.type === "clear" && strokes().some(({ cell }) => cell === event.cell))) {
        done.push(event);
        undone = [];
      }
    },
    get canUndo() { return done.length > 0; },
    get canRedo() { return undone.length > 0; },
  };
}

// Whether all that is drawn in a cell is shorter than a line of any digit.
function isTap(strokes) {
  return [0, 1].every((axis) => {
    const values = strokes.flatMap(({ size, points }) => points.map((point) => point[axis] / size));
    return Math.max(...values) - Math.min(...values) < 0.05;
  });
}

// Draws the points of a stroke from index `from` on; a cell is a square {x, y, w}.
function drawStroke(context, cell, stroke, from) {
  const scale = cell.w / stroke.size;
  const at = ([x, y]) => [cell.x + x * scale, cell.y + y * scale];
  context.strokeStyle = "#fff";
  context.lineWidth = cell.w * 0.07;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  context.moveTo(...at(stroke.points[from]));
  stroke.points.slice(from).forEach((point) => context.lineTo(...at(point)));
  context.stroke();
}

function drawCell(context, cell, strokes) {
  context.fillStyle = "#000";
  context.beginPath();
  context.roundRect(cell.x, cell.y, cell.w, cell.h, 6);
  context.fill();
  strokes.forEach((stroke) => drawStroke(context, cell, stroke, 0));
}

// The letter of a key as it is printed on it; where that is not a Latin one, as it is on an English keyboard.
function letterOf({ key, code }) {
  return (/^[a-z]$/i.test(key) ? key : code.replace(/^Key/, "")).toLowerCase();
}
