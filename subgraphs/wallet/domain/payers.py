"""
Who made a payment: sealed, as it may be anybody, and compared with whose deposit it is.

The comparison asks accounts (decision 27), so it comes before the transaction that records the payment. While accounts
is away such a payment waits at the gateway, which tells of it again.
"""

import pydantic

from subgraphs.shared.people import Person
from subgraphs.shared.tax_ids import mask_tax_id
from subgraphs.shared.vault import Vault
from subgraphs.wallet import crud, models
from subgraphs.wallet.core.services import Services
from subgraphs.wallet.domain import payments
from subgraphs.wallet.domain.chart import GATEWAY_ROW
from subgraphs.wallet.models import ChargeMethod, ChargePurpose
from subgraphs.wallet.ports.payment_gateway import Payer, ReportedPayment

_PAYER = pydantic.TypeAdapter(Payer)


async def receive_reported(services: Services, reported: ReportedPayment) -> None:
    """Record a payment that the gateway tells of, with who made it. Raises PeopleUnavailable."""
    is_of_another = await _is_of_another(services, reported)
    received = payments.ReceivedPayment(
        end_to_end_id=reported.end_to_end_id,
        txid=reported.txid,
        method=ChargeMethod(reported.method),
        amount_minor=reported.amount_minor,
        paid_at=reported.paid_at,
        settles_on=reported.settles_on,
        payer_sealed=_seal(services.vault, reported.payer, reported.end_to_end_id) if reported.payer else None,
        is_of_another=is_of_another,
    )
    async with services.database.begin(GATEWAY_ROW) as session:
        await payments.receive_payment(session, received, now=services.clock.now())


async def _is_of_another(services: Services, reported: ReportedPayment) -> bool:
    """
    Whether it is a deposit that somebody else made than the person whose it is.

    Of people who are not verified that is not known: what they have leaves only when they are.
    """
    if reported.payer is None:
        return False
    async with services.database.read() as session:
        charge = await crud.charges.find_charge_of(session, reported.txid)
    if charge is None or charge.purpose is not ChargePurpose.DEPOSIT:
        return False
    person = (await services.people.find([charge.payer_id])).get(charge.payer_id, Person())
    return person.tax_id not in (None, reported.payer.tax_id)


def _seal(vault: Vault, payer: Payer, end_to_end_id: str) -> bytes:
    return vault.seal(_PAYER.dump_json(payer), use="payer", place=end_to_end_id)


def open_payer(vault: Vault, row: models.PaymentPayer, payment: models.GatewayPayment) -> Payer:
    """Who made *payment*, of which *row* tells; of their CPF as much as shows whether it is one's own."""
    payer = _PAYER.validate_json(vault.open(row.payer_sealed, use="payer", place=payment.end_to_end_id))
    return Payer(name=payer.name, tax_id=mask_tax_id(payer.tax_id), bank=payer.bank)
