"""The disk under cameras that are recorded fills up: at its bound recording pauses and says so, and goes on by itself as soon as there is room; then it fills to
the last byte, in the middle of a file. Nothing that was kept is missing afterwards, every file plays, and the time between is a gap with its reason.

    room.py        two minutes; the disk is a small tmpfs in a mount namespace of its own (unshare)
"""

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from cameras import Cameras, Yard, wait
from disk import fill

MB = 1_000_000
SIZE, KEEP_FREE = 120, 40


class Small(Yard):
    """One process on a disk of 120 MB, whose database is on another."""

    def __init__(self):
        super().__init__(["server"], "sqlite")
        self.settings["DATABASE_URL"] = f"sqlite:{self.database()}"
        self.settings["GATEHOUSE_SPOOL_KEEP_FREE_MB"] = str(KEEP_FREE)
        self.data.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", self.data], check=True)

    def database(self) -> Path:
        return self.folder / "record.db"

    def change(self, query: str, *values: object) -> None:
        database = sqlite3.connect(self.database(), timeout=10)
        with database:
            database.execute(query.replace("%s", "?"), values)
        database.close()

    def states(self) -> list[str]:
        return sorted({row[0] for row in self.rows("SELECT state FROM camera_states")})

    def open_gaps(self) -> list[str]:
        return [row[0] for row in self.rows("SELECT reason FROM gaps WHERE ended_at IS NULL")]

    def files(self) -> int:
        return self.rows("SELECT COUNT(*) FROM segments")[0][0]


def take(yard: Small, leave: int) -> Path:
    """Takes so much that `leave` megabytes are free."""
    filler = yard.data / "filler"
    disk = os.statvfs(yard.data)
    with open(filler, "wb") as file:
        for _ in range(max(0, disk.f_bavail * disk.f_frsize - leave * MB) // MB):
            file.write(b"x" * MB)
    return filler


def main() -> None:
    if os.environ.get("GATEHOUSE_OWN_MOUNTS") != "1":
        os.execvpe("unshare", ["unshare", "-rm", sys.executable, *sys.argv], {**os.environ, "GATEHOUSE_OWN_MOUNTS": "1"})
    cameras, yard = Cameras(), Small()
    ok = False
    try:
        yard.start("server")
        yard.add(cameras)
        wait(60, "all are recorded", lambda: yard.states() == ["connected"] and yard.files() >= 3)

        filler = take(yard, KEEP_FREE - 10)
        took = wait(40, "recording pauses at the bound", lambda: yard.states() == ["no_room"])
        assert set(yard.open_gaps()) == {"no_room"}, yard.open_gaps()
        kept, free = yard.files(), os.statvfs(yard.data)
        assert free.f_bavail * free.f_frsize > (KEEP_FREE - 20) * MB, "it wrote on beyond the bound"
        time.sleep(8)
        assert yard.files() == kept, "it records without room"
        print(f"room: recording paused {took:.1f} s after the bound was reached", flush=True)
        filler.unlink()
        took = wait(20, "recording goes on", lambda: yard.states() == ["connected"] and not yard.open_gaps() or yard.files() > kept + 2)
        print(f"room: it went on {took:.1f} s after there was room", flush=True)

        wait(40, "all are recorded again", lambda: yard.files() >= kept + 3)
        film = fill(yard.data)
        took = wait(40, "the disk refuses", lambda: yard.states() == ["no_room"])
        print(f"room: the disk refused; said after {took:.1f} s", flush=True)
        film.unlink()
        kept = yard.files()
        wait(40, "recording goes on", lambda: yard.states() == ["connected"] and yard.files() >= kept + 3)
        until = time.time()
        yard.stop_recording()
        wrong = yard.check([], until)
        assert not wrong, "\n".join(wrong)
        reasons = {row[0] for row in yard.rows("SELECT reason FROM gaps")}
        assert "no_room" in reasons, reasons
        print(f"room: {yard.files()} files, all play; gaps: {', '.join(sorted(reasons))}", flush=True)
        ok = True
    finally:
        cameras.stop()
        subprocess.run(["umount", "-l", yard.data], check=False)
        yard.stop(keep=not ok)


if __name__ == "__main__":
    main()
