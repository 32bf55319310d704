"""What an investor has, to the cent; and what their lists say."""

import uuid
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.marketplace.schemas import heard
from tests.builders.statements import counted_statements
from tests.subgraphs.marketplace.market import CARLOS, MARINA, OTHER_FARMER, Market, activated, installment_id
from tests.subgraphs.marketplace.secondary_market import buy, offer, swapped, traded

PORTFOLIO = """... on User { portfolio {
  invested { amount } pending { amount } outstanding { amount } expectedIncome { amount }
  activeCount pendingCount settledCount
  byGrade { grade amount { amount } share } byCrop { crop amount { amount } share }
  impact { families hectares cprCount } } }"""

INVESTMENTS = """query ($r: [_Any!]!, $status: [InvestmentStatus!], $first: Int, $after: String) {
  _entities(representations: $r) { ... on User { investments(status: $status, first: $first, after: $after) {
    nodes { id status amount { amount } quotaCount heldQuotas summary occurredAt refusalReason
            offering { id fundedPercent } cpr { id } investor { id } expectedIncome { amount }
            progress { installmentCount paidCount percent nextDueOn } }
    pageInfo { hasNextPage endCursor } } } } }"""


async def portfolio(market: Market, who: uuid.UUID = MARINA) -> dict[str, Any]:
    answer = await market.entities(
        market.tokens.bearer(who, "investor"), PORTFOLIO, {"__typename": "User", "id": str(who)}
    )
    assert "errors" not in answer
    result: dict[str, Any] = answer["data"]["_entities"][0]["portfolio"]
    return result


async def investments(market: Market, **variables: Any) -> dict[str, Any]:
    me = {"__typename": "User", "id": str(MARINA)}
    answer = await market.ask_as(MARINA, INVESTMENTS, "investor", r=[me], **variables)
    page: dict[str, Any] = answer["_entities"][0]["investments"]
    return page


async def test_an_empty_portfolio(market: Market) -> None:
    assert await portfolio(market) == {
        "invested": {"amount": "0.00"},
        "pending": {"amount": "0.00"},
        "outstanding": {"amount": "0.00"},
        "expectedIncome": {"amount": "0.00"},
        "activeCount": 0,
        "pendingCount": 0,
        "settledCount": 0,
        "byGrade": [],
        "byCrop": [],
        "impact": {"families": "0.00", "hectares": "0.00", "cprCount": 0},
    }


async def test_a_portfolio_adds_up(market: Market) -> None:
    soy = await market.open_offering(grade="A", crop="SOY", families_benefited=4, hectares=Decimal(32))
    await market.confirmed(soy, 30)
    await market.confirmed(soy, 70, who=CARLOS)
    await market.disburse(soy)
    await market.deliver(activated(soy.cpr_id, (600_000, 20_000), (400_000, 8_000)))
    paid = heard.InstallmentPaid(
        installment_id=installment_id(soy.cpr_id, 1), cpr_id=soy.cpr_id, paid_at=market.clock.now()
    )
    await market.deliver(paid)
    coffee = await market.open_offering(
        grade="C", crop="COFFEE", families_benefited=3, hectares=Decimal("10.5"), farmer_id=OTHER_FARMER
    )
    await market.confirmed(coffee, 10)
    await market.invest(coffee, 5)
    await market.refuse(await market.invest(coffee, 7))
    assert await portfolio(market) == {
        "invested": {"amount": "4000.00"},
        "pending": {"amount": "500.00"},
        # Soy: 40 % of 3,000.00 is still out. Coffee: all of 1,000.00.
        "outstanding": {"amount": "2200.00"},
        # Soy: 30 % of 80.00 less the fee of 15 %. Coffee: 134.72 of Price interest less the fee.
        "expectedIncome": {"amount": "134.91"},
        "activeCount": 2,
        "pendingCount": 1,
        "settledCount": 0,
        "byGrade": [
            {"grade": "A", "amount": {"amount": "3000.00"}, "share": "0.7500"},
            {"grade": "C", "amount": {"amount": "1000.00"}, "share": "0.2500"},
        ],
        "byCrop": [
            {"crop": "SOY", "amount": {"amount": "3000.00"}, "share": "0.7500"},
            {"crop": "COFFEE", "amount": {"amount": "1000.00"}, "share": "0.2500"},
        ],
        # 30 % of 4 families and 32 ha, 10 % of 3 and 10.5.
        "impact": {"families": "1.50", "hectares": "10.65", "cprCount": 2},
    }


async def test_a_purchase_that_waits_for_the_wallet_is_pending_money(market: Market) -> None:
    """Carlos waits for an investment of R$ 500 and for four quotas at R$ 101; of what was refused he waits no more."""
    _, position = await traded(market)
    made = await offer(market, position, 30)
    other = await market.open_offering(farmer_id=OTHER_FARMER)
    await market.verify(CARLOS)
    await market.invest(other, 5, who=CARLOS)
    asked = [(await buy(market, made["id"], quotas))["id"] for quotas in (4, 3)]
    await market.deliver(heard.QuotaSwapRefused(purchase_id=uuid.UUID(asked[1]), reason="INSUFFICIENT_FUNDS"))
    had = await portfolio(market, CARLOS)
    assert (had["pending"], had["pendingCount"]) == ({"amount": "904.00"}, 2)
    await market.deliver(await swapped(market, asked[0]))
    had = await portfolio(market, CARLOS)
    assert (had["pending"], had["pendingCount"], had["invested"]) == ({"amount": "500.00"}, 1, {"amount": "404.00"})
    assert (await portfolio(market))["pending"] == {"amount": "0.00"}


