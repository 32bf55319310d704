"""Settings of the wallet, read from the environment with the prefix `WALLET_`."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from subgraphs.shared.settings import PeopleSettings, SubgraphSettings


class WalletSettings(PeopleSettings, SubgraphSettings):
    """Amounts are in cents. What the law or the owner changes by date is not here but in dated tables."""

    model_config = SettingsConfigDict(env_prefix="WALLET_", extra="ignore")

    gateway: str = "sandbox"
    """The payment gateway: `sandbox`, or a factory as `package.module:factory`."""
    tax_collector: str = "sandbox"
    """Who takes withheld taxes for the state: `sandbox`, or a factory as `package.module:factory`."""
    webhook_secret: SecretStr = Field(min_length=16)
    """Shared with the gateway; proves that a webhook is its own."""
    webhook_secret_previous: SecretStr | None = None
    """Still accepted while the secret is being changed."""
    sealing_secret: SecretStr = Field(min_length=16)
    """Seals bank accounts. Losing it loses them; it cannot be changed without sealing anew."""
    books_secret: SecretStr | None = Field(None, min_length=16)
    """Signs what a whole check of the books verified, so that the next may go on from there; without it each is a
    whole one. Nobody who may write to the database should have it."""
    webhook_url: str = "http://127.0.0.1:4000/webhooks/pix"
    """Where the sandbox gateway delivers its webhooks."""
    webhook_bytes_max: int = 64_000

    deposit_minor_min: int = 1_00
    deposit_minor_max: int = 100_000_00
    deposit_minutes: int = 60
    """How long the Pix code of a deposit can be paid."""

    installment_pix_hours: int = 24
    """How long the Pix code of an installment can be paid."""
    boleto_days_after_due: int = 3
    """Banks take a boleto for so many days after its due date. The fine and interest of these days are owed."""
    boleto_until_hour: int = Field(20, ge=1, le=24)
    """From this hour on, in Brasília, banks take no more boletos that day: one over a whole CPR is due on the next."""

    withdrawal_minor_min: int = 1_00
    withdrawal_minor_max: int = 50_000_00
    bank_accounts_max: int = 5
    """Bank accounts in use per person."""

    hold_days_max: int = 120
    """A hold that nobody has ended by then goes back: longer than any offering stays open."""

    receiver_name: str = "PEERSEED"
    """As payers see it in their bank's app: at most 25 characters, no accents."""
    receiver_city: str = "BRASILIA"
    """At most 15 characters, no accents."""
    boleto_bank_code: str = Field(default="999", pattern="^[0-9]{3}$")
    """The bank that issues our boletos; 999 belongs to nobody."""

    export_csv_rows_max: int = Field(50_000, ge=1)
    """Rows of one CSV file; who wants more asks for shorter times. Spreadsheets take about a million."""
    export_pdf_rows_max: int = Field(2_000, ge=1)
    """Rows of one PDF file, about 30 pages: a page costs far more work than its rows as CSV."""
