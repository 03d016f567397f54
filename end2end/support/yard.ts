// A whole yard: Gatehouse on real storage and real SMTP, with people in it.

import { join } from "node:path";
import { type Environment, freePort, gatehouse, MailServer, type Server, start, startGarage, temporaryFolder } from "./processes.ts";

export type Role = "admin" | "office" | "analyst" | "viewer";

export interface Person {
  email: string;
  password: string;
}

export class Yard {
  private constructor(
    readonly url: string,
    readonly settings: Environment,
    readonly mail: MailServer,
    readonly people: Record<Role, Person>,
    private readonly folder: string,
    private server: Server,
    private readonly end: () => Promise<void>,
  ) {}

  static async open(storage = process.env.GATEHOUSE_TEST_STORAGE ?? "files", other: Environment = {}): Promise<Yard> {
    const folder = temporaryFolder();
    const mail = await MailServer.start(join(folder.path, "mail"));
    const garage = storage === "garage" ? startGarage(join(folder.path, "garage")) : undefined;
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const settings: Environment = {
      GATEHOUSE_DATA: join(folder.path, "data"),
      GATEHOUSE_LISTEN: `127.0.0.1:${port}`,
      GATEHOUSE_BASE_URL: url,
      GATEHOUSE_SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
      GATEHOUSE_YARD_ZONE: "America/Chicago",
      // The smallest parts that a bucket takes.
      GATEHOUSE_UPLOAD_THRESHOLD_MB: "6",
      GATEHOUSE_UPLOAD_PART_MB: "5",
      RUST_LOG: "info",
      ...garage?.settings,
      ...other,
    };
    const people = Object.fromEntries(
      (["admin", "office", "analyst", "viewer"] as const).map((role) => {
        const person = { email: `${role}@yard.test`, password: crypto.randomUUID() };
        gatehouse(settings, ["user", "create", "--email", person.email, "--role", role, "--password-stdin"], person.password);
        return [role, person];
      }),
    ) as Record<Role, Person>;
    // Without it browsers refuse what the bucket answers, and Gatehouse takes the bytes itself.
    if (garage) gatehouse(settings, ["bucket", "cors", "--apply"]);
    const server = await start(settings, ["serve"], join(folder.path, "gatehouse.log"));
    return new Yard(url, settings, mail, people, folder.path, server, async () => {
      await mail.stop();
      garage?.stop();
      folder.remove();
    });
  }

  /** Runs a `gatehouse` command on this yard. */
  run(...args: string[]): string {
    return gatehouse(this.settings, args);
  }

  /** Ends the server as a power cut would, and starts it again. */
  async crash(): Promise<void> {
    await this.server.stop("SIGKILL");
    this.server = await start(this.settings, ["serve"], join(this.folder, "gatehouse.log"));
  }

  async close(): Promise<void> {
    await this.server.stop();
    await this.end();
  }
}
