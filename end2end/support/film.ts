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
  /** 640x360 unless it is said. */
  size?: string;
  /** Such as "4M"; otherwise as many bits as it takes. */
  bitrate?: string;
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

/** The recordings page, with a picture of each camera. */
export async function open(page: Page, slugs: string[], at: number, span = "10m"): Promise<void> {
  await page.goto(`/recordings?cameras=${slugs.join(",")}&at=${new Date(at).toISOString()}&span=${span}`);
  await pictured(page);
}

/** From now on each page's first frame is timed, from the click that led to the page: a document's clock begins there. */
export async function timed(page: Page): Promise<void> {
  await page.addInitScript(() => {
    addEventListener("DOMContentLoaded", () => document.querySelector("video")?.requestVideoFrameCallback(() => ((window as any).first = performance.now())));
  });
}

/** Milliseconds from the click to the page's first frame. */
export function first(page: Page): Promise<number> {
  return page.evaluate(() => (window as any).first as number);
}

/** Presses the timeline of the page's one camera at an instant; milliseconds until a frame of then is shown. `span`: milliseconds that the timeline shows. */
export async function press(page: Page, at: number, span: number): Promise<number> {
  const line = (await page.locator(".track[data-track] svg").boundingBox())!;
  const away = at - (await instant(page));
  await listen(page, "pointerup");
  await page.mouse.click(line.x + line.width / 2 + (away / span) * line.width, line.y + line.height / 2);
  return (await shown(page)).took;
}

/** From now on the next press of a kind is timed until a frame of film is shown behind it. */
export async function listen(page: Page, press: "pointerup" | "keydown"): Promise<void> {
  await page.evaluate((press) => {
    const video = document.querySelector("video")!;
    (window as any).shown = new Promise((done, failed) => {
      addEventListener(press, () => {
        const pressed = performance.now();
        setTimeout(() => failed(new Error("no frame within five seconds")), 5_000);
        const seen = (_: number, { mediaTime }: { mediaTime: number }) => {
          // A frame that was on its way before is none of this press.
          if (Math.abs(mediaTime - video.currentTime) > 0.1) return video.requestVideoFrameCallback(seen);
          done({ took: performance.now() - pressed, frame: mediaTime });
        };
        video.requestVideoFrameCallback(seen);
      }, { once: true, capture: true });
    });
  }, press);
}

export function shown(page: Page): Promise<{ took: number; frame: number }> {
  return page.evaluate(() => (window as any).shown);
}
