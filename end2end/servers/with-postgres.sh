#!/usr/bin/env bash
# Runs a command with GATEHOUSE_TEST_DATABASE_URL set to a PostgreSQL server that lives as long as the command.
#
#   with-postgres.sh COMMAND…
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

dir=$(mktemp -d)
# The tests ask what the server says, not what a power cut leaves; they make a database each.
export POSTGRES_OPTIONS='-c fsync=off'
trap '"$here/postgres.sh" stop "$dir"; rm -rf "$dir"' EXIT
GATEHOUSE_TEST_DATABASE_URL=$("$here/postgres.sh" start "$dir")
export GATEHOUSE_TEST_DATABASE_URL
"$@"
