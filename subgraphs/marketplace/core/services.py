"""What the marketplace's resolvers work with."""

from dataclasses import dataclass

from subgraphs.marketplace import models
from subgraphs.marketplace.domain.backlog import Backlog
from subgraphs.marketplace.domain.investments import Wish
from subgraphs.shared.together import Together


@dataclass(frozen=True)
class Services:
    backlog: Backlog
    investing: Together[Wish, models.Investment]
