"""What the wallet's resolvers, reactions, routes and jobs share: settings, clock, database, ports, vault."""

from dataclasses import dataclass

from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.people import People
from subgraphs.shared.vault import Vault
from subgraphs.wallet.core.settings import WalletSettings
from subgraphs.wallet.ports.payment_gateway import PaymentGateway
from subgraphs.wallet.ports.sandbox_gateway import SandboxGateway
from subgraphs.wallet.ports.tax_collector import TaxCollector


@dataclass(frozen=True)
class Services:
    settings: WalletSettings
    clock: Clock
    database: Database
    gateway: PaymentGateway
    tax_collector: TaxCollector
    people: People
    vault: Vault

    @property
    def sandbox(self) -> SandboxGateway | None:
        """The gateway, if it is the sandbox."""
        return self.gateway if isinstance(self.gateway, SandboxGateway) else None
