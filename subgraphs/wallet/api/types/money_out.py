"""What bounds money that leaves a wallet, as its owner sees it."""

from datetime import datetime
from typing import Self

import strawberry

from subgraphs.shared.graphql.money import Money
from subgraphs.wallet.domain.money_out import Bounds


@strawberry.type(description="How much may leave in a night, between 20:00 and 06:00.")
class NightLimit:
    limit: Money = strawberry.field(description="The limit that holds now.")
    raised_to: Money | None = strawberry.field(description="What it will be, when a higher one was asked for.")
    raised_from: datetime | None = strawberry.field(description="When that holds.")

    @classmethod
    def of_minor(cls, limit_minor: int, *, raised_minor: int | None, raised_from: datetime | None) -> Self:
        return cls(
            limit=Money.of_minor(limit_minor),
            raised_to=None if raised_minor is None else Money.of_minor(raised_minor),
            raised_from=raised_from,
        )


@strawberry.type(
    description="What bounds the money that leaves, whichever bank account it goes to. A new bank account has a "
    "cooling-off time of its own besides."
)
class MoneyOut:
    paused_until: datetime | None = strawberry.field(description="Nothing leaves until then; null when it may.")
    cooling_off_until: datetime | None = strawberry.field(
        description="Only small sums leave until then, since something in the account has changed; null when all may."
    )
    left: Money | None = strawberry.field(description="What may still leave until then; null when all may.")
    night_limit: NightLimit = strawberry.field(description="How much may leave in a night.")

    @classmethod
    def from_bounds(cls, bounds: Bounds) -> Self:
        return cls(
            paused_until=bounds.stopped_until,
            cooling_off_until=bounds.cooling_off_until,
            left=None if bounds.left_minor is None else Money.of_minor(bounds.left_minor),
            night_limit=NightLimit.of_minor(
                bounds.night_limit_minor, raised_minor=bounds.raised_minor, raised_from=bounds.raised_from
            ),
        )
