#!/usr/bin/env python3
"""Film for stories: made by ffmpeg, cut into files as capture cuts it, and put on record in a yard that runs.

    film.py DATA NODE < SPEC

SPEC is JSON: {"slug", "colour", "codec", "size", "bitrate", "runs": [{"from": Unix milliseconds, "seconds": n}], "gaps": [{"from", "until", "reason"}],
"stores": [[backend, bucket, region]…]}. Files are of ten seconds, fragments of one; times run on through a run. Each file is in DATA/objects and
its rows say so; further copies that are wanted are on record and wait, as they do for a file that was just recorded.
"""

import hashlib
import json
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import datetime, timezone
from pathlib import Path

FILE = 10
RATE = 25


def film(seconds: int, colour: str, codec: str, size: str, bitrate: str | None) -> bytes:
    """One fragmented MP4: a picture that never stands still, a key frame and a fragment each second."""
    coder = ["-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", f"keyint={RATE}:min-keyint={RATE}:log-level=none"]
    if codec == "h264":
        coder = ["-c:v", "libx264", "-g", str(RATE), "-keyint_min", str(RATE), "-sc_threshold", "0", "-bf", "2"]
    source = f"testsrc2=size={size}:rate={RATE}:duration={seconds},drawbox=x=0:y=0:w=iw:h=40:color={colour}:t=fill"
    if bitrate:
        coder += ["-b:v", bitrate, "-maxrate", bitrate, "-bufsize", bitrate]
    with tempfile.NamedTemporaryFile(suffix=".mp4") as made:
        subprocess.run(
            ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source, *coder, "-preset", "ultrafast", "-pix_fmt", "yuv420p",
             "-use_editlist", "0", "-movflags", "+empty_moov+default_base_moof+frag_keyframe+skip_trailer", made.name],
            check=True,
        )
        return Path(made.name).read_bytes()


def cut(whole: bytes) -> tuple[bytes, list[bytes]]:
    """Its head, and its fragments."""
    at, head, fragments = 0, b"", []
    while at < len(whole):
        size, kind = struct.unpack(">I4s", whole[at:at + 8])
        if kind in (b"ftyp", b"moov"):
            head += whole[at:at + size]
        elif kind == b"moof":
            fragments.append(whole[at:at + size])
        elif kind == b"mdat":
            fragments[-1] += whole[at:at + size]
        at += size
    return head, fragments


def packed(fragments: list[bytes]) -> bytes:
    """As `segment_fragments` has them: bytes and key, then ticks."""
    def number(n: int) -> bytes:
        out = b""
        while n >= 0x80:
            out += bytes([n & 0x7F | 0x80])
            n >>= 7
        return out + bytes([n])
    return b"".join(number(len(one) << 1 | 1) + number(90_000) for one in fragments)


class Yard:
    def __init__(self, data: Path, node: str) -> None:
        self.data, self.node = data, node
        self.db = sqlite3.connect(data / "gatehouse.db", timeout=30)
        self.now = int(time.time() * 1000)

    def insert(self, table: str, **row: object) -> None:
        names = ", ".join(row)
        self.db.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))

    def store(self, backend: str, bucket: str) -> int:
        self.db.execute("INSERT OR IGNORE INTO segment_stores (id, backend, bucket) SELECT COALESCE(MAX(id), 0) + 1, ?, ? FROM segment_stores", (backend, bucket))
        return self.db.execute("SELECT id FROM segment_stores WHERE backend = ? AND bucket = ?", (backend, bucket)).fetchone()[0]

    def cover(self, camera: int, began: int, ended: int, size: int) -> None:
        day = began // 86_400_000
        known = self.db.execute("SELECT minutes FROM coverage WHERE camera = ? AND day = ?", (camera, day)).fetchone()
        minutes = bytearray(known[0] if known else bytes(180))
        for minute in range(began // 60_000 % 1440, min((ended - 1 - day * 86_400_000) // 60_000, 1439) + 1):
            minutes[minute // 8] |= 1 << minute % 8
        self.insert("coverage", camera=camera, day=day, minutes=bytes(minutes), segments=1, bytes=size, covered_ms=ended - began, gone=0, gone_bytes=0)

    def keep(self, camera: int, slug: str, run: str, began: int, head: bytes, fragments: list[bytes], stores: list[list[str]]) -> None:
        file, ended = head + b"".join(fragments), began + len(fragments) * 1000
        key = datetime.fromtimestamp(began / 1000, timezone.utc).strftime(f"recordings/{slug}/%Y-%m-%d/recording_%H_%M_%S.mp4")
        path = self.data / "objects" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file)
        sha256, ident = hashlib.sha256(file).hexdigest(), str(uuid.uuid4())
        self.insert("objects", id=ident, key=key, **{"class": "recording"}, content_type="video/mp4", size=len(file), sha256=sha256,
                    created_at=self.now, retain_until=self.now + 86_400_000 * 30)
        for backend, bucket, region in [["local", self.node, ""], *stores]:
            here = backend == "local"
            self.insert("placements", id=str(uuid.uuid4()), object_id=ident, backend=backend, bucket=bucket, key=key, region=region, size=len(file),
                        sha256=sha256, state="verified" if here else "waiting", node="" if here else self.node, generation=1, attempts=0,
                        since=self.now, verified_at=self.now if here else None)
        self.insert("segments", camera=camera, started_at=began, ended_at=ended, run_id=run, object_id=ident, nth=1, size=len(file),
                    init_size=len(head), state="uploading" if stores else "completed", store_id=self.store("local", self.node))
        self.insert("segment_fragments", camera=camera, started_at=began, fragments=packed(fragments))
        self.cover(camera, began, ended, len(file))


def main() -> None:
    yard, spec = Yard(Path(sys.argv[1]), sys.argv[2]), json.load(sys.stdin)
    slug, codec, size = spec["slug"], spec.get("codec", "h264"), spec.get("size", "640x360")
    width, height = map(int, size.split("x"))
    camera = yard.db.execute("SELECT number FROM cameras WHERE slug = ?", (slug,)).fetchone()[0]
    head, fragments = cut(film(max(run["seconds"] for run in spec["runs"]), spec.get("colour", "teal"), codec, size, spec.get("bitrate")))
    video = "avc1.64001e" if codec == "h264" else "hvc1.1.6.L63.90"
    for run in spec["runs"]:
        ident, began, seconds = str(uuid.uuid4()), run["from"], run["seconds"]
        yard.insert("runs", id=ident, camera=camera, recorder_name=yard.node, epoch=1, started_at=began, ended_at=began + seconds * 1000,
                    end_reason="closed", end_detail="", video=video, audio="", width=width, height=height, clock="camera")
        for at in range(0, seconds, FILE):
            part = fragments[at:min(at + FILE, seconds)]
            yard.keep(camera, slug, ident, began + at * 1000, head, part, spec.get("stores", []))
    for gap in spec.get("gaps", []):
        yard.insert("gaps", camera=camera, started_at=gap["from"], ended_at=gap["until"], reason=gap["reason"], detail="")
    yard.db.commit()


main()
