"""Charges and the payments that arrive for them."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of
from subgraphs.wallet.crud.places import WRITTEN, Since
from subgraphs.wallet.models import Charge, ChargePurpose, ChargeStatus, GatewayPayment, PaymentOutcome

PART = 1_000
"""Payments that are read at once."""
_WRITTEN = WRITTEN.format(row="payment")
_WRITTEN_PAYMENTS = text(f"""
    SELECT end_to_end_id, amount_minor FROM gateway_payments AS payment
    WHERE end_to_end_id > :after AND {_WRITTEN} ORDER BY end_to_end_id LIMIT :limit
""")  # noqa: S608  # our own text
_FIRST_PAID = text(f"SELECT min(least(paid_at, received_at)) FROM gateway_payments AS payment WHERE {_WRITTEN}")  # noqa: S608  # as above


async def find_charge(session: AsyncSession, charge_id: UUID) -> Charge | None:
    return await session.get(Charge, charge_id)


async def find_payer_id(session: AsyncSession, charge_id: UUID) -> UUID | None:
    found: UUID | None = await session.scalar(select(Charge.payer_id).where(Charge.id == charge_id))
    return found


async def find_what_it_pays(session: AsyncSession, txid: str) -> tuple[UUID | None, UUID | None, UUID] | None:
    """
    A charge's `installment_id`, `cpr_id` and `payer_id`, which never change; None of unknown charges.

    Not the charge itself: who has it before it is locked would not see what was written meanwhile.
    """
    what = select(Charge.installment_id, Charge.cpr_id, Charge.payer_id).where(Charge.txid == txid)
    found = (await session.execute(what)).one_or_none()
    return None if found is None else (found.installment_id, found.cpr_id, found.payer_id)


async def find_charge_of(session: Reader, txid: str) -> Charge | None:
    found: Charge | None = await session.scalar(select(Charge).where(Charge.txid == txid))
    return found


async def lock_charge(session: AsyncSession, txid: str) -> Charge | None:
    found: Charge | None = await session.scalar(select(Charge).where(Charge.txid == txid).with_for_update())
    return found


_OF_PAYER = select(Charge).where(is_any_of(Charge.id, "ids"), Charge.payer_id == bindparam("payer_id"))
_DEPOSITS = _OF_PAYER.where(Charge.purpose == ChargePurpose.DEPOSIT)
_OF_DEBTS = _OF_PAYER.where(Charge.purpose != ChargePurpose.DEPOSIT)


async def list_deposits(session: Reader, charge_ids: Collection[UUID], *, payer_id: UUID) -> dict[UUID, Charge]:
    """A person's deposits by id."""
    found = await session.scalars(_DEPOSITS, {"ids": charge_ids, "payer_id": payer_id})
    return {charge.id: charge for charge in found}


async def list_charges(session: Reader, charge_ids: Collection[UUID], *, payer_id: UUID) -> dict[UUID, Charge]:
    """By id, what one farmer is asked to pay of their debts."""
    found = await session.scalars(_OF_DEBTS, {"ids": charge_ids, "payer_id": payer_id})
    return {charge.id: charge for charge in found}


_PAYABLE = select(Charge).where(
    Charge.payer_id == bindparam("payer_id"),
    Charge.status == ChargeStatus.OPEN,
    Charge.expires_at > bindparam("now"),
    func.coalesce(Charge.br_code, Charge.barcode).is_not(None),
)
_PAYABLE_OF_INSTALLMENTS = _PAYABLE.where(is_any_of(Charge.installment_id, "installment_ids"))
_PAYABLE_OF_CPRS = _PAYABLE.where(is_any_of(Charge.cpr_id, "cpr_ids"))


async def list_open_charges(
    session: Reader, installment_ids: Collection[UUID], *, payer_id: UUID, now: datetime
) -> dict[UUID, Charge]:
    """The charge that can be paid at the moment, by installment; one without a code yet cannot."""
    values = {"installment_ids": installment_ids, "payer_id": payer_id, "now": now}
    found = await session.scalars(_PAYABLE_OF_INSTALLMENTS, values)
    return {charge.installment_id: charge for charge in found if charge.installment_id is not None}


async def list_open_settlements(
    session: Reader, cpr_ids: Collection[UUID], *, payer_id: UUID, now: datetime
) -> dict[UUID, Charge]:
    """By CPR, the charge over all that is left of it that can be paid at the moment."""
    values = {"cpr_ids": cpr_ids, "payer_id": payer_id, "now": now}
    found = await session.scalars(_PAYABLE_OF_CPRS, values)
    return {charge.cpr_id: charge for charge in found if charge.cpr_id is not None}


