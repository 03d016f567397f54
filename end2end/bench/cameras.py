"""Recording real RTSP streams of 1080p at 4 Mb/s: `gatehouse serve`, first into files and then with uploads running, beside
`ffmpeg -c copy -f segment` and `motion` passing film through. All record the same cameras, one after the other. Those two write files that they
neither sync nor hash, and make no pictures; nor do they send anything, so ratios are told of both runs.

    cameras.py [--cameras 10,60] [--seconds 60]
"""

import argparse
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from measure import cpu_of

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
SERVERS = HERE.parent / "servers"
BINARY = os.environ.get("GATEHOUSE_BINARY", str(REPOSITORY / "target/release/gatehouse"))
GARAGE = SERVERS / "garage.sh"
FPS = 25
SETTLED = 15
# Of Gatehouse a session's first file is short, and its first whole picture is made at once: what goes on for months begins after them.
STEADY = 75


@dataclass
class Run:
    cpu: float
    """User and system seconds a stream-minute."""
    memory: float
    """Peak resident memory a stream, in MB; of Gatehouse what cameras added to that of the whole house."""
    frames: float = 1.0
    """The part of the cameras' frames that is in the files."""


class Cameras:
    """So many of them, of pictures encoded beforehand."""

    def __init__(self, count: int):
        self.process = subprocess.Popen(
            ["/usr/bin/python3", str(SERVERS / "cameras.py"), "--port", "0", "--bench", str(count), "--with-parent"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        if self.process.stdout.readline() != "ready\n":
            raise SystemExit("the cameras do not start; see end2end/servers/prerequisites.sh cameras")
        addresses = []
        while not (line := self.process.stdout.readline().strip()).endswith("/"):
            addresses.append(line)
        self.urls = [address for address in addresses if "/full/" in address]
        self.port = int(self.urls[0].split("/")[2].rsplit(":", 1)[1])

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)


def peak_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1]) * 1024 / 1e6


def apart(commands: list[list[str]], seconds: int) -> Run:
    """Processes of one stream each, from a moment at which all of them record."""
    running = [subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for command in commands]
    try:
        time.sleep(SETTLED)
        before = sum(cpu_of(process.pid) for process in running)
        time.sleep(seconds)
        spent = sum(cpu_of(process.pid) for process in running) - before
        memory = sum(peak_mb(process.pid) for process in running)
    finally:
        for process in running:
            process.send_signal(signal.SIGINT)
        for process in running:
            process.wait(20)
    return Run(spent / (len(running) * seconds / 60), memory / len(running))


def ffmpeg(cameras: Cameras, folder: Path, seconds: int) -> Run:
    def command(number: int, url: str) -> list[str]:
        place = folder / f"ffmpeg{number}"
        place.mkdir(parents=True)
        return ["ffmpeg", "-v", "error", "-rtsp_transport", "tcp", "-i", url, "-c", "copy", "-f", "segment", "-segment_time", "60", f"{place}/%03d.mp4"]

    return apart([command(number, url) for number, url in enumerate(cameras.urls)], seconds)


def motion(cameras: Cameras, folder: Path, seconds: int) -> Run:
    def command(number: int, url: str) -> list[str]:
        place = folder / f"motion{number}"
        place.mkdir(parents=True)
        settings = {
            "daemon": "off", "netcam_url": url, "netcam_params": "rtsp_transport=tcp", "width": 1920, "height": 1080, "framerate": FPS,
            "target_dir": place, "emulate_motion": "on", "movie_output": "on", "movie_passthrough": "on", "movie_max_time": 60,
            "picture_output": "off", "webcontrol_port": 0, "stream_port": 0,
        }
        file = place / "motion.conf"
        file.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        return ["motion", "-c", str(file)]

    return apart([command(number, url) for number, url in enumerate(cameras.urls)], seconds)


