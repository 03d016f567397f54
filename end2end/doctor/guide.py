#!/usr/bin/env python3
"""Runs the doctor on healthy and on broken set-ups, each a real server, and writes what it says to docs/guide/doctor.md.

    guide.py BINARY            writes the page
    guide.py BINARY --check    fails where the page says something else than the doctor does

What differs from run to run (ports, times, free space) is written as an example.
"""

import email.utils
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import boto3

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SERVERS = ROOT / "end2end" / "servers"
PAGE = ROOT / "docs" / "guide" / "doctor.md"

HEAD = """# The doctor

`gatehouse doctor` does what Gatehouse does with its storage, its database, its mail and its disk, on test objects of its own that it deletes again, and
says what is wrong and which command mends it. It changes nothing else. Exit code 0: sound; 1: something failed. `--json` prints one document with
the same in it. An admin finds it under **Yard → Doctor** too, for the process that serves the page; what works for that one may fail for a worker on
another machine, so run it there as well.

Each line begins with what came of it:

| | |
| --- | --- |
| `ok` | as it should be |
| `advice` | it works, and could be better; does not count against the exit code |
| `FAILED` | it does not work, or somebody may do what nobody should |
| `n/a` | this server has no such thing; what Gatehouse does instead is said |
| `skipped` | something that it needs failed before |

What follows is its own output, made by `make doctor-guide` on real servers; `.ci/run` checks that it still says so. Settings are left out after the
first, and so are the lines about buckets that are the same in all.
"""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A storage server of the tests' own, while the block lasts."""

    def __init__(self, name: str):
        self.name = name
        self.dir = Path(tempfile.mkdtemp(prefix=f"{name}-"))

    def __enter__(self) -> "Server":
        out = subprocess.run([SERVERS / f"{self.name}.sh", "start", self.dir], check=True, capture_output=True, text=True).stdout
        self.env = dict(line.split("=", 1) for line in out.splitlines())
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run([SERVERS / f"{self.name}.sh", "stop", self.dir], check=True)
        shutil.rmtree(self.dir, ignore_errors=True)

    def client(self, service: str = "s3"):
        return boto3.client(
            service,
            endpoint_url=self.env["AWS_ENDPOINT_URL"],
            region_name=self.env["AWS_REGION"],
            aws_access_key_id=self.env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"],
        )


