"""What of a payment is still in suspense: what came, less what went back to its payer and what staff gave out."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.reading import Reader
from subgraphs.wallet.crud.books import IDS
from subgraphs.wallet.models import PaymentOutcome

GIVEN_OUT = """
    (SELECT coalesce(sum(coalesce(act.amount_minor, payment.amount_minor)), 0)
        FROM staff_actions AS act
        JOIN ledger_transfers AS given ON given.kind = 'SUSPENSE_RESOLVED' AND given.cause_id = act.id
        WHERE act.action = 'RESOLVE_SUSPENSE' AND act.subject_id = payment.id
          AND NOT EXISTS (SELECT FROM ledger_transfers AS undone WHERE undone.reverses_id = given.id))
"""
"""By decisions that stand. Each says how much it was; those from before parts could go back were of the whole."""
LEFT = f"""
    (payment.amount_minor
        - (SELECT coalesce(sum(amount_minor), 0) FROM payment_returns
            WHERE payment_id = payment.id AND source = 'SUSPENSE' AND status <> 'FAILED')
        - (SELECT coalesce(sum(taken_minor), 0) FROM money_claims
            WHERE payment_id = payment.id AND user_id IS NULL AND status = 'PAID')
        - {GIVEN_OUT})
"""  # noqa: S608  # our own text
"""Of a `payment` that went to suspense when it came."""
OUTCOME = f"CASE WHEN {LEFT} > 0 THEN 'QUARANTINED' WHEN {GIVEN_OUT} > 0 THEN 'RESOLVED' ELSE 'RETURNED' END"
"""What is to be said of it: in suspense while something is, and then where it went; to somebody, if anything did."""
_OF = "FROM gateway_payments AS payment WHERE payment."
_LEFT_OF = text(f"SELECT payment.id, {LEFT} AS minor {_OF}id = ANY(:ids)").bindparams(IDS)
_OUTCOME_OF = text(f"SELECT {OUTCOME} {_OF}id = :id")
_ALL_THAT_IS_LEFT = text(f"SELECT coalesce(sum({LEFT}), 0) {_OF}outcome = 'QUARANTINED'")


async def list_left(session: Reader, payment_ids: Sequence[UUID]) -> dict[UUID, int]:
    """In cents, by payment."""
    rows = await session.execute(_LEFT_OF, {"ids": list(payment_ids)})
    return {row.id: int(row.minor) for row in rows}


async def get_left(session: AsyncSession, payment_id: UUID) -> int:
    """In cents, of a payment that is locked."""
    await session.flush()
    return (await list_left(session, [payment_id]))[payment_id]


async def get_outcome(session: AsyncSession, payment_id: UUID) -> PaymentOutcome:
    """What is to be said of a payment that went to suspense, by what became of it."""
    await session.flush()
    return PaymentOutcome(await session.scalar(_OUTCOME_OF, {"id": payment_id}))


async def sum_left(session: Reader) -> int:
    """Of all payments, in cents."""
    return int(await session.scalar(_ALL_THAT_IS_LEFT) or 0)
