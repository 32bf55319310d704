"""What the marketplace's resolvers work with."""

from dataclasses import dataclass

from subgraphs.marketplace.domain.backlog import Backlog


@dataclass(frozen=True)
class Services:
    backlog: Backlog
