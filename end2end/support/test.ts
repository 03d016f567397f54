// What every story imports: a yard per worker, somebody signed in, and a page that axe has looked at.

import AxeBuilder from "@axe-core/playwright";
import { type Browser, expect, type Page, test as base } from "@playwright/test";
import { type Person, type Role, Yard } from "./yard.ts";

interface Fixtures {
  /** What went wrong in any window, looked at when the story ends. */
  wrong: string[];
  /** Opens a browser window of its own for a person of this role, signed in. */
  as: (role: Role) => Promise<Page>;
  /** A visitor from outside, with no cookies. */
  visitor: Page;
  /** Fails on anything that axe finds on the page; of `rules` alone where they are named. */
  a11y: (page: Page, rules?: string[]) => Promise<void>;
}

export const test = base.extend<Fixtures, { yard: Yard; signedIn: Map<Role, string> }>({
  yard: [
    async ({}, use) => {
      const yard = await Yard.open();
      await use(yard);
      await yard.close();
    },
    { scope: "worker", timeout: 60_000 },
  ],

  // One sign-in a role and worker: its cookies serve every later window.
  signedIn: [async ({}, use) => use(new Map()), { scope: "worker" }],

  baseURL: async ({ yard }, use) => use(yard.url),

  wrong: async ({}, use) => {
    const wrong: string[] = [];
    await use(wrong);
    expect(wrong).toEqual([]);
  },

  as: async ({ browser, yard, signedIn, wrong }, use) => {
    const opened: Page[] = [];
    await use(async (role) => {
      const page = await open(browser, yard, wrong, signedIn.get(role));
      opened.push(page);
      if (!signedIn.has(role)) {
        await signIn(page, yard.people[role]);
        signedIn.set(role, JSON.stringify(await page.context().storageState()));
      }
      return page;
    });
    for (const page of opened) await page.context().close();
  },

  visitor: async ({ browser, yard, wrong }, use) => {
    const page = await open(browser, yard, wrong);
    await use(page);
    await page.context().close();
  },

  a11y: async ({ javaScriptEnabled }, use) => {
    await use(async (page, rules) => {
      // axe is itself a script: it looks at the pages without script where only the page's own are kept away.
      if (!javaScriptEnabled) return;
      // A colour that is still on its way to another is nobody's to judge. Set to its end, not waited for: a window behind others stands still.
      await page.evaluate(() => {
        for (const one of document.getAnimations()) if (one.effect?.getComputedTiming().endTime !== Infinity) one.finish();
      });
      const axe = new AxeBuilder({ page });
      const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
      const found = violations.map((v) => `${v.id}: ${v.help}\n${v.nodes.map((n) => `    ${n.html}\n    ${n.failureSummary}`).join("\n")}`);
      expect.soft(found, `axe on ${page.url()}`).toEqual([]);
    });
  },
});

/** A window of its own; what must never happen in it (a script refused by the CSP, an error, a 5xx) goes to `wrong`. */
async function open(browser: Browser, yard: Yard, wrong: string[], storageState?: string): Promise<Page> {
  const context = await browser.newContext({
    baseURL: yard.url,
    storageState: storageState ? JSON.parse(storageState) : undefined,
  });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error" && /Content.Security.Policy|SyntaxError|Uncaught/.test(message.text())) {
      wrong.push(`${page.url()}: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => wrong.push(`${page.url()}: ${error}`));
  page.on("response", (response) => {
    if (response.url().startsWith(yard.url) && response.status() >= 500) {
      wrong.push(`${response.request().method()} ${response.url()} answered ${response.status()}`);
    }
  });
  return page;
}

export async function signIn(page: Page, person: Person): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).not.toHaveURL(/sign-in/);
}

export { expect, type Page };
