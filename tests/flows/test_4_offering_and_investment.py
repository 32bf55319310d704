"""Flow 4: quotas are bought with money that is held, until the offering is funded or ends without."""

import asyncio
from decimal import Decimal
from typing import Any

from story import funding
from story.funding import PHRASE, invest, investment_in
from story.people import Person, expect
from tests.flows.scene import ORIGINATION, Scene, key, reais

OFFERING = """query ($id: ID!) { offering(id: $id) { status quotaCount quotaPrice { amount } fundedQuotas reservedQuotas
  availableQuotas fundedPercent closesAt decideBy extensionCount investorsCount } }"""
BALANCES = "{ me { wallet { available { amount } held { amount } processing { amount } } } }"


async def offering(scene: Scene, offering_id: str) -> dict[str, Any]:
    seen: dict[str, Any] = (await scene.ask(OFFERING, scene.analyst, id=offering_id))["offering"]
    return seen


async def balances(scene: Scene, person: Person) -> tuple[str, str]:
    """Available and held."""
    wallet = (await scene.ask(BALANCES, person))["me"]["wallet"]
    return wallet["available"]["amount"], wallet["held"]["amount"]


async def confirmed(scene: Scene, investor: Person, offering_id: str, quotas: int) -> str:
    """An investment whose money is held."""
    made = expect(await invest(scene.client, investor, offering_id, quotas, confirmationPhrase=PHRASE), "Investment")
    await funding.investment_in_any(scene.client, investor, made["id"])
    return str(made["id"])


async def offered(scene: Scene, amount: str, *, farmer: Person | None = None) -> str:
    farmer = farmer or await scene.verified("FARMER")
    cpr = await scene.offering_of(farmer, amount=reais(amount))
    offering_id: str = cpr["offering"]["id"]
    return offering_id


async def test_a_quota_costs_100_reais_and_one_is_the_least(scene: Scene) -> None:
    investor, offering_id = await scene.investor("500.00"), await offered(scene, "500.00")
    seen = await offering(scene, offering_id)
    assert (seen["quotaPrice"], seen["quotaCount"], seen["status"]) == (reais("100.00"), 5, "OPEN")
    refused = await invest(scene.client, investor, offering_id, 0, confirmationPhrase=PHRASE)
    assert refused["__typename"] in ("BelowMinimum", "InvalidInput")
    await confirmed(scene, investor, offering_id, 1)
    assert await balances(scene, investor) == ("400.00", "100.00")


async def test_nobody_puts_more_than_15000_reais_into_one_borrower(scene: Scene) -> None:
    """Of both markets together: `test_8_secondary_market.py`."""
    farmer, investor = await scene.verified("FARMER"), await scene.investor("16000.00")
    offering_id = await offered(scene, "20000.00", farmer=farmer)
    refused = await invest(scene.client, investor, offering_id, 151, confirmationPhrase=PHRASE)
    assert (refused["__typename"], refused["limit"]) == ("BorrowerLimitExceeded", reais("15000.00"))
    await confirmed(scene, investor, offering_id, 150)
    refused = await invest(scene.client, investor, offering_id, 1, confirmationPhrase=PHRASE)
    assert (refused["__typename"], refused["requested"]) == ("BorrowerLimitExceeded", reais("100.00"))
    assert await balances(scene, investor) == ("1000.00", "15000.00")


async def test_more_than_40_percent_of_the_portfolio_in_one_cpr_needs_the_phrase(scene: Scene) -> None:
    investor = await scene.investor("1600.00")
    first, second = await offered(scene, "600.00"), await offered(scene, "1000.00")
    await confirmed(scene, investor, first, 6)
    forty = await invest(scene.client, investor, second, 4)  # 400 of 1,000
    await investment_in(scene.client, investor, expect(forty, "Investment")["id"], "CONFIRMED")
    asked = await invest(scene.client, investor, second, 1)  # 500 of 1,100
    assert (asked["__typename"], asked["phrase"]) == ("ConcentrationNotConfirmed", "EU ENTENDO O RISCO")
    wrong = await invest(scene.client, investor, second, 1, confirmationPhrase="eu entendo")
    assert wrong["__typename"] == "ConcentrationNotConfirmed"
    await confirmed(scene, investor, second, 1)


