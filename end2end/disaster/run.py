#!/usr/bin/env python3
"""docs/guide/disaster.md, word for word.

Every fenced `sh` block is run as it stands, in order, by a house that may do what `gatehouse bucket policy` prints and nothing else; a `text` block behind it is what it must have answered, line by line in this order, where
`…` is any text. `<!-- happens: … -->` is what befalls the yard in between.

    run.py [ministack|garage]…     both, where none is named. What Garage cannot (versions, archives) is not told there as passed: the chapters
                                   that need it are left out by name.
"""

import hashlib, json, os, re, signal, sqlite3, subprocess, sys, tempfile, time, urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("GATEHOUSE_CACHE", Path.home() / ".cache/gatehouse"))
BINARY = Path(os.environ.get("GATEHOUSE_BINARY", REPOSITORY / "target/debug/gatehouse"))
# Needs versions, archive classes, or a bucket that a key may make and remove.
NOT_ON_GARAGE = {
    "Somebody deleted objects in the bucket", "An object was overwritten", "An object lies in an archive", "A bucket, or its replica, is gone",
}

if Path(sys.prefix) != CACHE / "venv":
    os.execv(CACHE / "venv/bin/python", [str(CACHE / "venv/bin/python"), __file__, *sys.argv[1:]])

import boto3  # noqa: E402  (of the tests' environment)


