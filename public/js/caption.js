// What a player says where it shows nothing, and what one can do about it.

export class Caption {
  #wrong = false;

  constructor(figure) {
    this.place = figure.querySelector("[data-says]");
    this.file = figure.dataset.file;
  }

  clear() {
    this.#wrong = false;
    this.#say("");
  }

  /** Whether there is nothing of the instant that is asked for. */
  empty(nothing) {
    if (!this.#wrong) this.#say(nothing ? "Nothing is recorded here." : "");
  }

  /** Says why there is no film, and gives back whether asking again may help. */
  failed({ code, codec }, at) {
    this.#wrong = true;
    const file = this.file.replace(/\d+\.mp4$/, `${Math.round(at)}.mp4`);
    if (codec) this.#say(`This browser does not play what the camera sends (${codec}).`, file, "Save this minute as a file");
    else if (code === 409) this.#say("This film lies in the archive.", file, "Ask for this minute back");
    else if (code === 404) this.#say("This camera is not open to you any more.");
    else this.#say("The film cannot be reached just now. It is tried again in a moment.");
    return !codec && code !== 409 && code !== 404;
  }

  #say(words, href, label) {
    if (this.place.textContent === words && !href) return;
    this.place.replaceChildren(words);
    if (href) this.place.append(" ", Object.assign(document.createElement("a"), { href, textContent: label }));
  }
}
