// The timeline is drawn by the server: each window is its own drawing. Here it is asked for another one, and the playhead moves.
import { hand } from "./hand.js";
import { later } from "./later.js";
import { pictures } from "./pictures.js";

const SPANS = { "10m": 6e5, "1h": 36e5, "6h": 216e5, "24h": 864e5, "7d": 6048e5, "31d": 26784e5 };
const WORDS = Object.keys(SPANS);
// While now is in sight, what is recorded grows.
const GROWS = 20_000;

/** `chosen` is told the instant that somebody went to; `moved` each window. */
export function timeline(part, clock, chosen, moved) {
  const swap = part.querySelector("[data-swap]");
  const tracks = () => swap.querySelector("[data-tracks]");
  const state = { at: Number(tracks().dataset.at), span: part.dataset.span };
  let shown = state.at;

  const query = (at = state.at) => new URLSearchParams({ cameras: part.dataset.cameras, at: clock.link(at), span: state.span });
  // What was asked for last is what is shown: an answer that was overtaken is dropped.
  const ask = later(async (signal) => {
    const answer = await fetch(`${part.dataset.browser}?${query()}`, { signal, headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    const { move } = (swap.contains(document.activeElement) && document.activeElement.dataset) || {};
    swap.replaceChildren(template.content);
    if (move) swap.querySelector(`[data-move="${move}"]`)?.focus({ preventScroll: true });
    grip.redrawn();
    point(shown);
  });
  const remember = () => history.replaceState(null, "", `?${query()}`);
  // The players come along once it rests, and so does the address: browsers refuse to change it for each move of a hand.
  const settle = later(async () => {
    remember();
    chosen(state.at);
  }, 300);

  function go(at, span = state.span, rests = true) {
    Object.assign(state, { at, span });
    shown = at;
    if (rests) remember();
    moved(at, SPANS[span], query());
    ask();
  }
  // The drawing stands while it plays, and the playhead runs over it.
  function point(at) {
    const width = swap.querySelector(".track svg")?.getBoundingClientRect().width ?? 0;
    swap.querySelector(".playhead")?.style.setProperty("transform", `translateX(${((at - state.at) / SPANS[state.span]) * width}px)`);
  }
  function zoom(by) {
    const word = WORDS[WORDS.indexOf(state.span) + by];
    if (word) go(shown, word);
  }
  // Where on the line somebody points, as an instant.
  function instant(event) {
    const { from, until } = tracks().dataset;
    const box = swap.querySelector(".track svg").getBoundingClientRect();
    return Number(from) + ((event.clientX - box.left) / box.width) * (until - from);
  }
  const grip = hand(swap, {
    at: () => state.at,
    width: () => SPANS[state.span],
    drag: (at) => go(at, state.span, false),
    dropped: settle,
    press: (event) => (go(instant(event)), chosen(state.at)),
    zoom,
  });
  pictures(part, swap, clock, instant);
  setInterval(() => {
    if (!document.hidden && !grip.held && Number(tracks().dataset.until) > tracks().dataset.now) ask();
  }, GROWS);

  return {
    at: state.at,
    now: Number(tracks().dataset.now),
    zoom,
    move(share) {
      go(state.at + share * SPANS[state.span]);
      settle();
    },
    // While it plays the window follows when a third of it has passed.
    follow(at) {
      shown = at;
      if (!grip.held && Math.abs(at - state.at) > SPANS[state.span] / 3) go(at);
      else point(at);
    },
    address: (at) => `${location.origin}${location.pathname}?${query(at)}`,
  };
}
