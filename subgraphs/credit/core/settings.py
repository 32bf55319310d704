"""Credit's settings: `CREDIT_DATABASE_URL`, `CREDIT_BUREAU`, …"""

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from subgraphs.shared.settings import PeopleSettings, SubgraphSettings


class CreditSettings(PeopleSettings, SubgraphSettings):
    model_config = SettingsConfigDict(env_prefix="CREDIT_", extra="ignore")

    bureau: str = "sandbox"
    """The credit bureau: `sandbox`, or `package.module:factory`."""
    bureau_timeout_seconds: float = 10.0
    bureau_attempts: int = 3
    """Attempts within one delivery; after that the message itself is put off and tried again."""
    bureau_retry_seconds: float = 0.5
    """Wait before the second attempt; it doubles from there."""
    bureau_latency_seconds: float = 0.2
    """How long the sandbox takes to answer."""

    bureau_report_fresh_hours: int = 24
    """A request that is scored anew within this time is scored on the report there is."""
    scoring_patience_seconds: int = 900
    """A request that has waited for its score for so long is asked for again: above what retries alone take."""
    jobs_every_seconds: float = 300.0

    document_folder: Path | None = None
    """Where documents' contents are kept; in the database when not set."""
    document_bytes_max: int = 10 * 1024 * 1024
