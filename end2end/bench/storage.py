"""Objects to a bucket: `gatehouse migrate-objects` beside `aws s3 cp`, `s5cmd` and `rclone`, the same files, each to a fresh Garage of
the same kind: it stores equal blocks once, so who came second would have nothing to write.

    storage.py [--scale 1.0] [segments|small|large]…

Of Gatehouse the figures hold more than of the others: the checksum of each object, its HEAD afterwards, its rows in the database.
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
BINARY = os.environ.get("GATEHOUSE_BINARY", str(REPOSITORY / "target/release/gatehouse"))
VENV = Path(os.environ.get("GATEHOUSE_CACHE", Path.home() / ".cache/gatehouse")) / "venv/bin"
GARAGE = HERE.parent / "servers/garage.sh"
MB = 1_000_000
CASES = {
    "segments": ("400 segments of 5 MB", 400, 5 * MB, "recordings/dock/2026-11-20/recording_{:05}.mp4"),
    "small": ("20,000 objects of 50 KB", 20_000, 50_000, "events/gate/2026-11-20/{:05}.jpg"),
    "large": ("one file of 2 GB", 1, 2_000 * MB, "recordings/dock/2026-11-20/export_{:05}.mp4"),
}


@dataclass
class Run:
    seconds: float
    cpu: float
    """User and system seconds, of all its processes."""
    peak_mb: float


def files(folder: Path, case: str, scale: float) -> int:
    """Bytes that do not repeat, and compress no further."""
    _, count, size, name = CASES[case]
    count, size = (count, int(size * scale)) if count == 1 else (max(1, int(count * scale)), size)
    chance = random.Random(case)
    for number in range(count):
        path = folder / name.format(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as file:
            for begin in range(0, size, MB):
                file.write(chance.randbytes(min(MB, size - begin)))
    return count * size


def timed(command: list[str], environment: dict) -> Run:
    began = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    with ThreadPoolExecutor(1) as beside:
        peak = beside.submit(watch, process.pid)
        error = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, f"{command}: {error.decode()[-2000:]}"
    return Run(time.monotonic() - began, used.ru_utime + used.ru_stime, peak.result())


def watch(process: int) -> float:
    """Megabytes at the peak. What wait4 says of it begins with what this process has itself, from which the child was forked."""
    peak, status = 0.0, Path(f"/proc/{process}/status")
    try:
        # One that has ended has no memory to speak of.
        while found := re.search(r"VmHWM:\s+(\d+) kB", status.read_text()):
            peak = int(found[1]) / 1024
            time.sleep(0.02)
    except (FileNotFoundError, ProcessLookupError):
        pass
    return peak


def tools(folder: Path, data: Path, endpoint: str) -> dict[str, list[str]]:
    return {
        "Gatehouse": [BINARY, "migrate-objects", "--from", str(folder), "--to", "s3", "--data", str(data)],
        "s5cmd": [str(VENV / "s5cmd"), "--endpoint-url", endpoint, "--log", "error", "cp", f"{folder}/*", "s3://gatehouse/"],
        "rclone": [str(VENV / "rclone"), "copy", str(folder), "bucket:gatehouse", "--s3-no-check-bucket"],
        "aws s3 cp": [str(VENV / "aws"), "s3", "cp", "--recursive", "--only-show-errors", str(folder), "s3://gatehouse/"],
    }


def environment(settings: dict) -> dict:
    kept = {k: v for k, v in os.environ.items() if not re.match(r"GATEHOUSE_|AWS_|DATABASE_URL$|RCLONE_", k)}
    rclone = {
        "RCLONE_CONFIG_BUCKET_TYPE": "s3",
        "RCLONE_CONFIG_BUCKET_PROVIDER": "Other",
        "RCLONE_CONFIG_BUCKET_ENV_AUTH": "true",
        "RCLONE_CONFIG_BUCKET_REGION": settings["AWS_REGION"],
        "RCLONE_CONFIG_BUCKET_ENDPOINT": settings["AWS_ENDPOINT_URL"],
        "RCLONE_CONFIG": os.devnull,
    }
    return {**kept, **settings, **rclone, "AWS_DEFAULT_REGION": settings["AWS_REGION"], "RUST_LOG": "warn"}


def measure(case: str, scale: float) -> dict[str, Run]:
    work = Path(tempfile.mkdtemp(prefix="gatehouse-bench-storage-"))
    try:
        folder = work / "files"
        total = files(folder, case, scale)
        runs = {}
        for name in tools(folder, work, ""):
            # What is read is in the page cache for all of them.
            subprocess.run(["sh", "-c", f"find {folder} -type f -exec cat {{}} + > /dev/null"], check=True)
            garage = work / "garage"
            printed = subprocess.run([GARAGE, "start", garage], check=True, stdout=subprocess.PIPE, text=True).stdout
            try:
                settings = dict(line.split("=", 1) for line in printed.split())
                command = tools(folder, work / "data", settings["AWS_ENDPOINT_URL"])[name]
                runs[name] = timed(command, environment(settings))
            finally:
                subprocess.run([GARAGE, "stop", garage], check=True)
                shutil.rmtree(garage)
            run = runs[name]
            print(f"  {CASES[case][0]:24} {name:10} {run.seconds:7.2f} s {total / MB / run.seconds:7.1f} MB/s  CPU {run.cpu:6.2f} s  peak {run.peak_mb:6.1f} MB", flush=True)
        return runs
    finally:
        shutil.rmtree(work, ignore_errors=True)


def storage(report, scale: float = 1.0, cases: list[str] | None = None) -> None:
    for case in cases or CASES:
        runs = measure(case, scale)
        ours, others = runs.pop("Gatehouse"), runs
        what = CASES[case][0]
        quickest = min(others, key=lambda name: others[name].seconds)
        leanest = min(others, key=lambda name: others[name].cpu)
        smallest = min(others, key=lambda name: others[name].peak_mb)
        report(f"{what} to a bucket, seconds", f"{ours.seconds:.1f}", f"{quickest} {others[quickest].seconds:.1f}", f"{others[quickest].seconds / ours.seconds:.2f}× as quick")
        report(f"{what} to a bucket, CPU seconds", f"{ours.cpu:.2f}", f"{leanest} {others[leanest].cpu:.2f}", f"{others[leanest].cpu / ours.cpu:.2f}× less")
        report(f"{what} to a bucket, peak memory", f"{ours.peak_mb:.0f} MB", f"{smallest} {others[smallest].peak_mb:.0f} MB", "aim: below 64 MB")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--scale", type=float, default=1.0)
    arguments.add_argument("cases", nargs="*", choices=[*CASES, []])
    chosen = arguments.parse_args()
    storage(lambda *row: print("| " + " | ".join(row) + " |", flush=True), chosen.scale, chosen.cases)
