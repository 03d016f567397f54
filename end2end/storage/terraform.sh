#!/usr/bin/env bash
# Whether the Terraform file parses, names nothing that it does not declare, and says what the other documents say.
#
#   terraform.sh BINARY
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../servers/common.sh"

binary=$(realpath "$1")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export GATEHOUSE_S3_BUCKET=yard GATEHOUSE_BASE_URL=https://yard.example AWS_REGION=eu-central-1
"$binary" bucket terraform --log-bucket yard-logs --kms-key arn:aws:kms:eu-central-1:111122223333:key/placeholder > bucket.tf
"$binary" bucket policy --log-bucket yard-logs --kms-key arn:aws:kms:eu-central-1:111122223333:key/placeholder > policy.json
"$binary" bucket lifecycle > lifecycle.json
"$binary" bucket cors > cors.json
"$VENV/bin/python" - <<'PYTHON'
import json, re
import hcl2

text = open("bucket.tf").read()
tf = hcl2.loads(text)
plain = lambda value: value.strip('"') if isinstance(value, str) else value
resources = {plain(kind): {plain(name): body for name, body in named.items()} for one in tf["resource"] for kind, named in one.items()}
for kind, name in set(re.findall(r"\b(aws_\w+)\.(\w+)\b", text)):
    assert name in resources.get(kind, {}), f"{kind}.{name} is not declared"
wanted = {
    "aws_s3_bucket", "aws_s3_bucket_ownership_controls", "aws_s3_bucket_public_access_block", "aws_s3_bucket_versioning",
    "aws_s3_bucket_server_side_encryption_configuration", "aws_s3_bucket_lifecycle_configuration", "aws_s3_bucket_cors_configuration",
    "aws_s3_bucket_logging", "aws_s3_bucket_policy", "aws_iam_policy",
}
assert set(resources) == wanted, set(resources) ^ wanted
rules = resources["aws_s3_bucket_lifecycle_configuration"]["gatehouse"]["rule"]
listed = json.load(open("lifecycle.json"))["Rules"]
assert [plain(rule["id"]) for rule in rules] == [rule["ID"] for rule in listed]
for rule, one in zip(rules, listed):
    days = [(transition["days"], plain(transition["storage_class"])) for transition in rule.get("transition", [])]
    assert days == [(step["Days"], step["StorageClass"]) for step in one.get("Transitions", [])], rule
# The documents inside jsonencode() are JSON as it stands.
documents = json.load(open("policy.json"))
inside = [json.loads(part) for part in re.findall(r"jsonencode\((\{.*?\n  \})\)", text, re.S)]
assert inside == [documents["bucket"], documents["iam"]], inside
print(f"{len(resources)} resources, {len(rules)} rules of the lifecycle")
PYTHON
