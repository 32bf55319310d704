"""
What a domain keeps of a person, as one file for them: `GET /personal-data/{domain}.json` (LGPD art. 18 II and V).

A domain says which of its tables are about people, and by which column (`Part`); the rows are given as they are kept,
less what is another person's or a secret. Amounts are in cents where a name ends in `_minor`. Only the person has the
file, and only after a fresh proof: a session alone does not take everything along.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response
from sqlalchemy import LargeBinary, MetaData, text

from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.exports.download import Printer, identify
from subgraphs.shared.exports.parameters import read_parameters
from subgraphs.shared.exports.refused import Refused
from subgraphs.shared.identity import Identity, TokenVerifier
from subgraphs.shared.reading import Reader
from subgraphs.shared.scopes import ROUTES

ROWS_MAX = 50_000
"""Of one file: far more than a person has; who has more is answered by people."""
FRESH_PROOF_SECONDS = 300
"""How old the proof of who they are may be, the same as for a withdrawal."""
ROUTE = "GET /personal-data"

Opened = Callable[[Reader, UUID], Awaitable[dict[str, Any]]]
"""What is kept sealed of a person, opened for them."""


def personal_data_path(domain: str) -> str:
    return f"/personal-data/{domain}.json"


@dataclass(frozen=True)
class Part:
    """The rows of *table* about a person: whose id is in *column*, or for which *where* holds (with `:person`)."""

    table: str
    column: str = ""
    where: str = ""
    without: tuple[str, ...] = ()
    """Columns that are other people's, or say how we keep things. Bytes are left out anyway."""

    def question(self, metadata: MetaData) -> str:
        columns = metadata.tables[self.table].columns
        bytes_of = [column.name for column in columns if isinstance(column.type, LargeBinary)]
        left_out = ", ".join(f"'{name}'" for name in (*self.without, *bytes_of))
        condition = self.where or f"row.{self.column} = :person"
        return (
            f"SELECT CAST(to_jsonb(row) - CAST(ARRAY[{left_out}] AS text[]) AS text) AS content "  # noqa: S608
            f"FROM {self.table} AS row WHERE {condition} LIMIT :rows"
        )


@dataclass(frozen=True)
class OwnData:
    """All that a domain keeps of people."""

    domain: str
    metadata: MetaData
    parts: tuple[Part, ...]
    opened: Opened | None = field(default=None)

    async def read(self, session: Reader, person: UUID) -> dict[str, Any]:
        """By table. Raises Refused for more than ROWS_MAX."""
        found: dict[str, Any] = {} if self.opened is None else await self.opened(session, person)
        left = ROWS_MAX
        for part in self.parts:
            rows = await session.execute(text(part.question(self.metadata)), {"person": person, "rows": left + 1})
            contents = [orjson.loads(row.content) for row in rows]
            left -= len(contents)
            if left < 0:
                message = f"São mais de {ROWS_MAX} registros. Escreva para nós e enviamos seus dados."
                english = f"These are more than {ROWS_MAX} records. Write to us, and we send them."
                raise Refused(400, "TOO_MANY_ROWS", message, english, rowsMax=ROWS_MAX)
            found[part.table] = contents
        return found


def own_data_routes(own_data: OwnData, database: Database, verifier: TokenVerifier, clock: Clock) -> APIRouter:
    router = APIRouter()
    printer = Printer()

    @router.get(personal_data_path(own_data.domain))
    async def personal_data(request: Request) -> Response:
        try:
            asker = await identify(request, verifier)
            read_parameters(request, ())
            _check(asker)
            async with printer.turn(asker), database.snapshot() as session:
                found = await own_data.read(session, asker.user_id)
        except Refused as refused:
            return refused.answer()
        content = {"domain": own_data.domain, "person": asker.user_id, "asOf": clock.now(), "data": found}
        headers = {
            "content-disposition": f'attachment; filename="meus-dados-{own_data.domain}.json"',
            "x-content-type-options": "nosniff",
            "cache-control": "private, no-store",
        }
        body = orjson.dumps(content, option=orjson.OPT_INDENT_2)
        return Response(body, headers=headers, media_type="application/json")

    return router


def _check(asker: Identity) -> None:
    if not asker.may(*ROUTES[ROUTE]):
        raise Refused(403, "FORBIDDEN", "Este acesso não abre os seus dados.", "This token does not open your data.")
    if not asker.has_proved_within(FRESH_PROOF_SECONDS):
        raise Refused(
            403,
            "FreshProofRequired",
            "Confirme de novo que é você.",
            "Prove again who you are (`confirmIdentity`), and ask with the new token.",
            secondsMax=FRESH_PROOF_SECONDS,
        )
