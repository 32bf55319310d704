"""Every operation that clients ship, run as the person who uses it, answers without an error and with substance."""

from pathlib import Path
from typing import Any

import pytest
from graphql import FieldNode, OperationDefinitionNode, OperationType, parse

from launch.home import ROOT
from story.screens import USED_BY, person_of, variables_of
from tests.end_to_end.conftest import World

OPERATIONS = sorted((ROOT / "schema" / "operations").glob("*.graphql"))

INBOX = "{ me { notifications { nodes { id } } } }"


async def variables_here(world: World, operation: str) -> dict[str, Any]:
    if operation == "NotificationReceived":
        token = person_of(world.told, operation).token
        inbox = (await world.client.graphql(INBOX, token=token))["me"]["notifications"]
        return {"after": inbox["nodes"][-1]["id"]}
    return variables_of(world.told, operation)


async def answer_of(path: Path, world: World) -> dict[str, Any]:
    """What the operation answers; a subscription's first event."""
    person, variables = person_of(world.told, path.stem), await variables_here(world, path.stem)
    data: dict[str, Any]
    if definition_of(path).operation is OperationType.SUBSCRIPTION:
        async with world.client.listen(path.read_text(), variables, token=person.token) as events:
            data = await anext(events)
    else:
        data = await world.client.graphql(path.read_text(), variables, token=person.token)
    return data


def definition_of(path: Path) -> OperationDefinitionNode:
    (definition,) = [node for node in parse(path.read_text()).definitions if isinstance(node, OperationDefinitionNode)]
    return definition


def root_fields(path: Path) -> set[str]:
    definition = definition_of(path)
    assert definition.name is not None
    assert definition.name.value == path.stem
    return {field.name.value for field in definition.selection_set.selections if isinstance(field, FieldNode)}


@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.stem)
async def test_an_operation_answers_its_person_in_one_process(path: Path, world: World) -> None:
    data = await answer_of(path, world)
    assert set(data) == root_fields(path)
    assert None not in data.values()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.stem)
async def test_an_operation_answers_its_person_over_http(path: Path, split_world: World) -> None:
    data = await answer_of(path, split_world)
    assert set(data) == root_fields(path)
    assert None not in data.values()


def test_every_operation_has_its_person() -> None:
    assert {path.stem for path in OPERATIONS} == set(USED_BY)


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
