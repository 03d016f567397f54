// The paper in small beside a bill's form: drawn anew by the server a moment after typing stops, where there is room to see it.
const PAUSE = 400;

export function miniature(root) {
  const panel = root.querySelector("[data-miniature]");
  const form = panel?.closest("form");
  if (!form) return;
  let timer;
  let last = 0;
  const draw = async () => {
    // On narrow screens it is not shown, and nothing is asked for.
    if (panel.offsetParent === null) return;
    const turn = ++last;
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(panel.dataset.miniature, { method: "POST", body });
      // Only the newest answer counts; signed out or offline, the paper stays as it was.
      if (answer.ok && !answer.redirected && turn === last) panel.innerHTML = await answer.text();
    } catch {
      // The next keystroke asks again.
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(draw, PAUSE);
  });
}
