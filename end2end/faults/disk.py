"""The disk of database, files and secret fills up under a house that runs. Forms and programs are told so (503), nothing is half-done, and as soon as
there is room again all goes on by itself, without a restart.

    disk.py        half a minute; the disk is a small tmpfs in a mount namespace of its own (unshare)
"""

import json
import os
import subprocess
import sys
import time
import uuid
from http.cookiejar import CookieJar
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


def fill(house: House) -> None:
    """Takes every byte that is free."""
    with open(house.data / "film.mp4", "wb", buffering=0) as film:
        for piece in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    film.write(b"x" * piece)
            except OSError:
                pass


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


def main() -> None:
    if "GATEHOUSE_OWN_MOUNTS" not in os.environ:
        os.execvpe("unshare", ["unshare", "-rm", sys.executable, __file__], {**os.environ, "GATEHOUSE_OWN_MOUNTS": "yes"})
    house, sound = House("sqlite"), False
    try:
        run(house)
        sound = True
    finally:
        house.stop(keep=not sound)
        subprocess.run(["umount", "-l", str(house.data)], check=False)


def run(house: House) -> None:
    house.data.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(house.data)], check=True)
    house.command("user", "create", "--email", "rosa@yard.test", "--role", "office", "--password-stdin", stdin=PASSWORD)
    token = house.command("token", "create", "--user", "rosa@yard.test", "--scopes", "paper:read paper:write").stdout.strip()
    house.start("server")
    program, browser = Client(house.url, token), Browser(house.url)
    status, _ = browser.post("/sign-in", {"email": "rosa@yard.test", "password": PASSWORD})
    assert status == 303, status
    issued, draft = program.draft(1), program.draft(2)
    program.issue(issued)
    made = lambda bol: house.rows(f"SELECT pdf_state FROM bol_revisions WHERE bol_id = '{bol}' AND pdf_state <> 'none'") == [("ready",)]
    wait_for("the first PDF", lambda: made(issued))
    tables = ["bols", "bol_revisions", "attachments", "share_links", "deliveries", "objects", "placements"]
    counts = lambda: {table: house.rows(f"SELECT COUNT(*) FROM {table}")[0][0] for table in tables}
    before, process = counts(), house.processes["server"]

    fill(house)
    said(browser.post("/bols", {"blank": "yes"}), "disk", "full", "Nothing was saved")
    said(browser.post(f"/bols/{issued}/void", {"reason": "Truck left empty"}), "disk", "full", "Nothing was saved")
    said(browser.post(f"/bols/{issued}/send", {"to": "gary@acme.test", "others": "gary@acme.test"}), "disk", "full")
    said(browser.upload(f"/bols/{issued}/attachments", "seal.pdf", b"%PDF-1.7\n" + bytes(300_000)), "Nothing was saved")
    try:
        program.issue(draft)
        raise AssertionError("a bill was issued on a full disk")
    except Refused as refused:
        problem = json.loads(str(refused).split(" 503 ", 1)[1])
        assert problem["status"] == 503 and "full" in problem["detail"], problem
    # What nobody has to put on record is shown.
    assert browser.ask("/healthz")[0] == 200
    assert counts() == before, f"{counts()} instead of {before}"
    log = (house.folder / "server.log").read_text()
    assert "the disk is full" in log and "panicked" not in log, log[-3000:]

    (house.data / "film.mp4").unlink()
    began = time.monotonic()
    wait_for("a form is taken again", lambda: browser.post("/bols", {"blank": "yes"})[0] == 303)
    program.issue(draft)
    wait_for("the PDF of a bill that was issued afterwards", lambda: made(draft))
    status, page = browser.upload(f"/bols/{issued}/attachments", "seal.pdf", b"%PDF-1.7\n" + bytes(300_000))
    assert status == 303, page
    wait_for("the attachment is kept", lambda: house.rows("SELECT state FROM attachments") == [("ready",)])
    assert house.processes["server"] is process and process.poll() is None, "the server did not go on by itself"
    left = [path for path in house.data.rglob("*") if ".tmp" in path.parts and path.is_file()]
    assert not left, f"left half-written: {left}"
    verified = house.command("audit", "verify", check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert house.rows("PRAGMA integrity_check") == [("ok",)]
    print(f"a full disk: refused in words, nothing half-done, and all went on {time.monotonic() - began:.1f} s after there was room")


if __name__ == "__main__":
    main()
