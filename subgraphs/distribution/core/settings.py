"""Settings of distribution. Fees and taxes are not here: they are dated rows."""

from pydantic import field_validator
from pydantic_settings import SettingsConfigDict

from subgraphs.shared import tax_ids
from subgraphs.shared.refusal import InvalidInput
from subgraphs.shared.settings import PeopleSettings, SubgraphSettings


class DistributionSettings(PeopleSettings, SubgraphSettings):
    """Read from `DISTRIBUTION_…`."""

    model_config = SettingsConfigDict(env_prefix="DISTRIBUTION_", extra="ignore")

    payer_name: str = "Peerseed"
    """Who pays and withholds, as income statements name it."""
    payer_cnpj: str = ""
    """Its 14 characters; income statements say that it is missing until it is set."""

    @field_validator("payer_cnpj")
    @classmethod
    def _checks(cls, cnpj: str) -> str:
        try:
            return tax_ids.read_cnpj(cnpj) if cnpj else ""
        except InvalidInput:
            raise ValueError("is no CNPJ: its last two digits have to check the others") from None
