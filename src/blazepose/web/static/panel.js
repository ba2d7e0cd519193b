// What is written beside the picture: counter, angles, remarks; and the voice.

const JOINTS = ["knee", "hip", "elbow", "shoulder", "ankle"];
const MOST_REMARKS = 6;
const ANGLES_EVERY_MS = 200; // faster than that nobody reads
const element = (id) => document.getElementById(id);

export class Panel {
  constructor() {
    this.speaking = false;
    this.cells = angleRows(element("angles"));
    this.reset();
  }

  /** Begin at zero. */
  reset() {
    this.before = 0; // counted on connections that were lost
    this.count = this.partial = 0;
    element("remarks").replaceChildren();
    element("last").textContent = "The last repetition is told here.";
    this.showCount(0, "repetitions", true);
    this.showMotion(null);
  }

  /** The connection was lost, and with it the server's count: go on from here. */
  carry() {
    this.before = this.count;
  }

  show(answer) {
    this.showAngles(answer.person?.angles ?? null);
    const counter = answer.counter;
    if (!counter) return this.showMotion(null);
    this.showMotion(counter);
    const count = this.before + counter.count;
    if (counter.hold_s > 0) this.showCount(Math.floor(counter.hold_s), "seconds held", false);
    else if (count !== this.count || this.unit !== "repetitions") this.showCount(count, count === 1 ? "repetition" : "repetitions", true);
    if (count > this.count) this.say([String(count), counter.remarks[0]?.text]);
    this.count = count;
    if (counter.repetition) this.showLast(counter.repetition);
    counter.remarks.forEach((remark) => this.showRemark(remark, count));
  }

  showCount(number, unit, announced) {
    const place = element("count");
    place.setAttribute("aria-live", announced ? "polite" : "off");
    place.firstElementChild.textContent = element("far").textContent = number;
    place.lastElementChild.textContent = unit;
    this.unit = unit.startsWith("repetition") ? "repetitions" : unit;
  }

  showMotion(counter) {
    const progress = Math.min(1, Math.max(0, counter?.progress ?? 0));
    element("depth").style.transform = `scaleX(${progress})`;
    const words = [counter?.exercise, counter?.phase].filter(Boolean);
    element("phase").textContent = words.join(": ") || "\u00a0";
    element("partial").textContent = counter?.partial ? `${counter.partial} not all the way` : "";
  }

  showLast(rep) {
    const hold = rep.hold_s ? `, ${rep.hold_s} s held` : "";
    const turned = rep.depth_deg == null ? "" : `turned at ${rep.depth_deg}\u00b0, `;
    element("last").textContent = `Last: ${turned}${rep.down_s} s there${hold}, ${rep.up_s} s back`;
  }

  showRemark(remark, count) {
    const item = document.createElement("li");
    const evidence = document.createElement("small");
    item.textContent = sentence(remark.text);
    evidence.textContent = `Repetition ${Math.max(count, 1)}: ${remark.evidence}`;
    item.append(evidence);
    const list = element("remarks");
    list.prepend(item);
    while (list.children.length > MOST_REMARKS) list.lastElementChild.remove();
  }

  showAngles(angles) {
    const now = performance.now();
    if (angles && now - (this.angles_ms ?? 0) < ANGLES_EVERY_MS) return;
    this.angles_ms = now;
    for (const [name, cell] of Object.entries(this.cells)) {
      const degrees = angles?.[name];
      cell.textContent = degrees == null ? "not seen" : `${degrees}\u00b0`;
      cell.classList.toggle("unknown", degrees == null);
    }
  }

  /** Speak, with a voice of this device only: others send the words away. */
  say(words) {
    const voice = window.speechSynthesis?.getVoices().find((one) => one.localService && one.lang.startsWith("en"));
    if (!this.speaking || !voice) return;
    const utterance = new SpeechSynthesisUtterance(words.filter(Boolean).join(". "));
    utterance.voice = voice;
    speechSynthesis.cancel();
    speechSynthesis.speak(utterance);
  }
}

function angleRows(body) {
  const cells = {};
  for (const joint of JOINTS) {
    const row = addRow(body, sentence(joint));
    for (const side of ["left", "right"]) cells[`${side}_${joint}`] = row.insertCell();
  }
  cells.trunk = addRow(body, "Trunk lean").insertCell();
  cells.trunk.colSpan = 2;
  return cells;
}

function addRow(body, title) {
  const row = body.insertRow();
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = title;
  row.append(head);
  return row;
}

export function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
