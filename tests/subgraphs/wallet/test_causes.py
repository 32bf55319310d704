"""
The database and the books ask the same of what is recorded.

A migration keeps its text for good, and the books do not believe what whoever owns the tables could exchange: so each
has the questions in its own words, and here they are compared.
"""

import re

from sqlalchemy import text

from subgraphs.wallet.crud import causes
from tests.fixtures.databases import MakeDatabase, as_owner

BY_KIND = re.compile(r"WHEN transfer\.kind IN \(([^)]*)\) THEN differs := EXISTS \((.*?)\); (?=WHEN|END CASE)")


def words(sql: str) -> str:
    return " ".join(sql.split())


async def test_a_transfer_is_asked_for_the_same_by_both(make_database: MakeDatabase) -> None:
    async with as_owner(await make_database("wallet")) as session:
        source = await session.scalar(
            text("SELECT prosrc FROM pg_proc WHERE proname = 'ledger_transfer_has_its_cause'")
        )
    asked = {
        kind.strip(" '"): question.strip()
        for kinds, question in BY_KIND.findall(words(source))
        for kind in kinds.split(",")
    }
    assert asked == {
        kind: words(causes.differences(expected, where="moved.transfer_id = NEW.transfer_id"))
        for kind, expected in causes.BY_KIND.items()
    }


async def test_a_fact_is_asked_for_the_same_transfers_by_both(make_database: MakeDatabase) -> None:
    definition = "SELECT pg_get_viewdef(CAST(:name AS regclass))"
    async with as_owner(await make_database("wallet")) as session:
        await session.execute(text(f"CREATE VIEW due_by_the_books AS {causes.DUE_TRANSFERS}"))
        by_both = [
            await session.scalar(text(definition), {"name": name}) for name in ("due_transfers", "due_by_the_books")
        ]
    assert by_both[0] == by_both[1]
