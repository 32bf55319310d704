"""A farmer pays all that is left of a CPR with the money in their wallet."""

import strawberry

from subgraphs.shared.graphql.cost import sized
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.idempotency import KEY_DESCRIPTION, check_key
from subgraphs.shared.scopes import FARMER
from subgraphs.wallet.api import types
from subgraphs.wallet.api.context import Info
from subgraphs.wallet.api.mutations.pay_installment import InstallmentPayment
from subgraphs.wallet.domain import early_settlement, refusals


@strawberry.input(description="Which CPR to settle.")
class SettleCPRInput:
    cpr_id: strawberry.ID = strawberry.field(description="The id of a CPR of which one owes something.")
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)


@strawberry.type(description="All that was left of a CPR is paid.")
class CPRSettlement:
    cpr: types.CPR | None = strawberry.field(description="The CPR that is settled.")
    amount: Money = strawberry.field(description="What was paid in all.")
    reduction: Money = strawberry.field(description="The interest that had not accrued, which was taken off.")
    payments: list[InstallmentPayment] = strawberry.field(
        description="One for each installment, in their order.", directives=[sized(36)]
    )


@mutation(
    refusals.NothingOwed,
    refusals.InsufficientFunds,
    refusals.WalletNotReady,
    name="settleCPR",
    description="Pay all that is left of a CPR with the available money of one's wallet: its principal, and the "
    "interest that has accrued by today.",
)
async def settle_cpr(info: Info, input: SettleCPRInput) -> CPRSettlement:
    context = info.context
    cpr_id = require_id(input.cpr_id)
    async with context.begin() as session:
        payments = await early_settlement.settle_cpr(
            session,
            cpr_id,
            farmer_id=context.require(FARMER).user_id,
            idempotency_key=check_key(input.idempotency_key),
            now=context.clock.now(),
        )
    return CPRSettlement(
        cpr=types.CPR(id=strawberry.ID(str(cpr_id))),
        amount=Money.of_minor(sum(payment.amount_minor for payment in payments)),
        reduction=Money.of_minor(sum(payment.reduction_minor for payment in payments)),
        payments=[InstallmentPayment.from_model(payment) for payment in payments],
    )
