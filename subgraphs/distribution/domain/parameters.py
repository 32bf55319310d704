"""The dated parameters that distribution owns, and what others hear of them."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.distribution.crud import terms as stated
from subgraphs.distribution.domain.terms import get_terms
from subgraphs.distribution.models import Base, Instrument, TaxBase
from subgraphs.distribution.schemas import events
from subgraphs.shared.messaging import outbox
from subgraphs.shared.parameters import Parameters, Rule, RuleTable
from subgraphs.shared.parameters.rules import Values
from subgraphs.shared.parameters.scales import check_scales
from subgraphs.shared.person_kind import PersonKind


async def tell_deductions(session: AsyncSession, since: date) -> None:
    """Say what fee and tax take from *since* on, for each day on which that changes."""
    for day in await stated.list_days(session, since):
        deductions = (await get_terms(session, day)).deductions(
            person=PersonKind.NATURAL,
            instrument=Instrument.REGISTERED_CPR,
            issued_on=day,
            acquired_on=day,
            held_days=0,
        )
        laid_down = events.DeductionsLaidDown(
            valid_from=day,
            performance_fee_rate=deductions.fee_rate,
            income_tax_rate=deductions.tax_rate,
            fee_of_late_charges=deductions.fee_of_late_charges,
            is_taxed_after_fee=deductions.tax_base is TaxBase.INTEREST_LESS_FEE,
        )
        outbox.record(session, laid_down)


async def _has_its_scale(session: AsyncSession, rows: Sequence[tuple[str, Values]]) -> None:
    await check_scales(session, rows, brackets="tax_brackets")


PARAMETERS = Parameters(
    domain="distribution",
    rules=(
        Rule((RuleTable("performance_fees"),)),
        Rule(
            (RuleTable("tax_rules", by=("person", "instrument", "issued_from"), fixed=("person", "instrument")),),
            check=_has_its_scale,
        ),
        Rule((RuleTable("tax_brackets", by=("scale",), fixed=(), from_zero="days_from"),)),
    ),
    metadata=Base.metadata,
    tell=tell_deductions,
)
