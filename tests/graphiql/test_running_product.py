"""`make run` as a newcomer has it: the page comes up, a demo person signs in, and one query crosses five domains."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from launch import graphiql
from launch.people import DEMO_PEOPLE
from tests.graphiql.browser import Browser, assert_clean, run_example

# The first test also starts the product: on a busy machine that takes longer than a test may.
pytestmark = pytest.mark.timeout(300)

MARINA = next(f"{person.name} ({person.about})" for person in DEMO_PEOPLE if person.email.startswith("marina@"))


@pytest.fixture(scope="module")
def product(built_page: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole product in a process of its own, with a home folder of its own; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Whatever servers this machine's environment names, the product is tried as a newcomer has it: embedded.
    named = ("DATABASE_URL", "RABBITMQ_URL")
    environment = {name: value for name, value in os.environ.items() if not name.endswith(named)}
    environment |= {"PORT": str(port), "PEERSEED_HOME": str(tmp_path_factory.mktemp("home"))}
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "launch.in_process"],
        cwd=graphiql.ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    printed = []
    try:
        for line in process.stdout:
            printed.append(line)
            if "Ctrl-C stops everything" in line:
                break
        else:
            pytest.fail(f"the product did not come up:\n{''.join(printed)}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def test_one_query_over_five_domains_is_answered(browser: Browser, product: str) -> None:
    answer = run_example(browser, product, person=MARINA, example="InvestorHome")
    assert "errors" not in answer
    me = answer["data"]["me"]
    assert me["displayName"] == "Marina C."  # accounts
    assert me["wallet"]["available"] == {"amount": "0.00", "currency": "BRL"}  # wallet
    assert me["portfolio"]["activeCount"] == 0  # marketplace
    assert me["payouts"]["nodes"] == []  # distribution
    assert isinstance(me["unreadCount"], int)  # notifications


def test_every_operation_of_the_schema_folder_is_offered_and_parses(browser: Browser, product: str) -> None:
    files = sorted(path.stem for path in (graphiql.ROOT / "schema" / "operations").rglob("*.graphql"))
    visit = browser.visit(f"{product}/graphiql", ("open",), ("listExamples",), ("listProblems",))
    assert sorted(visit.results[1]) == files
    assert visit.results[2] == []
    assert_clean(visit)


def test_the_documentation_shows_the_graph_of_all_domains(browser: Browser, product: str) -> None:
    visit = browser.visit(f"{product}/graphiql", ("open",), ("openPanel", "Documentation Explorer"))
    for name in ("User", "CPR", "Offering", "Installment", "Wallet", "Investment", "Distribution", "Notification"):
        assert name in visit.results[1].split()
    assert_clean(visit)
