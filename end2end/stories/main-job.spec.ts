// The main job, whole: a customer, a bill, its number, its paper, the mail, the customer's download, and every step on record.
// Runs with JavaScript and without.

import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { linkIn } from "../support/paper.ts";
import { expect, type Page, test } from "../support/test.ts";

/** Fills fields by the names they are posted under. */
async function fill(page: Page, values: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(values)) {
    await page.locator(`[name="${name}"]`).fill(value);
  }
}

/** Chooses in a select, which script may have put behind a type-ahead. */
async function choose(page: Page, name: string, label: string): Promise<void> {
  const select = page.locator(`select[name="${name}"]`);
  const value = await select.locator("option", { hasText: label }).first().getAttribute("value");
  await select.selectOption(value!, { force: true });
}

/** Reloads until it is there: without script a page does not change by itself. */
async function eventually(page: Page, holds: () => Promise<void>): Promise<void> {
  await expect(async () => {
    await page.reload();
    await holds();
  }).toPass({ timeout: 30_000, intervals: [300, 500, 1000] });
}

test("from the form to the customer's audited download", async ({ as, visitor, yard, a11y }, info) => {
  test.setTimeout(300_000);
  const customer = `Lakeshore Melt Shop ${info.project.name} ${Date.now() % 100_000}`;
  const contact = `receiving.${info.project.name}@mill.test`;
  const office = await as("office");
  let number = "";
  let paper = "";

  await test.step("a customer with a site and somebody who gets mail", async () => {
    await office.goto("/customers/new");
    await fill(office, { name: customer });
    if (!(await office.locator('[name="sites.0.name"]').count())) await office.getByRole("button", { name: "Add a site" }).click();
    if (!(await office.locator('[name="contacts.0.email"]').count())) await office.getByRole("button", { name: "Add a contact" }).click();
    await fill(office, {
      name: customer,
      "sites.0.name": "Main gate",
      "sites.0.address": "1 North Broadway",
      "sites.0.city": "Gary",
      "sites.0.region": "IN",
      "sites.0.postcode": "46402",
      "contacts.0.name": "Receiving",
      "contacts.0.email": contact,
    });
    await choose(office, "sites.0.country", "United States");
    const receives = office.locator('input[type="checkbox"][name="contacts.0.receives_bols"]');
    if (!(await receives.isChecked())) await receives.check();
    await a11y(office);
    await office.getByRole("button", { name: "Save customer" }).click();
    await expect(office.locator("h1")).toContainText(customer);
  });

  await test.step("a draft for it, which says what is missing", async () => {
    await office.goto("/bols/new");
    await a11y(office);
    await choose(office, "site", customer);
    await office.getByRole("button", { name: "Begin for it" }).click();
    await expect(office).toHaveURL(/\/bols\/[^/]+\/edit$/);
    await expect(office.locator('[name="ship_to.name"]')).toHaveValue(customer);
    await expect(office.getByText(/\d+ things are missing before issue/)).toBeVisible();
    await a11y(office);
  });

  await test.step("issue before it is ready: refused, what was typed is kept", async () => {
    await fill(office, { "lines.0.commodity": "Shredded ferrous scrap", "lines.0.gross": "72,340", "lines.0.tare": "31,220", "lines.0.net": "41,000" });
    const answered = office.waitForResponse((r) => r.request().method() === "POST");
    await office.locator('button[name="do"][value="issue"]').first().click();
    expect((await answered).status()).toBe(422);
    await expect(office.getByRole("alert")).toContainText("There is a problem");
    await expect(office.locator('[name="lines.0.commodity"]')).toHaveValue("Shredded ferrous scrap");
    await a11y(office);
  });

  await test.step("complete it, save it, issue it", async () => {
    await fill(office, {
      "lines.0.net": "41120",
      "lines.0.packages": "1",
      "lines.0.package_type": "load",
      "lines.0.heat": "H4410",
      "ship_from.name": "Prairie Road Terminal",
      "ship_from.address": "4100 Prairie Road",
      "ship_from.city": "Gary",
      "ship_from.region": "IN",
      "ship_from.postcode": "46406",
      "ship_from.country": "US",
      "carrier.name": "Calumet Bulk Haulage",
      "carrier.scac": "CBHI",
      "carrier.truck": "T-204",
      "carrier.trailer": "CBH 5318",
      "carrier.driver": "J. Kowalczyk",
      "weighing.scale": "North",
      "weighing.ticket": `T${Date.now() % 1_000_000}`,
      "weighing.weighed_by": "M. Ortiz",
    });
    await office.locator('[name="weighing.loaded_by"]').selectOption("shipper");
    await office.locator('[name="weighing.counted_by"]').selectOption("shipper");
    await office.locator('[name="money.terms"][value="prepaid"]').check();
    await office.locator('button[name="do"][value="save"]').first().click();
    await expect(office.getByText("Ready to issue").first()).toBeVisible();
    await office.locator('button[name="do"][value="issue"]').first().click();
    // A page asks once more: the number is for ever.
    if (/\/issue$/.test(office.url())) {
      await a11y(office);
      await office.locator("main").getByRole("button", { name: /Issue/ }).click();
    }
    await expect(office.locator("h1")).toContainText(/PRT-\d{4}-\d{4,}/);
    number = /PRT-\d{4}-\d{4,}/.exec(await office.locator("h1").innerText())![0];
  });

  await test.step("its paper is made by a job", async () => {
    await eventually(office, () => expect(office.getByRole("link", { name: "Open the PDF" })).toBeVisible({ timeout: 500 }));
    // The page shows what is stored, wherever that is.
    const picture = office.getByRole("img", { name: `First page of ${number} as printed` });
    const drawn = await office.request.get((await picture.getAttribute("src"))!);
    expect(drawn.headers()["content-type"]).toBe("image/svg+xml");
    await a11y(office);
  });

  await test.step("send it to the contact, and to nobody else", async () => {
    await office.getByRole("link", { name: "Send", exact: true }).click();
    await expect(office.getByLabel(new RegExp(contact))).toBeChecked();
    await a11y(office);
    await office.locator("main").getByRole("button", { name: "Send" }).click();
    await expect(office).not.toHaveURL(/\/send$/);
  });

  const mail = await test.step("the mail arrives by SMTP, with a link and no presigned URL", async () => {
    const received = await yard.mail.waitFor(contact, (m) => m.subject.includes(number));
    expect(received.recipients).toEqual([contact]);
    expect(received.message_id).toMatch(/^<[^@\s]+@[^@\s]+>$/);
    expect(received.text + received.html).not.toMatch(/X-Amz-|Signature|signature=/);
    return received;
  });

  await test.step("the customer opens the link: a page that changes nothing", async () => {
    paper = linkIn(mail.text);
    const response = await visitor.goto(paper);
    expect(response!.headers()["cache-control"]).toContain("no-store");
    await expect(visitor.locator("h1")).toContainText(number);
    await a11y(visitor);
    await office.reload();
    await expect(office.getByText("downloaded it")).toHaveCount(0);
  });

  await test.step("and presses Download: the very bytes that are on record", async () => {
    const file = visitor.waitForEvent("download");
    await visitor.getByRole("button", { name: "Download PDF" }).click();
    const download = await file;
    expect(download.suggestedFilename()).toBe(`${number}.pdf`);
    const path = await download.path();
    const bytes = readFileSync(path);
    expect(bytes.subarray(0, 5).toString()).toBe("%PDF-");
    const text = execFileSync("pdftotext", ["-layout", path, "-"], { encoding: "utf8" });
    for (const word of [number, customer, "Calumet Bulk Haulage", "CBHI", "Shredded ferrous scrap", "41,120"]) expect(text).toContain(word);

    // The public page behind the QR code names the same hash, and nothing about the load.
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    await visitor.getByRole("link", { name: /genuine/ }).click();
    await expect(visitor.locator("main")).toContainText(number);
    expect((await visitor.locator("main").innerText()).replace(/\s/g, "")).toContain(sha256);
    await expect(visitor.locator("main")).not.toContainText(customer);
    await a11y(visitor);
  });

  await test.step("the trail stands on the bill's page, and in the audit log", async () => {
    await office.reload();
    await expect(office.getByText(`${contact} pressed Download`).first()).toBeVisible();
    await expect(office.getByText(`${contact} downloaded it`).first()).toBeVisible();
    await a11y(office);

    const admin = await as("admin");
    await admin.goto("/audit");
    await a11y(admin);
    const log = yard.run("audit", "verify");
    expect(log).toMatch(/\d+/);
  });
});
