"""Transfers and what they ought to move (`causes.py`), compared: all of them, or what was written since a place."""

from collections.abc import AsyncIterator, Sequence
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.engine import Row

from subgraphs.shared.reading import Reader
from subgraphs.wallet.crud.books import FIRST, IDS
from subgraphs.wallet.crud.causes import BY_KIND, DUE_TRANSFERS, differences
from subgraphs.wallet.crud.places import WRITTEN, Since

# What is recorded of causes and may be told apart by an id that transfers have, as cause, reference or their own.
FACTS = {
    "charges": "id",
    "claim_collections": "id",
    "disbursements": "offering_id",
    "distribution_payouts": "payout_id",
    "gateway_payments": "id",
    "holds": "id",
    "installment_payments": "id",
    "installments": "id",
    "money_claims": "id",
    "offering_fundings": "offering_id",
    "payment_returns": "id",
    "quota_swaps": "id",
    "registered_cprs": "cpr_id",
    "remittances": "id",
    "staff_actions": "id",
    "unclaimed_credits": "transfer_id",
    "unclaimed_payouts": "transfer_id",
    "withdrawals": "id",
}
_WRITTEN_FACTS = " UNION ".join(
    f"SELECT fact.{column} AS id FROM {table} AS fact WHERE {WRITTEN.format(row='fact')}"  # noqa: S608  # our own names
    for table, column in FACTS.items()
)
_FACTS_SINCE = text(f"""
    SELECT id FROM ({_WRITTEN_FACTS}) AS written WHERE id > :after ORDER BY id LIMIT :limit
""")  # noqa: S608  # our own text
# Also those whose cause has been written: it may say something else now.
_TRANSFERS_SINCE = text(f"""
    WITH fact AS MATERIALIZED ({_WRITTEN_FACTS})
    SELECT id FROM (
        SELECT t.id FROM ledger_transfers AS t WHERE {WRITTEN.format(row="t")}
        UNION SELECT e.transfer_id FROM ledger_entries AS e WHERE {WRITTEN.format(row="e")}
        UNION SELECT t.id FROM fact JOIN ledger_transfers AS t ON t.cause_id = fact.id
        UNION SELECT t.id FROM fact JOIN ledger_transfers AS t ON t.reference_id = fact.id
        UNION SELECT t.id FROM fact JOIN ledger_transfers AS t ON t.id = fact.id) AS written
    WHERE id > :after ORDER BY id LIMIT :limit
""")  # noqa: S608  # our own text
_DIFFERENT = """
    SELECT t.number, t.id, t.kind, account.code, difference.side, difference.amount_minor
    FROM ({differences}) AS difference
    JOIN ledger_transfers AS t ON t.id = difference.transfer_id
    LEFT JOIN ledger_accounts AS account ON account.id = difference.account_id
    ORDER BY t.number, account.code, difference.side
"""
_EXPECTED = tuple(dict.fromkeys(chain.from_iterable(BY_KIND.values())))
_ALL_DIFFERENT = text(_DIFFERENT.format(differences=differences(_EXPECTED, where="true")))
_DIFFERENT_OF = text(
    _DIFFERENT.format(differences=differences(_EXPECTED, where="moved.transfer_id = ANY(:ids)"))
).bindparams(IDS)
_WITHOUT_TRANSFER = f"""
    SELECT due.fact, due.cause_id, due.kind FROM ({DUE_TRANSFERS}) AS due
    WHERE {{which}} AND NOT EXISTS (
        SELECT FROM ledger_transfers AS t WHERE t.kind = due.kind AND t.cause_id = due.cause_id)
    ORDER BY due.fact, due.cause_id, due.kind
"""  # noqa: S608  # our own text
_ALL_WITHOUT_TRANSFER = text(_WITHOUT_TRANSFER.format(which="true"))
_WITHOUT_TRANSFER_OF = text(_WITHOUT_TRANSFER.format(which="due.cause_id = ANY(:ids)")).bindparams(IDS)

READ_AT_ONCE = 10_000
"""Of ids. Finding them takes looking through the tables."""


async def stream_facts(session: Reader, *, since: Since) -> AsyncIterator[Sequence[UUID]]:
    """Ids of what was recorded or changed since, in parts."""
    async for ids in _stream(session, _FACTS_SINCE, since):
        yield ids


async def stream_transfers(session: Reader, *, since: Since) -> AsyncIterator[Sequence[UUID]]:
    """Ids of the transfers that were written since, or an entry of theirs was, or their cause; in parts."""
    async for ids in _stream(session, _TRANSFERS_SINCE, since):
        yield ids


async def _stream(session: Reader, question: TextClause, since: Since) -> AsyncIterator[Sequence[UUID]]:
    after = FIRST
    while ids := (await session.scalars(question, {"age": since.age, "after": after, "limit": READ_AT_ONCE})).all():
        yield ids
        if len(ids) < READ_AT_ONCE:
            return
        after = ids[-1]


async def list_differences(session: Reader, ids: Sequence[UUID] | None = None) -> list[Row[Any]]:
    """Entries by which transfers, all or these, differ from what their causes say."""
    if ids is None:
        return list(await session.execute(_ALL_DIFFERENT))
    return list(await session.execute(_DIFFERENT_OF, {"ids": ids}))


async def list_facts_without_transfer(session: Reader, ids: Sequence[UUID] | None = None) -> list[Row[Any]]:
    """What is recorded, all of it or of these ids, to have moved money and did not."""
    if ids is None:
        return list(await session.execute(_ALL_WITHOUT_TRANSFER))
    return list(await session.execute(_WITHOUT_TRANSFER_OF, {"ids": ids}))
