"""
Texts that are no texts: half of a surrogate pair in what a subgraph has answered.

JSON can write it, but most readers refuse the whole document for it. So the field that holds it becomes null, with an
error at its path, as if the subgraph had said so; whatever depends on the field hears of it in the usual way.
"""

from typing import Any

from trevo.door import exact_json
from trevo.execute.long_work import watched
from trevo.plan.nodes import Outputs

INVALID_TEXT = "INVALID_VALUE"
MESSAGE = "The value holds half of a surrogate pair, which is no text."


def null_halves(body: Any, outputs: Outputs) -> Any:
    """*body*, an answer that should bring *outputs*, without such texts, with an error for each; changed in place."""
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict):
        return body
    places: list[list[str | int]] = []
    _null_below(body["data"], outputs, [], places)
    if places:
        told = body.get("errors")
        found = [{"message": MESSAGE, "path": path, "extensions": {"code": INVALID_TEXT}} for path in places]
        body["errors"] = (told if isinstance(told, list) else []) + found
    return body


def _null_below(node: dict[str, Any], outputs: Outputs, trail: list[str | int], places: list[list[str | int]]) -> None:
    for key, below in outputs.items():
        value = node.get(key)
        if below:
            _visit(value, below, [*trail, key], places)
        elif exact_json.has_half(value):
            node[key] = None
            places.append([*trail, key])


def _visit(value: Any, below: Outputs, trail: list[str | int], places: list[list[str | int]]) -> None:
    if isinstance(value, dict):
        _null_below(value, below, trail, places)
    elif isinstance(value, list):
        for index, item in enumerate(watched(value)):
            _visit(item, below, [*trail, index], places)
