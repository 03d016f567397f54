// Single keys: "/" searches, "?" shows the keys. Silent while something is being typed.
import { open } from "./palette.js";

const KEYS = [
  ["/", "Search"],
  ["Ctrl K", "Go anywhere"],
  ["j  k", "Next row, previous row"],
  ["Enter", "Open the row"],
  ["x", "Select the row"],
  ["?", "These keys"],
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
      event.preventDefault();
      show(root);
    }
  });
}

function show(root) {
  const dialog = root.createElement("dialog");
  dialog.className = "palette";
  dialog.setAttribute("aria-labelledby", "keys-title");
  const title = Object.assign(root.createElement("h2"), { id: "keys-title", textContent: "Keys" });
  const list = root.createElement("dl");
  for (const [key, meaning] of KEYS) {
    const term = root.createElement("dt");
    term.append(...key.split("  ").flatMap((part) => [Object.assign(root.createElement("kbd"), { textContent: part }), " "]));
    list.append(term, Object.assign(root.createElement("dd"), { textContent: meaning }));
  }
  dialog.append(title, list);
  open(dialog);
}
