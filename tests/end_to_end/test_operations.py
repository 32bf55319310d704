"""Every operation that clients ship, run as the person who uses it, answers without an error and with substance."""

import json
from pathlib import Path

import pytest
from graphql import FieldNode

from story.screens import USED_BY
from tests.end_to_end.conftest import World
from tests.fixtures.phone import AS_WRITTEN, FOR_CACHES, HOME, ask_as_phone, target_of
from tests.fixtures.screens import OPERATIONS, answer_of, definition_of
from trevo.persisted.manifest import hash_of


def root_fields(path: Path) -> set[str]:
    definition = definition_of(path)
    assert definition.name is not None
    assert definition.name.value == path.stem
    return {field.name.value for field in definition.selection_set.selections if isinstance(field, FieldNode)}


@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.stem)
async def test_an_operation_answers_its_person_in_one_process(path: Path, world: World) -> None:
    data = await answer_of(world.client, world.told, path)
    assert set(data) == root_fields(path)
    assert None not in data.values()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.stem)
async def test_an_operation_answers_its_person_over_http(path: Path, split_world: World) -> None:
    data = await answer_of(split_world.client, split_world.told, path)
    assert set(data) == root_fields(path)
    assert None not in data.values()


def test_every_operation_has_its_person() -> None:
    assert {path.stem for path in OPERATIONS} == set(USED_BY)


@pytest.mark.parametrize("text", [AS_WRITTEN, FOR_CACHES], ids=["as written", "for caches"])
async def test_a_phone_asks_for_its_first_screen_by_its_name(text: str, world: World) -> None:
    """One request of 73 bytes, for the answer that the whole text would have."""
    token = world.told.investors[0].token
    answer, _ = await ask_as_phone(world.client, token, target_of(text))
    assert answer == {"data": await world.client.graphql(text, token=token)}
    assert len(target_of(text)) == 73


async def test_so_do_the_clients_that_phones_have(world: World) -> None:
    """Apollo Kotlin and Apollo iOS, which name the hash in a body of theirs."""
    token = world.told.investors[0].token
    named = {"persistedQuery": {"version": 1, "sha256Hash": hash_of(FOR_CACHES)}}
    asked = {"operationName": "InvestorHome", "variables": {}, "extensions": named}
    body = json.dumps(asked, separators=(",", ":")).encode()
    answer, _ = await ask_as_phone(world.client, token, "/graphql", body=body)
    assert answer == {"data": await world.client.graphql(FOR_CACHES, token=token)}
    assert len("/graphql") + len(body) == 181


async def test_investor_home_shows_what_the_story_did(world: World) -> None:
    me = (await world.client.graphql(HOME, token=world.told.investors[0].token))["me"]
    assert me["portfolio"]["invested"] == {"amount": "12500.00", "currency": "BRL"}
    assert me["wallet"]["held"] == {"amount": "0.00", "currency": "BRL"}
    assert [payout["status"] for payout in me["payouts"]["nodes"]] == ["CREDITED"]
    assert sorted({activity["__typename"] for activity in me["activities"]["nodes"]}) == [
        "Deposit",
        "Investment",
        "Payout",
    ]
    assert all(activity["summary"] for activity in me["activities"]["nodes"])
