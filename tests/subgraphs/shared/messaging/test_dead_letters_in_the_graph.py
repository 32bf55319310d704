"""What administrators see of messages that could not be handled, and do to them, on every transport."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from subgraphs.accounts.core.settings import AccountsSettings
from subgraphs.accounts.main import create_subgraph
from subgraphs.accounts.models import DeadLetterAct
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.subgraph import GraphQLRequest, Subgraph
from tests.fixtures.databases import MakeDatabase
from tests.fixtures.tokens import TokenIssuer
from tests.subgraphs.shared.messaging.conftest import World
from tests.subgraphs.shared.messaging.harvest import FieldSown, numbers_kept
from tests.subgraphs.shared.messaging.test_dead_letter_commands import a_dead_letter

LIST = """query($queue: String, $first: Int) { deadLetters(queue: $queue, first: $first) {
  nodes { id queue reason attempts eventType subject body } hasMore } }"""
SHOW = "query($id: ID!) { deadLetter(id: $id) { id body } }"
SETTLE = """mutation($ids: [ID!]!, $reason: String = "the barn is open again") {
  %s(input: {ids: $ids, reason: $reason}) {
    __typename ... on DeadLettersSettled { count } ... on Refusal { code } ... on InvalidInput { field } } }"""
REPLAY, PURGE = SETTLE % "replayDeadLetters", SETTLE % "purgeDeadLetters"
ACTS = """query($by: ID, $first: Int, $after: String) { deadLetterActs(askedBy: $by, first: $first, after: $after) {
  nodes { at askedBy action letters reason correlationId } pageInfo { hasNextPage endCursor } } }"""
ROSA, ANA = uuid.UUID(int=0xB1), uuid.UUID(int=0xA1)


class Office:
    def __init__(self, subgraph: Subgraph, tokens: TokenIssuer) -> None:
        self.subgraph = subgraph
        self.tokens = tokens

    async def ask(self, query: str, *scopes: str, claims: dict[str, Any] | None = None, **variables: Any) -> Any:
        headers = self.tokens.bearer(ROSA, *(scopes or ("admin",)), **(claims or {}))
        return await self.subgraph.execute(GraphQLRequest(query, variables, headers=headers))

    async def get(self, query: str, **variables: Any) -> Any:
        answer = await self.ask(query, **variables)
        assert "errors" not in answer, answer
        (data,) = answer["data"].values()
        return data

    async def acts(self) -> list[Any]:
        async with self.subgraph.database.read() as session:
            found = await session.execute(text("SELECT actor_id, action, letters, reason FROM dead_letter_acts"))
        return [tuple(row) for row in found]


@pytest_asyncio.fixture
async def office(make_database: MakeDatabase, tokens: TokenIssuer) -> AsyncIterator[Office]:
    database = await make_database("accounts")
    settings = AccountsSettings(database_url=database.url, key_encryption_secret="only-for-these-tests")
    subgraph = create_subgraph(settings, verifier=tokens.verifier)
    yield Office(subgraph, tokens)
    await subgraph.close()


@pytest_asyncio.fixture
async def with_broker(office: Office, world: World) -> Office:
    office.subgraph.dead_letters = world.transport.dead_letters
    return office


async def test_they_are_listed_and_shown(with_broker: Office, world: World) -> None:
    assert await with_broker.get(LIST) == {"nodes": [], "hasMore": False}
    _, event = await a_dead_letter(world)
    listed = await with_broker.get(LIST)
    (letter,) = listed["nodes"]
    assert {name: letter[name] for name in ("id", "queue", "reason", "attempts", "eventType", "subject")} == {
        "id": f"barn.store/{event.id}",
        "queue": "barn.store",
        "reason": "ConnectionError: the barn of CPF *** is locked",
        "attempts": 3,
        "eventType": event.type,
        "subject": event.subject,
    }
    assert str(event.id) in letter["body"]
    assert (await with_broker.get(LIST, queue="barn.other"))["nodes"] == []
    assert await with_broker.get(SHOW, id=letter["id"]) == {"id": letter["id"], "body": letter["body"]}
    assert await with_broker.get(SHOW, id=f"barn.store/{uuid.UUID(int=1)}") is None


async def test_one_is_replayed_once_and_written_down(with_broker: Office, world: World) -> None:
    barn, event = await a_dead_letter(world)
    barn.is_locked = False
    letter_id = f"barn.store/{event.id}"
    assert await with_broker.get(REPLAY, ids=[letter_id]) == {"__typename": "DeadLettersSettled", "count": 1}
    await world.all_delivered()
    assert await numbers_kept(world.database) == [1]
    assert (await with_broker.get(REPLAY, ids=[letter_id]))["count"] == 0
    assert await with_broker.acts() == [(ROSA, "REPLAY", [letter_id], "the barn is open again")] * 2


async def test_administrators_read_who_asked_for_what(office: Office) -> None:
    """The newest first, a page at a time; those of one administrator where one is named."""
    office.subgraph.dead_letters = None
    async with office.subgraph.database.begin() as session:
        for number, actor in enumerate((ROSA, ANA, ROSA)):
            act = DeadLetterAct(
                id=uuid.UUID(int=number),
                at=datetime(2026, 11, 23, 12, number, tzinfo=UTC),
                actor_id=actor,
                action="REPLAY",
                letters=[f"barn.store/{number}"],
                reason="the barn is open again",
                correlation_id="c" * 32,
            )
            session.add(act)
    page = await office.get(ACTS, first=2)
    assert page["nodes"][0] == {
        "at": "2026-11-23T12:02:00.000Z",
        "askedBy": str(ROSA),
        "action": "REPLAY",
        "letters": ["barn.store/2"],
        "reason": "the barn is open again",
        "correlationId": "c" * 32,
    }
    rest = await office.get(ACTS, first=2, after=page["pageInfo"]["endCursor"])
    assert [node["letters"] for node in page["nodes"] + rest["nodes"]] == [[f"barn.store/{at}"] for at in (2, 1, 0)]
    assert (page["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    assert [node["letters"] for node in (await office.get(ACTS, by=str(ANA)))["nodes"]] == [["barn.store/1"]]


async def test_one_is_purged_and_the_others_stay(with_broker: Office, world: World) -> None:
    _, first = await a_dead_letter(world)
    second = Event.of(FieldSown(field="south", number=2))
    await world.transport.publish([second])
    await world.all_delivered()
    assert (await with_broker.get(PURGE, ids=[f"barn.store/{first.id}"]))["count"] == 1
    left = (await with_broker.get(LIST))["nodes"]
    assert [letter["id"] for letter in left] == [f"barn.store/{second.id}"]
    assert await with_broker.acts() == [(ROSA, "PURGE", [f"barn.store/{first.id}"], "the barn is open again")]


@pytest.mark.parametrize("ids", [[], [f"barn.store/{number}" for number in range(101)], ["no-queue"], ["x/" * 200]])
async def test_what_names_no_dead_letters_is_refused(office: Office, ids: list[str]) -> None:
    refused = await office.get(PURGE, ids=ids)
    assert (refused["code"], refused["field"]) == ("InvalidInput", "ids")
    assert await office.acts() == []


async def test_it_takes_a_fresh_proof_and_a_reason(office: Office) -> None:
    for mutation in (REPLAY, PURGE):
        answer = await office.ask(mutation, claims={"auth_time": 0}, ids=["barn.store/1"])
        (refused,) = answer["data"].values()
        assert refused["code"] == "FreshProofRequired"
        refused = await office.get(mutation, ids=["barn.store/1"], reason="so")
        assert (refused["code"], refused["field"]) == ("InvalidInput", "reason")
    assert await office.acts() == []


async def test_without_a_broker_it_says_so(office: Office) -> None:
    assert (await office.get(REPLAY, ids=["barn.store/1"]))["code"] == "BrokerUnavailable"
    answer = await office.ask(LIST)
    assert answer["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"


@pytest.mark.parametrize("scope", ["analyst", "approver", "investor"])
@pytest.mark.parametrize("query", [LIST, SHOW, REPLAY, PURGE, ACTS])
async def test_they_are_the_administrators(office: Office, query: str, scope: str) -> None:
    answer = await office.ask(query, scope, ids=["barn.store/1"], id="barn.store/1")
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
