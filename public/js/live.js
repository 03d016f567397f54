// A part marked data-live is kept as the server has it: each event is the part's whole content.
export function live(root) {
  for (const part of root.querySelectorAll("[data-live]")) {
    const source = new EventSource(part.dataset.live);
    source.addEventListener("live", (event) => swap(part, event.data));
    // A page that nobody sees need not follow; coming back begins with the present state.
    addEventListener("pagehide", () => source.close());
  }
}

function swap(part, html) {
  const place = placeOf(part);
  const scroll = [...part.querySelectorAll(".table-wrap")].map((wrap) => wrap.scrollLeft);
  const template = document.createElement("template");
  template.innerHTML = html;
  part.replaceChildren(template.content);
  part.querySelectorAll(".table-wrap").forEach((wrap, n) => (wrap.scrollLeft = scroll[n] ?? 0));
  place?.(part)?.focus();
}

// How to find what has the focus once the part is made anew: a link by its address, a button by its form's.
function placeOf(part) {
  const focused = document.activeElement;
  if (!part.contains(focused) || focused === part) return null;
  const href = focused.getAttribute("href");
  const action = focused.form?.getAttribute("action");
  if (href) return (fresh) => fresh.querySelector(`a[href="${CSS.escape(href)}"]`);
  if (action) return (fresh) => fresh.querySelector(`form[action="${CSS.escape(action)}"] button`);
  return null;
}
