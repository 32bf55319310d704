"""A process whose parties are sandboxes starts only when they were asked for."""

import os
import subprocess
import sys

import pytest

from launch.home import ROOT, SECRET_NAMES

PORTS = {
    "accounts": "ACCOUNTS_MESSENGER",
    "credit": "CREDIT_BUREAU",
    "contracts": "CONTRACTS_SIGNATURE_PROVIDER",
    "wallet": "WALLET_GATEWAY",
    "notifications": "NOTIFICATIONS_EMAIL",
}
"""The first port of each domain that has one."""


@pytest.mark.parametrize("domain", sorted(PORTS))
def test_a_process_with_a_sandbox_refuses_to_start_unless_it_was_asked_for(domain: str) -> None:
    environment = {**os.environ, f"{domain.upper()}_DATABASE_URL": "postgresql://nobody@127.0.0.1/none"}
    for secret in SECRET_NAMES:
        environment[secret] = "not-used-to-refuse"
    del environment["PEERSEED_SANDBOXES"]
    command = [sys.executable, "-m", "launch.subgraph", domain]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr == (
        f"{PORTS[domain]} names no party, so a sandbox would stand in for it. Set {PORTS[domain]} to "
        "package.module:factory, or PEERSEED_SANDBOXES=1 where nothing is real.\n"
    )
