"""Written code and graphql-core agree, whatever is asked of whatever data."""

import asyncio
import gc
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from graphql import parse, validate
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from subgraphs.shared.graphql.compiled.asked import AskedDocument
from subgraphs.shared.graphql.compiled.write import write_program
from tests.subgraphs.shared.compiled.documents import a_document
from tests.subgraphs.shared.compiled.farm import SCHEMA, World, a_context, by_graphql_core

# Beside a field that failed, graphql-core leaves what it had not begun yet.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")

CORE = SCHEMA._schema  # Strawberry keeps the graphql-core schema there

SEEDS = st.integers(0, 2**32)
RANDOM = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.filter_too_much])


@pytest.fixture(autouse=True)
def _garbage() -> Iterator[None]:
    """What graphql-core leaves is collected here, and not in a test that minds."""
    yield
    gc.collect()


async def by_code(text: str, world: World, variables: dict[str, Any]) -> dict[str, Any]:
    """What written code answers. Raises GiveUp, or what befell a resolver."""
    asked = AskedDocument.of(parse(text), None)
    conditions = {name: variables[name] for name in asked.conditions if name in variables}
    return await write_program(SCHEMA, asked, conditions).run(a_context(world), variables)


def containers(value: Any) -> Iterator[Any]:
    """Every object and list in *value*, itself among them."""
    if isinstance(value, dict | list):
        yield value
        for member in value.values() if isinstance(value, dict) else value:
            yield from containers(member)


def is_valid(text: str) -> bool:
    return not validate(CORE, parse(text))


@RANDOM
@given(SEEDS)
def test_of_sound_data_code_answers_what_graphql_core_answers(seed: int) -> None:
    text, variables = a_document(seed, CORE, sound=True)
    assume(is_valid(text))
    expected = asyncio.run(by_graphql_core(text, World(), variables))
    assert expected.errors is None, expected.errors
    data = asyncio.run(by_code(text, World(), variables))
    assert data == expected.data
    assert str(data) == str(expected.data), "in the same order, and of the same classes"


@RANDOM
@given(SEEDS)
def test_an_answer_is_its_receivers_alone_and_variables_stay_as_they_were(seed: int) -> None:
    """What a router in the same process relies on, which copies neither."""
    text, variables = a_document(seed, CORE, sound=True)
    assume(is_valid(text))
    world, given_variables = World(), deepcopy(variables)
    answers = [asyncio.run(by_code(text, world, variables)) for _ in range(2)]
    answers.append(asyncio.run(by_graphql_core(text, world, variables)).data)
    assert variables == given_variables
    seen = [id(each) for answer in answers for each in containers(answer)]
    assert len(seen) == len(set(seen)), "each at one place, and made anew for each answer"


@RANDOM
@given(SEEDS, st.sampled_from([5, 30, 150]))
@example(1130, 150)  # of which graphql-core leaves some
def test_of_faulty_data_code_answers_the_same_or_nothing(seed: int, faults: int) -> None:
    text, variables = a_document(seed, CORE, sound=False)
    assume(is_valid(text))
    expected = asyncio.run(by_graphql_core(text, World(faults), variables))
    try:
        data = asyncio.run(by_code(text, World(faults), variables))
    except Exception:  # noqa: BLE001  # whatever befell a resolver
        return
    assert expected.errors is None, expected.errors
    assert str(data) == str(expected.data)
