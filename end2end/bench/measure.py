"""Reading CPU and driving load."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil

HERE = Path(__file__).resolve().parent


def cpu_of(pid: int) -> float:
    """User and system seconds of a process and all its children."""
    process = psutil.Process(pid)
    total = 0.0
    for member in [process, *process.children(recursive=True)]:
        times = member.cpu_times()
        total += times.user + times.system
    return total


@dataclass
class Load:
    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    failed: int
    cpu_ms: float
    """CPU milliseconds of the server a request."""


UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


def wrk(url: str, pid: int, seconds: int, connections: int, *script: str, headers: dict | None = None) -> Load:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency"]
    for name, value in (headers or {}).items():
        command += ["-H", f"{name}: {value}"]
    if script:
        command += ["-s", str(HERE / script[0])]
    command += [url]
    if script[1:]:
        command += ["--", *script[1:]]
    before = cpu_of(pid)
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    spent = cpu_of(pid) - before

    def latency(percentile: str) -> float:
        value, unit = re.search(rf"{percentile}%\s+([\d.]+)(us|ms|s|m)", out).groups()
        return float(value) * UNITS[unit]

    requests = int(re.search(r"(\d+) requests in", out)[1])
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    sockets = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", out)
    failed = int(wrong[1]) if wrong else 0
    if sockets:
        failed += sum(map(int, sockets.groups()))
    return Load(
        requests, float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), latency("50"), latency("99"), failed, 1000 * spent / max(requests, 1)
    )
