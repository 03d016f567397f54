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
