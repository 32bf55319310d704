#!/bin/sh
# What the audit calls for each suite: run.sh SUITE serves that suite's supergraph on port 4000 (AUDIT_GATEWAY_PORT) until it is killed.
# The folder may be linked into the audit's gateways/; PEERSEED_DIR then names this project.
set -eu
cd "${PEERSEED_DIR:-$(dirname "$0")/../..}"
folder=$(mktemp -d)
.venv/bin/python - "$1" "$folder/supergraph.graphql" "${AUDIT_PORT:-4200}" <<'PYTHON'
import sys, urllib.request
suite, target, port = sys.argv[1:]
with urllib.request.urlopen(f"http://localhost:{port}/{suite}/supergraph") as answer, open(target, "wb") as file:
    file.write(answer.read())
PYTHON
ROUTER_RATES__ENABLED=false exec .venv/bin/python -m trevo serve --supergraph "$folder/supergraph.graphql" --host 127.0.0.1 --port "${AUDIT_GATEWAY_PORT:-4000}"
