"""Kills server and worker with SIGKILL at twenty random points between issue and sent, then asserts that nothing that was
acknowledged is lost, nothing is doubled and nothing is stuck.

    kill.py sqlite|postgres|garage [--seed N] [--rounds N]
"""

import argparse
import hashlib
import random
import sys
import threading
import time
from collections import Counter

from client import Client, Lost
from house import House

# From the issue to the mail in the customer's box, with workers that look every 400 ms: where the kills fall.
WINDOW = 2.0
BATCH = 3
# The longest that a row may take from the 250 to its commit, on a busy machine, in seconds.
AT_ONCE = 1.0


class Acknowledged:
    """What the server promised."""

    def __init__(self):
        self.numbers: dict[str, str] = {}
        self.deliveries: dict[str, str] = {}
        self.errors: list[str] = []
        # When each SIGKILL fell, as seconds since 1970.
        self.kills: list[float] = []


def issue_and_send(client: Client, round_: int, promised: Acknowledged, begun: threading.Event) -> None:
    try:
        for n in range(round_ * BATCH, round_ * BATCH + BATCH):
            bol = client.draft(n)
            begun.set()
            promised.numbers[bol] = client.issue(bol)
            for delivery in client.send(bol, f"customer{n}@mill.test"):
                promised.deliveries[delivery] = bol
    except Lost:
        pass
    except Exception as error:  # noqa: BLE001  every refusal is a finding
        promised.errors.append(str(error))
    finally:
        begun.set()


def storm(house: House, client: Client, chance: random.Random, rounds: int) -> Acknowledged:
    promised = Acknowledged()
    for round_ in range(rounds):
        role = chance.choice(house.roles)
        after = chance.uniform(0, WINDOW)
        # Now and then the mail server takes its time after DATA, so that kills fall there too.
        slow = chance.random() < 0.4
        if slow:
            house.mail.behave("slow", BATCH)
        begun = threading.Event()
        work = threading.Thread(target=issue_and_send, args=(client, round_, promised, begun))
        work.start()
        begun.wait(30)
        time.sleep(after)
        promised.kills.append(time.time())
        house.kill(role)
        time.sleep(chance.uniform(0, 0.3))
        house.start(role)
        work.join()
        print(f"  kill {round_ + 1:2}: {role} {after:.2f} s after issue{', slow mail' if slow else ''}", flush=True)
    house.mail.behave("accept", 0)
    return promised


def settle(house: House, seconds: float) -> None:
    """Waits until every bill has its paper and every delivery an end."""
    end = time.monotonic() + seconds
    while True:
        waiting = house.rows("SELECT count(*) FROM bol_revisions WHERE issued_at IS NOT NULL AND pdf_state <> 'ready'")[0][0]
        moving = house.rows("SELECT count(*) FROM deliveries WHERE state NOT IN ('sent', 'unknown')")[0][0]
        if waiting == 0 and moving == 0:
            return
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds:.0f} s {waiting} papers and {moving} deliveries are stuck")
        time.sleep(0.5)


def check(house: House, client: Client, promised: Acknowledged) -> str:
    wrong: list[str] = list(promised.errors)

    def expect(holds: bool, what: str) -> None:
        if not holds:
            wrong.append(what)

    # Numbers: what was acknowledged stands, and the series has neither gap nor double.
    numbers = dict(house.rows("SELECT id, number FROM bols WHERE number IS NOT NULL"))
    for bol, number in promised.numbers.items():
        expect(numbers.get(bol) == number, f"{bol} was acknowledged as {number} and is {numbers.get(bol)}")
    taken = sorted(int(number.rsplit("-", 1)[1]) for number in numbers.values())
    expect(taken == list(range(1, len(taken) + 1)), f"the series is {taken}")

    # Paper: every issued bill has a PDF whose bytes are those on record.
    recorded = dict(house.rows(
        "SELECT r.bol_id, o.sha256 FROM bol_revisions r JOIN objects o ON o.id = r.object_id WHERE r.issued_at IS NOT NULL"
    ))
    for bol, number in numbers.items():
        expect(bol in recorded, f"{number} has no PDF on record")
        if bol in recorded:
            sha256 = hashlib.sha256(client.download(bol)).hexdigest()
            expect(sha256 == recorded[bol], f"{number}: {sha256} is stored and {recorded[bol]} on record")

    # Mail: each acknowledged delivery has its end, and no Message-ID came twice.
    states = dict(house.rows("SELECT id, state FROM deliveries"))
    for delivery in promised.deliveries:
        expect(delivery in states, f"delivery {delivery} was acknowledged and is gone")
    mails = {mail["message_id"].strip("<>"): mail for mail in house.mail.received()}
    received = Counter(mail["message_id"].strip("<>") for mail in house.mail.received())
    expect(not [m for m, times in received.items() if times > 1], f"received twice: {[m for m in received.items() if m[1] > 1]}")
    for message_id, state in house.rows("SELECT message_id, state FROM deliveries"):
        mail = mails.get(message_id.strip("<>"))
        if state == "sent":
            expect(mail is not None, f"{message_id} is sent and never came")
        elif mail and mail["answered_at"]:
            # Unknown is honest only when the kill fell before the server's 250 could be written down.
            near = min(abs(kill - mail["answered_at"]) for kill in promised.kills)
            expect(near <= AT_ONCE, f"{message_id} is unknown, though it was answered {near:.1f} s from any kill")

    # Audit: whole, and with an entry for each acknowledged act.
    verified = house.command("audit", "verify", check=False)
    expect(verified.returncode == 0, f"audit verify: {verified.stdout} {verified.stderr}")
    entries = Counter(house.rows("SELECT action, subject_id FROM audit_entries"))
    for bol, number in promised.numbers.items():
        expect(entries[("bol.issued", bol)] == 1, f"{number} has {entries[('bol.issued', bol)]} entries of its issue")
    queued = sum(times for (action, _), times in entries.items() if action == "mail.queued")
    expect(queued >= len(promised.deliveries), f"{queued} entries for {len(promised.deliveries)} acknowledged deliveries")

    assert not wrong, "\n  ".join([f"{len(wrong)} things are wrong:", *wrong])
    fates = Counter(states.values())
    return (
        f"{len(promised.numbers)} acknowledged of {len(numbers)} issued, numbers 1 to {len(numbers)}, every PDF as on record; "
        f"{fates['sent']} sent, {fates['unknown']} unknown, {sum(received.values())} received, none twice"
    )


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("kind", choices=["sqlite", "postgres", "garage"])
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    arguments.add_argument("--rounds", type=int, default=20)
    options = arguments.parse_args()
    print(f"faults on {options.kind}, seed {options.seed}", flush=True)

    house = House(options.kind)
    held = False
    try:
        house.command("user", "create", "--email", "office@yard.test", "--role", "admin", "--password-stdin", stdin="a long enough passphrase 1")
        token = house.command("token", "create", "--user", "office@yard.test", "--scopes", "paper:read paper:write audit:read").stdout.strip()
        for role in house.roles:
            house.start(role)
        client = Client(house.url, token)
        promised = storm(house, client, random.Random(options.seed), options.rounds)
        settle(house, 180)
        print(f"  held: {check(house, client, promised)}", flush=True)
        held = True
    except AssertionError as error:
        sys.exit(f"  FAILED with seed {options.seed}: {error}\n  kept: {house.folder}")
    finally:
        house.stop(keep=not held)


if __name__ == "__main__":
    main()