async def test_who_has_quotas_without_an_investment_has_a_portfolio(market: Market) -> None:
    offering = await market.open_offering(grade="A", crop="SOY", families_benefited=4, hectares=Decimal(32))
    await market.confirmed(offering, 25, who=CARLOS)
    await market.sql("UPDATE quota_positions SET investor_id = :who", who=MARINA)
    had = await portfolio(market)
    assert (had["invested"], had["activeCount"]) == ({"amount": "2500.00"}, 1)
    assert had["byGrade"] == [{"grade": "A", "amount": {"amount": "2500.00"}, "share": "1.0000"}]
    assert had["impact"] == {"families": "1.00", "hectares": "8.00", "cprCount": 1}
    sold = await portfolio(market, CARLOS)
    assert (sold["invested"], sold["activeCount"], sold["impact"]["cprCount"]) == ({"amount": "0.00"}, 0, 0)


async def test_what_is_repaid_is_no_longer_invested_but_was_financed(market: Market) -> None:
    offering = await market.open_offering()
    await market.confirmed(offering, 100)
    await market.disburse(offering)
    await market.deliver(heard.CPRSettled(cpr_id=offering.cpr_id))
    had = await portfolio(market)
    assert (had["invested"], had["activeCount"], had["settledCount"]) == ({"amount": "0.00"}, 0, 1)
    assert had["impact"] == {"families": "4.00", "hectares": "32.00", "cprCount": 1}


async def test_the_list_shows_each_investment_with_its_progress(market: Market) -> None:
    offering = await market.open_offering()
    investment_id = await market.confirmed(offering, 100)
    await market.disburse(offering)
    await market.deliver(activated(offering.cpr_id, (600_000, 20_000), (400_000, 8_000)))
    paid = heard.InstallmentPaid(
        installment_id=installment_id(offering.cpr_id, 1), cpr_id=offering.cpr_id, paid_at=market.clock.now()
    )
    await market.deliver(paid)
    assert (await investments(market))["nodes"] == [
        {
            "id": str(investment_id),
            "status": "ACTIVE",
            "amount": {"amount": "10000.00"},
            "quotaCount": 100,
            "heldQuotas": 100,
            "summary": "Investimento de R$ 10.000,00 (100 cotas): ativo",
            "occurredAt": "2026-11-23T12:00:00.000Z",
            "refusalReason": None,
            "offering": {"id": str(offering.id), "fundedPercent": "100.00"},
            "cpr": {"id": str(offering.cpr_id)},
            "investor": {"id": str(MARINA)},
            "expectedIncome": {"amount": "68.00"},
            "progress": {"installmentCount": 2, "paidCount": 1, "percent": "60.00", "nextDueOn": "2027-02-10"},
        }
    ]


@pytest.mark.parametrize(
    ("reached", "held", "summary", "income"),
    [
        ("PENDING", 0, "Investimento de R$ 100,00 (1 cota): em confirmação", "11.45"),
        ("CONFIRMED", 1, "Investimento de R$ 100,00 (1 cota): confirmado", "11.45"),
        ("REFUSED", 0, "Investimento de R$ 100,00 (1 cota): não realizado", "0.00"),
    ],
)
async def test_a_summary_says_where_an_investment_stands(
    market: Market, reached: str, held: int, summary: str, income: str
) -> None:
    offering = await market.open_offering()
    investment_id = await market.invest(offering, 1)
    if reached == "CONFIRMED":
        await market.deliver(await market.hold_for(investment_id))
    if reached == "REFUSED":
        await market.refuse(investment_id)
    (node,) = (await investments(market))["nodes"]
    assert (node["status"], node["summary"], node["progress"]) == (reached, summary, None)
    assert (node["heldQuotas"], node["expectedIncome"]) == (held, {"amount": income})


async def test_the_list_is_filtered_by_status_and_paged_newest_first(market: Market) -> None:
    offering = await market.open_offering()
    made = []
    for _ in range(5):
        made.append(str(await market.invest(offering, 1)))
        market.clock.advance(seconds=1)
    await market.refuse(uuid.UUID(made[2]))
    await market.invest(offering, 1, who=CARLOS)
    assert [node["id"] for node in (await investments(market, status=["REFUSED"]))["nodes"]] == [made[2]]
    after, walked = None, []
    for _ in range(2):
        page = await investments(market, status=["PENDING"], first=2, after=after)
        walked += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert walked == [made[4], made[3], made[1], made[0]]
    assert page["pageInfo"]["hasNextPage"] is False


async def test_a_list_takes_as_many_statements_however_long_it_is(market: Market) -> None:
    for _ in range(6):
        offering = await market.open_offering(farmer_id=uuid.uuid4())
        await market.confirmed(offering, 1)
    with counted_statements(market.subgraph.database) as statements:
        page = await investments(market)
    assert len(page["nodes"]) == 6
    # Investments; their offerings; the schedules; the rules; what of them was sold.
    assert len(statements) == 5
