// A menu closes on Escape and when something else is pressed. A button marked data-print prints the page.
export function menus(root) {
  root.addEventListener("click", (event) => {
    for (const menu of root.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    if (event.target.closest("[data-print]")) window.print();
  });
  root.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && root.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  for (const button of root.querySelectorAll("[data-print][hidden]")) button.hidden = false;
}
