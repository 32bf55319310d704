"""The dated parameters that accounts owns."""

from subgraphs.accounts.models.orm import Base
from subgraphs.shared.parameters import Parameters, Rule, RuleTable

PARAMETERS = Parameters(
    domain="accounts",
    rules=(Rule((RuleTable("parameters", by=("name",)),)),),
    metadata=Base.metadata,
)
