"""Those who invest at once are served in one transaction, each as if alone."""

import asyncio
import re
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from subgraphs.marketplace.crud import offerings as offering_rows
from subgraphs.marketplace.domain import investments
from subgraphs.marketplace.schemas import events
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.turns import Row
from tests.builders.statements import counted_statements
from tests.subgraphs.marketplace.market import CARLOS, FARMER, MARINA, OTHER_FARMER, STRANGER, Market, OfferedCPR
from tests.subgraphs.marketplace.test_never_oversold import assert_books_agree

FIRST = uuid.UUID(int=0xF1)
CROWD = [uuid.UUID(int=0xF2 + number) for number in range(8)]


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110  # nothing tells of it
        await asyncio.sleep(0)


async def together(market: Market, *asked: tuple[OfferedCPR, dict[str, Any]]) -> list[Any]:
    """What those get who ask while another transaction of the kind is under way: they are one set."""
    await market.verify(FIRST, *CROWD)
    investing, database = market.subgraph.services.investing, market.subgraph.database
    offering = asked[0][0]
    async with database.begin() as elsewhere:  # as another process has it
        await offering_rows.lock_offering(elsewhere, offering.id)
        tasks = [asyncio.create_task(market.try_to_invest(offering, 1, who=FIRST))]
        await until(lambda: not database.turns.is_free(Row("offering", offering.id)))
        for waiting, (wanted, how) in enumerate(asked, start=1):
            tasks.append(asyncio.create_task(market.try_to_invest(wanted, **how)))
            await until(lambda waiting=waiting: len(investing) == waiting)  # type: ignore[misc]
    first, *answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(first, dict)
    assert first["status"] == "PENDING"
    for row in await market.sql("SELECT id FROM offerings"):
        await assert_books_agree(market, row["id"])
    return answers


async def test_what_eight_want_together_takes_as_many_statements_as_one_wants(market: Market) -> None:
    offering = await market.open_offering()
    with counted_statements(market.subgraph.database) as alone:
        await market.invest(offering, 1, who=CARLOS)
    with counted_statements(market.subgraph.database) as all_of_them:
        answers = await together(market, *((offering, {"quotas": 2, "who": person}) for person in CROWD))
    assert [answer["status"] for answer in answers] == ["PENDING"] * 8
    assert (await market.offering(offering))["reserved_quotas"] == 18
    assert of_investing(all_of_them) == sorted(of_investing(alone) * 2)  # who waited for nobody, and the eight
    assert len(of_investing(alone)) == 4


def of_investing(statements: list[str]) -> list[str]:
    """Those that write what an investment is."""
    writing = re.compile("INSERT INTO (investments|outbox|idempotency_keys)|UPDATE offerings")
    return sorted(found[0] for statement in statements if (found := writing.match(statement)))


async def test_each_has_the_answer_that_it_would_have_alone_and_keeps_it(market: Market) -> None:
    offering = await market.open_offering()
    kept = await market.try_to_invest(offering, 2, who=CARLOS, key="carlos-before")
    asked: list[dict[str, Any]] = [
        {"quotas": 90, "who": CROWD[0], "key": "takes-most"},
        {"quotas": 20, "who": CROWD[1], "key": "too-many"},
        {"quotas": 1, "who": CROWD[2], "key": "no-phrase", "phrase": None},
        {"quotas": 1, "who": STRANGER, "key": "not-verified"},
        {"quotas": 2, "who": CARLOS, "key": "carlos-before"},
        {"quotas": 7, "who": MARINA, "key": "takes-all"},
    ]
    answers = await together(market, *((offering, how) for how in asked))
    assert [answer.get("code", answer.get("status")) for answer in answers] == [
        "PENDING",
        "QuotasUnavailable",
        "ConcentrationNotConfirmed",
        "InvestorNotVerified",
        "PENDING",
        "PENDING",
    ]
    assert answers[1]["availableQuotas"] == 7
    assert answers[4]["id"] == kept["id"]
    assert (await market.offering(offering))["reserved_quotas"] == 100
    # What was decided is the key's answer; what was not may be sent again.
    assert await market.try_to_invest(offering, **asked[1]) == answers[1]
    assert (await market.try_to_invest(offering, **asked[0]))["id"] == answers[0]["id"]
    again = asked[2] | {"phrase": "EU ENTENDO O RISCO"}
    assert (await market.try_to_invest(offering, **again))["code"] == "QuotasUnavailable"