async def test_an_investment_is_pending_until_the_wallet_holds_its_money(scene: Scene) -> None:
    investor, offering_id = await scene.investor("300.00"), await offered(scene, "500.00")
    made = expect(await invest(scene.client, investor, offering_id, 3, confirmationPhrase=PHRASE), "Investment")
    assert made["status"] == "PENDING"
    await investment_in(scene.client, investor, made["id"], "CONFIRMED")
    assert await balances(scene, investor) == ("0.00", "300.00")


async def test_an_investment_without_money_is_refused_and_its_quotas_are_free_again(scene: Scene) -> None:
    investor, offering_id = await scene.investor("200.00"), await offered(scene, "500.00")
    made = expect(await invest(scene.client, investor, offering_id, 3, confirmationPhrase=PHRASE), "Investment")
    refused = await investment_in(scene.client, investor, made["id"], "REFUSED")
    assert refused["refusalReason"] == "INSUFFICIENT_FUNDS"
    assert await balances(scene, investor) == ("200.00", "0.00")
    assert (await offering(scene, offering_id))["availableQuotas"] == 5


async def test_quotas_are_never_oversold_however_many_want_the_last_ones(scene: Scene) -> None:
    offering_id = await offered(scene, "500.00")
    investors = await asyncio.gather(*(scene.investor("300.00") for _ in range(4)))
    answers = await asyncio.gather(
        *(invest(scene.client, investor, offering_id, 3, confirmationPhrase=PHRASE) for investor in investors)
    )
    made = [(investor, answer) for investor, answer in zip(investors, answers, strict=True) if "id" in answer]
    assert len(made) == 1  # two threes are more than five
    await investment_in(scene.client, made[0][0], made[0][1]["id"], "CONFIRMED")
    seen = await offering(scene, offering_id)
    assert (seen["fundedQuotas"], seen["reservedQuotas"], seen["availableQuotas"]) == (3, 3, 2)
    assert sorted([await balances(scene, investor) for investor in investors]) == [
        ("0.00", "300.00"), ("300.00", "0.00"), ("300.00", "0.00"), ("300.00", "0.00"),
    ]  # fmt: skip


async def test_the_same_investment_sent_many_times_at_once_holds_its_money_once(scene: Scene) -> None:
    investor, offering_id = await scene.investor("500.00"), await offered(scene, "500.00")
    form = {"offeringId": offering_id, "quotaCount": 2, "confirmationPhrase": PHRASE, "idempotencyKey": key("invest")}
    select = "... on Investment { id }"
    answers = await asyncio.gather(*(scene.do(investor, "invest", form, select) for _ in range(5)))
    (investment_id,) = {answer["id"] for answer in answers if answer["__typename"] == "Investment"}
    await investment_in(scene.client, investor, investment_id, "CONFIRMED")
    assert await balances(scene, investor) == ("300.00", "200.00")
    other = await scene.do(investor, "invest", form | {"quotaCount": 3}, select)
    assert other["__typename"] == "IdempotencyKeyReused"


async def test_the_farmer_is_told_of_50_and_75_and_100_percent(scene: Scene) -> None:
    farmer, investor = await scene.verified("FARMER"), await scene.investor("800.00")
    offering_id = await offered(scene, "800.00", farmer=farmer)
    await confirmed(scene, investor, offering_id, 4)
    await scene.told(farmer, "50 % captados")
    assert (await offering(scene, offering_id))["fundedPercent"] == "50.00"
    await confirmed(scene, investor, offering_id, 2)
    await scene.told(farmer, "75 % captados")
    assert "Captação concluída" not in await scene.titles_of(farmer)
    await confirmed(scene, investor, offering_id, 2)
    await scene.told(farmer, "Captação concluída")


