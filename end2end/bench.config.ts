// `end2end/bench/press.py`: what a person waits for, in a real browser.

import { defineConfig } from "@playwright/test";
import tests from "./playwright.config.ts";

export default defineConfig({ ...tests, testDir: "bench", workers: 1, reporter: "line", projects: [{ name: "bench" }] });
