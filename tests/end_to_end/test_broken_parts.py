"""
Parts that are slow, dead, talk nonsense or lose their database or broker: the rest goes on, and all comes right again.

The parts are processes over one database server; each test mends what it breaks.
"""

import asyncio
import copy
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
import pytest_asyncio
from aiohttp import web

from launch.databases import DOMAINS
from launch.home import ROOT
from story import people
from story.client import Client
from story.narrator import Narrator
from story.telling import tell
from tests.end_to_end.asking import schema_of
from tests.end_to_end.gateway import available, new_charge, notice_of, notify, rows_of
from tests.fixtures.parts import Answer, Parts, ToldParts, eventually, running_parts
from tests.fixtures.rabbitmq import Stopped, product_namespace

pytestmark = pytest.mark.timeout(300)  # the first test tells the story

PATIENCE_MS = "3000"
FORM = "application/x-www-form-urlencoded"
HOME = "{ me { id wallet { available { amount } } payouts(first: 1) { nodes { status } } } }"
HOME_BY_ID = HOME.replace("{ me {", "query($id: ID!) { me: user(id: $id) {", 1)
"""The same, of which every part but accounts is asked by key."""


@pytest_asyncio.fixture(scope="module")
async def told(told_parts: ToldParts) -> ToldParts:
    """Everybody signed in anew: tokens live for ten minutes."""
    story = told_parts.told
    for person in (story.farmer, *story.investors, story.admin):
        await people.sign_in(told_parts.client, person)
    return told_parts


def marina(told: ToldParts) -> people.Person:
    return told.told.investors[0]


async def ask_home(told: ToldParts, part: str = "router") -> Answer:
    async with asyncio.timeout(10):  # far below every default; only the deadline of the request is shorter
        return await told.parts.ask(HOME, token=marina(told).token, part=part, x_request_deadline_ms=PATIENCE_MS)


async def home_is_whole(told: ToldParts) -> bool:
    answer = await ask_home(told)
    return "errors" not in answer.body and answer.body["data"]["me"]["payouts"]["nodes"] == [{"status": "CREDITED"}]


def assert_only_payouts_missing(answer: Answer, code: str) -> None:
    """Partial data: the field of the broken subgraph is null with an error of its own, all else is there."""
    (error,) = answer.body["errors"]
    assert answer.status == 200
    assert error["path"] == ["me", "payouts"]
    assert error["extensions"] == {"code": code, "service": "distribution"}
    assert answer.body["data"]["me"]["payouts"] is None
    assert answer.body["data"]["me"]["wallet"]["available"]["amount"]


# ── paying an installment goes through wallet, contracts, distribution, wallet again and notifications ──

INSTALLMENTS = """query($id: ID!) { cpr(id: $id) { installments { id number status distribution {
  payouts { nodes { status } } } } } }"""
PAY = """mutation($id: ID!, $key: String!) { payInstallment(input: {installmentId: $id, idempotencyKey: $key}) {
  __typename ... on Refusal { code } } }"""
BOOKS = "{ booksCheck { balanced problems } }"


async def installments(told: ToldParts) -> list[dict[str, Any]]:
    answer = await told.parts.ask(INSTALLMENTS, {"id": told.told.cpr_id}, token=told.told.admin.token)
    rows: list[dict[str, Any]] = answer.data["cpr"]["installments"]
    return rows


async def next_unpaid(told: ToldParts) -> str:
    return next(str(row["id"]) for row in await installments(told) if row["status"] != "PAID")


async def pay(told: ToldParts, installment_id: str) -> None:
    variables = {"id": installment_id, "key": f"broken-{installment_id}"}
    answer = await told.parts.ask(PAY, variables, token=told.told.farmer.token)
    assert answer.data == {"payInstallment": {"__typename": "InstallmentPayment"}}


async def everything_comes_right(told: ToldParts, installment_id: str) -> None:
    """The payment arrives everywhere by itself, once, and the books balance to the cent."""

    async def split_and_credited() -> bool:
        answer = await told.parts.ask(INSTALLMENTS, {"id": told.told.cpr_id}, token=told.told.admin.token)
        if "errors" in answer.body:
            return False
        (row,) = [row for row in answer.data["cpr"]["installments"] if row["id"] == installment_id]
        payouts = row["distribution"]["payouts"]["nodes"] if row["distribution"] else []
        return row["status"] == "PAID" and [payout["status"] for payout in payouts] == ["CREDITED"] * len(payouts) != []

    async def balanced() -> bool:
        return bool((await told.parts.ask(BOOKS, token=told.told.admin.token)).data["booksCheck"]["balanced"])

    await eventually(split_and_credited, what="the payment being split and credited")
    await eventually(balanced, what="the books balancing")
    await eventually(lambda: home_is_whole(told), what="the home screen being whole")


