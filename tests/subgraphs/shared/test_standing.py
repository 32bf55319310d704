"""What accounts decides holds in every process of a domain, as soon as one of them has taken the fact in."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from subgraphs.notifications.core.settings import NotificationsSettings
from subgraphs.notifications.main import create_subgraph as create_notifications
from subgraphs.shared.clock import FixedClock
from subgraphs.shared.identity import Identity
from subgraphs.shared.messaging.catalogue import passing_types
from subgraphs.shared.messaging.event import Event, EventPayload
from subgraphs.shared.messaging.inbox import find_handled
from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.shared.standing import crud, facts
from subgraphs.shared.standing.follow import HEARTBEAT_ATTEMPTS_MAX
from subgraphs.shared.subgraph import GraphQLRequest, Subgraph
from subgraphs.wallet.core.settings import WalletSettings
from subgraphs.wallet.main import create_subgraph as create_wallet
from tests.builders.deliveries import deliver
from tests.fixtures.databases import MakeDatabase
from tests.fixtures.people import KnownPeople
from tests.fixtures.tokens import TokenIssuer

MARINA = UUID(int=0xA1)
CARLOS = UUID(int=0xA2)
SESSION = UUID(int=0x5E)

ME = '{ me: __typename notification(id: "00000000-0000-0000-0000-000000000001") { id } }'
RECEIVED = "subscription { notificationReceived { id } }"
REGISTER = """mutation { registerBankAccount(input: {bankCode: "001", branch: "1", accountNumber: "1",
  accountType: CHECKING, idempotencyKey: "a-key-of-marina"}) { __typename } }"""
DEPOSIT = '{ deposit(id: "00000000-0000-0000-0000-000000000001") { id } }'
SECRET = "a-secret-that-only-the-gateway-knows"


def versioned(payload: EventPayload, version: int) -> Event:
    return dataclasses.replace(Event.of(payload), version=version)


def suspended(version: int) -> Event:
    return versioned(facts.UserSuspended(user_id=MARINA), version)


def reactivated(version: int) -> Event:
    return versioned(facts.UserReactivated(user_id=MARINA), version)


def ended(subgraph: Subgraph, session_id: UUID = SESSION) -> facts.SessionsEnded:
    until = subgraph.clock.now() + timedelta(minutes=11)
    return facts.SessionsEnded(user_id=MARINA, session_ids=[session_id], tokens_expire_at=until)


def confirmed(subgraph: Subgraph, *decided: UUID) -> facts.StandingConfirmed:
    now = subgraph.clock.now()
    return facts.StandingConfirmed(source="accounts", told_at=now, decided=list(decided), withdrawn_keys=[])


async def until(condition: Callable[[], Any]) -> None:
    """Notices come by themselves, a moment after the commit."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # a notice of the database sets no event here
            await asyncio.sleep(0.005)


async def error_of(subgraph: Subgraph, document: str, headers: dict[str, str]) -> dict[str, Any] | None:
    answer = await subgraph.execute(GraphQLRequest(document, headers=headers))
    errors = answer.get("errors")
    return None if not errors else {name: errors[0]["extensions"].get(name) for name in ("code", "reason")}


Replicas = tuple[Subgraph, Subgraph]


@pytest_asyncio.fixture
async def inboxes(make_database: MakeDatabase, tokens: TokenIssuer) -> AsyncIterator[Replicas]:
    """Two processes of notifications over one database, as far as they could tell."""
    database = await make_database("notifications")
    made = tuple(
        create_notifications(
            NotificationsSettings.model_validate({"database_url": database.url, "people_secret": SECRET}),
            verifier=tokens.verifier,
            people=KnownPeople(),
        )
        for _ in range(2)
    )
    for subgraph in made:
        await subgraph.standing.start()
    yield made[0], made[1]
    for subgraph in made:
        await subgraph.close()


@pytest_asyncio.fixture
async def wallet(make_database: MakeDatabase, tokens: TokenIssuer) -> AsyncIterator[Subgraph]:
    database = await make_database("wallet")
    settings = WalletSettings(
        database_url=database.url, webhook_secret=SECRET, sealing_secret=SECRET, people_secret=SECRET
    )
    subgraph = create_wallet(settings, verifier=tokens.verifier, clock=FixedClock(), people=KnownPeople())
    await subgraph.standing.start()
    yield subgraph
    await subgraph.close()


async def test_a_suspended_persons_token_reads_nothing_in_any_process(inboxes: Replicas, tokens: TokenIssuer) -> None:
    one, other = inboxes
    marina, carlos = tokens.bearer(MARINA), tokens.bearer(CARLOS)
    assert await error_of(other, ME, marina) is None
    await deliver(one, suspended(1))
    await until(lambda: all(process.standing._people for process in inboxes))
    refused = {"code": "UNAUTHENTICATED", "reason": "ACCOUNT_SUSPENDED"}
    assert [await error_of(process, ME, marina) for process in inboxes] == [refused, refused]
    assert await error_of(other, ME, carlos) is None


