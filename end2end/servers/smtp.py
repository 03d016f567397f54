#!/usr/bin/env python3
"""A real SMTP server for the tests, one that misbehaves when told to.

    smtp.py DIR [--smtp-port N] [--control-port N]

Every accepted message is kept as DIR/0001.eml and so on, flushed to disk before the 250. Prints one line of JSON
with both ports when it is ready. The control port speaks HTTP and JSON:

    GET    /messages[?to=ADDRESS]   what was received, oldest first
    DELETE /messages                forget them
    POST   /behaviour               {"mode": MODE, "times": N}: what the next N messages meet, then "accept" again

MODE is accept; refuse-later (451 after RCPT); refuse (550 after RCPT); refuse-data (554 after DATA); hang (kept, and never
answered after DATA); drop (kept, and the connection closed in place of an answer); slow (answered after two seconds).
"""

import argparse
import asyncio
import email
import email.policy
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

MODES = {"accept", "refuse-later", "refuse", "refuse-data", "hang", "drop", "slow"}


class Mailbox:
    """What was received, and what the next messages shall meet."""

    def __init__(self, directory: Path):
        self.directory = directory
        self.lock = Lock()
        self.messages: list[dict] = []
        self.mode, self.times = "accept", 0
        for path in sorted(directory.glob("*.eml")):
            self.messages.append(describe(path, path.read_bytes(), None, []))

    def behave(self, mode: str, times: int) -> None:
        with self.lock:
            self.mode, self.times = mode, times

    def look(self) -> str:
        with self.lock:
            return self.mode if self.times > 0 else "accept"

    def consume(self) -> str:
        with self.lock:
            if self.times <= 0:
                return "accept"
            self.times -= 1
            return self.mode

    def keep(self, content: bytes, sender: str, recipients: list[str]) -> dict:
        with self.lock:
            path = self.directory / f"{len(self.messages) + 1:04}.eml"
            with open(path, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            self.messages.append(describe(path, content, sender, recipients))
            return self.messages[-1]

    def forget(self) -> None:
        with self.lock:
            for path in self.directory.glob("*.eml"):
                path.unlink()
            self.messages.clear()

    def received(self, to: str | None) -> list[dict]:
        with self.lock:
            return [m for m in self.messages if to is None or to.lower() in map(str.lower, m["recipients"])]


def describe(path: Path, content: bytes, sender: str | None, recipients: list[str]) -> dict:
    message = email.message_from_bytes(content, policy=email.policy.default)

    def body(kind: str) -> str | None:
        part = message.get_body(preferencelist=(kind,))
        return part.get_content() if part else None

    return {
        "file": path.name,
        "message_id": str(message["Message-ID"]),
        "sender": sender,
        "recipients": recipients or [address.addr_spec for address in getattr(message["To"], "addresses", ())],
        "from": str(message["From"]),
        "to": str(message["To"]),
        "subject": str(message["Subject"]),
        "text": body("plain"),
        "html": body("html"),
        "headers": {name: str(value) for name, value in message.items()},
        "received_at": time.time(),
        # Stays empty when the sender is gone before the 250.
        "answered_at": None,
    }


class Handler:
    def __init__(self, mailbox: Mailbox):
        self.mailbox = mailbox

    async def handle_RCPT(self, server, session, envelope, address, options):
        mode = self.mailbox.look()
        if mode == "refuse-later":
            self.mailbox.consume()
            return "451 4.3.0 Try again later"
        if mode == "refuse":
            self.mailbox.consume()
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        mode = self.mailbox.consume()
        if mode == "refuse-data":
            return "554 5.6.0 Content refused"
        kept = self.mailbox.keep(envelope.content, envelope.mail_from, list(envelope.rcpt_tos))
        if mode == "hang":
            await asyncio.sleep(3600)
        if mode == "drop":
            server.transport.abort()
        if mode == "slow":
            await asyncio.sleep(2)
        kept["answered_at"] = time.time()
        return "250 2.0.0 Kept"


class Server(Controller):
    def factory(self):
        return SMTP(self.handler, hostname="mail.test", data_size_limit=64 * 1024 * 1024, enable_SMTPUTF8=True, timeout=3700)


def control(mailbox: Mailbox, port: int) -> ThreadingHTTPServer:
    class Control(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, value, status: int = 200) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            url = urlsplit(self.path)
            self.answer(mailbox.received(parse_qs(url.query).get("to", [None])[0]))

        def do_DELETE(self):
            mailbox.forget()
            self.answer({})

        def do_POST(self):
            wish = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if wish.get("mode") not in MODES:
                return self.answer({"error": f"mode is one of {sorted(MODES)}"}, 422)
            mailbox.behave(wish["mode"], int(wish.get("times", 1)))
            self.answer({})

        def log_message(self, *_):
            pass

    return ThreadingHTTPServer(("127.0.0.1", port), Control)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("directory", type=Path)
    arguments.add_argument("--smtp-port", type=int, default=0)
    arguments.add_argument("--control-port", type=int, default=0)
    options = arguments.parse_args()
    options.directory.mkdir(parents=True, exist_ok=True)

    mailbox = Mailbox(options.directory)
    http = control(mailbox, options.control_port)
    smtp_port = options.smtp_port or free_port()
    server = Server(Handler(mailbox), hostname="127.0.0.1", port=smtp_port)
    server.start()
    Thread(target=http.serve_forever, daemon=True).start()
    print(json.dumps({"smtp": smtp_port, "control": http.server_address[1]}), flush=True)
    # The test that started it holds its standard input: when the test is gone, so is the server.
    sys.stdin.read()
    server.stop()


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
