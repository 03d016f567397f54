"""A yard of real processes that can be killed: database, mail, storage, server and workers."""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SERVERS = HERE.parent / "servers"
BINARY = os.environ.get("GATEHOUSE_BINARY", str(HERE.parent.parent / "target/debug/gatehouse"))
PYTHON = str(Path(os.environ.get("GATEHOUSE_CACHE", Path.home() / ".cache/gatehouse")) / "venv/bin/python")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Mail:
    """A real SMTP server in a process of its own."""

    def __init__(self, folder: Path):
        self.process = subprocess.Popen(
            [PYTHON, str(SERVERS / "smtp.py"), str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        ports = json.loads(self.process.stdout.readline())
        self.port, self.control = ports["smtp"], f"http://127.0.0.1:{ports['control']}"

    def received(self) -> list[dict]:
        from urllib.request import urlopen

        with urlopen(f"{self.control}/messages", timeout=10) as answer:
            return json.load(answer)

    def behave(self, mode: str, times: int) -> None:
        from urllib.request import Request, urlopen

        body = json.dumps({"mode": mode, "times": times}).encode()
        urlopen(Request(f"{self.control}/behaviour", data=body, method="POST"), timeout=10).close()

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)


class House:
    """`kind` is sqlite (one process, files), postgres (server and worker apart, files) or garage (the same, with a bucket)."""

    def __init__(self, kind: str):
        self.kind = kind
        self.split = kind != "sqlite"
        self.folder = Path(tempfile.mkdtemp(prefix="gatehouse-faults-"))
        self.folder.chmod(0o755)
        self.mail = Mail(self.folder / "mail")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data = self.folder / "data"
        self.settings = {
            "GATEHOUSE_DATA": str(self.data),
            "GATEHOUSE_LISTEN": f"127.0.0.1:{self.port}",
            "GATEHOUSE_BASE_URL": self.url,
            "GATEHOUSE_SMTP_URL": f"smtp://127.0.0.1:{self.mail.port}",
            "RUST_LOG": "info",
        }
        if self.split:
            self.settings["DATABASE_URL"] = self.script("postgres.sh", "start", "postgres").strip()
        if kind == "garage":
            printed = self.script("garage.sh", "start", "garage")
            self.settings.update(line.split("=", 1) for line in printed.split())
        self.processes: dict[str, subprocess.Popen] = {}

    def script(self, name: str, verb: str, folder: str) -> str:
        command = [str(SERVERS / name), verb, str(self.folder / folder)]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    def environment(self) -> dict:
        kept = {k: v for k, v in os.environ.items() if not re.match(r"GATEHOUSE_|AWS_|DATABASE_URL$", k)}
        return {**kept, **self.settings}

    def command(self, *arguments: str, check: bool = True, stdin: str = "") -> subprocess.CompletedProcess:
        return subprocess.run(
            [BINARY, *arguments], env=self.environment(), input=stdin, text=True, check=check, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    @property
    def roles(self) -> list[str]:
        return ["server", "worker"] if self.split else ["server"]

    def start(self, role: str) -> None:
        arguments = {"server": ["serve"], "worker": ["work"]}[role]
        if role == "server" and self.split:
            arguments = ["serve", "--workers", "none"]
        with open(self.folder / f"{role}.log", "ab") as log:
            self.processes[role] = subprocess.Popen([BINARY, *arguments], env=self.environment(), stdout=log, stderr=log)
        if role == "server":
            self.wait_until_it_listens()

    def wait_until_it_listens(self) -> None:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if self.processes["server"].poll() is not None:
                raise SystemExit(f"the server ended by itself; see {self.folder}/server.log")
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the server did not come back within 30 s")

    def kill(self, role: str) -> None:
        process = self.processes[role]
        process.send_signal(signal.SIGKILL)
        process.wait()

    def rows(self, query: str) -> list[tuple]:
        """Reads the database directly: what is asserted must not depend on the code under test."""
        if not self.split:
            database = sqlite3.connect(f"file:{self.database()}?mode=ro", uri=True)
            try:
                return database.execute(query).fetchall()
            finally:
                database.close()
        import psycopg

        with psycopg.connect(self.settings["DATABASE_URL"]) as database:
            return database.execute(query).fetchall()

    def database(self) -> Path:
        return next(path for path in self.data.glob("*") if path.suffix in (".db", ".sqlite", ".sqlite3"))

    def stop(self, keep: bool) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        self.mail.stop()
        if self.split:
            self.script("postgres.sh", "stop", "postgres")
        if self.kind == "garage":
            self.script("garage.sh", "stop", "garage")
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)
