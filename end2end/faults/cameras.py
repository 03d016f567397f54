"""Kills server and workers with SIGKILL at random while they record real cameras, time after time, then asserts that every file plays, that no
kill cost more than two seconds of film before it, that somebody else went on within fifteen seconds of it, and that database, bucket and spool
say the same.

    cameras.py [--seed N] [--rounds N]
"""

import argparse
import hashlib
import random
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

from house import BINARY, SERVERS, House, free_port

PATHS = ["/h264", "/h265", "/reordered"]
ROLES = ["server", "worker1", "worker2"]
SEGMENT = 10
# What one kill may cost, and how long until somebody else writes, in seconds.
LOST, TAKEN_OVER = 2.0, 15.0
# Two frames may be so far apart without anything being missing between, in milliseconds.
SLACK = 250
# Whoever decodes for nobody rounds times to the pace of frames unless told not to, and then complains of two at once.
PLAY = ["ffmpeg", "-v", "error", "-xerror"]
# For so long the database is away.
AWAY = 25


class Cameras:
    """Real ones."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["/usr/bin/python3", str(SERVERS / "cameras.py"), "--port", "0", "--with-parent"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        if self.process.stdout.readline() != "ready\n":
            raise SystemExit("the cameras do not start; see end2end/servers/prerequisites.sh cameras")
        first = self.process.stdout.readline().strip()
        self.base = first.removesuffix("/h264")
        self.port = int(self.base.rsplit(":", 1)[1])

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)


class Yard(House):
    """Three processes that all record, over one Postgres, one data folder and, where Garage is installed, one bucket."""

    def __init__(self, recording: list[str] = ROLES, kind: str = ""):
        is_there = subprocess.run([SERVERS / "garage.sh", "installed"]).returncode == 0
        super().__init__(kind or ("garage" if is_there else "postgres"))
        self.recording = recording
        self.settings["GATEHOUSE_CAPTURE_SEGMENT_SECONDS"] = str(SEGMENT)

    def start(self, role: str) -> None:
        if role == "server":
            self.begin(role, "serve")
            self.wait_until_it_listens()
        else:
            self.begin(role, "work")

    def begin(self, role: str, *arguments: str) -> None:
        with open(self.folder / f"{role}.log", "ab") as log:
            self.processes[role] = subprocess.Popen([BINARY, *arguments], env=self.environment(), stdout=log, stderr=log)

    def add(self, cameras: Cameras) -> None:
        """Cameras on this very machine are for whoever says so: the site's list names the address and the port."""
        # It listens before its tables are there.
        wait(30, "the tables are there", lambda: self.command("camera", "list", check=False).returncode == 0)
        self.change("UPDATE yard_sites SET allow = %s", f"127.0.0.1:{cameras.port}\n")
        for path in PATHS:
            self.command("camera", "add", "--name", path.strip("/"), "--url", f"{cameras.base}{path}")
        self.change("UPDATE cameras SET audio = TRUE, version = version + 1")

    def stop_recording(self) -> None:
        """Switched off, everything is ended, kept and sent; a start recovers what is left."""
        for role in self.recording[1:]:
            self.processes[role].terminate()
            self.processes[role].wait(30)
        self.change("UPDATE cameras SET enabled = FALSE, version = version + 1")
        wait(30, "the cameras end", lambda: self.rows("SELECT COUNT(*) FROM camera_leases WHERE holder <> ''")[0][0] == 0)
        self.processes["server"].terminate()
        self.processes["server"].wait(30)
        self.start("server")
        wait(240, "all is sent", self.is_all_sent)

    def check(self, kills: list, until: float) -> list[str]:
        return check(self, kills, until)

    def change(self, query: str, *values: object) -> None:
        import psycopg

        with psycopg.connect(self.settings["DATABASE_URL"]) as database:
            database.execute(query, values or None)

    def spool(self) -> list[Path]:
        """Film that is kept nowhere else; tiles wait there until their sheet is whole."""
        tiles = self.data / "spool/pictures"
        return [path for path in (self.data / "spool").glob("*/*/*") if path.name != "lock" and not path.is_relative_to(tiles)]

    def local(self) -> dict[str, Path]:
        """Recordings among the files of this disk, by key."""
        root = self.data / "objects"
        return {str(path.relative_to(root)): path for path in (root / "recordings").rglob("*.mp4")}

    def is_all_sent(self) -> bool:
        if self.spool() or self.rows("SELECT COUNT(*) FROM segments WHERE state <> 'completed'")[0][0]:
            return False
        return self.kind != "garage" or not self.local()

    def held_by(self, role: str) -> list[str]:
        """The cameras whose folders a process has open."""
        held = set()
        for fd in Path(f"/proc/{self.processes[role].pid}/fd").iterdir():
            try:
                path = fd.readlink()
            except FileNotFoundError:
                continue
            if path.name == "lock" and path.is_relative_to(self.data / "spool"):
                held.add(path.parent.parent.name)
        return sorted(held)

    def newest(self, camera: str) -> tuple[int, float]:
        """The newest file of a camera that is being written: its epoch, and when it was written to last."""
        found = []
        for path in (self.data / "spool" / camera).glob("*/*.part"):
            try:
                found.append((int(path.parent.name), path.stat().st_mtime))
            except FileNotFoundError:
                pass
        return max(found, default=(0, 0.0))


