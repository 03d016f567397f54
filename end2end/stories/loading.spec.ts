// Footage of a loading, whole: the bill says where it was loaded, a clip is cut and proves itself, the mail takes it along, the customer
// plays it, and the trail shows that. Runs with JavaScript and without.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { camera } from "../support/film.ts";
import { Api, linkIn } from "../support/paper.ts";
import { post } from "../support/records.ts";
import { expect, type Page, test } from "../support/test.ts";

/** As the yard's clock shows it, and as people type it. */
function typed(at: number): string {
  const parts = new Intl.DateTimeFormat("sv-SE", { timeZone: "America/Chicago", dateStyle: "short", timeStyle: "medium" });
  return parts.format(at);
}

/** Reloads until it is there: without script a page does not change by itself. */
async function eventually(page: Page, holds: () => Promise<void>): Promise<void> {
  await expect(async () => {
    await page.reload();
    await holds();
  }).toPass({ timeout: 60_000, intervals: [500, 1000] });
}

test("a bill's footage goes from the dock to the customer, and proves itself", async ({ as, visitor, yard, a11y }, info) => {
  test.setTimeout(300_000);
  const [admin, office] = [await as("admin"), await as("office")];
  const from = Math.floor((Date.now() - 120_000) / 1000) * 1000;
  const dock = `Dock ${info.project.name} ${Date.now() % 100_000}`;
  const title = `Loading at ${dock}`;
  const to = `footage.${info.project.name}.${Date.now() % 100_000}@mill.test`;
  const bill = await new Api(yard).issue();

  await test.step("a dock, and the camera that sees it", async () => {
    const seen = await camera(yard, admin, { runs: [{ from, seconds: 40 }] });
    await admin.goto("/docks/new");
    await a11y(admin);
    await admin.getByLabel("Name").fill(dock);
    await admin.getByLabel(seen.name).check();
    await admin.getByRole("button", { name: "Save dock" }).click();
    await expect(admin.getByRole("link", { name: dock })).toBeVisible();
    await a11y(admin);
  });

  await test.step("the bill says where and when it was loaded, and shows what was recorded", async () => {
    await office.goto(`/bols/${bill.id}`);
    await office.getByRole("link", { name: "Say where and when it was loaded" }).click();
    await a11y(office);
    const option = office.locator('select[name="dock"] option', { hasText: dock });
    await office.locator('select[name="dock"]').selectOption((await option.getAttribute("value"))!, { force: true });
    await office.locator('[name="from"]').fill(typed(from + 5000));
    await office.locator('[name="until"]').fill(typed(from + 25_000));
    await office.getByRole("button", { name: "Save loading" }).click();
    await expect(office.getByText("all of it is recorded")).toBeVisible();
    await expect(office.getByRole("link", { name: "Watch" })).toHaveAttribute("href", /\/recordings\?cameras=/);
    await a11y(office);
  });

  await test.step("a clip of it is cut", async () => {
    await office.getByRole("link", { name: "Make a clip" }).click();
    await expect(office.locator('[name="bol"]')).toHaveValue(bill.number);
    await office.locator('[name="title"]').fill(title);
    await office.getByRole("button", { name: "Make the clip" }).click();
    await expect(office.getByRole("alert")).toContainText("Say why it is made");
    await office.locator('[name="reason"]').fill("The customer counts two bundles fewer");
    await a11y(office);
    await office.getByRole("button", { name: "Make the clip" }).click();
    await expect(office.locator("h1")).toContainText(title);
    await eventually(office, () => expect(office.getByRole("button", { name: "Download" }).first()).toBeVisible({ timeout: 500 }));
    await a11y(office);
  });

  await test.step("its file proves itself, and no longer with one byte changed", async () => {
    const file = office.waitForEvent("download");
    await office.getByRole("button", { name: "Download" }).first().click();
    const path = await (await file).path();
    const key = yard.run("evidence", "key").split("\n")[0]!;
    expect(yard.run("evidence", "verify", path, "--key", key)).toContain("Whole.");
    const frames = execFileSync("ffprobe", ["-v", "error", "-count_frames", "-select_streams", "v:0", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", path], { encoding: "utf8" });
    expect(Number.parseInt(frames)).toBeGreaterThan(100);
    const bytes = readFileSync(path);
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    writeFileSync(`${path}.changed`, bytes);
    let said = "whole";
    try {
      yard.run("evidence", "verify", `${path}.changed`);
    } catch (refused) {
      said = (refused as { stdout: string }).stdout;
    }
    expect(said).toContain("Changed");
    await office.getByRole("link", { name: /\.mp4$/ }).first().click();
    await expect(office.locator("video")).toBeVisible();
    await a11y(office);
  });

  await test.step("it goes along with the bill", async () => {
    await office.goto(`/bols/${bill.id}`);
    await expect(office.getByRole("link", { name: title })).toBeVisible();
    await office.goto(`/bols/${bill.id}/send`);
    await office.locator('[name="others"]').fill(to);
    await office.getByLabel(new RegExp(title)).check();
    await a11y(office);
    await office.locator("main").getByRole("button", { name: "Send" }).click();
    await expect(office).not.toHaveURL(/\/send$/);
  });

  await test.step("the customer plays it and saves it", async () => {
    const mail = await yard.mail.waitFor(to, (m) => m.subject.includes(bill.number));
    expect(mail.text).toContain("Footage of its loading goes along");
    await visitor.goto(linkIn(mail.text));
    await expect(visitor.locator("video")).toHaveCount(0);
    await a11y(visitor);
    await visitor.getByRole("button", { name: "Play" }).click();
    const video = visitor.locator("video").first();
    await expect(video).toBeVisible();
    await video.evaluate((film: HTMLVideoElement) => {
      film.muted = true;
      return film.play();
    });
    await expect(async () => expect(await video.evaluate((film: HTMLVideoElement) => film.currentTime)).toBeGreaterThan(1)).toPass({ timeout: 20_000 });
    await a11y(visitor);
    await visitor.getByRole("link", { name: "Back to the bill of lading" }).click();
    const file = visitor.waitForEvent("download");
    await visitor.locator("section.clips").getByRole("button", { name: /Download/ }).click();
    expect(yard.run("evidence", "verify", await (await file).path())).toContain("the key of this installation");
  });

  await test.step("and the trail shows it, on the bill and on the clip", async () => {
    await office.goto(`/bols/${bill.id}`);
    await expect(office.getByText(`${to} watched “${title}”`).first()).toBeVisible();
    await expect(office.getByText(`${to} downloaded “${title}”`).first()).toBeVisible();
    await a11y(office);
    await office.getByRole("link", { name: title }).first().click();
    await expect(office.getByText("watched it by their link").first()).toBeVisible();
    const clip = new URL(office.url()).pathname;
    await post(admin, `${clip}/erase`, { reason: "The claim is settled" });
    await visitor.goto(linkIn((await yard.mail.waitFor(to)).text));
    await expect(visitor.getByText("This clip was erased by the yard")).toBeVisible();
    await a11y(visitor);
  });
});