class Yard:
    """A Gatehouse on a bucket, and the hands that things befall it by."""

    def __init__(self, kind, folder):
        self.folder, self.kind = folder, kind
        script = REPOSITORY / f"end2end/servers/{kind}.sh"
        self.stop_storage = [script, "stop", folder / "storage"]
        printed = subprocess.run([script, "start", folder / "storage"], check=True, text=True, stdout=subprocess.PIPE).stdout
        settings = dict(line.split("=", 1) for line in printed.split("\n") if "=" in line)
        clean = {name: value for name, value in os.environ.items() if not re.match(r"GATEHOUSE_|AWS_|DATABASE_URL$", name)}
        self.environment = clean | settings | {
            "GATEHOUSE_DATA": str(folder / "data"), "BACKUP": str(folder / "backup"), "RUST_LOG": "warn",
            "PATH": f"{BINARY.parent}:{os.environ['PATH']}",
        }
        (folder / "backup").mkdir()
        self.bucket = settings["GATEHOUSE_S3_BUCKET"]
        self.s3 = boto3.client(
            "s3", endpoint_url=settings["AWS_ENDPOINT_URL"], region_name=settings["AWS_REGION"],
            aws_access_key_id=settings["AWS_ACCESS_KEY_ID"], aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
        )
        self.admin = settings["AWS_ACCESS_KEY_ID"], settings["AWS_SECRET_ACCESS_KEY"]
        if kind != "garage":
            self.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
            self.become_user()
        self.server = None

    def become_user(self):
        """The house may do what `gatehouse bucket policy` prints, and nothing else; this server enforces it."""
        run = lambda *args: subprocess.run([BINARY, *args], env=self.environment, check=True, text=True, stdout=subprocess.PIPE).stdout
        iam = boto3.client(
            "iam", endpoint_url=self.environment["AWS_ENDPOINT_URL"], region_name=self.environment["AWS_REGION"],
            aws_access_key_id=self.admin[0], aws_secret_access_key=self.admin[1],
        )
        bucket = self.environment["GATEHOUSE_S3_BUCKET"]
        iam.create_user(UserName=bucket)
        iam.put_user_policy(UserName=bucket, PolicyName="gatehouse", PolicyDocument=run("bucket", "policy", "--part", "iam"))
        key = iam.create_access_key(UserName=bucket)["AccessKey"]
        self.environment |= {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}

    def serve(self, *flags):
        port = int(subprocess.run(["python3", "-c", "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"], text=True, stdout=subprocess.PIPE).stdout)
        self.url = f"http://127.0.0.1:{port}"
        log = open(self.folder / "gatehouse.log", "a")
        command = [BINARY, "serve", "--listen", f"127.0.0.1:{port}", *flags]
        self.server = subprocess.Popen(command, env=self.environment | {"GATEHOUSE_BASE_URL": self.url}, stdout=log, stderr=log)
        until(lambda: urllib.request.urlopen(f"{self.url}/healthz", timeout=1).status == 200)

    def halt(self):
        if self.server:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(30)
            self.server = None

    def call(self, method, path, body=None, token=None):
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/octet-stream" if isinstance(body, bytes) else "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        url = path if path.startswith("http") else f"{self.url}/api/v1{path}"
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text[:1] in (b"{", b"[") else None

    def rows(self, sql):
        with sqlite3.connect(self.folder / "data/gatehouse.db") as db:
            return db.execute(sql).fetchall()

    def close(self):
        self.halt()
        subprocess.run(self.stop_storage, check=False)

    # What befalls it.

    def a_yard_with_paper(self):
        run = lambda *args, **more: subprocess.run([BINARY, *args], env=self.environment, check=True, text=True, stdout=subprocess.PIPE, **more).stdout.strip()
        run("user", "create", "--email", "rosa@yard.test", "--role", "office", "--password-stdin", input="correct horse battery staple")
        token = run("token", "create", "--user", "rosa@yard.test", "--scopes", "paper:read paper:write")
        self.serve()
        content = json.loads((REPOSITORY / "end2end/disaster/bill.json").read_text())
        for _ in range(2):
            bill = self.call("POST", "/bols", content, token)["id"]
            self.call("POST", f"/bols/{bill}/issue", {"version": 1}, token)
        scan = b"%PDF-1.7\n" + os.urandom(200_000)
        sending = self.call("POST", f"/bols/{bill}/attachments", {"kind": "signed_bol", "name": "signed.pdf", "size": len(scan)}, token)
        for piece in sending["pieces"]:
            put = urllib.request.Request(piece["url"], scan[piece["from"]:piece["to"]], {h["name"]: h["value"] for h in piece["headers"]}, method="PUT")
            urllib.request.urlopen(put, timeout=30)
        self.call("POST", f"/attachments/{sending['id']}/arrived", {}, token)
        until(lambda: self.rows("SELECT COUNT(*) FROM placements WHERE state = 'verified' AND backend = 's3'") == [(3,)], 90)
        until(lambda: self.rows("SELECT COUNT(*) FROM placements") == [(3,)], 90)
        (key,), = self.rows("SELECT key FROM objects WHERE class = 'upload'")
        self.environment["ARCHIVED"] = key
        (self.environment["LOST"],), *_ = self.rows("SELECT key FROM objects WHERE class = 'document' ORDER BY key")
        self.scan = hashlib.sha256(scan).hexdigest()

    def the_bills_are_deleted_in_the_bucket(self):
        for found in self.s3.list_objects_v2(Bucket=self.bucket, Prefix="bols/")["Contents"]:
            self.s3.delete_object(Bucket=self.bucket, Key=found["Key"])

    def a_bill_is_overwritten_in_the_bucket(self):
        self.s3.put_object(Bucket=self.bucket, Key=self.environment["LOST"], Body=b"nothing of value")

    def the_attachment_is_archived(self):
        key = self.environment["ARCHIVED"]
        body = self.s3.get_object(Bucket=self.bucket, Key=key)
        assert hashlib.sha256(body["Body"].read()).hexdigest() == self.scan
        self.s3.copy_object(Bucket=self.bucket, Key=key, CopySource={"Bucket": self.bucket, "Key": key}, StorageClass="GLACIER", MetadataDirective="COPY")

    def the_workers_run_until_it_is_restored(self):
        # The next look is due in ten minutes; the test does not wait for it.
        def ready():
            with sqlite3.connect(self.folder / "data/gatehouse.db", timeout=10) as db:
                db.execute("UPDATE Jobs SET run_at = 0 WHERE job_type = 'restore_object' AND status = 'Pending'")
            return self.rows("SELECT state FROM restores") == [("ready",)]
        until(ready, 60)

    def a_new_machine(self):
        self.halt()
        (self.folder / "data").rename(self.folder / "lost")
        self.environment["GATEHOUSE_DATA"] = str(self.folder / "data")


    def a_mirror_was_kept(self):
        # Google's interface is signed for a region of that name.
        self.s3.create_bucket(Bucket="mirror", CreateBucketConfiguration={"LocationConstraint": "auto"})
        self.environment |= {
            "GATEHOUSE_STORAGE": "s3+gcs", "GATEHOUSE_GCS_BUCKET": "mirror", "GATEHOUSE_GCS_ENDPOINT": self.environment["AWS_ENDPOINT_URL"],
            "GATEHOUSE_GCS_ACCESS_ID": self.admin[0], "GATEHOUSE_GCS_SECRET": self.admin[1],
        }
        subprocess.run([BINARY, "migrate-objects", "--from", "s3", "--to", "gcs"], env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def the_bucket_is_gone(self):
        for listed in self.s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket):
            for one in listed.get("Versions", []) + listed.get("DeleteMarkers", []):
                self.s3.delete_object(Bucket=self.bucket, Key=one["Key"], VersionId=one["VersionId"])
        self.s3.delete_bucket(Bucket=self.bucket)

    def a_new_bucket_is_named_in_the_settings(self):
        self.environment |= {"GONE": self.bucket, "GATEHOUSE_S3_BUCKET": "gatehouse-anew"}
        self.s3.create_bucket(Bucket="gatehouse-anew")
        self.s3.put_bucket_versioning(Bucket="gatehouse-anew", VersioningConfiguration={"Status": "Enabled"})
        self.become_user()


