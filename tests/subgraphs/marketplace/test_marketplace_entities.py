"""Who sees what through `_entities`: anonymous, stranger, owner, staff."""

import uuid
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.marketplace.schemas import heard
from tests.subgraphs.marketplace.market import FARMER, MARINA, STRANGER, Market, OfferedCPR

PEOPLE = {
    "anonymous": None,
    "stranger": (STRANGER, "investor"),
    "farmer": (FARMER, "farmer"),
    "owner": (MARINA, "investor"),
    "staff": (uuid.UUID(int=99), "analyst", "admin"),
}


def headers(market: Market, who: str) -> dict[str, str]:
    person = PEOPLE[who]
    return market.tokens.bearer(*person) if person else {}


async def seen(market: Market, who: str, fields: str, representation: dict[str, Any]) -> Any:
    answer = await market.entities(headers(market, who), fields, representation)
    assert "errors" not in answer, answer["errors"]
    return answer["data"]["_entities"][0]


@pytest.fixture
async def offering(market: Market) -> OfferedCPR:
    return await market.open_offering()


@pytest.mark.parametrize("who", PEOPLE)
async def test_an_investment_is_its_owners_alone(market: Market, offering: OfferedCPR, who: str) -> None:
    investment_id = str(await market.invest(offering, 1, who=MARINA))
    result = await seen(
        market,
        who,
        "... on Investment { id quotaCount summary occurredAt }",
        {"__typename": "Investment", "id": investment_id},
    )
    expected = {
        "__typename": "Investment",
        "id": investment_id,
        "quotaCount": 1,
        "summary": "Investimento de R$ 100,00 (1 cota): em confirmação",
        "occurredAt": "2026-11-23T12:00:00.000Z",
    }
    assert result == (expected if who == "owner" else None)


@pytest.mark.parametrize("who", PEOPLE)
async def test_a_portfolio_and_investments_are_their_owners_alone(market: Market, who: str) -> None:
    fields = "... on User { id portfolio { pendingCount } investments { nodes { id } } }"
    result = await seen(market, who, fields, {"__typename": "User", "id": str(MARINA)})
    if who == "anonymous":
        assert result is None
        return
    mine = who == "owner"
    assert result == {
        "__typename": "User",
        "id": str(MARINA),
        "portfolio": {"pendingCount": 0} if mine else None,
        "investments": {"nodes": []} if mine else None,
    }


@pytest.mark.parametrize("who", PEOPLE)
async def test_an_offering_is_seen_by_whoever_is_signed_in(market: Market, offering: OfferedCPR, who: str) -> None:
    result = await seen(
        market, who, "... on Offering { quotaCount }", {"__typename": "Offering", "id": str(offering.id)}
    )
    assert result == (None if who == "anonymous" else {"__typename": "Offering", "quotaCount": 100})


@pytest.mark.parametrize("who", PEOPLE)
async def test_a_cprs_offering_is_seen_by_whoever_is_signed_in(market: Market, offering: OfferedCPR, who: str) -> None:
    result = await seen(
        market, who, "... on CPR { offering { id } }", {"__typename": "CPR", "id": str(offering.cpr_id)}
    )
    assert result == (None if who == "anonymous" else {"__typename": "CPR", "offering": {"id": str(offering.id)}})


async def test_a_cpr_that_is_not_offered_has_no_offering(market: Market) -> None:
    result = await seen(market, "owner", "... on CPR { offering { id } }", {"__typename": "CPR", "id": str(FARMER)})
    assert result == {"__typename": "CPR", "offering": None}


@pytest.mark.parametrize("typename", ["Investment", "Offering"])
@pytest.mark.parametrize("id_", [str(uuid.UUID(int=5)), "nonsense"])
async def test_what_does_not_exist_is_absent(market: Market, typename: str, id_: str) -> None:
    assert await seen(market, "owner", "", {"__typename": typename, "id": id_}) is None


async def test_the_expected_return_follows_the_terms_that_contracts_gives(market: Market, offering: OfferedCPR) -> None:
    representation = {
        "__typename": "Offering",
        "id": str(offering.id),
        "cpr": {"__typename": "CPR", "annualRate": "0.10", "termMonths": 24},
    }
    result = await seen(market, "owner", "... on Offering { expectedNetReturn }", representation)
    # 1.1 ^ (1 / 12) - 1 = 0.797 % a month, of which 85 % are left
    assert result == {"__typename": "Offering", "expectedNetReturn": "0.0844"}


async def test_a_month_of_the_expected_return_is_as_contracts_reckons_it(market: Market) -> None:
    nominal = await market.open_offering(annual_rate=Decimal("0.24"), monthly_rate=Decimal("0.02"))
    representation = {
        "__typename": "Offering",
        "id": str(nominal.id),
        "cpr": {"__typename": "CPR", "annualRate": "0.240", "termMonths": 12},
    }
    result = await seen(market, "owner", "... on Offering { expectedNetReturn }", representation)
    assert result == {"__typename": "Offering", "expectedNetReturn": "0.2242"}


async def test_fee_and_tax_of_the_expected_return_are_dated(market: Market, offering: OfferedCPR) -> None:
    for day, tax_rate in (("2026-11-24", "0"), ("2026-11-25", "0.20")):
        rates = {"performance_fee_rate": "0.20", "income_tax_rate": tax_rate}
        await market.deliver(heard.DeductionsLaidDown.model_validate({"valid_from": day, **rates}))
    returns = []
    for _ in range(3):
        result = await seen(
            market, "owner", "... on Offering { expectedNetReturn }", {"__typename": "Offering", "id": str(offering.id)}
        )
        returns.append(result["expectedNetReturn"])
        market.clock.advance(days=1)
    # (1 + 0.02 k) ^ 12 - 1 for k = 0.85, 0.80 and 0.60
    assert returns == ["0.2242", "0.2098", "0.1539"]


async def test_many_entities_are_looked_up_together(market: Market) -> None:
    offerings = [await market.open_offering() for _ in range(3)]
    answer = await market.entities(
        headers(market, "owner"),
        "... on Offering { id }",
        *({"__typename": "Offering", "id": str(offering.id)} for offering in reversed(offerings)),
    )
    assert [row["id"] for row in answer["data"]["_entities"]] == [str(offering.id) for offering in reversed(offerings)]
