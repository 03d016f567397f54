// Everything by keys: going anywhere, walking a list, the keys' own list, the form that adds up and is not left by accident.

import { Api } from "../support/paper.ts";
import { expect, test } from "../support/test.ts";
import { post } from "../support/records.ts";

test("Ctrl K goes to a page, a customer, a bill by its number", async ({ as, yard, a11y }) => {
  const office = await as("office");
  const bill = await new Api(yard).issue();
  await office.goto("/");
  const name = `Kankakee Rail ${Date.now() % 100_000}`;
  const customer = await post(office, "/customers", { name });

  await office.keyboard.press("Control+k");
  const input = office.getByRole("combobox", { name: /Where to/ });
  await expect(input).toBeFocused();
  await expect(office.getByRole("option").first()).toHaveAttribute("aria-selected", "true");
  await a11y(office);
  await office.keyboard.type("carr");
  await expect(office.getByRole("option", { name: "Carriers" })).toHaveAttribute("aria-selected", "true");
  await expect(input).toHaveAttribute("aria-activedescendant", /palette-/);
  await office.keyboard.press("Enter");
  await expect(office).toHaveURL(/\/carriers$/);
  await office.waitForLoadState();

  await office.keyboard.press("Control+k");
  await office.keyboard.type(name);
  await expect(office.getByRole("option", { name })).toBeVisible();
  await a11y(office);
  await office.keyboard.press("ArrowUp");
  await office.keyboard.press("Enter");
  await expect(office).toHaveURL(new RegExp(`${customer}$`));
  await office.waitForLoadState();

  await office.keyboard.press("Control+k");
  await office.keyboard.type(bill.number.toLowerCase());
  await office.keyboard.press("Enter"); // before the answer is there, and after it
  await expect(office.locator("h1")).toContainText(bill.number);

  await office.goto("/carriers");
  await office.keyboard.press("/");
  await expect(office.locator("#search")).toBeFocused();
  await office.keyboard.type(bill.number);
  await office.keyboard.press("Enter");
  await expect(office.locator("h1")).toContainText(bill.number);
});

test("j, k and Enter walk a list, one that is kept live too", async ({ as, yard }) => {
  const api = new Api(yard);
  await api.issue();
  const bill = await api.issue();
  const admin = await as("admin");
  await admin.goto("/bols?state=issued");
  await admin.keyboard.press("j");
  await expect(admin.locator("tr.at")).toContainText(bill.number);
  await admin.keyboard.press("j");
  await expect(admin.locator("tr.at")).not.toContainText(bill.number);
  await admin.keyboard.press("x");
  await expect(admin.getByText("1 selected")).toBeVisible();
  await admin.keyboard.press("k");
  await admin.keyboard.press("Enter");
  await expect(admin.locator("h1")).toContainText(bill.number);

  await admin.goto("/jobs");
  await admin.keyboard.press("j");
  await expect(admin.locator("tr.at")).toContainText(/Render|Email|Verif/);
  // The list is made anew by what the server sends; keys go on.
  const rows = admin.locator("table[data-rows] tbody");
  await rows.evaluate((body) => (body.dataset.old = "yes"));
  await api.issue();
  await expect(rows).not.toHaveAttribute("data-old", "yes", { timeout: 15_000 });
  await admin.keyboard.press("j");
  await expect(admin.locator("tr.at")).toContainText(/Render|Email|Verif/);
});

test("? lists the keys that work here, and none on a page without them", async ({ as, visitor, yard, a11y }) => {
  const office = await as("office");
  await new Api(yard).draft();
  await office.goto("/bols");
  await office.keyboard.press("?");
  const dialog = office.getByRole("dialog", { name: "Keys" });
  await expect(dialog).toContainText("Next row");
  await a11y(office);
  await office.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);

  await office.goto("/account");
  await office.keyboard.press("?");
  await expect(dialog).toContainText("Go anywhere");
  await expect(dialog).not.toContainText("Next row");

  await visitor.goto(`${yard.url}/verify/nothing`);
  await visitor.keyboard.press("?");
  await expect(visitor.getByRole("dialog")).toHaveCount(0);
});

test("the form adds up, and is not left with changes in it", async ({ as, yard }) => {
  const office = await as("office");
  await office.goto(`/bols/${await new Api(yard).draft()}/edit`);
  await office.locator('[name="lines.0.gross"]').fill("70,000");
  await office.locator('[name="lines.0.tare"]').fill("30,500.5");
  await expect(office.locator('[name="lines.0.net"]')).toHaveValue("39,499.5");
  await expect(office.locator('[data-total="net"]')).toHaveText("39,499.5");

  const asked: string[] = [];
  office.once("dialog", (dialog) => {
    asked.push(dialog.type());
    void dialog.dismiss();
  });
  await office.getByRole("link", { name: "Today" }).click();
  await expect.poll(() => asked).toEqual(["beforeunload"]);
  await expect(office).toHaveURL(/\/edit$/);
  await office.locator('button[name="do"][value="save"]').first().click();
  await office.waitForLoadState();
  await office.getByRole("link", { name: "Today" }).click();
  await expect(office.locator("h1")).toHaveText(/Today/);
});
