"""A recorder on another site, cut off from its hub for its whole test: recorder and hub are killed at random meanwhile, then the line is back.

    outpost.py [--seed N] [--minutes M] [--kills N] [--cameras N]

Meanwhile one file goes bad on the recorder's disk, and its page asks whether it is all right. Afterwards everything else that was recorded is in the
bucket with the SHA-256 that it had on the recorder's disk, the hub's rows say the same, every instant of each camera is film or a gap with its
reason, nothing is there twice, and the recorder has nothing left; what went bad is a gap that says so; and there are pictures of each camera, those of
the time without the hub among them.
"""

import argparse
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.request import urlopen

from client import Client, Lost
from house import BINARY, SERVERS, House, free_port
from ledger import Bucket, compare
from outage import wait_for

# One that goes on and on, and one that changes its format every four seconds.
STREAMS = ["h265", "resizes"]
# What a kill may cost of a camera: the open fragment, and what was on its way. Seconds.
OPEN = 2.0


class Line:
    """What stands between recorder and hub, and can be cut."""

    def __init__(self, to: int):
        self.to, self.port = to, free_port()
        self.open: list[socket.socket] = []
        self.listener: socket.socket | None = None
        self.mend()

    def mend(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, args=[self.listener], daemon=True).start()

    def cut(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for end in self.open:
            end.close()
        self.open.clear()

    def accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near = listener.accept()[0]
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.to), 5)
            except OSError:
                near.close()
                continue
            self.open += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self.pump, args=[one, other], daemon=True).start()

    @staticmethod
    def pump(one: socket.socket, other: socket.socket) -> None:
        try:
            while data := one.recv(65536):
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Cameras:
    """Real RTSP, by gst-rtsp-server."""

    def __init__(self, port: int, log: Path):
        command = ["/usr/bin/python3", str(SERVERS / "cameras.py"), "--port", str(port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=open(log, "ab"), text=True)
        assert self.process.stdout.readline().strip() == "ready", f"no cameras: see {log}"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


class Recorder:
    """`gatehouse record`, with nothing but a folder, an address and a token."""

    def __init__(self, folder: Path, hub: str, token: str):
        self.data, self.log = folder / "recorder", folder / "recorder.log"
        (folder / "token.txt").write_text(token)
        (folder / "token.txt").chmod(0o600)
        self.probes = f"http://127.0.0.1:{free_port()}"
        self.command = [BINARY, "record", "--hub", hub, "--token-file", str(folder / "token.txt"), "--data", str(self.data), "--listen", self.probes[7:]]
        kept = {k: v for k, v in os.environ.items() if not re.match(r"GATEHOUSE_|AWS_|DATABASE_URL$", k)}
        self.environment = {**kept, "RUST_LOG": "info", "GATEHOUSE_SPOOL_KEEP_FREE_MB": "100"}
        self.seen: dict[str, tuple[str, int]] = {}
        self.watching = True
        self.process: subprocess.Popen | None = None
        threading.Thread(target=self.watch, daemon=True).start()

    def start(self) -> None:
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, env=self.environment, stdout=log, stderr=log)

    def kill(self, how: int = signal.SIGKILL) -> None:
        self.process.send_signal(how)
        self.process.wait(30)

    def rows(self, query: str) -> list[tuple]:
        path = self.data / "recorder.db"
        if not path.exists():
            return []
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
        try:
            return database.execute(query).fetchall()
        finally:
            database.close()

    def watch(self) -> None:
        """Whatever is acknowledged here, as long as it is."""
        while self.watching:
            try:
                self.seen |= {key: (sha256, size) for key, sha256, size in self.rows("SELECT key, sha256, size FROM files WHERE state <> 'aside'")}
            except sqlite3.Error:
                pass
            time.sleep(0.3)

    def asked(self, path: str) -> str:
        with urlopen(self.probes + path, timeout=5) as answer:
            return answer.read().decode()

    def spoil(self) -> str:
        """Changes one byte of a file that waits; its key."""
        waits = self.rows("SELECT key FROM files WHERE state <> 'aside' ORDER BY started_at DESC LIMIT 20")
        key = next(key for (key,) in waits if (self.data / key).exists())
        with open(self.data / key, "r+b") as film:
            film.seek(-1, os.SEEK_END)
            last = film.read(1)[0]
            film.seek(-1, os.SEEK_END)
            film.write(bytes([last ^ 1]))
        return key

    def files(self) -> list[str]:
        return [str(path) for path in self.data.rglob("*.mp4*") if path.parent != self.data / "aside"]

    def left(self) -> int:
        """What is still being written, to be told, or to be sent."""
        return len(self.files()) + self.rows("SELECT (SELECT count(*) FROM files WHERE state <> 'aside') + (SELECT count(*) FROM news)")[0][0]


