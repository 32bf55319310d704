"""Flow 6: what is paid is split among who held when it was paid, less fee and tax, to the cent."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from story import people
from story.people import Person, expect
from tests.builders.pdf import text_of
from tests.end_to_end.test_companies import company
from tests.flows.scene import Scene, key, reais

CENT = Decimal("0.01")


async def paid(scene: Scene, parts: list[int]) -> tuple[Person, list[Person], dict[str, Any]]:
    """A farmer who has paid the first installment of R$ 945.60, those who hold so many of the 100 quotas, the CPR."""
    farmer = await scene.verified("FARMER")
    investors = [await scene.investor(f"{quotas}00.00") for quotas in parts]
    cpr = await scene.lent(farmer, list(zip(investors, parts, strict=True)))
    await scene.pay(await scene.charge(farmer, cpr["installments"][0]["id"]))
    await scene.installment_in(farmer, cpr["id"], 1, "PAID")
    return farmer, investors, cpr


def figures(payout: dict[str, Any]) -> list[str]:
    return [payout[name]["amount"] for name in ("gross", "principal", "interest", "fee", "tax", "net")]


async def test_each_holder_gets_their_part_by_the_largest_remainder_less_15_percent_of_the_interest(
    scene: Scene,
) -> None:
    _, (small, large), _ = await paid(scene, [33, 67])
    (of_the_small,), (of_the_large,) = await scene.payouts(small, 1), await scene.payouts(large, 1)
    # Of 745.60 a third less a little is 246.048, and two thirds and a little 499.552: the cent is the first one's.
    assert figures(of_the_small) == ["312.05", "246.05", "66.00", "9.90", "0.00", "302.15"]
    assert figures(of_the_large) == ["633.55", "499.55", "134.00", "20.10", "0.00", "613.45"]
    assert of_the_small["feeRate"] == of_the_large["feeRate"] == "0.15"


async def test_parts_sum_to_the_whole_to_the_cent(scene: Scene) -> None:
    _, investors, _ = await paid(scene, [7, 11, 13, 69])
    payouts = [(await scene.payouts(investor, 1))[0] for investor in investors]
    assert sum(Decimal(payout["gross"]["amount"]) for payout in payouts) == Decimal("945.60")
    assert sum(Decimal(payout["principal"]["amount"]) for payout in payouts) == Decimal("745.60")
    for payout in payouts:
        gross, principal, interest, fee, tax, net = map(Decimal, figures(payout))
        assert (gross, net) == (principal + interest, gross - fee - tax)


async def test_a_natural_person_is_exempt_by_default(scene: Scene) -> None:
    _, (investor,), _ = await paid(scene, [100])
    (payout,) = await scene.payouts(investor, 1)
    assert (payout["taxTreatment"], payout["tax"]) == ("EXEMPT", reais("0.00"))


async def test_holders_are_those_on_record_when_the_payment_was_confirmed(scene: Scene) -> None:
    """Who buys afterwards gets nothing of it; a sale between is tried in `test_8_secondary_market.py`."""
    _, (investor,), _ = await paid(scene, [100])
    late_comer = await scene.investor("500.00")
    (payout,) = await scene.payouts(investor, 1)
    assert payout["quotaCount"] == 100
    assert (await scene.ask("{ me { payouts(first: 5) { nodes { status } } } }", late_comer))["me"]["payouts"] == {
        "nodes": []
    }


async def test_it_is_credited_within_a_day(scene: Scene) -> None:
    _, (investor,), _ = await paid(scene, [100])
    (payout,) = await scene.payouts(investor, 1)
    assert payout["creditedAt"][:10] == payout["installmentPaidAt"][:10]


TAX_BY_DAYS = {180: "0.225", 181: "0.2", 360: "0.2", 361: "0.175", 720: "0.175", 721: "0.15"}


@pytest.mark.timeout(240)
async def test_the_tax_of_a_company_falls_after_180_and_360_and_720_days(scene: Scene) -> None:
    """
    It lends for three years, and is paid on each of the days around which the rate changes.

    What would be late before the next of these days is paid ahead.
    """
    farmer, founder = await scene.verified("FARMER"), await scene.verified("INVESTOR")
    lender = await company(scene.client, founder, "COMPANY", "Três Rios Investimentos S/A", "INVESTOR")
    await people.deposit(scene.client, scene.narrator, lender, "10000.00")
    cpr = await scene.lent(farmer, [(lender, 100)], termMonths=36)
    await people.deposit(scene.client, scene.narrator, farmer, "5000.00")
    lent_on, numbers = scene.today, iter(range(36))

    async def pay(count: int) -> None:
        for _ in range(count):
            form = {"installmentId": cpr["installments"][next(numbers)]["id"], "idempotencyKey": key("pay")}
            expect(await scene.do(farmer, "payInstallment", form), "InstallmentPayment")

    await pay(6)
    for days, count in zip(TAX_BY_DAYS, (1, 5, 1, 11, 1, 1), strict=True):
        await scene.pass_to(lent_on + timedelta(days=days), farmer, founder)
        await pay(count)
    await scene.sign_in_all(founder)
    acting = await scene.do(founder, "actFor", {"companyId": lender.id}, "... on ActingFor { accessToken }")
    lender.token = acting["accessToken"]
    payouts = await scene.payouts(lender, 26)
    for days, rate in TAX_BY_DAYS.items():
        after_so_long = [payout for payout in payouts if payout["heldDays"] == days]
        assert after_so_long
        for payout in after_so_long:
            interest = Decimal(payout["interest"]["amount"])
            assert interest > 0
            assert (payout["taxTreatment"], Decimal(payout["taxRate"])) == ("REGRESSIVE", Decimal(rate))
            tax = (interest * Decimal(rate)).quantize(CENT, ROUND_HALF_UP)
            assert payout["tax"] == reais(str(tax))


STATEMENT = """query ($year: Int!) { me { incomeStatement(year: $year) { year principal { amount } interest { amount }
  exemptInterest { amount } fee { amount } tax { amount } net { amount } lines { payoutCount } pdfPath } } }"""


async def test_a_year_of_an_investor_is_had_as_data_and_as_a_pdf(scene: Scene) -> None:
    _, (investor,), _ = await paid(scene, [100])
    (payout,) = await scene.payouts(investor, 1)
    year = int(payout["installmentPaidAt"][:4])
    statement = (await scene.ask(STATEMENT, investor, year=year))["me"]["incomeStatement"]
    path = statement.pop("pdfPath")
    assert statement == {
        "year": year, "principal": reais("745.60"), "interest": reais("200.00"), "exemptInterest": reais("200.00"),
        "fee": reais("30.00"), "tax": reais("0.00"), "net": reais("915.60"), "lines": [{"payoutCount": 1}],
    }  # fmt: skip
    base = scene.client.addresses.graphql.removesuffix("/graphql")
    paper = await scene.http("GET", f"{base}{path}", by=investor)
    assert (paper.status, paper.headers["Content-Type"]) == (200, "application/pdf")
    words = " ".join(text_of(paper.body))
    assert str(year) in words
    assert "915,60" in words
    assert (await scene.http("GET", f"{base}{path}")).status == 401