# ── a subgraph ──


async def test_a_slow_subgraph_costs_its_own_fields_only(told: ToldParts) -> None:
    async with told.parts.frozen("distribution"):
        assert_only_payouts_missing(await ask_home(told), "SUBREQUEST_TIMEOUT")
    await eventually(lambda: home_is_whole(told), what="distribution answering again")


async def test_a_dead_subgraph_costs_its_own_fields_and_no_event(told: ToldParts) -> None:
    installment_id = await next_unpaid(told)
    async with told.parts.dead("distribution"):
        assert_only_payouts_missing(await ask_home(told), "SUBREQUEST_FAILED")
        await pay(told, installment_id)
    await everything_comes_right(told, installment_id)


async def test_a_mutation_of_a_dead_subgraph_says_so_and_can_be_sent_again(told: ToldParts) -> None:
    parts, variables = told.parts, {"id": await next_unpaid(told), "key": f"again-{uuid.uuid4().hex}"}
    async with parts.dead("wallet"):
        answer = await parts.ask(PAY, variables, token=told.told.farmer.token)
        assert (answer.codes, answer.body["data"]) == (["SUBREQUEST_FAILED"], {"payInstallment": None})
        assert (await parts.ask("{ me { id displayName } }", token=marina(told).token)).data["me"]["id"]
    for _ in range(2):
        answer = await parts.ask(PAY, variables, token=told.told.farmer.token)
        assert answer.data == {"payInstallment": {"__typename": "InstallmentPayment"}}
    await everything_comes_right(told, variables["id"])


async def test_while_keys_cannot_be_had_known_tokens_are_still_believed(told: ToldParts) -> None:
    async with told.parts.frozen("accounts"):
        answer = await told.parts.ask("{ offerings { nodes { id } } }", token=marina(told).token)
        assert answer.data == {"offerings": {"nodes": []}}


# ── a subgraph that hangs, and the investor's whole screen ──

SHARE_SECONDS = 2.0
IMPATIENT = {
    "ROUTER_LIMITS__DEADLINE_SECONDS": str(2 * SHARE_SECONDS),
    "ROUTER_LIMITS__SUBGRAPH_DEADLINE_SHARE": "0.5",
    "ROUTER_LIMITS__CIRCUIT_FAILURES": "1",
    "ROUTER_LIMITS__CIRCUIT_OPEN_SECONDS": "1",
}
INVESTOR_HOME = (ROOT / "schema" / "operations" / "InvestorHome.graphql").read_text()
FIELDS_OF = {
    "distribution": ["payouts"],
    "marketplace": ["portfolio"],
    "notifications": ["activities", "unreadCount"],
    "wallet": ["wallet"],
}


@pytest_asyncio.fixture(scope="module")
async def impatient(told: ToldParts) -> str:
    """A router with a short deadline, which leaves a subgraph alone as soon as it has hung once."""
    await told.parts.start_another_router("impatient router", **IMPATIENT)
    installment_id = await next_unpaid(told)
    await pay(told, installment_id)  # so that a payout is among what the screen tells of, whatever came before
    await everything_comes_right(told, installment_id)
    return "impatient router"


async def investor_home(told: ToldParts, part: str) -> tuple[Answer, float]:
    """The screen, and the seconds that it took."""
    started = time.monotonic()
    answer = await told.parts.ask(INVESTOR_HOME, token=marina(told).token, part=part)
    return answer, time.monotonic() - started


def activities_of(part: str) -> set[str]:
    """What of a time line *part* alone can tell; notifications knows only that it happened."""
    schema = schema_of(part)._schema
    activity = schema.type_map.get("Activity")
    return {each.name for each in schema.get_possible_types(activity)} if activity else set()


