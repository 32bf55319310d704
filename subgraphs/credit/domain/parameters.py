"""The dated parameters that credit owns."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.credit.domain.scorecard import load_scorecard
from subgraphs.credit.models.orm import Base
from subgraphs.shared.parameters import Parameters, Rule, RuleTable
from subgraphs.shared.parameters.rules import Values
from subgraphs.shared.refusal import InvalidInput


async def _is_a_scorecard(_session: AsyncSession, rows: Sequence[tuple[str, Values]]) -> None:
    """Refuses with InvalidInput a version of which there is no file: nobody could be scored by it."""
    for _, values in rows:
        try:
            load_scorecard(values["version"] or "")
        except (OSError, ValueError):
            raise InvalidInput(
                field="rows",
                reason="there is no scorecard of this version",
                reason_pt="Não há modelo de score com esta versão.",
            ) from None


PARAMETERS = Parameters(
    domain="credit",
    rules=(
        Rule((RuleTable("credit_policies", dated="effective_from"), RuleTable("grade_limits", dated="effective_from"))),
        Rule((RuleTable("score_models", dated="effective_from"),), check=_is_a_scorecard),
    ),
    metadata=Base.metadata,
)
