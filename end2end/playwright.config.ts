import { existsSync } from "node:fs";
import { defineConfig, devices } from "@playwright/test";

// Debian's own browser where there is one: Playwright's downloads fail behind closed networks.
const debian = "/usr/bin/chromium";

export default defineConfig({
  testDir: "stories",
  outputDir: "test-results",
  fullyParallel: false,
  workers: process.env.GATEHOUSE_TEST_WORKERS ? Number(process.env.GATEHOUSE_TEST_WORKERS) : 2,
  forbidOnly: !!process.env.CI,
  retries: 0,
  // For a story; one that walks many pages says how long it may take. What hangs, hangs in one step, and that has limits of its own.
  timeout: 120_000,
  expect: { timeout: 10_000 },
  reporter: process.env.CI ? [["list"]] : [["list"], ["html", { open: "never" }]],
  use: {
    locale: "en-GB",
    timezoneId: "UTC",
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    navigationTimeout: 30_000,
    actionTimeout: 20_000,
    launchOptions: {
      executablePath: existsSync(debian) ? debian : undefined,
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    },
  },
  projects: [
    { name: "chromium", use: devices["Desktop Chrome"], testIgnore: ["**/*.no-js.spec.ts", "**/*.phone.spec.ts"] },
    {
      name: "no-js",
      use: { ...devices["Desktop Chrome"], javaScriptEnabled: false },
      testMatch: ["**/main-job.spec.ts", "**/loading.spec.ts", "**/*.no-js.spec.ts"],
    },
    {
      name: "phone",
      use: { ...devices["Desktop Chrome"], viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
      testMatch: ["**/*.phone.spec.ts"],
    },
  ],
});
