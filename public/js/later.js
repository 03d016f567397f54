// Asks the server once typing pauses; an answer that is overtaken by a newer question is dropped.
export function later(ask, pause = 120) {
  let timer;
  let asked;
  return () => {
    clearTimeout(timer);
    asked?.abort();
    timer = setTimeout(() => {
      asked = new AbortController();
      // Without an answer the list stays as it was.
      ask(asked.signal).catch(() => undefined);
    }, pause);
  };
}
