// Reads a drawing in the browser: strokes -> digit -> fixed layers -> dense network -> ten probabilities.
//
// It does what `drawing/strokes.py`, `drawing/preprocess.py` and `learning/layers` do, which tell where the methods come
// from, and gives what the app's own prediction gives. Plain functions that know neither the page nor Streamlit:
//
//   const network = unpackNetwork(text);       // as `learning/browser_network.py` packs it
//   const steps = drawingSteps(strokes);       // strokes: [[[x, y, ...], ...], ...]; null for a blank canvas or a dot
//   const probabilities = readDigit(network, steps.digit);
//
// Images are flat arrays, row by row.
const IMAGE_SIZE = 28, BOX_SIZE = 20, NUM_CLASSES = 10;
const PEN_WIDTH = 2.6, OVERSAMPLING = 4;  // px of the digit; ink pixels per pixel of the digit
const INK_SIZE = BOX_SIZE * OVERSAMPLING;
const SMALLEST_SIDE = 10, DOT = 1e-9;
const STANDARD_WIDTH = 4, STANDARD_HEIGHT = 5.4, MOST_SLANT = 1.2;  // of a straightened digit
const MOST_NARROWING = 0.35, MOST_WIDENING = 2;
const DIRECTIONS = 8, AREA = 4, LEAST_EDGE = 1e-4;

const clip = (value, least, most) => Math.min(Math.max(value, least), most);

// NumPy rounds halves to the even neighbour.
function roundHalfEven(value) {
  const floor = Math.floor(value), rest = value - floor;
  return rest === 0.5 ? floor + (floor % 2) : Math.round(value);
}

// Strokes -> digit

function drawingSteps(strokes) {
  const ink = renderInk(strokes);
  if (!ink) return null;
  const box = averageAreas(cutSquare(ink)).map(roundHalfEven);
  const [row, column] = pasteOffset(box);
  const digit = new Uint8Array(IMAGE_SIZE ** 2);
  for (let y = 0; y < BOX_SIZE; y++) {
    for (let x = 0; x < BOX_SIZE; x++) digit[(row + y) * IMAGE_SIZE + column + x] = box[y * BOX_SIZE + x];
  }
  return { ink, box, row, column, digit };
}

// Draws with a round pen into a box of 80 x 80 whose longest side the drawing fills: 0 blank to 255 full ink.
function renderInk(strokes) {
  const drawn = strokes.filter((stroke) => stroke.length);
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const stroke of drawn) {
    for (const [x, y] of stroke) {
      left = Math.min(left, x); right = Math.max(right, x);
      top = Math.min(top, y); bottom = Math.max(bottom, y);
    }
  }
  const extent = Math.max(right - left, bottom - top);
  if (!(extent >= DOT)) return null;
  const scale = ((BOX_SIZE - PEN_WIDTH) * OVERSAMPLING) / extent;
  const place = (value, middle) => roundHalfEven((value - middle) * scale * 1e6) / 1e6 + INK_SIZE / 2;
  const distance2 = new Float64Array(INK_SIZE ** 2).fill(Infinity);
  for (const stroke of drawn) {
    const points = stroke.map(([x, y]) => [place(x, (left + right) / 2), place(y, (top + bottom) / 2)]);
    if (points.length === 1) nearTo(distance2, points[0], points[0]);
    for (let index = 1; index < points.length; index++) nearTo(distance2, points[index - 1], points[index]);
  }
  const radius = (PEN_WIDTH * OVERSAMPLING) / 2;
  return Float64Array.from(distance2, (square) => 255 * clip(radius - Math.sqrt(square) + 0.5, 0, 1));
}

// Lowers the squared distances of the pixels around a line that the pen can reach.
function nearTo(distance2, [startX, startY], [endX, endY]) {
  const reach = (PEN_WIDTH * OVERSAMPLING) / 2 + 1;
  const first = (one, other) => Math.max(0, Math.floor(Math.min(one, other) - reach));
  const last = (one, other) => Math.min(INK_SIZE - 1, Math.ceil(Math.max(one, other) + reach));
  const directionX = endX - startX, directionY = endY - startY;
  const length2 = Math.max(directionX ** 2 + directionY ** 2, 1e-12);
  const lastX = last(startX, endX), lastY = last(startY, endY);
  for (let y = first(startY, endY); y <= lastY; y++) {
    for (let x = first(startX, endX); x <= lastX; x++) {
      const dx = x + 0.5 - startX, dy = y + 0.5 - startY;
      const along = clip((dx * directionX + dy * directionY) / length2, 0, 1);
      const offX = dx - along * directionX, offY = dy - along * directionY;
      const square = offX * offX + offY * offY, pixel = y * INK_SIZE + x;
      if (square < distance2[pixel]) distance2[pixel] = square;
    }
  }
}

