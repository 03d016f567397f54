// Mail scanners open links, look ahead, run scripts and even submit forms. None of that may count as the customer's download.

import { Api } from "../support/paper.ts";
import { expect, test } from "../support/test.ts";

test("what scanners do is noted, and downloads nothing", async ({ yard, visitor, as }) => {
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

  await test.step("a script's form.submit() gets no file", async () => {
    await visitor.goto(link);
    const answered = visitor.waitForResponse((r) => r.request().method() === "POST");
    await visitor.evaluate(() => document.querySelector<HTMLFormElement>("main form")!.submit());
    expect((await answered).status()).toBe(422);
  });

  await test.step("a script's requestSubmit() with the button, no person near, gets no file", async () => {
    await visitor.goto(link);
    const answered = visitor.waitForResponse((r) => r.request().method() === "POST");
    await visitor.evaluate(() => {
      const button = document.querySelector<HTMLButtonElement>("main form button")!;
      button.form!.requestSubmit(button);
    });
    expect((await answered).status()).toBe(422);
  });

  await test.step("a fetch() that copies the form gets no file", async () => {
    await visitor.goto(link);
    const status = await visitor.evaluate(async () => {
      const form = document.querySelector<HTMLFormElement>("main form")!;
      const body = new URLSearchParams(new FormData(form, form.querySelector("button")) as unknown as Record<string, string>);
      return (await fetch(form.action, { method: "POST", body, redirect: "manual" })).status;
    });
    expect(status).toBe(422);
  });

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
