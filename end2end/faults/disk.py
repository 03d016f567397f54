"""The disk under a house that runs: that of the papers becomes read-only, then that of database, files and secret fills up. Forms and programs are
told so (503), nothing is half-done, and as soon as the disk takes bytes again all goes on by itself, without a restart.

    disk.py        a minute; the disks are small tmpfs in a mount namespace of their own (unshare)
"""

import json
import os
import subprocess
import sys
import time
import uuid
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

from client import Client, Refused
from house import House

PASSWORD = "correct horse battery staple"
MEGABYTES = 32


class NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Browser:
    def __init__(self, url: str):
        self.url, self.opener = url, build_opener(NoRedirect, HTTPCookieProcessor(CookieJar()))

    def ask(self, path: str, data: bytes | None = None, kind: str = "application/x-www-form-urlencoded") -> tuple[int, str]:
        headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Content-Type": kind}
        try:
            with self.opener.open(Request(self.url + path, data, headers), timeout=30) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode(errors="replace")

    def post(self, path: str, fields: dict[str, str]) -> tuple[int, str]:
        return self.ask(path, urlencode(fields).encode())

    def upload(self, path: str, name: str, content: bytes) -> tuple[int, str]:
        edge = uuid.uuid4().hex
        head = f'--{edge}\r\nContent-Disposition: form-data; name="kind"\r\n\r\nseal\r\n--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        return self.ask(path, head.encode() + content + f"\r\n--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}")


def fill(folder: Path) -> Path:
    """Takes every byte that is free."""
    with open(folder / "film.mp4", "wb", buffering=0) as film:
        for piece in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    film.write(b"x" * piece)
            except OSError:
                pass
    return folder / "film.mp4"


def wait_for(what: str, holds, seconds: float = 30) -> float:
    begun = time.monotonic()
    while not holds():
        if time.monotonic() - begun > seconds:
            raise AssertionError(f"after {seconds:.0f} s: {what}")
        time.sleep(0.2)
    return time.monotonic() - begun


def said(answer: tuple[int, str], *words: str) -> None:
    status, page = answer
    assert status == 503, f"{status}: {page[:2000]}"
    for word in words:
        assert word in page, f"“{word}” is not in {page[:3000]}"


class Yard:
    """A house on disks of its own, with somebody signed in and a program."""

    TABLES = ["bols", "bol_revisions", "attachments", "share_links", "deliveries", "objects", "placements"]

    def __init__(self, house: House):
        self.house = house
        self.objects = house.data / "objects"
        house.data.mkdir()
        mount(house.data)
        house.command("user", "create", "--email", "rosa@yard.test", "--role", "office", "--password-stdin", stdin=PASSWORD)
        token = house.command("token", "create", "--user", "rosa@yard.test", "--scopes", "paper:read paper:write").stdout.strip()
        self.objects.mkdir(exist_ok=True)
        mount(self.objects)
        house.start("server")
        self.process = house.processes["server"]
        self.program, self.browser = Client(house.url, token), Browser(house.url)
        status, _ = self.browser.post("/sign-in", {"email": "rosa@yard.test", "password": PASSWORD})
        assert status == 303, status

    def pdf(self, bol: str) -> str:
        ((state,),) = self.house.rows(f"SELECT pdf_state FROM bol_revisions WHERE bol_id = '{bol}' AND pdf_state <> 'none'")
        return state

    def counts(self) -> dict[str, int]:
        return {table: self.house.rows(f"SELECT COUNT(*) FROM {table}")[0][0] for table in self.TABLES}

    def upload(self, bol: str) -> tuple[int, str]:
        return self.browser.upload(f"/bols/{bol}/attachments", "seal.pdf", b"%PDF-1.7\n" + bytes(300_000))

    def log(self) -> str:
        return (self.house.folder / "server.log").read_text()


def mount(folder: Path, *options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join([f"size={MEGABYTES}m", *options]), "tmpfs", str(folder)], check=True)


