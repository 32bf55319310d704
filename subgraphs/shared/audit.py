"""
The audit log: who did what, to what, when and why, in one shape over a domain's own records of it.

Nothing is written for it a second time. A domain names its records (`Trail`): which columns say who and what, and what
each act is called. Each trail is read from its own indexes, the newest first, and the trails are merged; so a page
costs a page of each, however long the records have become.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from subgraphs.shared.proposals import Proposal
from subgraphs.shared.reading import Reader
from subgraphs.shared.staff_acts import StaffAct

Column = InstrumentedAttribute[Any]


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One act."""

    trail: str
    row_id: UUID
    at: datetime
    actor_id: UUID | None
    """Nobody where the product decided by itself."""
    action: str
    subject_id: UUID | None
    person_id: UUID | None
    detail: str | None
    reason: str | None
    correlation_id: str | None

    @property
    def place(self) -> "Place":
        return Place(self.at, self.trail, self.row_id)


@dataclass(frozen=True)
class Place:
    """Where in the log an entry is: newer ones come first, of one instant by trail."""

    at: datetime
    trail: str
    row_id: UUID


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is looked for; None restricts nothing. *since* is inclusive, *until* is not."""

    actions: Sequence[str] | None = None
    actor_id: UUID | None = None
    person_id: UUID | None = None
    subject_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Trail:
    """Records of one kind, in one table of the domain."""

    name: str
    id: Column
    at: Column
    actor: Column
    actions: Mapping[str, str]
    """What the log calls an act, and what stands in *action* then."""
    action: Column | None = None
    """None where all are acts of one kind."""
    subject: Column | None = None
    person: Column | None = None
    """Whose that is."""
    detail: ColumnElement[Any] | Column | None = None
    reason: Column | None = None
    correlation_id: Column | None = None
    joined: Column | None = None
    """The column of another table whose row says more: the one with this trail's id."""
    only: ColumnElement[bool] | None = None

    def question(self, wanted: Wanted) -> "Select[Any] | None":
        """Its acts that are *wanted*, the newest first; None where none can be."""
        chosen = [kept for word, kept in self.actions.items() if wanted.actions is None or word in wanted.actions]
        nobodys = (wanted.person_id and self.person is None) or (wanted.subject_id and self.subject is None)
        if not chosen or nobodys:
            return None
        statement = select(*(column.label(name) for name, column in self._columns.items()))
        if self.joined is not None:
            statement = statement.join(self.joined.class_, self.joined == self.id)
        if self.only is not None:
            statement = statement.where(self.only)
        if self.action is not None and wanted.actions is not None:
            statement = statement.where(self.action.in_(chosen))
        for column, value in (
            (self.actor, wanted.actor_id),
            (self.person, wanted.person_id),
            (self.subject, wanted.subject_id),
        ):
            if column is not None and value is not None:
                statement = statement.where(column == value)
        if wanted.since is not None:
            statement = statement.where(self.at >= wanted.since)
        if wanted.until is not None:
            statement = statement.where(self.at < wanted.until)
        return statement.order_by(self.at.desc(), self.id.desc())

    @property
    def _columns(self) -> Mapping[str, Any]:
        columns = {
            "row_id": self.id,
            "at": self.at,
            "actor_id": self.actor,
            "kept": self.action,
            "subject_id": self.subject,
            "person_id": self.person,
            "detail": self.detail,
            "reason": self.reason,
            "correlation_id": self.correlation_id,
        }
        return {name: column for name, column in columns.items() if column is not None}

    def entry_of(self, row: Any) -> AuditEntry:
        said = {name: getattr(row, name) for name in self._columns}
        kept = said.pop("kept", None)
        action = next(word for word, stored in self.actions.items() if kept is None or stored == kept)
        unsaid: dict[str, Any] = dict.fromkeys(("subject_id", "person_id", "detail", "reason", "correlation_id"))
        return AuditEntry(**(unsaid | said | {"trail": self.name, "action": action}))


@dataclass(frozen=True)
class AuditLog:
    """What a domain keeps of what was done there."""

    domain: str
    trails: tuple[Trail, ...]

    @property
    def actions(self) -> list[str]:
        """What acts are called."""
        return [word for trail in self.trails for word in trail.actions]

    @property
    def names_people(self) -> bool:
        """Whether it says whom an act is about."""
        return any(trail.person is not None for trail in self.trails)

    def has(self, place: Place) -> bool:
        return any(trail.name == place.trail for trail in self.trails)


async def list_acts(
    session: Reader, audit_log: AuditLog, wanted: Wanted, *, after: Place | None, limit: int
) -> list[AuditEntry]:
    """The newest first, those of one instant in the order of the trails; *after* is a place in one of these."""
    ranks = {trail.name: rank for rank, trail in enumerate(audit_log.trails)}
    found = []
    for trail in audit_log.trails:
        statement = trail.question(wanted)
        if statement is None:
            continue
        if after is not None:
            statement = statement.where(_older(trail, after, ranks))
        rows = await session.execute(statement.limit(limit))
        found.append([trail.entry_of(row) for row in rows])
    merged = heapq.merge(*found, key=lambda entry: (entry.at, -ranks[entry.trail]), reverse=True)
    return list(islice(merged, limit))


def _older(trail: Trail, place: Place, ranks: Mapping[str, int]) -> ColumnElement[bool]:
    older: ColumnElement[bool]
    if trail.name == place.trail:
        older = tuple_(trail.at, trail.id) < (place.at, place.row_id)
    elif ranks[trail.name] < ranks[place.trail]:
        older = trail.at < place.at
    else:
        older = trail.at <= place.at
    return older


_RULE = (Proposal.content["rule"], Proposal.content["valid_from"])

PROPOSALS = (
    Trail(
        name="proposed",
        id=Proposal.id,
        at=Proposal.proposed_at,
        actor=Proposal.proposed_by,
        actions={"PROPOSED": ""},
        subject=Proposal.subject_id,
        detail=func.concat_ws(" ", Proposal.kind, *(part.astext for part in _RULE)),
        reason=Proposal.reason,
    ),
    Trail(
        name="decided",
        id=Proposal.id,
        at=Proposal.decided_at,
        actor=Proposal.decided_by,
        action=Proposal.outcome,
        actions={
            "PROPOSAL_APPROVED": "APPROVED",
            "PROPOSAL_REJECTED": "REJECTED",
            "PROPOSAL_WITHDRAWN": "WITHDRAWN",
        },
        only=Proposal.decided_by.is_not(None),
        subject=Proposal.subject_id,
        detail=func.concat_ws(" ", Proposal.kind, *(part.astext for part in _RULE)),
        reason=Proposal.decision_reason,
    ),
)
"""What staff proposed and decided two by two, in every domain that has proposals."""


def acts_of(*actions: str, about_people: bool = False) -> Trail:
    """What the domain writes down as `StaffAct`."""
    return Trail(
        name="acts",
        id=StaffAct.id,
        at=StaffAct.at,
        actor=StaffAct.actor_id,
        action=StaffAct.action,
        actions={action: action for action in actions},
        subject=StaffAct.subject_id,
        person=StaffAct.person_id if about_people else None,
        reason=StaffAct.reason,
        correlation_id=StaffAct.correlation_id,
    )
