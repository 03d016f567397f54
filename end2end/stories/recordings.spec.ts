// Recordings are watched: real film, in a real browser, from files or from a bucket.

import { camera, type Film, first, instant, listen, open, pictured, press, seen, sent, shown, timed } from "../support/film.ts";
import { expect, type Page, test } from "../support/test.ts";
import type { Yard } from "../support/yard.ts";

// A bucket has what is recorded within a minute or two.
test.setTimeout(400_000);

const MINUTE = 60_000;
// Ten in the morning of yesterday, UTC: film of the newest day is nobody's archive.
const TEN = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 14 * 3_600_000;

/** Two runs of half a minute with ten seconds of nothing between them. */
const broken: Film = {
  runs: [{ from: TEN, seconds: 30 }, { from: TEN + 40_000, seconds: 30 }],
  gaps: [{ from: TEN + 30_000, until: TEN + 40_000, reason: "stalled" }],
};

// Film that several stories watch: on a bucket each waits until it was sent there.
const made = new Map<string, Promise<string>>();

function dockOf(yard: Yard, admin: Page): Promise<string> {
  const known = made.get(yard.url) ?? make();
  made.set(yard.url, known);
  return known;

  async function make(): Promise<string> {
    const { slug } = await camera(yard, admin, broken);
    await sent(admin, slug, TEN);
    return slug;
  }
}

test("film plays on over borders of files and over a gap", async ({ as, yard, a11y }) => {
  const admin = await as("admin");
  const dock = await dockOf(yard, admin);
  const office = await as("office");
  await open(office, [dock], TEN + 7_000);
  expect((await seen(office))[0]!.at).toBeCloseTo(7, 0);
  await a11y(office);
  await office.getByRole("button", { name: "Play" }).click();
  await expect(office.getByRole("button", { name: "Pause" })).toBeVisible();

  // Over the border at ten seconds, without standing still.
  let last = (await seen(office))[0]!.at;
  let still = 0;
  const end = Date.now() + 6_000;
  while (Date.now() < end) {
    await office.waitForTimeout(250);
    const { at } = (await seen(office))[0]!;
    if (at <= last) still += 250;
    last = at;
  }
  expect(last).toBeGreaterThan(11.5);
  expect(still).toBeLessThanOrEqual(500);

  // Over the gap: the clock jumps ten seconds, the film does not.
  await office.keyboard.press("k");
  await open(office, [dock], TEN + 27_000);
  await office.keyboard.press("k");
  await expect(async () => expect(await instant(office)).toBeGreaterThan(TEN + 42_000)).toPass({ timeout: 15_000 });
  const [after] = await seen(office);
  expect(after!.at).toBeGreaterThan(31);
  expect(after!.at).toBeLessThan(36);
  expect(after!.paused).toBe(false);
  await office.keyboard.press("k");
  await expect(office.getByRole("link", { name: /The camera sent no frames/ })).toHaveCount(1);

  // In the gap there is nothing, and it says so.
  await office.goto(`/recordings?cameras=${dock}&at=${new Date(TEN + 35_000).toISOString()}&span=10m`);
  await expect(office.locator("[data-says]")).toHaveText("Nothing is recorded here.");
  await a11y(office);
});

test("four cameras play in step", async ({ as, yard }) => {
  const admin = await as("admin");
  const slugs: string[] = [];
  for (const colour of ["teal", "maroon", "navy", "olive"]) {
    slugs.push((await camera(yard, admin, { runs: [{ from: TEN, seconds: 40 }], colour })).slug);
  }
  for (const slug of slugs) await sent(admin, slug, TEN);
  const office = await as("office");
  await open(office, slugs, TEN + 5_000);
  await office.getByRole("button", { name: "Play" }).click();
  await office.waitForTimeout(4_000);
  const apart: number[] = [];
  for (let n = 0; n < 30; n++) {
    const places = (await seen(office)).map((one) => one.at);
    apart.push(Math.max(...places) - Math.min(...places));
    await office.waitForTimeout(200);
  }
  expect(Math.max(...apart)).toBeLessThan(0.3);
  expect((await seen(office))[0]!.at).toBeGreaterThan(8);
  // Set elsewhere, they are in step there.
  await office.getByRole("button", { name: "Ten seconds on" }).click();
  await office.waitForTimeout(3_000);
  const places = (await seen(office)).map((one) => one.at);
  expect(Math.max(...places) - Math.min(...places)).toBeLessThan(0.3);
});

