"""
Which progressive overrides hold for a request.

    @override(from: "land", label: "percent(5)")     one request in twenty
    @override(from: "land", label: "beta")           where the settings, the client or the program say so

Labels that the graph does not know are nothing to it; so nobody can fill the cache of plans with invented ones.
"""

import asyncio
import inspect
import random
import re
from collections.abc import Awaitable, Callable, Iterable

import structlog

from trevo.auth.request_info import RequestInfo
from trevo.clients.subgraph_client import Deadline
from trevo.config.settings import Settings
from trevo.gateway.engine import Labels

log = structlog.get_logger()

ChooseLabels = Callable[[RequestInfo], Iterable[str] | Awaitable[Iterable[str]]]
"""Gives the labels that hold for a request."""

CHOICE_SECONDS_MAX = 1.0
"""For the program to choose; then the request goes on without."""

_PERCENT = re.compile(r"percent\((\d{1,3}(?:\.\d{1,8})?)\)")


class OverrideLabels:
    """Decides for all requests."""

    def __init__(self, settings: Settings, choose: ChooseLabels | None) -> None:
        self._always = settings.active_override_labels
        self._header = settings.override_labels_header
        self._choose = choose

    async def active(self, known: Labels, info: Callable[[], RequestInfo], deadline: Deadline) -> Labels:
        """Those of *known* that hold for the request that *info* is about."""
        if not known:
            return known
        drawn = random.random() * 100  # noqa: S311  # a share of requests, not a secret
        labels = {*self._always, *(label for label in known if _has_drawn(label, drawn))}
        if self._header is not None or self._choose is not None:
            labels |= await self._said_of(info(), deadline)
        return known & labels

    async def _said_of(self, request: RequestInfo, deadline: Deadline) -> set[str]:
        labels: set[str] = set()
        if self._header is not None:
            labels.update(each.strip() for each in request.headers.get(self._header, "").split(","))
        if self._choose is not None:
            try:
                async with asyncio.timeout(max(min(CHOICE_SECONDS_MAX, deadline.seconds_left()), 0)):
                    chosen = self._choose(request)
                    labels.update(await chosen if inspect.isawaitable(chosen) else chosen)
            except Exception:
                log.exception("override labels could not be chosen")
        return labels


def _has_drawn(label: str, drawn: float) -> bool:
    share = _PERCENT.fullmatch(label)
    return share is not None and drawn < float(share[1])
