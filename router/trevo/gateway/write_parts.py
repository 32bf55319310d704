"""
The parts of a response that comes in several, in the form of GraphQL's draft for incremental delivery.

    {"data": {"product": {"name": "Chair"}}, "pending": [{"id": "0", "path": ["product"]}], "hasNext": true}
    {"incremental": [{"id": "0", "data": {"reviews": []}}], "completed": [{"id": "0"}], "hasNext": false}

Clients that were made for an older draft do not understand it; which form they take is said when they ask.
"""

from collections.abc import Iterable
from typing import Any

from trevo.errors import ClientError
from trevo.gateway.result import shown_errors
from trevo.projection.deferred import DeferredPlace, Delivery, Piece


def first_part(
    data: dict[str, Any] | None, errors: list[dict[str, Any]], delivery: Delivery, *, has_next: bool
) -> dict[str, Any]:
    """What was wanted at once, with what is still to come."""
    body: dict[str, Any] = {"errors": errors} if errors else {}
    return {**body, "data": data, **_pending(delivery.announced), "hasNext": has_next}


def next_part(delivery: Delivery, errors_max: int, *, has_next: bool) -> dict[str, Any]:
    """What has come since."""
    body = _pending(delivery.announced)
    if delivery.pieces:
        body["incremental"] = [_incremental(place, piece, errors_max) for place, piece in delivery.pieces]
    if delivery.over:
        body["completed"] = [_completed(place, errors_max) for place in delivery.over]
    return {**body, "hasNext": has_next}


def _pending(places: Iterable[DeferredPlace]) -> dict[str, Any]:
    pending = [_announced(place) for place in places]
    return {"pending": pending} if pending else {}


def _announced(place: DeferredPlace) -> dict[str, Any]:
    label = {} if place.deferral.label is None else {"label": place.deferral.label}
    return {"id": place.id, "path": list(place.path), **label}


def _incremental(place: DeferredPlace, piece: Piece, errors_max: int) -> dict[str, Any]:
    assert piece.written is not None  # noqa: S101 - it is told because it is
    below = piece.path[len(place.path) :]
    body: dict[str, Any] = {"id": place.id, **({"subPath": list(below)} if below else {}), "data": piece.written.data}
    return {**body, **_errors(piece.written.errors, errors_max)}


def _completed(place: DeferredPlace, errors_max: int) -> dict[str, Any]:
    return {"id": place.id, **_errors(place.failed or [], errors_max)}


def _errors(errors: list[ClientError], errors_max: int) -> dict[str, Any]:
    shown = shown_errors(errors, errors_max)
    return {"errors": shown} if shown else {}
