// The body in space: world points in metres, seen from a little above, turning about the upright.

import { colours, fit, label } from "./overlay.js";

const TURN_PER_S = 0.5; // rad
const STEP = Math.PI / 12; // rad per arrow key
const TILT = 0.17; // rad from above
const FAR = 6; // m from the eye
const TALL = 2.2; // m that fit the height
const RING = 0.55; // m, radius of the ring on the floor
const FACE = 0.35; // weight up to which a keypoint is part of the face
const HEAD = 0.1; // m, radius
const TEXT = 12; // px

export class Figure {
  constructor(canvas, rotating) {
    this.canvas = canvas;
    this.angle = 0.5;
    this.rotating = rotating;
    this.shown = null;
    this.floor = 0.85; // m below the hips, follows the lowest foot slowly
    this.listen();
    this.before = performance.now();
    requestAnimationFrame((now) => this.frame(now));
  }

  /** Show a person, or null for nobody. */
  show(person, skeleton) {
    const known = person?.world.every(([x]) => x !== null);
    this.shown = known ? { world: person.world, skeleton } : null;
    this.flat = Boolean(person) && !known;
    this.changed = true;
  }

  turn(degrees) {
    this.angle = (degrees * Math.PI) / 180;
    this.changed = true;
  }

  frame(now) {
    const passed = (now - this.before) / 1000;
    this.before = now;
    if (this.rotating && !this.held) this.angle += TURN_PER_S * Math.min(passed, 0.1);
    if ((this.rotating && this.shown) || this.changed) this.draw();
    this.changed = false;
    requestAnimationFrame((next) => this.frame(next));
  }

  draw() {
    const [context, width, height] = fit(this.canvas);
    const place = (point) => this.place(point, width, height);
    if (!this.shown) return say(context, width, height, this.flat ? "this model sees no depth" : "nobody in view");
    const { world, skeleton } = this.shown;
    this.floor += 0.2 * (Math.max(...world.map((point) => point[1])) - this.floor);
    ring(context, place, this.floor, height);
    const points = world.map(place);
    const nearest = (a, b) => points[b[0]].far + points[b[1]].far - points[a[0]].far - points[a[1]].far;
    const order = skeleton.bones.map((ends, index) => [...ends, skeleton.bone_sides[index]]).sort(nearest);
    for (const [a, b, side] of order) if (skeleton.weights[a] > FACE) bone(context, points[a], points[b], side, skeleton.weights[a], skeleton.weights[b]);
    head(context, skeleton, world, place);
    for (const [text, name] of [["L", "left_index"], ["R", "right_index"]]) {
      const hand = points[skeleton.names.indexOf(name)];
      if (hand) label(context, text, hand.x, hand.y + 0.07 * hand.scale, 8);
    }
  }

  /** World point -> px, with the px of a metre there and the distance. */
  place([x, y, z], width, height) {
    const [sin, cos] = [Math.sin(this.angle), Math.cos(this.angle)];
    const [side, back] = [x * cos - z * sin, x * sin + z * cos];
    const up = y * Math.cos(TILT) - back * Math.sin(TILT);
    const far = FAR + back * Math.cos(TILT) + y * Math.sin(TILT);
    const scale = ((Math.min(height, 1.25 * width) / TALL) * FAR) / far;
    return { x: width / 2 + side * scale, y: 0.46 * height + up * scale, far, scale };
  }

  listen() {
    const canvas = this.canvas;
    canvas.addEventListener("pointerdown", (event) => {
      this.held = event.clientX;
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.held) return;
      this.angle += (event.clientX - this.held) / 120;
      this.held = event.clientX;
      this.changed = true;
    });
    const release = () => (this.held = null);
    canvas.addEventListener("pointerup", release);
    canvas.addEventListener("pointercancel", release);
    canvas.addEventListener("keydown", ({ key }) => {
      this.angle += { ArrowLeft: -STEP, ArrowRight: STEP }[key] ?? 0;
      this.changed = true;
    });
    new ResizeObserver(() => (this.changed = true)).observe(canvas);
  }
}

function bone(context, a, b, side, weightA, weightB) {
  const weight = Math.min(weightA, weightB);
  context.lineCap = "round";
  for (const [colour, extra] of [[colours.ink, 2.5], [colours[side], 0]]) {
    context.strokeStyle = colour;
    context.lineWidth = 0.035 * (0.35 + 0.65 * weight) * ((a.scale + b.scale) / 2) + extra;
    context.beginPath();
    context.moveTo(a.x, a.y);
    context.lineTo(b.x, b.y);
    context.stroke();
  }
}

/** A ball between the ears, with a nose that tells front from back. */
function head(context, skeleton, world, place) {
  const [left, right, tip] = ["left_ear", "right_ear", "nose"].map((name) => world[skeleton.names.indexOf(name)]);
  if (!left || !right || !tip) return;
  const ball = [place(left.map((value, axis) => (value + right[axis]) / 2)), HEAD];
  const nose = [place(tip), 0.3 * HEAD];
  const order = ball[0].far > nose[0].far ? [ball, nose] : [nose, ball];
  for (const [point, radius] of order) disc(context, point, radius);
}

function disc(context, point, radius) {
  context.fillStyle = colours.centre;
  context.strokeStyle = colours.ink;
  context.lineWidth = 1.5;
  context.beginPath();
  context.arc(point.x, point.y, radius * point.scale, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
}

/** A ring on the floor with a mark toward the camera. */
function ring(context, place, floor, height) {
  context.strokeStyle = "#66748a";
  context.lineWidth = 1.5;
  context.beginPath();
  for (let step = 0; step <= 48; step += 1) {
    const turn = (step * Math.PI) / 24;
    const { x, y } = place([RING * Math.sin(turn), floor, -RING * Math.cos(turn)]);
    step ? context.lineTo(x, y) : context.moveTo(x, y);
  }
  context.stroke();
  const [tip, near] = [place([0, floor, -1.35 * RING]), place([0, floor, -RING])];
  context.beginPath();
  context.moveTo(near.x, near.y);
  context.lineTo(tip.x, tip.y);
  context.stroke();
  context.fillStyle = "#b6c0cd";
  context.font = `${TEXT}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = tip.y > near.y ? "top" : "bottom";
  context.fillText("camera", tip.x, tip.y > near.y ? Math.min(tip.y + 3, height - TEXT) : tip.y - 3);
}

function say(context, width, height, text) {
  context.fillStyle = "#b6c0cd";
  context.font = "15px system-ui, sans-serif";
  context.textAlign = "center";
  context.fillText(text, width / 2, height / 2);
}
