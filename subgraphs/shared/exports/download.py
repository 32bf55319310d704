"""
A file as an HTTP answer: `GET …/name.pdf?from=2026-11-01`, with an access token.

Making a PDF is work for the processor, so it is done beside the event loop, one at a time in a process.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from fastapi import Request, Response

from subgraphs.shared import staff_looks
from subgraphs.shared.correlation import correlation_id
from subgraphs.shared.database import Database
from subgraphs.shared.exports import as_csv, as_pdf
from subgraphs.shared.exports.paper import Paper
from subgraphs.shared.exports.refused import Refused
from subgraphs.shared.identity import Identity, InvalidToken, KeysUnavailable, TokenVerifier
from subgraphs.shared.people import People, PeopleUnavailable, Person
from subgraphs.shared.staff_looks import Look
from subgraphs.shared.turns import Line, Row, Turns

R = TypeVar("R")

FORMS = ("csv", "pdf")
WAITING_MAX = 20
"""Who wait for their file in a process; one more is told at once to try again."""
WAITING_OF_ONE_MAX = 4
"""Files that one person may wait for besides the one that is their next, so that nobody fills the line alone."""
SECONDS_MAX = 60.0
"""Of one file, far more than it needs: where the database hangs, it does not keep the others from theirs."""


async def gather(parts: AsyncIterator[Sequence[R]], *, rows_max: int) -> list[R]:
    """All rows of *parts*. Raises Refused as soon as there are more than *rows_max*."""
    rows: list[R] = []
    async for part in parts:
        rows.extend(part)
        if len(rows) > rows_max:
            message = f"São mais de {rows_max} linhas. Escolha um período menor."
            english = f"These are more than {rows_max} rows. Choose a shorter time (`from`, `to`)."
            raise Refused(400, "TOO_MANY_ROWS", message, english, rowsMax=rows_max)
    return rows


async def identify(request: Request, verifier: TokenVerifier) -> Identity:
    """Who asks. Raises Refused: 401 without a good token, 503 while none can be verified."""
    try:
        return await verifier.verify_header(request.headers.get("authorization"))
    except InvalidToken as error:
        raise Refused(401, "UNAUTHENTICATED", "Entre de novo.", str(error)) from None
    except KeysUnavailable:
        english = "Tokens cannot be verified at the moment; try again."
        raise Refused(503, "SERVICE_UNAVAILABLE", "Tente de novo.", english) from None


async def find_holder(people: People, user_id: UUID) -> Person:
    """Whose a paper is, as accounts has verified it. Raises Refused while accounts cannot be asked."""
    try:
        return (await people.find([user_id])).get(user_id, Person())
    except PeopleUnavailable:
        english = "The name for this file cannot be had at the moment; try again."
        raise Refused(503, "SERVICE_UNAVAILABLE", "Tente de novo em instantes.", english) from None


@dataclass
class Printer:
    """Makes files of papers, one at a time."""

    _line: Line = field(default_factory=lambda: Line("files being made", 1, waiting_max=WAITING_MAX))
    _people: Turns = field(default_factory=lambda: Turns(waiting_max=WAITING_OF_ONE_MAX))

    @asynccontextmanager
    async def turn(self, actor: Identity) -> AsyncIterator[None]:
        """
        Inside, a file's many rows are read and the file is made for *actor*. Raises Busy, Unavailable;
        and TimeoutError where that takes too long.

        So files take one of the database's connections and one thread, however many are asked for; and of one person
        only one stands in the line that all share.
        """
        async with (
            self._people.of(Row("files of person", actor.user_id)),
            self._line.place(),
            asyncio.timeout(SECONDS_MAX),
        ):
            yield

    async def answer(self, write: Callable[[], Paper], *, form: str, name: str) -> Response:
        """
        The paper that *write* gives, in the *form* asked for, under *name*; of CSV its first table.

        Written and made beside the event loop, which goes on meanwhile.
        """
        media_type = as_csv.MEDIA_TYPE if form == "csv" else as_pdf.MEDIA_TYPE
        content = await asyncio.to_thread(_make, write, form)
        headers = {
            "content-disposition": f'attachment; filename="{name}.{form}"',
            "content-type": media_type,
            "x-content-type-options": "nosniff",
            "cache-control": "private, no-store",
        }
        return Response(content, headers=headers)


def _make(write: Callable[[], Paper], form: str) -> bytes:
    paper = write()
    return as_csv.csv_bytes(paper.tables[0]) if form == "csv" else as_pdf.pdf_bytes(paper)


async def write_down(database: Database, looks: Collection[Look], *, actor: Identity, now: datetime) -> None:
    """Put on record that *actor*, of the staff, looks. Raises what the database raises; then they must not see it."""
    others = {(user_id, sight) for user_id, sight in looks if user_id != actor.user_id}
    if others:
        async with database.begin() as session:
            await staff_looks.write_down(
                session, others, actor_id=actor.user_id, at=now, correlation_id=correlation_id.get() or ""
            )
