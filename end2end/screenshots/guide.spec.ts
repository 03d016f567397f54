// The pictures of docs/guide: the demo yard, as somebody of the office and an admin see it.

import { join } from "node:path";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { pictured } from "../support/film.ts";
import { Api } from "../support/paper.ts";
import { freePort, gatehouse, repository, type Server, start, temporaryFolder } from "../support/processes.ts";
import { signIn } from "../support/test.ts";

const target = join(repository, "docs/guide/screenshots");
const person = { email: "ada@yard.test", password: crypto.randomUUID() };
const folder = temporaryFolder();
let server: Server;
let url: string;
let settings: Record<string, string>;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  settings = { GATEHOUSE_DATA: join(folder.path, "data"), GATEHOUSE_LISTEN: `127.0.0.1:${port}`, GATEHOUSE_BASE_URL: url };
  gatehouse(settings, ["demo"]);
  gatehouse(settings, ["user", "create", "--email", person.email, "--name", "Ada Marsh", "--role", "admin", "--password-stdin"], person.password);
  server = await start(settings, ["serve"], join(folder.path, "log"));
});

test.afterAll(async () => {
  await server.stop();
  folder.remove();
});

async function open(browser: Browser, colorScheme: "light" | "dark"): Promise<Page> {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 860 }, colorScheme, locale: "en-GB" });
  const page = await context.newPage();
  await signIn(page, person);
  return page;
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.waitForLoadState("load");
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(target, `${name}.png`), animations: "disabled" });
}

/** A bill that a customer has downloaded. */
async function delivered(page: Page): Promise<string> {
  await page.goto("/bols?opened=yes&state=issued");
  return (await page.locator("td a.mono").nth(2).getAttribute("href"))!;
}

test("the pages of the house", async ({ browser }) => {
  test.setTimeout(120_000);
  const page = await open(browser, "light");
  for (const [name, path] of Object.entries({ today: "/", list: "/bols", outbox: "/outbox", jobs: "/jobs", audit: "/audit", health: "/health", storage: "/storage" })) {
    await page.goto(path);
    await shoot(page, name);
  }
  const bill = await delivered(page);
  await page.goto(bill);
  await shoot(page, "bill");
  await page.goto("/bols?state=draft");
  await page.goto(`${await page.locator("td a").first().getAttribute("href")}/edit`);
  await shoot(page, "form");

  const dark = await open(browser, "dark");
  await dark.goto(bill);
  await shoot(dark, "bill-dark");
});

test("two cameras in step, and the loading on its bill", async ({ browser }) => {
  test.setTimeout(120_000);
  for (const [colour, name] of [["light", "recordings"], ["dark", "recordings-dark"]] as const) {
    const page = await open(browser, colour);
    await page.setViewportSize({ width: 1280, height: 960 });
    // The gate's camera was lost from 34 to 28 minutes ago; the demo's film ends ten minutes ago.
    await page.goto(`/recordings?cameras=dock_2,gate&at=${new Date(Date.now() - 40 * 60_000).toISOString()}&span=1h`);
    await pictured(page);
    await shoot(page, name);
  }
  const page = await open(browser, "light");
  await page.goto("/audit?action=bol.loading_set");
  await page.goto((await page.locator("a[href^='/bols/']").first().getAttribute("href"))!);
  await page.getByRole("heading", { name: "Loading" }).scrollIntoViewIfNeeded();
  await shoot(page, "loading");
});

test("the customer's page on a phone", async ({ browser }) => {
  const page = await open(browser, "light");
  const bill = (await delivered(page)).split("/").at(-1)!;
  const api = new Api({ url, run: (...args: string[]) => gatehouse(settings, args), people: { office: person } } as never);
  const link = await api.call<{ url: string }>("POST", `/bols/${bill}/links`, { recipient: "dispatch@mill.test" });
  const phone = await browser.newContext({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 });
  const visitor = await phone.newPage();
  await visitor.goto(link.url);
  await expect(visitor.getByRole("button", { name: "Download PDF" })).toBeVisible();
  await shoot(visitor, "customer-phone");
});
