"""
The parts of a response that comes in several, in the form of GraphQL's current draft for incremental delivery.

    {"data": {"product": {"name": "Chair"}}, "pending": [{"id": "0", "path": ["product"]}], "hasNext": true}
    {"incremental": [{"id": "0", "data": {"reviews": []}}], "completed": [{"id": "0"}], "hasNext": false}

Clients that were made for an older draft do not understand it, and have theirs (`write_fragments.py`); which form they
take is said when they ask.
"""

from collections.abc import Iterable
from typing import Any, Protocol

from trevo.errors import ClientError
from trevo.gateway.result import ErrorAllowance
from trevo.projection.deferred import DeferredPlace, Delivery, Piece

OF_THE_DRAFT = "incrementalSpec=v0.2"
OF_2022 = "deferSpec=20220824"
"""The forms of the parts, as clients name them."""


class PartsWriter(Protocol):
    """Writes the parts of one response."""

    def first(
        self, data: dict[str, Any] | None, errors: list[dict[str, Any]], delivery: Delivery, *, has_next: bool
    ) -> dict[str, Any]:
        """What was wanted at once, with what is still to come."""
        ...

    def next(self, delivery: Delivery, allowance: ErrorAllowance, *, has_next: bool) -> dict[str, Any]:
        """What has come since."""
        ...


class AnnouncedPieces:
    """Writes what is new, for fragments that were announced."""

    def first(
        self, data: dict[str, Any] | None, errors: list[dict[str, Any]], delivery: Delivery, *, has_next: bool
    ) -> dict[str, Any]:
        body: dict[str, Any] = {"errors": errors} if errors else {}
        return {**body, "data": data, **_pending(delivery.announced), "hasNext": has_next}

    def next(self, delivery: Delivery, allowance: ErrorAllowance, *, has_next: bool) -> dict[str, Any]:
        body = _pending(delivery.announced)
        if delivery.pieces:
            body["incremental"] = [_incremental(place, piece, allowance) for place, piece in delivery.pieces]
        if delivery.over:
            body["completed"] = [_completed(place, allowance) for place in delivery.over]
        return {**body, "hasNext": has_next}


def _pending(places: Iterable[DeferredPlace]) -> dict[str, Any]:
    pending = [_announced(place) for place in places]
    return {"pending": pending} if pending else {}


def _announced(place: DeferredPlace) -> dict[str, Any]:
    label = {} if place.deferral.label is None else {"label": place.deferral.label}
    return {"id": _id(place), "path": list(place.path), **label}


def _incremental(place: DeferredPlace, piece: Piece, allowance: ErrorAllowance) -> dict[str, Any]:
    assert piece.written is not None  # noqa: S101 - it is told because it is
    below = piece.path[len(place.path) :]
    body: dict[str, Any] = {"id": _id(place), **({"subPath": list(below)} if below else {}), "data": piece.written.data}
    return {**body, **_errors(piece.written.errors, allowance)}


def _completed(place: DeferredPlace, allowance: ErrorAllowance) -> dict[str, Any]:
    return {"id": _id(place), **_errors(place.failed or [], allowance)}


def _id(place: DeferredPlace) -> str:
    return str(place.number)


def _errors(errors: list[ClientError], allowance: ErrorAllowance) -> dict[str, Any]:
    shown = allowance.shown(errors)
    return {"errors": shown} if shown else {}