def without(part: str, home: dict[str, Any]) -> dict[str, Any]:
    """The screen *home* without what *part* alone knows."""
    rest: dict[str, Any] = copy.deepcopy(home)
    if part == "marketplace":
        rest["offerings"] = None
    if part == "accounts":
        return {**rest, "me": None}
    nodes = rest["me"]["activities"]["nodes"]
    lost = activities_of(part)
    rest["me"]["activities"]["nodes"] = [None if node["__typename"] in lost else node for node in nodes]
    if part == "contracts":
        for payout in rest["me"]["payouts"]["nodes"]:
            payout["cpr"] = None  # a CPR always has a crop
    return {**rest, "me": {**rest["me"], **dict.fromkeys(FIELDS_OF.get(part, ()))}}


@pytest.mark.parametrize("part", DOMAINS)
async def test_a_subgraph_that_hangs_costs_its_own_fields_and_its_share_of_the_time_once(
    part: str, told: ToldParts, impatient: str
) -> None:
    whole = (await investor_home(told, impatient))[0].data
    assert {node["__typename"] for node in whole["me"]["activities"]["nodes"]} >= {"Payout"}
    async with told.parts.frozen(part):
        answer, seconds = await investor_home(told, impatient)
        assert answer.body["data"] == without(part, whole)
        assert seconds < SHARE_SECONDS + 2
        again, seconds = await investor_home(told, impatient)
        assert again.body["data"] == without(part, whole)
        assert seconds < SHARE_SECONDS
    if answer.body["data"] == whole:
        return  # this person's screen has nothing of credit
    assert "SUBREQUEST_TIMEOUT" in answer.codes
    assert {error["extensions"].get("service", part) for error in answer.body["errors"]} == {part}
    assert "SUBGRAPH_CIRCUIT_OPEN" in again.codes
    assert "SUBREQUEST_TIMEOUT" not in again.codes

    async def asked_again() -> bool:
        return "errors" not in (await investor_home(told, impatient))[0].body

    await eventually(asked_again, what=f"{part} being asked again")


# ── nonsense ──


def entities(value: Any) -> bytes:
    return orjson.dumps({"data": {"_entities": value}})


INVALID, FAILED = "SUBREQUEST_INVALID_RESPONSE", "SUBREQUEST_FAILED"
NONSENSE: dict[str, tuple[int, bytes, str]] = {
    "a page of a proxy": (502, b"<html>Bad gateway</html>", FAILED),
    "a page with status 200": (200, b"<html>Welcome</html>", INVALID),
    "nothing": (200, b"", INVALID),
    "half of an answer": (200, b'{"data": {"_enti', INVALID),
    "a list": (200, b"[]", INVALID),
    "neither data nor errors": (200, b"{}", INVALID),
    "no list of entities": (200, entities("payouts"), INVALID),
    "too few entities": (200, entities([]), INVALID),
    "an entity that is a number": (200, entities([7]), INVALID),
    "a redirect": (302, b"", FAILED),
    "more than is read": (200, b" " * 8_000_001, "SUBREQUEST_TOO_LARGE"),
}


