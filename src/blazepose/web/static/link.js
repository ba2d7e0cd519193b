// The socket to the server: pictures out, answers in, at most two on their way; it comes back
// by itself when it is lost, waiting longer each time.

const IN_FLIGHT = 2; // one being worked on, one waiting for it
const FIRST_WAIT_S = 1;
const LONGEST_WAIT_S = 15;
const FORGOTTEN_MS = 5000; // a picture without answer for so long holds up no other
const LAST = 120; // answers that speed is told of
const IDLE = "idle"; // no picture came for long: the seat was given to others
const FINAL = ["malformed", "too big", "unable"]; // reasons that trying again does not mend

export class Link {
  constructor() {
    this.onState = () => {}; // "connecting", "open", "lost", "full", "idle", "failed", "closed"; seconds, text
    this.onHello = () => {};
    this.onAnswer = () => {};
    this.encoder = new Worker("encoder.js");
    this.encoder.onmessage = ({ data }) => this.post(data.sequence, data.jpeg);
    this.idle = false; // until there are pictures again
    this.sequence = 0;
    this.sent = new Map(); // sequence -> when it was taken, and its time in s
    this.latencies = [];
    this.arrivals = [];
  }

  open() {
    this.wanted = true;
    this.wait_s = FIRST_WAIT_S;
    this.connect();
  }

  close() {
    this.wanted = this.idle = false;
    this.drop();
    this.onState("closed");
  }

  get ready() {
    for (const [sequence, shot] of this.sent) {
      if (performance.now() - shot.taken > FORGOTTEN_MS) this.sent.delete(sequence);
    }
    return this.greeted && this.sent.size < IN_FLIGHT;
  }

  /** Send a picture that is being grabbed; only while `ready`. */
  async send(grabbing, time_s) {
    const sequence = (this.sequence = (this.sequence + 1) >>> 0);
    this.sent.set(sequence, { taken: performance.now(), time_s });
    try {
      const picture = await grabbing;
      this.encoder.postMessage({ picture, sequence }, [picture]);
    } catch {
      this.sent.delete(sequence); // the source ended meanwhile
    }
  }

  /** A clip begins. What is on its way belongs to the one before. */
  start(exercise) {
    this.sent.clear();
    if (this.greeted) this.socket.send(JSON.stringify({ type: "start", exercise }));
  }

  /** Answers per second, and latency in ms: median, and 95 of 100. */
  get speed() {
    const sorted = [...this.latencies].sort((a, b) => a - b);
    const part = (p) => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))];
    const now = performance.now();
    const recent = this.arrivals.filter((arrival) => now - arrival < 2000);
    return { fps: recent.length / 2, median_ms: part(0.5), p95_ms: part(0.95) };
  }

  connect() {
    this.drop();
    this.idle = false;
    this.reason = null;
    this.onState("connecting");
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/live${location.search}`);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => socket === this.socket && this.receive(JSON.parse(data));
    socket.onclose = () => socket === this.socket && this.lose();
  }

  drop() {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    this.greeted = false;
    this.sent.clear();
    this.latencies = [];
    this.arrivals = [];
    socket?.close();
  }

  receive(message) {
    if (message.type === "error") {
      this.reason = message;
    } else if (message.type === "hello") {
      this.greeted = true;
      this.wait_s = FIRST_WAIT_S;
      this.onHello(message);
      this.onState("open");
    } else {
      this.note(message);
    }
  }

  note(answer) {
    const shot = this.sent.get(answer.sequence);
    if (!shot) return; // from before a start
    for (const sequence of this.sent.keys()) {
      this.sent.delete(sequence); // older ones were passed over
      if (sequence === answer.sequence) break;
    }
    const now = performance.now();
    this.latencies = [...this.latencies, now - shot.taken].slice(-LAST);
    this.arrivals = [...this.arrivals, now].slice(-LAST);
    this.onAnswer(answer, shot.time_s);
  }

  lose() {
    const reason = this.reason;
    this.drop();
    if (!this.wanted) return;
    if (FINAL.includes(reason?.reason)) {
      this.wanted = false;
      return this.onState("failed", 0, reason.message);
    }
    if (reason?.reason === IDLE) {
      this.idle = true;
      return this.onState("idle");
    }
    this.onState(reason?.reason === "full" ? "full" : "lost", this.wait_s);
    this.timer = setTimeout(() => this.connect(), 1000 * this.wait_s);
    this.wait_s = Math.min(2 * this.wait_s, LONGEST_WAIT_S);
  }

  post(sequence, jpeg) {
    if (!this.greeted || !this.sent.has(sequence)) return;
    const shot = this.sent.get(sequence);
    const message = new Uint8Array(12 + jpeg.byteLength);
    const header = new DataView(message.buffer);
    header.setUint32(0, sequence);
    header.setFloat64(4, shot.time_s);
    message.set(new Uint8Array(jpeg), 12);
    this.socket.send(message);
  }
}
