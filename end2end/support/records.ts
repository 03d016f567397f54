// One record of every kind, and the pages that each of them has.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { Api, content } from "./paper.ts";
import { python } from "./processes.ts";
import type { Role, Yard } from "./yard.ts";

export interface Visit {
  /** `visitor` is somebody from outside. */
  who: Role | "visitor";
  path: string;
  status?: number;
}

type As = (role: Role) => Promise<Page>;

/** Posts a form as the browser would, and gives back where it led. */
export async function post(page: Page, path: string, form: Record<string, string>): Promise<string> {
  const origin = new URL(page.url()).origin;
  const answer = await page.request.post(path, { form, headers: { origin }, maxRedirects: 0 });
  expect(answer.status(), `POST ${path}: ${answer.status() === 303 ? "" : await answer.text()}`).toBe(303);
  return answer.headers()["location"]!;
}

/** The first address on the page at `path` that matches. */
async function link(page: Page, path: string, pattern: RegExp): Promise<string> {
  await page.goto(path);
  const all = await page.locator("a[href]").evaluateAll((links) => links.map((one) => one.getAttribute("href")!));
  const found = all.find((href) => pattern.test(href));
  expect(found, `a link like ${pattern} on ${path}`).toBeDefined();
  return found!;
}

/** Time cannot be moved in a running yard, so the end of a recipient's links is. */
function expire(yard: Yard, recipient: string): void {
  const script = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('UPDATE share_links SET expires_at = 1 WHERE recipient = ?', sys.argv[2:]); db.commit()";
  execFileSync(python, ["-c", script, join(yard.settings.GATEHOUSE_DATA!, "gatehouse.db"), recipient]);
}

