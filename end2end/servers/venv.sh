#!/usr/bin/env bash
# Puts Python packages into the tests' own virtual environment, once.
#
#   venv.sh PACKAGE==VERSION…
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# pip's own interpreter choice would follow whatever is first in PATH; a venv keeps the one it was made with.
[[ -x $VENV/bin/python ]] || python3 -m venv "$VENV"
for package in "$@"; do
  stamp=$VENV/.has-${package//[^A-Za-z0-9.=]/_}
  if [[ ! -f $stamp ]]; then
    say "pip install $package"
    "$VENV/bin/pip" install --quiet --disable-pip-version-check "$package"
    touch "$stamp"
  fi
done
