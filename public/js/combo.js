// A select marked data-combo becomes a field to type in with a list under it (the ARIA combobox pattern).
// The select stays in the form and keeps the value; it is only out of sight.
import { seeker } from "./choices.js";

export function combos(root) {
  for (const select of root.querySelectorAll("select[data-combo]")) build(root, select);
}

function build(root, select) {
  const id = select.id;
  const box = Object.assign(root.createElement("div"), { className: "combo" });
  const input = Object.assign(root.createElement("input"), { type: "text", id, autocomplete: "off" });
  const list = Object.assign(root.createElement("ul"), { id: `${id}-options`, hidden: true });
  const blank = [...select.options].find((option) => option.value === "");
  input.placeholder = blank?.text ?? "";
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" })) {
    input.setAttribute(name, value);
  }
  for (const name of ["aria-invalid", "aria-describedby"]) {
    if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  }
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", select.labels[0]?.textContent ?? "");
  select.id = `${id}-value`;
  select.hidden = true;
  select.before(box);
  box.append(input, list, select);

  let at = -1;
  const chosen = () => (select.value === "" ? "" : (select.selectedOptions[0]?.text ?? ""));
  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (to) => {
    const items = [...list.children];
    at = items.length === 0 ? -1 : (to + items.length) % items.length;
    items.forEach((item, n) => item.setAttribute("aria-selected", String(n === at)));
    items[at]?.scrollIntoView({ block: "nearest" });
    if (at >= 0) input.setAttribute("aria-activedescendant", items[at].id);
  };
  const choose = (value) => {
    select.value = value;
    input.value = chosen();
    select.dispatchEvent(new Event("change", { bubbles: true }));
    close();
  };
  const show = (text) => {
    const words = text.trim().toLowerCase().split(/\s+/);
    const found = [...select.options].filter((o) => o.value !== "" && words.every((word) => o.text.toLowerCase().includes(word)));
    list.replaceChildren(...found.slice(0, 50).map((option, n) => {
      const item = Object.assign(root.createElement("li"), { id: `${list.id}-${n}`, textContent: option.text });
      item.setAttribute("role", "option");
      item.dataset.value = option.value;
      return item;
    }));
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    if (found.length > 0) mark(0);
    else at = -1;
  };

  input.value = chosen();
  const seek = seeker(select);
  input.addEventListener("input", () => {
    show(input.value);
    seek(input.value, () => root.activeElement === input && show(input.value));
  });
  input.addEventListener("click", () => list.hidden && show(""));
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") list.hidden ? show("") : mark(at + 1);
    else if (event.key === "ArrowUp" && !list.hidden) mark(at - 1);
    else if (event.key === "Enter" && at >= 0) choose(list.children[at].dataset.value);
    else if (event.key === "Escape" && !list.hidden) close();
    else return;
    event.preventDefault();
  });
  // What was typed and not chosen does not stay as if it were; an emptied field chooses nothing.
  input.addEventListener("blur", () => {
    if (input.value.trim() === "" && select.value !== "" && blank) choose("");
    input.value = chosen();
    close();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => choose(event.target.closest("li").dataset.value));
}
