"""Looking for offerings: filters, orders, pages; and what an offering says of itself."""

import uuid
from decimal import Decimal
from typing import Any

import pytest

from tests.subgraphs.marketplace.market import CARLOS, MARINA, OTHER_FARMER, Market, OfferedCPR

SEARCH = """query ($filter: OfferingFilter, $sort: OfferingSort! = CLOSING_SOON, $first: Int, $after: String) {
  offerings(filter: $filter, sort: $sort, first: $first, after: $after) {
    nodes { id } pageInfo { hasNextPage endCursor } } }"""


async def three(market: Market) -> dict[str, str]:
    """Three offerings by name and id; each is best at something."""
    soy = await market.open_offering(crop="SOY", region="MT", grade="A", annual_rate=Decimal("0.18"), term_months=12)
    market.clock.advance(days=1)
    maize = await market.open_offering(
        crop="MAIZE", region="PR", grade="B", annual_rate=Decimal("0.24"), term_months=18, farmer_id=OTHER_FARMER
    )
    market.clock.advance(days=1)
    coffee = await market.open_offering(
        crop="COFFEE", region="MG", grade="C", annual_rate=Decimal("0.30"), term_months=6, farmer_id=uuid.uuid4()
    )
    await market.confirmed(maize, 70, who=MARINA)
    await market.confirmed(coffee, 20, who=MARINA)
    return {"soy": str(soy.id), "maize": str(maize.id), "coffee": str(coffee.id)}


async def search(market: Market, **variables: Any) -> dict[str, Any]:
    answer: dict[str, Any] = (await market.ask_as(CARLOS, SEARCH, "investor", **variables))["offerings"]
    return answer


async def found(market: Market, names: dict[str, str], **variables: Any) -> list[str]:
    by_id = {offering_id: name for name, offering_id in names.items()}
    return [by_id[node["id"]] for node in (await search(market, **variables))["nodes"]]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, ["soy", "maize", "coffee"]),
        ({"crop": ["SOY", "COFFEE"]}, ["soy", "coffee"]),
        ({"region": ["PR"]}, ["maize"]),
        ({"grade": ["A", "B"]}, ["soy", "maize"]),
        ({"annualRateMin": "0.24"}, ["maize", "coffee"]),
        ({"annualRateMax": "0.24"}, ["soy", "maize"]),
        ({"termMonthsMin": 7, "termMonthsMax": 12}, ["soy"]),
        ({"fundedPercentMin": "20"}, ["maize", "coffee"]),
        ({"fundedPercentMax": "69.99"}, ["soy", "coffee"]),
        ({"status": ["FUNDED"]}, []),
        ({"crop": []}, []),
        ({"crop": ["SOY"], "region": ["PR"]}, []),
    ],
)
async def test_filters_narrow_the_list(market: Market, wanted: dict[str, Any], expected: list[str]) -> None:
    names = await three(market)
    assert await found(market, names, filter=wanted) == expected


ORDERS = [
    ("CLOSING_SOON", ["soy", "maize", "coffee"]),
    ("NEWEST", ["coffee", "maize", "soy"]),
    ("HIGHEST_RATE", ["coffee", "maize", "soy"]),
    ("SHORTEST_TERM", ["coffee", "soy", "maize"]),
    ("MOST_FUNDED", ["maize", "coffee", "soy"]),
]


@pytest.mark.parametrize(("sort", "expected"), ORDERS)
async def test_lists_are_ordered_and_paged(market: Market, sort: str, expected: list[str]) -> None:
    names = await three(market)
    assert await found(market, names, sort=sort) == expected
    by_id = {offering_id: name for name, offering_id in names.items()}
    after, walked = None, []
    for has_next in (True, True, False):
        page = await search(market, sort=sort, first=1, after=after)
        walked.append(by_id[page["nodes"][0]["id"]])
        assert page["pageInfo"]["hasNextPage"] is has_next
        after = page["pageInfo"]["endCursor"]
    assert walked == expected
    assert (await search(market, sort=sort, first=1, after=after))["nodes"] == []


