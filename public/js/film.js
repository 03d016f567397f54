// One camera's film: playlists of an hour, one after the other, shown in a video.
import { Caption } from "./caption.js";
import { Frames } from "./frames.js";
import { load } from "./load.js";
import { Reel } from "./reel.js";

const MINUTE = 60_000;
const LONG = 60 * MINUTE;
// At the end of what is known there may be more by now, and what broke may be whole: so often it is looked for.
const AGAIN = 10_000;

export class Film {
  #reel = new Reel();
  #end = () => undefined;
  #window = [0, 0];
  #asked = -AGAIN;
  #loading = null;
  #wanted = 0;
  #broken = false;

  constructor(figure, now) {
    [this.video, this.caption, this.now] = [figure.querySelector("video"), new Caption(figure), now];
    [this.playlist, this.codec] = [figure.dataset.film, figure.dataset.codec];
    this.frames = new Frames(this.video);
  }

  get loading() { return this.#loading !== null; }

  /** Whether a picture stands there and more of them lie behind it. */
  get ready() {
    return !this.loading && !this.video.seeking && this.video.readyState >= 3;
  }

  /** The instant that is shown; null where there is none. */
  instant() {
    return this.loading || this.video.readyState < 2 ? null : this.#reel.when(this.video.currentTime);
  }

  /** The instant at which the frame begins that stands there. */
  exactly() {
    return this.loading ? null : this.#reel.when(this.frames.at);
  }

  /** Whether it goes on from an instant. */
  has(at) {
    return !this.video.ended && this.#reel.has(at);
  }

  next = (at) => this.#reel.after(at);

  #knows(at) {
    if (at < this.#window[0] || at >= this.#window[1]) return false;
    if (this.#broken) return performance.now() - this.#asked < AGAIN;
    const grows = this.#window[1] > this.now() && at > this.#reel.last;
    return this.#reel.has(at) || !grows || performance.now() - this.#asked < AGAIN;
  }

  async seek(at) {
    this.#wanted = at;
    while (!this.#knows(this.#wanted)) {
      this.#loading ??= this.#load(this.#wanted).finally(() => (this.#loading = null));
      await this.#loading;
    }
    const there = this.#reel.where(this.#wanted);
    this.caption.empty(there === null);
    if (there === null) this.hold();
    else if (Math.abs(this.video.currentTime - there) > 0.002) this.video.currentTime = there;
  }

  run(rate) {
    if (this.video.playbackRate !== rate) this.video.playbackRate = rate;
    // A browser that does not let it play says so by refusing; then it stays as it is.
    if (this.video.paused && this.#reel.pieces.length > 0) this.video.play().catch(() => undefined);
  }

  hold = () => this.video.pause();

  end() {
    this.#end();
    [this.#reel, this.#end] = [new Reel(), () => undefined];
  }

  async #load(at) {
    const from = Math.floor((at - 5 * MINUTE) / (10 * MINUTE)) * 10 * MINUTE;
    [this.#window, this.#asked] = [[from, from + LONG], performance.now()];
    this.end();
    this.caption.clear();
    this.#broken = false;
    const failed = (why) => {
      this.end();
      this.#broken = this.caption.failed(why, at);
    };
    try {
      const { reel, end } = await load(this.video, `${this.playlist}?from=${from}&until=${from + LONG}`, at, this.codec, failed);
      [this.#reel, this.#end] = [reel, end];
    } catch (why) {
      failed(why);
    }
  }
}
