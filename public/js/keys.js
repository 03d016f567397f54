// Single keys: "/" searches, "?" shows the keys. Silent while something is being typed.
import { open } from "./palette.js";

// Each with what the page must have for it to do something.
const KEYS = [
  ["/", "Search", "#search"],
  ["Ctrl K", "Go anywhere", "#places"],
  ["j  k", "Next row, previous row", "table[data-rows]"],
  ["Enter", "Open the row", "table[data-rows]"],
  ["x", "Select the row", "table[data-rows] .pick input"],
  ["k  Space", "Play, pause", "[data-browser]"],
  ["j  l", "Ten seconds back, on", "[data-browser]"],
  ["←  →", "Five seconds back, on; with Shift a minute", "[data-browser]"],
  [",  .", "One frame back, on", "[data-browser]"],
  ["<  >", "Slower, faster", "[data-browser]"],
  ["[  ]", "Half a window back, on", "[data-browser]"],
  ["+  −", "Zoom in, out", "[data-browser]"],
];

/** Whether a key belongs to a field or to the browser rather than to the page. */
export function typing(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  return event.target.closest("input, textarea, select, [contenteditable], dialog[open]") !== null;
}

export function keys(root) {
  root.addEventListener("keydown", (event) => {
    if (typing(event)) return;
    if (event.key === "/") {
      const search = root.getElementById("search");
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "?") {
      const here = KEYS.filter(([, , needs]) => root.querySelector(needs));
      if (here.length === 0) return;
      event.preventDefault();
      show(root, [...here, ["?", "These keys"]]);
    }
  });
}

function show(root, here) {
  const dialog = root.createElement("dialog");
  dialog.className = "palette";
  dialog.setAttribute("aria-labelledby", "keys-title");
  const title = Object.assign(root.createElement("h2"), { id: "keys-title", textContent: "Keys" });
  const list = root.createElement("dl");
  for (const [key, meaning] of here) {
    const term = root.createElement("dt");
    term.append(...key.split("  ").flatMap((part) => [Object.assign(root.createElement("kbd"), { textContent: part }), " "]));
    list.append(term, Object.assign(root.createElement("dd"), { textContent: meaning }));
  }
  dialog.append(title, list);
  open(dialog);
}
