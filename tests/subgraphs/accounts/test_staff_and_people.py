"""What staff does about people: finding, locking out, letting in."""

from typing import Any

import pytest
from sqlalchemy import select

from subgraphs.accounts.models import AuditEntry
from subgraphs.shared.staff_looks import StaffLook
from tests.subgraphs.accounts.people import MARINA, REFRESH, Accounts, Person

USERS = """query ($search: String, $first: Int, $after: String) { users(search: $search, first: $first, after: $after) {
  nodes { fullName email maskedCpf suspended } pageInfo { hasNextPage endCursor } } }"""
SUSPEND = """mutation ($input: SuspendUserInput!) { suspendUser(input: $input) {
  __typename ... on UserSuspended { user { suspended } } } }"""
REACTIVATE = """mutation ($input: ReactivateUserInput!) { reactivateUser(input: $input) {
  __typename ... on UserReactivated { user { suspended } } } }"""
HISTORY = """query ($first: Int, $after: String) { me { signInHistory(first: $first, after: $after) {
  nodes { id startedAt endedAt endReason isCurrent address } pageInfo { hasNextPage endCursor } } } }"""
ADMIN = {
    "name": "Rosa Admin",
    "email": "rosa@example.com",
    "cpf": "168.995.350-09",
    "phone": "+5561999990005",
    "profiles": ["INVESTOR"],
}


async def found(accounts: Accounts, staff: Person, search: str | None) -> list[str]:
    answer = await accounts.ask(USERS, {"search": search}, headers=staff.bearer)
    return [node["email"] for node in answer["data"]["users"]["nodes"]]


@pytest.mark.parametrize(
    ("search", "emails"),
    [
        ("almeida", ["sergio@example.com"]),
        ("SERGIO@", ["sergio@example.com"]),
        ("529.982.247-25", ["sergio@example.com"]),
        ("52998224725", ["sergio@example.com"]),
        ("mar", ["marina@example.com"]),
        ("example.com", []),
        ("%", []),
        ("_", []),
        ("390.533.447-05", []),
        (None, ["rosa@example.com", "marina@example.com", "sergio@example.com"]),
        ("  ", ["rosa@example.com", "marina@example.com", "sergio@example.com"]),
    ],
)
async def test_an_administrator_finds_people_by_name_email_or_cpf(
    accounts: Accounts, search: str | None, emails: list[str]
) -> None:
    await accounts.person()
    accounts.clock.advance(seconds=1)
    await accounts.person(**MARINA)
    accounts.clock.advance(seconds=1)
    rosa = await accounts.person("admin", **ADMIN)
    assert await found(accounts, rosa, search) == emails


@pytest.mark.parametrize("search", ["almeida", "sergio@", "529.982.247-25"])
async def test_whoever_is_found_by_what_is_theirs_has_been_looked_at(accounts: Accounts, search: str) -> None:
    """Although no such field is asked for: that they were found says it. Going through the whole list is no look."""
    sergio = await accounts.person()
    await accounts.person(**MARINA)
    rosa = await accounts.person("admin", **ADMIN)
    names = "query ($search: String) { users(search: $search) { nodes { displayName } } }"

    async def looks() -> list[tuple[str, str]]:
        async with accounts.services.database.read() as session:
            rows = (await session.scalars(select(StaffLook).order_by(StaffLook.id))).all()
        return [(str(row.user_id), row.sight) for row in rows]

    await accounts.ask(names, {"search": "  "}, headers=rosa.bearer)
    assert await looks() == []
    await accounts.ask(names, {"search": search}, headers=rosa.bearer)
    assert await looks() == [(sergio.id, "CONTACT"), (sergio.id, "IDENTITY")]


async def test_the_list_is_paged(accounts: Accounts) -> None:
    await accounts.person()
    accounts.clock.advance(seconds=1)
    rosa = await accounts.person("admin", **MARINA)
    first = (await accounts.ask(USERS, {"first": 1}, headers=rosa.bearer))["data"]["users"]
    assert ([node["fullName"] for node in first["nodes"]], first["pageInfo"]["hasNextPage"]) == (["Marina Costa"], True)
    variables = {"first": 1, "after": first["pageInfo"]["endCursor"]}
    second = (await accounts.ask(USERS, variables, headers=rosa.bearer))["data"]["users"]
    assert [node["fullName"] for node in second["nodes"]] == ["Sérgio Almeida"]
    assert second["pageInfo"]["hasNextPage"] is False


