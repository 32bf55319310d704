#!/bin/sh
# What the audit calls once before its tests: make the environment from the lock file.
set -eu
cd "${PEERSEED_DIR:-$(dirname "$0")/../..}"
python3 launch/bootstrap.py
