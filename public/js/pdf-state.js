// A PDF that is being made: asks now and then, and shows the page anew when it is ready or failed.
export function pdfState(root) {
  for (const panel of root.querySelectorAll("[data-poll]")) ask(root, panel, 1000);
}

function ask(root, panel, wait) {
  setTimeout(async () => {
    try {
      const answer = await fetch(panel.dataset.poll, { headers: { accept: "application/json" } });
      if (answer.ok && (await answer.json()).state !== panel.dataset.state) return root.location.reload();
    } catch {
      // Offline for a moment: the next question finds out.
    }
    ask(root, panel, Math.min(wait * 1.5, 15000));
  }, wait);
}