async def change(accounts: Accounts, document: str, actor: Person, user_id: str, reason: str = "Fraude.") -> Any:
    return await accounts.do(document, {"userId": user_id, "reason": reason}, headers=actor.bearer)


async def test_a_suspended_person_is_out_at_once_until_reactivated(accounts: Accounts) -> None:
    sergio, rosa = await accounts.person(), await accounts.person("admin", **ADMIN)
    for _ in range(2):
        suspended = await change(accounts, SUSPEND, rosa, sergio.id)
        assert suspended == {"__typename": "UserSuspended", "user": {"suspended": True}}
    ended = await accounts.do(REFRESH, {"refreshToken": sergio.refresh_token})
    assert ended["__typename"] == "SessionEnded"
    assert (await accounts.sign_in())["__typename"] == "AccountSuspended"
    back = await change(accounts, REACTIVATE, rosa, sergio.id, "Esclarecido.")
    assert back == {"__typename": "UserReactivated", "user": {"suspended": False}}
    assert (await accounts.sign_in())["__typename"] == "SignedIn"
    assert await accounts.published("accounts.user_suspended.v1") == [{"user_id": sergio.id}]
    assert await accounts.published("accounts.user_reactivated.v1") == [{"user_id": sergio.id}]
    async with accounts.services.database.read() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    assert [(entry.action, str(entry.actor_id), str(entry.user_id), entry.reason) for entry in entries] == [
        ("SUSPENDED", rosa.id, sergio.id, "Fraude."),
        ("REACTIVATED", rosa.id, sergio.id, "Esclarecido."),
    ]


async def test_suspending_needs_a_person_another_than_oneself_and_a_reason(accounts: Accounts) -> None:
    sergio, rosa = await accounts.person(), await accounts.person("admin", **ADMIN)
    nobody = "00000000-0000-7000-8000-000000000000"
    assert await change(accounts, SUSPEND, rosa, nobody) == {"__typename": "UserNotFound"}
    assert await change(accounts, SUSPEND, rosa, rosa.id) == {"__typename": "OwnAccount"}
    assert await change(accounts, SUSPEND, rosa, sergio.id, "  ") == {"__typename": "InvalidInput"}
    assert (await accounts.sign_in())["__typename"] == "SignedIn"


@pytest.mark.parametrize("scope", ["farmer", "investor", "analyst"])
async def test_only_administrators_suspend(accounts: Accounts, scope: str) -> None:
    sergio, other = await accounts.person(), await accounts.person(scope, **MARINA)
    variables = {"input": {"userId": sergio.id, "reason": "Fraude."}}
    for document in (SUSPEND, REACTIVATE):
        answer = await accounts.ask(document, variables, headers=other.bearer)
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (await accounts.sign_in())["__typename"] == "SignedIn"


@pytest.mark.parametrize("scope", ["farmer", "investor", "analyst"])
async def test_only_administrators_search(accounts: Accounts, scope: str) -> None:
    other = await accounts.person(scope)
    answer = await accounts.ask(USERS, {"search": "a"}, headers=other.bearer)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_the_history_of_sign_ins_has_ended_ones_too(accounts: Accounts) -> None:
    sergio = await accounts.person()
    accounts.clock.advance(minutes=1)
    on_phone = await accounts.signed_in(sergio.email)
    await accounts.do("mutation { signOut { ok } }", headers=on_phone.bearer)
    answer = await accounts.ask(HISTORY, {"first": 1}, headers=sergio.bearer)
    first = answer["data"]["me"]["signInHistory"]
    assert first["nodes"] == [
        {
            "id": on_phone.session_id,
            "startedAt": "2026-11-23T12:01:00.000Z",
            "endedAt": "2026-11-23T12:01:00.000Z",
            "endReason": "SIGNED_OUT",
            "isCurrent": False,
            "address": None,
        }
    ]
    variables = {"first": 1, "after": first["pageInfo"]["endCursor"]}
    (oldest,) = (await accounts.ask(HISTORY, variables, headers=sergio.bearer))["data"]["me"]["signInHistory"]["nodes"]
    assert (oldest["id"], oldest["endedAt"], oldest["isCurrent"]) == (sergio.session_id, None, True)


async def test_others_see_no_history(accounts: Accounts) -> None:
    sergio, marina = await accounts.person(), await accounts.person(**MARINA)
    query = f'{{ user(id: "{sergio.id}") {{ signInHistory {{ nodes {{ id }} }} }} }}'
    assert await accounts.do(query, headers=marina.bearer) == {"signInHistory": None}
