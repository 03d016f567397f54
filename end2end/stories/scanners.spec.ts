// Mail scanners open links, look ahead, run scripts and even submit forms. None of that may count as the customer's download.

import type { Browser } from "@playwright/test";
import { Api } from "../support/paper.ts";
import { expect, test } from "../support/test.ts";

const scripts = {
  "form.submit()": () => document.querySelector<HTMLFormElement>("main form")!.submit(),
  "requestSubmit() with the button": () => {
    const button = document.querySelector<HTMLButtonElement>("main form button")!;
    button.form!.requestSubmit(button);
  },
  "button.click()": () => document.querySelector<HTMLButtonElement>("main form button")!.click(),
  "fetch() of the form": () => {
    const form = document.querySelector<HTMLFormElement>("main form")!;
    const body = new URLSearchParams();
    new FormData(form, form.querySelector("button")).forEach((value, name) => body.append(name, String(value)));
    void fetch(form.action, { method: "POST", body, redirect: "manual" });
  },
};

/**
 * Opens the page as a scanner does that runs a script of its own, and gives the status of the POST it makes. The script is the
 * page's first, since one that Playwright evaluates counts as a person's gesture.
 */
async function posted(browser: Browser, url: string, script: () => void): Promise<number> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(`addEventListener("DOMContentLoaded", () => {
    if (!sessionStorage.done) { sessionStorage.done = 1; (${script})(); }
  })`);
  const answer = page.waitForResponse((response) => response.request().method() === "POST");
  await page.goto(url).catch(() => undefined); // a POST may overtake the load
  const status = (await answer).status();
  await context.close();
  return status;
}

test("what scanners do is noted, and downloads nothing", async ({ yard, browser, visitor, as }) => {
  const api = new Api(yard);
  const bill = await api.issue();
  const link = await api.send(bill, "scanned@mill.test");
  const url = yard.url + link;

  await test.step("GET, HEAD and a prefetch are answered with a page that is not kept", async () => {
    for (const request of [{}, { method: "HEAD" }, { headers: { "Sec-Purpose": "prefetch" } }]) {
      const answer = await fetch(url, { ...request, redirect: "manual" });
      expect(answer.status).toBe(200);
      expect(answer.headers.get("cache-control")).toContain("no-store");
      expect(answer.headers.get("x-robots-tag") ?? (await answer.text())).toContain("noindex");
    }
  });

  await test.step("a POST without the button, or without the page's token, gets no file", async () => {
    for (const body of ["", "download=pdf", "csrf=wrong&download=pdf"]) {
      const answer = await fetch(url, {
        method: "POST",
        redirect: "manual",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body,
      });
      expect(answer.status, `with “${body}”`).toBe(422);
    }
  });

  for (const [name, script] of Object.entries(scripts)) {
    await test.step(`a script's ${name} gets no file`, async () => {
      expect(await posted(browser, url, script)).toBe(422);
    });
  }

  const office = await as("office");
  await office.goto(`/bols/${bill.id}`);
  await expect(office.getByText("opened from", { exact: false }).first()).toBeVisible();
  await expect(office.getByText("downloaded it", { exact: false })).toHaveCount(0);

  await test.step("the customer's own press still works", async () => {
    await visitor.goto(link);
    const file = visitor.waitForEvent("download");
    await visitor.getByRole("button", { name: "Download PDF" }).click();
    expect((await file).suggestedFilename()).toBe(`${bill.number}.pdf`);
    await office.reload();
    await expect(office.getByText("scanned@mill.test downloaded it", { exact: false })).toHaveCount(1);
  });
});
