// Addresses of segments end. Before they do, and where a bucket says that one has, the playlist is asked for again, and its new addresses
// take the place of the old ones: what is playing goes on.
export function fresh(Hls, playlist) {
  const addresses = new Map();
  let over = Infinity;
  let asked = null;

  // How long they are good for is said in seconds: clocks of browsers are wrong.
  const until = (header) => {
    const seconds = Number(header("x-fresh-for"));
    over = performance.now() + (seconds > 0 ? seconds * 1000 : 30 * 60_000);
  };
  async function learn() {
    // Where none is to be had, not every piece asks anew.
    over = performance.now() + 10_000;
    const answer = await fetch(playlist, { headers: { accept: "application/vnd.apple.mpegurl" } });
    if (!answer.ok || answer.redirected) return;
    for (const [address] of (await answer.text()).matchAll(/^https?:.+$/gm)) addresses.set(new URL(address).pathname, address);
    until((name) => answer.headers.get(name));
  }
  // Several pieces of one film find out at once.
  const once = () => (asked ??= learn().finally(() => (asked = null)));

  class Loader extends Hls.DefaultConfig.loader {
    load(context, config, callbacks) {
      const go = () => {
        context.url = addresses.get(new URL(context.url, location.href).pathname) ?? context.url;
        const onError = (error, ...more) => {
          if (error.code === 403 || error.code === 410) over = 0;
          callbacks.onError(error, ...more);
        };
        super.load(context, config, { ...callbacks, onError });
      };
      if (performance.now() < over) go();
      else once().then(go, go);
    }
  }
  return { loader: Loader, until };
}