def until(holds, seconds=30):
    end = time.time() + seconds
    while True:
        try:
            if holds():
                return
        except OSError:
            pass
        if time.time() > end:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(0.3)


def steps(text):
    """(kind, text) in order: `chapter`, `happens`, `sh`, `text`."""
    pattern = re.compile(r"^## (?P<chapter>[^\n]+)$|<!-- happens: (?P<happens>.+?) -->|^(?P<indent> *)```(?P<kind>sh|text)\n(?P<body>.*?)\n *```$", re.M | re.S)
    for found in pattern.finditer(text):
        if found["chapter"]:
            yield "chapter", found["chapter"]
        elif found["happens"]:
            yield "happens", found["happens"]
        else:
            yield found["kind"], "\n".join(line.removeprefix(found["indent"]) for line in found["body"].split("\n"))


def answers(expected, said):
    """Whether every line of `expected` was said, in this order."""
    lines = iter(said.split("\n"))
    for wanted in expected.split("\n"):
        wanted = re.compile(".*".join(re.escape(part) for part in wanted.strip().split("…")))
        if not any(wanted.fullmatch(line.strip()) for line in lines):
            return False
    return True


def follow(kind):
    with tempfile.TemporaryDirectory(prefix="gatehouse-disaster-") as folder:
        yard = Yard(kind, Path(folder))
        chapter, said, ran = "", "", 0
        try:
            for what, text in steps((REPOSITORY / "docs/guide/disaster.md").read_text()):
                if what == "chapter":
                    chapter = text
                    if kind == "garage" and chapter in NOT_ON_GARAGE:
                        print(f"  {kind}: not here, for want of what it needs: {chapter}")
                elif kind == "garage" and chapter in NOT_ON_GARAGE:
                    continue
                elif what == "happens":
                    getattr(yard, text.replace(" ", "_"))()
                elif what == "sh":
                    done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], env=yard.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                    said, ran = done.stdout, ran + 1
                    if done.returncode:
                        sys.exit(f"{kind}, “{chapter}”: exit {done.returncode}\n{text}\n{said}")
                elif not answers(text, said):
                    sys.exit(f"{kind}, “{chapter}”: it should have answered\n{text}\nand said\n{said}")
        finally:
            yard.close()
        print(f"  {kind}: {ran} commands of the runbook did as it says")


for server in sys.argv[1:] or ["ministack", "garage"]:
    follow(server)
