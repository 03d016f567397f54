"""From a click to a picture of film, 1080p at 4 Mb/s, in Chromium: `press.spec.ts` on files and on a bucket of Garage."""

import json
import os
import re
import statistics
import subprocess
from collections.abc import Callable

from cameras import BINARY, GARAGE, REPOSITORY

AIM = 1000
MEASURED = {"opened": "From a link to the recordings to their picture", "pressed": "From a press on the timeline to its picture"}


def measure(storage: str) -> dict[str, list[float]]:
    environment = {**os.environ, "GATEHOUSE_BINARY": BINARY, "GATEHOUSE_TEST_STORAGE": storage}
    command = ["npx", "playwright", "test", "--config", "bench.config.ts", "press"]
    run = subprocess.run(command, cwd=REPOSITORY / "end2end", env=environment, stdout=subprocess.PIPE, text=True)
    if run.returncode:
        raise SystemExit(f"the browser could not be timed:\n{run.stdout}")
    return json.loads(re.search(r"measured (\{.*\})", run.stdout)[1])


def press(report: Callable[[str, str, str, str], None]) -> None:
    places = {"files": "files of this machine"}
    if subprocess.run([GARAGE, "installed"]).returncode == 0:
        places["garage"] = "a bucket"
    for storage, place in places.items():
        measured = measure(storage)
        for name, what in MEASURED.items():
            worst, median = max(measured[name]), statistics.median(measured[name])
            report(f"{what}, {place}", f"{median:.0f} ms, at worst {worst:.0f} ms", f"aim: below {AIM} ms", f"{worst / AIM:.2f}×")
