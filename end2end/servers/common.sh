# Sourced by the server scripts: where things are kept, and a few words they share.

GATEHOUSE_CACHE=${GATEHOUSE_CACHE:-$HOME/.cache/gatehouse}
VENV=$GATEHOUSE_CACHE/venv

say() { printf '==> %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

random_hex() { # BYTES
  od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'
}

wait_for_port() { # PORT SECONDS WHAT
  local end=$((SECONDS + $2))
  until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
    ((SECONDS < end)) || die "$3 did not listen on port $1 within $2 s"
    sleep 0.1
  done
}

# Ends the process named in a pid file, and waits for it.
stop_pid_file() { # FILE
  [[ -f $1 ]] || return 0
  local pid
  pid=$(<"$1")
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 100); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  rm -f "$1"
}
