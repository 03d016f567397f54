// Ctrl K: a list of every place and of this page's actions, narrowed by typing, opened by Enter.

/** Shows a dialog that leaves the page when it closes; a press outside it closes it. */
export function open(dialog) {
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}

export function palette(root) {
  const places = root.getElementById("places");
  if (!places) return;
  root.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    if (!root.querySelector("dialog[open]")) show(root, places);
  });
}

function show(root, places) {
  const dialog = Object.assign(root.createElement("dialog"), { className: "palette" });
  dialog.setAttribute("aria-label", "Go anywhere");
  const input = Object.assign(root.createElement("input"), { type: "text", placeholder: "Where to?", autocomplete: "off" });
  input.setAttribute("aria-label", "Where to? Type to narrow the list, or a number to search for it");
  const list = places.content.querySelector("ul").cloneNode(true);
  const actions = [...root.querySelectorAll("main .actions a[href]")].map((link) => item(root, link.href, link.textContent));
  list.prepend(...actions);
  const search = item(root, "", "");
  list.append(search);
  const items = [...list.children];
  let at = 0;

  const shown = () => items.filter((entry) => !entry.hidden);
  const mark = (to) => {
    const visible = shown();
    at = Math.max(0, Math.min(to, visible.length - 1));
    visible.forEach((entry, n) => link(entry).classList.toggle("at", n === at));
    visible[at]?.scrollIntoView({ block: "nearest" });
  };
  const narrow = () => {
    const words = input.value.trim().toLowerCase().split(/\s+/);
    for (const entry of items) {
      const text = entry.textContent.toLowerCase();
      entry.hidden = entry !== search && !words.every((word) => text.includes(word));
    }
    const query = input.value.trim();
    search.hidden = !query;
    link(search).href = `/bols?q=${encodeURIComponent(query)}`;
    link(search).textContent = `Search bills of lading for “${query}”`;
    mark(0);
  };

  input.addEventListener("input", narrow);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") mark(at + 1);
    else if (event.key === "ArrowUp") mark(at - 1);
    else if (event.key === "Enter") shown()[at]?.querySelector("a").click();
    else return;
    event.preventDefault();
  });
  dialog.append(input, list);
  open(dialog);
  narrow();
}

const link = (entry) => entry.querySelector("a");

function item(root, href, text) {
  const entry = root.createElement("li");
  entry.append(Object.assign(root.createElement("a"), { href, textContent: text.trim() }));
  return entry;
}