test("keys play, step and move, and a link leads to the very instant", async ({ as, yard, a11y }) => {
  const admin = await as("admin");
  const dock = await dockOf(yard, admin);
  const office = await as("office");
  await open(office, [dock], TEN + 15_000);
  const at = async () => (await seen(office))[0]!.at;
  // Film with B-frames begins two frames late.
  const near = (seconds: number) => expect(async () => expect(Math.abs((await at()) - seconds)).toBeLessThan(0.1)).toPass({ timeout: 10_000 });
  await office.keyboard.press("j");
  await near(5);
  await office.keyboard.press("l");
  await near(15);
  await office.keyboard.press("ArrowLeft");
  await near(10);
  await office.keyboard.press("ArrowRight");
  await near(15);

  // Each press is one frame: of 25 a second, forty milliseconds.
  const step = async (key: string) => {
    await listen(office, "keydown");
    await office.keyboard.press(key);
    return (await shown(office)).frame;
  };
  await office.waitForTimeout(500);
  const first = await step(".");
  for (let n = 1; n <= 5; n++) expect(await step(".")).toBeCloseTo(first + n * 0.04, 2);
  for (let n = 4; n >= 0; n--) expect(await step(",")).toBeCloseTo(first + n * 0.04, 2);

  await office.keyboard.press(" ");
  await expect(office.getByRole("button", { name: "Pause" })).toBeVisible();
  await office.keyboard.press(" ");
  await expect(office.getByRole("button", { name: "Play" })).toBeVisible();
  await office.getByLabel("Speed").selectOption("4");
  const before = await at();
  await office.keyboard.press("k");
  await office.waitForTimeout(2_000);
  await office.keyboard.press("k");
  expect((await at()) - before).toBeGreaterThan(4);

  await office.keyboard.press("?");
  await expect(office.getByRole("dialog")).toContainText("One frame back, on");
  await a11y(office);
  await office.keyboard.press("Escape");
  await office.getByRole("button", { name: "Keys" }).click();
  await expect(office.getByRole("dialog")).toContainText("One frame back, on");
  await office.keyboard.press("Escape");

  // Half a window on: the address has it with the yard's offset, and opens there again.
  await office.keyboard.press("[");
  await expect(office).toHaveURL(/at=\d{4}-\d\d-\d\dT\d\d%3A\d\d%3A\d\d-0[56]%3A00/);
  await office.keyboard.press("]");
  const link = office.url();
  const zoomed = await office.locator("[data-tracks]").getAttribute("data-from");
  await office.keyboard.press("+");
  await office.keyboard.press("-");
  await expect(office).toHaveURL(/span=1h/);
  await expect(office.locator("[data-tracks]")).not.toHaveAttribute("data-from", zoomed!);
  const other = await as("viewer");
  await other.goto(link);
  await pictured(other);
  expect(await instant(other)).toBeCloseTo(Date.parse(new URL(link).searchParams.get("at")!), -3);
});

test("the timeline is pressed, pushed along, and shows its pictures' time", async ({ as, yard }) => {
  const admin = await as("admin");
  const dock = await dockOf(yard, admin);
  const office = await as("office");
  await open(office, [dock], TEN + 15_000);
  const line = (await office.locator(`.track[data-track] svg`).boundingBox())!;
  const middle = { x: line.x + line.width / 2, y: line.y + line.height / 2 };
  // Ten minutes are as wide as the line: ten seconds are a sixtieth of it.
  const second = line.width / 600;
  await office.mouse.move(middle.x + 5 * second, middle.y);
  await expect(office.locator(".hover")).toBeVisible();
  await office.mouse.click(middle.x + 5 * second, middle.y);
  await expect(async () => expect(Math.abs((await seen(office))[0]!.at - 20)).toBeLessThan(1)).toPass();
  await office.mouse.move(middle.x, middle.y);
  await office.mouse.down();
  await office.mouse.move(middle.x + 10 * second + 40, middle.y, { steps: 4 });
  await office.mouse.move(middle.x + 10 * second, middle.y, { steps: 2 });
  await office.mouse.up();
  await expect(async () => expect(Math.abs((await seen(office))[0]!.at - 10)).toBeLessThan(1.5)).toPass();
});

test("a press shows a picture within a second", async ({ as, yard }) => {
  const admin = await as("admin");
  // Five hours, of which each is a playlist of its own.
  const hours = [0, 1, 2, 3, 4].map((hour) => ({ from: TEN + hour * 3_600_000, seconds: 60 }));
  const dock = await camera(yard, admin, { runs: hours });
  await sent(admin, dock.slug, TEN);
  const office = await as("office");
  await timed(office);
  await open(office, [dock.slug], TEN + 5_000, "6h");
  const opened = await first(office);
  const took: number[] = [];
  for (const hour of [2, 1, 2, 3, 2]) {
    took.push(await press(office, TEN + hour * 3_600_000 + 30_000, 6 * 60 * MINUTE));
    await office.waitForTimeout(700);
  }
  console.log(`page to picture: ${Math.round(opened)} ms; press to picture: ${took.map(Math.round).join(", ")} ms`);
  expect(opened).toBeLessThan(2000);
  expect(took.sort((a, b) => a - b)[2]).toBeLessThan(1000);
});

test("film in a format that the browser does not play says so, and gives the file", async ({ as, yard, a11y }) => {
  const admin = await as("admin");
  const gate = await camera(yard, admin, { runs: [{ from: TEN, seconds: 10 }], codec: "h265" });
  const office = await as("office");
  await office.addInitScript(() => {
    const asked = MediaSource.isTypeSupported.bind(MediaSource);
    MediaSource.isTypeSupported = (type) => !type.includes("hvc1") && asked(type);
  });
  await office.goto(`/recordings?cameras=${gate.slug}&at=${new Date(TEN + 2_000).toISOString()}&span=10m`);
  await expect(office.locator("[data-says]")).toContainText("This browser does not play what the camera sends (hvc1");
  await a11y(office);
  const download = office.waitForEvent("download");
  await office.getByRole("link", { name: "Save this minute as a file" }).click();
  expect((await download).suggestedFilename()).toMatch(new RegExp(`^${gate.slug}_.*\\.mp4$`));
});
