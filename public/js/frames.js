// Which frame a video shows, and how far frames are apart: seen while they are shown.

export class Frames {
  /** Milliseconds from one frame to the next. */
  apart = 40;
  #video;
  #shown = null;
  #told = null;

  constructor(video) {
    this.#video = video;
    let last = null;
    const seen = (_, { mediaTime, presentedFrames }) => {
      const apart = (mediaTime - last?.at) * 1000;
      if (!video.paused && !video.seeking && presentedFrames === last?.frames + 1 && apart >= 8 && apart <= 500) this.apart = apart;
      this.#shown = mediaTime;
      this.#told?.();
      last = { at: mediaTime, frames: presentedFrames };
      video.requestVideoFrameCallback(seen);
    };
    video.requestVideoFrameCallback?.(seen);
  }

  /** Waits for a picture, not for long: whether another one came. */
  async another() {
    const before = this.#shown;
    await new Promise((done) => {
      this.#told = done;
      setTimeout(done, 250);
    });
    return this.#shown !== before;
  }

  /** Where in the film the frame begins that is shown, in seconds, as exactly as the browser knows. */
  get at() {
    const now = this.#video.currentTime;
    return this.#shown !== null && Math.abs(this.#shown - now) < 0.6 ? this.#shown : now;
  }
}
