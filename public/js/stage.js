// Several films in step: one instant for all. Whichever has film leads; the others are set right, and wait for each other.
import { Film } from "./film.js";
import { JUMP, behind, lead, pace } from "./step.js";

// So long do all wait for one whose film does not come.
const PATIENCE = 4000;

export class Stage {
  at = 0;
  rate = 1;
  playing = false;
  #films;
  #told = 0;
  #last = 0;
  #held = 0;

  constructor(place, now, tell) {
    place.hidden = false;
    [this.tell, this.now] = [tell, now];
    this.#films = [...place.querySelectorAll("figure")].map((figure) => new Film(figure, now));
    setInterval(() => this.#tick(), 100);
    addEventListener("pagehide", () => this.#films.forEach((film) => film.end()));
  }

  async show(at) {
    this.at = at;
    this.#held = 0;
    this.#tell(true);
    await Promise.all(this.#films.map((film) => film.seek(at)));
    if (!this.playing) for (const film of this.#films) film.hold();
  }

  play(playing = !this.playing) {
    [this.playing, this.#last] = [playing, performance.now()];
    for (const film of this.#films) playing && film.has(this.at) ? film.run(this.rate) : film.hold();
    this.#tell(true);
  }

  sound(on) {
    for (const film of this.#films) film.video.muted = !on;
  }

  /** One frame on (1) or back (-1), of the film that leads. */
  async step(frames) {
    this.play(false);
    const first = this.#films.find((film) => film.has(this.at)) ?? this.#films[0];
    // A third into the frame: its border belongs to its neighbour where numbers are rounded.
    const shown = first.exactly() ?? this.at;
    const another = first.frames.another();
    await this.show(shown + (frames + 0.34) * first.frames.apart);
    // Frames are further apart than was thought, as long as nobody saw it play.
    if (!(await another) && first.frames.apart < 400) {
      first.frames.apart *= 1.5;
      await this.step(frames);
    }
  }

  #tick() {
    const now = performance.now();
    const passed = (now - this.#last) * this.rate;
    this.#last = now;
    if (!this.playing) return;
    const here = this.#films.filter((film) => film.has(this.at));
    if (here.length === 0) return this.#over();
    const ready = here.filter((film) => film.ready);
    if (ready.length < here.length && (ready.length === 0 || now - (this.#held ||= now) < PATIENCE)) {
      for (const film of ready) film.hold();
      for (const film of here) if (!film.ready && !film.loading && Math.abs(behind(film, this.at)) > 5 * JUMP) film.seek(this.at);
      return;
    }
    if (ready.length === here.length) this.#held = 0;
    this.at = lead(ready, this.#films, this.at + passed) ?? this.at;
    for (const film of this.#films) {
      if (!film.has(this.at)) film.seek(this.at);
      else if (film.loading || film.video.seeking) continue;
      else if (Math.abs(behind(film, this.at)) > JUMP) film.seek(this.at);
      else film.run(pace(film, this.at, this.rate));
    }
    this.#tell(false);
  }

  // Nobody has film here: on to where somebody has. Behind the newest film it is waited for.
  #over() {
    if (this.#films.some((film) => film.loading)) return;
    const next = Math.min(...this.#films.map((film) => film.next(this.at)));
    if (!Number.isFinite(next)) return this.#films.forEach((film) => film.seek(this.at));
    this.tell(next, next - this.at);
    this.at = next;
    for (const film of this.#films) film.seek(next);
  }

  #tell(always) {
    if (!always && performance.now() - this.#told < 200) return;
    this.#told = performance.now();
    this.tell(this.at, 0);
  }
}