async def test_offerings_are_wanted_together_each_with_its_own_limits(market: Market) -> None:
    first = await market.open_offering()
    second = await market.open_offering(farmer_id=OTHER_FARMER)
    await market.invest(first, 50, who=MARINA)
    unknown = OfferedCPR(uuid.uuid4(), uuid.uuid4(), uuid.uuid4())
    offerings = [first, second, first, second, unknown]
    asked: list[dict[str, Any]] = [
        {"quotas": 40, "who": CROWD[0]},
        {"quotas": 120, "who": MARINA},  # of another farmer: their limit is theirs
        {"quotas": 20, "who": CARLOS},
        {"quotas": 1, "who": FARMER},
        {"quotas": 1, "who": CROWD[1]},
    ]
    await market.verify(FARMER)
    answers = await together(market, *zip(offerings, asked, strict=True))
    assert [answer.get("code", answer.get("status")) for answer in answers] == [
        "PENDING",
        "QuotasUnavailable",
        "QuotasUnavailable",
        "PENDING",
        "OfferingNotFound",
    ]
    assert [(await market.offering(it))["reserved_quotas"] for it in (first, second)] == [91, 1]
    limited = await together(market, (first, {"quotas": 1, "who": CROWD[2]}), (second, {"quotas": 99, "who": MARINA}))
    assert [answer["status"] for answer in limited] == ["PENDING", "PENDING"]


async def test_the_same_key_for_something_else_is_told_so_among_others(market: Market) -> None:
    offering = await market.open_offering()
    await market.invest(offering, 3, who=CARLOS, key="carlos-once")
    carlos, marina = await together(
        market,
        (offering, {"quotas": 4, "who": CARLOS, "key": "carlos-once"}),
        (offering, {"quotas": 5, "who": MARINA}),
    )
    assert (carlos["code"], marina["status"]) == ("IdempotencyKeyReused", "PENDING")
    assert (await market.offering(offering))["reserved_quotas"] == 9


async def test_one_that_fails_fails_alone(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    offering = await market.open_offering()
    record = outbox.record

    def record_unless_of_marina(session: Any, payload: Any, **options: Any) -> Event:
        if isinstance(payload, events.InvestmentRequested) and payload.investor_id == MARINA:
            raise ValueError("poisoned")
        return record(session, payload, **options)

    monkeypatch.setattr(investments.outbox, "record", record_unless_of_marina)
    asked = [{"quotas": 5, "who": who} for who in (CARLOS, MARINA, CROWD[0])]
    carlos, marina, another = await together(market, *((offering, how) for how in asked))
    assert (carlos["status"], type(marina), another["status"]) == ("PENDING", AssertionError, "PENDING")
    investors = await market.sql("SELECT investor_id FROM investments ORDER BY quota_count, id")
    assert {row["investor_id"] for row in investors} == {FIRST, CARLOS, CROWD[0]}


async def test_what_each_leads_to_belongs_to_its_own_request(market: Market) -> None:
    offering = await market.open_offering()
    before = len(await market.recorded())
    await together(market, *((offering, {"quotas": 1, "who": person}) for person in CROWD))
    rows = await market.sql("SELECT correlation_id, data ->> 'investor_id' AS who FROM outbox ORDER BY id")
    told = rows[before:]
    assert [uuid.UUID(row["who"]) for row in told] == [FIRST, *CROWD]
    assert len({row["correlation_id"] for row in told}) == 9


async def test_one_person_is_in_a_set_once(market: Market) -> None:
    offering = await market.open_offering()
    wishes = [
        investments.Wish(investments.Invest(offering.id, 1, f"some-key-{number}", None), investor_id=MARINA)
        for number in range(2)
    ]
    with pytest.raises(ValueError, match="one wish at a time"):
        async with market.subgraph.database.begin() as session:
            await investments.invest(session, wishes, now=market.clock.now())


async def test_a_key_that_is_taken_meanwhile_undoes_the_set(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    offering = await market.open_offering()
    await market.sql(
        "INSERT INTO idempotency_keys VALUES (:who, 'taken-by-another', 'x', :who, NULL, now())", who=MARINA
    )

    async def nothing_earlier(_session: object, requests: Sequence[object]) -> list[None]:
        return [None] * len(requests)

    monkeypatch.setattr(investments.idempotency, "list_answers", nothing_earlier)
    carlos, marina = await together(
        market,
        (offering, {"quotas": 5, "who": CARLOS}),
        (offering, {"quotas": 5, "who": MARINA, "key": "taken-by-another"}),
    )
    assert (carlos["status"], marina["code"]) == ("PENDING", "Busy")
    assert (await market.offering(offering))["reserved_quotas"] == 6
