"""Kills the process with SIGKILL while clips are being cut, then asserts that each clip is there once, whole, and proves itself offline, and
that nothing stands in the storage that no record knows.

    clips.py [--seed N] [--rounds N]
"""

import argparse
import json
import random
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from urllib.request import urlopen

from client import Client, Lost
from house import SERVERS, House

# Of film; a clip of it is cut in half a second or so, and a worker looks every 400 ms: where the kills fall.
SECONDS = 240
WINDOW = 1.4


def rfc3339(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, timezone.utc).isoformat(timespec="milliseconds")


def filmed(house: House, client: Client) -> tuple[str, int]:
    """A camera with film that ended a minute ago."""
    site = client.call("GET", "/sites")["items"][0]["id"]
    camera = client.call("POST", "/cameras", {"name": "Dock 2", "site_id": site, "url": "rtsp://192.168.10.7/stream1"})
    client.call("POST", f"/cameras/{camera['id']}/disable")
    began = (int(time.time()) - SECONDS - 60) * 1000
    spec = {"slug": camera["slug"], "runs": [{"from": began, "seconds": SECONDS}]}
    node = (house.data / "node").read_text().strip()
    subprocess.run([sys.executable, str(SERVERS / "film.py"), str(house.data), node], input=json.dumps(spec), text=True, check=True)
    return camera["id"], began


def storm(house: House, client: Client, chance: random.Random, rounds: int, camera: str, began: int) -> list[str]:
    promised = []
    for round_ in range(rounds):
        wanted = {
            "cameras": [camera], "from": rfc3339(began + round_ * 137), "until": rfc3339(began + SECONDS * 1000 - 5000),
            "title": f"Clip {round_}", "reason": "A test of kills",
        }
        try:
            promised.append(client.call("POST", "/clips", wanted)["id"])
        except Lost:
            continue
        after = chance.uniform(0, WINDOW)
        time.sleep(after)
        state = house.rows(f"SELECT state FROM clips WHERE id = '{promised[-1]}'")[0][0]
        house.kill("server")
        print(f"  kill {round_ + 1:2}: {after:.2f} s after it was asked for, {state}", flush=True)
        house.start("server")
    return promised


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options.add_argument("--rounds", type=int, default=20)
    options = options.parse_args()
    print(f"clips, seed {options.seed}", flush=True)
    house, wrong = House("sqlite"), []
    try:
        house.command("user", "create", "--email", "ada@yard.test", "--role", "admin", "--password-stdin", stdin="correct horse battery staple\n")
        scopes = "cameras:read cameras:write footage:export"
        token = house.command("token", "create", "--user", "ada@yard.test", "--scopes", scopes).stdout.strip().splitlines()[-1]
        house.start("server")
        client = Client(house.url, token)
        camera, began = filmed(house, client)
        promised = storm(house, client, random.Random(options.seed), options.rounds, camera, began)
        end = time.monotonic() + 240
        while time.monotonic() < end:
            states = dict(house.rows("SELECT id, state FROM clips"))
            if all(states.get(clip) == "ready" for clip in promised):
                break
            time.sleep(1)
        for clip in promised:
            if states.get(clip) != "ready":
                wrong.append(f"clip {clip} is {states.get(clip)}")
                continue
            with urlopen(client.call("GET", f"/clips/{clip}/download")["url"], timeout=60) as answer:
                path = Path(house.folder / "clip.mp4")
                path.write_bytes(answer.read())
            said = house.command("evidence", "verify", str(path), check=False)
            if said.returncode or "Whole." not in said.stdout:
                wrong.append(f"clip {clip}: {said.stdout}{said.stderr}")
        known = {key for (key,) in house.rows("SELECT key FROM objects WHERE class = 'evidence'")}
        objects = house.data / "objects"
        there = {str(path.relative_to(objects)) for path in objects.glob("evidence/**/*") if path.is_file()}
        parts = house.rows("SELECT count(*) FROM clip_parts")[0][0]
        if known != there or parts != len(promised):
            wrong.append(f"{len(known)} on record, {len(there)} on disk, {parts} parts of {len(promised)} clips: {known ^ there}")
        audit = house.command("audit", "verify", check=False)
        if audit.returncode:
            wrong.append(audit.stdout)
        print(f"{len(promised)} clips, {len(there)} files: {'all whole' if not wrong else 'WRONG'}", flush=True)
    finally:
        house.stop(keep=bool(wrong))
    if wrong:
        raise SystemExit("\n".join([*wrong, f"see {house.folder}"]))


main()