def cut_off(house: House, recorder: Recorder, dice: random.Random, seconds: float, kills: int) -> list[tuple[float, float]]:
    """Kills the recorder and the hub at random; returns when the recorder was, with when it had been started."""
    moments = sorted(dice.uniform(8, seconds - 8) for _ in range(kills))
    begun, killed, started = time.monotonic(), [], 0.0
    for n, moment in enumerate(moments):
        time.sleep(max(0, begun + moment - time.monotonic()))
        if n % 3 == 2:
            house.kill("server")
            house.start("server")
            continue
        killed.append((started, time.time()))
        recorder.kill()
        time.sleep(dice.uniform(0, 2))
        recorder.start()
        started = time.time()
    time.sleep(max(0, begun + seconds - time.monotonic()))
    return killed


def lost(house: House, killed: list[tuple[float, float]]) -> float:
    """The most that a kill cost of a camera that was recorded then: from where its film ends to the kill, seconds."""
    film = house.rows("SELECT camera, started_at, ended_at FROM segments")
    worst = 0.0
    for camera in {camera for camera, _, _ in film}:
        for started, moment in killed:
            ends = [end / 1000 for number, at, end in film if number == camera and started < at / 1000 < moment]
            worst = max(worst, moment - max(ends, default=moment))
    return worst


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    arguments.add_argument("--minutes", type=float, default=1.5)
    arguments.add_argument("--kills", type=int, default=6)
    arguments.add_argument("--cameras", type=int, default=2)
    given, _ = arguments.parse_known_args()
    print(f"a recorder without its hub, seed {given.seed}", flush=True)
    dice = random.Random(given.seed)

    house = House("garage")
    port = free_port()
    cameras, recorder, held = None, None, False
    try:
        cameras = Cameras(port, house.folder / "cameras.log")
        house.command("user", "create", "--email", "admin@yard.test", "--role", "admin", "--password-stdin", stdin="a long enough passphrase 1")
        token = house.command("token", "create", "--user", "admin@yard.test", "--scopes", "cameras:read cameras:write").stdout.strip()
        site = house.rows(f"UPDATE yard_sites SET allow = '127.0.0.1:{port}' RETURNING id")[0][0]
        secret = house.command("recorder", "create", "--name", "South yard").stdout.strip()
        south = house.rows("SELECT id FROM recorders WHERE kind = 'remote'")[0][0]
        for role in house.roles:
            house.start(role)
        client = Client(house.url, token)
        ids = []
        for n in range(given.cameras):
            stream = STREAMS[n % len(STREAMS)]
            body = {"name": f"South {n}", "site_id": site, "recorder_id": south, "url": f"rtsp://127.0.0.1:{port}/{stream}"}
            ids.append(client.call("POST", "/cameras", body)["id"])

        line = Line(house.port)
        recorder = Recorder(house.folder, f"http://127.0.0.1:{line.port}", secret)
        recorder.start()
        wait_for("the recorder is not at work", 60, lambda: house.rows("SELECT count(*) FROM camera_states WHERE state = 'connected'")[0][0] == len(ids))
        time.sleep(10)
        # What opens cameras is nowhere to be read.
        assert secret.encode() not in (recorder.data / "recorder.db").read_bytes()
        line.cut()
        killed = cut_off(house, recorder, dice, 60 * given.minutes, given.kills)
        known = house.rows("SELECT count(*) FROM segments")[0][0]
        waits = len(recorder.rows("SELECT 1 FROM files"))
        spoilt = recorder.spoil()
        assert '"degraded"' in recorder.asked("/readyz"), "the recorder does not say that its hub is away"
        assert waits >= given.cameras * given.minutes, f"only {waits} files wait: nothing was recorded without the hub"
        line.mend()
        mended = time.time()
        took = wait_for("the hub does not have everything", 240, lambda: waits_no_more(recorder, mended - 10, spoilt))
        wait_for("the recorder does not say that all is well", 30, lambda: '"ready"' in recorder.asked("/readyz"))
        figures = recorder.asked("/metrics")
        assert 'gatehouse_camera_connected{camera="south_0"} 1' in figures, f"no figures of the camera: {figures}"
        lost_as = "SELECT gaps.reason, gaps.detail FROM gaps JOIN segments ON segments.camera = gaps.camera AND segments.started_at = gaps.started_at " \
                  f"JOIN objects ON objects.id = segments.object_id WHERE segments.state = 'failed' AND objects.key = '{spoilt}'"
        gave_up = wait_for("the hub does not know that a file went bad", 240, lambda: len(house.rows(lost_as)) == 1)
        assert house.rows(lost_as)[0] == ("lost", "the file is no longer what it was said to be"), house.rows(lost_as)
        for camera in ids:
            again(lambda camera=camera: client.call("POST", f"/cameras/{camera}/disable"))
        wait_for("something is left at the recorder", 120, lambda: recorder.left() == 0)
        wait_for("the hub does not know that nothing is left", 60, lambda: house.rows("SELECT queue_segments FROM recorders WHERE kind = 'remote'") == [(0,)])
        recorder.watching = False

        pictures = wait_for_pictures(house, recorder, len(ids))
        assert not recorder.files(), f"left on the recorder's disk: {recorder.files()[:5]}"
        on_record = {key: (sha256, size) for key, sha256, size in house.rows("SELECT key, sha256, size FROM objects WHERE class = 'recording'")}
        missing = {key for key, what in recorder.seen.items() if on_record.get(key) != what}
        assert not missing, f"recorded, and not on record as it was: {sorted(missing)[:5]}"
        bucket = Bucket(house.settings)
        spools = [path for path in (recorder.data / "spool").glob("*") if path.is_dir()]
        seen = compare(house.rows, {("s3", bucket.name): bucket}, spools, lost={spoilt})
        worst = lost(house, killed)
        assert worst <= OPEN, f"a kill cost {worst:.1f} s of a camera"
        audit = house.command("audit", "verify", check=False)
        assert audit.returncode == 0, audit.stdout
        print(f"  held: {given.minutes:g} minutes without the hub, {len(killed)} kills of the recorder and {given.kills - len(killed)} of the hub; {known} files known before, "
              f"{waits} waited, sent {took:.0f} s after the line was back; {seen}; at most {worst:.1f} s lost by a kill; "
              f"a file that went bad was given up {gave_up:.0f} s after the rest was sent; {pictures}", flush=True)
        held = True
    except AssertionError as error:
        sys.exit(f"  FAILED with seed {given.seed}: {error}\n  kept: {house.folder}")
    finally:
        for part in (recorder, cameras):
            if part and part.process and part.process.poll() is None:
                part.process.terminate()
                part.process.wait(30)
        house.stop(keep=not held)


