#!/usr/bin/env bash
# A real S3 server for the tests: Garage, one node, a fresh bucket and fresh random keys at every start.
#
#   garage.sh install          builds it once, into the cache (about 8 minutes on two cores)
#   garage.sh installed        succeeds when the cache has it
#   garage.sh start DIR        starts it; prints the environment Gatehouse needs, also kept in DIR/garage.env
#   garage.sh stop DIR
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

VERSION=2.5.0
ROOT=$GATEHOUSE_CACHE/garage-${VERSION%.*}
GARAGE=$ROOT/bin/garage

install() {
  [[ -x $GARAGE ]] && return
  say "building Garage $VERSION into $ROOT"
  # Outside the repository: its .cargo/config.toml is not Garage's.
  (cd "$HOME" && env -u CARGO_TARGET_DIR -u RUSTFLAGS cargo install garage --version "$VERSION" --locked \
    --no-default-features --features bundled-libs,sqlite --root "$ROOT")
}

start() { # DIR
  [[ -x $GARAGE ]] || die "Garage is not installed: run $0 install"
  mkdir -p "$1"
  local dir s3 rpc
  dir=$(cd "$1" && pwd)
  s3=$(free_port)
  rpc=$(free_port)
  umask 077
  cat > "$dir/garage.toml" <<TOML
metadata_dir = "$dir/meta"
data_dir = "$dir/data"
db_engine = "sqlite"
metadata_fsync = true
data_fsync = true
replication_factor = 1
rpc_bind_addr = "127.0.0.1:$rpc"
rpc_public_addr = "127.0.0.1:$rpc"
rpc_secret = "$(random_hex 32)"

[s3_api]
s3_region = "garage"
api_bind_addr = "127.0.0.1:$s3"
TOML
  local key secret
  key=GK$(random_hex 12)
  secret=$(random_hex 32)
  GARAGE_DEFAULT_ACCESS_KEY=$key GARAGE_DEFAULT_SECRET_KEY=$secret GARAGE_DEFAULT_BUCKET=gatehouse RUST_LOG=garage=info \
    setsid "$GARAGE" -c "$dir/garage.toml" server --single-node --default-bucket > "$dir/garage.log" 2>&1 < /dev/null &
  echo $! > "$dir/garage.pid"
  wait_for_port "$s3" 30 Garage
  for _ in $(seq 100); do
    grep -q 'default bucket' "$dir/garage.log" && break
    sleep 0.1
  done
  cat > "$dir/garage.env" <<ENV
AWS_ENDPOINT_URL=http://127.0.0.1:$s3
AWS_REGION=garage
AWS_ACCESS_KEY_ID=$key
AWS_SECRET_ACCESS_KEY=$secret
GATEHOUSE_S3_BUCKET=gatehouse
ENV
  cat "$dir/garage.env"
}

case "${1:-}" in
  install) install ;;
  installed) [[ -x $GARAGE ]] ;;
  start) start "${2:?directory}" ;;
  stop) stop_pid_file "${2:?directory}/garage.pid" ;;
  *) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
