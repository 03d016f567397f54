#!/usr/bin/env bash
# A PostgreSQL server of the tests' own: temporary, on a free port, durable settings left as they are by default but for POSTGRES_OPTIONS.
#
#   postgres.sh start DIR      prints the URL of its database, also kept in DIR/url
#   postgres.sh kill DIR       ends it as a power cut would (kill -9); `resume DIR` starts it again
#   postgres.sh resume DIR
#   postgres.sh stop DIR
#
# PostgreSQL refuses to run as root, so root hands it to the user "postgres".
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

BIN=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
if [[ -z $BIN ]]; then
  BIN=$(dirname "$(command -v initdb || true)")
  [[ -x $BIN/initdb ]] || die "PostgreSQL's server programs (initdb, postgres) were not found"
fi

as_postgres() {
  if [[ $(id -u) == 0 ]]; then
    runuser -u postgres -- "$@"
  else
    "$@"
  fi
}

resume() { # DIR
  local port
  port=$(<"$1/port")
  # A postmaster that was killed leaves its lock and its socket behind.
  rm -f "$1/cluster/postmaster.pid"
  (cd / && as_postgres "$BIN/pg_ctl" -D "$1/cluster" -s -w -t 30 -l "$1/cluster/server.log" \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300 ${POSTGRES_OPTIONS:-}" start) >&2
}

start() { # DIR
  mkdir -p "$1/cluster"
  local dir password
  dir=$(cd "$1" && pwd)
  password=$(random_hex 16)
  free_port > "$dir/port"
  chmod 755 "$dir"
  (umask 077 && echo "$password" > "$dir/password")
  if [[ $(id -u) == 0 ]]; then
    chown postgres "$dir/cluster" "$dir/password"
  fi
  chmod 700 "$dir/cluster"
  (cd / && as_postgres "$BIN/initdb" -D "$dir/cluster" -U gatehouse -E UTF8 --locale=C.UTF-8 -A scram-sha-256 \
    --pwfile="$dir/password" > /dev/null)
  rm "$dir/password"
  resume "$dir"
  echo "postgres://gatehouse:$password@127.0.0.1:$(<"$dir/port")/postgres" > "$dir/url"
  chmod 600 "$dir/url"
  cat "$dir/url"
}

# Nobody reads the cluster again: a checkpoint of hundreds of databases would be written for nothing.
stop() { # DIR
  [[ -d $1/cluster ]] || return 0
  (cd / && as_postgres "$BIN/pg_ctl" -D "$1/cluster" -s -m immediate -w stop) || true
}

crash() { # DIR
  local pid
  pid=$(head -1 "$1/cluster/postmaster.pid")
  kill -9 "$pid" $(ps -o pid= --ppid "$pid") 2>/dev/null || true
}

case "${1:-}" in
  start) start "${2:?directory}" ;;
  resume) resume "$(cd "${2:?directory}" && pwd)" ;;
  kill) crash "${2:?directory}" ;;
  stop) stop "$(cd "${2:?directory}" && pwd)" ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
