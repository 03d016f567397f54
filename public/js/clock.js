// The yard's clock: in words with its zone, and as links and fields have it.

export function clock(zone) {
  const inWords = new Intl.DateTimeFormat("en-GB", { timeZone: zone, weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  // British English has names for British zones alone.
  const name = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "short" });
  const short = new Intl.DateTimeFormat("en-GB", { timeZone: zone, day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const figures = new Intl.DateTimeFormat("en-GB", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "longOffset" });

  function local(at) {
    const { year, month, day, hour, minute, second, timeZoneName } = Object.fromEntries(figures.formatToParts(at).map(({ type, value }) => [type, value]));
    return [`${year}-${month}-${day}T${hour}:${minute}:${second}`, timeZoneName.slice("GMT".length) || "Z"];
  }
  return {
    words: (at) => `${inWords.format(at)} ${name.formatToParts(at).find((part) => part.type === "timeZoneName").value}`,
    short: (at) => short.format(at),
    /** With its offset: an hour that is there twice is two links. */
    link: (at) => local(Math.round(at)).join(""),
    /** As a field of date and time has it. */
    field: (at) => local(Math.round(at))[0],
    long: (ms) => {
      const seconds = Math.round(ms / 1000);
      if (seconds < 60) return `${seconds} s`;
      const minutes = Math.round(seconds / 60);
      return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
    },
  };
}
