"""Every query that a test asks of a subgraph is executed by code that was written for it, if there can be such."""

from contextlib import suppress
from typing import Any

import pytest
from graphql import GraphQLError

from subgraphs.shared.graphql.compiled import documents
from subgraphs.shared.graphql.door import Door, ReadDocument
from trevo.door.too_much import TooMuch


@pytest.fixture(autouse=True)
def _compiled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Door.known

    def read_first(door: Door, schema: Any, text: str) -> ReadDocument | None:
        with suppress(TooMuch, GraphQLError):
            door.read(schema, text, ())
        return known(door, schema, text)

    monkeypatch.setattr(Door, "known", read_first)
    monkeypatch.setattr(documents, "COMPILE_AFTER_USES", 1)
