// Paper made by the API, for stories that begin where a bill exists already.

import { expect } from "@playwright/test";
import type { Yard } from "./yard.ts";

export interface Bill {
  id: string;
  number: string;
}

const place = (name: string, city: string) => ({
  name, address: "1 Mill Gate", city, region: "IN", postcode: "46304", country: "US", phone: "+1 219 555 0100",
});

const pounds = (units: number) => ({ milli: units * 1000, unit: "lb" });

/** A bill that is ready to be issued. */
export const content = (trailer = "CBH 5318") => ({
  service: "bulk",
  ship_from: place("Prairie Road Terminal", "Gary"),
  ship_to: place("Lakeshore Melt Shop", "Burns Harbor"),
  carrier: { name: "Calumet Bulk Haulage", scac: "CBHI", truck: "T-204", trailer, driver: "J. Kowalczyk", seals: ["AB449120"] },
  weighing: { unit: "lb", scale: "North", ticket: "T88101", weighed_by: "M. Ortiz", loaded_by: "shipper", counted_by: "shipper" },
  lines: [
    {
      commodity: "Shredded ferrous scrap", packages: 1, package_type: "load", heat: "H4410",
      gross: pounds(72340), tare: pounds(31220), net: pounds(41120),
    },
  ],
  money: { terms: "prepaid" },
});

export class Api {
  private readonly token: string;

  constructor(private readonly yard: Yard) {
    this.token = yard.run("token", "create", "--user", yard.people.office.email, "--scopes", "paper:read paper:write").trim();
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.yard.url}/api/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    expect(answer.ok, `${method} ${path}: ${answer.status} ${text}`).toBe(true);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  async draft(): Promise<string> {
    return (await this.call<{ id: string }>("POST", "/bols", content())).id;
  }

  async issue(): Promise<Bill> {
    const id = await this.draft();
    return { id, number: (await this.call<{ number: string }>("POST", `/bols/${id}/issue`, { version: 1 })).number };
  }

  /** Begins the next revision with other content, and gives back the version that is to be issued. */
  async revise(bill: string, content: unknown): Promise<number> {
    const begun = await this.call<{ version: number }>("POST", `/bols/${bill}/revise`);
    return (await this.call<{ version: number }>("PUT", `/bols/${bill}`, { version: begun.version, content })).version;
  }

  /** Sends a bill to one address and gives back the path of the link that its mail carries. */
  async send(bill: Bill, to: string): Promise<string> {
    await this.call("POST", `/bols/${bill.id}/send`, { recipients: [to] });
    const mail = await this.yard.mail.waitFor(to, (m) => m.subject.includes(bill.number));
    return linkIn(mail.text);
  }
}

/** The path of the customer's page that a mail names. */
export function linkIn(text: string): string {
  const found = /\/d\/[A-Za-z0-9_-]+/.exec(text);
  expect(found, `a link in: ${text}`).not.toBeNull();
  return found![0];
}