def main() -> None:
    if "GATEHOUSE_OWN_MOUNTS" not in os.environ:
        os.execvpe("unshare", ["unshare", "-rm", sys.executable, __file__], {**os.environ, "GATEHOUSE_OWN_MOUNTS": "yes"})
    house, sound = House("sqlite"), False
    try:
        yard = Yard(house)
        read_only(yard)
        full(yard)
        assert house.processes["server"] is yard.process and yard.process.poll() is None, "the server did not go on by itself"
        left = [path for path in house.data.rglob("*") if ".tmp" in path.parts and path.is_file()]
        assert not left, f"left half-written: {left}"
        verified = house.command("audit", "verify", check=False)
        assert verified.returncode == 0, verified.stdout + verified.stderr
        assert house.rows("PRAGMA integrity_check") == [("ok",)]
        assert "panicked" not in yard.log()
        sound = True
    finally:
        house.stop(keep=not sound)
        for folder in ("objects", "."):
            subprocess.run(["umount", "-l", str(house.data / folder)], check=False)


def read_only(yard: Yard) -> None:
    """Of the papers: bills are issued all the same, and get theirs when the disk takes bytes again."""
    issued, later = yard.program.draft(1), yard.program.draft(2)
    yard.program.issue(issued)
    wait_for("the first PDF", lambda: yard.pdf(issued) == "ready")
    mount(yard.objects, "remount", "ro")
    before = yard.counts()
    said(yard.upload(issued), "Read-only file system", "Nothing was saved")
    assert yard.counts() == before, f"{yard.counts()} instead of {before}"
    yard.program.issue(later)
    wait_for("the page says why there is no PDF", lambda: "read-only filesystem" in yard.browser.ask(f"/bols/{later}")[1])
    assert "read-only filesystem" in yard.log()
    yard.program.download(issued)

    mount(yard.objects, "remount", "rw")
    took = wait_for("the PDF is made by itself", lambda: yard.pdf(later) == "ready", 150)
    assert yard.upload(issued)[0] == 303
    wait_for("the attachment is kept", lambda: yard.house.rows("SELECT state FROM attachments") == [("ready",)])
    print(f"a read-only disk: refused in words, bills issued meanwhile, and their papers made {took:.0f} s after it took bytes again")


def full(yard: Yard) -> None:
    program, browser = yard.program, yard.browser
    issued, draft = program.draft(3), program.draft(4)
    program.issue(issued)
    wait_for("the first PDF", lambda: yard.pdf(issued) == "ready")
    before = yard.counts()

    films = [fill(yard.house.data), fill(yard.objects)]
    said(browser.post("/bols", {"blank": "yes"}), "disk", "full", "Nothing was saved")
    said(browser.post(f"/bols/{issued}/void", {"reason": "Truck left empty"}), "disk", "full", "Nothing was saved")
    said(browser.post(f"/bols/{issued}/send", {"to": "gary@acme.test", "others": "gary@acme.test"}), "disk", "full")
    said(yard.upload(issued), "Nothing was saved")
    try:
        program.issue(draft)
        raise AssertionError("a bill was issued on a full disk")
    except Refused as refused:
        problem = json.loads(str(refused).split(" 503 ", 1)[1])
        assert problem["status"] == 503 and "full" in problem["detail"], problem
    # What nobody has to put on record is shown.
    assert browser.ask("/healthz")[0] == 200
    assert yard.counts() == before, f"{yard.counts()} instead of {before}"
    assert "the disk is full" in yard.log()

    for film in films:
        film.unlink()
    began = time.monotonic()
    wait_for("a form is taken again", lambda: browser.post("/bols", {"blank": "yes"})[0] == 303)
    program.issue(draft)
    wait_for("the PDF of a bill that was issued afterwards", lambda: yard.pdf(draft) == "ready")
    status, page = yard.upload(issued)
    assert status == 303, page
    wait_for("the attachment is kept", lambda: yard.house.rows("SELECT state FROM attachments") == [("ready",)] * 2)
    print(f"a full disk: refused in words, nothing half-done, and all went on {time.monotonic() - began:.1f} s after there was room")


if __name__ == "__main__":
    main()
