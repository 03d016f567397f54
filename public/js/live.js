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
  const marked = part.querySelector("tr.at") !== null;
  const scroll = [...part.querySelectorAll(".table-wrap")].map((wrap) => [wrap.scrollLeft, wrap.scrollTop]);
  const template = document.createElement("template");
  template.innerHTML = html;
  part.replaceChildren(template.content);
  part.querySelectorAll(".table-wrap").forEach((wrap, n) => wrap.scrollTo(...(scroll[n] ?? [0, 0])));
  const again = place?.(part);
  again?.focus({ preventScroll: true });
  if (marked) again?.closest("tr")?.classList.add("at");
}

// How to find what has the focus once the part is made anew: a link by its address, a button by its form's.
function placeOf(part) {
  const focused = document.activeElement;
  if (!part.contains(focused) || focused === part) return null;
  const href = focused.getAttribute("href");
  const action = focused.form?.getAttribute("action");
  // Several rows may lead to the same page.
  const links = (whole) => [...whole.querySelectorAll("a")].filter((link) => link.getAttribute("href") === href);
  const nth = links(part).indexOf(focused);
  if (href) return (fresh) => links(fresh)[nth];
  if (action) return (fresh) => fresh.querySelector(`form[action="${CSS.escape(action)}"] button`);
  return null;
}
