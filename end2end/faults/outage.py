"""The bucket goes away under load: Garage is stopped, bills go on being issued, and when it is back everything is in it, the oldest first.

    outage.py [--minutes M] [--every S] [--kills N]

A bill every S seconds for M minutes of outage; N times meanwhile the worker is killed with SIGKILL. Afterwards every object must be in the
bucket with its SHA-256 on record, no local file left, and nobody's hand in it.
"""

import argparse
import hashlib
import random
import subprocess
import time

from client import Client
from house import SERVERS, House


class Bucket:
    """Garage that is stopped and comes back with its data, at the same port."""

    def __init__(self, house: House):
        self.folder = house.folder / "garage"
        path = subprocess.run([str(SERVERS / "garage.sh"), "installed"], check=False)
        assert path.returncode == 0, "Garage is not installed"
        pid = int((self.folder / "garage.pid").read_text())
        self.binary = f"/proc/{pid}/exe"
        self.binary = subprocess.run(["readlink", self.binary], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def stop(self) -> None:
        subprocess.run(["kill", "-9", (self.folder / "garage.pid").read_text().strip()], check=True)

    def start(self) -> None:
        with open(self.folder / "garage.log", "ab") as log:
            process = subprocess.Popen(
                [self.binary, "-c", str(self.folder / "garage.toml"), "server"], stdout=log, stderr=log, start_new_session=True
            )
        (self.folder / "garage.pid").write_text(str(process.pid))


def counts(house: House) -> dict[tuple[str, str], int]:
    return {(backend, state): n for backend, state, n in house.rows("SELECT backend, state, count(*) FROM placements GROUP BY backend, state")}


def wait_for(what: str, seconds: float, holds) -> float:
    begun = time.monotonic()
    while not holds():
        if time.monotonic() - begun > seconds:
            raise AssertionError(f"after {seconds:.0f} s: {what}")
        time.sleep(0.5)
    return time.monotonic() - begun


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--minutes", type=float, default=2)
    arguments.add_argument("--every", type=float, default=1)
    arguments.add_argument("--kills", type=int, default=3)
    given = arguments.parse_args()
    house = House("garage")
    failed = True
    try:
        for role in house.roles:
            house.start(role)
        house.command("user", "create", "--email", "fault@yard.test", "--role", "office", "--password-stdin", stdin="correct horse battery staple\n")
        scopes = "paper:read paper:write"
        token = house.command("token", "create", "--user", "fault@yard.test", "--scopes", scopes).stdout.strip()
        client, bucket = Client(house.url, token), Bucket(house)

        bills = [client.draft(0)]
        client.issue(bills[0])
        wait_for("the first bill is not in the bucket", 60, lambda: counts(house).get(("s3", "verified")) == 1)
        bucket.stop()
        end = time.monotonic() + 60 * given.minutes
        kills = sorted(random.uniform(0, 60 * given.minutes) for _ in range(given.kills))
        begun = time.monotonic()
        while time.monotonic() < end:
            bills.append(client.draft(len(bills)))
            client.issue(bills[-1])
            if kills and time.monotonic() - begun > kills[0]:
                kills.pop(0)
                house.kill("worker")
                house.start("worker")
            time.sleep(given.every)
        # Nobody waits for the bucket: every bill has its paper, from the local copy.
        wait_for("bills without paper", 120, lambda: house.rows("SELECT count(*) FROM bol_revisions WHERE pdf_state <> 'ready'")[0][0] == 0)
        client.download(bills[-1])
        found = counts(house)
        assert found[("local", "verified")] == len(bills) - 1, found
        bucket.start()
        took = wait_for("copies still wait", 240, lambda: counts(house) == {("s3", "verified"): len(bills)})

        order = [key for (key,) in house.rows("SELECT key FROM placements ORDER BY verified_at, since, id")]
        wanted = [key for (key,) in house.rows("SELECT key FROM placements ORDER BY since, id")]
        apart = max(abs(order.index(key) - at) for at, key in enumerate(wanted))
        assert apart <= 8, f"sent out of order by {apart}"
        recorded = dict(house.rows("SELECT r.bol_id, o.sha256 FROM bol_revisions r JOIN objects o ON o.id = r.object_id"))
        for bol in bills:
            assert hashlib.sha256(client.download(bol)).hexdigest() == recorded[bol], bol
        left = [path for path in (house.data / "objects" / "bols").rglob("*.pdf")]
        assert not left, f"{len(left)} local files are left"
        print(f"{len(bills)} bills, {given.minutes:g} minutes without a bucket, {given.kills} kills: in it {took:.0f} s after it was back, "
              f"every SHA-256 right, no local file left, order kept within {apart}")
        failed = False
    finally:
        if failed:
            print(f"see {house.folder}")
        house.stop(keep=failed)


if __name__ == "__main__":
    main()
