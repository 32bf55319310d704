"""A NUL or half a character in an argument: the client's error, for that field alone."""

from typing import Any

import pytest

from tests.subgraphs.accounts.conftest import served
from tests.subgraphs.accounts.people import SIGN_IN, Accounts

BAD = ["a\0b", "\ud800"]


def codes(answer: dict[str, Any]) -> list[tuple[list[Any], str]]:
    return [(error["path"], error["extensions"]["code"]) for error in answer["errors"]]


@pytest.mark.parametrize("bad", BAD, ids=["NUL", "surrogate"])
async def test_in_a_variable(accounts: Accounts, bad: str) -> None:
    answer = await accounts.ask(SIGN_IN, {"input": {"email": f"{bad}@example.com", "password": "Semente#2026"}})
    assert codes(answer) == [(["signIn"], "BAD_USER_INPUT")]


async def test_in_the_document_and_the_other_fields_are_answered(accounts: Accounts) -> None:
    sergio = await accounts.person()
    document = '{ me { id } user(id: "a\\u0000b") { id } }'
    answer = await accounts.ask(document, headers=sergio.bearer)
    assert (answer["data"], codes(answer)) == (
        {"me": {"id": sergio.id}, "user": None},
        [(["user"], "BAD_USER_INPUT")],
    )


async def test_in_a_key_of_an_entity_and_the_other_entities_are_answered(accounts: Accounts) -> None:
    sergio = await accounts.person()
    asked = [{"__typename": "User", "id": key} for key in ("a\0b", sergio.id)]
    document = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { id } } }"
    answer = await accounts.ask(document, {"of": asked}, headers=sergio.bearer)
    assert answer["data"] == {"_entities": [None, {"id": sergio.id}]}
    assert codes(answer) == [(["_entities", 0], "BAD_REPRESENTATION")]


async def test_in_a_form(accounts: Accounts) -> None:
    form = {"grant_type": "password", "username": "a\0b", "password": "Semente#2026"}
    async with served(accounts.subgraph) as client, client.post("/oauth/token", data=form) as response:
        assert (response.status, (await response.json())["error"]) == (400, "invalid_request")
