// The recording browser: the timeline and the players share one instant, and the address has it.
import { clock as yards } from "./clock.js";
import { typing } from "./keys.js";
import { Stage } from "./stage.js";
import { timeline } from "./timeline.js";

export function browser(root) {
  const part = root.querySelector("[data-browser]");
  if (!part) return;
  const clock = yards(part.dataset.zone);
  const [shown, told, play] = ["[data-clock]", "[data-told]", "[data-do=play]"].map((name) => part.querySelector(name));
  const line = timeline(part, clock, (at) => stage.show(at), moved);
  // The server's clock: a browser's may be anything.
  const ahead = line.now - Date.now();
  const stage = new Stage(part.querySelector("[data-stage]"), () => Date.now() + ahead, (at, skipped) => {
    say(at);
    if (skipped > 1000) told.textContent = `${clock.long(skipped)} without film are left out.`;
    line.follow(at);
    button(stage?.playing ?? false);
  });
  stage.show(line.at);

  function say(at) {
    shown.value = clock.words(at);
    shown.dataset.at = Math.round(at);
  }
  function button(playing) {
    if (play.lastElementChild.textContent === (playing ? "Pause" : "Play")) return;
    play.lastElementChild.textContent = playing ? "Pause" : "Play";
    const use = play.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, playing ? "#pause" : "#play"));
  }
  // What stands around the timeline speaks of the window that is shown.
  function moved(at, span, query) {
    say(at);
    const form = root.querySelector("form.filters");
    [form.elements.at.value, form.elements.was.value, form.elements.span.value] = [clock.field(at), clock.link(at), query.get("span")];
    for (const link of root.querySelectorAll("[data-stretch]")) {
      link.hidden = span > (link.dataset.longest ?? Infinity);
      link.href = `${link.dataset.stretch}?${new URLSearchParams({ cameras: part.dataset.cameras, from: clock.link(at - span / 2), until: clock.link(at + span / 2) })}`;
    }
  }

  const speed = part.querySelector("select[data-do=speed]");
  const doing = {
    back: () => stage.show(stage.at - 10_000),
    on: () => stage.show(stage.at + 10_000),
    play: () => stage.play(),
    before: () => stage.step(-1),
    after: () => stage.step(1),
    sound: (event) => {
      const on = event.currentTarget.getAttribute("aria-pressed") !== "true";
      event.currentTarget.setAttribute("aria-pressed", String(on));
      stage.sound(on);
    },
    link: async () => {
      const address = line.address(stage.at);
      // A page without https has no clipboard, and a browser may refuse it.
      const copied = await navigator.clipboard?.writeText(address).then(() => true, () => false);
      told.classList.toggle("sr", copied === true);
      told.textContent = copied ? "The link is copied." : `This browser does not let pages copy. The link is ${address}`;
    },
    keys: () => part.dispatchEvent(new KeyboardEvent("keydown", { key: "?", bubbles: true })),
  };
  for (const one of part.querySelectorAll("button[data-do]")) one.addEventListener("click", (event) => doing[one.dataset.do](event));
  speed.addEventListener("change", () => (stage.rate = Number(speed.value)));

  const faster = (by) => {
    speed.selectedIndex = Math.min(Math.max(speed.selectedIndex + by, 0), speed.length - 1);
    stage.rate = Number(speed.value);
  };
  const keys = {
    j: doing.back, k: doing.play, l: doing.on, " ": doing.play, ".": doing.after, ",": doing.before,
    ArrowLeft: (event) => stage.show(stage.at - (event.shiftKey ? 60_000 : 5_000)),
    ArrowRight: (event) => stage.show(stage.at + (event.shiftKey ? 60_000 : 5_000)),
    "[": () => line.move(-0.5), "]": () => line.move(0.5), "+": () => line.zoom(-1), "=": () => line.zoom(-1), "-": () => line.zoom(1),
    "<": () => faster(-1), ">": () => faster(1),
  };
  root.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    // A button that has the focus is pressed by the space bar, and links by Enter.
    if (!act || typing(event) || (event.key === " " && event.target.closest("button, a, summary"))) return;
    event.preventDefault();
    act(event);
  });
  part.addEventListener("click", (event) => {
    const move = event.target.closest("a[data-move]")?.dataset.move;
    if (!move || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    keys[move](event);
  });
}
