"""
Two pairs of eyes: one of the staff proposes, another approves or rejects, both by name.

A proposal is good for `LASTS` and says all that will be done; what it says never changes. It ends once: approved or
rejected by somebody else, withdrawn by who made it, or expired. The database keeps all of that, whoever writes, and
that nobody approves what they proposed. What is done follows in the transaction that approves it.

A domain that has some takes the table `staff_proposals` into its metadata by `proposals_table`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, MetaData, Table, Text, UniqueConstraint, select, tuple_, update
from sqlalchemy import Uuid as UuidType
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.shared.ids import new_id
from subgraphs.shared.reading import Reader
from subgraphs.shared.refusal import (
    IdempotencyKeyReused,
    InvalidInput,
    OwnProposal,
    ProposalNotOpen,
    ProposalPending,
)

LASTS = timedelta(hours=72)
"""Over a weekend; what was right then may not be any more."""
REASON_CHARACTERS = range(5, 501)
SHORTEST, LONGEST = REASON_CHARACTERS[0], REASON_CHARACTERS[-1]


class ProposalStatus(StrEnum):
    OPEN = "OPEN"
    """Waits for another of the staff."""
    APPROVED = "APPROVED"
    """Another of the staff approved it, and it is done."""
    REJECTED = "REJECTED"
    """Another of the staff rejected it; nothing was done."""
    WITHDRAWN = "WITHDRAWN"
    """Who made it took it back."""
    EXPIRED = "EXPIRED"
    """Nobody decided in time."""


class ProposalsBase(DeclarativeBase):
    """The mapping shared by all domains that have proposals."""


class Proposal(ProposalsBase):
    __tablename__ = "staff_proposals"

    id: Mapped[UUID] = mapped_column(UuidType, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    """What would be done; the domain's own word."""
    subject_id: Mapped[UUID] = mapped_column(UuidType)
    """What it would be done to. Of a kind and a subject one is open at a time."""
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """All else that says what would be done."""
    foreseen: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """What was seen to follow when it was proposed, for who decides."""
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[UUID] = mapped_column(UuidType)
    proposed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    idempotency_key: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    """A `ProposalStatus`; empty while it is open, and until somebody looks after it has expired."""
    decided_by: Mapped[UUID | None] = mapped_column(UuidType)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decision_reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("proposed_by", "idempotency_key", name="uq_staff_proposals_idempotency_key"),
        # What is done names the proposal, and with it who proposed and who approved.
        UniqueConstraint("id", "kind", "subject_id", "proposed_by", "decided_by", name="uq_staff_proposals_who"),
        Index("uq_staff_proposals_open", "kind", "subject_id", unique=True, postgresql_where=sql("outcome IS NULL")),
        Index("ix_staff_proposals_proposed_at", "proposed_at", "id"),
        # Of the audit log: by who, by what, and by when it was decided.
        Index("ix_staff_proposals_proposed_by", "proposed_by", "proposed_at", "id"),
        Index("ix_staff_proposals_subject_id", "subject_id", "proposed_at", "id"),
        Index("ix_staff_proposals_decided_at", "decided_at", "id", postgresql_where=sql("decided_by IS NOT NULL")),
        Index("ix_staff_proposals_decided_by", "decided_by", "decided_at", "id"),
        Index("ix_staff_proposals_outcome", "outcome", "decided_at", "id"),
    )

    def status_at(self, now: datetime) -> ProposalStatus:
        if self.outcome is not None:
            return ProposalStatus(self.outcome)
        return ProposalStatus.OPEN if now < self.expires_at else ProposalStatus.EXPIRED


def proposals_table(metadata: MetaData) -> Table:
    """Add `staff_proposals` to a domain's *metadata*."""
    return ProposalsBase.metadata.tables["staff_proposals"].to_metadata(metadata)


def check_reason(reason: str) -> str:
    """Why staff did something: kept for the audit, so it has to say something. Refuses with InvalidInput."""
    if len(reason.strip()) not in REASON_CHARACTERS:
        raise InvalidInput(
            field="reason",
            reason=f"say why, in {SHORTEST} to {LONGEST} characters",
            reason_pt=f"Informe o motivo, com {SHORTEST} a {LONGEST} caracteres.",
        )
    return reason.strip()


@dataclass(frozen=True, kw_only=True)
class ToPropose:
    """What one of the staff wants to be done."""

    kind: str
    subject_id: UUID
    content: Mapping[str, Any]
    actor_id: UUID
    reason: str
    idempotency_key: str


