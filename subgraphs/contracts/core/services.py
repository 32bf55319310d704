"""What contracts' resolvers, routes, reactions and jobs work with."""

from dataclasses import dataclass

from subgraphs.contracts.core.settings import ContractsSettings
from subgraphs.contracts.ports.registry import Registry
from subgraphs.contracts.ports.signature import SignatureProvider
from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.people import People
from subgraphs.shared.vault import Vault


@dataclass(frozen=True)
class Services:
    settings: ContractsSettings
    database: Database
    clock: Clock
    signature_provider: SignatureProvider
    registry: Registry
    people: People
    vault: Vault