def wait(seconds: float, what: str, is_so) -> float:
    """How long it took."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > seconds:
            raise SystemExit(f"FAILED: {what}: not within {seconds:.0f} s")
        time.sleep(0.05)
    return time.monotonic() - began


class Kill:
    """What one kill did to one camera."""

    def __init__(self, camera: str, number: int, at: float):
        self.camera, self.number, self.at = camera, number, at
        self.taken_over: float | None = None


def storm(yard: Yard, chance: random.Random, rounds: int) -> list[Kill]:
    cameras = {id: number for id, number in yard.rows("SELECT id, number FROM cameras")}
    kills = []
    for round_ in range(rounds):
        for camera in cameras:
            wait(40, f"{camera} is recorded", lambda camera=camera: time.time() - yard.newest(camera)[1] < 1.5)
        time.sleep(chance.uniform(0.5, SEGMENT + 2))
        # Those that record nothing are killed now and then, too.
        busy = [role for role in ROLES if yard.held_by(role)]
        role = chance.choice(busy if busy and chance.random() < 0.7 else ROLES)
        epochs = {camera: yard.newest(camera)[0] for camera in cameras}
        hit = yard.held_by(role)
        at = time.time()
        yard.kill(role)
        kills += [Kill(camera, cameras[camera], at) for camera in hit]
        # Whether the dead one comes back at once, in the middle of the takeover or after it, is chance too.
        back = time.monotonic() + chance.choice([0, chance.uniform(0, 12), 20])
        while any(kill.taken_over is None for kill in kills[-len(hit):] if hit):
            if time.monotonic() > back and role not in alive(yard):
                yard.start(role)
            for kill in kills[-len(hit):]:
                epoch, wrote = yard.newest(kill.camera)
                if kill.taken_over is None and epoch > epochs[kill.camera] and wrote > at:
                    kill.taken_over = time.time() - at
            if time.time() - at > 60:
                raise SystemExit(f"FAILED: kill {round_} of {role}: nobody takes over")
            time.sleep(0.05)
        if role not in alive(yard):
            yard.start(role)
        print(f"kill {round_ + 1} of {rounds}: {role}, " + (", ".join(f"taken over in {kill.taken_over:.1f} s" for kill in kills[-len(hit):]) if hit else "which held none"), flush=True)
    return kills


def outage(yard: Yard) -> tuple[float, float]:
    """The database is killed for a while; what records has to go on, and to keep its cameras."""
    cameras = [row[0] for row in yard.rows("SELECT id FROM cameras")]
    for camera in cameras:
        wait(40, f"{camera} is recorded", lambda camera=camera: time.time() - yard.newest(camera)[1] < 1.5)
    time.sleep(3)
    yard.script("postgres.sh", "kill", "postgres")
    down = time.time()
    time.sleep(AWAY)
    up = time.time()
    yard.script("postgres.sh", "resume", "postgres")
    time.sleep(2 * SEGMENT)
    return down, up


def lost_in(yard: Yard, away: tuple[float, float]) -> list[str]:
    """Nothing may be missing of the time in which the database was away."""
    missing = yard.rows(f"SELECT camera, started_at, ended_at, reason FROM gaps WHERE started_at < {int(away[1] * 1000)} AND (ended_at IS NULL OR ended_at > {int(away[0] * 1000)})")
    files = yard.rows(f"SELECT COUNT(*) FROM segments WHERE started_at BETWEEN {int(away[0] * 1000)} AND {int(away[1] * 1000)}")[0][0]
    print(f"the database was away for {AWAY} s; {files} files began meanwhile", flush=True)
    return [f"camera {row[0]}: {row[3]} from {row[1]} to {row[2]}, while the database was away" for row in missing] + ([] if files else ["nothing was recorded while the database was away"])


def alive(yard: Yard) -> list[str]:
    return [role for role, process in yard.processes.items() if process.poll() is None]


class Bucket:
    """Where recordings end: Garage's, or the files of the data folder."""

    def __init__(self, yard: Yard):
        self.bucket, self.files = None, yard.local()
        if yard.kind == "garage":
            import boto3

            self.bucket = boto3.resource(
                "s3", endpoint_url=yard.settings["AWS_ENDPOINT_URL"], region_name=yard.settings["AWS_REGION"],
                aws_access_key_id=yard.settings["AWS_ACCESS_KEY_ID"], aws_secret_access_key=yard.settings["AWS_SECRET_ACCESS_KEY"],
            ).Bucket(yard.settings["GATEHOUSE_S3_BUCKET"])

    def keys(self) -> set[str]:
        return {found.key for found in self.bucket.objects.filter(Prefix="recordings/")} if self.bucket else set(self.files)

    def fetch(self, key: str, path: Path) -> None:
        if self.bucket:
            self.bucket.download_file(key, str(path))
        else:
            path.write_bytes(self.files[key].read_bytes())


