"""
A file as an HTTP answer, and what is asked for it by: `GET …/name.pdf?from=2026-11-01`, with an access token.

A file that is not the asker's is not found. Errors are JSON with a code and a message in both languages. Making a PDF
is work for the processor, so it is done beside the event loop, one at a time in a process.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID

import orjson
from fastapi import Request, Response

from subgraphs.shared import staff_looks
from subgraphs.shared.clock import BRASILIA
from subgraphs.shared.correlation import correlation_id
from subgraphs.shared.database import Database
from subgraphs.shared.exports import as_csv, as_pdf
from subgraphs.shared.exports.paper import Paper
from subgraphs.shared.identity import Identity, InvalidToken, KeysUnavailable, TokenVerifier, bearer_token
from subgraphs.shared.instants import read_day
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

NOT_FOUND = (404, "NOT_FOUND", "Arquivo não encontrado.", "There is no such file.")


class Refused(Exception):
    """An answer other than the file."""

    def __init__(self, status: int, code: str, message: str, message_english: str, **details: Any) -> None:
        super().__init__(message_english)
        self.status = status
        self.body = {"code": code, "message": message, "messageEnglish": message_english, **details}

    def answer(self) -> Response:
        headers = {"cache-control": "no-store"}
        if self.status == 401:
            headers["www-authenticate"] = "Bearer"
        return Response(orjson.dumps(self.body), self.status, headers=headers, media_type="application/json")


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
        token = bearer_token(request.headers.get("authorization"))
        if token is None:
            raise InvalidToken("Sign in first: send an access token as 'Authorization: Bearer …'.")
        return await verifier.verify(token)
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


@dataclass(frozen=True, slots=True)
class Days:
    """From a first day to a last one, in Brasília; None is open."""

    first: date | None
    last: date | None

    @property
    def since(self) -> datetime | None:
        return datetime.combine(self.first, time.min, tzinfo=BRASILIA) if self.first else None

    @property
    def until(self) -> datetime | None:
        """The instant at which the day after the last one begins."""
        return datetime.combine(self.last + timedelta(days=1), time.min, tzinfo=BRASILIA) if self.last else None

    def __str__(self) -> str:
        first = f"de {self.first:%d/%m/%Y}" if self.first else "do início"
        return f"{first} a {self.last:%d/%m/%Y}" if self.last else f"{first} até hoje"

    @property
    def in_file_name(self) -> str:
        """`-de-2026-11-01-a-2026-11-30`, or a part of it."""
        first = f"-de-{self.first}" if self.first else ""
        return first + (f"-a-{self.last}" if self.last else "")


def read_parameters(request: Request, known: Collection[str]) -> Mapping[str, str]:
    """The query's parameters. Raises Refused for one that is not *known*, or is there twice: it would be overlooked."""
    pairs = request.query_params.multi_items()
    names = [name for name, _ in pairs]
    for name in names:
        if name not in known or names.count(name) > 1:
            allowed = ", ".join(sorted(known)) or "none"
            english = f"Query parameters are, once each: {allowed}."
            raise Refused(400, "BAD_REQUEST", f"Parâmetros possíveis, uma vez cada: {allowed}.", english)
    return dict(pairs)


def read_days(parameters: Mapping[str, str]) -> Days:
    """`from` and `to`, in this order. Raises Refused."""
    days = Days(_read_day(parameters, "from"), _read_day(parameters, "to"))
    if days.first and days.last and days.last < days.first:
        raise _bad_value("to", "O último dia vem antes do primeiro.", "`to` is before `from`.")
    return days


def _read_day(parameters: Mapping[str, str], name: str) -> date | None:
    if name not in parameters:
        return None
    try:
        found = read_day(parameters[name])
    except ValueError:
        english = f'`{name}` has to be a day like "2026-11-23".'
        raise _bad_value(name, f'Informe o dia de `{name}` como "2026-11-23".', english) from None
    if not date.min < found < date.max:  # the day before or after it is asked for as well
        raise _bad_value(name, f"O dia de `{name}` está fora dos limites.", f"`{name}` is out of range.")
    return found


def read_words(parameters: Mapping[str, str], name: str, known: Collection[str]) -> list[str] | None:
    """Words parted by commas, or None where nothing restricts them. Raises Refused."""
    if name not in parameters:
        return None
    words = parameters[name].split(",") if parameters[name] else []
    if unknown := [word for word in words if word not in known]:
        said = ", ".join(known)
        english = f"`{name}` takes words parted by commas, of: {said}. {unknown[0][:40]!r} is none."
        raise _bad_value(name, f"`{name}` aceita, separados por vírgula: {said}.", english)
    return words


def _bad_value(name: str, message: str, message_english: str) -> Refused:
    return Refused(400, "BAD_REQUEST", message, message_english, parameter=name)


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
