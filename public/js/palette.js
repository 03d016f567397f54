// Ctrl K: a list of every place, of this page's actions, of customers and of the bill whose number is typed (the ARIA combobox
// pattern): narrowed by typing, opened by Enter.
import { later } from "./later.js";

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

const named = (link, kind) => ({ label: link.textContent.trim(), href: link.getAttribute("href"), kind });

function show(root, places) {
  const dialog = Object.assign(root.createElement("dialog"), { className: "palette" });
  const input = Object.assign(root.createElement("input"), { type: "text", placeholder: "Where to?", autocomplete: "off" });
  const list = Object.assign(root.createElement("ul"), { id: "palette-list" });
  set(dialog, { "aria-label": "Go anywhere" });
  set(list, { role: "listbox", "aria-label": "Places" });
  set(input, {
    role: "combobox", "aria-expanded": "true", "aria-controls": list.id, "aria-autocomplete": "list",
    "aria-label": "Where to? A page, a customer or the number of a bill",
  });
  const known = [
    ...[...root.querySelectorAll("main .actions a[href]")].map((link) => named(link, "on this page")),
    ...[...places.content.querySelectorAll("a")].map((link) => named(link, "")),
  ];
  let found = [];
  let at = 0;

  const mark = (to) => {
    at = Math.max(0, Math.min(to, list.children.length - 1));
    [...list.children].forEach((item, n) => set(item, { "aria-selected": String(n === at) }));
    list.children[at]?.scrollIntoView({ block: "nearest" });
    set(input, { "aria-activedescendant": list.children[at]?.id ?? "" });
  };
  const draw = () => {
    const [query, before] = [input.value.trim(), at > 0 ? list.children[at]?.dataset.href : undefined];
    const words = query.toLowerCase().split(/\s+/);
    const fitting = known.filter((place) => words.every((word) => place.label.toLowerCase().includes(word)));
    const [bills, others] = [found.filter((hit) => hit.kind === "bill"), found.filter((hit) => hit.kind !== "bill")];
    const search = { label: `Search bills of lading for “${query}”`, href: `${places.dataset.search}?q=${encodeURIComponent(query)}`, kind: "" };
    list.replaceChildren(...[...bills, ...fitting, ...others, ...(query ? [search] : [])].map((hit, n) => option(root, hit, n)));
    mark([...list.children].findIndex((item) => item.dataset.href === before));
  };
  const look = later(async (signal) => {
    const query = input.value.trim();
    const answer = query && (await fetch(`${places.dataset.find}?q=${encodeURIComponent(query)}`, { signal }));
    found = answer && answer.ok ? await answer.json() : [];
    draw();
  });
  const go = (item) => item && root.location.assign(item.dataset.href);

  input.addEventListener("input", () => {
    found = [];
    at = 0;
    draw();
    look();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") mark(at + 1);
    else if (event.key === "ArrowUp") mark(at - 1);
    else if (event.key === "Enter") go(list.children[at]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => go(event.target.closest("li")));
  dialog.append(input, list);
  open(dialog);
  draw();
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

function option(root, { label, href, kind }, n) {
  const item = Object.assign(root.createElement("li"), { id: `palette-${n}` });
  set(item, { role: "option", "aria-selected": "false", "data-href": href });
  item.append(Object.assign(root.createElement("span"), { textContent: label }), Object.assign(root.createElement("small"), { textContent: kind }));
  return item;
}
