"""The dated parameters that wallet owns."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.parameters import Parameters, Rule, RuleTable
from subgraphs.shared.parameters.rules import Values
from subgraphs.shared.parameters.scales import check_scales
from subgraphs.wallet.models import Base


async def _has_its_scale(session: AsyncSession, rows: Sequence[tuple[str, Values]]) -> None:
    await check_scales(session, rows, brackets="gain_tax_brackets")


PARAMETERS = Parameters(
    domain="wallet",
    rules=(
        Rule((RuleTable("parameters", by=("name",)),)),
        Rule((RuleTable("origination_fee_rates", by=("grade",)),)),
        Rule((RuleTable("secondary_fee_rates"),)),
        Rule((RuleTable("iof_rates", by=("instrument",)),)),
        Rule((RuleTable("iof_rules", by=("person",)),)),
        Rule((RuleTable("remittance_rules", by=("tax", "person")),)),
        Rule((RuleTable("late_tax_rules"),)),
        Rule((RuleTable("gain_tax_rules", by=("person", "issued_from"), fixed=("person",)),), check=_has_its_scale),
        Rule((RuleTable("gain_tax_brackets", by=("scale",), fixed=(), from_zero="days_from"),)),
    ),
    metadata=Base.metadata,
    # It is a rule by kind of person now.
    read_no_more=frozenset({"companies_gain_is_taxed"}),
)
