"""Who has not agreed to the terms and read the risk notice buys nothing, of an offering or of another holder."""

from datetime import date
from typing import Any

from subgraphs.shared.consents.facts import ConsentGiven, ConsentTextLaidDown, ConsentWithdrawn
from tests.subgraphs.marketplace.market import CARLOS, MARINA, Market
from tests.subgraphs.marketplace.secondary_market import buy, offer, traded

NEEDED = ("TERMS_OF_USE", "INVESTMENT_RISK")
RISK_MISSING = {
    "__typename": "ConsentRequired",
    "code": "ConsentRequired",
    "message": "Para continuar, leia e aceite o aviso de risco ao investidor (versão 1).",
    "messageEnglish": "To go on, read and agree to the risk notice for investors (version 1).",
}


async def with_texts(market: Market) -> None:
    day = date(2020, 1, 1)
    for purpose in NEEDED:
        await market.deliver(ConsentTextLaidDown(purpose=purpose, version=1, valid_from=day, earlier_good_until=day))


async def agree(market: Market, who: Any, *purposes: str, version: int = 1) -> None:
    for purpose in purposes:
        await market.deliver(ConsentGiven(user_id=who, purpose=purpose, version=version))


async def test_nobody_invests_without_the_risk_notice_and_the_same_request_may_be_sent_again(market: Market) -> None:
    offering = await market.open_offering()
    await with_texts(market)
    await agree(market, MARINA, "TERMS_OF_USE")
    assert await market.try_to_invest(offering, 10, key="the-same-key") == RISK_MISSING
    assert await market.recorded("investment_requested") == []
    assert (await market.offering(offering))["reserved_quotas"] == 0
    await agree(market, MARINA, "INVESTMENT_RISK")
    assert (await market.try_to_invest(offering, 10, key="the-same-key"))["__typename"] == "Investment"


async def test_the_terms_are_asked_for_first(market: Market) -> None:
    offering = await market.open_offering()
    await with_texts(market)
    answer = await market.try_to_invest(offering, 10)
    assert answer["messageEnglish"] == "To go on, read and agree to the terms of use (version 1)."


async def test_what_was_taken_back_keeps_from_investing_and_leaves_what_one_has(market: Market) -> None:
    offering = await market.open_offering()
    await with_texts(market)
    await agree(market, MARINA, *NEEDED)
    investment = await market.invest(offering, 10)
    await market.deliver(ConsentWithdrawn(user_id=MARINA, purpose="INVESTMENT_RISK"))
    await market.deliver(await market.hold_for(investment))
    assert (await market.investment(investment))["status"] == "CONFIRMED"
    assert await market.try_to_invest(offering, 10) == RISK_MISSING


async def test_a_new_risk_notice_is_read_in_its_time(market: Market) -> None:
    offering = await market.open_offering()
    await with_texts(market)
    await agree(market, MARINA, *NEEDED)
    await market.deliver(
        ConsentTextLaidDown(
            purpose="INVESTMENT_RISK", version=2, valid_from=date(2026, 11, 24), earlier_good_until=date(2026, 11, 25)
        )
    )
    market.clock.advance(days=1)
    await market.invest(offering, 10)
    market.clock.advance(days=1)
    answer = await market.try_to_invest(offering, 10)
    assert answer["message"] == "Para continuar, leia e aceite o aviso de risco ao investidor (versão 2)."
    await agree(market, MARINA, "INVESTMENT_RISK", version=2)
    await market.invest(offering, 10)


async def test_quotas_of_another_holder_are_not_bought_without_it_and_may_be_sold(market: Market) -> None:
    _, position = await traded(market)
    await with_texts(market)
    offered = await offer(market, position, 10)
    await agree(market, CARLOS, "TERMS_OF_USE")
    refused = await buy(market, offered["id"], 10, who=CARLOS, key="the-same-key")
    assert refused["code"] == "ConsentRequired"
    await agree(market, CARLOS, "INVESTMENT_RISK")
    bought = await buy(market, offered["id"], 10, who=CARLOS, key="the-same-key")
    assert bought["__typename"] == "QuotaPurchase"
