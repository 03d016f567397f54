// j and k (or the arrows, once a row is marked) move through a list; Enter opens the row's first link, x selects it.
import { typing } from "./keys.js";

export function rows(root) {
  const list = root.querySelector("table[data-rows]");
  if (!list) return;
  const marked = () => list.querySelector("tbody tr.at");

  const mark = (row) => {
    if (!row) return;
    marked()?.classList.remove("at");
    row.classList.add("at");
    row.scrollIntoView({ block: "nearest" });
    // The link takes the focus, so that a screen reader follows.
    row.querySelector("a[href]")?.focus({ preventScroll: true });
  };

  root.addEventListener("keydown", (event) => {
    if (typing(event)) return;
    const row = marked();
    const arrows = row !== null && row.contains(event.target);
    if (event.key === "j" || (arrows && event.key === "ArrowDown")) {
      mark(row ? row.nextElementSibling : list.querySelector("tbody tr"));
    } else if (event.key === "k" || (arrows && event.key === "ArrowUp")) {
      mark(row?.previousElementSibling);
    } else if (event.key === "x" && row) {
      row.querySelector(".pick input")?.click();
    } else if (event.key === "Enter" && row && event.target === root.body) {
      row.querySelector("a[href]")?.click();
    } else {
      return;
    }
    event.preventDefault();
  });
}
