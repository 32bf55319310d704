"""A look of staff that cannot be written down is not had, and what is written down stays."""

from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from launch.databases import DomainUrls
from tests.fixtures.databases import MakeDatabase, Server
from tests.fixtures.tokens import TokenIssuer
from tests.subgraphs.credit.credit_builders import ANA, SERGIO, Credit, make_credit

REQUEST = "query($id: ID!) { creditRequest(id: $id) { id carNumber } }"


@pytest_asyncio.fixture
async def credit(make_database: MakeDatabase, tokens: TokenIssuer) -> Credit:
    return make_credit(await make_database("credit"), tokens)


async def looks(credit: Credit) -> list[tuple[UUID, UUID, str, bool]]:
    async with credit.subgraph.database.read() as session:
        rows = await session.execute(text("SELECT actor_id, user_id, sight, correlation_id FROM staff_looks"))
        return [(row[0], row[1], row[2], bool(row[3])) for row in rows]


async def test_the_owners_own_look_is_none_and_the_analysts_is_one(credit: Credit) -> None:
    request_id = await credit.scored_request()
    await credit.ask(SERGIO, REQUEST, id=request_id)
    assert await looks(credit) == []
    await credit.ask(ANA, REQUEST, id=request_id)
    assert await looks(credit) == [(ANA, SERGIO, "CREDIT", True)]
    await credit.subgraph.close()


async def test_what_cannot_be_written_down_is_not_shown(credit: Credit, monkeypatch: pytest.MonkeyPatch) -> None:
    request_id = await credit.scored_request()

    async def fail(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("no room on the disk")

    monkeypatch.setattr("subgraphs.shared.staff_looks.write_down", fail)
    answer = await credit.execute(ANA, REQUEST, id=request_id)
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
    assert (await credit.ask(SERGIO, REQUEST, id=request_id))["creditRequest"]["id"] == request_id
    await credit.subgraph.close()


@pytest.mark.parametrize(
    "change", ["UPDATE staff_looks SET sight = 'INCOME'", "DELETE FROM staff_looks", "TRUNCATE staff_looks"]
)
async def test_looks_are_never_changed(credit: Credit, postgres: Server, change: str) -> None:
    await credit.ask(ANA, REQUEST, id=await credit.scored_request())
    with pytest.raises(DBAPIError, match="permission denied"):
        async with credit.subgraph.database.begin() as session:
            await session.execute(text(change))
    mistaken = await asyncpg.connect(_owner_url(credit, await postgres.template("credit")))
    with pytest.raises(asyncpg.RaiseError, match="added, never changed"):
        await mistaken.execute(change)
    await mistaken.close()
    await credit.subgraph.close()


def _owner_url(credit: Credit, template: DomainUrls) -> str:
    database = make_url(credit.subgraph.database.url).database
    return make_url(template.owner).set(database=database).render_as_string(hide_password=False)
