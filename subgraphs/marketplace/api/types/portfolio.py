"""`Portfolio`: what an investor has."""

from decimal import Decimal

import strawberry

from subgraphs.marketplace.domain import portfolios
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.vocabulary import Crop, RiskGrade


@strawberry.type(description="What is invested in CPRs of one grade.")
class GradeSlice:
    grade: RiskGrade = strawberry.field(description="The CPRs' grade.")
    amount: Money = strawberry.field(description="What is invested in them.")
    share: Decimal = strawberry.field(description="Of what is invested, as a fraction.")


@strawberry.type(description="What is invested in CPRs of one crop.")
class CropSlice:
    crop: Crop = strawberry.field(description="What the CPRs grow.")
    amount: Money = strawberry.field(description="What is invested in them.")
    share: Decimal = strawberry.field(description="Of what is invested, as a fraction.")


@strawberry.type(description="What an investor's money finances, in proportion to their quotas.")
class Impact:
    families: Decimal = strawberry.field(description="Families that live of what is financed, to two places.")
    hectares: Decimal = strawberry.field(description="Hectares that are worked with it, to two places.")
    cpr_count: int = strawberry.field(description="How many CPRs it has financed, those that are repaid among them.")


@strawberry.type(description="What an investor has at work, where, and what it is expected to bring.")
class Portfolio:
    invested: Money = strawberry.field(description="Put into quotas that are held now.")
    pending: Money = strawberry.field(description="Of investments and purchases of quotas that wait for the wallet.")
    outstanding: Money = strawberry.field(
        description="Principal still to come of the quotas that are held now, whatever was paid for them."
    )
    expected_income: Money = strawberry.field(description="Interest still to come, after fee and tax.")
    active_count: int = strawberry.field(description="Investments whose money is held or lent.")
    pending_count: int = strawberry.field(description="Investments and purchases of quotas that wait for the wallet.")
    settled_count: int = strawberry.field(description="Holdings of quotas whose CPR was repaid.")
    by_grade: list[GradeSlice] = strawberry.field(description="By the CPRs' grade.")
    by_crop: list[CropSlice] = strawberry.field(description="By what the CPRs grow.")
    impact: Impact = strawberry.field(description="What it finances, in proportion to the quotas.")

    @classmethod
    def of(cls, portfolio: portfolios.Portfolio) -> "Portfolio":
        impact = portfolio.impact
        return cls(
            invested=Money.of_minor(portfolio.invested_minor),
            pending=Money.of_minor(portfolio.pending_minor),
            outstanding=Money.of_minor(portfolio.outstanding_minor),
            expected_income=Money.of_minor(portfolio.expected_income_minor),
            active_count=portfolio.active_count,
            pending_count=portfolio.pending_count,
            settled_count=portfolio.settled_count,
            by_grade=[
                GradeSlice(grade=RiskGrade(part.key), amount=Money.of_minor(part.amount_minor), share=part.share)
                for part in portfolio.by_grade
            ],
            by_crop=[
                CropSlice(crop=Crop(part.key), amount=Money.of_minor(part.amount_minor), share=part.share)
                for part in portfolio.by_crop
            ],
            impact=Impact(families=impact.families, hectares=impact.hectares, cpr_count=impact.cpr_count),
        )
