// The error summary takes the focus, so that it is read first; its links put the cursor into the field they name.
export function errorSummary(root) {
  const summary = root.querySelector("[data-focus]");
  if (!summary) return;
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && root.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.closest(".field, fieldset")?.scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  });
}
