"""The dated parameters that contracts owns."""

from subgraphs.contracts.models.orm import Base
from subgraphs.shared.parameters import Parameters, Rule, RuleTable

PARAMETERS = Parameters(
    domain="contracts",
    rules=(
        Rule(
            (RuleTable("contract_policies", dated="effective_from"), RuleTable("grade_rates", dated="effective_from"))
        ),
        Rule((RuleTable("renegotiation_policies", dated="effective_from"),)),
    ),
    metadata=Base.metadata,
)
