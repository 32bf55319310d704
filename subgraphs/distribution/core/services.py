"""What distribution's resolvers and routes share: settings, clock, database, and whom to ask who somebody is."""

from dataclasses import dataclass

from subgraphs.distribution.core.settings import DistributionSettings
from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.people import People


@dataclass(frozen=True)
class Services:
    settings: DistributionSettings
    clock: Clock
    database: Database
    people: People
