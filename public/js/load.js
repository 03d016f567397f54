// From a playlist's address to a video that plays it: by hls.js, or by the browser itself where that is all there is.
import { fresh } from "./fresh.js";
import { hls, settings } from "./hls.js";
import { native } from "./native.js";
import { Reel } from "./reel.js";

/** Begins to play `url` in `video` at an instant. Gives the reel and what ends it; throws `{ code, codec }`. */
export async function load(video, url, at, codec, failed) {
  const Hls = await hls();
  if (!Hls) {
    const [pieces, next, end] = await native(video, url, failed);
    return { reel: reel(pieces, next), end };
  }
  if (codec && !MediaSource.isTypeSupported(`video/mp4; codecs="${codec}"`)) throw { codec };
  const { loader, until } = fresh(Hls, url);
  const player = new Hls({ ...settings, fLoader: loader });
  try {
    const { pieces, next } = await list(Hls, player, url, until, failed);
    const found = reel(pieces, next);
    const first = pieces.find((piece) => at < piece.programDateTime + piece.duration * 1000);
    if (first) {
      player.attachMedia(video);
      player.startLoad(found.where(at) ?? first.start);
    }
    return { reel: found, end: () => player.destroy() };
  } catch (why) {
    player.destroy();
    throw why;
  }
}

const reel = (pieces, next) => new Reel(pieces, next ? Number(next) : Infinity);

function list(Hls, player, url, until, later) {
  return new Promise((done, failed) => {
    let known = false;
    const tell = (pieces, details) => {
      const header = (name) => details?.getResponseHeader?.(name);
      known = true;
      until(header);
      done({ pieces, next: header("x-next-at") });
    };
    player.on(Hls.Events.LEVEL_LOADED, (_, data) => tell(data.details.fragments, data.networkDetails));
    player.on(Hls.Events.ERROR, (_, data) => {
      // A playlist of nothing is none that is broken.
      if (data.details === "levelEmptyError") return tell([], data.networkDetails);
      if (!data.fatal) return;
      const why = { code: data.response?.code, codec: /codec/i.test(data.details) ? data.mimeType ?? "its format" : null };
      if (!known) return failed(why);
      // What a decoder stumbled over once it may take the second time.
      if (data.type === Hls.ErrorTypes.MEDIA_ERROR && !why.codec && !player.mended) return (player.mended = true), player.recoverMediaError();
      later(why);
    });
    player.loadSource(url);
  });
}