class House:
    """One process with everything in it, SQLite, and a bucket where Garage is installed."""

    def __init__(self, folder: Path, cameras: int, with_bucket: bool):
        folder.mkdir()
        self.folder, self.data = folder, folder / "data"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("GATEHOUSE_", "AWS_")) and k != "DATABASE_URL"}
        self.environment = {
            **kept, "GATEHOUSE_DATA": str(self.data), "GATEHOUSE_LISTEN": "127.0.0.1:0", "GATEHOUSE_CAPTURE_CAMERAS": str(max(cameras, 1)), "RUST_LOG": "warn",
        }
        self.with_bucket = with_bucket
        if self.with_bucket:
            printed = subprocess.run([GARAGE, "start", folder / "garage"], check=True, stdout=subprocess.PIPE, text=True).stdout
            self.environment |= dict(line.split("=", 1) for line in printed.split())
        with open(folder / "server.log", "ab") as log:
            self.process = subprocess.Popen([BINARY, "serve"], env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True)
        if "Gatehouse is at" not in self.process.stdout.readline():
            raise SystemExit(f"the house does not start; see {folder}/server.log")

    def change(self, query: str, *values: object) -> None:
        database = sqlite3.connect(self.database(), timeout=10)
        with database:
            database.execute(query, values)
        database.close()

    def rows(self, query: str) -> list[tuple]:
        database = sqlite3.connect(f"file:{self.database()}?mode=ro", uri=True)
        try:
            return database.execute(query).fetchall()
        finally:
            database.close()

    def database(self) -> Path:
        return next(path for path in self.data.glob("*") if path.suffix in (".db", ".sqlite", ".sqlite3"))

    def add(self, cameras: Cameras) -> None:
        self.change("UPDATE yard_sites SET allow = ?", f"127.0.0.1:{cameras.port}\n")

        def one(number: int) -> None:
            command = [BINARY, "camera", "add", "--name", f"Camera {number}", "--url", cameras.urls[number]]
            subprocess.run(command, env=self.environment, check=True, stdout=subprocess.DEVNULL)

        for number in range(len(cameras.urls)):
            one(number)

    def frames(self) -> float:
        """The part of each camera's frames, from its first to its last, that is in the files."""
        keys = self.rows("SELECT o.key FROM segments s JOIN objects o ON o.id = s.object_id")
        recorded = self.rows("SELECT SUM(until - since) FROM (SELECT MIN(started_at) AS since, MAX(ended_at) AS until FROM segments GROUP BY camera) AS each")[0][0]
        bucket = None
        if self.with_bucket:
            import boto3

            bucket = boto3.resource(
                "s3", endpoint_url=self.environment["AWS_ENDPOINT_URL"], region_name=self.environment["AWS_REGION"],
                aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"], aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            ).Bucket(self.environment["GATEHOUSE_S3_BUCKET"])

        def count(row: tuple) -> int:
            path = self.folder / row[0].replace("/", "_")
            try:
                # By a name of its own: the house takes away what is uploaded meanwhile.
                os.link(self.data / "objects" / row[0], path)
            except FileNotFoundError:
                bucket.download_file(row[0], str(path))
            entries = ["-count_packets", "-select_streams", "v", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0"]
            said = subprocess.run(["ffprobe", "-v", "error", *entries, path], check=True, stdout=subprocess.PIPE, text=True).stdout
            path.unlink()
            return int(said.strip().strip(","))

        with ThreadPoolExecutor(2) as pool:
            found = sum(pool.map(count, keys))
        return found / (recorded / 1000 * FPS)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(40)
        if self.with_bucket:
            subprocess.run([GARAGE, "stop", self.folder / "garage"], check=True)


def gatehouse(cameras: Cameras, folder: Path, seconds: int, with_bucket: bool) -> Run:
    house = House(folder, len(cameras.urls), with_bucket)
    try:
        # Its workers and their connections are there.
        time.sleep(SETTLED)
        alone = peak_mb(house.process.pid)
        house.add(cameras)
        end = time.monotonic() + 60
        while house.rows("SELECT COUNT(*) FROM camera_states WHERE state = 'connected'")[0][0] < len(cameras.urls):
            if time.monotonic() > end:
                raise SystemExit(f"not all cameras are recorded; see {folder}/server.log")
            time.sleep(0.5)
        time.sleep(STEADY)
        before = cpu_of(house.process.pid)
        time.sleep(seconds)
        spent = cpu_of(house.process.pid) - before
        memory = peak_mb(house.process.pid) - alone
        # Switched off, every file is ended and kept.
        house.change("UPDATE cameras SET enabled = 0, version = version + 1")
        end = time.monotonic() + 60
        while house.rows("SELECT COUNT(*) FROM camera_leases WHERE holder <> ''")[0][0] and time.monotonic() < end:
            time.sleep(0.5)
        frames = house.frames()
    finally:
        house.stop()
    return Run(spent / (len(cameras.urls) * seconds / 60), memory / len(cameras.urls), frames)


def cameras(report, sizes: list[int], seconds: int) -> None:
    to_a_bucket = subprocess.run([GARAGE, "installed"]).returncode == 0
    for size in sizes:
        served = Cameras(size)
        folder = Path(tempfile.mkdtemp(prefix="gatehouse-bench-cameras-"))
        try:
            theirs = {"ffmpeg": ffmpeg(served, folder, seconds)}
            if shutil.which("motion"):
                theirs["motion"] = motion(served, folder, seconds)
            shutil.rmtree(folder)
            folder.mkdir()
            ours = {"into files": gatehouse(served, folder / "files", seconds, False)}
            if to_a_bucket:
                ours["uploads running"] = gatehouse(served, folder / "bucket", seconds, True)
        finally:
            served.stop()
            shutil.rmtree(folder, ignore_errors=True)
        for how, run in ours.items():
            streams = f"{size} cameras of 1080p at 4 Mb/s, {how}"
            for name, peer in theirs.items():
                report(f"{streams}, CPU a stream-minute", f"{run.cpu:.3f} s", f"{name} {peer.cpu:.3f} s", f"{run.cpu / peer.cpu:.2f}×")
                report(f"{streams}, peak memory a stream", f"{run.memory:.1f} MB", f"{name} {peer.memory:.1f} MB", f"{run.memory / peer.memory:.2f}×")
            report(f"{streams}, frames in the files", f"{100 * run.frames:.2f} %", "of those that were sent", "")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cameras", default="10,60")
    arguments.add_argument("--seconds", type=int, default=60)
    asked = arguments.parse_args()
    cameras(lambda *row: print(" | ".join(row), flush=True), [int(size) for size in asked.cameras.split(",")], asked.seconds)


if __name__ == "__main__":
    main()
