// The skeleton over the picture: left orange with L in a disc, right blue with R in a square.

const PRESENT = 0.5;
const style = getComputedStyle(document.documentElement);
export const colours = Object.fromEntries(
  ["left", "right", "centre", "ink"].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
);

/** Make a canvas as fine as the screen; its size in CSS px. */
export function fit(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return [context, width, height];
}

export function clear(canvas) {
  fit(canvas);
}

/** Draw a person of a picture that was `size_wh` px large, contained in the canvas. */
export function draw(canvas, person, size_wh, skeleton, mirrored) {
  const [context, width, height] = fit(canvas);
  const scale = Math.min(width / size_wh[0], height / size_wh[1]);
  const [left, top] = [(width - scale * size_wh[0]) / 2, (height - scale * size_wh[1]) / 2];
  const points = person.points.map(([x, y, z, visibility, presence]) => ({
    x: left + scale * (mirrored ? size_wh[0] - x : x),
    y: top + scale * y,
    z: z ?? 0,
    visibility: visibility ?? 0,
    shown: x !== null && y !== null && (presence ?? 0) >= PRESENT,
  }));
  const thick = Math.max(2.5, 0.035 * reach(points, skeleton));
  bones(context, points, skeleton, thick);
  dots(context, points, skeleton, thick);
  letters(context, points, skeleton, Math.max(9, 1.5 * thick));
}

/** Mean length of the six longest bones: what the strength of lines goes by. */
function reach(points, skeleton) {
  const lengths = skeleton.bones.map(([a, b]) => Math.hypot(points[a].x - points[b].x, points[a].y - points[b].y));
  const longest = lengths.sort((a, b) => b - a).slice(0, 6);
  return longest.reduce((sum, length) => sum + length, 0) / Math.max(longest.length, 1);
}

function bones(context, points, skeleton, thick) {
  context.lineCap = "round";
  const order = skeleton.bones.map((ends, index) => ({ ends, side: skeleton.bone_sides[index] }));
  order.sort((a, b) => depth(b.ends, points) - depth(a.ends, points)); // far ones first
  for (const { ends: [a, b], side } of order) {
    if (!points[a].shown || !points[b].shown) continue;
    const weight = Math.min(skeleton.weights[a], skeleton.weights[b]);
    const seen = Math.min(points[a].visibility, points[b].visibility);
    const width = thick * (0.25 + 0.75 * weight) * (0.4 + 0.6 * seen);
    for (const [colour, extra] of [[colours.ink, weight < 1 ? 1 : 2.5], [colours[side], 0]]) {
      context.strokeStyle = colour;
      context.lineWidth = width + extra;
      context.beginPath();
      context.moveTo(points[a].x, points[a].y);
      context.lineTo(points[b].x, points[b].y);
      context.stroke();
    }
  }
}

function depth([a, b], points) {
  return points[a].z + points[b].z;
}

function dots(context, points, skeleton, thick) {
  points.forEach((point, index) => {
    const weight = skeleton.weights[index];
    if (!point.shown || weight < 0.35) return;
    context.fillStyle = colours[skeleton.sides[index]];
    context.strokeStyle = colours.ink;
    context.lineWidth = 1.5;
    context.beginPath();
    context.arc(point.x, point.y, thick * (0.35 + 0.6 * weight), 0, 2 * Math.PI);
    context.fill();
    context.stroke();
    if (weight < 1) return;
    context.fillStyle = point.visibility >= 0.5 ? "#fff" : colours.ink; // a dark core: hidden
    context.beginPath();
    context.arc(point.x, point.y, 0.45 * thick, 0, 2 * Math.PI);
    context.fill();
  });
}

/** L and R beside the shoulders, so that sides are told apart without colours too. */
function letters(context, points, skeleton, size) {
  const [one, other] = ["left_shoulder", "right_shoulder"].map((name) => points[skeleton.names.indexOf(name)]);
  if (!one?.shown || !other?.shown) return;
  const apart = Math.hypot(one.x - other.x, one.y - other.y) || 1;
  for (const [text, point, from] of [["L", one, other], ["R", other, one]]) {
    const x = point.x + (2.2 * size * (point.x - from.x)) / apart;
    const y = point.y + (2.2 * size * (point.y - from.y)) / apart - size;
    label(context, text, x, y, size);
  }
}

export function label(context, text, x, y, size) {
  context.fillStyle = text === "L" ? colours.left : colours.right;
  context.strokeStyle = colours.ink;
  context.lineWidth = 2;
  context.beginPath();
  if (text === "L") context.arc(x, y, size, 0, 2 * Math.PI);
  else context.roundRect(x - size, y - size, 2 * size, 2 * size, size / 3);
  context.fill();
  context.stroke();
  context.fillStyle = colours.ink;
  context.font = `700 ${1.25 * size}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, x, y + 0.06 * size);
}
