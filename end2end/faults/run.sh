#!/usr/bin/env bash
# kill -9 of server and workers between issue and sent, of moves of files to a bucket, of workers that fill a mirror, of all that record cameras and of one
# that cuts clips; a disk that is read-only, then full; and a recorder on another site that is cut off from its hub. The seed is printed; give it back to see
# the same run again.
#
#   run.sh [--seed N] [--rounds N] [sqlite|postgres|garage|uploads|replicas|cameras|outpost|disk|clips]…
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../servers/common.sh

../servers/venv.sh aiosmtpd==1.4.6 'psycopg[binary]==3.3.9' boto3==1.44.5
options=()
while [[ ${1:-} == --* ]]; do
  options+=("$1" "$2")
  shift 2
done
kinds=("$@")
if ((${#kinds[@]} == 0)); then
  kinds=(disk clips sqlite postgres cameras)
  if ../servers/garage.sh installed; then
    kinds=(disk clips sqlite garage uploads replicas cameras outpost)
  fi
fi
for kind in "${kinds[@]}"; do
  case $kind in
    disk) "$VENV/bin/python" disk.py ;;
    cameras)
      # The issue asks for a hundred; a few stand for them in the usual run.
      "$VENV/bin/python" cameras.py "${options[@]}"
      "$VENV/bin/python" room.py
      ;;
    uploads | replicas | clips | outpost) "$VENV/bin/python" "$kind.py" "${options[@]}" ;;
    *) "$VENV/bin/python" kill.py "$kind" "${options[@]}" ;;
  esac
  if [[ $kind == garage ]]; then
    "$VENV/bin/python" outage.py
  fi
done
