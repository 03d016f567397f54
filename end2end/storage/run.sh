#!/usr/bin/env bash
# The storage tests on servers that others made: Garage, ministack, moto. Then what the doctor says, whether Terraform could
# read its file, and whether a user with the printed policy may do what the house does and nothing else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source end2end/servers/common.sh

binary=target/debug/gatehouse
dir=$(mktemp -d)
running=()
finish() {
  for name in "${running[@]}"; do
    "end2end/servers/$name.sh" stop "$dir/$name" || true
  done
  rm -rf "$dir"
}
trap finish EXIT

# One at a time: they share a bucket.
if command -v cargo-nextest > /dev/null; then
  suite=(cargo nextest run --workspace --locked --test-threads 1 -E 'binary(servers)')
else
  suite=(cargo test --workspace --locked --test servers -- --test-threads=1)
fi

for name in garage ministack moto; do
  say "the storage tests on $name"
  running+=("$name")
  "end2end/servers/$name.sh" start "$dir/$name" > /dev/null
  (
    set -a
    source "$dir/$name/$name.env"
    GATEHOUSE_TEST_S3=$name
    "${suite[@]}"
  )
done

say "the Terraform file"
end2end/storage/terraform.sh "$binary"

say "the policy as a user's"
"$VENV/bin/python" end2end/storage/policy.py "$binary"

say "the doctor on healthy and broken set-ups"
"$VENV/bin/python" end2end/doctor/guide.py "$binary" --check
say "storage: all right"