async def test_at_100_percent_the_fee_is_taken_no_iof_and_the_rest_is_disbursed(scene: Scene) -> None:
    """IOF is zero for a producer's registered CPR; `tests/subgraphs/wallet/test_iof.py` tries the other rates."""
    farmer, investor = await scene.verified("FARMER"), await scene.investor("10000.00")
    cpr = await scene.lent(farmer, [(investor, 100)])
    fee = Decimal(10_000) * Decimal(ORIGINATION[cpr["riskGrade"]])
    assert await balances(scene, farmer) == (f"{10_000 - fee:.2f}", "0.00")
    assert await balances(scene, investor) == ("0.00", "0.00")
    transfers = """query ($of: LedgerTransferFilter) { ledgerTransfers(filter: $of, first: 50) { nodes { kind
      entries { accountKind side amount { amount } } } } }"""
    of = {"userId": farmer.id, "kinds": ["DISBURSEMENT"]}
    (disbursed,) = (await scene.ask(transfers, scene.admin, of=of))["ledgerTransfers"]["nodes"]
    entries = {(entry["accountKind"], entry["side"]): entry["amount"]["amount"] for entry in disbursed["entries"]}
    assert entries == {
        ("ESCROW", "DEBIT"): "10000.00",
        ("AVAILABLE", "CREDIT"): f"{10_000 - fee:.2f}",
        ("ORIGINATION_FEE", "CREDIT"): f"{fee:.2f}",
    }


async def past_the_deadline(scene: Scene, farmer: Person, investor: Person) -> str:
    """An offering of five quotas, of which two are funded when its time is over."""
    offering_id = await offered(scene, "500.00", farmer=farmer)
    await confirmed(scene, investor, offering_id, 2)
    await scene.pass_days(31, farmer, investor)

    async def waits() -> bool:
        return (await offering(scene, offering_id))["status"] == "EXPIRED_WAITING"

    await scene.until("the offering waiting for its farmer", waits)
    return offering_id


async def test_at_the_deadline_the_farmer_takes_the_part(scene: Scene) -> None:
    farmer, investor = await scene.verified("FARMER"), await scene.investor("200.00")
    offering_id = await past_the_deadline(scene, farmer, investor)
    form = {"offeringId": offering_id, "idempotencyKey": key("part")}
    taken = await scene.do(farmer, "takePartialFunding", form, "... on Offering { status }")
    assert taken == {"__typename": "Offering", "status": "CLOSED_PARTIAL"}
    cpr = await funding.disbursed(scene.client, scene.narrator, farmer)
    assert cpr["principal"] == reais("200.00")
    assert await balances(scene, investor) == ("0.00", "0.00")


async def test_or_gives_it_more_time(scene: Scene) -> None:
    farmer, investor = await scene.verified("FARMER"), await scene.investor("200.00")
    offering_id = await past_the_deadline(scene, farmer, investor)
    form = {"offeringId": offering_id, "idempotencyKey": key("extend")}
    extended = await scene.do(farmer, "extendOffering", form, "... on Offering { status extensionCount }")
    assert extended == {"__typename": "Offering", "status": "OPEN", "extensionCount": 1}
    assert await balances(scene, investor) == ("0.00", "200.00")


async def test_or_cancels_and_all_holds_are_released(scene: Scene) -> None:
    farmer, investor = await scene.verified("FARMER"), await scene.investor("200.00")
    offering_id = await past_the_deadline(scene, farmer, investor)
    form = {"offeringId": offering_id, "idempotencyKey": key("cancel")}
    cancelled = await scene.do(farmer, "cancelOffering", form, "... on Offering { status }")
    assert cancelled == {"__typename": "Offering", "status": "CANCELLED"}

    async def released() -> bool:
        return await balances(scene, investor) == ("200.00", "0.00")

    await scene.until("the hold being released", released)


async def test_nobody_invests_without_the_risk_notice(scene: Scene) -> None:
    offering_id = await offered(scene, "500.00")
    investor = await scene.verified("INVESTOR", without=("INVESTMENT_RISK",))
    again = {"idempotencyKey": key("invest"), "confirmationPhrase": PHRASE}
    refused = await invest(scene.client, investor, offering_id, 1, **again)
    assert refused["__typename"] == "ConsentRequired"
    await scene.agree(investor, "INVESTMENT_RISK")

    async def taken() -> bool:
        return bool((await invest(scene.client, investor, offering_id, 1, **again))["__typename"] == "Investment")

    await scene.until("the same request being taken", taken)
