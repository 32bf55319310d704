"""The price that is suggested for a quota: what is to come of it, brought to today."""

from datetime import UTC, datetime
from typing import Any

import pytest

from subgraphs.marketplace.crud.parameters import TOLD
from subgraphs.marketplace.schemas import heard
from tests.subgraphs.marketplace.market import CARLOS, MARINA, Market, installment_id, renegotiated
from tests.subgraphs.marketplace.secondary_market import traded


async def test_the_fair_price_is_what_is_to_come_brought_to_today(market: Market) -> None:
    """Of each quota: 60.00 + 85 % of 2.00 on 2027-01-10, and 40.00 + 85 % of 0.80 on 2027-02-10, at 15.5 % a year."""
    offering, position = await traded(market)
    query = """... on QuotaPosition { quotaCount cost { amount } wasBought fairPrice { pricePerQuota { amount }
      explanation explanationEnglish discountRate
      lines { number dueOn amount { amount } presentValue { amount } } } }"""
    headers = market.tokens.bearer(MARINA, "investor")
    reference = {"__typename": "QuotaPosition", "id": str(position)}
    market.clock.instant = datetime(2027, 1, 10, 12, tzinfo=UTC)
    (seen,) = (await market.entities(headers, query, reference))["data"]["_entities"]
    assert seen["fairPrice"]["lines"] == [
        {"number": 1, "dueOn": "2027-01-10", "amount": {"amount": "61.70"}, "presentValue": {"amount": "61.70"}},
        # 40.68 / 1.155 to the power 31/365
        {"number": 2, "dueOn": "2027-02-10", "amount": {"amount": "40.68"}, "presentValue": {"amount": "40.19"}},
    ]
    assert seen["fairPrice"]["pricePerQuota"] == {"amount": "101.89"}
    assert seen["fairPrice"]["explanation"] == (
        "Soma do que cada cota ainda recebe, após taxa e imposto, trazida a hoje a 15,5 % ao ano (risco B). "
        "Não considera atraso nem inadimplência."
    )
    assert seen["fairPrice"]["explanationEnglish"] == (
        "The sum of what each quota still receives, after fee and tax, brought to today at 15.5 % a year (risk B). "
        "It does not consider lateness or default."
    )
    paid = heard.InstallmentPaid(
        installment_id=installment_id(offering.cpr_id, 1), cpr_id=offering.cpr_id, paid_at=market.clock.now()
    )
    await market.deliver(paid)
    (seen,) = (await market.entities(headers, query, reference))["data"]["_entities"]
    assert seen["fairPrice"]["pricePerQuota"] == {"amount": "40.19"}
    assert (await market.entities(market.tokens.bearer(CARLOS, "investor"), query, reference))["data"]["_entities"] == [
        None
    ]


@pytest.mark.parametrize(
    ("parameter", "value", "price"),
    [
        ("discount_rate_b", "0.30", "101.48"),  # 40.68 / 1.30 to the power 31/365 is 39.78
        ("discount_rate_c", "0.30", "101.89"),  # of another grade
        ("performance_fee_rate", "0.20", "101.75"),  # 61.60, and 40.64 of which 40.15 is left
        ("income_tax_rate", "0.20", "101.33"),  # 61.30, and 40.52 of which 40.03 is left
    ],
)
async def test_the_fair_price_is_by_the_parameters_of_the_day(
    market: Market, parameter: str, value: str, price: str
) -> None:
    _, position = await traded(market)
    if parameter in TOLD:
        rates = {"performance_fee_rate": "0.15", "income_tax_rate": "0", parameter: value}
        await market.deliver(heard.DeductionsLaidDown.model_validate({"valid_from": "2027-01-10", **rates}))
    else:
        await market.sql(f"INSERT INTO parameters VALUES ('{parameter}', '2027-01-10', {value}, 'for tests')")  # noqa: S608
    fields = "... on QuotaPosition { fairPrice { pricePerQuota { amount } } }"
    reference = {"__typename": "QuotaPosition", "id": str(position)}
    market.clock.instant = datetime(2027, 1, 10, 12, tzinfo=UTC)
    (seen,) = (await market.entities(market.tokens.bearer(MARINA, "investor"), fields, reference))["data"]["_entities"]
    assert seen["fairPrice"]["pricePerQuota"] == {"amount": price}


@pytest.mark.parametrize(
    ("told", "settled_minor", "price", "income"),
    [
        ({}, 0, "103.85", "385.00"),  # 100.00, 85 % of 1.00 and all of 3.00
        ({}, 100_00, "102.85", "285.00"),  # what was paid went to late charges first
        ({}, 350_00, "100.43", "42.50"),  # 85 % of 0.50 is all the interest that is left
        ({"fee_of_late_charges": True}, 0, "103.40", "340.00"),  # 85 % of 4.00
        ({"income_tax_rate": "0.20"}, 0, "103.05", "305.00"),  # 65 % of 1.00 and 80 % of 3.00
        ({"income_tax_rate": "0.20", "is_taxed_after_fee": True}, 0, "103.08", "308.00"),  # 80 % of 0.85 and of 3.00
    ],
)
async def test_of_late_charges_that_were_carried_is_taken_what_distribution_takes(
    market: Market, told: dict[str, Any], settled_minor: int, price: str, income: str
) -> None:
    """Of each quota one installment of 100.00 and 4.00, of which 3.00 are fine and interest for being late."""
    offering, position = await traded(market)
    rates = {"performance_fee_rate": "0.15", "income_tax_rate": "0"}
    await market.deliver(heard.DeductionsLaidDown.model_validate({"valid_from": "2027-01-10"} | rates | told))
    agreed = renegotiated(offering.cpr_id, (1, 2), (10_000_00, 400_00))
    agreed.installments[0].carried_late_minor = 300_00
    await market.deliver(agreed)
    if settled_minor:
        part = heard.InstallmentPartlyPaid(
            installment_id=installment_id(offering.cpr_id, 101),
            cpr_id=offering.cpr_id,
            payment_number=1,
            settled_minor=settled_minor,
        )
        await market.deliver(part)
    market.clock.instant = datetime(2027, 1, 10, 12, tzinfo=UTC)
    fields = "... on QuotaPosition { fairPrice { pricePerQuota { amount } } expectedIncome { amount } }"
    reference = {"__typename": "QuotaPosition", "id": str(position)}
    (seen,) = (await market.entities(market.tokens.bearer(MARINA, "investor"), fields, reference))["data"]["_entities"]
    assert seen["fairPrice"]["pricePerQuota"] == {"amount": price}
    assert seen["expectedIncome"] == {"amount": income}
