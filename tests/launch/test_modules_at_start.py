"""What a subgraph's process does not load: each of these is megabytes and a part of a second, and of no use to it."""

import subprocess
import sys

import pytest

from launch.databases import DOMAINS
from launch.home import ROOT

NOT_LOADED = {
    "aio_pika": "no broker is named",
    "alembic": "migrations are a program's of their own",
    "email.mime": "nobody writes letters",
    "numpy": "a scorecard is a table",
    "redis": "rates are the router's",
    "reportlab": "papers are rare",
    "rich": "nobody reads a terminal here",
    "websockets": "subscriptions are events",
}
DOMAINS_WITH_HASHES = {"accounts"}

TOLD = """\
import sys
from launch import subgraph
from launch.services import transport_from_environment
from importlib import import_module
import_module("subgraphs.{domain}.main")
transport_from_environment({{"BROKER_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}})
print(*sys.modules)
"""


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_subgraph_loads_itself_and_what_it_needs(domain: str) -> None:
    command = [sys.executable, "-c", TOLD.format(domain=domain)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    loaded = set(told)
    assert sorted(loaded & NOT_LOADED.keys()) == []
    assert {name.split(".")[1] for name in loaded if name.startswith("subgraphs.")} == {"shared", domain}
    assert {name.split(".")[1] for name in loaded if name.startswith("trevo.")} == {"door", "serving"}
    assert ("argon2" in loaded) is (domain in DOMAINS_WITH_HASHES)
