"""Settings of distribution. Fees and taxes are not here: they are dated rows."""

from pydantic_settings import SettingsConfigDict

from subgraphs.shared.settings import SubgraphSettings


class DistributionSettings(SubgraphSettings):
    """Read from `DISTRIBUTION_…`."""

    model_config = SettingsConfigDict(env_prefix="DISTRIBUTION_", extra="ignore")
