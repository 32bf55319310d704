"""How the database finds the pages of a sorted list, when there are many rows."""

from tests.builders.statements import explain, noted_statements
from tests.subgraphs.marketplace.market import CARLOS, Market


async def assert_pages_are_read_in_order(market: Market, search: str, *, table: str, sort: str) -> None:
    """*search* asks for five rows of *table*: one statement a page, which reads an index in the order of *sort*."""
    after = None
    for _ in range(2):
        with noted_statements(market.subgraph.database) as sent:
            (page,) = (await market.ask_as(CARLOS, search, "investor", sort=sort, after=after)).values()
        (asked,) = [each for each in sent if f"FROM {table}" in each[0]]
        plan = await explain(market.subgraph.database, asked)
        assert len(page["nodes"]) == 5
        assert plan.startswith("Limit"), plan
        assert "Index Scan" in plan, plan
        assert "Sort" not in plan.replace("Presorted", ""), plan
        assert "Seq Scan" not in plan, plan
        after = page["pageInfo"]["endCursor"]
