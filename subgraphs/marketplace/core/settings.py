"""Settings of the marketplace. Business rules are not here: they are dated rows of `parameters`."""

from pydantic_settings import SettingsConfigDict

from subgraphs.shared.settings import SubgraphSettings


class MarketplaceSettings(SubgraphSettings):
    """Read from `MARKETPLACE_…`."""

    model_config = SettingsConfigDict(env_prefix="MARKETPLACE_", extra="ignore")

    deadline_job_seconds: float = 30.0
    """How often offerings past their deadline are looked for."""
    hold_timeout_job_seconds: float = 30.0
    """How often investments that wait too long for their hold are looked for."""
