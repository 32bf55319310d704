"""The tax collector that the settings name."""

from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.ports import load_port
from subgraphs.wallet.core.settings import WalletSettings
from subgraphs.wallet.ports.sandbox_tax_collector import SandboxTaxCollector
from subgraphs.wallet.ports.tax_collector import TaxCollector


def open_tax_collector(settings: WalletSettings, database: Database, *, clock: Clock) -> TaxCollector:
    """Raises SandboxNotAskedFor, and ValueError when there is no such factory."""
    collector: TaxCollector = load_port(
        settings, "tax_collector", sandbox=lambda: SandboxTaxCollector(database, clock=clock)
    )
    return collector
