// Where pictures come from: a camera, or a clip that the browser plays from the visitor's disk.

const LONG_SIDE = 640; // px of what is sent; the networks look at 256 px of it

export class CameraError extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason; // "insecure", "refused", "none" or "busy"
  }
}

export class Pictures {
  constructor(video) {
    this.video = video;
    this.mirrored = false;
    this.facing = "user";
    this.onPicture = () => {}; // called with the time in s, for each new picture on the screen
    this.run = 0;
    this.held = false; // a clip that stands by `hold`, or has not begun
  }

  async camera() {
    this.stop();
    const run = this.run;
    const stream = await openCamera(this.facing);
    if (run !== this.run) {
      stream.getTracks().forEach((track) => track.stop());
      throw new DOMException("another source was chosen meanwhile", "AbortError");
    }
    this.stream = stream;
    // A camera that looks at the visitor shows what a mirror would.
    const facing = stream.getVideoTracks()[0].getSettings().facingMode;
    this.setMirrored(facing !== "environment");
    this.video.srcObject = stream;
    await this.video.play();
    this.watch(run);
  }

  /** Open a clip; it stands still until `resume`, so that nothing is missed. */
  async clip(file) {
    this.stop();
    this.url = URL.createObjectURL(file);
    this.setMirrored(false);
    this.held = true;
    this.video.controls = true;
    await new Promise((resolve, reject) => {
      this.video.onloadeddata = resolve;
      this.video.onerror = () => this.isClip && reject(new Error("unplayable"));
      this.video.src = this.url;
    });
    this.watch(this.run);
  }

  /** Let a clip run that was held; one that the visitor paused stays so. */
  resume() {
    if (this.isClip && this.held && !this.video.ended) this.video.play();
    this.held = false;
  }

  /** Let a clip stand while nobody looks at its pictures. */
  hold() {
    if (!this.isClip || this.video.paused) return;
    this.held = true;
    this.video.pause();
  }

  stop() {
    this.run += 1;
    this.stream?.getTracks().forEach((track) => track.stop());
    if (this.url) URL.revokeObjectURL(this.url);
    this.stream = this.url = null;
    this.held = false;
    this.video.srcObject = null;
    this.video.removeAttribute("src");
    this.video.load();
    this.video.controls = false;
  }

  get isClip() {
    return Boolean(this.url);
  }

  get size() {
    return [this.video.videoWidth, this.video.videoHeight];
  }

  /** What the screen shows now, small enough to send. */
  async grab() {
    const [width, height] = this.size;
    const scale = Math.min(1, LONG_SIDE / Math.max(width, height));
    return createImageBitmap(this.video, {
      resizeWidth: Math.max(1, Math.round(width * scale)),
      resizeHeight: Math.max(1, Math.round(height * scale)),
    });
  }

  watch(run) {
    const next = (now, frame) => {
      if (run !== this.run) return;
      if (this.video.readyState >= 2) this.onPicture(this.isClip ? frame?.mediaTime ?? this.video.currentTime : now / 1000);
      ask();
    };
    const ask = () =>
      this.video.requestVideoFrameCallback ? this.video.requestVideoFrameCallback(next) : requestAnimationFrame(next);
    ask();
  }

  setMirrored(mirrored) {
    this.mirrored = mirrored;
    this.video.classList.toggle("mirrored", mirrored);
  }
}

async function openCamera(facingMode) {
  if (!navigator.mediaDevices) throw new CameraError("insecure");
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: { facingMode, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } },
      audio: false,
    });
  } catch (error) {
    const reasons = { NotAllowedError: "refused", SecurityError: "refused", NotReadableError: "busy" };
    throw new CameraError(reasons[error.name] ?? "none");
  }
}
