"""Positions and swaps of quotas, and the rules of fee and tax for them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.person_kind import PersonKind
from subgraphs.shared.statements import is_any_of
from subgraphs.wallet.models import (
    INVESTMENT,
    GainTaxBracket,
    GainTaxRule,
    Hold,
    HoldStatus,
    Installment,
    InstallmentPayment,
    QuotaPosition,
    QuotaSwap,
    SecondaryFeeRate,
    SwapRequest,
)

_LOCK_REGISTER = text("SELECT lock_quota_register(:cpr_id)")


async def lock_register(session: AsyncSession, cpr_id: UUID) -> int:
    """How many swaps the CPR has seen; no swap and no payment of it comes between until the transaction ends."""
    return int(await session.scalar(_LOCK_REGISTER, {"cpr_id": cpr_id}) or 0)


async def decide_request(session: AsyncSession, purchase_id: UUID, *, reason: str | None, decided_at: datetime) -> bool:
    """Whether the purchase is decided now, for the first time."""
    statement = insert(SwapRequest).values(purchase_id=purchase_id, reason=reason, decided_at=decided_at)
    decided = await session.scalar(statement.on_conflict_do_nothing().returning(SwapRequest.purchase_id))
    return decided is not None


async def find_request(session: AsyncSession, purchase_id: UUID) -> SwapRequest | None:
    return await session.get(SwapRequest, purchase_id)


async def find_position(session: AsyncSession, position_id: UUID) -> QuotaPosition | None:
    return await session.get(QuotaPosition, position_id, populate_existing=True)


async def list_owners(session: AsyncSession, position_ids: Iterable[UUID]) -> dict[UUID, tuple[UUID, int]]:
    """Whose each known position is, and by which swap of its CPR they came to it; 0 for one by an investment."""
    statement = (
        select(QuotaPosition.id, QuotaPosition.owner_id, func.coalesce(QuotaSwap.number, 0))
        .join(QuotaSwap, QuotaSwap.id == QuotaPosition.id, isouter=True)
        .where(is_any_of(QuotaPosition.id, "ids"))
    )
    rows = await session.execute(statement, {"ids": list(position_ids)})
    return {position_id: (owner_id, number) for position_id, owner_id, number in rows}


async def find_captured_hold(session: AsyncSession, investment_id: UUID) -> Hold | None:
    """The hold of an investment whose money was lent."""
    found: Hold | None = await session.scalar(
        select(Hold).where(
            Hold.purpose == INVESTMENT, Hold.reference_id == investment_id, Hold.status == HoldStatus.CAPTURED
        )
    )
    return found


async def count_payments(session: AsyncSession, cpr_id: UUID) -> tuple[int, int, int]:
    """
    How many installments of a CPR there are, how many of them are paid, and by how many payments, parts included.

    Those that a later schedule replaced are none any more; what was paid of them was paid.
    """
    statement = (
        select(
            func.count(Installment.id.distinct()).filter(Installment.replaced_by.is_(None)),
            func.count(InstallmentPayment.id).filter(InstallmentPayment.pays),
            func.count(InstallmentPayment.id),
        )
        .select_from(Installment)
        .join(InstallmentPayment, InstallmentPayment.installment_id == Installment.id, isouter=True)
        .where(Installment.cpr_id == cpr_id)
    )
    installments, paid, payments = (await session.execute(statement)).one()
    return installments, paid, payments


async def find_fee_rate(session: AsyncSession, on: date) -> Decimal | None:
    found: Decimal | None = await session.scalar(
        select(SecondaryFeeRate.rate)
        .where(SecondaryFeeRate.valid_from <= on)
        .order_by(SecondaryFeeRate.valid_from.desc())
        .limit(1)
    )
    return found


async def find_gain_rule(session: AsyncSession, person: PersonKind, issued_on: date, on: date) -> GainTaxRule | None:
    """The rule for a gain on a day, of quotas of a CPR of that day of issue."""
    found: GainTaxRule | None = await session.scalar(
        select(GainTaxRule)
        .where(GainTaxRule.person == person, GainTaxRule.issued_from <= issued_on, GainTaxRule.valid_from <= on)
        .order_by(GainTaxRule.issued_from.desc(), GainTaxRule.valid_from.desc())
        .limit(1)
    )
    return found


async def list_gain_brackets(session: AsyncSession, scale: str, on: date) -> Sequence[GainTaxBracket]:
    """A scale's table in force on a day, from the shortest time held."""
    of_scale = (GainTaxBracket.scale == scale, GainTaxBracket.valid_from <= on)
    newest = select(func.max(GainTaxBracket.valid_from)).where(*of_scale).scalar_subquery()
    table = select(GainTaxBracket).where(GainTaxBracket.scale == scale, GainTaxBracket.valid_from == newest)
    return (await session.scalars(table.order_by(GainTaxBracket.days_from))).all()