async def find_open_charge(session: AsyncSession, installment_id: UUID) -> Charge | None:
    """The installment's one charge that is open, in its time or not."""
    found: Charge | None = await session.scalar(
        select(Charge).where(Charge.installment_id == installment_id, Charge.status == ChargeStatus.OPEN)
    )
    return found


async def find_open_settlement(session: AsyncSession, cpr_id: UUID) -> Charge | None:
    """The CPR's one charge over all that is left of it that is open, in its time or not."""
    found: Charge | None = await session.scalar(
        select(Charge).where(Charge.cpr_id == cpr_id, Charge.status == ChargeStatus.OPEN)
    )
    return found


async def save_code(session: AsyncSession, charge_id: UUID, *, br_code: str | None, barcode: str | None) -> Charge:
    """Note what the gateway made of a charge."""
    statement = update(Charge).where(Charge.id == charge_id).values(br_code=br_code, barcode=barcode).returning(Charge)
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one()


async def lock_arrival(session: AsyncSession, end_to_end_id: str) -> None:
    """Let two reports of one payment take turns, though there is no row yet to lock."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"arrival:{end_to_end_id}"}
    )


async def find_payment(session: AsyncSession, end_to_end_id: str) -> GatewayPayment | None:
    found: GatewayPayment | None = await session.scalar(
        select(GatewayPayment).where(GatewayPayment.end_to_end_id == end_to_end_id)
    )
    return found


async def get_payment(session: Reader, payment_id: UUID) -> GatewayPayment:
    return await session.get_one(GatewayPayment, payment_id)


async def lock_payment(session: AsyncSession, payment_id: UUID) -> GatewayPayment | None:
    return await session.get(GatewayPayment, payment_id, with_for_update=True, populate_existing=True)


_QUARANTINED = (
    select(GatewayPayment, Charge)
    .outerjoin(Charge, GatewayPayment.charge_id == Charge.id)
    .where(GatewayPayment.outcome == PaymentOutcome.QUARANTINED)
    .order_by(GatewayPayment.received_at.desc(), GatewayPayment.id.desc())
    .limit(bindparam("limit"))
)


async def list_quarantined(
    session: Reader, *, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[tuple[GatewayPayment, Charge | None]]:
    """Payments in suspense with the charges they name, newest first."""
    statement = _QUARANTINED
    if before is not None:
        statement = statement.where(tuple_(GatewayPayment.received_at, GatewayPayment.id) < before)
    return [(payment, charge) for payment, charge in await session.execute(statement, {"limit": limit})]


async def lock_unsettled_payments(session: AsyncSession, *, due_on: date, limit: int) -> Sequence[GatewayPayment]:
    statement = (
        select(GatewayPayment)
        .where(GatewayPayment.settled_at.is_(None), GatewayPayment.settles_on <= due_on)
        .order_by(GatewayPayment.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(statement)).all()


async def sum_unsettled(session: Reader) -> int:
    total = await session.scalar(
        select(func.coalesce(func.sum(GatewayPayment.amount_minor), 0)).where(GatewayPayment.settled_at.is_(None))
    )
    return int(total or 0)


async def list_known_payments(session: Reader, end_to_end_ids: Collection[str]) -> set[str]:
    """Those of the bank's identifiers that we have a payment of."""
    found = await session.scalars(
        select(GatewayPayment.end_to_end_id).where(GatewayPayment.end_to_end_id.in_(end_to_end_ids))
    )
    return set(found)


async def list_payments_named(session: Reader, end_to_end_ids: Collection[str]) -> dict[str, GatewayPayment]:
    """Payments by the bank's identifier, those that we have."""
    found = await session.scalars(select(GatewayPayment).where(GatewayPayment.end_to_end_id.in_(end_to_end_ids)))
    return {payment.end_to_end_id: payment for payment in found}


async def stream_payments(session: Reader, since: Since) -> AsyncIterator[tuple[str, int]]:
    """The bank's identifier and the amount of every payment that was written since, read in parts."""
    after = ""
    while rows := (await session.execute(_WRITTEN_PAYMENTS, {"after": after, "age": since.age, "limit": PART})).all():
        for row in rows:
            yield row.end_to_end_id, row.amount_minor
        after = rows[-1].end_to_end_id


async def find_first_paid(session: Reader, since: Since) -> datetime | None:
    """When the oldest was made, or told of, of the payments that were written since."""
    found: datetime | None = await session.scalar(_FIRST_PAID, {"age": since.age})
    return found
