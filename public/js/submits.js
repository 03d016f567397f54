// A filter marked data-submits takes effect when it changes; the form's own button is then not needed.
export function submits(root) {
  for (const field of root.querySelectorAll("[data-submits]")) {
    field.addEventListener("change", () => field.form?.requestSubmit());
  }
}
