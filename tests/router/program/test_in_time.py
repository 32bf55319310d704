"""The code that finds what a call asks about looks at the clock wherever it goes through a long list."""

from typing import Any, cast

import pytest

from tests.router.program.both_forms import HEAD, program_of
from tests.router.program.test_earlier_call import TYPES
from trevo.clients.subgraph_client import Deadline
from trevo.execute.long_work import LARGE_BYTES, LOOK_EVERY_ITEMS, TimeIsOver, do_beside
from trevo.program.program import ProgramCall
from trevo.supergraph import load_supergraph

LOOKS = 5


class Looks:
    """A deadline that comes after so many looks at it."""

    def __init__(self, left: int) -> None:
        self.left = left

    def seconds_left(self) -> float:
        self.left -= 1
        return self.left + 0.5


def first_call() -> ProgramCall:
    program = program_of(load_supergraph(HEAD + TYPES), "{ items { freight } }")
    return next(call for step in program.steps for call in step.calls)


@pytest.mark.parametrize("looks", [0, LOOKS - 1, LOOKS, 2 * LOOKS - 1])
async def test_it_ends_in_time_while_it_finds_and_while_it_writes_what_is_sent(looks: int) -> None:
    call = first_call()
    tables: list[dict[Any, Any]] = [{}, {"items": [{"id": str(each)} for each in range(LOOKS * LOOK_EVERY_ITEMS)]}]
    with pytest.raises(TimeIsOver):
        await do_beside(LARGE_BYTES, cast("Deadline", Looks(looks)), lambda: call.collect(tables))
    found, sent = await do_beside(LARGE_BYTES, cast("Deadline", Looks(2 * LOOKS)), lambda: call.collect(tables))
    assert len(found) == len(sent) == LOOKS * LOOK_EVERY_ITEMS
