"""Tax rules that go by a scale name one that there is."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.parameters.rules import Values
from subgraphs.shared.refusal import InvalidInput


async def check_scales(session: AsyncSession, rows: Sequence[tuple[str, Values]], *, brackets: str) -> None:
    """Refuse with InvalidInput a row whose scale has no lines in *brackets* on the day from which it holds."""
    for _, values in rows:
        found = await session.scalar(
            text(f"SELECT 1 FROM {brackets} WHERE scale = :scale AND valid_from <= :day LIMIT 1"),  # noqa: S608  # our own name
            {"scale": values["scale"], "day": date.fromisoformat(values["valid_from"] or "")},
        )
        if found is None:
            raise InvalidInput(
                field="rows",
                reason=f"the scale {values['scale']} has no lines by then",
                reason_pt=f"A tabela {values['scale']} não existe nessa data.",
            )
