"""`make run` as a newcomer has it: the page comes up, a demo person signs in, and one query crosses five domains."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from builds import graphiql
from launch.databases import DOMAINS
from launch.environment import addresses, metrics_port
from launch.people import DEMO_PEOPLE
from story.client import Client
from story.narrator import Narrator
from story.people import demo_person, deposit
from tests.fixtures.product import free_port_range
from tests.graphiql.browser import Browser, assert_clean, run_example

# The first test also starts the product: on a busy machine that takes longer than a test may.
pytestmark = pytest.mark.timeout(300)

MARINA = next(f"{person.name} ({person.about})" for person in DEMO_PEOPLE if person.email.startswith("marina@"))


@pytest.fixture(scope="module")
def product(built_page: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole product in a process of its own, with a home folder of its own; its address."""
    port = free_port_range(11)
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


def test_a_subscription_shows_what_comes_while_the_page_is_open(browser: Browser, product: str) -> None:
    paying = threading.Thread(target=lambda: asyncio.run(_pay_while_somebody_listens(product)))
    paying.start()
    try:
        answer = run_example(browser, product, person=MARINA, example="NotificationReceived")
    finally:
        paying.join(60)
    assert answer["data"]["notificationReceived"]["title"] == "Depósito confirmado"


async def _pay_while_somebody_listens(product: str) -> None:
    """Marina's money comes as soon as her page listens."""
    client = Client(addresses(pid=0, router=product, bases=dict.fromkeys(DOMAINS, product), database="", broker=""))
    try:

        async def listens() -> bool:
            return "router_subscriptions 1.0\n" in await _text_of(metrics_of(product))

        await client.until("the page listening", listens)
        marina = await demo_person(client, "marina@demo.peerseed.example")
        await deposit(client, Narrator(), marina, "10.00")
    finally:
        await client.close()


def metrics_of(product: str) -> str:
    host, _, port = product.rpartition(":")
    return f"{host}:{metrics_port(int(port))}/metrics"


async def _text_of(url: str) -> str:
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        return await response.text()
