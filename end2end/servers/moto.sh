#!/usr/bin/env bash
# A second opinion on what AWS does. It checks neither signatures nor checksums, so it is never the only server that a test passes on.
#
#   moto.sh install        puts it into the tests' Python environment
#   moto.sh start DIR      starts it with an empty bucket; prints the environment Gatehouse needs, also kept in DIR/moto.env
#   moto.sh stop DIR
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/common.sh"

install() { "$here/venv.sh" 'moto[s3,server]==5.2.5' boto3==1.43.106; }

start() { # DIR
  mkdir -p "$1"
  local dir port
  dir=$(cd "$1" && pwd)
  port=$(free_port)
  umask 077
  cat > "$dir/moto.env" <<ENV
AWS_ENDPOINT_URL=http://127.0.0.1:$port
AWS_REGION=us-east-1
AWS_ACCESS_KEY_ID=placeholder
AWS_SECRET_ACCESS_KEY=placeholder
GATEHOUSE_S3_BUCKET=gatehouse
ENV
  setsid "$VENV/bin/moto_server" -H 127.0.0.1 -p "$port" > "$dir/moto.log" 2>&1 < /dev/null &
  echo $! > "$dir/moto.pid"
  wait_for_port "$port" 60 moto
  set -a
  source "$dir/moto.env"
  set +a
  "$VENV/bin/python" -c 'import boto3; boto3.client("s3").create_bucket(Bucket="gatehouse")'
  cat "$dir/moto.env"
}

case "${1:-}" in
  install) install ;;
  start) start "${2:?directory}" ;;
  stop) stop_pid_file "${2:?directory}/moto.pid" ;;
  *) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
