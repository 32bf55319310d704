"""Every operation that clients ship, run as the person who uses it, answers without an error and with substance."""

import gzip
import json
from pathlib import Path

import aiohttp
import pytest
from graphql import FieldNode, parse, print_ast

from launch.home import ROOT
from story.screens import USED_BY
from tests.end_to_end.conftest import World
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


async def test_a_phone_asks_for_its_first_screen_by_its_name(world: World) -> None:
    """One request whose target is short, for the answer that the whole text would have, in less than a kilobyte."""
    path = ROOT / "schema" / "operations" / "InvestorHome.graphql"
    target = f"/graphql/{hash_of(print_ast(parse(path.read_text())))}"
    person = world.told.investors[0]
    origin = world.client.addresses.graphql.removesuffix("/graphql")
    headers = {"authorization": f"Bearer {person.token}", "accept-encoding": "gzip"}
    async with (
        aiohttp.ClientSession(auto_decompress=False) as phone,
        phone.get(f"{origin}{target}", headers=headers) as response,
    ):
        packed = await response.read()
    named = json.loads(gzip.decompress(packed))
    assert named == {"data": await world.client.graphql(path.read_text(), token=person.token)}
    assert len(target) == 73
    assert len(packed) < 1_000


async def test_investor_home_shows_what_the_story_did(world: World) -> None:
    document = (ROOT / "schema" / "operations" / "InvestorHome.graphql").read_text()
    me = (await world.client.graphql(document, token=world.told.investors[0].token))["me"]
    assert me["portfolio"]["invested"] == {"amount": "12500.00", "currency": "BRL"}
    assert me["wallet"]["held"] == {"amount": "0.00", "currency": "BRL"}
    assert [payout["status"] for payout in me["payouts"]["nodes"]] == ["CREDITED"]
    assert sorted({activity["__typename"] for activity in me["activities"]["nodes"]}) == [
        "Deposit",
        "Investment",
        "Payout",
    ]
    assert all(activity["summary"] for activity in me["activities"]["nodes"])