async def find_earlier(session: AsyncSession, wanted: ToPropose) -> Proposal | None:
    """The proposal that the same request made before. Refuses with IdempotencyKeyReused where it was another."""
    earlier: Proposal | None = await session.scalar(
        select(Proposal).where(
            Proposal.proposed_by == wanted.actor_id, Proposal.idempotency_key == wanted.idempotency_key
        )
    )
    if earlier is None:
        return None
    said = (earlier.kind, earlier.subject_id, earlier.content, earlier.reason)
    if said != (wanted.kind, wanted.subject_id, dict(wanted.content), wanted.reason):
        raise IdempotencyKeyReused(idempotency_key=wanted.idempotency_key)
    return earlier


async def propose(
    session: AsyncSession, wanted: ToPropose, *, foreseen: list[dict[str, Any]], now: datetime
) -> Proposal:
    """
    Let others of the staff decide on *wanted*, of which *foreseen* would follow.

    The same request again is the first proposal. Refuses with IdempotencyKeyReused, and with ProposalPending while
    another one of this kind waits for a decision on the same subject.
    """
    if earlier := await find_earlier(session, wanted):
        return earlier
    await _end_expired(session, wanted, now=now)
    row = {
        "id": new_id(),
        "kind": wanted.kind,
        "subject_id": wanted.subject_id,
        "content": dict(wanted.content),
        "foreseen": foreseen,
        "reason": wanted.reason,
        "proposed_by": wanted.actor_id,
        "proposed_at": now,
        "expires_at": now + LASTS,
        "idempotency_key": wanted.idempotency_key,
    }
    # Waits for one that is being made at the same moment.
    added: Proposal | None = await session.scalar(
        upsert(Proposal).values(row).on_conflict_do_nothing().returning(Proposal)
    )
    if added is not None:
        return added
    if earlier := await find_earlier(session, wanted):
        return earlier
    raise ProposalPending(wanted.subject_id)


async def _end_expired(session: AsyncSession, wanted: ToPropose, *, now: datetime) -> None:
    await session.execute(
        update(Proposal)
        .where(
            Proposal.kind == wanted.kind,
            Proposal.subject_id == wanted.subject_id,
            Proposal.outcome.is_(None),
            Proposal.expires_at <= now,
        )
        .values(outcome=ProposalStatus.EXPIRED.value, decided_at=now)
    )


async def lock_to_approve(
    session: AsyncSession, proposal_id: UUID, *, kinds: Collection[str], actor_id: UUID, now: datetime
) -> Proposal:
    """
    A proposal, one of *kinds*, that *actor_id* may approve; or has approved: then it is done already, and says so.

    Refuses with ProposalNotOpen and OwnProposal.
    """
    proposal = await _lock(session, proposal_id, kinds)
    if proposal.outcome == ProposalStatus.APPROVED and proposal.decided_by == actor_id:
        return proposal
    if proposal.status_at(now) is not ProposalStatus.OPEN:
        raise ProposalNotOpen(proposal_id)
    if proposal.proposed_by == actor_id:
        raise OwnProposal(proposal_id)
    return proposal


async def approve(session: AsyncSession, proposal: Proposal, *, actor_id: UUID, now: datetime) -> None:
    """Note who approves a proposal that `lock_to_approve` gave; what is done can name both from here on."""
    await _decide(session, proposal, ProposalStatus.APPROVED, actor_id=actor_id, reason=None, now=now)


async def reject(
    session: AsyncSession, proposal_id: UUID, *, kinds: Collection[str], actor_id: UUID, reason: str, now: datetime
) -> Proposal:
    """
    End a proposal without its being done; who made it withdraws it.

    A repeated request finds it as it is. Refuses with ProposalNotOpen.
    """
    proposal = await _lock(session, proposal_id, kinds)
    ending = ProposalStatus.WITHDRAWN if proposal.proposed_by == actor_id else ProposalStatus.REJECTED
    if proposal.outcome == ending and proposal.decided_by == actor_id:
        return proposal
    if proposal.status_at(now) is not ProposalStatus.OPEN:
        raise ProposalNotOpen(proposal_id)
    await _decide(session, proposal, ending, actor_id=actor_id, reason=reason, now=now)
    return proposal


async def _lock(session: AsyncSession, proposal_id: UUID, kinds: Collection[str]) -> Proposal:
    proposal = await session.get(Proposal, proposal_id, with_for_update=True, populate_existing=True)
    if proposal is None or proposal.kind not in kinds:
        raise ProposalNotOpen(proposal_id)
    return proposal


async def _decide(
    session: AsyncSession,
    proposal: Proposal,
    outcome: ProposalStatus,
    *,
    actor_id: UUID,
    reason: str | None,
    now: datetime,
) -> None:
    proposal.outcome, proposal.decided_by, proposal.decided_at = outcome.value, actor_id, now
    proposal.decision_reason = reason
    await session.flush()


