"""The gateway that the settings name."""

from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.ports import load_port
from subgraphs.wallet.core.settings import WalletSettings
from subgraphs.wallet.ports.payment_gateway import PaymentGateway
from subgraphs.wallet.ports.sandbox_delivery import WebhookDelivery
from subgraphs.wallet.ports.sandbox_gateway import Receiver, SandboxGateway


def open_gateway(settings: WalletSettings, database: Database, *, clock: Clock) -> PaymentGateway:
    """Raises SandboxNotAskedFor, and ValueError when there is no such factory."""
    gateway: PaymentGateway = load_port(settings, "gateway", sandbox=lambda: _sandbox(settings, database, clock=clock))
    return gateway


def _sandbox(settings: WalletSettings, database: Database, *, clock: Clock) -> SandboxGateway:
    return SandboxGateway(
        database,
        clock=clock,
        receiver=Receiver(
            name=settings.receiver_name, city=settings.receiver_city, bank_code=settings.boleto_bank_code
        ),
        delivery=WebhookDelivery(
            database,
            clock=clock,
            url=settings.webhook_url,
            secret=settings.webhook_secret.get_secret_value(),
        ),
    )