class Slow:
    """The same server with a clock that is half an hour slow: whoever asks it is half an hour fast."""

    def __init__(self, server: Server):
        behind = urlsplit(server.env["AWS_ENDPOINT_URL"])

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                line = http.client.HTTPConnection(behind.hostname, behind.port)
                # As it came, the host too: it is signed.
                line.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    line.putheader(name, value)
                line.endheaders(body)
                found = line.getresponse()
                content = found.read()
                self.send_response_only(found.status)
                for name, value in found.getheaders():
                    if name.lower() not in ("date", "transfer-encoding", "connection", "content-length"):
                        self.send_header(name, value)
                self.send_header("Date", email.utils.formatdate(time.time() - 1800, usegmt=True))
                self.send_header("Content-Length", found.getheader("Content-Length") or str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_OPTIONS = answer

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


class House:
    """Runs the program in an empty folder, with nothing of this machine's environment."""

    def __init__(self, binary: str):
        self.binary = binary
        self.dir = Path(tempfile.mkdtemp(prefix="house-"))
        (self.dir / "data").mkdir()

    def run(self, arguments: list[str], env: dict[str, str], before: list[str] | None = None) -> tuple[int, str]:
        clean = {"PATH": os.environ["PATH"], "HOME": str(self.dir), "NO_COLOR": "1", "RUST_LOG": "off", **env}
        done = subprocess.run([*(before or []), self.binary, *arguments], cwd=self.dir, env=clean, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr


def example(text: str) -> str:
    """The same with what differs from run to run made one."""
    text = re.sub(r"http://127\.0\.0\.1:(?!3000)\d+", "http://127.0.0.1:3900", text)
    text = re.sub(r"127\.0\.0\.1:(?!3900|3000)\d+", "127.0.0.1:2525", text)
    text = re.sub(r"\d+ ms", "7 ms", text)
    text = re.sub(r"\d+\.\d GB free", "80.0 GB free", text)
    text = re.sub(r"key [0-9A-Za-z]{4}…", "key AKIA…", text)
    text = re.sub(r"\b(GK|AKIA)[0-9A-Za-z]{12,}", r"\1…", text)
    text = re.sub(r"\d{8}/([a-z0-9-]+)/s3/aws4_request", r"20261121/\1/s3/aws4_request", text)
    text = re.sub(r"/tmp/house-[a-z0-9_]+/?", "", text)
    text = re.sub(r"\.tmp/\.tmp\w+", ".tmp/.tmp0", text)
    return text


def brief(text: str) -> str:
    """The same with those settings alone that the page is about."""
    head, rest = text.split("\n\n", 1)
    told = ("base_url", "data", "s3_bucket", "storage_fallback", "AWS_")
    lines = [re.sub(r"  +(?=\S)", "  ", line) for line in head.splitlines() if line.strip().startswith(told) or not line.startswith(" ")]
    return "\n".join([*lines, "  …", "", rest])


def only(text: str, keep: list[str]) -> str:
    """The lines that are not sound, and those that begin with one of `keep`; the last line says the sum."""
    lines, out, group, taken = text.splitlines(), [], "", False
    for line in lines[lines.index("") + 1 :]:
        if line and not line.startswith(" "):
            group = line
            taken = False
            if line.startswith(("Sound", "NOT SOUND")):
                out += ["", line]
        elif line.startswith("          >"):
            if taken:
                out.append(line)
        elif line:
            word, rest = line[2:9].strip(), line[10:]
            taken = word == "FAILED" or any(rest.startswith(one) for one in keep)
            if taken:
                if group:
                    out += ([""] if out else []) + [group]
                    group = ""
                out.append(line)
    return "\n".join(out)


def section(title: str, words: str, command: str, code: int, text: str) -> str:
    return f"\n## {title}\n\n{words}\n\n```console\n$ {command}\n{text.rstrip()}\n$ echo $?\n{code}\n```\n"


def expect(code: int, wanted: int, text: str) -> None:
    if code != wanted:
        sys.exit(f"exit code {code} instead of {wanted}:\n{text}")


def page(binary: str) -> str:
    out = HEAD

    def broken(title: str, words: str, env: dict[str, str], keep: list[str], before: list[str] | None = None, house: House | None = None) -> None:
        nonlocal out
        code, text = (house or House(binary)).run(["doctor"], env, before)
        expect(code, 1, text)
        out += section(title, words, "gatehouse doctor", code, only(example(text), keep))

    with Server("ministack") as aws, Server("garage") as garage:
        base = {**aws.env, "GATEHOUSE_BASE_URL": "https://yard.example"}
        aws.client().create_bucket(Bucket="yard-logs")
        said = ""
        for arguments in (["policy", "--log-bucket", "yard-logs"], ["lifecycle"], ["cors"]):
            # The test server is reached without TLS, which the policy refuses; this one does not judge it.
            insist = ["--replace"] if arguments[0] == "policy" else []
            code, text = House(binary).run(["bucket", *arguments, "--apply", *insist], base)
            expect(code, 0, text)
            said += f"$ gatehouse bucket {' '.join(arguments)} --apply\n{example(text)}"
        out += f"\n## Getting there\n\nA new bucket has none of what it should have. Three commands put it there (or Terraform does: `gatehouse bucket terraform`):\n\n```console\n{said.rstrip()}\n```\n"
        code, text = House(binary).run(["doctor"], base)
        expect(code, 0, text)
        out += section("Sound: everything that AWS has", "A bucket with versions, encryption, lifecycle and policies.", "gatehouse doctor", code, brief(example(text)))

        code, text = House(binary).run(["doctor"], garage.env)
        expect(code, 0, text)
        out += section(
            "Sound: Garage",
            "A server of one's own, as it is when it is new. What it has not is told as such, and costs no exit code.",
            "gatehouse doctor",
            code,
            example(text[text.index("Bucket ") :]),
        )

        known = garage.env["AWS_ACCESS_KEY_ID"]
        stranger = {**garage.env, "AWS_ACCESS_KEY_ID": known[:2] + "0" * (len(known) - 2)}
        broken("A key that the server does not know", "Mistyped, deleted, or of another server.", stranger, ["Credentials"])
        wrong = {**garage.env, "AWS_SECRET_ACCESS_KEY": "0" * len(garage.env["AWS_SECRET_ACCESS_KEY"])}
        broken("A secret that does not belong to the key", "Every request is refused, whatever it asks for.", wrong, ["Credentials"])
        broken("The wrong region", "Signatures name a region; the server says which one it is in.", {**garage.env, "AWS_REGION": "us-east-1"}, ["Credentials", "Region"])
        broken("No such bucket", "Key and region are right, the bucket's name is not.", {**garage.env, "GATEHOUSE_S3_BUCKET": "gatehuose"}, ["Region", "The bucket"])
        broken(
            "Nobody answers",
            "The address is wrong, the server is down, or a firewall swallows it. Bills are issued all the same, and their PDFs are kept on the local disk until the bucket is back.",
            {**garage.env, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"},
            ["The server answers", "Credentials"],
        )
        broken(
            "The clock is off",
            "Half an hour fast: signatures are refused from a quarter of an hour on.",
            {**garage.env, "AWS_ENDPOINT_URL": Slow(garage).url},
            ["The clocks agree", "Credentials", "A signed address ends"],
        )

        s3 = aws.client()
        s3.delete_public_access_block(Bucket="gatehouse")
        everybody = {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::gatehouse", "arn:aws:s3:::gatehouse/*"]}
        s3.put_bucket_policy(Bucket="gatehouse", Policy=json.dumps({"Version": "2012-10-17", "Statement": [everybody]}))
        broken("A bucket that is open to everybody", "Somebody “made it work” by a policy. Numbers of bills can be guessed.", base, ["Strangers", "Closed"])
        s3.delete_bucket_policy(Bucket="gatehouse")

        rule = {"ID": "save-money", "Status": "Enabled", "Filter": {"Prefix": "bols/"}, "Expiration": {"Days": 30}}
        s3.put_bucket_lifecycle_configuration(Bucket="gatehouse", LifecycleConfiguration={"Rules": [rule]})
        broken("A rule of the bucket that deletes papers", "It knows neither the seven years nor a legal hold.", base, ["Lifecycle"])

        expect(House(binary).run(["bucket", "lifecycle", "--apply", "--replace"], base)[0], 0, "lifecycle")
        iam = aws.client("iam")
        iam.create_user(UserName="gatehouse")
        _, text = House(binary).run(["bucket", "policy", "--part", "iam"], base)
        policy = json.loads(text)
        for statement in policy["Statement"]:
            statement["Action"] = [action for action in statement["Action"] if action not in ("s3:PutObject", "s3:GetBucketVersioning")]
        iam.put_user_policy(UserName="gatehouse", PolicyName="gatehouse", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName="gatehouse")["AccessKey"]
        poor = {**base, "AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
        broken("A user who may not put", "The policy was written by hand, and one action was forgotten.", poor, ["Put:", "Versions"])

    house = House(binary)
    postgres = {
        "DATABASE_URL": f"postgres://gatehouse:placeholder@127.0.0.1:{free_port()}/gatehouse",
        "GATEHOUSE_SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
    }
    broken("Neither database nor mail server", "They are started on the same machine, and came up after Gatehouse, or not at all.", postgres, ["Database", "Mail"], house=house)

    house = House(binary)
    full = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=64k tmpfs data && head -c 65536 /dev/zero > data/film.mp4; exec "$@"', "sh"]
    broken("A full disk", "The folder of database, files and secret is on a disk without room.", {}, ["Disk", "Put, read"], before=full, house=house)
    return out


def main() -> None:
    binary = str(Path(sys.argv[1]).resolve())
    made = page(binary)
    if "--check" in sys.argv:
        if PAGE.read_text() != made:
            (Path(tempfile.gettempdir()) / "doctor.md").write_text(made)
            subprocess.run(["diff", "-u", PAGE, Path(tempfile.gettempdir()) / "doctor.md"])
            sys.exit("docs/guide/doctor.md says something else than the doctor does: run `make doctor-guide` and look at what changed")
        return
    PAGE.write_text(made)


if __name__ == "__main__":
    main()