@pytest_asyncio.fixture(scope="module")
async def nonsense(told: ToldParts) -> AsyncIterator[Callable[[int, bytes], None]]:
    """A router whose `distribution` answers what a test says."""
    current: list[tuple[int, bytes]] = [(200, b"")]

    async def answer(_request: web.Request) -> web.Response:
        status, body = current[0]
        headers = {"location": f"{told.parts.bases['distribution']}/graphql"} if status == 302 else {}
        return web.Response(status=status, body=body, content_type="application/json", headers=headers)

    app = web.Application()
    app.router.add_post("/graphql", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    urls = json.loads(told.parts.environment["ROUTER_SUBGRAPH_URLS"])
    urls["distribution"] = f"http://127.0.0.1:{runner.addresses[0][1]}/graphql"
    await told.parts.start_another_router("router beside", ROUTER_SUBGRAPH_URLS=json.dumps(urls))
    yield lambda status, body: current.__setitem__(0, (status, body))
    await runner.cleanup()


@pytest.mark.parametrize("kind", NONSENSE)
async def test_nonsense_of_a_subgraph_costs_its_own_fields_only(
    kind: str, told: ToldParts, nonsense: Callable[[int, bytes], None]
) -> None:
    status, body, code = NONSENSE[kind]
    nonsense(status, body)
    person = marina(told)
    answer = await told.parts.ask(HOME_BY_ID, {"id": person.id}, token=person.token, part="router beside")
    assert_only_payouts_missing(answer, code)


# ── the database server ──


async def test_without_its_database_a_subgraph_says_unavailable_and_no_more(told: ToldParts) -> None:
    parts, person = told.parts, marina(told)
    trace_id = f"outage-{uuid.uuid4().hex}"
    async with parts.without_postgres():
        answer = await parts.ask("{ me { id } }", token=person.token, x_correlation_id=trace_id)
        (error,) = answer.body["errors"]
        assert error["message"] == "This part is not available at the moment; try again."
        assert error["extensions"] == {"code": "SERVICE_UNAVAILABLE", "service": "accounts", "traceId": trace_id}
        assert answer.body["data"] == {"me": None}
        assert [await parts.ready_status(name) for name in DOMAINS] == [503] * len(DOMAINS)
        grant = f"grant_type=password&username={person.email}&password=x".encode()
        url = f"{parts.bases['accounts']}/oauth/token"
        refused = await parts.post(url, data=grant, content_type=FORM, x_correlation_id=trace_id)
        assert refused.status == 503
        assert refused.body == {
            "error": "temporarily_unavailable",
            "error_description": "This part is not available at the moment; try again.",
            "trace_id": trace_id,
        }
    logged = [orjson.loads(line) for line in parts.log("accounts").splitlines() if trace_id in line]
    asked_again, failed = "the database is asked once again", ("resolver failed", "route failed")
    assert [line["event"] for line in logged] == [asked_again, failed[0], asked_again, failed[1]]
    exceptions = [line["exception"] for line in logged if line["event"] in failed]
    refused_with = [("Traceback" in each, "ConnectionRefusedError" in each) for each in exceptions]
    assert refused_with == [(True, True)] * 2, exceptions
    for name in DOMAINS:
        await parts.until_ready(name)
    await eventually(lambda: home_is_whole(told), what="the home screen being whole")


async def test_money_told_of_during_an_outage_arrives_once_after_it(told: ToldParts) -> None:
    parts, person = told.parts, marina(told)
    _, txid = await new_charge(parts, person)
    balance, known = await available(parts, person), await rows_of(parts, "wallet", "gateway_payments")
    installment_id, body = await next_unpaid(told), orjson.dumps(notice_of(txid))
    variables = {"id": installment_id, "key": f"broken-{installment_id}"}
    async with parts.without_postgres():
        answer = await parts.ask(PAY, variables, token=told.told.farmer.token)
        assert (answer.codes, answer.body["data"]) == (["SERVICE_UNAVAILABLE"], {"payInstallment": None})
        refused = await notify(parts, body)
        assert (refused.status, refused.body["code"]) == (503, "SERVICE_UNAVAILABLE")
    await parts.until_ready("wallet")
    assert [(await notify(parts, body)).status for _ in range(2)] == [200, 200]
    assert await rows_of(parts, "wallet", "gateway_payments") == {"gateway_payments": known["gateway_payments"] + 1}
    assert await available(parts, person) == balance + 10
    await pay(told, installment_id)
    await everything_comes_right(told, installment_id)


# ── the broker ──


@asynccontextmanager
async def embedded_broker_away(parts: Parts) -> AsyncIterator[None]:
    """Its database takes no connections, and those there are are cut."""
    admin = await asyncpg.connect(parts.postgres.admin_url)
    try:
        await admin.execute("ALTER DATABASE peerseed_broker ALLOW_CONNECTIONS false")
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'peerseed_broker'")
        try:
            yield
        finally:
            await admin.execute("ALTER DATABASE peerseed_broker ALLOW_CONNECTIONS true")
    finally:
        await admin.close()


async def test_what_happens_while_the_broker_is_away_is_told_when_it_is_back(told: ToldParts) -> None:
    installment_id = await next_unpaid(told)
    async with embedded_broker_away(told.parts):
        await pay(told, installment_id)
        assert await next_unpaid(told) == installment_id  # contracts has not heard of it
    await everything_comes_right(told, installment_id)


@pytest.mark.stops_broker
async def test_rabbitmq_away_and_back(tmp_path: Path, rabbitmq_url: str, stopped_broker: Stopped) -> None:
    async with product_namespace(rabbitmq_url) as broker, running_parts(tmp_path, broker=broker) as parts:
        client = Client(parts.addresses)
        told = ToldParts(parts, client, await tell(client, Narrator()))
        installment_id = await next_unpaid(told)
        async with stopped_broker():
            await pay(told, installment_id)
            assert await next_unpaid(told) == installment_id
        await everything_comes_right(told, installment_id)
        await client.close()
