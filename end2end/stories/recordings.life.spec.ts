// Addresses of film end while it plays, and nobody notices.

import { camera, open, seen, sent } from "../support/film.ts";
import { expect, signIn, test } from "../support/test.ts";
import { Yard } from "../support/yard.ts";

const TEN = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 14 * 3_600_000;

test("addresses that end during play are asked for again", async ({ browser }) => {
  test.setTimeout(300_000);
  const yard = await Yard.open(process.env.GATEHOUSE_TEST_STORAGE ?? "files", { GATEHOUSE_FILM_URL_SECONDS: "20" });
  try {
    const context = await browser.newContext({ baseURL: yard.url });
    const admin = await context.newPage();
    await signIn(admin, yard.people.admin);
    const dock = await camera(yard, admin, { runs: [{ from: TEN, seconds: 120 }] });
    await sent(admin, dock.slug, TEN);
    const asked: string[] = [];
    const refused: number[] = [];
    admin.on("response", (answer) => {
      if (answer.url().includes("playlist.m3u8")) asked.push(answer.url());
      if (answer.url().includes("recording_") && answer.status() >= 400) refused.push(answer.status());
    });
    await open(admin, [dock.slug], TEN + 2_000);
    await admin.getByRole("button", { name: "Play" }).click();
    let last = 0;
    let still = 0;
    const end = Date.now() + 60_000;
    while (Date.now() < end) {
      await admin.waitForTimeout(500);
      const { at } = (await seen(admin))[0]!;
      if (at <= last) still += 500;
      last = at;
    }
    expect(last).toBeGreaterThan(55);
    expect(still).toBeLessThanOrEqual(2_000);
    expect(asked.length).toBeGreaterThanOrEqual(3);
    console.log(`playlists: ${asked.length}, refused: ${refused.length}, still: ${still} ms`);
    await context.close();
  } finally {
    await yard.close();
  }
});
