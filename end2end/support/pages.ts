// Every page of the house that needs no record of its own, and who can open it.

import { expect, type Page } from "@playwright/test";
import type { Role } from "./yard.ts";

export const pages: Record<Role, string[]> = {
  admin: ["/users", "/users/invite", "/settings", "/audit", "/jobs", "/health", "/account/tokens", "/account/second-factor"],
  office: [
    "/", "/bols", "/bols/new", "/customers", "/customers/new", "/customers/import", "/carriers", "/carriers/new", "/releases",
    "/releases/new", "/outbox", "/account", "/account/password", "/account/sessions",
  ],
  analyst: ["/", "/bols", "/audit", "/jobs"],
  viewer: ["/", "/bols", "/customers"],
};

/** What holds on every page: it has a title and a main heading, answers 200, and nothing hangs over its right edge. */
export async function expectSound(page: Page, path: string): Promise<void> {
  const response = await page.goto(path);
  expect.soft(response?.status(), path).toBe(200);
  await expect(page, path).toHaveTitle(/\S/);
  await expect(page.locator("h1"), path).toHaveCount(1);
  const { width, content } = await page.evaluate(() => ({
    width: document.documentElement.clientWidth,
    content: document.documentElement.scrollWidth,
  }));
  expect.soft(content, `${path} scrolls sideways`).toBeLessThanOrEqual(width);
}
