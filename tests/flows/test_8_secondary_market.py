"""Flow 8: a holder sells quotas to another, and quotas and money change hands together or not at all."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from story.funding import PHRASE
from story.people import Person, available, expect
from tests.flows.scene import Scene, key, reais

POSITIONS = """{ me { positions(isOpen: true, first: 20) { nodes { id quotaCount fairPrice {
  pricePerQuota { amount } discountRate explanation
  lines { number amount { amount } presentValue { amount } } } } } } }"""
OFFER = "... on QuotaOffer { id status quotaCount remainingInstallments isCprLate }"
OFFERS = """query ($id: ID!) { cpr(id: $id) { annualRate termMonths secondaryOffers(first: 20) { nodes { id quotaCount
  availableQuotas pricePerQuota { amount } isCprLate isMine status } } } }"""
MY_OFFERS = "{ me { secondaryOffers(first: 20) { nodes { id status availableQuotas } } } }"
PURCHASES = (
    """{ me { quotaPurchases(first: 20) { nodes { id status refusalReason amount { amount } fee { amount } } } } }"""
)


async def positions(scene: Scene, person: Person) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = (await scene.ask(POSITIONS, person))["me"]["positions"]["nodes"]
    return nodes


async def held(scene: Scene, person: Person) -> int:
    return sum(position["quotaCount"] for position in await positions(scene, person))


async def offered(scene: Scene, seller: Person, quotas: int, price: str) -> dict[str, Any]:
    """The open offer of a part of what *seller* holds."""
    await scene.sign_in_all(seller)

    async def position() -> dict[str, Any] | None:
        found = await positions(scene, seller)
        return found[0] if found else None

    held_of = await scene.until("the position being there", position)
    form = {
        "positionId": held_of["id"], "quotaCount": quotas, "pricePerQuota": reais(price),
        "idempotencyKey": key("offer"),
    }  # fmt: skip
    return expect(await scene.do(seller, "offerQuotas", form, OFFER), "QuotaOffer")


async def buy(scene: Scene, buyer: Person, offer: dict[str, Any], quotas: int, **more: Any) -> dict[str, Any]:
    form = {
        "offerId": offer["id"], "quotaCount": quotas, "remainingInstallments": offer["remainingInstallments"],
        "confirmationPhrase": PHRASE, "idempotencyKey": key("purchase"), **more,
    }  # fmt: skip
    select = """... on QuotaPurchase { id amount { amount } } ... on BorrowerLimitExceeded { limit { amount } }
      ... on ConcentrationNotConfirmed { phrase }"""
    return await scene.do(buyer, "buyQuotas", form, select)


async def ended(scene: Scene, buyer: Person, purchase_id: str) -> dict[str, Any]:
    async def seen() -> dict[str, Any] | None:
        nodes = (await scene.ask(PURCHASES, buyer))["me"]["quotaPurchases"]["nodes"]
        return next((node for node in nodes if node["id"] == purchase_id and node["status"] != "PENDING"), None)

    return await scene.until("the purchase having ended", seen)


async def seller_of_ten(scene: Scene) -> tuple[Person, Person, dict[str, Any]]:
    """A farmer, who holds all ten quotas of R$ 1,000.00, and the CPR."""
    farmer, seller = await scene.verified("FARMER"), await scene.investor("1000.00")
    return farmer, seller, await scene.lent(farmer, [(seller, 10)])


async def test_a_holder_offers_quotas_at_a_price_of_their_own(scene: Scene) -> None:
    _, seller, cpr = await seller_of_ten(scene)
    offer = await offered(scene, seller, 4, "97.50")
    assert (offer["status"], offer["quotaCount"]) == ("OPEN", 4)
    (seen,) = (await scene.ask(OFFERS, scene.analyst, id=cpr["id"]))["cpr"]["secondaryOffers"]["nodes"]
    assert seen == {
        "id": offer["id"], "quotaCount": 4, "availableQuotas": 4, "pricePerQuota": reais("97.50"), "isCprLate": False,
        "isMine": False, "status": "OPEN",
    }  # fmt: skip


async def test_a_fair_price_is_the_present_value_of_what_remains_at_the_grades_rate(scene: Scene) -> None:
    _, seller, cpr = await seller_of_ten(scene)
    await offered(scene, seller, 1, "97.50")
    fair = (await positions(scene, seller))[0]["fairPrice"]
    book = '{ marketplaceParameters(rule: "parameters") { rows { isInForce values { name value } } } }'
    rows = (await scene.ask(book, scene.admin))["marketplaceParameters"]["rows"]
    in_force = [{one["name"]: one["value"] for one in row["values"]} for row in rows if row["isInForce"]]
    rates = {row["name"]: Decimal(row["value"]) for row in in_force}
    assert Decimal(fair["discountRate"]) == rates[f"discount_rate_{cpr['riskGrade'].lower()}"]
    lines = [(Decimal(line["amount"]["amount"]), Decimal(line["presentValue"]["amount"])) for line in fair["lines"]]
    assert [line["number"] for line in fair["lines"]] == list(range(1, 13))
    assert all(present < amount for amount, present in lines)
    assert Decimal(fair["pricePerQuota"]["amount"]) == sum(present for _, present in lines)
    assert fair["explanation"]


async def test_a_purchase_swaps_quotas_and_money_and_takes_a_fee_of_1_percent(scene: Scene) -> None:
    farmer, seller, cpr = await seller_of_ten(scene)
    buyer = await scene.investor("500.00")
    offer = await offered(scene, seller, 6, "95.00")
    bought = expect(await buy(scene, buyer, offer, 4), "QuotaPurchase")  # a part of what is offered
    done = await ended(scene, buyer, bought["id"])
    assert (done["status"], done["amount"]) == ("COMPLETED", reais("380.00"))
    assert await available(scene.client, buyer) == "120.00"
    assert await available(scene.client, seller) == "376.20"  # less 3.80
    assert (await held(scene, seller), await held(scene, buyer)) == (6, 4)
    await scene.told(seller, "Venda de cotas concluída")
    await scene.told(buyer, "Compra de cotas concluída")
    after = (await scene.ask(OFFERS, buyer, id=cpr["id"]))["cpr"]
    assert (after["annualRate"], after["termMonths"]) == (cpr["annualRate"], cpr["termMonths"])  # the CPR's terms stay
    charge = await scene.charge(farmer, cpr["installments"][0]["id"])
    await scene.pay(charge)
    (of_the_seller,), (of_the_buyer,) = await scene.payouts(seller, 1), await scene.payouts(buyer, 1)
    assert (of_the_seller["quotaCount"], of_the_buyer["quotaCount"]) == (6, 4)
    gross = [Decimal(payout["gross"]["amount"]) for payout in (of_the_seller, of_the_buyer)]
    assert sum(gross) == Decimal(charge["amount"]["amount"])


async def test_without_the_money_neither_quotas_nor_money_move(scene: Scene) -> None:
    _, seller, _ = await seller_of_ten(scene)
    buyer = await scene.investor("100.00")
    offer = await offered(scene, seller, 5, "95.00")
    bought = expect(await buy(scene, buyer, offer, 2), "QuotaPurchase")
    refused = await ended(scene, buyer, bought["id"])
    assert (refused["status"], refused["refusalReason"]) == ("REFUSED", "INSUFFICIENT_FUNDS")
    assert (await available(scene.client, buyer), await available(scene.client, seller)) == ("100.00", "0.00")
    assert (await held(scene, seller), await held(scene, buyer)) == (10, 0)


async def test_nobody_buys_their_own_quotas(scene: Scene) -> None:
    _, seller, _ = await seller_of_ten(scene)
    offer = await offered(scene, seller, 5, "95.00")
    assert (await buy(scene, seller, offer, 1))["__typename"] == "OwnQuotas"


async def test_the_limit_of_15000_into_one_borrower_counts_both_markets(scene: Scene) -> None:
    farmer = await scene.verified("FARMER")
    buyer, seller = await scene.investor("15500.00"), await scene.investor("1000.00")
    await scene.lent(farmer, [(buyer, 149), (seller, 10)])
    offer = await offered(scene, seller, 5, "100.00")
    await scene.sign_in_all(buyer)
    refused = await buy(scene, buyer, offer, 2)
    assert (refused["__typename"], refused["limit"]) == ("BorrowerLimitExceeded", reais("15000.00"))
    bought = expect(await buy(scene, buyer, offer, 1), "QuotaPurchase")
    assert (await ended(scene, buyer, bought["id"]))["status"] == "COMPLETED"
    assert (await buy(scene, buyer, offer, 1))["__typename"] == "BorrowerLimitExceeded"


async def test_the_least_of_100_reais_holds_for_a_buyer_too(scene: Scene) -> None:
    _, seller, _ = await seller_of_ten(scene)
    buyer = await scene.investor("500.00")
    offer = await offered(scene, seller, 5, "95.00")
    assert (await buy(scene, buyer, offer, 1))["__typename"] == "BelowMinimum"


async def test_much_of_a_portfolio_in_one_cpr_needs_the_phrase_of_a_buyer_too(scene: Scene) -> None:
    _, seller, _ = await seller_of_ten(scene)
    buyer = await scene.investor("500.00")
    offer = await offered(scene, seller, 5, "95.00")
    asked = await buy(scene, buyer, offer, 2, confirmationPhrase=None)
    assert (asked["__typename"], asked["phrase"]) == ("ConcentrationNotConfirmed", "EU ENTENDO O RISCO")


async def test_an_offer_stays_labelled_while_the_cpr_is_late_and_ends_at_default(scene: Scene) -> None:
    farmer, seller, cpr = await seller_of_ten(scene)
    offer = await offered(scene, seller, 5, "95.00")
    due_on = date.fromisoformat(cpr["installments"][0]["dueOn"])
    await scene.pass_to(due_on + timedelta(days=1), farmer, seller)

    async def labelled() -> bool:
        nodes = (await scene.ask(OFFERS, scene.analyst, id=cpr["id"]))["cpr"]["secondaryOffers"]["nodes"]
        return [(node["status"], node["isCprLate"]) for node in nodes] == [("OPEN", True)]

    await scene.until("the offer being labelled", labelled)
    await scene.pass_to(due_on + timedelta(days=31), farmer, seller)

    async def over() -> bool:
        nodes = (await scene.ask(MY_OFFERS, seller))["me"]["secondaryOffers"]["nodes"]
        return [(node["id"], node["status"]) for node in nodes] == [(offer["id"], "CPR_DEFAULTED")]

    await scene.until("the offer having ended", over)
    await scene.told(seller, "Oferta de cotas encerrada")
