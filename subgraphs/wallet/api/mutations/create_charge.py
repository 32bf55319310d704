"""A farmer asks for a way to pay an installment."""

import strawberry

from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.idempotency import KEY_DESCRIPTION, check_key
from subgraphs.shared.scopes import FARMER
from subgraphs.wallet.api import types
from subgraphs.wallet.api.context import Info
from subgraphs.wallet.domain import charges, refusals
from subgraphs.wallet.models import ChargeMethod


@strawberry.input(description="Which installment to pay, and how.")
class CreateChargeInput:
    installment_id: strawberry.ID = strawberry.field(description="The id of an installment that one owes.")
    method: ChargeMethod = strawberry.field(description="Pix or boleto.")
    early: bool = strawberry.field(
        default=False,
        description="To be paid today, before it is due, for less (`Installment.dueToday`): good until midnight. "
        "Otherwise it is over the whole sum, and good until the due date.",
    )
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)


@mutation(
    refusals.InstallmentNotOwed,
    refusals.InstallmentAlreadyPaid,
    refusals.PaymentGatewayUnavailable,
    description="Ask for a Pix code or a boleto that pays an installment. The sum is what is owed.",
)
async def create_charge(info: Info, input: CreateChargeInput) -> types.Charge:
    context, services = info.context, info.context.services
    command = charges.CreateCharge(
        farmer_id=context.require(FARMER).user_id,
        installment_id=require_id(input.installment_id),
        method=input.method,
        is_early=input.early,
        idempotency_key=check_key(input.idempotency_key),
    )
    now = context.clock.now()
    async with context.begin() as session:
        charge = await charges.open_charge(session, command, settings=services.settings, now=now)
    charge = await charges.register_at_gateway(context.database, charge, gateway=services.gateway)
    return types.Charge.from_model(charge, now=now)
