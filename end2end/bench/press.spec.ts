// From a click to a picture of film: once on the way to the page, and then pressing about on its timeline. Printed as one line of JSON.

import { camera, first, instant, open, press, sent, timed } from "../support/film.ts";
import { expect, test } from "../support/test.ts";

test.setTimeout(600_000);

const HOUR = 3_600_000;
// Ten in the morning of yesterday, UTC: film of the newest day is nobody's archive.
const TEN = Math.floor(Date.now() / (24 * HOUR)) * 24 * HOUR - 14 * HOUR;
const HOURS = [0, 1, 2, 3, 4];

test("press to picture", async ({ as, yard }) => {
  const admin = await as("admin");
  const runs = HOURS.map((hour) => ({ from: TEN + hour * HOUR, seconds: 60 }));
  const { slug } = await camera(yard, admin, { runs, size: "1920x1080", bitrate: "4M" });
  for (const { from } of runs) await sent(admin, slug, from);

  const office = await as("office");
  await timed(office);
  const opened: number[] = [];
  for (let turn = 0; turn < 10; turn++) {
    await open(office, [slug], TEN + (turn % 5) * HOUR + 5_000 + turn * 4_000, "6h");
    opened.push(await first(office));
  }

  const pressed: number[] = [];
  for (let turn = 0; turn < 8; turn++) {
    // Each hour is a playlist of its own, so that none is shown from what was there; the timeline reaches three hours either way.
    for (const hour of [2, 0, 1, 3, 4]) {
      const at = TEN + hour * HOUR + 30_000;
      pressed.push(await press(office, at, 6 * HOUR));
      // A pixel of this timeline is some twenty seconds.
      expect(Math.abs((await instant(office)) - at)).toBeLessThan(30_000);
      await office.waitForTimeout(300);
    }
  }
  console.log(`measured ${JSON.stringify({ opened, pressed })}`);
});
