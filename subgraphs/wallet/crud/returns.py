"""Payments that go back, and who had made them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of
from subgraphs.wallet.models import (
    ClaimStatus,
    GatewayPayment,
    LedgerTransfer,
    MoneyClaim,
    PaymentOutcome,
    PaymentPayer,
    PaymentReturn,
    ReturnSource,
    ReturnStatus,
)

IN_FLIGHT = (ReturnStatus.REQUESTED, ReturnStatus.SENT)
_RETURNED = (
    select(PaymentReturn.id)
    .where(
        is_any_of(PaymentReturn.payment_id, "ids"),
        PaymentReturn.status != ReturnStatus.FAILED,
        PaymentReturn.source == ReturnSource.WALLET,
    )
    .limit(1)
)
_CLAIMED = (
    select(MoneyClaim.id)
    .where(
        is_any_of(MoneyClaim.payment_id, "ids"),
        or_(
            MoneyClaim.status == ClaimStatus.OPEN,
            and_(MoneyClaim.status == ClaimStatus.PAID, MoneyClaim.user_id.is_not(None)),
        ),
    )
    .limit(1)
)


async def lock_return(session: AsyncSession, return_id: UUID) -> PaymentReturn | None:
    return await session.get(PaymentReturn, return_id, with_for_update=True, populate_existing=True)


async def find_return(session: Reader, return_id: UUID) -> PaymentReturn | None:
    return await session.get(PaymentReturn, return_id)


async def sum_returned(session: Reader, payment_id: UUID) -> int:
    """What of a payment is back with its payer, or on the way there."""
    total = await session.scalar(
        select(func.coalesce(func.sum(PaymentReturn.amount_minor), 0)).where(
            PaymentReturn.payment_id == payment_id, PaymentReturn.status != ReturnStatus.FAILED
        )
    )
    return int(total or 0)


async def has_gone_back(session: Reader, payment_ids: Collection[UUID]) -> bool:
    """
    Whether anything of these payments went back to their payers after somebody had got it, or their banks claim it.

    What went back out of suspense was nobody's.
    """
    returned = await session.scalar(_RETURNED, {"ids": payment_ids})
    return returned is not None or await session.scalar(_CLAIMED, {"ids": payment_ids}) is not None


async def is_undone(session: Reader, payment_id: UUID) -> bool:
    """Whether staff have reversed the credit of a payment."""
    undone = aliased(LedgerTransfer)
    found = await session.scalar(
        select(undone.id)
        .join(LedgerTransfer, undone.reverses_id == LedgerTransfer.id)
        .where(LedgerTransfer.cause_id == payment_id)
        .limit(1)
    )
    return found is not None


async def sum_in_flight(session: Reader) -> int:
    total = await session.scalar(
        select(func.coalesce(func.sum(PaymentReturn.amount_minor), 0)).where(PaymentReturn.status.in_(IN_FLIGHT))
    )
    return int(total or 0)


async def list_in_flight(session: Reader, *, requested_before: datetime, limit: int) -> Sequence[PaymentReturn]:
    """Returns whose end is overdue."""
    statement = (
        select(PaymentReturn)
        .where(PaymentReturn.status.in_(IN_FLIGHT), PaymentReturn.requested_at < requested_before)
        .order_by(PaymentReturn.requested_at)
        .limit(limit)
    )
    return (await session.scalars(statement)).all()


_OF_PERSON = select(PaymentReturn).where(
    is_any_of(PaymentReturn.id, "ids"), PaymentReturn.user_id == bindparam("user_id")
)


async def list_returns(session: Reader, return_ids: Collection[UUID], *, user_id: UUID) -> dict[UUID, PaymentReturn]:
    """Returns of one person's by id."""
    found = await session.scalars(_OF_PERSON, {"ids": return_ids, "user_id": user_id})
    return {row.id: row for row in found}


_OF_PAYMENTS = (
    select(PaymentReturn)
    .where(is_any_of(PaymentReturn.payment_id, "ids"))
    .order_by(PaymentReturn.requested_at, PaymentReturn.id)
)


async def list_of_payments(session: Reader, payment_ids: Collection[UUID]) -> Sequence[PaymentReturn]:
    """What goes back of these payments, the oldest first."""
    return (await session.scalars(_OF_PAYMENTS, {"ids": payment_ids})).all()


async def list_newest(
    session: Reader,
    *,
    statuses: Sequence[ReturnStatus] | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[tuple[PaymentReturn, GatewayPayment]]:
    """Returns with the payments that go back, newest first."""
    statement = (
        select(PaymentReturn, GatewayPayment)
        .join(GatewayPayment, PaymentReturn.payment_id == GatewayPayment.id)
        .order_by(PaymentReturn.requested_at.desc(), PaymentReturn.id.desc())
        .limit(limit)
    )
    if statuses is not None:
        statement = statement.where(PaymentReturn.status.in_(statuses))
    if before is not None:
        statement = statement.where(tuple_(PaymentReturn.requested_at, PaymentReturn.id) < before)
    return [(row, payment) for row, payment in await session.execute(statement)]


_PAYERS = (
    select(PaymentPayer, GatewayPayment)
    .join(GatewayPayment, PaymentPayer.payment_id == GatewayPayment.id)
    .where(is_any_of(PaymentPayer.payment_id, "ids"))
)
_PAYERS_OF_DEPOSITS = (
    select(PaymentPayer, GatewayPayment)
    .join(GatewayPayment, PaymentPayer.payment_id == GatewayPayment.id)
    .where(is_any_of(GatewayPayment.charge_id, "ids"), GatewayPayment.outcome == PaymentOutcome.CREDITED)
)


async def list_payers(session: Reader, payment_ids: Collection[UUID]) -> Sequence[tuple[PaymentPayer, GatewayPayment]]:
    return [(payer, payment) for payer, payment in await session.execute(_PAYERS, {"ids": payment_ids})]


async def list_payers_of_deposits(
    session: Reader, charge_ids: Collection[UUID]
) -> Sequence[tuple[PaymentPayer, GatewayPayment]]:
    """Who paid the deposits that were credited."""
    found = await session.execute(_PAYERS_OF_DEPOSITS, {"ids": charge_ids})
    return [(payer, payment) for payer, payment in found]


async def erase_payers(session: AsyncSession, *, until: datetime) -> None:
    """Erase those that need not be kept any more."""
    await session.execute(delete(PaymentPayer).where(PaymentPayer.kept_until <= until))
