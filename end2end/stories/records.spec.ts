// The pages of records, for those who open them: in light, in dark, and without the house's own scripts, axe finds nothing.

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { expectSound } from "../support/pages.ts";
import { Api } from "../support/paper.ts";
import { freePort, gatehouse, start, temporaryFolder } from "../support/processes.ts";
import { records } from "../support/records.ts";
import { expect, type Page, signIn, test } from "../support/test.ts";
import type { Role } from "../support/yard.ts";

for (const [kind, build] of Object.entries(records)) test(`the pages of ${kind} are sound`, async ({ as, visitor, yard, a11y }) => {
  test.setTimeout(600_000);
  const windows = new Map<string, Page>([["visitor", visitor]]);
  const bare = new Map<string, Page>();
  for (const { who, path, status } of await build(yard, as)) {
    if (!windows.has(who)) windows.set(who, await as(who as Role));
    const page = windows.get(who)!;
    await test.step(`${who} ${path}`, async () => {
      await page.emulateMedia({ colorScheme: "light" });
      await expectSound(page, path, status);
      await a11y(page);
      await page.emulateMedia({ colorScheme: "dark" });
      await a11y(page, ["color-contrast"]);
    });
    if (who === "visitor") continue;
    if (!bare.has(who)) {
      const other = await as(who as Role);
      await other.route("**/*.js", (route) => route.abort());
      bare.set(who, other);
    }
    await test.step(`${who} ${path} without script`, async () => {
      await expectSound(bare.get(who)!, path, status);
      await a11y(bare.get(who)!);
    });
  }
});

test("sending several bills asks first, and says what it did", async ({ as, yard, a11y }) => {
  const office = await as("office");
  await new Api(yard).issue();
  await office.goto("/bols?state=issued");
  await office.getByLabel("Select all on this page").check();
  await office.getByRole("button", { name: "Send selected" }).click();
  await a11y(office);
  await expect(office.locator("h1")).toContainText(/Send \d+ bills?\?/);
});

/** The six figures that an authenticator app shows for a seed in base32. */
function figures(seed: string): string {
  const bits = [...seed.replace(/\s/g, "")].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac("sha1", key).update(step).digest();
  return String((mac.readUInt32BE(mac[19]! & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

test("the second factor's pages are sound", async ({ yard, visitor, a11y }) => {
  const person = { email: `second${Date.now()}@yard.test`, password: crypto.randomUUID() };
  gatehouse(yard.settings, ["user", "create", "--email", person.email, "--role", "viewer", "--password-stdin"], person.password);
  await signIn(visitor, person);
  await visitor.goto("/account/second-factor");
  await visitor.getByRole("button", { name: "Set up" }).click();
  await a11y(visitor);
  await visitor.getByRole("textbox", { name: "Code" }).fill(figures(await visitor.locator("main code").first().innerText()));
  await visitor.getByRole("button", { name: "Turn on" }).click();
  await expect(visitor.getByRole("heading", { name: "Your recovery codes" })).toBeVisible();
  await expect(visitor.getByRole("button", { name: "Print" })).toBeVisible();
  await a11y(visitor);
  for (const path of ["/account/second-factor", "/account/second-factor/off"]) {
    await expectSound(visitor, path);
    await a11y(visitor);
  }
  await visitor.context().clearCookies();
  await visitor.goto("/sign-in");
  await visitor.getByLabel("Email").fill(person.email);
  await visitor.getByLabel("Password", { exact: true }).fill(person.password);
  await visitor.getByRole("button", { name: "Sign in" }).click();
  await expect(visitor).toHaveURL(/sign-in\/code/);
  await a11y(visitor);
});

test("the first admin's page is sound", async ({ yard, visitor, a11y }) => {
  const folder = temporaryFolder();
  const port = await freePort();
  const log = `${folder.path}/log`;
  const settings = { ...yard.settings, GATEHOUSE_DATA: `${folder.path}/data`, GATEHOUSE_LISTEN: `127.0.0.1:${port}`, GATEHOUSE_BASE_URL: `http://127.0.0.1:${port}` };
  const server = await start(settings, ["serve"], log);
  try {
    let setup = "";
    await expect(() => {
      setup = /http:\S+\/setup\/[\w-]+/.exec(readFileSync(log, "utf8"))![0];
    }).toPass({ timeout: 5000 });
    await expectSound(visitor, setup);
    await a11y(visitor);
  } finally {
    await server.stop();
    folder.remove();
  }
});
