"""What is due is found by the index of what is due, however much has been paid, and whatever day is asked for."""

from collections.abc import Awaitable, Callable
from datetime import date

import pytest

from subgraphs.contracts.crud import cprs, renegotiations
from subgraphs.shared.database import Database
from subgraphs.shared.graphql.paging import PageRequest
from tests.builders.statements import explain_for_all_values, noted_statements
from tests.fixtures.databases import MakeDatabase

TODAY = date(2027, 3, 14)
Look = Callable[[Database], Awaitable[object]]


async def due_soon(database: Database) -> None:
    async with database.begin() as session:
        assert await cprs.lock_due_soon(session, first=TODAY, last=TODAY) == []


async def overdue(database: Database) -> None:
    async with database.begin() as session:
        assert await cprs.lock_overdue(session, TODAY) == []


async def the_analysts_queue(database: Database) -> None:
    async with database.read() as session:
        assert await renegotiations.list_queue(session, PageRequest(first=20, after=None), last_day=TODAY) == []


@pytest.mark.parametrize("look", [due_soon, overdue, the_analysts_queue], ids=lambda look: look.__name__)
async def test_the_index_of_what_is_due_leads_to_it(look: Look, make_database: MakeDatabase) -> None:
    database = await make_database("contracts")
    with noted_statements(database) as sent:
        await look(database)
    (asked,) = [each for each in sent if "installments" in each[0]]
    plan = await explain_for_all_values(database, asked)
    place = plan.index("ix_installments_due_on")
    assert "Index Cond: ((due_on" in plan[place:] or "Index Cond: (due_on" in plan[place:], plan
    assert "pk_installments" not in plan, plan