// Cuts out the box of the ink and widens its short side with blank.
function cutSquare(ink) {
  let [left, top, right, bottom] = [INK_SIZE, INK_SIZE, -1, -1];
  ink.forEach((value, pixel) => {
    if (!value) return;
    const x = pixel % INK_SIZE, y = Math.floor(pixel / INK_SIZE);
    left = Math.min(left, x); right = Math.max(right, x);
    top = Math.min(top, y); bottom = Math.max(bottom, y);
  });
  const width = right - left + 1, height = bottom - top + 1;
  const side = Math.max(width, height, SMALLEST_SIDE);
  const above = Math.floor((side - height) / 2), before = Math.floor((side - width) / 2);
  const square = new Float64Array(side ** 2);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) square[(above + y) * side + before + x] = ink[(top + y) * INK_SIZE + left + x];
  }
  return square;
}

// Makes a square 20 x 20, each new pixel the mean of the area it covers.
function averageAreas(square) {
  const side = Math.sqrt(square.length), step = side / BOX_SIZE;
  const parts = Array.from({ length: BOX_SIZE }, (_, place) => {
    const [lower, upper] = [place * step, (place + 1) * step];
    const found = [];
    for (let pixel = Math.floor(lower); pixel < Math.min(side, Math.ceil(upper)); pixel++) {
      found.push([pixel, (Math.min(upper, pixel + 1) - Math.max(lower, pixel)) / step]);
    }
    return found;
  });
  const means = new Float64Array(BOX_SIZE ** 2);
  parts.forEach((rows, y) => parts.forEach((columns, x) => {
    for (const [row, high] of rows) {
      for (const [column, wide] of columns) means[y * BOX_SIZE + x] += high * wide * square[row * side + column];
    }
  }));
  return means;
}

// By how many whole rows and columns the centre of mass comes into the middle.
function pasteOffset(box) {
  let [mass, byRow, byColumn] = [0, 0, 0];
  box.forEach((value, pixel) => {
    mass += value;
    byRow += value * (Math.floor(pixel / BOX_SIZE) + 0.5);
    byColumn += value * ((pixel % BOX_SIZE) + 0.5);
  });
  return [byRow, byColumn].map((sum) => clip(Math.trunc(15 - sum / Math.max(mass, 1)), 0, IMAGE_SIZE - BOX_SIZE));
}

// The fixed layers

// Uprights a digit and gives it a standard size; `learning/layers/straighten.py`.
function straighten(image) {
  const at = (x, y) => (x < 0 || y < 0 || x >= IMAGE_SIZE || y >= IMAGE_SIZE ? 0 : image[y * IMAGE_SIZE + x]);
  const sum = (weight) => image.reduce(
    (total, value, pixel) => (value ? total + value * weight(pixel % IMAGE_SIZE, Math.floor(pixel / IMAGE_SIZE)) : total), 0,
  );
  const mass = sum(() => 1) + 1e-6;
  const xMean = sum((x) => x) / mass, yMean = sum((x, y) => y) / mass;
  const xVariance = sum((x) => (x - xMean) ** 2) / mass, yVariance = sum((x, y) => (y - yMean) ** 2) / mass;
  const covariance = sum((x, y) => (x - xMean) * (y - yMean)) / mass;
  const slant = clip(covariance / (yVariance + 1e-3), -MOST_SLANT, MOST_SLANT);
  const height = Math.sqrt(Math.max(yVariance, 0.1)) / STANDARD_HEIGHT;
  const narrow = Math.sqrt(Math.max(xVariance - slant * covariance, 0.1)) / STANDARD_WIDTH;
  const width = clip(narrow, MOST_NARROWING, MOST_WIDENING);
  const straight = new Float64Array(IMAGE_SIZE ** 2);
  for (let y = 0; y < IMAGE_SIZE; y++) {
    const down = y - (IMAGE_SIZE - 1) / 2, fromY = yMean + height * down;
    const row = Math.floor(fromY), lower = fromY - row;
    for (let x = 0; x < IMAGE_SIZE; x++) {
      const fromX = clip(xMean + width * (x - (IMAGE_SIZE - 1) / 2) + slant * height * down, -1, IMAGE_SIZE);
      const column = Math.floor(fromX), right = fromX - column;
      const mix = (line) => at(column, line) * (1 - right) + at(column + 1, line) * right;
      straight[y * IMAGE_SIZE + x] = mix(row) * (1 - lower) + mix(row + 1) * lower;
    }
  }
  return straight;
}

