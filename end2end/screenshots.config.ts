// `make screenshots`: the guide's pictures, of the demo yard.

import { defineConfig } from "@playwright/test";
import tests from "./playwright.config.ts";

export default defineConfig({ ...tests, testDir: "screenshots", workers: 1, reporter: "list", projects: [{ name: "screenshots" }] });
