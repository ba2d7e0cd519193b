// The page: pictures -> link -> answers -> overlay, figure, panel; and what to tell when it halts.

import { Figure } from "./figure.js";
import { Link } from "./link.js";
import { clear, draw } from "./overlay.js";
import { Panel, sentence } from "./panel.js";
import { CameraError, Pictures } from "./pictures.js";

const NOBODY_MS = 1200; // until it is worth a word
const SAID = {
  idle: "Start the camera, or open a clip from your device.",
  asking: "Your browser asks for the camera: please allow it.",
  refused: "The camera was refused. Allow it beside the address above, or open a clip instead.",
  insecure: "Browsers give the camera to https pages and to this machine only. Open a clip instead.",
  none: "No camera was found. Plug one in, or open a clip instead.",
  busy: "The camera is used by another program. Close that and start again.",
  unplayable: "Your browser cannot play this file. MP4 (H.264) and WebM work.",
  connecting: "Loading the model \u2026",
  nobody: "Nobody in view. Step back until your whole body shows.",
  resting: "No picture for a minute, so the seat was given to others. It goes on with the next picture.",
  ended: "The clip has ended. Play it again, or open another.",
};

const element = (id) => document.getElementById(id);
const video = element("video");
const overlay = element("overlay");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const pictures = new Pictures(video);
const link = new Link();
const figure = new Figure(element("figure"), !calm.matches);
const panel = new Panel();
let skeleton = null;
let seen_ms = 0;

function tell(text) {
  if (element("message").textContent !== text) element("message").textContent = text;
}

async function begin(open, waiting) {
  tell(waiting);
  setRunning(true);
  panel.reset();
  try {
    await open();
  } catch (error) {
    if (error.name === "AbortError") return; // another source was chosen meanwhile
    halt(SAID[error instanceof CameraError ? error.reason : "unplayable"]);
    return;
  }
  element("turn").hidden = pictures.isClip || (await cameras()) < 2;
  if (!link.greeted) return link.open();
  link.start(element("exercise").value);
  pictures.resume();
}

function halt(text) {
  pictures.stop();
  link.close();
  setRunning(false);
  clear(overlay);
  figure.show(null);
  panel.showAngles(null);
  tell(text);
}

function setRunning(running) {
  element("stop").disabled = element("again").disabled = !running;
  seen_ms = performance.now();
}

async function cameras() {
  const devices = await navigator.mediaDevices?.enumerateDevices();
  return (devices ?? []).filter((device) => device.kind === "videoinput").length;
}

function restart() {
  panel.reset();
  link.start(element("exercise").value);
}

pictures.onPicture = (time_s) => {
  if (link.ready) link.send(pictures.grab(), time_s);
  else if (link.idle && !video.paused) {
    pictures.hold();
    link.open();
  }
};

link.onHello = (hello) => {
  skeleton = hello.skeleton;
  const select = element("exercise");
  const chosen = select.value || hello.exercise;
  select.replaceChildren(...hello.exercises.map((name) => new Option(sentence(name), name)));
  select.value = chosen;
  if (chosen !== hello.exercise) link.start(chosen);
};

link.onState = (state, wait_s, text) => {
  if (state === "connecting") tell(SAID.connecting);
  if (state === "open") {
    tell("");
    pictures.resume();
  }
  if (state === "failed") halt(`It cannot go on: ${text}`);
  if (state === "idle") {
    panel.carry();
    clear(overlay);
    tell(SAID.resting);
  }
  if (state === "lost" || state === "full") {
    panel.carry();
    pictures.hold();
    clear(overlay);
    const why = state === "full" ? "All seats are taken" : "The connection is lost";
    tell(`${why}. Trying again in ${wait_s} s.`);
  }
};

link.onAnswer = (answer) => {
  panel.show(answer);
  figure.show(answer.person, skeleton);
  if (answer.person) {
    seen_ms = performance.now();
    tell("");
    draw(overlay, answer.person, answer.size_wh, skeleton, pictures.mirrored);
  } else {
    clear(overlay);
    if (performance.now() - seen_ms > NOBODY_MS) tell(SAID.nobody);
  }
};

element("camera").onclick = () => begin(() => pictures.camera(), SAID.asking);
element("turn").onclick = () => {
  pictures.facing = pictures.facing === "user" ? "environment" : "user";
  begin(() => pictures.camera(), SAID.asking);
};
element("file").onchange = ({ target }) => {
  const [file] = target.files;
  target.value = ""; // the same clip can be chosen again
  if (file) begin(() => pictures.clip(file), SAID.connecting);
};
element("stop").onclick = () => halt(SAID.idle);
element("again").onclick = restart;
element("exercise").onchange = restart;
element("speak").onclick = ({ target }) => {
  panel.speaking = !panel.speaking;
  target.setAttribute("aria-pressed", panel.speaking);
};
element("rotate").onclick = () => setRotating(!figure.rotating);
for (const button of document.querySelectorAll("[data-turn]")) {
  button.onclick = () => {
    setRotating(false);
    figure.turn(Number(button.dataset.turn));
  };
}

function setRotating(rotating) {
  figure.rotating = rotating;
  element("rotate").setAttribute("aria-pressed", rotating);
}

video.onended = () => tell(SAID.ended);
video.onseeking = () => pictures.isClip && restart(); // what comes is another clip to the counter
calm.onchange = () => setRotating(!calm.matches);
addEventListener("pagehide", () => halt(SAID.idle));

setInterval(() => {
  const { fps, median_ms, p95_ms } = link.speed;
  const shown = fps > 0 && median_ms;
  element("speed").textContent = shown
    ? `${Math.round(fps)} fps \u00b7 ${Math.round(median_ms)} / ${Math.round(p95_ms)} ms`
    : "not running";
}, 500);

window.speechSynthesis?.getVoices(); // browsers load them when they are asked for
element("server").textContent = location.host;
setRotating(!calm.matches);
tell(SAID.idle);
