"""`User` through every door: only displayName and profiles are for others."""

from typing import Any

import pytest

from tests.subgraphs.accounts.people import MARINA, Accounts, Person

FIELDS = """id displayName profiles fullName email emailConfirmed phone phoneConfirmed maskedCpf birthDate
  identityStatus totpEnabled createdAt suspended staffRoles sessions { isCurrent }"""
ENTITIES = f"query ($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on User {{ {FIELDS} }} }} }}"
NOBODY = "00000000-0000-7000-8000-000000000000"


def everything(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "displayName": "Sérgio A.",
        "profiles": ["FARMER"],
        "fullName": "Sérgio Almeida",
        "email": "sergio@example.com",
        "emailConfirmed": True,
        "phone": "+5565999990001",
        "phoneConfirmed": False,
        "maskedCpf": "***.982.247-**",
        "birthDate": "1985-03-14",
        "identityStatus": "NOT_STARTED",
        "totpEnabled": False,
        "createdAt": "2026-11-23T12:00:00.000Z",
        "suspended": False,
        "staffRoles": [],
        "sessions": [{"isCurrent": True}],
    }


def public_only(person: Person) -> dict[str, Any]:
    return dict.fromkeys(everything(person)) | {
        "id": person.id,
        "displayName": "Sérgio A.",
        "profiles": ["FARMER"],
    }


async def entities(accounts: Accounts, headers: dict[str, str] | None, *ids: str) -> Any:
    representations = [{"__typename": "User", "id": user_id} for user_id in ids]
    answer = await accounts.ask(ENTITIES, {"r": representations}, headers=headers)
    assert "errors" not in answer, answer["errors"]
    return answer["data"]["_entities"]


async def test_one_sees_everything_of_oneself(accounts: Accounts) -> None:
    sergio = await accounts.person()
    assert await accounts.do(f"{{ me {{ {FIELDS} }} }}", headers=sergio.bearer) == everything(sergio)
    assert await entities(accounts, sergio.bearer, sergio.id) == [everything(sergio)]


async def test_others_see_the_public_fields(accounts: Accounts) -> None:
    sergio, marina = await accounts.person(), await accounts.person(**MARINA)
    assert await entities(accounts, marina.bearer, sergio.id) == [public_only(sergio)]
    query = f'{{ user(id: "{sergio.id}") {{ {FIELDS} }} }}'
    assert await accounts.do(query, headers=marina.bearer) == public_only(sergio)


async def test_an_administrator_sees_everything(accounts: Accounts) -> None:
    sergio, marina = await accounts.person(), await accounts.person("admin", **MARINA)
    seen = everything(sergio) | {"sessions": [{"isCurrent": False}]}
    assert await entities(accounts, marina.bearer, sergio.id) == [seen]


async def test_an_analyst_sees_what_a_check_needs(accounts: Accounts) -> None:
    sergio, marina = await accounts.person(), await accounts.person("analyst", **MARINA)
    needed = ("fullName", "maskedCpf", "birthDate", "identityStatus")
    seen = public_only(sergio) | {name: everything(sergio)[name] for name in needed}
    assert await entities(accounts, marina.bearer, sergio.id) == [seen]


async def test_a_token_without_signed_in_shows_ones_own_public_fields(accounts: Accounts) -> None:
    sergio = await accounts.person()
    narrowed = accounts.tokens.bearer(sergio.id, scope="farmer")
    answer = await accounts.ask(f"{{ me {{ {FIELDS} }} }}", headers=narrowed)
    assert answer["data"]["me"] == public_only(sergio)
    closed = [name for name, value in public_only(sergio).items() if value is None]
    assert sorted(error["path"][1] for error in answer["errors"]) == sorted(closed)
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}


@pytest.mark.parametrize("scope", ["farmer", "investor"])
async def test_other_scopes_open_nothing(accounts: Accounts, scope: str) -> None:
    sergio, marina = await accounts.person(), await accounts.person(scope, **MARINA)
    assert await entities(accounts, marina.bearer, sergio.id) == [public_only(sergio)]


async def test_the_anonymous_see_nobody(accounts: Accounts) -> None:
    sergio = await accounts.person()
    assert await entities(accounts, None, sergio.id) == [None]
    answer = await accounts.ask("{ me { id } }")
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_who_does_not_exist_is_absent_and_spoils_nothing(accounts: Accounts) -> None:
    sergio = await accounts.person()
    found = await entities(accounts, sergio.bearer, NOBODY, sergio.id, "not-a-uuid")
    assert [one and one["id"] for one in found] == [None, sergio.id, None]
    assert await accounts.do('{ user(id: "not-a-uuid") { id } }', headers=sergio.bearer) is None
