"""The domain's enumerations, as the graph names them; their members are explained where the code defines them."""

import strawberry

from subgraphs.distribution.models import PayoutStatus, TaxTreatment

strawberry.enum(PayoutStatus, description="Whether the money is in the investor's wallet.")
strawberry.enum(
    TaxTreatment,
    description="EXEMPT: no income tax on the interest. REGRESSIVE: the longer held, the less. FLAT: one rate.",
)

__all__ = ["PayoutStatus", "TaxTreatment"]
