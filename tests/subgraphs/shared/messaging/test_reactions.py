"""Registering handlers."""

import pytest

from subgraphs.shared.messaging.reactions import Delivery, Reactions
from subgraphs.shared.messaging.transport import Binding
from tests.subgraphs.shared.messaging.harvest import FieldReaped, FieldSown


async def store(_: Delivery[FieldSown]) -> None:
    pass


async def count(_: Delivery[FieldSown | FieldReaped]) -> None:
    pass


def test_each_handler_has_a_queue_of_its_own() -> None:
    reactions = Reactions("barn")
    reactions.on(FieldSown)(store)
    reactions.on(FieldSown, FieldReaped)(count)
    assert reactions.bindings() == [
        Binding("barn.store", frozenset({"harvest.field_sown.v1"})),
        Binding("barn.count", frozenset({"harvest.field_sown.v1", "harvest.field_reaped.v1"})),
    ]


def test_a_handler_stays_an_ordinary_function() -> None:
    assert Reactions("barn").on(FieldSown)(store) is store


def test_two_handlers_of_one_name_are_refused() -> None:
    reactions = Reactions("barn")
    reactions.on(FieldSown)(store)
    with pytest.raises(ValueError, match=r"two handlers of the name barn\.store"):
        reactions.on(FieldReaped)(store)


def test_one_type_read_in_two_ways_is_refused() -> None:
    class FieldSownToo(FieldSown, type="harvest.field_sown.v1", subject="field"):
        pass

    with pytest.raises(ValueError, match=r"barn\.count reads one event type by two classes"):
        Reactions("barn").on(FieldSown, FieldSownToo)(count)
