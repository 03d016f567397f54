// Asks the address book for entries that a select marked data-more does not offer yet, and adds them to it.
const PAUSE = 200;

// Calls `then` when what was typed last has brought new entries.
export function seeker(select) {
  let timer;
  let asked = "";
  return (typed, then) => {
    const text = typed.trim();
    clearTimeout(timer);
    if (!select.dataset.more || text === "" || text === asked) return;
    timer = setTimeout(async () => {
      asked = text;
      const found = await ask(select.dataset.more, text);
      const known = new Set([...select.options].map((option) => option.value));
      const fresh = found.filter(({ value }) => !known.has(value));
      select.append(...fresh.map(({ value, label }) => new Option(label, value)));
      if (fresh.length > 0 && asked === text) then();
    }, PAUSE);
  };
}

async function ask(path, text) {
  try {
    const answer = await fetch(`${path}?${new URLSearchParams({ q: text })}`, { headers: { accept: "application/json" } });
    return answer.ok ? await answer.json() : [];
  } catch {
    // Offline for a moment: what the page brought along is still there.
    return [];
  }
}
