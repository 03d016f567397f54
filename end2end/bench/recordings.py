"""The recording browser over ten million segments against ten thousand: what a person waits for, from the press to the last byte, with one client.

Both yards stand and take turns, so that what the machine does beside falls on both. Each question is about another camera and another time, so that
nothing is answered from what was asked before. URLs are presigned. A playlist asks the bucket whether its first file lies in an archive: a stand-in
says of each that it is there, as soon as a bucket of the same building would."""

import http.client
import http.server
import os
import random
import statistics
import threading
import time
from collections.abc import Callable

from recorded import BUCKET, DAY, MINUTE, SIZE, begin, camera_id, fill
from yard import Yard

FEW = 10_000
MANY = int(os.environ.get("BENCH_SEGMENTS", "10000000"))
# Of few there is a day and a bit of each camera; of many, four months.
CAMERAS = {FEW: 6, MANY: 60}
TURNS, QUESTIONS = 4, 150
HOUR = 60 * MINUTE


class Bucket(http.server.BaseHTTPRequestHandler):
    """Has whatever is asked for."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.send_response(200)
        for name, value in {"Content-Length": SIZE, "ETag": '"bench"', "Last-Modified": "Fri, 02 Jan 2026 10:00:00 GMT"}.items():
            self.send_header(name, str(value))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def bucket_settings(port: int) -> Callable[[Yard], None]:
    return lambda yard: yard.settings.update({
        "GATEHOUSE_STORAGE": "s3", "GATEHOUSE_S3_BUCKET": BUCKET, "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "placeholder", "AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
    })


class Asker:
    """One person with one connection."""

    def __init__(self, yard: Yard, count: int, now: int):
        self.count, self.first, self.chance = count, begin(count, CAMERAS[count], now), random.Random(count)
        # The newest hour waits for its upload.
        self.last = now - 2 * HOUR
        self.cookie = yard.cookie()
        self.connection = http.client.HTTPConnection("127.0.0.1", yard.port, timeout=60)

    def window(self, long: int) -> tuple[int, int, int]:
        """A camera, and a stretch of time that is recorded."""
        start = self.first + self.chance.randrange(max(self.last - self.first - long, 1))
        return self.chance.randint(1, CAMERAS[self.count]), start, start + long

    def ask(self, path: str) -> tuple[float, bytes]:
        """Milliseconds until the last byte, and the bytes."""
        began = time.perf_counter()
        self.connection.request("GET", path, headers={"Cookie": self.cookie, "Accept-Encoding": "identity"})
        answer = self.connection.getresponse()
        body = answer.read()
        took = 1000 * (time.perf_counter() - began)
        assert answer.status == 200, f"{path}: {answer.status} {body[:300]}"
        return took, body

    def playlist(self, long: int) -> float:
        camera, start, end = self.window(long)
        took, body = self.ask(f"/recordings/{camera_id(camera)}/playlist.m3u8?from={start}&until={end}")
        assert body.count(b"#EXT-X-BYTERANGE") >= long // MINUTE * 0.99, f"{body.count(b'#EXT-X-BYTERANGE')} of {long // MINUTE} minutes"
        assert b"X-Amz-Signature=" in body
        return took

    def timeline(self, span: str, long: int, cameras: int) -> float:
        _, start, end = self.window(long)
        chosen = ",".join(f"cam_{n}" for n in self.chance.sample(range(1, CAMERAS[self.count] + 1), cameras))
        return self.ask(f"/recordings/tracks?cameras={chosen}&at={(start + end) // 2}&span={span}")[0]


ASKED: dict[str, Callable[[Asker], float]] = {
    "Timeline of 24 hours": lambda asker: asker.timeline("24h", DAY, 1),
    "Timeline of 24 hours, four cameras": lambda asker: asker.timeline("24h", DAY, 4),
    "Playlist of 24 hours": lambda asker: asker.playlist(DAY),
    "Playlist of 2 hours, by fragments": lambda asker: asker.playlist(2 * HOUR),
}
# Of few there is no month to compare with.
ALONE = {"Timeline of a month, nine cameras": lambda asker: asker.timeline("31d", 31 * DAY, 9)}


def p(took: list[float], percent: float) -> float:
    return sorted(took)[min(int(len(took) * percent / 100), len(took) - 1)]


def recordings(report: Callable[[str, str, str, str], None]) -> None:
    now = int(time.time() * 1000)
    bucket = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    threading.Thread(target=bucket.serve_forever, daemon=True).start()
    for kind in os.environ.get("BENCH_DATABASES", "sqlite,postgres").split(","):
        yards: dict[int, Yard] = {}
        try:
            for count in (FEW, MANY):
                yards[count] = Yard(kind, settings=bucket_settings(bucket.server_port))
                began = time.monotonic()
                fill(yards[count], count, CAMERAS[count], now)
                print(f"  {count:,} segments on {kind} filled in within {time.monotonic() - began:.0f} s", flush=True)
            # What was filled in is written out before, not while, it is read.
            os.sync()
            measured = measure({count: Asker(yard, count, now) for count, yard in yards.items()})
        finally:
            for yard in yards.values():
                yard.stop(keep=False)
        tell("SQLite" if kind == "sqlite" else "PostgreSQL", measured, report)


def measure(askers: dict[int, Asker]) -> dict[tuple[str, int], list[float]]:
    measured: dict[tuple[str, int], list[float]] = {}
    for turn in range(TURNS + 1):
        for count, asker in askers.items():
            for name, question in (ASKED | (ALONE if count == MANY else {})).items():
                # The server ends what is idle; the next question begins anew.
                asker.connection.close()
                took = [question(asker) for _ in range(QUESTIONS if turn else 20)]
                # The first turn warms up.
                measured.setdefault((name, count), []).extend(took if turn else [])
    return measured


def tell(database: str, measured: dict[tuple[str, int], list[float]], report: Callable[[str, str, str, str], None]) -> None:
    for name in ASKED:
        few, many = measured[name, FEW], measured[name, MANY]
        report(
            f"{name} on {database}, p99 with {MANY:,} segments", f"{p(many, 99):.1f} ms (p50 {statistics.median(many):.1f})",
            f"with {FEW:,} {p(few, 99):.1f} ms (p50 {statistics.median(few):.1f})", f"{p(many, 99) / p(few, 99):.2f}×",
        )
    for name in ALONE:
        took = measured[name, MANY]
        report(f"{name} on {database}, p99 with {MANY:,} segments", f"{p(took, 99):.1f} ms (p50 {statistics.median(took):.1f})", "–", "–")
