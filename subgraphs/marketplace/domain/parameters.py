"""The dated parameters that the marketplace owns."""

from subgraphs.marketplace.crud.parameters import TOLD
from subgraphs.marketplace.models import Base
from subgraphs.shared.parameters import Parameters, Rule, RuleTable

PARAMETERS = Parameters(
    domain="marketplace",
    rules=(Rule((RuleTable("parameters", by=("name",)),)),),
    metadata=Base.metadata,
    read_no_more=frozenset(TOLD),
)