async def test_equal_sort_keys_lose_nothing_between_pages(market: Market) -> None:
    opened = {str((await market.open_offering()).id) for _ in range(5)}
    after, walked = None, []
    for _ in range(3):
        page = await search(market, sort="HIGHEST_RATE", first=2, after=after)
        walked += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert sorted(walked) == sorted(opened)


@pytest.mark.parametrize("variables", [{"first": 0}, {"first": 101}, {"after": "nonsense"}, {"after": "AAAA"}])
async def test_a_page_must_make_sense(market: Market, variables: dict[str, Any]) -> None:
    answer = await market.ask(SEARCH, market.tokens.bearer(CARLOS), **variables)
    assert answer["data"] == {"offerings": None}
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_cursor_belongs_to_its_order(market: Market) -> None:
    await three(market)
    page = await search(market, sort="NEWEST", first=1)
    answer = await market.ask(
        SEARCH, market.tokens.bearer(CARLOS), sort="HIGHEST_RATE", after=page["pageInfo"]["endCursor"]
    )
    assert answer["errors"][0]["message"] == "`after` belongs to a list in another order"


OFFERING = """query ($id: ID!) { offering(id: $id) {
  id quotaCount quotaPrice { amount currency } reservedQuotas availableQuotas fundedQuotas fundedAmount { amount }
  fundedPercent status openedAt closesAt decideBy investorsCount expectedNetReturn cpr { id } } }"""


async def one(market: Market, offering_id: object) -> Any:
    return (await market.ask_as(CARLOS, OFFERING, id=str(offering_id)))["offering"]


async def test_an_offering_says_how_far_it_is(market: Market) -> None:
    offering = await market.open_offering(principal_minor=30_000)
    await market.confirmed(offering, 1, who=MARINA)
    await market.invest(offering, 1, who=CARLOS)
    assert await one(market, offering.id) == {
        "id": str(offering.id),
        "quotaCount": 3,
        "quotaPrice": {"amount": "100.00", "currency": "BRL"},
        "reservedQuotas": 2,
        "availableQuotas": 1,
        "fundedQuotas": 1,
        "fundedAmount": {"amount": "100.00"},
        "fundedPercent": "33.33",
        "status": "OPEN",
        "openedAt": "2026-11-23T12:00:00.000Z",
        "closesAt": "2026-12-23T12:00:00.000Z",
        "decideBy": None,
        "investorsCount": 1,
        "expectedNetReturn": "0.2242",
        "cpr": {"id": str(offering.cpr_id)},
    }


async def test_an_investor_counts_once(market: Market) -> None:
    offering = await market.open_offering()
    for _ in range(2):
        await market.confirmed(offering, 10, who=MARINA)
    await market.confirmed(offering, 10, who=CARLOS)
    assert (await one(market, offering.id))["investorsCount"] == 2


async def test_nearly_funded_is_not_shown_as_funded(market: Market) -> None:
    offering = await market.open_offering(principal_minor=500_000_000)  # 50,000 quotas
    await market.sql(
        "INSERT INTO parameters VALUES ('borrower_limit_minor', '2020-01-02', 1000000000, 'higher')",
    )
    await market.confirmed(offering, 49_999)
    assert (await one(market, offering.id))["fundedPercent"] == "99.99"


@pytest.mark.parametrize("offering_id", [uuid.uuid4(), "nonsense"])
async def test_an_unknown_offering_is_absent(market: Market, offering_id: object) -> None:
    assert await one(market, offering_id) is None


async def test_strangers_to_the_platform_see_no_offerings(market: Market) -> None:
    offering: OfferedCPR = await market.open_offering()
    for query, variables in ((OFFERING, {"id": str(offering.id)}), (SEARCH, {})):
        answer = await market.ask(query, None, **variables)
        assert answer["data"] is None or set(answer["data"].values()) == {None}
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
