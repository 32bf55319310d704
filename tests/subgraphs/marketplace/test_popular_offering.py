"""An offering that everybody wants: its row is waited for without a connection, and nobody else notices."""

import asyncio
import uuid

from subgraphs.marketplace.core.settings import MarketplaceSettings
from subgraphs.marketplace.main import create_subgraph
from subgraphs.shared.turns import Row
from tests.fixtures.tokens import in_good_standing
from tests.subgraphs.marketplace.market import MARINA, Market, OfferedCPR

OFFERINGS = "{ offerings(first: 5) { nodes { id } } }"


async def test_fifty_at_once_into_one_offering_and_a_hundred_and_forty_who_look_all_succeed(market: Market) -> None:
    crowd = [uuid.uuid4() for _ in range(50)]
    await market.verify(*crowd)
    offering = await market.open_offering()
    investing = [market.try_to_invest(offering, 1, who=person) for person in crowd]
    looking = [market.ask_as(MARINA, OFFERINGS) for _ in range(140)]
    answers = await asyncio.gather(*investing, *looking)
    assert [answer["status"] for answer in answers[:50]] == ["PENDING"] * 50
    assert answers[50:] == [{"offerings": {"nodes": [{"id": str(offering.id)}]}}] * 140
    assert (await market.offering(offering))["reserved_quotas"] == 50


async def test_who_waits_for_one_offering_leaves_every_connection_to_another(market: Market) -> None:
    crowd = [uuid.uuid4() for _ in range(20)]
    await market.verify(*crowd)
    popular, quiet = await market.open_offering(), await market.open_offering()
    async with market.subgraph.database.turns.of(Row("offering", popular.id)):
        waiting = [asyncio.create_task(market.try_to_invest(popular, 1, who=person)) for person in crowd]
        assert (await market.try_to_invest(quiet, 1))["status"] == "PENDING"
    assert [answer["status"] for answer in await asyncio.gather(*waiting)] == ["PENDING"] * 20


async def test_who_comes_when_too_many_wait_is_told_to_try_again_and_nothing_is_reserved(market: Market) -> None:
    settings = MarketplaceSettings(database_url=market.subgraph.database.url, row_waiting_max=1)
    subgraph = create_subgraph(settings, verifier=market.tokens.verifier, clock=market.clock)
    subgraph.standing.ask_accounts = in_good_standing
    narrow = Market(subgraph, market.tokens, market.clock, market.keys)
    crowd = [uuid.uuid4() for _ in range(5)]
    await market.verify(*crowd)
    offering = await market.open_offering()
    try:
        answers = await asyncio.gather(*(narrow.try_to_invest(offering, 1, who=person) for person in crowd))
    finally:
        await subgraph.close()
    accepted = [answer for answer in answers if answer["__typename"] == "Investment"]
    busy = {
        "__typename": "Busy",
        "code": "Busy",
        "message": "Há muita gente fazendo isto agora. Tente de novo em instantes.",
        "messageEnglish": "Many are doing this right now. Try again in a moment.",
    }
    assert [answer for answer in answers if answer not in accepted] == [busy] * (5 - len(accepted))
    assert len(accepted) < 5
    assert (await market.offering(offering))["reserved_quotas"] == len(accepted)


async def test_one_person_who_sends_much_at_once_holds_one_connection(market: Market) -> None:
    offerings: list[OfferedCPR] = [await market.open_offering() for _ in range(8)]
    async with market.subgraph.database.turns.of(Row("person", MARINA)):
        waiting = [asyncio.create_task(market.try_to_invest(offering, 1)) for offering in offerings]
        await market.confirmed(offerings[0], 1, who=(await another(market)))
    assert [answer["status"] for answer in await asyncio.gather(*waiting)] == ["PENDING"] * 8


async def another(market: Market) -> uuid.UUID:
    person = uuid.uuid4()
    await market.verify(person)
    return person
