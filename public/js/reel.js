// A playlist as two rulers laid side by side: where in the film something is, and when it was. What is missing is on the second alone.

export class Reel {
  /** `pieces`: in their order, each with `programDateTime` (milliseconds), `start` and `duration` (seconds of film). `next`: when film goes on behind them. */
  constructor(pieces = [], next = Infinity) {
    [this.pieces, this.next] = [pieces, next];
  }

  get last() {
    return this.pieces.at(-1)?.programDateTime ?? -Infinity;
  }

  #of(at) {
    return this.pieces.find((piece) => at >= piece.programDateTime && at < piece.programDateTime + piece.duration * 1000);
  }

  has(at) {
    return this.#of(at) !== undefined;
  }

  /** Seconds of film at which an instant is; null where there is nothing of it. */
  where(at) {
    const piece = this.#of(at);
    return piece ? piece.start + (at - piece.programDateTime) / 1000 : null;
  }

  /** The instant that is shown at so many seconds of film. */
  when(seconds) {
    const piece = this.pieces.findLast((piece) => seconds >= piece.start - 0.01);
    return piece ? piece.programDateTime + Math.max(seconds - piece.start, 0) * 1000 : null;
  }

  /** When there is film again behind an instant. */
  after(at) {
    return this.pieces.find((piece) => piece.programDateTime > at)?.programDateTime ?? (this.next > at ? this.next : Infinity);
  }
}