async function bills(yard: Yard, as: As): Promise<Visit[]> {
  const [api, office] = [new Api(yard), await as("office")];
  const [draft, issued, voided, revised] = [await api.draft(), await api.issue(), await api.issue(), await api.issue()];
  const inWork = await api.issue();
  const visits: Visit[] = ["", "/edit", "/delete"].map((page) => ({ who: "office", path: `/bols/${draft}${page}` }));

  const open = await api.send(issued, "open@mill.test");
  visits.push({ who: "viewer", path: `/bols/${issued.id}` }, { who: "admin", path: `/bols/${issued.id}/hold` }, { who: "visitor", path: open });
  visits.push(...["", "/send", "/void", "/template", "/attachments", "/loading"].map((page): Visit => ({ who: "office", path: `/bols/${issued.id}${page}` })));
  visits.push({ who: "office", path: await link(office, `/bols/${issued.id}`, /^\/links\/.*\/revoke$/) });
  const object = await link(office, "/storage/objects", /^\/storage\/objects\/0/);
  visits.push({ who: "office", path: object }, { who: "admin", path: `${object}/recover` });

  // Its link says so; so does the page that a code on the paper leads to.
  const late = await api.send(voided, "void@mill.test");
  const verify = await link(office, late, /^\/verify\//);
  await post(office, `/bols/${voided.id}/void`, { reason: "Loaded on another truck" });
  visits.push({ who: "office", path: `/bols/${voided.id}` }, { who: "visitor", path: late }, { who: "visitor", path: verify });

  const withdrawn = await api.send(revised, "withdrawn@mill.test");
  await post(office, await link(office, `/bols/${revised.id}`, /^\/links\/.*\/revoke$/), {});
  const over = await api.send(revised, "over@mill.test");
  expire(yard, "over@mill.test");
  visits.push({ who: "visitor", path: withdrawn, status: 410 }, { who: "visitor", path: over, status: 410 });
  const version = await api.revise(revised.id, content("CBH 9001"));
  await post(office, `/bols/${revised.id}/issue`, { version: String(version), reason: "Another trailer" });
  visits.push({ who: "office", path: `/bols/${revised.id}` }, { who: "office", path: `/bols/${revised.id}/compare?from=1&to=2` });
  await api.revise(inWork.id, content("CBH 9002"));
  visits.push(...["", "/edit", "/issue"].map((page): Visit => ({ who: "office", path: `/bols/${inWork.id}${page}` })));

  await post(office, `/bols/${issued.id}/template`, { name: `Weekly load ${Date.now()}` });
  visits.push({ who: "office", path: await link(office, "/bols/templates", /^\/bols\/templates\/.+/) });
  return visits;
}

async function book(as: As): Promise<Visit[]> {
  const office = await as("office");
  await office.goto("/customers");
  const stamp = Date.now() % 100_000;
  const customer = await post(office, "/customers", {
    name: `Dune Works ${stamp}`, "sites.0.name": "Gate", "sites.0.address": "1 Dune", "sites.0.city": "Gary", "sites.0.region": "IN",
    "sites.0.postcode": "46402", "sites.0.country": "US", "contacts.0.name": "Kim", "contacts.0.email": `kim${stamp}@dune.test`,
  });
  await post(office, "/carriers", { name: `Short Haul ${stamp}`, scac: "SHRT" });
  const release = await post(office, "/releases", {
    number: `REL-${stamp}`, customer: customer.split("/").at(-1)!, allowed: "100", unit: "short_ton", commodity: "Scrap",
  });
  return [
    customer, `${customer}/edit`, `${customer}/archive`, release, await link(office, "/carriers", /^\/carriers\/[^n]/),
  ].map((path) => ({ who: "office", path }));
}

async function mail(yard: Yard, as: As): Promise<Visit[]> {
  const [api, office] = [new Api(yard), await as("office")];
  const bill = await api.issue();
  await yard.mail.behave("refuse-later");
  await api.call("POST", `/bols/${bill.id}/send`, { recipients: ["later@mill.test"] });
  await expect(async () => void (await link(office, "/outbox?state=deferred", /\/cancel$/))).toPass({ timeout: 20_000 });
  return [await link(office, "/outbox", /\/again$/), await link(office, "/outbox", /\/cancel$/)].map((path) => ({ who: "office", path }));
}

async function people(yard: Yard, as: As): Promise<Visit[]> {
  const admin = await as("admin");
  const person = await link(admin, "/users", /^\/users\/0/);
  const email = `invited${Date.now()}@yard.test`;
  await post(admin, "/users/invite", { name: "Ines Vitéz", email, role: "viewer" });
  const invitation = /\/invitation\/[\w-]+/.exec((await yard.mail.waitFor(email)).text)![0];
  await post(admin, "/forgotten", { email: yard.people.viewer.email }).catch(() => undefined);
  const reset = /\/reset\/[\w-]+/.exec((await yard.mail.waitFor(yard.people.viewer.email)).text)![0];
  return [
    ...[person, `${person}/disable`, "/audit/1", "/audit/2"].map((path): Visit => ({ who: "admin", path })),
    { who: "visitor", path: invitation },
    { who: "visitor", path: reset },
  ];
}

async function cameras(as: As): Promise<Visit[]> {
  const admin = await as("admin");
  await admin.goto("/cameras/sites");
  const site = await link(admin, "/cameras/sites", /^\/cameras\/sites\/0/);
  const stamp = Date.now() % 100_000;
  const camera = await post(admin, "/cameras/new", {
    name: `Dock ${stamp}`, site: site.split("/").at(-1)!, url: "rtsp://192.168.10.7/stream1", open_to_all: "on",
  });
  const kept = { cameras: `dock_${stamp}`, from: "2026-11-20 14:00", until: "2026-11-20 15:00", reason: "Case 118" };
  await post(admin, "/recordings/holds/new", kept);
  const hold = await link(admin, "/recordings/holds", /^\/recordings\/holds\/0.*\/release$/);
  await post(admin, "/alerts/targets", { kind: "email", email: `duty${Date.now()}@yard.test`, enabled: "on" });
  const target = await link(admin, "/alerts/targets", /^\/alerts\/targets\/0/);
  const name = `Dock ${Date.now()}`;
  await post(admin, "/docks/new", { name, site: site.split("/").at(-1)!, cameras: camera.split("/").at(-1)! });
  const dock = await link(admin, "/docks", /^\/docks\/0/);
  return [
    ...["/recordings/holds", hold].map((path): Visit => ({ who: "admin", path })),
    ...[target, `${target}/remove`].map((path): Visit => ({ who: "admin", path })),
    ...["", "/archive"].map((page): Visit => ({ who: "admin", path: `${dock}${page}` })),
    ...["", "/edit", "/grants", "/archive"].map((page): Visit => ({ who: "admin", path: `${camera}${page}` })),
    ...[site, `${site}/archive`].map((path): Visit => ({ who: "admin", path })),
    { who: "viewer", path: camera },
    { who: "viewer", path: `${camera}/edit`, status: 403 },
  ];
}

/** Errors: what is not there, what one may not see, what opens nothing. */
const refusals: Visit[] = [
  { who: "office", path: "/nothing/here", status: 404 },
  { who: "viewer", path: "/users", status: 403 },
  { who: "visitor", path: "/d/0000000000000000000000000000000", status: 404 },
  { who: "visitor", path: "/verify/nothing", status: 404 },
  { who: "visitor", path: "/invitation/nothing", status: 410 },
];

/** What builds the records of each kind, and says where they are to be seen. */
export const records: Record<string, (yard: Yard, as: As) => Promise<Visit[]>> = {
  "bills and their links": bills,
  "customers, carriers and releases": (_, as) => book(as),
  "mail": mail,
  "people and the audit log": people,
  "cameras and sites": (_, as) => cameras(as),
  "refusals": async () => refusals,
};
