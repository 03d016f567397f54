#!/usr/bin/env python3
"""The IAM policy that `gatehouse bucket policy` prints, as a user's, on a server that enforces it: what is beyond it is refused, and the doctor
finds nothing missing. That the house's own verbs work under it, end2end/disaster/run.py shows: its house is such a user.

    policy.py BINARY
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

SERVERS = Path(__file__).resolve().parents[1] / "servers"


def main(binary: str, folder: Path) -> None:
    printed = subprocess.run([SERVERS / "ministack.sh", "start", folder / "server"], check=True, text=True, stdout=subprocess.PIPE).stdout
    env = dict(line.split("=", 1) for line in printed.splitlines())
    house = {"PATH": os.environ["PATH"], "HOME": str(folder), "GATEHOUSE_DATA": str(folder / "data"), "RUST_LOG": "off", "NO_COLOR": "1", **env}

    def gatehouse(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([binary, *arguments], env=house, text=True, capture_output=True)

    def client(service: str, key: str, secret: str):
        return boto3.client(service, endpoint_url=env["AWS_ENDPOINT_URL"], region_name=env["AWS_REGION"], aws_access_key_id=key, aws_secret_access_key=secret)

    admin = env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]
    s3, iam = client("s3", *admin), client("iam", *admin)
    policy = gatehouse("bucket", "policy", "--part", "iam").stdout
    iam.create_user(UserName="gatehouse")
    iam.put_user_policy(UserName="gatehouse", PolicyName="gatehouse", PolicyDocument=policy)
    key = iam.create_access_key(UserName="gatehouse")["AccessKey"]
    user = client("s3", key["AccessKeyId"], key["SecretAccessKey"])

    s3.create_bucket(Bucket="somebodys")
    for bucket, name in [("somebodys", "bols/2026/a.pdf"), ("gatehouse", "private/a.pdf")]:
        s3.put_object(Bucket=bucket, Key=name, Body=b"not ours")

    # Each prefix that the policy names can be written, read and emptied.
    kept = next(statement for statement in json.loads(policy)["Statement"] if statement["Sid"] == "KeepObjects")
    for resource in kept["Resource"]:
        name = resource.removeprefix("arn:aws:s3:::gatehouse/").removesuffix("*") + "a"
        user.put_object(Bucket="gatehouse", Key=name, Body=b"ours")
        assert user.get_object(Bucket="gatehouse", Key=name)["Body"].read() == b"ours"
        user.delete_object(Bucket="gatehouse", Key=name)

    beyond = {
        "read under another prefix": lambda: user.get_object(Bucket="gatehouse", Key="private/a.pdf"),
        "put under another prefix": lambda: user.put_object(Bucket="gatehouse", Key="private/b.pdf", Body=b"x"),
        "delete under another prefix": lambda: user.delete_object(Bucket="gatehouse", Key="private/a.pdf"),
        "read another bucket": lambda: user.get_object(Bucket="somebodys", Key="bols/2026/a.pdf"),
        "put into another bucket": lambda: user.put_object(Bucket="somebodys", Key="bols/2026/b.pdf", Body=b"x"),
        "list another bucket": lambda: user.list_objects_v2(Bucket="somebodys"),
        "open the bucket": lambda: user.put_bucket_policy(Bucket="gatehouse", Policy="{}"),
        "switch versions off": lambda: user.put_bucket_versioning(Bucket="gatehouse", VersioningConfiguration={"Status": "Suspended"}),
        "change the lifecycle": lambda: user.delete_bucket_lifecycle(Bucket="gatehouse"),
        "delete the bucket": lambda: user.delete_bucket(Bucket="gatehouse"),
        "make a bucket": lambda: user.create_bucket(Bucket="another"),
    }
    allowed = []
    for what, request in beyond.items():
        try:
            request()
            allowed.append(what)
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccessDenied":
                sys.exit(f"{what}: {error}")
    if allowed:
        sys.exit(f"the policy lets the user {', '.join(allowed)}")

    house |= {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    doctor = gatehouse("doctor")
    if doctor.returncode:
        sys.exit(f"the doctor, as that user:\n{doctor.stdout}{doctor.stderr}")
    print(f"  {len(beyond)} things beyond the policy are refused, and the doctor is content")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="gatehouse-policy-") as made:
        try:
            main(str(Path(sys.argv[1]).resolve()), Path(made))
        finally:
            subprocess.run([SERVERS / "ministack.sh", "stop", Path(made) / "server"], check=False)
