"""The shared vocabulary as GraphQL enums, alike in every subgraph that imports them from here."""

import strawberry

from subgraphs.shared.vocabulary import Amortisation, ConsentPurpose, Crop, Region, RiskGrade

__all__ = ["Amortisation", "ConsentPurpose", "Crop", "Region", "RiskGrade"]

strawberry.enum(Crop, description="What the financed cycle grows.")
strawberry.enum(Region, description="A federative unit of Brazil (UF).")
strawberry.enum(
    Amortisation,
    description="PRICE: equal installments. SAC: equal principal, falling interest. BULLET: all at harvest.",
)
strawberry.enum(RiskGrade, description="How likely repayment is: A (AgroScore 800 and more) to E (below 500).")
strawberry.enum(ConsentPurpose, description="What a text asks people to agree to.")
