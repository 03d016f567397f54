// Without script: the same drawing, links to move along it, a form for the instant, and files to save.

import { camera, sent } from "../support/film.ts";
import { expect, test } from "../support/test.ts";

const TEN = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 14 * 3_600_000;

test("recordings are found and saved by links and forms alone", async ({ as, yard }) => {
  const admin = await as("admin");
  const dock = await camera(yard, admin, {
    runs: [{ from: TEN, seconds: 20 }, { from: TEN + 40_000, seconds: 20 }],
    gaps: [{ from: TEN + 20_000, until: TEN + 40_000, reason: "unreachable" }],
  });
  await sent(admin, dock.slug, TEN);
  const office = await as("office");
  await office.goto("/recordings");
  await expect(office.getByRole("heading", { name: "Choose a camera" })).toBeVisible();
  await office.getByRole("checkbox", { name: dock.name }).check();
  await office.getByRole("button", { name: "Show" }).click();
  await expect(office.getByRole("checkbox", { name: dock.name })).toBeChecked();
  await expect(office.getByRole("link", { name: /could not be reached/ })).toHaveCount(1);
  await expect(office.locator(".stage")).toBeHidden();
  await expect(office.getByRole("row", { name: new RegExp(dock.name) })).toHaveCount(4);

  await office.getByRole("link", { name: "Zoom in" }).click();
  await expect(office).toHaveURL(/span=10m/);
  await office.getByRole("link", { name: "Earlier" }).click();
  await office.getByRole("link", { name: "Later" }).click();
  const field = office.getByLabel(/^At, by the clock of America\/Chicago/);
  const typed = await field.inputValue();
  await field.fill(`${typed.slice(0, 11)}00:00:00`);
  await office.getByRole("button", { name: "Show" }).click();
  await expect(office.getByText("No file of these cameras begins within this time.")).toBeVisible();
  await office.goto(`/recordings?cameras=${dock.slug}&span=10m`);
  const download = office.waitForEvent("download");
  await office.getByRole("link", { name: "Download" }).first().click();
  expect((await download).suggestedFilename()).toMatch(/\.mp4$/);
});
