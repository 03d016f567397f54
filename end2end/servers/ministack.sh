#!/usr/bin/env bash
# An AWS of the tests' own, for what Garage has not: versions, lifecycle, encryption, policies. Signatures are checked (AUTH=true).
#
#   ministack.sh install        puts it into the tests' Python environment
#   ministack.sh start DIR      starts it with an empty bucket; prints the environment Gatehouse needs, also kept in DIR/ministack.env
#   ministack.sh stop DIR
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/common.sh"

install() { "$here/venv.sh" ministack==1.5.33 boto3==1.43.106; }

start() { # DIR
  mkdir -p "$1"
  local dir port key secret
  dir=$(cd "$1" && pwd)
  port=$(free_port)
  umask 077
  key=AKIA$(random_hex 8 | tr a-f A-F)
  secret=$(random_hex 20)
  cat > "$dir/ministack.env" <<ENV
AWS_ENDPOINT_URL=http://127.0.0.1:$port
AWS_REGION=us-east-1
AWS_ACCESS_KEY_ID=$key
AWS_SECRET_ACCESS_KEY=$secret
GATEHOUSE_S3_BUCKET=gatehouse
ENV
  set -a
  source "$dir/ministack.env"
  set +a
  AUTH=true GATEWAY_PORT=$port STATE_DIR=$dir/state TMPDIR=$dir setsid "$VENV/bin/ministack" > "$dir/ministack.log" 2>&1 < /dev/null &
  echo $! > "$dir/ministack.pid"
  wait_for_port "$port" 60 ministack
  "$VENV/bin/python" -c 'import boto3; boto3.client("s3").create_bucket(Bucket="gatehouse")'
  cat "$dir/ministack.env"
}

case "${1:-}" in
  install) install ;;
  start) start "${2:?directory}" ;;
  stop) stop_pid_file "${2:?directory}/ministack.pid" ;;
  *) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
