// A picture of the instant that is pointed at, cut out of its sheet, with the time. Each sheet is asked for once, where the pointer rests:
// what is asked for is on record.
import { later } from "./later.js";

const MINUTE = 60_000;

export function pictures(part, swap, clock, instant) {
  const sheets = new Map();
  const [shown, picture, words] = ["hover", "hover-picture", "num"].map((className) => Object.assign(document.createElement("div"), { className }));
  shown.append(picture, words);
  shown.hidden = true;
  shown.setAttribute("aria-hidden", "true");
  part.append(shown);
  let pointed = null;

  const look = later(async () => {
    if (!pointed) return;
    const { track, at } = pointed;
    const sheet = await find(part, sheets, track, at);
    if (pointed?.track === track && pointed.at === at) draw(sheet, at);
  }, 60);

  swap.addEventListener("pointermove", (event) => {
    const track = event.target.closest(".track svg") && event.target.closest("[data-track]")?.dataset.track;
    if (!track || event.pointerType === "touch") return hide();
    pointed = { track, at: instant(event), x: event.clientX, row: event.target.closest(".track") };
    draw(sheets.get(key(pointed))?.found, pointed.at);
    look();
  });
  swap.addEventListener("pointerleave", hide);

  function draw(sheet, at) {
    const tile = sheet?.tiles?.findLast((tile) => tile.at <= at + MINUTE / 2);
    picture.hidden = !tile;
    words.textContent = clock.short(at);
    if (tile) Object.assign(picture.style, { width: `${sheet.width}px`, height: `${sheet.height}px`, backgroundImage: `url("${sheet.url}")`, backgroundPosition: `0 -${tile.y}px` });
    shown.hidden = false;
    const [box, row] = [part.getBoundingClientRect(), pointed.row.getBoundingClientRect()];
    shown.style.left = `${Math.min(Math.max(pointed.x - box.left - shown.offsetWidth / 2, 0), box.width - shown.offsetWidth)}px`;
    shown.style.top = `${row.top - box.top - shown.offsetHeight - 6}px`;
  }
  function hide() {
    pointed = null;
    shown.hidden = true;
  }
}

const key = ({ track, at }) => `${track} ${Math.floor(at / (10 * MINUTE))}`;

// The sheet of ten minutes around an instant; its address ends, and then it is asked for again.
async function find(part, sheets, track, at) {
  const name = key({ track, at });
  const known = sheets.get(name);
  if (known && known.over > performance.now()) return known.sheet;
  const url = part.querySelector(`figure[data-track="${CSS.escape(track)}"]`)?.dataset.picture;
  if (!url) return null;
  const entry = { over: performance.now() + 3 * MINUTE, found: null };
  entry.sheet = fetch(`${url}?at=${Math.round(at)}`, { headers: { accept: "application/json" } })
    .then((answer) => (answer.ok && !answer.redirected ? answer.json() : null))
    .catch(() => null)
    .then((sheet) => (entry.found = sheet));
  sheets.set(name, entry);
  return entry.sheet;
}
