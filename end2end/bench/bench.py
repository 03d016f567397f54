"""Gatehouse beside its peers. Every figure is a ratio of two runs on this machine, minutes apart at most."""

import json
import os
import platform
import re
import resource
import secrets
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ.setdefault("GATEHOUSE_BINARY", str(Path(__file__).resolve().parent.parent.parent / "target/release/gatehouse"))

from cameras import cameras
from measure import cpu_of, wrk
from press import press
from recordings import recordings
from seed import fill
from storage import storage
from yard import Yard, free_port

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
RELEASE = REPOSITORY / "target/release"
FONTS = REPOSITORY / "app/src/bols/pdf/fonts"
SECONDS = int(os.environ.get("BENCH_SECONDS", "10"))

results: list[tuple[str, str, str, str]] = []


def report(what: str, ours: str, theirs: str, ratio: str) -> None:
    results.append((what, ours, theirs, ratio))
    print(f"{what}: {ours} against {theirs}: {ratio}", flush=True)


def pdf() -> None:
    """One page, ten lines, embedded subset fonts, Code 128 and QR."""
    example = RELEASE / "examples/render_bol"

    def children() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    def spent(count: int) -> float:
        before = children()
        subprocess.run([example, str(count)], check=True, stdout=subprocess.PIPE)
        return children() - before

    count = 2_000
    ours = (spent(count + 100) - spent(100)) / count
    size = int(subprocess.run([example, "1"], check=True, stdout=subprocess.PIPE).stdout)
    out = subprocess.run([sys.executable, HERE / "peers/reportlab_bol.py", FONTS, "500"], check=True, stdout=subprocess.PIPE).stdout
    peer = json.loads(out)
    report("PDF, CPU a document", f"{1000 * ours:.2f} ms", f"ReportLab {1000 * peer['cpu']:.2f} ms", f"{peer['cpu'] / ours:.1f}× less")
    report("PDF, size", f"{size / 1024:.1f} KB", f"ReportLab {peer['bytes'] / 1024:.1f} KB", f"{size / peer['bytes']:.2f}×")


def presign() -> None:
    """A URL to one object, each its own: no network on either side."""
    made_up = {
        "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "placeholder", "AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true", "PATH": os.environ["PATH"],
    }

    def run(*command: object) -> dict[str, float]:
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, env=made_up).stdout)

    ours, peer = run(RELEASE / "examples/presign"), run(sys.executable, HERE / "peers/boto3_presign.py")
    for name, part in (("p50", "p50_us"), ("p99", "p99_us")):
        report(f"Presigned URL, {name}", f"{ours[part] / 1000:.3f} ms", f"boto3 {peer[part] / 1000:.3f} ms", f"{peer[part] / ours[part]:.1f}×")


def download() -> None:
    """POST, trail and audit row durable, presigned URL made; both on PostgreSQL, then both on SQLite."""
    for kind in ("garage", "sqlite"):
        yard = Yard(kind, workers="all")
        try:
            signed = "signed file URL" if kind == "sqlite" else "presigned S3 URL"
            token, form = link(yard)
            wrk(f"{yard.url}/d/{token}", yard.pid, 2, 16, "post.lua", form)
            ours = wrk(f"{yard.url}/d/{token}", yard.pid, SECONDS, 16, "post.lua", form)
            peer = django(yard, SECONDS)
        finally:
            yard.stop(keep=False)
        name = "SQLite" if kind == "sqlite" else "PostgreSQL"
        assert ours.failed == 0, f"{ours.failed} downloads failed"
        assert peer.failed == 0, f"{peer.failed} downloads of the peer failed"
        report(f"Download on {name}, CPU a request ({signed})", f"{ours.cpu_ms:.2f} ms", f"Django {peer.cpu_ms:.2f} ms", f"1/{peer.cpu_ms / ours.cpu_ms:.1f}")
        report(f"Download on {name}, requests a second", f"{ours.per_second:.0f}", f"Django {peer.per_second:.0f}", f"{ours.per_second / peer.per_second:.1f}×")


def link(yard: Yard) -> tuple[str, str]:
    """Sends a bill, reads the mail, opens the page: the token and the form that its button posts."""
    from urllib.request import urlopen

    bol = yard.client.draft(1)
    yard.client.issue(bol)
    yard.client.send(bol, "customer@mill.test")
    end = time.monotonic() + 60
    while not (mails := yard.mail.received()):
        assert time.monotonic() < end, "the mail did not come"
        time.sleep(0.2)
    token = re.search(r"/d/([A-Za-z0-9_-]+)", mails[0]["text"])[1]
    while True:
        with urlopen(f"{yard.url}/d/{token}") as page:
            html = page.read().decode()
        csrf = re.search(r'name="csrf"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="csrf"', html)
        if 'value="pdf"' in html:
            break
        assert time.monotonic() < end, "the paper was not rendered"
        time.sleep(0.2)
    return token, f"csrf={csrf[1] or csrf[2]}&download=pdf"


