// The pages of the house that need no record of their own and who opens them, and what holds on every page.

import { expect, type Page } from "@playwright/test";
import type { Role } from "./yard.ts";

export const pages: Record<Role, string[]> = {
  admin: [
    "/users", "/storage", "/storage/objects", "/storage/orphans", "/storage/doctor", "/users/invite", "/settings", "/audit", "/jobs", "/storage/moves", "/health", "/account/tokens", "/account/second-factor", "/api", "/cameras",
    "/cameras/new", "/cameras/sites", "/cameras/sites/new", "/cameras/discover", "/recorders/new", "/recordings", "/recordings/holds/new", "/recordings/restores/new", "/docks/new", "/clips/new", "/alerts", "/alerts?show=all", "/alerts/targets",
  ],
  office: [
    "/", "/bols", "/bols/new", "/bols/templates", "/customers", "/customers/new", "/customers/import", "/carriers", "/carriers/new",
    "/releases", "/releases/new", "/outbox", "/account", "/account/password", "/account/sessions",
  ],
  analyst: ["/", "/bols", "/audit", "/jobs"],
  viewer: ["/", "/bols", "/customers", "/cameras", "/recordings", "/recordings/holds", "/recorders", "/docks", "/clips", "/alerts"],
};

/** It has a title and a main heading, answers as it should, and nothing hangs over its right edge. */
export async function expectSound(page: Page, path: string, status = 200): Promise<void> {
  const response = await page.goto(path);
  expect.soft(response?.status(), path).toBe(status);
  await expect(page, path).toHaveTitle(/\S/);
  await expect(page.locator("h1"), path).toHaveCount(1);
  const { width, content } = await page.evaluate(() => ({
    width: document.documentElement.clientWidth,
    content: document.documentElement.scrollWidth,
  }));
  expect.soft(content, `${path} scrolls sideways`).toBeLessThanOrEqual(width);
}

// What is pressed on a page, but for links that stand within a sentence.
const pressed = [
  "main button", "main .btn", "main summary", "main .chip", "main .buttons a", "main .actions a", "main .filters a", "main td a",
  "main .waits a", "main .links a", "main .side a", ".crumbs a", ".top a", ".top summary", "main input:not([type=hidden], [aria-hidden])", "main select",
].map((selector) => `${selector}:visible`).join(", ");

/** On a phone: nothing that is pressed is too low for a thumb. A tick's label is pressed with it. */
export async function expectThumbs(page: Page, path: string): Promise<void> {
  const small = await page.locator(pressed).evaluateAll((all) =>
    all
      .map((one) => [one, one.closest("label") ?? one] as const)
      .filter(([, target]) => target.getBoundingClientRect().height < 43.5)
      .map(([one]) => one.outerHTML.slice(0, 120)),
  );
  expect.soft(small, `${path}: too low for a thumb`).toEqual([]);
}
