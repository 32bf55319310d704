"""The outbox as the relay sees it: what is due, what waits besides, and what becomes of it. Each is one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Row, Text, bindparam, case, func, literal, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from subgraphs.shared.messaging.tables import OutboxRow


@dataclass(frozen=True, slots=True)
class Left:
    """What a look does not give out."""

    unsent: int
    """Rows that wait, those given out among them; 0 where there may be more to give out at once."""
    seconds_to_next: float | None
    """Until the first of those put off is due; None when none is."""


_REFUSED = aliased(OutboxRow)
_IS_HELD_UP = (
    select(_REFUSED.id)
    .where(
        _REFUSED.sent_at.is_(None),
        _REFUSED.attempts > 0,
        _REFUSED.subject == OutboxRow.subject,
        _REFUSED.id < OutboxRow.id,
    )
    .exists()
)
_DUE = (
    select(*OutboxRow.__table__.columns)
    .where(OutboxRow.sent_at.is_(None), OutboxRow.due_at <= func.clock_timestamp(), ~_IS_HELD_UP)
    .order_by(OutboxRow.id)
    .limit(bindparam("batch"))
    .cte("due")
)
_UNSENT = select(func.count()).where(OutboxRow.sent_at.is_(None)).scalar_subquery()
_SECONDS_TO_NEXT = (
    select(func.extract("epoch", func.min(OutboxRow.due_at) - func.clock_timestamp()))
    .where(OutboxRow.sent_at.is_(None), OutboxRow.due_at > func.clock_timestamp())
    .scalar_subquery()
)
# Of a full batch nobody asks how many more there are: that would read the whole backlog once per batch.
_IS_LAST = select(func.count()).select_from(_DUE).scalar_subquery() < bindparam("batch")
_LOOK = (
    select(
        case((_IS_LAST, _UNSENT)).label("unsent"), case((_IS_LAST, _SECONDS_TO_NEXT)).label("seconds_to_next"), *_DUE.c
    )
    .select_from(select(literal(1).label("always")).subquery().outerjoin(_DUE, true()))
    .order_by(_DUE.c.id)
)
"""Due rows in the order of recording, without those whose subject waits for an earlier, refused row."""

_MARK_SENT = (
    update(OutboxRow)
    .where(OutboxRow.id == func.any(bindparam("ids", type_=ARRAY(BigInteger))))
    .values(sent_at=func.clock_timestamp())
)
_REFUSALS = (
    func.unnest(
        bindparam("ids", type_=ARRAY(BigInteger)),
        bindparam("reasons", type_=ARRAY(Text)),
        bindparam("waits_s", type_=ARRAY(BigInteger)),
    )
    .table_valued("id", "reason", "wait_s")
    .render_derived(name="refusal")
)
_POSTPONE = (
    update(OutboxRow)
    .where(OutboxRow.id == _REFUSALS.c.id)
    .values(
        attempts=OutboxRow.attempts + 1,
        last_error=_REFUSALS.c.reason,
        due_at=func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, _REFUSALS.c.wait_s),
    )
)


async def look(connection: AsyncConnection, batch: int) -> tuple[list[Row[Any]], Left]:
    """The rows of one round, *batch* at most, and what waits."""
    rows = (await connection.execute(_LOOK, {"batch": batch})).all()
    seconds = rows[0].seconds_to_next
    left = Left(rows[0].unsent or 0, None if seconds is None else float(seconds))
    return [row for row in rows if row.id is not None], left


async def mark_sent(connection: AsyncConnection, rows: Sequence[Row[Any]]) -> None:
    await connection.execute(_MARK_SENT, {"ids": [row.id for row in rows]})


async def postpone(connection: AsyncConnection, refused: Sequence[tuple[Row[Any], str]], *, seconds_max: int) -> None:
    """Have rows wait that the broker refused, each with its reason: the longer, the more often that was so."""
    given = {
        "ids": [row.id for row, _ in refused],
        "reasons": [reason[:1000].replace("\x00", "") for _, reason in refused],
        "waits_s": [min(2**row.attempts, seconds_max) for row, _ in refused],
    }
    await connection.execute(_POSTPONE, given)
