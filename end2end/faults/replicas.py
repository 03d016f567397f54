"""Kills the workers that fill a mirror (own disk and bucket) with SIGKILL at random points, time after time, then lets one finish and asserts
that every object has the right bytes in both places, that nothing is in the bucket that is not on record and nothing on record that is not in
the bucket, that no upload is left unfinished, and that resumed uploads sent at most one part per worker again.

    replicas.py [--seed N] [--rounds N]
"""

import hashlib
import random
import subprocess
import time

from uploads import MB, Yard, compare, resumed, run, write_files

# A worker is killed so many seconds after its first copy, at the latest.
WINDOW = 0.8
# Without a copy for so long, what is left belongs to workers that were killed: more is imported.
IDLE = 2.0
# Objects that a process has on their way: four by their own jobs, four by a catch-up.
OBJECTS = 8
# A worker that was killed is missed for fifteen seconds; then others have its jobs.
PATIENCE = 300


def waiting(yard: Yard) -> int:
    return yard.rows("SELECT COUNT(*) FROM placements WHERE state <> 'verified'")[0][0]


def keep_more(yard: Yard, chance: random.Random, day: int) -> None:
    """What is imported to the disk waits for its copy in the bucket."""
    write_files(yard.files, chance, day, small=50, large=1, most=12 * MB)
    done = yard.begin("migrate-objects", "--from", str(yard.files), "--to", "local")
    out, error = done.communicate(timeout=600)
    assert done.returncode == 0, f"the import ended with {done.returncode}: {out} {error}"


def work(yard: Yard) -> subprocess.Popen:
    return yard.begin("work", "--queues", "replicate,catch_up")


def copied(yard: Yard) -> int:
    return yard.rows("SELECT COUNT(*) FROM placements WHERE backend = 's3' AND state = 'verified'")[0][0]


def storm(yard: Yard, chance: random.Random, rounds: int) -> int:
    """Every kill falls while copies are being made. Returns how many there were by then."""
    day = 0
    keep_more(yard, chance, day)
    for kills in range(1, rounds + 1):
        before, worker, patience = copied(yard), work(yard), time.monotonic() + IDLE
        while copied(yard) == before:
            assert worker.poll() is None, f"a worker ended by itself: {worker.communicate()}"
            if time.monotonic() > patience:
                day += 1
                keep_more(yard, chance, day)
                patience = time.monotonic() + 5 * IDLE
            time.sleep(0.02)
        time.sleep(chance.uniform(0, WINDOW))
        worker.kill()
        worker.communicate()
        if kills % 20 == 0:
            print(f"  {kills} kills, {copied(yard)} copies are there and {waiting(yard)} wait", flush=True)
    return copied(yard)


def finish(yard: Yard) -> None:
    worker, end = work(yard), time.monotonic() + PATIENCE
    while (left := waiting(yard)) and time.monotonic() < end:
        assert worker.poll() is None, f"the last worker ended by itself: {worker.communicate()}"
        time.sleep(0.5)
    worker.terminate()
    worker.communicate(timeout=60)
    assert not left, f"{left} copies still wait after {PATIENCE} s"


def check_disk(yard: Yard) -> None:
    kept = yard.folder / "data" / "objects"
    wrong = []
    for path in yard.files.rglob("*.bin"):
        copy = kept / path.relative_to(yard.files)
        if not copy.is_file() or hashlib.sha256(copy.read_bytes()).digest() != hashlib.sha256(path.read_bytes()).digest():
            wrong.append(str(copy))
    assert not wrong, f"{len(wrong)} files on the disk are not what they were: {wrong[:10]}"


def replicas(yard: Yard, chance: random.Random, rounds: int) -> None:
    there = storm(yard, chance, rounds)
    finish(yard)
    check_disk(yard)
    print(f"  held: {compare(yard)}; the same on the disk", flush=True)
    print(f"  {rounds} kills, {there} copies made between them, {resumed(yard, rounds, OBJECTS)}", flush=True)


if __name__ == "__main__":
    run("replicas", 10, replicas, GATEHOUSE_STORAGE="local+s3")
