// Starting and stopping the real servers that the stories run against.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const repository = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const servers = join(repository, "end2end/servers");
export const python = join(process.env.GATEHOUSE_CACHE ?? join(homedir(), ".cache/gatehouse"), "venv/bin/python");
const binary = process.env.GATEHOUSE_BINARY ?? join(repository, "target/debug/gatehouse");

export type Environment = Record<string, string>;

/** A folder for one run's data, gone with it. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "gatehouse-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer().on("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}

/** Ends a process as an operator would, and waits for it. */
export async function stop(child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once("exit", done));
  child.kill(signal);
  const late = setTimeout(() => child.kill("SIGKILL"), 15_000);
  await gone;
  clearTimeout(late);
}

/** Our own environment without anything that would configure Gatehouse by accident. */
function clean(extra: Environment): Environment {
  const kept = Object.entries(process.env).filter(([name]) => !/^(GATEHOUSE_|AWS_|DATABASE_URL$)/.test(name));
  return { ...(Object.fromEntries(kept) as Environment), ...extra };
}

/** Runs one `gatehouse` command to its end and gives back what it printed. */
export function gatehouse(settings: Environment, args: string[], input = ""): string {
  return execFileSync(binary, args, { env: clean(settings), input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });
}

export interface Server {
  process: ChildProcess;
  stop: (signal?: NodeJS.Signals) => Promise<void>;
}

/** Starts `gatehouse serve` (or `work`) and waits until it says that it runs; its log goes to a file. */
export async function start(settings: Environment, args: string[], log: string): Promise<Server> {
  const child = spawn(binary, args, { env: clean(settings), stdio: ["ignore", "pipe", "pipe"] });
  const file = createWriteStream(log, { flags: "a" });
  child.stderr.pipe(file, { end: false });
  await new Promise<void>((done, failed) => {
    const late = setTimeout(() => failed(new Error(`gatehouse ${args.join(" ")} did not start; see ${log}`)), 30_000);
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => {
      file.write(`${line}\n`);
      if (/^(Gatehouse is at|Working on)/.test(line)) {
        clearTimeout(late);
        done();
      }
    });
    child.once("exit", (code) => {
      clearTimeout(late);
      failed(new Error(`gatehouse ${args.join(" ")} ended with ${code}; see ${log}`));
    });
  });
  return { process: child, stop: (signal) => stop(child, signal) };
}

export interface Received {
  message_id: string;
  from: string;
  to: string;
  subject: string;
  text: string;
  html: string | null;
  recipients: string[];
  headers: Record<string, string>;
  received_at: number;
}

export type Behaviour = "accept" | "refuse-later" | "refuse" | "refuse-data" | "hang" | "drop" | "slow";

/** A real SMTP server, and what it received. */
export class MailServer {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    private readonly control: string,
  ) {}

  static async start(folder: string): Promise<MailServer> {
    mkdirSync(folder, { recursive: true });
    const child = spawn(python, [join(servers, "smtp.py"), folder], { stdio: ["pipe", "pipe", "inherit"] });
    const line = await new Promise<string>((done, failed) => {
      createInterface({ input: child.stdout }).once("line", done);
      child.once("exit", (code) => failed(new Error(`the SMTP server ended with ${code}`)));
    });
    const ports = JSON.parse(line) as { smtp: number; control: number };
    return new MailServer(child, ports.smtp, `http://127.0.0.1:${ports.control}`);
  }

  async received(to?: string): Promise<Received[]> {
    const query = to ? `?to=${encodeURIComponent(to)}` : "";
    return (await fetch(`${this.control}/messages${query}`)).json() as Promise<Received[]>;
  }

  /** The first mail to an address that matches, waited for. */
  async waitFor(to: string, matches: (mail: Received) => boolean = () => true, seconds = 20): Promise<Received> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const found = (await this.received(to)).find(matches);
      if (found) return found;
      if (Date.now() > end) throw new Error(`no such mail to ${to} within ${seconds} s`);
      await new Promise((next) => setTimeout(next, 150));
    }
  }

  /** What the next messages meet. */
  async behave(mode: Behaviour, times = 1): Promise<void> {
    const answer = await fetch(`${this.control}/behaviour`, { method: "POST", body: JSON.stringify({ mode, times }) });
    if (!answer.ok) throw new Error(await answer.text());
  }

  stop(): Promise<void> {
    return stop(this.child);
  }
}

/** Garage, with a bucket of its own; gives the settings that make Gatehouse use it. */
export function startGarage(folder: string): { settings: Environment; stop: () => void } {
  const script = join(servers, "garage.sh");
  const printed = execFileSync(script, ["start", folder], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const settings = Object.fromEntries(
    printed.trim().split("\n").map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
  return { settings, stop: () => void execFileSync(script, ["stop", folder]) };
}

/** Real cameras of gst-rtsp-server; gives the address that each path of `end2end/servers/cameras.py` follows. */
export async function startCameras(): Promise<{ base: string; stop: () => Promise<void> }> {
  // Debian's own Python has what speaks to GStreamer.
  const child = spawn("/usr/bin/python3", [join(servers, "cameras.py"), "--port", "0", "--with-parent"], { stdio: ["pipe", "pipe", "inherit"] });
  const address = await new Promise<string>((found, failed) => {
    let said = "";
    child.stdout.on("data", (bytes) => {
      said += bytes;
      const base = /^(rtsp:\S+)\/h264$/m.exec(said);
      if (base) found(base[1]!);
    });
    child.on("exit", () => failed(new Error("the cameras do not start; see end2end/servers/prerequisites.sh cameras")));
  });
  return { base: address, stop: () => stop(child) };
}
