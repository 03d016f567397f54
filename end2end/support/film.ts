// Film in a yard: made by ffmpeg, put on record as a recorder does, and watched.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { repository } from "./processes.ts";
import { post } from "./records.ts";
import type { Yard } from "./yard.ts";

export interface Run {
  from: number;
  seconds: number;
}

export interface Film {
  runs: Run[];
  gaps?: { from: number; until: number; reason: string }[];
  colour?: string;
  codec?: "h264" | "h265";
}

const SITE = "01900000-0000-7000-8000-000000000001";
let cameras = 0;

/** A camera that everybody sees and nobody records, with film. */
export async function camera(yard: Yard, admin: Page, film: Film): Promise<{ id: string; slug: string; name: string }> {
  const name = `Camera ${Date.now() % 1_000_000} ${++cameras}`;
  await admin.goto("/cameras");
  const page = await post(admin, "/cameras/new", { name, site: SITE, url: "rtsp://192.168.10.7/stream1", open_to_all: "on" });
  await post(admin, `${page}/disable`, {});
  const slug = name.toLowerCase().replaceAll(" ", "_");
  const data = yard.settings.GATEHOUSE_DATA!;
  const bucket = yard.settings.GATEHOUSE_S3_BUCKET;
  const spec = { slug, ...film, stores: bucket ? [["s3", bucket, yard.settings.AWS_REGION]] : [] };
  const node = readFileSync(join(data, "node"), "utf8").trim();
  execFileSync("python3", [join(repository, "end2end/servers/film.py"), data, node], { input: JSON.stringify(spec) });
  return { id: page.split("/").at(-1)!, slug, name };
}

/** Waits until every file of a camera is where it is wanted. */
export async function sent(admin: Page, slug: string, from: number): Promise<void> {
  await expect(async () => {
    const at = new Date(from).toISOString();
    const page = await (await admin.request.get(`/recordings/tracks?cameras=${slug}&at=${at}&span=1h`)).text();
    expect(page).toContain("Completed");
    expect(page).not.toContain("Uploading");
  }).toPass({ timeout: 180_000, intervals: [2000] });
}

/** What the players of a page show at this moment. */
export interface Seen {
  /** Seconds of film. */
  at: number;
  paused: boolean;
  ready: number;
  says: string;
}

export function seen(page: Page): Promise<Seen[]> {
  return page.locator(".films figure").evaluateAll((figures) =>
    figures.map((figure) => {
      const video = figure.querySelector("video")!;
      return { at: video.currentTime, paused: video.paused, ready: video.readyState, says: figure.querySelector("[data-says]")!.textContent! };
    }),
  );
}

/** Waits until every player has a picture. */
export async function pictured(page: Page): Promise<void> {
  await expect(async () => {
    for (const one of await seen(page)) expect(one.ready).toBeGreaterThanOrEqual(2);
  }).toPass({ timeout: 30_000, intervals: [100] });
}

/** The instant on the page's clock, Unix milliseconds, where the yard's zone is Chicago. */
export async function instant(page: Page): Promise<number> {
  return Number(await page.locator("[data-clock]").getAttribute("data-at"));
}
