"""Database = bucket = spool: holds what is on record of recordings against the files that are there, once everything has settled.

    from ledger import Bucket, Disk, compare
    print(compare(house.rows, {("local", "yard"): Disk(house.data / "objects"), ("s3", bucket): Bucket(settings)}, [house.data / "spool"]))

Nothing here asks Gatehouse: rows are read from the database, files from where they lie. What is wrong is told all at once, as an AssertionError.
"""

import hashlib
import subprocess
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

DAY, MINUTE = 86_400_000, 60_000
# Two frames may be so far apart, and a file's end from the next one's beginning: milliseconds.
SLACK = 250
PREFIX = "recordings/"


class Disk:
    """A folder of objects on this machine."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)

    def keys(self) -> dict[str, int]:
        files = (path for path in (self.folder / PREFIX).rglob("*") if path.is_file())
        return {str(path.relative_to(self.folder)): path.stat().st_size for path in files}

    def fetch(self, key: str) -> bytes:
        return (self.folder / key).read_bytes()


class Bucket:
    """A bucket, by the settings that Gatehouse has."""

    def __init__(self, settings: dict[str, str]):
        import boto3

        self.name = settings["GATEHOUSE_S3_BUCKET"]
        self.client = boto3.client(
            "s3", endpoint_url=settings["AWS_ENDPOINT_URL"], region_name=settings["AWS_REGION"],
            aws_access_key_id=settings["AWS_ACCESS_KEY_ID"], aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
        )

    def keys(self) -> dict[str, int]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=PREFIX)
        return {found["Key"]: found["Size"] for page in pages for found in page.get("Contents", [])}

    def fetch(self, key: str) -> bytes:
        return self.client.get_object(Bucket=self.name, Key=key)["Body"].read()


def compare(
    rows: Callable[[str], list[tuple]], stores: dict[tuple[str, str], Disk | Bucket], spools: Iterable[Path] = (), *, live: bool = False,
    waiting: bool = False, play: bool = True, lost: Collection[str] = (),
) -> str:
    """Asserts that they are equal, and says what was seen. `live`: cameras are recorded meanwhile, so each may have a file open and its last one on
    the way. `waiting`: film may wait for its upload. `lost`: keys of files that are to have failed. `play`: each file is read by ffprobe, frame by frame."""
    wrong: list[str] = []

    def expect(holds: bool, what: str) -> None:
        if not holds:
            wrong.append(what)

    cameras = dict(rows("SELECT number, slug FROM cameras"))
    segments, seconds = [], 0.0
    copies = defaultdict(list)
    for object_id, backend, bucket, key, state in rows(f"SELECT object_id, backend, bucket, key, state FROM placements WHERE key LIKE '{PREFIX}%'"):
        copies[object_id].append((backend, bucket, key, state))
    fragments = {(camera, at): unpack(bytes(packed)) for camera, at, packed in rows("SELECT camera, started_at, fragments FROM segment_fragments")}
    places = {number: (backend, bucket) for number, backend, bucket in rows("SELECT id, backend, bucket FROM segment_stores")}
    objects = {row[0]: row[1:] for row in rows("SELECT id, key, size, sha256, erased_at FROM objects WHERE class = 'recording'")}
    runs = {row[0]: row[1:] for row in rows("SELECT id, camera, started_at, ended_at FROM runs")}

    for row in rows("SELECT camera, started_at, ended_at, run_id, object_id, nth, size, init_size, state, store_id FROM segments ORDER BY camera, started_at"):
        camera, at, end, run, object_id, nth, size, init_size, state, store = row
        name = key_of(cameras[camera], at, nth)
        segments.append((camera, at, end, size, state, name))
        seconds += (end - at) / 1000
        key, object_size, sha256, erased_at = objects[object_id]
        expect(key == name, f"{name}: its object is {key}")
        expect(erased_at is None, f"{name} is on the timeline and erased")
        expect(object_size == size, f"{name}: {size} bytes, and its object has {object_size}")
        parts = fragments.pop((camera, at), [])
        expect(init_size + sum(length for length, _, _ in parts) == size, f"{name}: its fragments are not its bytes")
        expect(abs(sum(ticks for _, ticks, _ in parts) / 90 - (end - at)) <= SLACK, f"{name}: its fragments are not its time")
        expect(bool(parts) and parts[0][2], f"{name} does not begin with a key frame")
        _, begun, ended = runs[run]
        expect(begun <= at and (ended is None or end <= ended + SLACK), f"{name} lies outside its run")
        sound = [copy[:2] for copy in copies[object_id] if copy[3] == "verified"]
        if state == "completed":
            expect(places.get(store) in sound, f"{name} is completed in {places.get(store)}, and verified in {sound}")
        if name in lost:
            expect(state == "failed" and not copies[object_id], f"{name} went bad and is {state}: {copies[object_id]}")
            continue
        expect(state == "completed" or (waiting and state == "uploading"), f"{name} is {state}: {copies[object_id]}")
    expect(not fragments, f"fragments of no segment: {list(fragments)[:5]}")

    # What is on record is there, and nothing else.
    files = {}
    for place, store in stores.items():
        there = store.keys()
        known = {key: object_id for object_id, found in copies.items() for *at, key, state in found if tuple(at) == place and state == "verified"}
        expect(not (lost := known.keys() - there.keys()), f"{place}: on record and not there: {sorted(lost)[:10]}")
        strange = there.keys() - known.keys()
        expect(live and len(strange) <= len(cameras) or not strange, f"{place}: there and not on record: {sorted(strange)[:10]}")
        files |= {(place, key): known[key] for key in known.keys() & there.keys()}

    def look(found: tuple[tuple[tuple[str, str], str], str]) -> str | None:
        (place, key), object_id = found
        try:
            data = stores[place].fetch(key)
        except Exception as error:  # noqa: BLE001  whatever it is, the file cannot be read
            return None if live else f"{place} {key} cannot be read: {error}"
        if hashlib.sha256(data).hexdigest() != objects[object_id][2]:
            return f"{place} {key}: other bytes than on record"
        return does_not_play(data, key) if play else None

    with ThreadPoolExecutor(4) as pool:
        wrong += filter(None, pool.map(look, files.items()))

    wrong += wrong_times(rows, segments, live)
    for spool in spools:
        left = [path for path in Path(spool).glob("*/*.mp4*") if path.parent.name not in ("aside", "pictures")]
        expect(live and len(left) <= 2 * len(cameras) or not left, f"left in the spool: {sorted(map(str, left))[:10]}")
    assert not wrong, "\n  ".join([f"{len(wrong)} things are wrong:", *wrong[:40]])
    return f"{len(segments)} segments of {len(cameras)} cameras, {seconds / 60:.1f} minutes, {len(files)} files equal by SHA-256{' and played' if play else ''}"


def wrong_times(rows: Callable[[str], list[tuple]], segments: list[tuple], live: bool) -> list[str]:
    """Every instant of a camera is film or a gap, and never both; each day's minutes are those of its segments."""
    wrong: list[str] = []
    lines = defaultdict(list)
    for camera, at, end, _, state, name in segments:
        # What is lost is a gap.
        if state != "failed":
            lines[camera].append((at, end, name))
    open_runs = {camera for (camera,) in rows("SELECT camera FROM runs WHERE ended_at IS NULL")}
    for camera, at, end, reason in rows("SELECT camera, started_at, ended_at, reason FROM gaps"):
        lines[camera].append((at, end, f"gap of camera {camera} ({reason})"))
    for camera, line in lines.items():
        line.sort(key=lambda part: (part[0], part[1] or 1 << 62))
        for (_, end, one), (at, _, other) in zip(line, line[1:]):
            if end is None:
                wrong.append(f"{one} goes on, and {other} comes after it")
            elif at - end > SLACK:
                wrong.append(f"nobody knows what was between {one} and {other}: {(at - end) / 1000:.2f} s")
            elif end - at > SLACK:
                wrong.append(f"{one} reaches {(end - at) / 1000:.2f} s into {other}")
        if not live and line[-1][1] is not None and camera not in open_runs:
            wrong.append(f"nothing is recorded of camera {camera}, and no gap says so")
    days: dict[tuple[int, int], list] = {}
    for camera, at, end, size, state, _ in segments:
        if state == "failed":
            continue
        for day in range(at // DAY, (end - 1) // DAY + 1):
            known = days.setdefault((camera, day), [bytearray(180), 0, 0, 0])
            first, last = max(at, day * DAY), min(end, (day + 1) * DAY)
            for minute in range((first - day * DAY) // MINUTE, -((day * DAY - last) // MINUTE)):
                known[0][minute // 8] |= 1 << minute % 8
            known[3] += last - first
            if at >= day * DAY:
                known[1], known[2] = known[1] + 1, known[2] + size
    for camera, day, minutes, count, size, covered in rows("SELECT camera, day, minutes, segments, bytes, covered_ms FROM coverage"):
        if days.pop((camera, day), [bytearray(180), 0, 0, 0]) != [bytearray(minutes), count, size, covered]:
            wrong.append(f"the day {day} of camera {camera} is not what its segments are")
    return wrong + [f"no day {day} of camera {camera}" for camera, day in days]


def key_of(slug: str, at: int, nth: int) -> str:
    when = datetime.fromtimestamp(at // 1000, UTC)
    return f"{PREFIX}{slug}/{when:%Y-%m-%d/recording_%H_%M_%S}{f'_{nth}' if nth > 1 else ''}.mp4"


def unpack(packed: bytes) -> list[tuple[int, int, bool]]:
    """Bytes, ticks and whether it begins with a key, of each fragment."""
    numbers, number, shift = [], 0, 0
    for byte in packed:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(number)
            number, shift = 0, 0
    return [(first >> 1, ticks, first & 1 == 1) for first, ticks in zip(numbers[::2], numbers[1::2])]


def does_not_play(data: bytes, name: str) -> str | None:
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", "-"]
    probe = subprocess.run(command, input=data, capture_output=True, check=False)
    frames = probe.stdout.decode().strip().rstrip(",")
    if probe.returncode or probe.stderr.strip() or not frames.isdigit() or not int(frames):
        return f"{name} does not play: {probe.stderr.decode(errors='replace')[:300]} {frames}"
    return None
