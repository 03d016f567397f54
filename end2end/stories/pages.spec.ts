// Every page, for everybody who may open it, in light and in dark: axe finds nothing.

import { expectSound, pages } from "../support/pages.ts";
import { expect, test } from "../support/test.ts";
import type { Role } from "../support/yard.ts";

for (const [role, paths] of Object.entries(pages)) {
  test(`every page of ${role} is sound`, async ({ as, a11y }) => {
    test.setTimeout(600_000);
    const page = await as(role as Role);
    for (const path of paths) {
      await page.emulateMedia({ colorScheme: "light" });
      await expectSound(page, path);
      await a11y(page);
      // Another scheme changes colours and nothing else.
      await page.emulateMedia({ colorScheme: "dark" });
      await a11y(page, ["color-contrast"]);
    }
  });
}

test("the doors are sound for a stranger", async ({ visitor, a11y }) => {
  for (const path of ["/sign-in", "/forgotten"]) {
    await expectSound(visitor, path);
    await a11y(visitor);
  }
});

test("a stranger is asked to sign in, and comes to the page that was wanted", async ({ visitor, yard }) => {
  await visitor.goto("/bols");
  await expect(visitor).toHaveURL(/sign-in/);
  await visitor.getByLabel("Email").fill(yard.people.viewer.email);
  await visitor.getByLabel("Password", { exact: true }).fill(yard.people.viewer.password);
  await visitor.getByRole("button", { name: "Sign in" }).click();
  await expect(visitor).toHaveURL(`${yard.url}/bols`);
});

test("a wrong password is told, with what was typed kept and one answer for all", async ({ visitor, yard, a11y }) => {
  const told: string[] = [];
  for (const email of [yard.people.viewer.email, "nobody@yard.test"]) {
    await visitor.goto("/sign-in");
    await visitor.getByLabel("Email").fill(email);
    await visitor.getByLabel("Password", { exact: true }).fill("not the password at all");
    const answered = visitor.waitForResponse((r) => r.request().method() === "POST");
    await visitor.getByRole("button", { name: "Sign in" }).click();
    expect((await answered).status()).toBe(422);
    await expect(visitor.getByLabel("Email")).toHaveValue(email);
    told.push((await visitor.getByRole("alert").or(visitor.locator(".errors")).first().innerText()).trim());
    await a11y(visitor);
  }
  expect(told[0]).toBe(told[1]);
});

test("a password can be looked at before it is sent", async ({ visitor, a11y }) => {
  await visitor.goto("/sign-in");
  const password = visitor.getByLabel("Password", { exact: true });
  await password.fill("what was typed");
  await expect(password).toHaveAttribute("type", "password");
  const show = visitor.getByRole("button", { name: "Show" });
  await show.focus();
  await visitor.keyboard.press("Enter");
  await expect(password).toHaveAttribute("type", "text");
  await expect(password).toHaveValue("what was typed");
  await a11y(visitor);
  await visitor.getByRole("button", { name: "Hide" }).click();
  await expect(password).toHaveAttribute("type", "password");
  await expect(visitor).toHaveURL(/sign-in/);
});