// Tells how much ink begins in each direction in each area; `learning/layers/directions.py`.
function directions(image) {
  const at = (x, y) => (x < 0 || y < 0 || x >= IMAGE_SIZE || y >= IMAGE_SIZE ? 0 : image[y * IMAGE_SIZE + x]);
  const areas = IMAGE_SIZE / AREA, sums = new Float64Array(areas ** 2 * DIRECTIONS);
  const unit = Array.from({ length: DIRECTIONS }, (_, index) => (2 * Math.PI * index) / DIRECTIONS);
  const cosines = unit.map(Math.cos), sines = unit.map(Math.sin);
  for (let y = 0; y < IMAGE_SIZE; y++) {
    for (let x = 0; x < IMAGE_SIZE; x++) {
      const side = (dx) => (at(x + dx, y - 1) + 2 * at(x + dx, y) + at(x + dx, y + 1)) / 4;
      const end = (dy) => (at(x - 1, y + dy) + 2 * at(x, y + dy) + at(x + 1, y + dy)) / 4;
      const right = side(1) - side(-1), down = end(1) - end(-1);
      const first = (Math.floor(y / AREA) * areas + Math.floor(x / AREA)) * DIRECTIONS;
      for (let index = 0; index < DIRECTIONS; index++) {
        sums[first + index] += Math.max(0, cosines[index] * right + sines[index] * down);
      }
    }
  }
  return sums.map((sum) => Math.min(Math.sqrt(sum / AREA ** 2 + LEAST_EDGE) - Math.sqrt(LEAST_EDGE), 1));
}

// The network

function unpackNetwork(text) {
  const packed = JSON.parse(text);
  return { ...packed, layers: packed.layers.map(unpackLayer) };
}

// Two weights of 12 bits in three bytes; each row of weights has its scale.
function unpackLayer({ units, inputs, ...texts }) {
  const bytes = (text) => {  // a plain loop: `Uint8Array.from` takes three times as long
    const letters = atob(text), found = new Uint8Array(letters.length);
    for (let index = 0; index < found.length; index++) found[index] = letters.charCodeAt(index);
    return found;
  };
  const floats = (text) => new Float32Array(bytes(text).buffer);
  const packed = bytes(texts.weights), scales = floats(texts.scales), weights = new Float32Array(units * inputs);
  for (let index = 0; index < weights.length; index++) {
    const first = 3 * (index >> 1);
    const level = index % 2 ? (packed[first + 1] >> 4) | (packed[first + 2] << 4) : packed[first] | ((packed[first + 1] & 15) << 8);
    weights[index] = (level - 2047) * scales[Math.floor(index / inputs)];
  }
  return { units, inputs, weights, biases: floats(texts.biases) };
}

// M. Abramowitz and I. Stegun, "Handbook of Mathematical Functions" (1964), 7.1.26: right to 1.5e-7.
function errorFunction(value) {
  const t = 1 / (1 + 0.3275911 * Math.abs(value));
  const sum = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(value) * (1 - sum * Math.exp(-value * value));
}

const ACTIVATION = {
  relu: (value) => Math.max(0, value),
  tanh: Math.tanh,
  sigmoid: (value) => 1 / (1 + Math.exp(-value)),
  gelu: (value) => (value / 2) * (1 + errorFunction(value / Math.SQRT2)),
};

// Ten probabilities of a digit, 784 values from 0 to 255.
function readDigit(network, digit) {
  let values = Float64Array.from(digit, (value) => value / 255);
  if (network.straighten) values = straighten(values);
  if (network.directions) values = directions(values);
  network.layers.forEach(({ units, inputs, weights, biases }, number) => {
    const next = Float64Array.from(biases), hidden = number < network.layers.length - 1;
    for (let unit = 0; unit < units; unit++) {
      for (let input = 0, first = unit * inputs; input < inputs; input++) next[unit] += weights[first + input] * values[input];
    }
    values = hidden ? next.map(ACTIVATION[network.activation]) : next;
  });
  const most = Math.max(...values), shares = values.map((value) => Math.exp(value - most));
  const total = shares.reduce((sum, share) => sum + share);
  return shares.map((share) => share / total);
}
