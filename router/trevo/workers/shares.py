"""
What each worker may have of the bounds that count for one process, so that all together have what is set.

Divided are totals (connections, requests at once, what caches weigh) and what one address or person may have of them;
each is as many at most over all workers as it is set to. It can be met early, where one worker happens to have more
than its share of what is open. Bounds of one request, one answer, one connection need no sharing. Rates are counted by
all workers together (`rates/rates_of_workers.py`). Each worker finds out for itself that a subgraph is away, so
`circuit_failures` may be needed once per worker; and each plans what it is asked, so `operations_cached_max` and
`cached_once_bytes_max` are each one's own.
"""

from typing import Any

from pydantic import BaseModel

from trevo.config.settings import Settings

DIVIDED = {
    "connections": ("open_max", "open_per_address_max", "bodies_bytes_max"),
    "limits": (
        "in_flight_max",
        "cached_bytes_max",
        "subscriptions_max",
        "subscriptions_per_person_max",
        "sockets_max",
        "sockets_per_person_max",
        "sockets_arriving_max",
        "sockets_anonymous_max",
        "sockets_per_address_max",
        "subgraph_connections_max",
    ),
}


def share_of(settings: Settings, number: int) -> Settings:
    """The settings of worker *number*, from 1. Raises ValueError where there is less than one for each."""
    groups = {group: _share(getattr(settings, group), group, number, settings.workers) for group in DIVIDED}
    return settings.model_copy(update=groups)


def _share(bounds: BaseModel, group: str, number: int, of: int) -> BaseModel:
    shares: dict[str, Any] = {}
    for name in DIVIDED[group]:
        total = getattr(bounds, name)
        if total < of:
            raise ValueError(f"{group}.{name} is {total}: too few for {of} workers")
        shares[name] = total // of + (number <= total % of)
    return bounds.model_copy(update=shares)
