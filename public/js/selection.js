// A list's checkboxes: one in the head for all of them, Shift for a range, and the count beside the actions.
export function selection(root) {
  const head = root.querySelector("[data-select-all]");
  if (!head) return;
  const boxes = [...head.closest("table").querySelectorAll("tbody .pick input")];
  if (boxes.length === 0) return;

  const label = Object.assign(root.createElement("label"), { className: "tick" });
  const all = Object.assign(root.createElement("input"), { type: "checkbox" });
  all.setAttribute("aria-label", "Select all on this page");
  label.append(all);
  head.replaceChildren(label);

  const bar = root.querySelector(".selection");
  const count = bar?.querySelector("[data-selected-count]");
  const update = () => {
    const n = boxes.filter((box) => box.checked).length;
    all.checked = n === boxes.length;
    all.indeterminate = n > 0 && n < boxes.length;
    if (count) count.textContent = n === 0 ? "None selected" : `${n} selected`;
    for (const button of bar?.querySelectorAll("button") ?? []) button.disabled = n === 0;
  };

  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    update();
  });
  let last = null;
  for (const box of boxes) {
    box.addEventListener("click", (event) => {
      const from = boxes.indexOf(last);
      if (event.shiftKey && from >= 0) {
        const to = boxes.indexOf(box);
        for (const between of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) between.checked = box.checked;
      }
      last = box;
      update();
    });
  }
  // Going back restores ticks after the page's scripts ran.
  window.addEventListener("pageshow", update);
  update();
}
