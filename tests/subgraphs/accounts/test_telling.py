"""What accounts tells of its decisions, and that its own door closes with the commit."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import select, text

from subgraphs.accounts.core.settings import AccountsSettings
from subgraphs.accounts.domain import sessions, telling
from subgraphs.accounts.main import create_subgraph
from subgraphs.accounts.rotate_keys import rotate
from subgraphs.shared.identity import Identity
from subgraphs.shared.messaging.tables import OutboxRow
from subgraphs.shared.standing import crud as rows
from subgraphs.shared.subgraph import GraphQLRequest, Subgraph
from tests.fixtures.databases import MakeDatabase
from tests.subgraphs.accounts.conftest import CHEAP, served
from tests.subgraphs.accounts.people import MARINA, PASSWORD, REFRESH, SIGN_IN, Accounts, Person, claims_of
from tests.subgraphs.accounts.test_tokens_from_accounts import seed

ADMIN = {"name": "Administração", "email": "admin@example.com", "cpf": "168.995.350-09", "phone": "+5561999990005"}
CONFIRMED = "accounts.standing_confirmed.v1"
ENDED = "accounts.sessions_ended.v1"
ME = "{ me { id } }"
SUSPEND = "mutation ($input: SuspendUserInput!) { suspendUser(input: $input) { __typename } }"
REACTIVATE = "mutation ($input: ReactivateUserInput!) { reactivateUser(input: $input) { __typename } }"
SIGN_OUT = "mutation { signOut { ok } }"
CHANGE_PASSWORD = "mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { __typename } }"


@pytest_asyncio.fixture
async def open_door(accounts: Accounts) -> Accounts:
    """Accounts as it runs: it hears what is decided."""
    await accounts.subgraph.standing.start()
    return accounts


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # a notice of the database sets no event here
            await asyncio.sleep(0.005)


async def reason_for(accounts: Accounts, person: Person) -> str | None:
    errors = (await accounts.ask(ME, headers=person.bearer)).get("errors")
    return errors[0]["extensions"].get("reason") if errors else None


async def event_ids(accounts: Accounts, event_type: str) -> list[str]:
    async with accounts.services.database.read() as session:
        found = await session.scalars(select(OutboxRow.event_id).where(OutboxRow.type == event_type))
        return [str(event_id) for event_id in found]


async def told_of(accounts: Accounts) -> list[list[str]]:
    return [event["session_ids"] for event in await accounts.published(ENDED)]


async def test_signing_out_ends_the_token_at_accounts_and_is_told(open_door: Accounts) -> None:
    person = await open_door.person()
    other = await open_door.signed_in(person.email)
    await open_door.do(SIGN_OUT, headers=person.bearer)
    await until(lambda: open_door.subgraph.standing._sessions)
    assert await reason_for(open_door, person) == "SESSION_ENDED"
    assert await reason_for(open_door, other) is None
    (told,) = await open_door.published(ENDED)
    assert (told["user_id"], told["session_ids"]) == (person.id, [person.session_id])


async def test_changing_the_password_tells_of_every_other_session(open_door: Accounts) -> None:
    person = await open_door.person()
    other = await open_door.signed_in(person.email)
    change = {"currentPassword": PASSWORD, "newPassword": "Outra#2026"}
    await open_door.do(CHANGE_PASSWORD, change, headers=person.bearer)
    assert await told_of(open_door) == [[other.session_id]]
    await until(lambda: open_door.subgraph.standing._sessions)
    assert [await reason_for(open_door, one) for one in (person, other)] == [None, "SESSION_ENDED"]


async def test_a_refresh_token_that_comes_back_ends_its_session_everywhere(open_door: Accounts) -> None:
    person = await open_door.person()
    for _ in range(2):
        await open_door.do(REFRESH, {"refreshToken": person.refresh_token})
    assert await told_of(open_door) == [[person.session_id]]
    await until(lambda: open_door.subgraph.standing._sessions)
    assert await reason_for(open_door, person) == "SESSION_ENDED"


async def test_suspending_ends_sessions_and_reactivating_brings_none_back(open_door: Accounts) -> None:
    marina = await open_door.person(**MARINA)
    admin = await open_door.person("admin", **ADMIN)
    decided = {"userId": marina.id, "reason": "stolen documents"}
    await open_door.do(SUSPEND, decided, headers=admin.bearer)
    await until(lambda: open_door.subgraph.standing._people)
    assert await reason_for(open_door, marina) == "ACCOUNT_SUSPENDED"
    assert await told_of(open_door) == [[marina.session_id]]
    await open_door.do(REACTIVATE, decided, headers=admin.bearer)
    await until(lambda: open_door.subgraph.standing._people[UUID(marina.id)][0] == 2)
    assert await reason_for(open_door, marina) == "SESSION_ENDED"
    assert await reason_for(open_door, await open_door.signed_in(marina.email)) is None


async def test_one_more_session_than_may_be_tells_of_the_one_that_ended(accounts: Accounts) -> None:
    first = await accounts.person()
    for _ in range(accounts.services.settings.sessions_max):
        await accounts.signed_in(first.email)
    assert await told_of(accounts) == [[first.session_id]]


async def test_nobody_is_told_of_a_tokens_session_for_longer_than_the_token_lives(accounts: Accounts) -> None:
    person = await accounts.person()
    await accounts.do(SIGN_OUT, headers=person.bearer)
    (told,) = await accounts.published(ENDED)
    seconds = accounts.services.settings.access_token_seconds + telling.MARGIN_SECONDS
    accounts.clock.advance(seconds=seconds)
    assert told["tokens_expire_at"] == accounts.clock.now().isoformat().replace("+00:00", "Z")


async def test_of_several_processes_one_says_the_heartbeat(accounts: Accounts) -> None:
    await asyncio.gather(*(telling.confirm_standing(accounts.services) for _ in range(3)))
    accounts.clock.advance(seconds=telling.HEARTBEAT_SECONDS)
    await telling.confirm_standing(accounts.services)
    assert len(await accounts.published(CONFIRMED)) == 2


async def test_a_heartbeat_names_what_was_decided_while_tokens_lived_that_may_live_yet(accounts: Accounts) -> None:
    person = await accounts.person()
    await accounts.do(SIGN_OUT, headers=person.bearer)
    accounts.clock.instant = datetime.now(UTC)  # the ids of events bear the true time
    await telling.confirm_standing(accounts.services)
    lifetime = accounts.services.settings.access_token_seconds + telling.MARGIN_SECONDS
    accounts.clock.advance(seconds=lifetime + 1)
    await telling.confirm_standing(accounts.services)
    ended = await event_ids(accounts, ENDED)
    assert [told["decided"] for told in await accounts.published(CONFIRMED)] == [ended, []]
    assert len(ended) == 1


async def test_a_heartbeat_names_every_key_that_was_ever_withdrawn(accounts: Accounts) -> None:
    async with accounts.services.database.begin() as session:
        await rows.keep_withdrawn_key(session, "stolen", withdrawn_at=accounts.clock.now() - timedelta(days=900))
    await telling.confirm_standing(accounts.services)
    assert [told["withdrawn_keys"] for told in await accounts.published(CONFIRMED)] == [["stolen"]]


async def test_nothing_is_confirmed_when_a_heartbeat_cannot_name_everything(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "DECISIONS_NAMED_MAX", 1)
    person = await accounts.person()
    for session in (person, await accounts.signed_in(person.email)):
        await accounts.do(SIGN_OUT, headers=session.bearer)
    await telling.confirm_standing(accounts.services)
    assert await accounts.published(CONFIRMED) == []


# ── the real tokens ──


@pytest_asyncio.fixture
async def provider(make_database: MakeDatabase) -> AsyncIterator[Subgraph]:
    database = await make_database("accounts")
    settings = AccountsSettings(database_url=database.url, key_encryption_secret="only-for-these-tests", **CHEAP)
    subgraph = create_subgraph(settings)
    await subgraph.standing.start()
    yield subgraph
    await subgraph.close()


async def sign_in(subgraph: Subgraph) -> str:
    variables = {"input": {"email": "ana@example.com", "password": PASSWORD}}
    answer = await subgraph.execute(GraphQLRequest(SIGN_IN, variables))
    token: str = answer["data"]["signIn"]["accessToken"]
    return token


async def is_active(subgraph: Subgraph, token: str) -> Any:
    async with served(subgraph) as http, http.post("/oauth/introspect", data={"token": token}) as response:
        assert response.status == 200
        assert response.headers["cache-control"] == "no-store"
        return await response.json()


async def test_introspection_says_of_a_token_whether_its_session_goes_on(provider: Subgraph) -> None:
    await seed(provider)
    token = await sign_in(provider)
    assert await is_active(provider, token) == {"active": True}
    claims = claims_of(token)
    ended = Identity(user_id=UUID(claims["sub"]), session_id=claims["sid"])
    await sessions.sign_out(provider.services, actor=ended)
    assert await is_active(provider, token) == {"active": False}
    assert await is_active(provider, "nonsense") == {"active": False}


async def test_introspection_goes_by_the_books_and_not_by_what_was_told(provider: Subgraph) -> None:
    await seed(provider)
    token = await sign_in(provider)
    claims = claims_of(token)
    identity = Identity(user_id=UUID(claims["sub"]), session_id=claims["sid"])
    assert await telling.is_in_good_standing(provider.services, identity)
    async with provider.database.begin() as session:
        await session.execute(text("UPDATE users SET suspended_at = now()"))
    assert not await telling.is_in_good_standing(provider.services, identity)
    assert not await telling.is_in_good_standing(provider.services, Identity(user_id=identity.user_id))


async def test_a_key_withdrawn_by_another_process_signs_and_proves_nothing_any_more(provider: Subgraph) -> None:
    await seed(provider)
    token = await sign_in(provider)
    by_token = GraphQLRequest(ME, headers={"authorization": f"Bearer {token}"})
    assert "errors" not in await provider.execute(by_token)
    (key,) = (await provider.services.key_source())["keys"]
    assert "withdrew" in await rotate(provider.services.settings, withdraw=key["kid"])
    await until(lambda: provider.standing.is_withdrawn(key["kid"]))
    assert key["kid"] not in {one["kid"] for one in (await provider.services.key_source())["keys"]}
    answer = await provider.execute(by_token)
    assert answer["errors"][0]["extensions"]["reason"] == "KEY_WITHDRAWN"
    fresh = await sign_in(provider)
    again = await provider.execute(GraphQLRequest(ME, headers={"authorization": f"Bearer {fresh}"}))
    assert "errors" not in again
