// Without script a scan goes with the form.

import { Api } from "../support/paper.ts";
import { expect, test } from "../support/test.ts";

test("a photo is added by the form alone", async ({ as, yard }) => {
  const bill = await new Api(yard).issue();
  const office = await as("office");
  await office.goto(`/bols/${bill.id}/attachments`);
  await office.getByRole("button", { name: "Add" }).click();
  await expect(office.getByRole("alert")).toContainText("Choose one file or more");
  const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(40_000, 1)]);
  await office.getByLabel("It shows").selectOption("Photo of a seal");
  await office.getByLabel("Files").setInputFiles({ name: "seal.jpg", mimeType: "image/jpeg", buffer: jpeg });
  await office.getByRole("button", { name: "Add" }).click();
  await expect(async () => {
    await office.reload();
    await expect(office.getByRole("row", { name: /seal.jpg/ })).toContainText("Kept", { timeout: 500 });
  }).toPass({ timeout: 20_000 });
});
