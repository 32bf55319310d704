"""
The parts of a response that comes in several, in the form that Apollo's routers have sent since 2022.

    {"data": {"product": {"name": "Chair"}}, "hasNext": true}
    {"incremental": [{"path": ["product"], "label": "slow", "data": {"reviews": []}}], "hasNext": false}

Nothing is announced, and a fragment comes whole: with what is there already because it was selected elsewhere too, or
came with another fragment. Clients of this form read a fragment from its own data. One that can never be complete has
a null for its data.
"""

from collections.abc import Iterator
from typing import Any

from trevo.door.exact_json import copy_tree
from trevo.gateway.result import ErrorAllowance
from trevo.operation.deferral import Deferral
from trevo.operation.tree import Operation, OperationSelections, fields_in
from trevo.projection.deferred import DeferredPlace, Delivery, Piece

Wanted = dict[str, "Wanted | None"]
"""Response keys of an object, for whatever type; None below a leaf."""


class WholeFragments:
    """Writes the parts of one response to *operation*, as it is answered."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        self._data: dict[str, Any] | None = None
        """All that has come."""
        self._wanted: dict[Deferral, Wanted] = {}

    def first(
        self,
        data: dict[str, Any] | None,
        errors: list[dict[str, Any]],
        delivery: Delivery,  # noqa: ARG002 - nothing is announced
        *,
        has_next: bool,
    ) -> dict[str, Any]:
        """What was wanted at once."""
        self._data = copy_tree(data)
        body: dict[str, Any] = {"errors": errors} if errors else {}
        return {**body, "data": data, "hasNext": has_next}

    def next(self, delivery: Delivery, allowance: ErrorAllowance, *, has_next: bool) -> dict[str, Any]:
        """The fragments that are over since."""
        new = {piece for _, piece in delivery.pieces}
        for _, piece in delivery.pieces:
            self._take(piece)
        incremental = [self._fragment(place, new, allowance) for place in delivery.over]
        return {**({"incremental": incremental} if incremental else {}), "hasNext": has_next}

    def _take(self, piece: Piece) -> None:
        assert piece.written is not None  # noqa: S101 - it is told because it is
        # What it is written from is told to nobody else: it may grow.
        self._at(piece.path).update(piece.written.data or {})

    def _at(self, path: tuple[str | int, ...]) -> Any:
        found: Any = self._data
        for step in path:
            found = found[step]
        return found

    def _fragment(self, place: DeferredPlace, new: set[Piece], allowance: ErrorAllowance) -> dict[str, Any]:
        if place.failed is None:
            data = _only(self._at(place.path), self._wanted_for(place.deferral))
            # Each error is told once, with the first fragment that wanted what it is about.
            told = [piece for piece in place.pieces if piece in new]
            new.difference_update(told)
            errors = [error for piece in told if piece.written is not None for error in piece.written.errors]
        else:
            data, errors = None, place.failed
        label = {} if place.deferral.label is None else {"label": place.deferral.label}
        shown = allowance.shown(errors)
        return {"path": list(place.path), **label, "data": data, **({"errors": shown} if shown else {})}

    def _wanted_for(self, deferral: Deferral) -> Wanted:
        wanted = self._wanted.get(deferral)
        if wanted is None:
            wanted = self._wanted[deferral] = {}
            for selections in _places_of(deferral, self._operation.selections):
                _add(wanted, selections, deferral)
        return wanted


def _places_of(deferral: Deferral, selections: OperationSelections) -> Iterator[OperationSelections]:
    """What is selected of the objects that *deferral* is about."""
    fields = list(fields_in(selections))
    if any(deferral in field.deferred for field in fields):
        yield selections
        return
    for field in fields:
        if field.selections is not None:
            yield from _places_of(deferral, field.selections)


def _add(wanted: Wanted, selections: OperationSelections, deferral: Deferral, *, is_below: bool = False) -> None:
    for field in fields_in(selections):
        # Introspection is never deferred, but comes with what it stands in.
        if deferral not in field.deferred and not (is_below and field.is_introspection):
            continue
        if field.selections is None:
            wanted[field.key] = None
            continue
        below = wanted.setdefault(field.key, {})
        assert below is not None  # noqa: S101 - one key means one field, a leaf or not
        _add(below, field.selections, deferral, is_below=True)


def _only(value: Any, wanted: Wanted | None) -> Any:
    """What of *value* is *wanted*."""
    if wanted is None:
        return value
    if isinstance(value, list):
        return [_only(each, wanted) for each in value]
    if isinstance(value, dict):
        return {key: _only(value[key], below) for key, below in wanted.items() if key in value}
    return value