def check(yard: Yard, kills: list[Kill], until: float) -> list[str]:
    wrong = []
    segments = yard.rows(
        "SELECT s.camera, s.started_at, s.ended_at, s.state, s.size, o.key, o.sha256 FROM segments s JOIN objects o ON o.id = s.object_id ORDER BY 1, 2"
    )
    gaps = yard.rows("SELECT camera, started_at, ended_at, reason FROM gaps ORDER BY 1, 2")
    wrong += [f"{row[5]} is {row[3]}" for row in segments if row[3] != "completed"]

    # Nothing overlaps, and what is missing is said to be missing.
    for one, next_ in zip(segments, segments[1:]):
        if one[0] != next_[0]:
            continue
        if next_[1] < one[2] - SLACK:
            wrong.append(f"{one[5]} and {next_[5]} overlap by {one[2] - next_[1]} ms")
        hole = (one[2], next_[1])
        covered = any(g[0] == one[0] and g[1] <= hole[0] + SLACK and (g[2] or until * 1000) >= hole[1] - SLACK for g in gaps)
        if hole[1] - hole[0] > SLACK and not covered:
            wrong.append(f"camera {one[0]}: from {hole[0]} to {hole[1]} nothing is recorded and nothing says so")

    # What each kill cost: the film between the last frame that is on record and the kill.
    costs = []
    for kill in kills:
        at = kill.at * 1000
        before = [row[2] for row in segments if row[0] == kill.number and row[1] <= at]
        lost = (at - min(max(before, default=0), at)) / 1000
        costs.append(lost)
        if lost > LOST:
            wrong.append(f"camera {kill.number}: a kill at {kill.at:.1f} cost {lost:.2f} s")
        if kill.taken_over > TAKEN_OVER:
            wrong.append(f"camera {kill.number}: taken over after {kill.taken_over:.1f} s")

    # Database = bucket, byte for byte, and every file plays.
    bucket = Bucket(yard)
    there = bucket.keys()
    known = {row[5] for row in segments}
    wrong += [f"{key} is in the bucket and not on record" for key in sorted(there - known)]
    wrong += [f"{key} is on record and not in the bucket" for key in sorted(known - there)]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        def plays(row: tuple) -> list[str]:
            if row[5] not in there:
                return []
            path = Path(folder) / row[6]
            bucket.fetch(row[5], path)
            said = [] if hashlib.sha256(path.read_bytes()).hexdigest() == row[6] else [f"{row[5]} has other bytes"]
            probed = subprocess.run(["ffprobe", "-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets", path], capture_output=True, text=True)
            played = subprocess.run([*PLAY, "-i", path, "-vsync", "passthrough", "-enc_time_base", "-1", "-f", "null", "-"], capture_output=True, text=True)
            if probed.returncode or probed.stderr or played.returncode or played.stderr:
                said.append(f"{row[5]} does not play: {probed.stderr}{played.stderr}")
            path.unlink()
            return said

        for said in pool.map(plays, segments):
            wrong += said

    # The spool is empty, and so are the local files where a bucket has all of it.
    wrong += [f"{path} is left in the spool" for path in yard.spool()]
    wrong += [f"{path} is left aside" for path in (yard.data / "spool/aside").glob("*")]
    wrong += [f"{key} is left among local files" for key in yard.local() if yard.kind == "garage"]
    if costs:
        taken = sorted(kill.taken_over for kill in kills)
        print(f"{len(segments)} files of {len(PATHS)} cameras; {len(kills)} cameras were hit: lost at most {max(costs):.2f} s, median {sorted(costs)[len(costs) // 2]:.2f} s; "
              f"taken over after {taken[-1]:.1f} s at most, median {taken[len(taken) // 2]:.1f} s", flush=True)
    return wrong


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    arguments.add_argument("--rounds", type=int, default=6)
    asked = arguments.parse_args()
    print(f"cameras: seed {asked.seed}, {asked.rounds} kills", flush=True)
    cameras, yard = Cameras(), Yard()
    wrong: list[str] = ["it did not come to the end"]
    try:
        yard.start("server")
        yard.add(cameras)
        for role in ROLES[1:]:
            yard.start(role)
        kills = storm(yard, random.Random(asked.seed), asked.rounds)
        time.sleep(SEGMENT)
        down = outage(yard)
        until = time.time()
        yard.stop_recording()
        wrong = check(yard, kills, until) + lost_in(yard, down)
    finally:
        for line in wrong:
            print(f"FAILED: {line}", flush=True)
        cameras.stop()
        yard.stop(keep=bool(wrong))
        if wrong:
            print(f"left for whoever looks: {yard.folder} ({datetime.now(timezone.utc):%H:%M:%S} UTC)", flush=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