async def list_proposals(
    session: Reader,
    *,
    kinds: Collection[str],
    status: ProposalStatus | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
    now: datetime,
) -> Sequence[Proposal]:
    """Proposals of these kinds, the newest first."""
    statement = (
        select(Proposal)
        .where(Proposal.kind.in_(kinds))
        .order_by(Proposal.proposed_at.desc(), Proposal.id.desc())
        .limit(limit)
    )
    if status is ProposalStatus.OPEN:
        statement = statement.where(Proposal.outcome.is_(None), Proposal.expires_at > now)
    elif status is ProposalStatus.EXPIRED:
        statement = statement.where(
            (Proposal.outcome == status.value) | (Proposal.outcome.is_(None) & (Proposal.expires_at <= now))
        )
    elif status is not None:
        statement = statement.where(Proposal.outcome == status.value)
    if before is not None:
        statement = statement.where(tuple_(Proposal.proposed_at, Proposal.id) < before)
    return (await session.scalars(statement)).all()


CREATE = (
    """
    CREATE TABLE staff_proposals (
        id uuid CONSTRAINT pk_staff_proposals PRIMARY KEY,
        kind text NOT NULL,
        subject_id uuid NOT NULL,
        content jsonb NOT NULL,
        foreseen jsonb NOT NULL,
        reason text NOT NULL,
        proposed_by uuid NOT NULL,
        proposed_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        idempotency_key text NOT NULL,
        outcome text,
        decided_by uuid,
        decided_at timestamptz,
        decision_reason text,
        CONSTRAINT uq_staff_proposals_idempotency_key UNIQUE (proposed_by, idempotency_key),
        CONSTRAINT uq_staff_proposals_who UNIQUE (id, kind, subject_id, proposed_by, decided_by),
        CONSTRAINT ck_staff_proposals_two_people CHECK (coalesce(CASE
            WHEN outcome IS NULL OR outcome = 'EXPIRED' THEN decided_by IS NULL
            WHEN outcome IN ('APPROVED', 'REJECTED') THEN decided_by <> proposed_by
            WHEN outcome = 'WITHDRAWN' THEN decided_by = proposed_by END, false)),
        CONSTRAINT ck_staff_proposals_in_time CHECK (expires_at > proposed_at AND coalesce(CASE
            WHEN outcome IS NULL THEN decided_at IS NULL
            WHEN outcome = 'EXPIRED' THEN decided_at >= expires_at
            ELSE decided_at < expires_at END, false))
    )
    """,
    "CREATE UNIQUE INDEX uq_staff_proposals_open ON staff_proposals (kind, subject_id) WHERE outcome IS NULL",
    "CREATE INDEX ix_staff_proposals_proposed_at ON staff_proposals (proposed_at, id)",
    """
    CREATE FUNCTION staff_proposal_ends_once() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    BEGIN
        IF TG_OP = 'INSERT' AND NEW.outcome IS NULL THEN
            RETURN NEW;
        END IF;
        IF TG_OP = 'UPDATE' THEN
            IF OLD.outcome IS NULL AND NEW.outcome IS NOT NULL
                AND (NEW.id, NEW.kind, NEW.subject_id, NEW.content, NEW.foreseen, NEW.reason, NEW.proposed_by,
                    NEW.proposed_at, NEW.expires_at, NEW.idempotency_key)
                IS NOT DISTINCT FROM (OLD.id, OLD.kind, OLD.subject_id, OLD.content, OLD.foreseen, OLD.reason,
                    OLD.proposed_by, OLD.proposed_at, OLD.expires_at, OLD.idempotency_key) THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'a proposal stays as it was made, and ends once: % refused', TG_OP
            USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER staff_proposal_ends_once BEFORE INSERT OR UPDATE OR DELETE ON staff_proposals
    FOR EACH ROW EXECUTE FUNCTION staff_proposal_ends_once()
    """,
    """
    CREATE TRIGGER staff_proposals_stay BEFORE TRUNCATE ON staff_proposals
    FOR EACH STATEMENT EXECUTE FUNCTION staff_proposal_ends_once()
    """,
)


def create_proposals(op: Any) -> None:
    """In a domain's migration (*op* is `alembic.op`). A later change of the table is a new function beside this one."""
    for statement in CREATE:
        op.execute(statement)


INDEXES = {
    "ix_staff_proposals_proposed_by": "(proposed_by, proposed_at, id)",
    "ix_staff_proposals_subject_id": "(subject_id, proposed_at, id)",
    "ix_staff_proposals_decided_at": "(decided_at, id) WHERE decided_by IS NOT NULL",
    "ix_staff_proposals_decided_by": "(decided_by, decided_at, id)",
    "ix_staff_proposals_outcome": "(outcome, decided_at, id)",
}


def index_proposals(op: Any) -> None:
    """In a domain's migration: for the audit log."""
    for name, columns in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON staff_proposals {columns}")


def drop_proposals_indexes(op: Any) -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")


def drop_proposals(op: Any) -> None:
    op.execute("DROP TABLE staff_proposals")
    op.execute("DROP FUNCTION staff_proposal_ends_once")
