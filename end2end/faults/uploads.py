"""Kills a move of files to a bucket with SIGKILL at random points, time after time, then asserts that every object has the right bytes,
that nothing is in the bucket that is not on record and nothing on record that is not in the bucket, that no upload is left unfinished,
and that a resumed upload sent at most one part per worker again.

    uploads.py [--seed N] [--rounds N]
"""

import argparse
import asyncio
import hashlib
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
SERVERS = HERE.parent / "servers"
BINARY = os.environ.get("GATEHOUSE_BINARY", str(HERE.parent.parent / "target/debug/gatehouse"))
MB = 1024 * 1024
# Objects at a time, and parts of each of them: the settings below.
OBJECTS, PARTS = 2, 3
# A move is killed so many seconds after it began, at the latest.
WINDOW = 2.5
PART = re.compile(rb"PUT /\S+?\?partNumber=(\d+)&uploadId=([^ &]+) HTTP/1\.1\r\n")


class Proxy:
    """A proxy that counts which parts are begun how often, and otherwise passes bytes on."""

    def __init__(self, target: int):
        self.target, self.parts, self.port = target, Counter(), 0
        ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self.serve(ready)), daemon=True).start()
        ready.wait(10)

    async def serve(self, ready: threading.Event) -> None:
        server = await asyncio.start_server(self.pass_on, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await server.serve_forever()

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_connection("127.0.0.1", self.target)

        async def pump(source, sink, watch: bool) -> None:
            tail = b""
            try:
                while data := await source.read(65536):
                    if watch:
                        text = tail + data
                        for found in PART.finditer(text):
                            self.parts[found.groups()] += 1
                        # A line that is cut in two is seen with what follows it; one that was seen is not seen again.
                        end = max((found.end() for found in PART.finditer(text)), default=0)
                        tail = text[max(end, len(text) - 600):]
                    sink.write(data)
                    await sink.drain()
            except (ConnectionError, OSError):
                pass
            finally:
                sink.close()

        await asyncio.gather(pump(reader, ours, True), pump(theirs, writer, False))


def write_files(root: Path, chance: random.Random, round_: int, small: int = 150, large: int = 3, most: int = 40 * MB) -> None:
    """A day's worth: many small ones, some that go in parts, an empty one."""
    sizes = [chance.randint(1, 200_000) for _ in range(small)]
    sizes += [chance.randint(6 * MB, most) for _ in range(large)] + [0, 6 * MB, 10 * MB]
    for number, size in enumerate(sizes):
        kind = "recordings/dock" if size >= 6 * MB else "events/gate"
        path = root / kind / f"day{round_:04}" / f"{number:04}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(chance.randbytes(size))


class Yard:
    """A bucket behind the proxy, a folder of files, and an empty house; `settings` besides."""

    def __init__(self, **settings: str):
        self.folder = Path(tempfile.mkdtemp(prefix="gatehouse-faults-uploads-"))
        self.files = self.folder / "old"
        printed = subprocess.run([SERVERS / "garage.sh", "start", self.folder / "garage"], check=True, stdout=subprocess.PIPE, text=True)
        self.settings = dict(line.split("=", 1) for line in printed.stdout.split())
        self.endpoint = self.settings["AWS_ENDPOINT_URL"]
        self.proxy = Proxy(int(self.endpoint.rsplit(":", 1)[1]))
        kept = {k: v for k, v in os.environ.items() if not re.match(r"GATEHOUSE_|AWS_|DATABASE_URL$", k)}
        self.environment = {
            **kept, **self.settings,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.proxy.port}",
            "GATEHOUSE_DATA": str(self.folder / "data"),
            "GATEHOUSE_UPLOAD_THRESHOLD_MB": "6",
            "GATEHOUSE_UPLOAD_PART_MB": "5",
            "GATEHOUSE_UPLOAD_PARALLEL": str(PARTS),
            "RUST_LOG": "warn",
            **settings,
        }

    def begin(self, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen([BINARY, *arguments], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def start(self) -> subprocess.Popen:
        return self.begin("migrate-objects", "--from", str(self.files), "--to", "s3", "--parallel", str(OBJECTS))

    def rows(self, query: str) -> list[tuple]:
        path = next(path for path in (self.folder / "data").glob("*") if path.suffix in (".db", ".sqlite", ".sqlite3"))
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return database.execute(query).fetchall()
        finally:
            database.close()

    def bucket(self):
        import boto3

        return boto3.client(
            "s3", endpoint_url=self.endpoint, region_name=self.settings["AWS_REGION"],
            aws_access_key_id=self.settings["AWS_ACCESS_KEY_ID"], aws_secret_access_key=self.settings["AWS_SECRET_ACCESS_KEY"],
        )

    def stop(self, keep: bool) -> None:
        subprocess.run([SERVERS / "garage.sh", "stop", self.folder / "garage"], check=True)
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def storm(yard: Yard, chance: random.Random, rounds: int) -> None:
    kills, day = 0, 0
    write_files(yard.files, chance, day)
    while kills < rounds:
        move = yard.start()
        try:
            move.wait(chance.uniform(0.02, WINDOW))
        except subprocess.TimeoutExpired:
            move.kill()
            move.wait()
            kills += 1
            if kills % 20 == 0:
                print(f"  {kills} kills, {len(list(yard.files.rglob('*.bin')))} files", flush=True)
            continue
        assert move.returncode == 0, f"a move ended with {move.returncode}: {move.stdout.read()} {move.stderr.read()}"
        # All there: more to do for the next.
        day += 1
        write_files(yard.files, chance, day)


def check(yard: Yard) -> str:
    move = yard.start()
    out, error = move.communicate(timeout=600)
    assert move.returncode == 0, f"the last move ended with {move.returncode}: {out} {error}"
    return compare(yard)


def compare(yard: Yard) -> str:
    """Every file's bytes in the bucket and on record, and nothing else; says so, or what is wrong."""
    bucket, wrong = yard.bucket(), []
    keys = {str(path.relative_to(yard.files)): path for path in yard.files.rglob("*.bin")}
    listed = {
        item["Key"] for page in bucket.get_paginator("list_objects_v2").paginate(Bucket="gatehouse") for item in page.get("Contents", [])
    }
    wrong += [f"{key} is missing in the bucket" for key in keys.keys() - listed]
    wrong += [f"{key} is in the bucket and nobody's" for key in listed - keys.keys()]
    unfinished = bucket.list_multipart_uploads(Bucket="gatehouse").get("Uploads", [])
    wrong += [f"the upload of {one['Key']} is unfinished" for one in unfinished]
    wrong += [f"{key} is on record as being uploaded" for (key,) in yard.rows("SELECT key FROM uploads")]
    placed = yard.rows(
        "SELECT p.key, p.sha256, o.sha256, p.state FROM objects o LEFT JOIN placements p ON p.object_id = o.id WHERE p.backend = 's3'"
    )
    wrong += [f"{key} is on record {times} times" for key, times in Counter(row[0] for row in placed).items() if times != 1]
    recorded = {key: (copy, whole, state) for key, copy, whole, state in placed}
    for key in sorted(keys.keys() & listed):
        sha256 = hashlib.sha256(keys[key].read_bytes()).hexdigest()
        stored = hashlib.sha256(bucket.get_object(Bucket="gatehouse", Key=key)["Body"].read()).hexdigest()
        if not sha256 == stored or recorded.get(key) != (sha256, sha256, "verified"):
            wrong.append(f"{key}: {sha256} was to be stored, {stored} is, and {recorded.get(key)} is on record")
    assert not wrong, "\n  ".join([f"{len(wrong)} things are wrong:", *wrong[:40]])
    return f"{len(keys)} objects in the bucket, each with its own SHA-256 and one verified copy on record; nothing else, and no upload unfinished"


def run(name: str, rounds: int, story, **settings: str) -> None:
    """Reads the arguments and plays `story(yard, chance, rounds)`. The folder of one that fails is kept."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    arguments.add_argument("--rounds", type=int, default=rounds)
    options = arguments.parse_args()
    print(f"faults of {name}, seed {options.seed}", flush=True)
    yard, held, began = Yard(**settings), False, time.monotonic()
    try:
        story(yard, random.Random(options.seed), options.rounds)
        print(f"  in {time.monotonic() - began:.0f} s", flush=True)
        held = True
    except AssertionError as error:
        sys.exit(f"  FAILED with seed {options.seed}: {error}\n  kept: {yard.folder}")
    finally:
        yard.stop(keep=not held)


def resumed(yard: Yard, kills: int, objects: int) -> str:
    """How many parts were sent again: at most one per worker and kill, or that is wrong."""
    again, most = sum(times - 1 for times in yard.proxy.parts.values()), kills * objects * PARTS
    assert again <= most, f"{again} parts were sent again over {kills} kills; one a worker would be {most}"
    return f"{sum(yard.proxy.parts.values())} parts begun, {again} of them again (one a worker would be {most})"


def moves(yard: Yard, chance: random.Random, rounds: int) -> None:
    storm(yard, chance, rounds)
    print(f"  held: {check(yard)}", flush=True)
    print(f"  {rounds} kills, {resumed(yard, rounds, OBJECTS)}", flush=True)


if __name__ == "__main__":
    run("uploads", 20, moves)
