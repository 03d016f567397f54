// What a pointer does with the timeline: it is pushed along, pressed and zoomed.

export function hand(swap, line) {
  let held = null;
  let pushed = false;
  const width = () => swap.querySelector(".track svg").getBoundingClientRect().width;

  swap.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.target.closest(".track svg")) return;
    held = { x: event.clientX, now: event.clientX, at: line.at(), moved: false };
  });
  // A link that is pushed along would be dragged away as one.
  swap.addEventListener("dragstart", (event) => held && event.preventDefault());
  addEventListener("pointermove", (event) => {
    if (!held) return;
    held.now = event.clientX;
    const by = held.now - held.x;
    held.moved ||= Math.abs(by) > 4;
    if (!held.moved) return;
    // Until the server has drawn it, what there is moves along.
    for (const svg of swap.querySelectorAll(".track svg")) svg.style.transform = `translateX(${by}px)`;
    line.drag(held.at - (by / width()) * line.width());
  });
  addEventListener("pointerup", (event) => {
    const was = held;
    held = null;
    if (was?.moved) {
      line.dropped();
      pushed = true;
      setTimeout(() => (pushed = false));
    }
    else if (was && swap.contains(event.target) && !event.target.closest("a")) line.press(event);
  });
  addEventListener("pointercancel", () => {
    if (held?.moved) line.dropped();
    held = null;
  });
  // Where it was pushed by a link, that is no press of the link.
  swap.addEventListener("click", (event) => {
    if (pushed && event.target.closest("a")) event.preventDefault();
  }, true);
  swap.addEventListener("wheel", (event) => {
    if (!event.target.closest(".tracks")) return;
    if (!event.ctrlKey && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
    event.preventDefault();
    if (event.ctrlKey) line.zoom(Math.sign(event.deltaY));
    else line.drag(line.at() + (event.deltaX / 1000) * line.width()), line.dropped();
  }, { passive: false });

  return {
    get held() {
      return held !== null;
    },
    // What is held is held of the new drawing from here on.
    redrawn() {
      if (held) Object.assign(held, { x: held.now, at: line.at() });
    },
  };
}