async def test_an_older_decision_that_arrives_later_changes_nothing(inboxes: Replicas, tokens: TokenIssuer) -> None:
    one, _ = inboxes
    await deliver(one, reactivated(7))
    await deliver(one, suspended(3))
    await deliver(one, ended(one))
    await until(lambda: all(process.standing._sessions for process in inboxes))
    assert [await error_of(process, ME, tokens.bearer(MARINA)) for process in inboxes] == [None, None]


async def test_a_reactivated_person_reads_again_with_a_new_session_only(inboxes: Replicas, tokens: TokenIssuer) -> None:
    one, _ = inboxes
    old, new = tokens.bearer(MARINA, sid=str(SESSION)), tokens.bearer(MARINA)
    for fact in (suspended(1), Event.of(ended(one)), reactivated(2)):
        await deliver(one, fact)
    await until(lambda: one.standing._people.get(MARINA, (0,))[0] == 2)
    assert await error_of(one, ME, old) == {"code": "UNAUTHENTICATED", "reason": "SESSION_ENDED"}
    assert await error_of(one, ME, new) is None


async def test_a_closed_account_reads_nothing(inboxes: Replicas, tokens: TokenIssuer) -> None:
    one, _ = inboxes
    await deliver(one, versioned(facts.AccountClosed(user_id=MARINA), 4))
    await until(lambda: one.standing._people)
    assert await error_of(one, ME, tokens.bearer(MARINA)) == {"code": "UNAUTHENTICATED", "reason": "ACCOUNT_CLOSED"}


async def test_what_a_withdrawn_key_has_signed_is_refused_whatever_the_key_set_says(
    inboxes: Replicas, tokens: TokenIssuer
) -> None:
    one, other = inboxes
    assert await error_of(other, ME, tokens.bearer(MARINA)) is None
    await deliver(one, facts.SigningKeyWithdrawn(key_id=tokens.key_id))
    await until(lambda: other.standing._keys)
    assert await error_of(other, ME, tokens.bearer(MARINA)) == {"code": "UNAUTHENTICATED", "reason": "KEY_WITHDRAWN"}


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        (lambda _one: suspended(1), "ACCOUNT_SUSPENDED"),
        (ended, "SESSION_ENDED"),
        (lambda _one: versioned(facts.AccountClosed(user_id=MARINA), 1), "ACCOUNT_CLOSED"),
    ],
)
async def test_an_open_subscription_ends_and_says_why(
    inboxes: Replicas, tokens: TokenIssuer, fact: Callable[[Subgraph], EventPayload | Event], reason: str
) -> None:
    one, other = inboxes
    request = GraphQLRequest(RECEIVED, headers=tokens.bearer(MARINA, sid=str(SESSION)))
    async with aclosing(other.subscribe(request)) as answers:
        last = asyncio.create_task(anext(answers))
        await until(lambda: other.ending._waiting)
        await deliver(one, fact(one))
        answer = (await asyncio.wait_for(last, 20)).body
        extensions = answer["errors"][0]["extensions"]
        assert (extensions["code"], extensions["reason"]) == ("UNAUTHENTICATED", reason)
        assert await anext(answers, None) is None


async def test_another_sessions_subscription_goes_on(inboxes: Replicas, tokens: TokenIssuer) -> None:
    one, other = inboxes
    async with aclosing(other.subscribe(GraphQLRequest(RECEIVED, headers=tokens.bearer(MARINA)))) as answers:
        first = asyncio.create_task(anext(answers))
        await until(lambda: other.ending._waiting)
        await deliver(one, ended(one))
        await until(lambda: other.standing._sessions)
        assert not first.done()
        first.cancel()
        await asyncio.wait([first])


async def test_a_process_that_starts_later_knows_what_was_decided_before(
    inboxes: Replicas, tokens: TokenIssuer, make_database: MakeDatabase
) -> None:
    one, _ = inboxes
    for fact in (suspended(1), ended(one), facts.SigningKeyWithdrawn(key_id="stolen"), confirmed(one)):
        await deliver(one, fact)
    settings = NotificationsSettings.model_validate({"database_url": one.database.url, "people_secret": SECRET})
    late = create_notifications(settings, verifier=tokens.verifier, people=KnownPeople())
    try:
        await late.standing.start()
        assert await error_of(late, ME, tokens.bearer(MARINA)) == {
            "code": "UNAUTHENTICATED",
            "reason": "ACCOUNT_SUSPENDED",
        }
        assert late.standing.is_withdrawn("stolen")
        assert late.standing.is_fresh()
    finally:
        await late.close()


async def test_what_was_decided_while_nobody_listened_is_known_when_listening_begins_again(
    inboxes: Replicas, tokens: TokenIssuer
) -> None:
    one, other = inboxes
    listener = other.standing._listener
    assert listener is not None
    await listener.stop()
    await deliver(one, suspended(1))
    assert await error_of(other, ME, tokens.bearer(MARINA)) is None
    listener.start()
    await until(lambda: other.standing._people)
    assert await error_of(other, ME, tokens.bearer(MARINA)) is not None


