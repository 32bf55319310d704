"""
A domain's audit log in the graph, alike in all: `<domain>AuditLog`, for administrators.

Whom an entry is about, its reader has looked at: that is written down as any look of staff.
"""

import base64
import binascii
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

import strawberry
from graphql import GraphQLError

from subgraphs.shared import audit
from subgraphs.shared.clock import BRASILIA
from subgraphs.shared.exports.audit import audit_log_path
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.context import Context, Info
from subgraphs.shared.graphql.cost import PAGED, sized
from subgraphs.shared.graphql.paging import After, First, PageInfo, page_request
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.instants import read_instant
from subgraphs.shared.scopes import Sight


@strawberry.federation.type(shareable=True, description="Something that was done, by whom, to what, and why.")
class AuditEntry:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    at: datetime = strawberry.field(description="When it was done.")
    actor_id: strawberry.ID | None = strawberry.field(
        description="Who did it; null where the product decided by itself."
    )
    action: str = strawberry.field(description="One of the log's `actions`.")
    subject_id: strawberry.ID | None = strawberry.field(
        description="What it was done to: a request, a CPR, a proposal's subject or the like."
    )
    person_id: strawberry.ID | None = strawberry.field(description="The person or company whose that is.")
    detail: str | None = strawberry.field(
        description="More of what was done: a proposal's kind, with rule and day; a queue's messages."
    )
    reason: str | None = strawberry.field(
        description="Why, in the words of who did it; null where none were asked for."
    )
    correlation_id: str | None = strawberry.field(
        description="The request's, under which the logs tell the rest, where it was kept."
    )

    @classmethod
    def seen_by(cls, context: Context, entry: audit.AuditEntry) -> Self:
        if entry.person_id:
            context.may_see(entry.person_id, Sight.LOOKS)
        return cls(
            id=strawberry.ID(f"{entry.trail}/{entry.row_id}"),
            at=entry.at,
            actor_id=_id(entry.actor_id),
            action=entry.action,
            subject_id=_id(entry.subject_id),
            person_id=_id(entry.person_id),
            detail=entry.detail,
            reason=entry.reason,
            correlation_id=entry.correlation_id,
        )


@strawberry.federation.type(shareable=True, description="A part of an audit log, the newest act first.")
class AuditPage:
    nodes: list[AuditEntry] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)
    actions: list[str] = strawberry.field(description="What acts are called in this log.", directives=[sized(20)])
    csv_path: str = strawberry.field(description="Where all that the filter finds is had as a file.")


@strawberry.input(description="Which acts are meant: what is left out restricts nothing.")
class AuditFilter:
    actions: list[str] | None = strawberry.field(
        default=None, description="Any of these, as the log's `actions` name them."
    )
    actor_id: strawberry.ID | None = strawberry.field(default=None, description="Who did it.")
    person_id: strawberry.ID | None = strawberry.field(default=None, description="Whom it is about.")
    subject_id: strawberry.ID | None = strawberry.field(default=None, description="What it was done to.")
    from_: date | None = strawberry.field(name="from", default=None, description="First day, in Brasília.")
    to: date | None = strawberry.field(default=None, description="Last day, in Brasília.")

    def to_wanted(self, audit_log: audit.AuditLog) -> audit.Wanted:
        if unknown := [action for action in self.actions or () if action not in audit_log.actions]:
            known = ", ".join(audit_log.actions)
            raise _bad(f"`actions` of this log are {known}; {unknown[0][:40]!r} is none")
        return audit.Wanted(
            actions=self.actions,
            actor_id=require_id(self.actor_id) if self.actor_id else None,
            person_id=require_id(self.person_id) if self.person_id else None,
            subject_id=require_id(self.subject_id) if self.subject_id else None,
            since=_start_of(self.from_) if self.from_ else None,
            until=_start_of(self.to + timedelta(days=1)) if self.to and self.to < date.max else None,
        )

    def path(self, domain: str) -> str:
        parameters = {
            "from": self.from_,
            "to": self.to,
            "actions": None if self.actions is None else ",".join(self.actions),
            "actorId": self.actor_id,
            "personId": self.person_id,
            "subjectId": self.subject_id,
        }
        return audit_log_path(domain, {name: str(value) for name, value in parameters.items() if value is not None})


def with_audit_log(query: type, audit_log: audit.AuditLog) -> type:
    """*query* with the field that shows *audit_log*."""

    async def shown(
        self: Any,  # noqa: ARG001  # a root has no value
        info: Info,
        filter: Annotated[AuditFilter | None, strawberry.argument(description="Which acts; all when left out.")] = None,
        first: First = None,
        after: After = None,
    ) -> AuditPage:
        page, asked = page_request(first, None), filter or AuditFilter()
        wanted = asked.to_wanted(audit_log)
        if wanted.person_id and audit_log.names_people:
            # All that is found is about them, also where nothing is.
            info.context.may_see(wanted.person_id, Sight.LOOKS)
        async with info.context.read() as session:
            found = await audit.list_acts(
                session, audit_log, wanted, after=_decode(audit_log, after) if after else None, limit=page.limit
            )
        kept = found[: page.first]
        return AuditPage(
            nodes=[AuditEntry.seen_by(info.context, entry) for entry in kept],
            page_info=PageInfo(
                has_next_page=len(found) > page.first, end_cursor=_encode(kept[-1].place) if kept else None
            ),
            actions=audit_log.actions,
            csv_path=asked.path(audit_log.domain),
        )

    field = strawberry.field(
        resolver=shown,
        description="For administrators: what was decided and done in this domain, and by whom, the newest first. "
        "Looks of staff at people's data have lists of their own.",
        directives=[PAGED],
    )
    return strawberry.type(type("Query", (query,), {f"{audit_log.domain}_audit_log": field}))


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=BRASILIA)


def _id(value: UUID | None) -> strawberry.ID | None:
    return strawberry.ID(str(value)) if value else None


def _encode(place: audit.Place) -> str:
    return base64.urlsafe_b64encode(f"{place.at.isoformat()}|{place.trail}|{place.row_id}".encode()).decode()


def _decode(audit_log: audit.AuditLog, text: str) -> audit.Place:
    try:
        at, trail, row_id = base64.urlsafe_b64decode(text.encode()).decode().split("|")
        place = audit.Place(read_instant(at), trail, UUID(row_id))
    except (ValueError, binascii.Error, UnicodeError):
        place = None
    if place is None or not audit_log.has(place):
        raise _bad("`after` must be the endCursor of an earlier page of this log")
    return place


def _bad(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})
