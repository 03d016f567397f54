// The same pages at 360 px: nothing hangs over the edge, and what is pressed is large enough for a thumb.

import { expectSound, expectThumbs, pages } from "../support/pages.ts";
import { records } from "../support/records.ts";
import { type Page, test } from "../support/test.ts";
import type { Role } from "../support/yard.ts";

for (const [role, paths] of Object.entries(pages)) {
  test(`every page of ${role} fits a phone`, async ({ as, a11y }) => {
    test.setTimeout(600_000);
    const page = await as(role as Role);
    for (const path of paths) {
      await expectSound(page, path);
      await expectThumbs(page, path);
      await a11y(page);
    }
  });
}

for (const [kind, build] of Object.entries(records)) test(`the pages of ${kind} fit a phone`, async ({ as, visitor, yard, a11y }) => {
  test.setTimeout(600_000);
  const windows = new Map<string, Page>([["visitor", visitor]]);
  for (const { who, path, status } of await build(yard, as)) {
    if (!windows.has(who)) windows.set(who, await as(who as Role));
    const page = windows.get(who)!;
    await expectSound(page, path, status);
    await expectThumbs(page, path);
    await a11y(page);
  }
});
