// The same pages at 360 px: nothing hangs over the edge, and what is pressed is large enough for a thumb.

import { expectSound, pages } from "../support/pages.ts";
import { expect, test } from "../support/test.ts";

test("every page fits a phone", async ({ as, a11y }) => {
  const page = await as("office");
  for (const path of pages.office) {
    await expectSound(page, path);
    await a11y(page);
    const small = await page.locator("main button:visible, main .button:visible").evaluateAll((all) =>
      all.filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.outerHTML.slice(0, 120)),
    );
    expect.soft(small, `${path}: too low for a thumb`).toEqual([]);
  }
});
