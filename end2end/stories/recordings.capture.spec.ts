// Real cameras are recorded, sent where they are kept, and watched: what a page plays is what was captured.

import { instant, open, seen } from "../support/film.ts";
import { startCameras } from "../support/processes.ts";
import { post } from "../support/records.ts";
import { expect, type Page, signIn, test } from "../support/test.ts";
import { Yard } from "../support/yard.ts";

const SITE = "01900000-0000-7000-8000-000000000001";

async function connected(page: Page, camera: string): Promise<void> {
  await page.goto(camera);
  await expect(page.getByText("Connected").first()).toBeVisible({ timeout: 30_000 });
}

/** Plays from an instant until the page's clock is behind another; gives for how many milliseconds it stood still. */
async function play(page: Page, slug: string, from: number, until: number): Promise<number> {
  await open(page, [slug], from);
  await page.keyboard.press("k");
  let [last, still, end] = [(await seen(page))[0]!.at, 0, Date.now() + 40_000];
  while ((await instant(page)) < until) {
    expect(Date.now(), "it plays on").toBeLessThan(end);
    await page.waitForTimeout(250);
    const { at } = (await seen(page))[0]!;
    if (at <= last) still += 250;
    last = at;
  }
  await page.keyboard.press("k");
  return still;
}

test("what real cameras send is played over a border of files and over a gap", async ({ browser }) => {
  test.setTimeout(420_000);
  const cameras = await startCameras();
  const yard = await Yard.open(undefined, { GATEHOUSE_CAPTURE_SEGMENT_SECONDS: "10" });
  try {
    const context = await browser.newContext({ baseURL: yard.url });
    const admin = await context.newPage();
    await signIn(admin, yard.people.admin);
    await post(admin, `/cameras/sites/${SITE}`, { name: "Main yard", allow: new URL(cameras.base.replace("rtsp", "http")).host });
    const common = { site: SITE, transport: "tcp", open_to_all: "on" };
    const pages = [
      await post(admin, "/cameras/new", { ...common, name: "Sound", url: `${cameras.base}/h264`, open: "on", audio: "on" }),
      await post(admin, "/cameras/new", { ...common, name: "Digest", url: `${cameras.base}/digest`, user: "yard", password: "for-tests" }),
      await post(admin, "/cameras/new", { ...common, name: "Hevc", url: `${cameras.base}/h265`, open: "on" }),
    ];
    for (const page of pages) await connected(admin, page);
    const began = Date.now();
    await admin.waitForTimeout(26_000);
    for (const page of pages) await post(admin, `${page}/disable`, {});
    const off = Date.now();
    await admin.waitForTimeout(6_000);
    for (const page of pages) await post(admin, `${page}/enable`, {});
    await admin.waitForTimeout(1_000);
    for (const page of pages) await connected(admin, page);
    const back = Date.now();
    await admin.waitForTimeout(14_000);
    for (const page of pages) await post(admin, `${page}/disable`, {});

    // All of it comes to rest where it is kept.
    for (const slug of ["sound", "digest", "hevc"]) {
      await expect(async () => {
        const page = await (await admin.request.get(`/recordings/tracks?cameras=${slug}&at=${new Date(off).toISOString()}&span=10m`)).text();
        expect(page.match(/Completed/g)!.length).toBeGreaterThanOrEqual(5);
        expect(page).not.toContain("Uploading");
        expect(page).toContain("Switched off");
      }).toPass({ timeout: 180_000, intervals: [2000] });
    }
    for (const slug of ["sound", "digest"]) {
      expect(await play(admin, slug, began + 2_000, began + 16_000), "over a border").toBeLessThanOrEqual(1_000);
      await play(admin, slug, off - 4_000, back + 4_000);
    }
    await context.close();
  } finally {
    await yard.close();
    await cameras.stop();
  }
});
