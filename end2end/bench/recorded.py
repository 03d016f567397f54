"""Fills a yard with recordings by SQL, as many segments as asked: what the timeline and playlists read, as capture leaves it after months.

A file a minute, each of two-second fragments, all of them in the bucket; every 500th minute of a camera is a gap. Objects and their placements are
left out: nothing here asks for them but for the first file of a playlist, and they would be most of the bytes."""

import sqlite3

MINUTE, DAY = 60_000, 86_400_000
GAP = 500
SIZE, INIT = 15_000_000, 1100
FIRST = "01900000-0000-7000-8000-"
SITE = f"{FIRST}000000000001"
BUCKET = "gatehouse"


def camera_id(number: int) -> str:
    return f"{FIRST}c{number:011x}"


def varint(number: int) -> bytes:
    out = b""
    while number >= 0x80:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def fragments() -> bytes:
    """Thirty of two seconds, each with a key frame first."""
    each = (SIZE - INIT) // 30
    sizes = [each] * 29 + [SIZE - INIT - 29 * each]
    return b"".join(varint(size << 1 | 1) + varint(180_000) for size in sizes)


def begin(segments: int, cameras: int, now: int) -> int:
    """When the first file began: they end an hour ago."""
    return (now - 60 * MINUTE - segments // cameras * MINUTE) // MINUTE * MINUTE


def statements(segments: int, cameras: int, now: int, postgres: bool) -> list[str]:
    first, minutes = begin(segments, cameras, now), segments // cameras
    hexed = "lpad(to_hex({}), 12, '0')" if postgres else "printf('%012x', {})"
    series = (
        "SELECT n FROM generate_series(0::bigint, {last}) AS numbers(n)" if postgres
        else "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {last}) SELECT n FROM numbers"
    )
    packed, full = fragments().hex(), "ff" * 180
    blob = (lambda text: f"'\\x{text}'::bytea") if postgres else (lambda text: f"x'{text}'")
    run = f"'{FIRST}' || {hexed.format('n % ' + str(cameras) + ' + 1')}"
    at = f"{first} + (n / {cameras}) * {MINUTE} + (n % {cameras}) * 997"
    film = f"SELECT n FROM ({series.format(last=segments - 1)}) AS film WHERE (n / {cameras}) % {GAP} <> {GAP - 1}"
    lost = f"SELECT n FROM ({series.format(last=segments - 1)}) AS film WHERE (n / {cameras}) % {GAP} = {GAP - 1}"
    late = f"n >= {segments - cameras * 10}"
    false, true = ("FALSE", "TRUE") if postgres else ("0", "1")
    rows = [
        f"INSERT INTO segment_stores (id, backend, bucket) VALUES (1, 's3', '{BUCKET}')",
        "INSERT INTO cameras (id, number, slug, name, name_key, site_id, host, port, sealed, transport, audio, enabled, schedule, open_to_all, onvif, version, "
        "created_at, updated_at) VALUES " + ", ".join(
            f"('{camera_id(n)}', {n}, 'cam_{n}', 'Camera {n}', 'camera {n}', '{SITE}', '192.168.1.{n}', 554, '', 'tcp', {false}, {false}, '', {true}, '', 1, {first}, {first})"
            for n in range(1, cameras + 1)
        ),
        "INSERT INTO runs (id, camera, recorder_name, epoch, started_at, end_detail, video, audio, width, height, clock) VALUES " + ", ".join(
            f"('{FIRST}{n:012x}', {n}, 'yard', 1, {first}, '', 'avc1.640028', '', 1920, 1080, 'camera')" for n in range(1, cameras + 1)
        ),
        "INSERT INTO segments (camera, started_at, ended_at, run_id, object_id, nth, size, init_size, state, store_id) "
        f"SELECT n % {cameras} + 1, {at}, {at} + {MINUTE}, {run}, '{FIRST}' || {hexed.format('n')}, 1, {SIZE}, {INIT}, "
        f"CASE WHEN {late} THEN 'uploading' ELSE 'completed' END, CASE WHEN {late} THEN NULL ELSE 1 END FROM ({film}) AS rows",
        f"INSERT INTO segment_fragments (camera, started_at, fragments) SELECT n % {cameras} + 1, {at}, {blob(packed)} FROM ({film}) AS rows",
        f"INSERT INTO gaps (camera, started_at, ended_at, reason, detail) SELECT n % {cameras} + 1, {at}, {at} + {MINUTE}, 'stalled', '' FROM ({lost}) AS rows",
        "INSERT INTO coverage (camera, day, minutes, segments, bytes, covered_ms, gone, gone_bytes) "
        f"SELECT n % {cameras} + 1, {first // DAY} + n / {cameras}, {blob(full)}, 1437, {1437 * SIZE}, {1437 * MINUTE}, 0, 0 "
        f"FROM ({series.format(last=(minutes // 1440 + 1) * cameras - 1)}) AS rows",
    ]
    return rows


def fill(yard, segments: int, cameras: int, now: int) -> None:
    """Objects are not there, so what refers to them is not looked at meanwhile."""
    rows = statements(segments, cameras, now, yard.split)
    if not yard.split:
        database = sqlite3.connect(yard.database(), timeout=60)
        database.executescript("PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF;")
        with database:
            for statement in rows:
                database.execute(statement)
        database.execute("ANALYZE")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        return
    import psycopg

    with psycopg.connect(yard.settings["DATABASE_URL"], autocommit=True) as database:
        database.execute("SET session_replication_role = replica")
        for statement in rows:
            database.execute(statement)
        database.execute("VACUUM ANALYZE")
