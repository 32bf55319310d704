"""
An investor's income statement as PDF: `GET /distribution/income-statements/{person}/{year}.pdf`.

The path is in the graph beside the data (`IncomeStatement.pdfPath`).
"""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from subgraphs.distribution.api.papers import income_paper
from subgraphs.distribution.core.services import Services
from subgraphs.distribution.domain.income import get_income_statement, is_year_of_statements
from subgraphs.shared.exports.download import Printer, find_holder, identify, write_down
from subgraphs.shared.exports.paper import Paper
from subgraphs.shared.exports.parameters import read_parameters
from subgraphs.shared.exports.refused import NOT_FOUND, Refused
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.identity import Identity, TokenVerifier
from subgraphs.shared.scopes import Sight


def file_routes(services: Services, verifier: TokenVerifier) -> APIRouter:
    router = APIRouter()
    printer = Printer()

    @router.get("/distribution/income-statements/{person}/{year}.pdf")
    async def income_statement(request: Request, person: str, year: str) -> Response:
        try:
            actor = await identify(request, verifier)
            read_parameters(request, ())
            paper = await _income_paper(services, actor, require_id(person), year)
        except Refused as refused:
            return refused.answer()
        async with printer.turn(actor):
            return await printer.answer(lambda: paper, form="pdf", name=f"informe-de-rendimentos-{year}")

    return router


async def _income_paper(services: Services, actor: Identity, investor_id: UUID, year: str) -> Paper:
    """The year of an investor, for them and for staff. That staff looked is written down. Raises Refused."""
    now = services.clock.now()
    is_year = len(year) == 4 and year.isascii() and year.isdecimal() and is_year_of_statements(int(year), now=now)
    if not is_year or not actor.sees(investor_id, Sight.INCOME):
        raise Refused(*NOT_FOUND)
    investor = await find_holder(services.people, investor_id)
    async with services.database.snapshot() as session:
        statement = await get_income_statement(session, investor_id, int(year))
    # Name and CPF are on it as well.
    looks = {(investor_id, Sight.INCOME), (investor_id, Sight.IDENTITY)}
    await write_down(services.database, looks, actor=actor, now=now)
    return income_paper(
        statement,
        investor=investor,
        is_theirs=investor_id == actor.user_id,
        payer_name=services.settings.payer_name,
        payer_cnpj=services.settings.payer_cnpj,
        made_at=now,
    )
