"""One request on its way through a plan: what every fetch of it shares."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trevo.clients.subgraph_client import Deadline, SubgraphClient
from trevo.config.header_rules import HeaderRules, SubgraphHeaders
from trevo.config.limits import Limits
from trevo.execute.errors import Failures
from trevo.execute.sent import AlreadySent
from trevo.plan.conditions import UNCONDITIONALLY, Conditions, hold
from trevo.plan.record import PlanRecord

FetchObserver = Callable[[str, float, str], None]
"""Told of each fetch: subgraph, seconds, outcome (`ok`, `errors`, or the code of the failure)."""


CompanyObserver = Callable[[str, float, bool], None]
"""Told of each request that was ready in part: subgraph, seconds that it waited, whether it then went whole."""


def observe_nothing(*_told: object) -> None:
    """For who does not measure."""


@dataclass(slots=True)
class Execution:
    """The data tree being filled, what went wrong so far, and the means to ask further."""

    clients: Mapping[str, SubgraphClient]
    variables: Mapping[str, Any]
    conditions: Mapping[str, bool]
    deadline: Deadline
    limits: Limits = field(default_factory=Limits)
    headers: SubgraphHeaders = field(default_factory=lambda: SubgraphHeaders({}, {}, HeaderRules()))
    """Sent with every fetch."""
    passed_extensions: frozenset[str] = frozenset({"code"})
    """What of a subgraph error's extensions the client may read."""
    observe: FetchObserver = observe_nothing
    observe_company: CompanyObserver = observe_nothing
    late: set[str] = field(default_factory=set)
    """Subgraphs that have used up their share of this request's time."""
    size: int = 0
    """Bytes of all answers so far."""
    data: dict[str, Any] = field(default_factory=dict)
    at_the_tree: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by who reads or changes *data* or *failures* while fetches are under way; long work does it in a thread."""
    failures: Failures = field(default_factory=Failures)
    sent: AlreadySent | None = None
    """What a program sent before it gave up."""
    record: PlanRecord | None = None
    """Where it is noted what was asked, if somebody wants to know."""

    def hold(self, conditions: Conditions) -> bool:
        """Whether any of *conditions* holds by the client's variables."""
        return conditions == UNCONDITIONALLY or hold(conditions, self.conditions)
