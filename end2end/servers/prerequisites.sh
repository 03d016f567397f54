#!/usr/bin/env bash
# Everything `make test` needs beside Rust and a C compiler. On Debian and Ubuntu what is missing is installed (as root,
# or through sudo); elsewhere this says exactly what is missing and stops.
#
#   prerequisites.sh [cargo|cameras|postgres|e2e|storage|bench|deny|alerts|disaster]…      what the coming tests need; without words, all of it
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source servers/common.sh

wanted=${*:-cargo cameras postgres e2e}
packages=()
missing=()

# need COMMAND PACKAGE: the command, or the Debian package that brings it.
need() {
  command -v "$1" > /dev/null || { packages+=("$2"); missing+=("$1 (Debian: $2)"); }
}

for what in $wanted; do
  case $what in
    cargo)
      command -v cargo > /dev/null || die "Rust is missing: https://rustup.rs"
      command -v cc > /dev/null || { packages+=(build-essential); missing+=("a C compiler (Debian: build-essential)"); }
      need qpdf qpdf
      need pdftotext poppler-utils
      need ffmpeg ffmpeg
      ;;
    cameras)
      # Real RTSP cameras are gst-rtsp-server, driven by Debian's own Python: its bindings fit no other.
      need ffmpeg ffmpeg
      if ! /usr/bin/python3 -c 'import gi; gi.require_version("GstRtspServer", "1.0")' 2> /dev/null; then
        packages+=(gir1.2-gst-rtsp-server-1.0 python3-gi)
        missing+=("gst-rtsp-server with Python's bindings (Debian: gir1.2-gst-rtsp-server-1.0 python3-gi)")
      fi
      for kind in base good bad ugly; do
        if ! dpkg -s "gstreamer1.0-plugins-$kind" > /dev/null 2>&1; then
          packages+=("gstreamer1.0-plugins-$kind")
          missing+=("GStreamer's $kind plugins (Debian: gstreamer1.0-plugins-$kind)")
        fi
      done
      ;;
    postgres)
      compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null || need initdb postgresql
      ;;
    e2e)
      # Ubuntu's chromium package is a snap, which does not run in containers: there Playwright brings its own.
      if ! grep -q '^ID=ubuntu' /etc/os-release 2> /dev/null; then
        need chromium chromium
      fi
      need node nodejs
      need npm npm
      need python3 python3
      python3 -c 'import venv, ensurepip' 2> /dev/null || { packages+=(python3-venv); missing+=("Python's venv (Debian: python3-venv)"); }
      ;;
    storage)
      need python3 python3
      need unshare util-linux
      python3 -c 'import venv, ensurepip' 2> /dev/null || { packages+=(python3-venv); missing+=("Python's venv (Debian: python3-venv)"); }
      ;;
    bench)
      need python3 python3
      need wrk wrk
      need motion motion
      ;;
    deny)
      # Built once, into the cache (about four minutes on two cores); outside the repository, whose .cargo/config.toml is not its own.
      if ! command -v cargo-deny > /dev/null && [[ ! -x $GATEHOUSE_CACHE/bin/cargo-deny ]]; then
        say "building cargo-deny into $GATEHOUSE_CACHE"
        (cd "$HOME" && env -u CARGO_TARGET_DIR -u RUSTFLAGS cargo install cargo-deny --version 0.20.2 --locked --root "$GATEHOUSE_CACHE")
      fi
      ;;
    alerts)
      need promtool prometheus
      ;;
    disaster)
      need python3 python3
      need sqlite3 sqlite3
      python3 -c 'import venv, ensurepip' 2> /dev/null || { packages+=(python3-venv); missing+=("Python's venv (Debian: python3-venv)"); }
      ;;
    *) die "unknown prerequisite: $what" ;;
  esac
done

if ((${#packages[@]})); then
  if ! command -v apt-get > /dev/null; then
    printf 'error: these are missing, and this is neither Debian nor Ubuntu, so install them first:\n' >&2
    printf '  - %s\n' "${missing[@]}" >&2
    exit 1
  fi
  sudo=()
  if [[ $(id -u) != 0 ]]; then
    command -v sudo > /dev/null || die "missing: ${missing[*]}; run as root: apt-get install ${packages[*]}"
    sudo=(sudo)
  fi
  say "installing ${packages[*]}"
  "${sudo[@]}" apt-get update -qq
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" > /dev/null
fi

if [[ " $wanted " == *" storage "* ]]; then
  servers/ministack.sh install
  servers/moto.sh install
  servers/venv.sh python-hcl2==8.1.4
fi

if [[ " $wanted " == *" e2e "* ]]; then
  # Playwright needs Node 20; Debian 12 has 18. npm itself brings a newer one, which the Makefile puts first in PATH.
  if (($(node -p 'process.versions.node.split(".")[0]') < 20)); then
    say "npm install node 22 into $GATEHOUSE_CACHE/node"
    npm install --prefix "$GATEHOUSE_CACHE/node" --no-audit --no-fund --loglevel=error node@22
    export PATH="$GATEHOUSE_CACHE/node/node_modules/.bin:$PATH"
  fi
  if [[ package-lock.json -nt node_modules/.package-lock.json ]]; then
    say "npm ci in end2end"
    npm ci --no-audit --no-fund --loglevel=error
  fi
  if ! command -v chromium > /dev/null; then
    npx playwright install --with-deps chromium
  fi
  servers/venv.sh aiosmtpd==1.4.6
fi
if [[ " $wanted " == *" disaster "* ]]; then
  servers/ministack.sh install
fi