def django(yard: Yard, seconds: int):
    """The same work by Django and gunicorn, on the same kind of database, with the same presigning by boto3."""
    port, token = free_port(), secrets.token_urlsafe(24)
    peer_database = str(yard.folder / "peer.db")
    if yard.split:
        import psycopg

        url = yard.settings["DATABASE_URL"]
        with psycopg.connect(url, autocommit=True) as database:
            database.execute("CREATE DATABASE peer")
        peer_database = url.rsplit("/", 1)[0] + "/peer"
    environment = {**os.environ, **yard.settings, "PEER_DATABASE": peer_database, "AWS_DEFAULT_REGION": "garage", "PYTHONPATH": str(HERE / "peers")}
    environment.setdefault("AWS_ENDPOINT_URL", "http://127.0.0.1:3900")
    environment.setdefault("AWS_ACCESS_KEY_ID", "bench")
    environment.setdefault("AWS_SECRET_ACCESS_KEY", "bench")
    environment.pop("DATABASE_URL", None)
    subprocess.run([sys.executable, HERE / "peers/django_download.py", token], check=True, env=environment)
    # Two sync workers a core and one, as gunicorn's own manual advises.
    workers = 2 * (os.cpu_count() or 2) + 1
    server = subprocess.Popen(
        [str(Path(sys.executable).parent / "gunicorn"), "--log-level", "warning", "-w", str(workers), "-b", f"127.0.0.1:{port}", "django_download:application"],
        env=environment,
    )
    try:
        time.sleep(4)
        wrk(f"http://127.0.0.1:{port}/d/{token}", server.pid, 2, 16, "post.lua", "download=pdf")
        return wrk(f"http://127.0.0.1:{port}/d/{token}", server.pid, seconds, 16, "post.lua", "download=pdf")
    finally:
        server.terminate()
        server.wait()


def issue() -> None:
    """A hundred at once issue five thousand bills: no gap, no double."""
    count, people = 5_000, 100
    for kind in ("sqlite", "postgres"):
        yard = Yard(kind)
        try:
            with ThreadPoolExecutor(8) as pool:
                drafts = list(pool.map(yard.client.draft, range(count)))
            before, began = cpu_of(yard.pid), time.monotonic()
            with ThreadPoolExecutor(people) as pool:
                numbers = list(pool.map(yard.client.issue, drafts))
            took, spent = time.monotonic() - began, cpu_of(yard.pid) - before
            taken = sorted(int(number.rsplit("-", 1)[1]) for number in numbers)
            whole = taken == list(range(1, count + 1))
            verified = yard.command("audit", "verify", check=False).returncode == 0
        finally:
            yard.stop(keep=False)
        assert whole, "the series has a gap or a double"
        assert verified, "the audit chain does not hold"
        name = "SQLite" if kind == "sqlite" else "PostgreSQL"
        report(
            f"{count} issues by {people} at once on {name}", f"{count / took:.0f} a second", f"1 to {count}, no gap, no double",
            f"{1000 * spent / count:.2f} ms CPU each",
        )


def lists() -> None:
    """The list page with a million bills against a thousand: both yards stand, and take turns, so that what the machine does beside falls on both."""
    rounds = 3
    for kind in ("sqlite", "postgres"):
        yards = {count: Yard(kind) for count in (1_000, 1_000_000)}
        measured = {(name, count): [] for name in PAGES for count in yards}
        try:
            cookies = {}
            for count, yard in yards.items():
                fill(yard, count, int(time.time() * 1000))
                cookies[count] = {"Cookie": yard.cookie()}
            # What was filled in is written out before, not while, it is read.
            os.sync()
            for at in range(rounds + 1):
                for name, path in PAGES.items():
                    for count, yard in yards.items():
                        load = wrk(f"{yard.url}{path}", yard.pid, SECONDS if at else 2, 1, headers=cookies[count])
                        assert load.failed == 0, f"{path}: {load.failed} failed"
                        # The first round warms up.
                        measured[name, count] += [load] if at else []
        finally:
            for yard in yards.values():
                yard.stop(keep=False)
        database = "SQLite" if kind == "sqlite" else "PostgreSQL"
        for name in PAGES:
            few, many = ({part: statistics.median(getattr(load, part) for load in measured[name, count]) for part in ("p50_ms", "p99_ms")} for count in yards)
            report(
                f"{name} on {database}, p99 with 1,000,000", f"{many['p99_ms']:.2f} ms (p50 {many['p50_ms']:.2f})",
                f"with 1,000 {few['p99_ms']:.2f} ms (p50 {few['p50_ms']:.2f})", f"{many['p99_ms'] / few['p99_ms']:.2f}×",
            )


PAGES = {"List page": "/bols", "List page, searched": "/bols?q=calumet"}
PARTS = {
    "pdf": pdf,
    "presign": presign,
    "download": download,
    "issue": issue,
    "list": lists,
    "storage": lambda: storage(report),
    "cameras": lambda: cameras(report, *camera_sizes()),
    "recordings": lambda: recordings(report),
    "press": lambda: press(report),
}
MARK = "<!-- measured -->"


def camera_sizes() -> tuple[list[int], int]:
    """How many cameras at a time, and for how many seconds: BENCH_CAMERAS=4 and BENCH_SECONDS=20 make it smaller."""
    return [int(size) for size in os.environ.get("BENCH_CAMERAS", "10,60").split(",")], int(os.environ.get("BENCH_SECONDS", "60"))


def write_down(wanted: list[str]) -> None:
    """Puts the figures into docs/design/performance.md, below the mark."""
    page = REPOSITORY / "docs/design/performance.md"
    cores = os.cpu_count()
    table = ["| what | Gatehouse | beside it | ratio |", "| --- | --- | --- | --- |", *(f"| {' | '.join(row)} |" for row in results)]
    when = time.strftime("%Y-%m-%d", time.gmtime())
    head = page.read_text().split(MARK)[0] if page.exists() else "# Performance\n\n"
    command = "make bench" if len(wanted) == len(PARTS) else f"end2end/bench/run.sh {' '.join(wanted)}"
    page.write_text(f"{head}{MARK}\n\nMeasured {when} with `{command}` on {cores} cores, {platform.system()} {platform.machine()}:\n\n" + "\n".join(table) + "\n")


def main() -> None:
    wanted = sys.argv[1:] or list(PARTS)
    for name in wanted:
        PARTS[name]()
    write_down(wanted)


if __name__ == "__main__":
    main()
