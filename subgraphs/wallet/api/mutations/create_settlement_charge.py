"""A farmer asks for a way to pay all that is left of a CPR."""

from datetime import date

import strawberry

from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.idempotency import KEY_DESCRIPTION, check_key
from subgraphs.shared.scopes import FARMER
from subgraphs.wallet.api import types
from subgraphs.wallet.api.context import Info
from subgraphs.wallet.domain import charges, refusals
from subgraphs.wallet.models import ChargeMethod


@strawberry.input(description="Which CPR to settle, how, and by when.")
class CreateSettlementChargeInput:
    cpr_id: strawberry.ID = strawberry.field(description="The id of a CPR that one owes.")
    method: ChargeMethod = strawberry.field(description="Pix or boleto.")
    pay_by: date | None = strawberry.field(
        default=None,
        description="The last day on which it can be paid, at most ten days ahead, for a boleto one on which banks "
        "take it. It is over what is owed on that day; of what is paid before, the difference stays in the wallet. By "
        "default today; for a boleto the next business day, where banks take none any more today.",
    )
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)


@mutation(
    refusals.NothingOwed,
    refusals.PaymentGatewayUnavailable,
    description="Ask for a Pix code or a boleto that pays all that is left of a CPR: what is late with fine and "
    "interest, the rest with the interest that has accrued by then (`CPR.earlySettlement`).",
)
async def create_settlement_charge(info: Info, input: CreateSettlementChargeInput) -> types.Charge:
    context, services = info.context, info.context.services
    command = charges.CreateSettlementCharge(
        farmer_id=context.require(FARMER).user_id,
        cpr_id=require_id(input.cpr_id),
        method=input.method,
        pay_by=input.pay_by,
        idempotency_key=check_key(input.idempotency_key),
    )
    now = context.clock.now()
    async with context.begin() as session:
        charge = await charges.open_settlement_charge(session, command, settings=services.settings, now=now)
    charge = await charges.register_at_gateway(context.database, charge, gateway=services.gateway)
    return types.Charge.from_model(charge, now=now)
