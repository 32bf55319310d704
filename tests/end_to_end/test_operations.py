"""Every operation that clients ship, run as the person who uses it, answers without an error and with substance."""

import gzip
import json
from pathlib import Path

import aiohttp
import pytest
from graphql import FieldNode, parse, print_ast, visit

from builds.operations import AddTypenames
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


HOME = (ROOT / "schema" / "operations" / "InvestorHome.graphql").read_text()
AS_WRITTEN = print_ast(parse(HOME))
FOR_CACHES = print_ast(visit(parse(HOME), AddTypenames()))


@pytest.mark.parametrize("text", [AS_WRITTEN, FOR_CACHES], ids=["as written", "for caches"])
async def test_a_phone_asks_for_its_first_screen_by_its_name(text: str, world: World) -> None:
    """One request of 73 bytes, for the answer that the whole text would have, in less than a kilobyte."""
    target = f"/graphql/{hash_of(text)}"
    await assert_small_answer(world, text, "GET", target)
    assert len(target) == 73


async def test_so_do_the_clients_that_phones_have(world: World) -> None:
    """Apollo Kotlin and Apollo iOS, which name the hash in a body of theirs."""
    named = {"persistedQuery": {"version": 1, "sha256Hash": hash_of(FOR_CACHES)}}
    asked = {"operationName": "InvestorHome", "variables": {}, "extensions": named}
    body = json.dumps(asked, separators=(",", ":")).encode()
    await assert_small_answer(world, FOR_CACHES, "POST", "/graphql", body)
    assert len("/graphql") + len(body) == 181


async def assert_small_answer(world: World, text: str, method: str, target: str, body: bytes | None = None) -> None:
    person = world.told.investors[0]
    origin = world.client.addresses.graphql.removesuffix("/graphql")
    headers = {"authorization": f"Bearer {person.token}", "accept-encoding": "gzip", "content-type": "application/json"}
    async with (
        aiohttp.ClientSession(auto_decompress=False) as phone,
        phone.request(method, f"{origin}{target}", headers=headers, data=body) as response,
    ):
        packed = await response.read()
    assert json.loads(gzip.decompress(packed)) == {"data": await world.client.graphql(text, token=person.token)}
    assert len(packed) < 1_000


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
