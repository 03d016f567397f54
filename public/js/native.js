// HLS by the browser's own player, where it has no MediaSource: what hls.js tells elsewhere is read from the playlist itself.

/** The pieces of the playlist at `url`, once `video` plays it, where film goes on behind it, and what ends it; `failed` is told when it breaks later. */
export async function native(video, url, failed) {
  const answer = await fetch(url, { headers: { accept: "application/vnd.apple.mpegurl" } });
  if (!answer.ok || answer.redirected) throw { code: answer.redirected ? 404 : answer.status };
  const pieces = read(await answer.text());
  const next = answer.headers.get("x-next-at");
  const over = new AbortController();
  const { signal } = over;
  const end = () => {
    over.abort();
    video.removeAttribute("src");
  };
  if (pieces.length === 0) return [pieces, next, end];
  await new Promise((done, broken) => {
    video.addEventListener("loadedmetadata", done, { once: true, signal });
    // It fetches the playlist once more, and again when an address in it has ended; the second time there is nothing to be had.
    video.addEventListener("error", () => {
      again(video, url, signal);
      video.addEventListener("error", () => (end(), broken({}), failed({})), { once: true, signal });
    }, { once: true, signal });
    video.src = url;
  });
  return [pieces, next, end];
}

/** Pieces of a playlist, as hls.js has them: when each was, and where in the film it is. */
export function read(text) {
  const pieces = [];
  let [programDateTime, start] = [0, 0];
  for (const [, name, value] of text.matchAll(/^#(EXTINF|EXT-X-PROGRAM-DATE-TIME):([^,\r\n]+)/gm)) {
    if (name === "EXT-X-PROGRAM-DATE-TIME") {
      programDateTime = Date.parse(value);
    } else {
      const duration = Number(value);
      pieces.push({ programDateTime, start, duration });
      programDateTime += duration * 1000;
      start += duration;
    }
  }
  return pieces;
}

function again(video, url, signal) {
  const [at, playing] = [video.currentTime, !video.paused];
  video.src = url;
  video.addEventListener("loadedmetadata", () => {
    video.currentTime = at;
    if (playing) video.play().catch(() => undefined);
  }, { once: true, signal });
}
