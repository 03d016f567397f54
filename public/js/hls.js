// The vendored player, fetched by the pages that play something. Browsers with no MediaSource (iPhones) play HLS by themselves.
let asked;

/** hls.js; null where the browser has to do it by itself. */
export function hls() {
  asked ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = new URL("../vendor/hls.light.min.js", import.meta.url).href;
    script.onload = () => done(globalThis.Hls?.isSupported() ? globalThis.Hls : null);
    // The next one who asks tries it anew.
    script.onerror = (why) => ((asked = undefined), failed(why));
    document.head.append(script);
  });
  return asked;
}

// What is being loaded is waited for; what a bucket refuses is asked for once more, with a fresh address.
const retry = {
  maxNumRetry: 4,
  retryDelayMs: 250,
  maxRetryDelayMs: 4000,
  shouldRetry: (_, n, late, answer, yes) => yes || ([403, 410].includes(answer?.code) && n < 2),
};

export const settings = {
  enableWorker: false,
  autoStartLoad: false,
  maxBufferLength: 20,
  backBufferLength: 20,
  fragLoadPolicy: { default: { maxTimeToFirstByteMs: 10_000, maxLoadTimeMs: 60_000, timeoutRetry: retry, errorRetry: retry } },
};
