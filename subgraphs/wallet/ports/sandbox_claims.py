"""
What payers' banks do at the sandbox: they want a payment back (MED), get it or not, or take it without asking.

    open ──▶ claim.opened ──┬─ reject ───▶ claim.rejected
                            └─ take back ─▶ payment.taken_back
    take back alone ──────────────────────▶ payment.taken_back
"""

import secrets
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.money import to_decimal
from subgraphs.wallet.models import SandboxClaim, SandboxPayment, SandboxReturn
from subgraphs.wallet.ports.payment_gateway import ClaimState, OutcomeStatus, ReportedClaim
from subgraphs.wallet.ports.sandbox_delivery import LATE, WebhookDelivery

REASON = "Fraude relatada por quem pagou (MED)"


class Step(StrEnum):
    OPEN = "open"
    REJECT = "reject"
    TAKE_BACK = "take_back"


class HowTold(StrEnum):
    """How we hear of a step, where that is not at once and once."""

    TWICE = "twice"
    LATE = "late"
    """Two minutes after."""
    NEVER = "never"
    """Only asking brings it to light."""


class CannotClaim(Exception):
    """The banks would not do that; the message says why."""


class SandboxClaims:
    def __init__(self, database: Database, *, clock: Clock, delivery: WebhookDelivery) -> None:
        self._database = database
        self._clock = clock
        self._delivery = delivery

    async def take(
        self,
        step: Step,
        *,
        claim: str | None = None,
        end_to_end_id: str | None = None,
        amount_minor: int | None = None,
        told: HowTold | None = None,
    ) -> str:
        """
        Let a payer's bank take a step; the claim's name, by which later steps are taken.

        A new claim is of a payment (*end_to_end_id*), of all that is left of it unless an amount is given. Raises
        CannotClaim.
        """
        now = self._clock.now()
        async with self._database.begin() as session:
            known = await session.get(SandboxClaim, claim, with_for_update=True) if claim else None
            if known is None:
                if step is Step.REJECT or claim is not None or end_to_end_id is None:
                    raise CannotClaim("There is no such claim.")
                known = await self._new(session, end_to_end_id, amount_minor)
            elif step is Step.OPEN or known.status != Step.OPEN:
                raise CannotClaim("The claim is open already, or has ended.")
            elif amount_minor is not None:
                if amount_minor > known.amount_minor:
                    raise CannotClaim("No more is taken back than was claimed.")
                known.amount_minor = amount_minor
            known.status = step.value
            notice = {"type": _TYPES[step], "claim": known.claim}
            if step is not Step.REJECT:
                amount = str(to_decimal(known.amount_minor))
                notice |= {"end_to_end_id": known.end_to_end_id, "amount": amount, "reason": REASON}
            for _ in range(_TIMES.get(told, 1)):
                self._delivery.enqueue(session, notice, due_at=now + LATE if told is HowTold.LATE else now)
        return known.claim

    async def list_claims(self, *, since: datetime, limit: int) -> list[ReportedClaim]:
        """Claims opened from *since* on, oldest first."""
        statement = (
            select(SandboxClaim)
            .where(SandboxClaim.opened_at >= since)
            .order_by(SandboxClaim.opened_at, SandboxClaim.claim)
            .limit(limit)
        )
        async with self._database.read() as session:
            found = (await session.scalars(statement)).all()
        return [
            ReportedClaim(
                claim=row.claim,
                end_to_end_id=row.end_to_end_id,
                amount_minor=row.amount_minor,
                reason=REASON,
                state=_STATES[Step(row.status)],
                opened_at=row.opened_at,
            )
            for row in found
        ]

    async def _new(self, session: AsyncSession, end_to_end_id: str, amount_minor: int | None) -> SandboxClaim:
        payment = await session.get(SandboxPayment, end_to_end_id)
        left = payment.amount_minor - await _gone(session, end_to_end_id) if payment else 0
        amount = left if amount_minor is None else amount_minor
        if not 0 < amount <= left:
            raise CannotClaim("There is not so much left of such a payment.")
        claim = SandboxClaim(
            claim=f"C{secrets.token_hex(12)}",
            end_to_end_id=end_to_end_id,
            amount_minor=amount,
            status="",
            opened_at=self._clock.now(),
        )
        session.add(claim)
        return claim


_TIMES: dict[HowTold | None, int] = {HowTold.TWICE: 2, HowTold.NEVER: 0}
_STATES = {
    Step.OPEN: ClaimState.OPEN,
    Step.REJECT: ClaimState.REJECTED,
    Step.TAKE_BACK: ClaimState.TAKEN_BACK,
}
_TYPES = {Step.OPEN: "claim.opened", Step.REJECT: "claim.rejected", Step.TAKE_BACK: "payment.taken_back"}


async def _gone(session: AsyncSession, end_to_end_id: str) -> int:
    """What of a payment was given or taken back, or is claimed."""
    given = select(func.coalesce(func.sum(SandboxReturn.amount_minor), 0)).where(
        SandboxReturn.end_to_end_id == end_to_end_id, SandboxReturn.status != OutcomeStatus.RETURNED.value
    )
    claimed = select(func.coalesce(func.sum(SandboxClaim.amount_minor), 0)).where(
        SandboxClaim.end_to_end_id == end_to_end_id, SandboxClaim.status != Step.REJECT.value
    )
    return int(await session.scalar(given) or 0) + int(await session.scalar(claimed) or 0)
