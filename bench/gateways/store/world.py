"""
What is in the store: people, items and ratings, the same in every run.

Each subgraph has its own part of every object, as a plain dict with its `__typename`. A value that depends on the
representation of an `_entities` call is a function of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

PEOPLE = 6
RATED_ITEMS = 9
RATINGS = 23
ITEMS = 10_000
"""Only the first few are rated; the others are there for long lists."""

SUBGRAPHS = ("people", "goods", "stock", "ratings")
KEYS = {"Person": "id", "Item": "sku", "Rating": "id"}

Entity = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """What one subgraph knows: its entities by type and key, and what its root fields answer to their arguments."""

    entities: Mapping[str, Mapping[str, Entity]]
    roots: Mapping[str, Callable[[Mapping[str, Any]], Any]]


def freight(price: int, weight: int) -> int:
    """In cents; what is dear goes free."""
    return 0 if price > 100_000 else weight // 2


def is_in_stock(number: int) -> bool:
    return number % 3 != 0


def _goods(number: int) -> Entity:
    return {
        "__typename": "Item",
        "sku": f"item-{number}",
        "title": f"A thing of use, number {number}, in its third edition",
        "price": 900 * (number % 180 + 1),
        "weight": 100 * (number % 17 + 1),
    }


def _person(number: int) -> Entity:
    return {
        "__typename": "Person",
        "id": f"{number}",
        "handle": f"@person_{number}",
        "name": f"Person {number} of the Store",
    }


def _text(number: int) -> str:
    return f"Rating {number}: does what it says, arrived in one piece, would buy again."


def make_parts() -> dict[str, Part]:
    """Each subgraph's part."""
    items, people = [_goods(number) for number in range(ITEMS)], [_person(number) for number in range(PEOPLE)]
    stock = {}
    for number, item in enumerate(items):
        stock[item["sku"]] = {
            "__typename": "Item",
            "sku": item["sku"],
            "inStock": is_in_stock(number),
            "freight": lambda given: freight(given["price"], given["weight"]),
        }
    return {
        "people": Part(
            {"Person": {person["id"]: person for person in people}},
            {"people": lambda _: people, "person": lambda given: people[int(given["id"])]},
        ),
        "goods": Part(
            {"Item": {item["sku"]: item for item in items}}, {"items": lambda given: items[: given["first"]]}
        ),
        "stock": Part({"Item": stock}, {}),
        "ratings": Part(_rated(), {}),
    }


def _rated() -> dict[str, dict[str, Entity]]:
    people = {f"{n}": {"__typename": "Person", "id": f"{n}", "ratings": []} for n in range(PEOPLE)}
    items = {f"item-{n}": {"__typename": "Item", "sku": f"item-{n}", "ratings": []} for n in range(ITEMS)}
    ratings = {}
    for number in range(RATINGS):
        person, item = people[f"{number % PEOPLE}"], items[f"item-{number % RATED_ITEMS}"]
        rating = {"__typename": "Rating", "id": f"{number}", "text": _text(number), "person": person, "item": item}
        for rated in (person, item):
            cast("list[Entity]", rated["ratings"]).append(rating)
        ratings[f"{number}"] = rating
    return {"Person": people, "Item": items, "Rating": ratings}


def make_whole() -> Part:
    """Everything in one: what the right answer to an operation is read from."""
    parts = make_parts()
    joined: dict[str, dict[str, Entity]] = {name: {} for name in KEYS}
    for part in parts.values():
        for type_name, entities in part.entities.items():
            for key, entity in entities.items():
                joined[type_name].setdefault(key, {}).update(entity)
    for item in joined["Item"].values():
        item["freight"] = freight(item["price"], item["weight"])
    for rating in joined["Rating"].values():
        rating["person"], rating["item"] = (
            joined["Person"][rating["person"]["id"]],
            joined["Item"][rating["item"]["sku"]],
        )
    for owner in (*joined["Person"].values(), *joined["Item"].values()):
        owner["ratings"] = [joined["Rating"][rating["id"]] for rating in owner["ratings"]]
    people, items = list(joined["Person"].values()), list(joined["Item"].values())
    return Part(
        joined,
        {
            "people": lambda _: people,
            "person": lambda given: joined["Person"][given["id"]],
            "items": lambda given: items[: given["first"]],
        },
    )