def waits_no_more(recorder: Recorder, before: float, but: str) -> bool:
    """What was recorded before that moment (seconds) is sent."""
    return recorder.rows(f"SELECT count(*) FROM files WHERE started_at < {before * 1000:.0f} AND key <> '{but}'")[0][0] == 0


def wait_for_pictures(house: House, recorder: Recorder, cameras: int) -> str:
    """A last picture of each camera, and those along the timeline."""
    wait_for("no last picture of each camera", 30, lambda: house.rows("SELECT count(*) FROM camera_states WHERE snapshot_id IS NOT NULL") == [(cameras,)])
    for folder in (recorder.data / "spool/pictures").iterdir():
        # As if the next ten minutes had begun: nobody waits for these then.
        last = max(folder.glob("*.tile"), key=lambda tile: int(tile.stem))
        shutil.copy(last, folder / f"{int(last.stem) + 600_000}.tile")
    count = "SELECT count(DISTINCT camera) FROM picture_sheets"
    took = wait_for("pictures were not joined and sent", 120, lambda: house.rows(count) == [(cameras,)] and not list(recorder.data.glob("pictures/*/*")))
    sheets = house.rows("SELECT tiles FROM picture_sheets")
    return f"a last picture of each camera, and {sum(len(tiles.split(',')) for (tiles,) in sheets)} along the timeline in {len(sheets)} sheets, there in {took:.0f} s"


def again(work) -> None:
    for _ in range(10):
        try:
            return work()
        except Lost:
            time.sleep(1)
    raise AssertionError("the hub does not answer")


if __name__ == "__main__":
    main()
