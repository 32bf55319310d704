"""A domain's audit log as a file: `GET /audit-log/{domain}.csv?from=…&to=…&actions=…&actorId=…`, for administrators."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response

from subgraphs.shared.audit import AuditEntry, AuditLog, Wanted, list_acts
from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.exports.download import Printer, gather, identify, write_down
from subgraphs.shared.exports.paper import Column, Kind, Paper, Table
from subgraphs.shared.exports.parameters import Days, read_days, read_parameters, read_words
from subgraphs.shared.exports.refused import Refused
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.identity import TokenVerifier
from subgraphs.shared.reading import Reader
from subgraphs.shared.scopes import ROUTES, Sight

ROWS_MAX = 50_000
PART = 500
"""Rows that are read at once: more would keep the event loop from everybody else."""
ROUTE = "GET /audit-log"
PARAMETERS = ("from", "to", "actions", "actorId", "personId", "subjectId")
COLUMNS = (
    Column("Data e hora", Kind.INSTANT),
    Column("Ato"),
    Column("Por"),
    Column("Objeto"),
    Column("Pessoa"),
    Column("Detalhe"),
    Column("Motivo"),
    Column("Pedido"),
)


def audit_log_path(domain: str, parameters: Mapping[str, str] | None = None) -> str:
    query = f"?{urlencode(parameters, safe=',')}" if parameters else ""
    return f"/audit-log/{domain}.csv{query}"


def audit_routes(audit_log: AuditLog, database: Database, verifier: TokenVerifier, clock: Clock) -> APIRouter:
    router = APIRouter()
    printer = Printer()

    @router.get(audit_log_path(audit_log.domain))
    async def log(request: Request) -> Response:
        try:
            asker = await identify(request, verifier)
            if not asker.may(*ROUTES[ROUTE]):
                raise Refused(403, "FORBIDDEN", "Só para administradores.", "This is for administrators.")
            parameters = read_parameters(request, PARAMETERS)
            days = read_days(parameters)
            wanted = _wanted(parameters, days, audit_log)
            async with printer.turn(asker):
                async with database.read() as session:
                    entries = await gather(_read(session, audit_log, wanted), rows_max=ROWS_MAX)
                now = clock.now()
                people = {entry.person_id for entry in entries}
                if audit_log.names_people:
                    people.add(wanted.person_id)
                looks = {(person, Sight.LOOKS) for person in people if person is not None}
                await write_down(database, looks, actor=asker, now=now)
                write = partial(_paper, entries, made_at=now)
                name = f"auditoria-{audit_log.domain}{days.in_file_name}"
                return await printer.answer(write, form="csv", name=name)
        except Refused as refused:
            return refused.answer()

    return router


def _wanted(parameters: Mapping[str, str], days: Days, audit_log: AuditLog) -> Wanted:
    return Wanted(
        actions=read_words(parameters, "actions", audit_log.actions),
        actor_id=_read_id(parameters, "actorId"),
        person_id=_read_id(parameters, "personId"),
        subject_id=_read_id(parameters, "subjectId"),
        since=days.since,
        until=days.until,
    )


def _read_id(parameters: Mapping[str, str], name: str) -> UUID | None:
    return require_id(parameters[name]) if name in parameters else None


async def _read(session: Reader, audit_log: AuditLog, wanted: Wanted) -> AsyncIterator[Sequence[AuditEntry]]:
    after = None
    while part := await list_acts(session, audit_log, wanted, after=after, limit=PART):
        yield part
        after = part[-1].place


def _paper(entries: Sequence[AuditEntry], *, made_at: datetime) -> Paper:
    rows = [
        (
            entry.at,
            entry.action,
            _text(entry.actor_id),
            _text(entry.subject_id),
            _text(entry.person_id),
            entry.detail,
            entry.reason,
            entry.correlation_id,
        )
        for entry in entries
    ]
    return Paper(title="Auditoria", facts=(), tables=[Table(columns=COLUMNS, rows=rows)], made_at=made_at)


def _text(value: UUID | None) -> str | None:
    return str(value) if value else None
