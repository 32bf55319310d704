"""
The wallet's files: a person's statement, and for administrators the list of transfers, as CSV and PDF.

    GET /wallet/statements/{wallet}.csv?from=2026-11-01&to=2026-11-30&kinds=DEPOSIT,PAYOUT
    GET /wallet/transfers.pdf?from=…&to=…&kinds=…&userId=…&reference=…

Paths with a list's own filter are in the graph beside the list (`csvPath`, `pdfPath`).
"""

from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request, Response

from subgraphs.shared.exports.download import FORMS, Printer, find_holder, gather, identify, write_down
from subgraphs.shared.exports.parameters import Days, read_days, read_parameters, read_words
from subgraphs.shared.exports.refused import NOT_FOUND, Refused
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.identity import TokenVerifier
from subgraphs.shared.people import Person
from subgraphs.shared.reading import Reader
from subgraphs.shared.scopes import ROUTES, Sight
from subgraphs.wallet import crud
from subgraphs.wallet.api.papers import signed, statement_paper, transfers_paper
from subgraphs.wallet.api.types.statement import StatementKind
from subgraphs.wallet.core.services import Services
from subgraphs.wallet.crud.exports import Movement
from subgraphs.wallet.models import TransferKind

STATEMENT_KINDS = [kind.value for kind in StatementKind]
TRANSFER_KINDS = [kind.value for kind in TransferKind]


def file_routes(services: Services, verifier: TokenVerifier) -> APIRouter:
    router = APIRouter()
    files = _Files(services, verifier)

    @router.get("/wallet/statements/{wallet_id}.{form}")
    async def statement(request: Request, wallet_id: str, form: str) -> Response:
        try:
            return await files.statement(request, require_id(wallet_id), form)
        except Refused as refused:
            return refused.answer()

    @router.get("/wallet/transfers.{form}")
    async def transfers(request: Request, form: str) -> Response:
        try:
            return await files.transfers(request, form)
        except Refused as refused:
            return refused.answer()

    return router


class _Files:
    def __init__(self, services: Services, verifier: TokenVerifier) -> None:
        self._services = services
        self._verifier = verifier
        self._printer = Printer()

    async def statement(self, request: Request, wallet_id: UUID, form: str) -> Response:
        """A person's statement, theirs alone. Raises Refused."""
        actor = await identify(request, self._verifier)
        parameters = read_parameters(request, ("from", "to", "kinds"))
        days = read_days(parameters)
        kinds = _kinds(parameters, STATEMENT_KINDS)
        database = self._services.database
        async with database.read() as session:
            wallet = await crud.wallets.find_wallet(session, wallet_id)
        if wallet is None or form not in FORMS or not actor.sees_own(wallet.user_id, Sight.MONEY):
            raise Refused(*NOT_FOUND)
        holder = await find_holder(self._services.people, wallet.user_id) if form == "pdf" else Person()
        async with self._printer.turn(actor):
            async with database.read() as session:
                found = crud.exports.read_movements(
                    session, wallet.available_id, since=days.since, until=days.until, kinds=kinds
                )
                movements = await gather(found, rows_max=self._rows_max(form))
                opening_minor = None
                if kinds is None:
                    opening_minor = await self._opening(session, wallet.available_id, movements, days)
            write = partial(
                statement_paper,
                movements,
                holder=holder,
                days=days,
                opening_minor=opening_minor,
                made_at=self._services.clock.now(),
            )
            return await self._printer.answer(write, form=form, name=f"extrato{days.in_file_name}")

    async def transfers(self, request: Request, form: str) -> Response:
        """The list of transfers, for administrators; that they looked at people's money is written down."""
        actor = await identify(request, self._verifier)
        if not actor.may(*ROUTES["GET /wallet/transfers"]):
            raise Refused(403, "FORBIDDEN", "Só para administradores.", "This is for administrators.")
        parameters = read_parameters(request, ("from", "to", "kinds", "userId", "reference"))
        days = read_days(parameters)
        kinds = _kinds(parameters, TRANSFER_KINDS)
        owner_id = require_id(parameters["userId"]) if "userId" in parameters else None
        if form not in FORMS:
            raise Refused(*NOT_FOUND)
        async with self._printer.turn(actor):
            async with self._services.database.read() as session:
                found = crud.exports.read_postings(
                    session,
                    since=days.since,
                    until=days.until,
                    kinds=kinds,
                    owner_id=owner_id,
                    reference_id=require_id(parameters["reference"]) if "reference" in parameters else None,
                )
                postings = await gather(found, rows_max=self._rows_max(form))
            now = self._services.clock.now()
            owners = {posting.owner_id for posting in postings} | {owner_id}
            looks = {(owner, Sight.MONEY) for owner in owners if owner is not None}
            await write_down(self._services.database, looks, actor=actor, now=now)
            write = partial(transfers_paper, postings, days=days, parameters=parameters, made_at=now)
            return await self._printer.answer(write, form=form, name=f"transferencias{days.in_file_name}")

    async def _opening(self, session: Reader, account_id: UUID, movements: Sequence[Movement], days: Days) -> int:
        """What was there before the first movement; where there is none, on those days."""
        if movements:
            first = movements[0]
            return first.balance_after_minor - signed(first)
        before = days.since or days.until or self._services.clock.now()
        return await crud.exports.find_balance_before(session, account_id, before)

    def _rows_max(self, form: str) -> int:
        settings = self._services.settings
        return settings.export_csv_rows_max if form == "csv" else settings.export_pdf_rows_max


def _kinds(parameters: Mapping[str, str], known: Sequence[str]) -> list[TransferKind] | None:
    words = read_words(parameters, "kinds", known)
    return None if words is None else [TransferKind(word) for word in words]
