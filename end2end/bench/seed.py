"""Fills a yard with issued bills by SQL, as many as asked: what the list page reads, in the shape that issuing them writes."""

import json
import sqlite3
import uuid

DAY = 86_400_000
NAMES = ["Calumet", "Lakeshore", "Prairie", "Burnham", "Hegewisch", "Wolf Lake", "Indiana Harbor", "Whiting", "Miller", "Tolleston"]


def uuid7(at: int, n: int) -> str:
    return str(uuid.UUID(int=(at << 80) | (7 << 76) | ((n & 0xFFF) << 64) | (2 << 62) | (n & 0x3FFF_FFFF_FFFF_FFFF)))


def rows(count: int, user: str, now: int, template: dict):
    """(bol, revision, terms) of each bill, oldest first, a minute apart."""
    for n in range(1, count + 1):
        at = now - (count - n) * 60_000 - DAY
        bol, revision = uuid7(at, n), uuid7(at, n + (1 << 40))
        number, customer, carrier = f"OLD-2025-{n:07}", f"{NAMES[n % 10]} Metals {n % 997}", f"{NAMES[(n // 7) % 10]} Haulage"
        content = template if n % 50 == 0 else {}
        yield (
            (bol, "issued", number, revision, customer, carrier, 41_120_000, "lb", user, at, at, at, at),
            (revision, bol, 1, json.dumps(content), 1, at, "Bench", at, user, "ready", 1, f"{n:032x}"),
            [(term, at, bol) for term in sorted({number.lower(), *customer.lower().split(), *carrier.lower().split(), f"cbh{n}"})],
        )


BOLS = "INSERT INTO bols (id, state, number, current_revision_id, customer_name, carrier_name, net_milli, net_unit, created_by, created_at, updated_at, issued_at, listed_at) VALUES"
REVISIONS = "INSERT INTO bol_revisions (id, bol_id, revision, content, version, edited_at, edited_by, issued_at, issued_by, pdf_state, pdf_generation, verify_code) VALUES"
TERMS = "INSERT INTO bol_terms (term, listed_at, bol_id) VALUES"


def batches(source, size=5_000):
    batch = []
    for row in source:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def fill(yard, count: int, now: int) -> None:
    user = yard.rows("SELECT id FROM users LIMIT 1")[0][0]
    source = batches(rows(count, user, now, {}))
    if not yard.split:
        database = sqlite3.connect(yard.database(), timeout=60)
        database.execute("PRAGMA synchronous=OFF")
        marks = lambda n: f"({','.join('?' * n)})"  # noqa: E731
        for batch in source:
            with database:
                database.executemany(f"{BOLS} {marks(13)}", [bol for bol, _, _ in batch])
                database.executemany(f"{REVISIONS} {marks(12)}", [revision for _, revision, _ in batch])
                database.executemany(f"{TERMS} {marks(3)}", [term for _, _, terms in batch for term in terms])
        database.execute("ANALYZE")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        return
    import psycopg

    with psycopg.connect(yard.settings["DATABASE_URL"], autocommit=True) as database:
        for batch in source:
            with database.transaction(), database.cursor() as cursor:
                for statement, values in ((BOLS, [b for b, _, _ in batch]), (REVISIONS, [r for _, r, _ in batch]), (TERMS, [t for _, _, ts in batch for t in ts])):
                    copy = statement.replace("INSERT INTO", "COPY").replace(" VALUES", " FROM STDIN")
                    with cursor.copy(copy) as stream:
                        for value in values:
                            stream.write_row(value)
        database.execute("VACUUM ANALYZE")
