"""Claims of payers' banks, and what is taken of people for them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, case, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of
from subgraphs.wallet.models import (
    Charge,
    ClaimStatus,
    GatewayPayment,
    LedgerAccount,
    LedgerEntry,
    LedgerTransfer,
    MoneyClaim,
    PaymentOutcome,
    Side,
    TransferKind,
    Wallet,
)

_IS_COLLECTING = or_(
    and_(MoneyClaim.status == ClaimStatus.OPEN, MoneyClaim.blocked_minor < MoneyClaim.amount_minor),
    MoneyClaim.debt_minor > 0,
)
_COLLECTING = (
    select(MoneyClaim, Wallet.available_id)
    .join(Wallet, Wallet.user_id == MoneyClaim.user_id)
    .where(_IS_COLLECTING, is_any_of(Wallet.available_id, "ids"))
    .order_by(MoneyClaim.opened_at, MoneyClaim.id)
    .with_for_update(of=MoneyClaim)
)


async def lock_collecting(
    session: AsyncSession, account_ids: Collection[UUID], *, at: datetime
) -> Sequence[tuple[MoneyClaim, UUID]]:
    """Claims that take of what is credited to these accounts of available money, with the account, oldest first."""
    rows = await session.execute(
        _COLLECTING.where(MoneyClaim.collects_until > at),
        {"ids": account_ids},
        execution_options={"populate_existing": True},
    )
    return [(claim, account_id) for claim, account_id in rows]


async def find_claim(session: Reader, reference: str) -> MoneyClaim | None:
    found: MoneyClaim | None = await session.scalar(select(MoneyClaim).where(MoneyClaim.reference == reference))
    return found


_BY_REFERENCE = select(MoneyClaim.reference, MoneyClaim.status).where(is_any_of(MoneyClaim.reference, "references"))


async def list_statuses(session: Reader, references: Collection[str]) -> dict[str, ClaimStatus]:
    """By reference; without those that are not known."""
    rows = await session.execute(_BY_REFERENCE, {"references": list(references)})
    return {row.reference: row.status for row in rows}


async def lock_claim(session: AsyncSession, claim_id: UUID) -> MoneyClaim:
    return await session.get_one(MoneyClaim, claim_id, with_for_update=True, populate_existing=True)


async def sum_claimed(session: AsyncSession, payment_id: UUID) -> int:
    """What of a payment banks want back, or have."""
    wants = case((MoneyClaim.status == ClaimStatus.PAID, MoneyClaim.taken_minor), else_=MoneyClaim.amount_minor)
    total = await session.scalar(
        select(func.coalesce(func.sum(wants), 0)).where(
            MoneyClaim.payment_id == payment_id, MoneyClaim.status != ClaimStatus.REJECTED
        )
    )
    return int(total or 0)


async def sum_open(session: AsyncSession, payment_id: UUID) -> int:
    """What of a payment banks want back, and have not."""
    total = await session.scalar(
        select(func.coalesce(func.sum(MoneyClaim.amount_minor), 0)).where(
            MoneyClaim.payment_id == payment_id, MoneyClaim.status == ClaimStatus.OPEN
        )
    )
    return int(total or 0)


_OF_PAYMENTS = (
    select(MoneyClaim).where(is_any_of(MoneyClaim.payment_id, "ids")).order_by(MoneyClaim.opened_at, MoneyClaim.id)
)


async def list_of_payments(session: Reader, payment_ids: Collection[UUID]) -> Sequence[MoneyClaim]:
    """What banks want, or wanted, back of these payments, the oldest first."""
    return (await session.scalars(_OF_PAYMENTS, {"ids": payment_ids})).all()


async def find_owner(session: AsyncSession, payment: GatewayPayment) -> UUID | None:
    """Who got a payment out of suspense, or had asked for it; nobody of one that names nothing we know."""
    if payment.outcome is PaymentOutcome.RESOLVED:
        return await find_receiver(session, payment.id)
    charge = await session.get(Charge, payment.charge_id) if payment.charge_id else None
    return charge.payer_id if charge else None


async def find_receiver(session: AsyncSession, payment_id: UUID) -> UUID | None:
    """The person to whom staff gave a payment out of suspense, or a part, by a decision that stands."""
    undone = aliased(LedgerTransfer)
    found: UUID | None = await session.scalar(
        select(LedgerAccount.owner_id)
        .join(LedgerEntry, LedgerEntry.account_id == LedgerAccount.id)
        .join(LedgerTransfer, LedgerTransfer.id == LedgerEntry.transfer_id)
        .where(
            LedgerTransfer.kind == TransferKind.SUSPENSE_RESOLVED,
            LedgerTransfer.reference_id == payment_id,
            LedgerEntry.side == Side.CREDIT,
            ~exists().where(undone.reverses_id == LedgerTransfer.id),
        )
        .order_by(LedgerTransfer.number.desc())
        .limit(1)
    )
    return found


async def sum_debts(session: Reader) -> int:
    return int(await session.scalar(select(func.coalesce(func.sum(MoneyClaim.debt_minor), 0))) or 0)


_OF_PEOPLE = select(MoneyClaim).where(is_any_of(MoneyClaim.user_id, "user_ids")).order_by(MoneyClaim.opened_at.desc())
_BY_ID = select(MoneyClaim).where(is_any_of(MoneyClaim.id, "ids"))


async def list_unfinished(session: Reader, user_ids: Collection[UUID]) -> Sequence[MoneyClaim]:
    """People's claims that are open, or of which something is owed, newest first."""
    statement = _OF_PEOPLE.where(or_(MoneyClaim.status == ClaimStatus.OPEN, MoneyClaim.debt_minor > 0))
    return (await session.scalars(statement, {"user_ids": user_ids})).all()


async def list_claims(session: Reader, claim_ids: Collection[UUID]) -> dict[UUID, MoneyClaim]:
    return {claim.id: claim for claim in await session.scalars(_BY_ID, {"ids": claim_ids})}


async def list_newest(
    session: Reader, *, unfinished: bool, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[tuple[MoneyClaim, GatewayPayment]]:
    """Claims with the payments that they are of, newest first."""
    statement = (
        select(MoneyClaim, GatewayPayment)
        .join(GatewayPayment, MoneyClaim.payment_id == GatewayPayment.id)
        .order_by(MoneyClaim.opened_at.desc(), MoneyClaim.id.desc())
        .limit(limit)
    )
    if unfinished:
        statement = statement.where(or_(MoneyClaim.status == ClaimStatus.OPEN, MoneyClaim.debt_minor > 0))
    if before is not None:
        statement = statement.where(tuple_(MoneyClaim.opened_at, MoneyClaim.id) < before)
    return [(claim, payment) for claim, payment in await session.execute(statement)]
