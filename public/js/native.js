// HLS by the browser's own player, where it has no MediaSource: what hls.js tells elsewhere is read from the playlist itself.

/** The pieces of the playlist at `url`, once `video` plays it, and where film goes on behind it. */
export async function native(video, url) {
  const answer = await fetch(url, { headers: { accept: "application/vnd.apple.mpegurl" } });
  if (!answer.ok || answer.redirected) throw { code: answer.redirected ? 404 : answer.status };
  const pieces = read(await answer.text());
  if (pieces.length === 0) return [pieces, answer.headers.get("x-next-at")];
  // It fetches the playlist once more, and again when an address in it has ended.
  video.src = url;
  video.addEventListener("error", () => again(video, url), { once: true });
  await new Promise((done) => video.addEventListener("loadedmetadata", done, { once: true }));
  return [pieces, answer.headers.get("x-next-at")];
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

function again(video, url) {
  const at = video.currentTime;
  video.src = url;
  video.addEventListener("loadedmetadata", () => ((video.currentTime = at), video.play().catch(() => undefined)), { once: true });
}
