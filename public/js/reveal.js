// A password field gets a button that shows what was typed. It is hidden again before the form goes, so that browsers know it for a password.
export function reveal(root) {
  for (const field of root.querySelectorAll("input[type=password]")) {
    const button = Object.assign(root.createElement("button"), { type: "button", className: "unit reveal" });
    const show = (shown) => {
      field.type = shown ? "text" : "password";
      button.textContent = shown ? "Hide" : "Show";
      button.setAttribute("aria-label", `${button.textContent} ${(field.labels[0]?.textContent ?? "password").toLowerCase()}`);
    };
    show(false);
    field.spellcheck = false;
    field.setAttribute("autocapitalize", "none");
    button.setAttribute("aria-controls", field.id);
    button.addEventListener("click", () => show(field.type === "password"));
    field.form?.addEventListener("submit", () => show(false));
    field.after(button);
  }
}
