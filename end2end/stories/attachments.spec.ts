// A scan goes straight to the storage with script: its progress is seen, and what broke off goes on where it stopped.

import { Api } from "../support/paper.ts";
import { expect, test } from "../support/test.ts";

const pdf = (bytes: number) => Buffer.concat([Buffer.from("%PDF-1.7\n"), Buffer.alloc(bytes - 9, 7)]);

test("a scan is added, checked, kept and downloaded as it was", async ({ as, yard, a11y }) => {
  const bill = await new Api(yard).issue();
  const office = await as("office");
  await office.goto(`/bols/${bill.id}`);
  await office.getByRole("link", { name: "Add a scan or photo" }).click();
  await a11y(office);
  const signed = pdf(300_000);
  await office.getByLabel("It shows").selectOption("Signed bill of lading");
  await office.getByLabel("Files").setInputFiles([
    { name: "signed.pdf", mimeType: "application/pdf", buffer: signed },
    { name: "page.html", mimeType: "text/html", buffer: Buffer.from("<!doctype html><script>alert(1)</script>") },
  ]);
  await office.getByRole("button", { name: "Add" }).click();
  await expect(office.getByRole("row", { name: /signed.pdf/ })).toContainText("Kept", { timeout: 20_000 });
  await expect(office.getByRole("row", { name: /page.html/ })).toContainText("It is none of PDF");
  await a11y(office);
  const download = office.waitForEvent("download");
  await office.getByRole("link", { name: "signed.pdf", exact: true }).click();
  const saved = await download;
  expect(saved.suggestedFilename()).toBe("signed.pdf");
  const chunks: Buffer[] = [];
  for await (const chunk of await saved.createReadStream()) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).equals(signed)).toBe(true);
});

test("a put that breaks off is tried again by itself", async ({ as, yard }) => {
  const bill = await new Api(yard).issue();
  const office = await as("office");
  await office.goto(`/bols/${bill.id}/attachments`);
  let broken = 0;
  await office.route(/\/incoming\//, (route) => (++broken === 1 ? route.abort("connectionreset") : route.continue()));
  await office.getByLabel("Files").setInputFiles({ name: "seal.pdf", mimeType: "application/pdf", buffer: pdf(50_000) });
  await office.getByRole("button", { name: "Add" }).click();
  await expect(office.locator(".sendings")).toContainText("trying again (1 of 6)");
  await expect(office.getByRole("row", { name: /seal.pdf/ })).toContainText("Kept", { timeout: 20_000 });
  expect(broken).toBeGreaterThan(1);
});

test("a large scan goes on where it broke off, and no part of it is sent twice", async ({ as, yard }) => {
  const bill = await new Api(yard).issue();
  const office = await as("office");
  await office.goto(`/bols/${bill.id}/attachments`);
  const scan = pdf(23_000_000);
  const add = async () => {
    await office.getByLabel("Files").setInputFiles({ name: "log.pdf", mimeType: "application/pdf", buffer: scan });
    await office.getByRole("button", { name: "Add" }).click();
  };
  // A bucket names the part in the query, Gatehouse itself in the path.
  const part = (url: string) => new URL(url).searchParams.get("partNumber") ?? new URL(url).pathname;
  const sent: string[] = [];
  office.on("requestfinished", async (request) => {
    if (request.method() === "PUT" && (await request.response())?.ok()) sent.push(part(request.url()));
  });
  let begun = 0;
  // Whichever way: after two tries the page sends through Gatehouse itself.
  await office.route("**/*", (route) =>
    route.request().method() === "PUT" && ++begun > 2 ? route.abort("connectionreset") : route.continue());
  await add();
  await expect.poll(() => sent.length, { timeout: 20_000 }).toBe(2);
  await expect(office.locator(".sendings")).toContainText("trying again");

  // The page is closed in the middle of it; later the same file is chosen again. The line is back only once the page that tries is gone:
  // what it would put on its way out nobody here would see arrive.
  await office.goto(`/bols/${bill.id}/attachments`);
  await office.unrouteAll({ behavior: "ignoreErrors" });
  const before = [...sent];
  await add();
  await expect(office.getByRole("row", { name: /log.pdf/ })).toContainText("Kept", { timeout: 60_000 });
  expect(before.length).toBeGreaterThanOrEqual(2);
  expect(new Set(sent).size).toBe(sent.length);
  expect(sent.length).toBe(Math.ceil(scan.length / (5 << 20)));
  const download = office.waitForEvent("download");
  await office.getByRole("link", { name: "log.pdf", exact: true }).click();
  const chunks: Buffer[] = [];
  for await (const chunk of await (await download).createReadStream()) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).equals(scan)).toBe(true);
});
