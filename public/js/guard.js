// A form marked data-guarded asks before the page is left with changes in it.
export function guard(root) {
  for (const form of root.querySelectorAll("form[data-guarded]")) {
    const before = snapshot(form);
    // A page that came back with errors holds what was typed and not saved.
    let unsaved = root.querySelector(".errors") !== null;
    let sending = false;
    form.addEventListener("submit", () => (sending = true));
    window.addEventListener("pageshow", () => (sending = false));
    window.addEventListener("beforeunload", (event) => {
      unsaved ||= snapshot(form) !== before;
      if (unsaved && !sending) event.preventDefault();
    });
  }
}

function snapshot(form) {
  return JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));
}
