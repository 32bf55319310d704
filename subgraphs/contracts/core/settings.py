"""Contracts' settings: `CONTRACTS_DATABASE_URL`, `CONTRACTS_WEBHOOK_SECRET`, …"""

import hashlib
import hmac

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from subgraphs.shared.settings import PeopleSettings, SubgraphSettings


class ContractsSettings(PeopleSettings, SubgraphSettings):
    model_config = SettingsConfigDict(env_prefix="CONTRACTS_", extra="ignore")

    base_url: str = "http://127.0.0.1:4003"
    """Where our own routes are reached; the sandbox providers send their webhooks there."""
    webhook_secret: SecretStr = Field(min_length=16)
    """Proves webhooks. Each provider has its own secret, derived from this one (`provider_secret`)."""
    sealing_secret: SecretStr = Field(min_length=16)
    """Seals the proof of signatures. Losing it loses them; it cannot be changed without sealing anew."""
    webhook_bytes_max: int = 64_000

    signature_provider: str = "sandbox"
    """Who signs with ICP-Brasil certificates: `sandbox`, or `package.module:factory`."""
    registry: str = "sandbox"
    """Where CPRs are registered (B3, CERC): `sandbox`, or `package.module:factory`."""
    provider_timeout_seconds: float = 10.0
    provider_attempts: int = 3
    """Attempts within one delivery; after that the message itself is put off and tried again."""
    provider_retry_seconds: float = 0.5
    provider_patience_seconds: int = 300
    """A provider that has not answered for so long is asked again."""
    sandbox_latency_seconds: float = 0.3
    """How long the sandbox providers take to answer."""
    sandbox_late_seconds: float = 5.0
    """How long they take when told to be late."""

    jobs_every_seconds: float = 300.0

    def provider_secret(self, party: str) -> str:
        """The secret of one provider's webhooks; knowing one does not help to forge another's."""
        return hmac.new(self.webhook_secret.get_secret_value().encode(), party.encode(), hashlib.sha256).hexdigest()
