// j and k (or the arrows, once a row is marked) move through a list; Enter opens the row's first link, x selects it.
import { typing } from "./keys.js";

export function rows(root) {
  // Looked up at every key: a list that is kept live is made anew while the page is open.
  const rowsOf = () => root.querySelector("table[data-rows] tbody");
  const marked = () => rowsOf()?.querySelector("tr.at") ?? rowsOf()?.querySelector("tr:focus-within");

  const mark = (row) => {
    if (!row) return;
    rowsOf().querySelector("tr.at")?.classList.remove("at");
    row.classList.add("at");
    row.scrollIntoView({ block: "nearest" });
    // The link takes the focus, so that a screen reader follows.
    row.querySelector("a[href]")?.focus({ preventScroll: true });
  };

  root.addEventListener("keydown", (event) => {
    if (typing(event) || !rowsOf()) return;
    const row = marked();
    const arrows = row?.contains(event.target);
    if (event.key === "j" || (arrows && event.key === "ArrowDown")) {
      mark(row ? row.nextElementSibling : rowsOf().querySelector("tr"));
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