async def test_ended_sessions_are_forgotten_when_their_last_token_has_expired(wallet: Subgraph) -> None:
    await deliver(wallet, ended(wallet))
    await until(lambda: wallet.standing._sessions)
    await wallet.standing.forget()
    assert set(wallet.standing._sessions) == {str(SESSION)}
    wallet.clock.advance(minutes=12)
    await wallet.standing.forget()
    assert wallet.standing._sessions == {}
    async with wallet.database.read() as session:
        assert await crud.list_ended_sessions(session, now=wallet.clock.now() - timedelta(days=1)) == []


async def never(_identity: Identity) -> bool:
    raise AssertionError("accounts was asked although the facts are fresh")


async def no(_identity: Identity) -> bool:
    return False


async def yes(_identity: Identity) -> bool:
    return True


async def silent(_identity: Identity) -> bool:
    raise ConnectionError("accounts is away")


async def hanging(_identity: Identity) -> bool:
    await asyncio.Event().wait()
    return True


async def test_money_leaves_without_asking_accounts_while_its_facts_are_fresh(
    wallet: Subgraph, tokens: TokenIssuer
) -> None:
    wallet.standing.ask_accounts = never
    await deliver(wallet, confirmed(wallet))
    await until(wallet.standing.is_fresh)
    assert await error_of(wallet, REGISTER, tokens.bearer(MARINA)) is None


async def test_heartbeats_are_kept_nowhere(wallet: Subgraph) -> None:
    assert passing_types("accounts") == {facts.StandingConfirmed.type}
    heartbeat = Event.of(confirmed(wallet))
    assert [await deliver(wallet, heartbeat) for _ in range(2)] == [1, 1]
    async with wallet.database.read() as session:
        assert await find_handled(session, [heartbeat.id], handler="wallet.keep_standing") == set()


async def test_a_heartbeat_waits_for_what_it_has_overtaken(wallet: Subgraph) -> None:
    fact = suspended(1)
    heartbeat = Event.of(confirmed(wallet, fact.id))
    with pytest.raises(NotYet):
        await deliver(wallet, heartbeat)
    await deliver(wallet, fact)
    await deliver(wallet, heartbeat, attempt=2)
    await until(wallet.standing.is_fresh)


async def test_facts_are_late_while_one_is_missing_although_the_heart_beats(
    wallet: Subgraph, tokens: TokenIssuer
) -> None:
    wallet.standing.ask_accounts = no
    held_back = suspended(1)
    await deliver(wallet, confirmed(wallet, held_back.id), attempt=HEARTBEAT_ATTEMPTS_MAX)
    await wallet.standing.read()
    assert await error_of(wallet, REGISTER, tokens.bearer(MARINA)) == {
        "code": "UNAUTHENTICATED",
        "reason": "SESSION_ENDED",
    }


async def test_a_key_that_a_heartbeat_names_is_withdrawn_although_its_own_fact_is_lost(
    inboxes: Replicas, tokens: TokenIssuer
) -> None:
    one, other = inboxes
    now = one.clock.now()
    named = facts.StandingConfirmed(source="accounts", told_at=now, decided=[], withdrawn_keys=[tokens.key_id])
    await deliver(one, named)
    await until(lambda: other.standing._keys)
    assert await error_of(other, ME, tokens.bearer(MARINA)) == {"code": "UNAUTHENTICATED", "reason": "KEY_WITHDRAWN"}


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (yes, None),
        (no, {"code": "UNAUTHENTICATED", "reason": "SESSION_ENDED"}),
        (silent, {"code": "STANDING_UNKNOWN", "reason": None}),
        (None, {"code": "STANDING_UNKNOWN", "reason": None}),
    ],
)
async def test_where_facts_are_late_accounts_is_asked_before_money_leaves(
    wallet: Subgraph,
    tokens: TokenIssuer,
    ask: Callable[[Identity], Awaitable[bool]] | None,
    expected: dict[str, Any] | None,
) -> None:
    await deliver(wallet, confirmed(wallet))
    await until(wallet.standing.is_fresh)
    wallet.clock.advance(seconds=31)
    wallet.standing.ask_accounts = ask
    assert await error_of(wallet, REGISTER, tokens.bearer(MARINA)) == expected


async def test_accounts_is_not_waited_for_longer_than_somebody_waits(
    wallet: Subgraph, tokens: TokenIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subgraphs.shared.standing.standing.ASKING_SECONDS_MAX", 0.05)
    wallet.standing.ask_accounts = hanging
    assert await error_of(wallet, REGISTER, tokens.bearer(MARINA)) == {"code": "STANDING_UNKNOWN", "reason": None}


async def test_reads_go_on_where_facts_are_late(wallet: Subgraph, tokens: TokenIssuer) -> None:
    assert not wallet.standing.is_fresh()
    assert await error_of(wallet, DEPOSIT, tokens.bearer(MARINA)) is None


async def test_how_late_is_too_late_is_a_setting(wallet: Subgraph) -> None:
    await deliver(wallet, confirmed(wallet))
    await until(wallet.standing.is_fresh)
    wallet.clock.advance(seconds=31)
    assert not wallet.standing.is_fresh()
    wallet.standing.feed_seconds_max = 60
    assert wallet.standing.is_fresh()
