"""What `invest` reserves, and every way it says no; a refusal writes nothing."""

import uuid
from typing import Any

import pytest

from subgraphs.marketplace.schemas import heard
from tests.subgraphs.marketplace.market import (
    CARLOS,
    FARMER,
    INVEST,
    MARINA,
    OTHER_FARMER,
    PHRASE,
    STRANGER,
    Market,
    OfferedCPR,
)


async def written(market: Market) -> tuple[int, int, int]:
    """Investments, reserved quotas and events: what a refusal must leave alone."""
    (row,) = await market.sql(
        "SELECT (SELECT count(*) FROM investments) AS investments,"
        " (SELECT coalesce(sum(reserved_quotas), 0) FROM offerings) AS reserved,"
        " (SELECT count(*) FROM outbox) AS events"
    )
    return row["investments"], int(row["reserved"]), row["events"]


async def refused(market: Market, offering: OfferedCPR, quotas: int, **options: Any) -> dict[str, Any]:
    """The refusal of an investment, which wrote nothing."""
    before = await written(market)
    answer = await market.try_to_invest(offering, quotas, **options)
    assert answer["__typename"] != "Investment"
    assert await written(market) == before
    return answer


async def test_an_investment_waits_for_the_wallet(market: Market) -> None:
    offering = await market.open_offering()
    answer = await market.try_to_invest(offering, 3)
    assert answer == {
        "__typename": "Investment",
        "id": answer["id"],
        "status": "PENDING",
        "quotaCount": 3,
        "amount": {"amount": "300.00"},
    }
    row = await market.offering(offering)
    assert (row["reserved_quotas"], row["funded_quotas"], row["status"]) == (3, 0, "OPEN")


async def test_the_same_request_again_is_the_same_investment(market: Market) -> None:
    offering = await market.open_offering()
    first = await market.try_to_invest(offering, 3, key="marina-0001")
    again = await market.try_to_invest(offering, 3, key="marina-0001")
    assert again == first
    assert await written(market) == (1, 3, 2)


async def test_the_same_request_is_refused_again_when_there_is_room_by_then(market: Market) -> None:
    offering = await market.open_offering()
    taken = await market.invest(offering, 98)
    refused = await market.try_to_invest(offering, 3, key="carlos-0001", who=CARLOS)
    assert refused["code"] == "QuotasUnavailable"
    await market.refuse(taken)
    assert await market.try_to_invest(offering, 3, key="carlos-0001", who=CARLOS) == refused
    assert (await market.try_to_invest(offering, 3, key="carlos-0002", who=CARLOS))["status"] == "PENDING"


async def test_the_same_request_is_answered_after_the_offering_has_closed(market: Market) -> None:
    offering = await market.open_offering()
    first = await market.try_to_invest(offering, 3, key="marina-0001")
    market.clock.advance(days=31)
    again = await market.try_to_invest(offering, 3, key="marina-0001")
    assert again["id"] == first["id"]


@pytest.mark.parametrize(("quotas", "phrase"), [(4, PHRASE), (3, None), (3, "sim")])
async def test_a_key_serves_one_content_only(market: Market, quotas: int, phrase: str | None) -> None:
    offering = await market.open_offering()
    await market.invest(offering, 3, key="marina-0001")
    answer = await refused(market, offering, quotas, key="marina-0001", phrase=phrase)
    assert answer["code"] == "IdempotencyKeyReused"


async def test_a_key_belongs_to_one_person(market: Market) -> None:
    offering = await market.open_offering()
    first = await market.invest(offering, 3, key="the-same-key", who=MARINA)
    second = await market.invest(offering, 3, key="the-same-key", who=CARLOS)
    assert first != second


async def test_a_refused_request_does_not_use_up_its_key(market: Market) -> None:
    offering = await market.open_offering()
    await refused(market, offering, 5, key="marina-0001", phrase=None)
    answer = await market.try_to_invest(offering, 5, key="marina-0001")
    assert answer["status"] == "PENDING"


async def test_only_a_verified_person_may_invest(market: Market) -> None:
    offering = await market.open_offering()
    answer = await refused(market, offering, 1, who=STRANGER)
    assert answer == {
        "__typename": "InvestorNotVerified",
        "code": "InvestorNotVerified",
        "message": "Verifique sua identidade antes de investir.",
        "messageEnglish": "Verify your identity before you invest.",
    }
    await refused(market, offering, 1, who=STRANGER, key="stranger-0001")
    await market.verify(STRANGER)
    # That they are verified was perhaps on its way: nothing was decided under the key.
    assert (await market.try_to_invest(offering, 1, who=STRANGER, key="stranger-0001"))["status"] == "PENDING"


async def test_being_verified_twice_changes_nothing(market: Market) -> None:
    await market.verify(MARINA)
    assert await market.sql("SELECT count(*) FROM investors") == [{"count": 2}]


async def test_a_token_without_the_scope_cannot_invest(market: Market) -> None:
    offering = await market.open_offering()
    request = {"offeringId": str(offering.id), "quotaCount": 1, "idempotencyKey": "marina-0001"}
    for headers, code in ((None, "UNAUTHENTICATED"), (market.tokens.bearer(MARINA, "farmer"), "FORBIDDEN")):
        answer = await market.ask(INVEST, headers, input=request)
        assert answer["data"] == {"invest": None}
        assert answer["errors"][0]["extensions"]["code"] == code


async def test_a_farmer_may_not_invest_in_their_own_cpr(market: Market) -> None:
    await market.verify(FARMER)
    offering = await market.open_offering(farmer_id=FARMER)
    assert (await refused(market, offering, 1, who=FARMER))["code"] == "OwnOffering"
    other = await market.open_offering(farmer_id=OTHER_FARMER)
    assert (await market.try_to_invest(other, 1, who=FARMER))["status"] == "PENDING"


@pytest.mark.parametrize("offering_id", [uuid.uuid4(), "not-an-id"])
async def test_there_must_be_such_an_offering(market: Market, offering_id: object) -> None:
    nowhere = OfferedCPR(id=offering_id, cpr_id=uuid.uuid4(), farmer_id=FARMER)  # type: ignore[arg-type]  # on purpose
    assert (await refused(market, nowhere, 1))["code"] == "OfferingNotFound"


@pytest.mark.parametrize(
    ("quotas", "key", "phrase", "field"),
    [
        (0, "marina-0001", PHRASE, "quotaCount"),
        (-5, "marina-0001", PHRASE, "quotaCount"),
        (1_000_001, "marina-0001", PHRASE, "quotaCount"),
        (1, "short", PHRASE, "idempotencyKey"),
        (1, "k" * 65, PHRASE, "idempotencyKey"),
        (1, "marina-0001", "x" * 101, "confirmationPhrase"),
    ],
)
async def test_input_has_limits(market: Market, quotas: int, key: str, phrase: str, field: str) -> None:
    offering = await market.open_offering()
    answer = await refused(market, offering, quotas, key=key, phrase=phrase)
    assert (answer["code"], answer["field"]) == ("InvalidInput", field)


async def test_no_more_quotas_than_are_free(market: Market) -> None:
    offering = await market.open_offering()
    await market.invest(offering, 97, who=CARLOS)
    answer = await refused(market, offering, 4)
    assert (answer["code"], answer["availableQuotas"], answer["requestedQuotas"]) == ("QuotasUnavailable", 3, 4)
    assert answer["message"] == "Cotas livres: 3. Você pediu 4."
    assert (await market.try_to_invest(offering, 3))["status"] == "PENDING"


async def test_the_minimum_is_a_dated_parameter(market: Market) -> None:
    offering = await market.open_offering()
    await market.sql("INSERT INTO parameters VALUES ('investment_min_minor', '2026-11-24', 50000, 'raised')")
    assert (await market.try_to_invest(offering, 1))["status"] == "PENDING"
    market.clock.advance(days=1)
    answer = await refused(market, offering, 4)
    assert (answer["code"], answer["minimum"]) == ("BelowMinimum", {"amount": "500.00"})
    assert answer["message"] == "O investimento mínimo é de R$ 500,00."
    assert (await market.try_to_invest(offering, 5))["status"] == "PENDING"


async def test_a_rule_begins_with_the_day_in_brasilia(market: Market) -> None:
    offering = await market.open_offering()
    await market.sql("INSERT INTO parameters VALUES ('investment_min_minor', '2026-11-24', 50000, 'raised')")
    market.clock.advance(hours=14)  # 02:00 of the 24th in London, 23:00 of the 23rd in Brasília
    assert (await market.try_to_invest(offering, 1))["status"] == "PENDING"
    market.clock.advance(hours=1)
    assert (await market.try_to_invest(offering, 1))["code"] == "BelowMinimum"


async def test_an_offering_closes_at_its_deadline_even_before_the_job_has_run(market: Market) -> None:
    offering = await market.open_offering()
    market.clock.advance(days=30, seconds=-1)
    assert (await market.try_to_invest(offering, 1))["status"] == "PENDING"
    market.clock.advance(seconds=1)
    answer = await refused(market, offering, 1)
    assert (answer["code"], answer["offeringStatus"]) == ("OfferingClosed", "EXPIRED_WAITING")


async def test_a_funded_offering_takes_no_more(market: Market) -> None:
    offering = await market.open_offering()
    await market.confirmed(offering, 100)
    answer = await refused(market, offering, 1, who=CARLOS)
    assert (answer["code"], answer["offeringStatus"]) == ("OfferingClosed", "FUNDED")


async def test_one_lender_has_at_most_15000_with_one_borrower(market: Market) -> None:
    first = await market.open_offering()
    second = await market.open_offering()
    await market.confirmed(first, 100)  # R$ 10,000 confirmed
    await market.invest(second, 30)  # R$ 3,000 waiting
    answer = await refused(market, second, 21)
    assert answer == {
        "__typename": "BorrowerLimitExceeded",
        "code": "BorrowerLimitExceeded",
        "message": "O limite por produtor é de R$ 15.000,00. Você ainda pode investir R$ 2.000,00 com este produtor.",
        "messageEnglish": "The limit per farmer is R$ 15,000.00. You may still invest R$ 2,000.00 with this farmer.",
        "limit": {"amount": "15000.00"},
        "committed": {"amount": "13000.00"},
        "remaining": {"amount": "2000.00"},
    }
    assert (await market.try_to_invest(second, 20))["status"] == "PENDING"


async def test_the_borrower_limit_counts_neither_other_farmers_nor_other_lenders(market: Market) -> None:
    await market.confirmed(await market.open_offering(principal_minor=1_500_000), 150, who=MARINA)
    same_farmer = await market.open_offering(principal_minor=1_500_000)
    assert (await refused(market, same_farmer, 1))["code"] == "BorrowerLimitExceeded"
    assert (await market.try_to_invest(same_farmer, 150, who=CARLOS))["status"] == "PENDING"
    other_farmer = await market.open_offering(principal_minor=1_500_000, farmer_id=OTHER_FARMER)
    assert (await market.try_to_invest(other_farmer, 150, who=MARINA))["status"] == "PENDING"


async def test_what_was_refused_or_repaid_counts_no_more_towards_the_limit(market: Market) -> None:
    first = await market.open_offering(principal_minor=1_500_000)
    await market.refuse(await market.invest(first, 150))
    await market.confirmed(first, 150)
    await market.disburse(first)
    second = await market.open_offering(principal_minor=1_500_000)
    assert (await refused(market, second, 1))["code"] == "BorrowerLimitExceeded"
    await market.deliver(heard.CPRSettled(cpr_id=first.cpr_id))
    assert (await market.try_to_invest(second, 150))["status"] == "PENDING"


async def test_a_first_investment_is_all_of_the_portfolio_and_needs_the_phrase(market: Market) -> None:
    offering = await market.open_offering()
    answer = await refused(market, offering, 1, phrase=None)
    assert answer == {
        "__typename": "ConcentrationNotConfirmed",
        "code": "ConcentrationNotConfirmed",
        "message": "Boa parte da sua carteira ficaria nesta CPR. Para continuar, escreva: EU ENTENDO O RISCO",
        "messageEnglish": "Much of your portfolio would be in this CPR. To go on, write: EU ENTENDO O RISCO",
        "share": "1.0000",
        "phrase": "EU ENTENDO O RISCO",
    }
    assert (await refused(market, offering, 1, phrase="eu entendo o risco"))["code"] == "ConcentrationNotConfirmed"
    assert (await market.try_to_invest(offering, 1, phrase=PHRASE))["status"] == "PENDING"


async def test_more_than_40_percent_in_one_cpr_needs_the_phrase(market: Market) -> None:
    await market.confirmed(await market.open_offering(farmer_id=OTHER_FARMER), 60)
    offering = await market.open_offering()
    answer = await refused(market, offering, 41, phrase=None)
    assert (answer["code"], answer["share"]) == ("ConcentrationNotConfirmed", "0.4059")
    assert (await market.try_to_invest(offering, 40, phrase=None))["status"] == "PENDING"
    # 40 of 100 wait for their hold and count: one more would be 41 of 101.
    assert (await refused(market, offering, 1, phrase=None))["share"] == "0.4059"


async def test_concentration_may_be_made_to_count_from_a_portfolio_size_on(market: Market) -> None:
    await market.sql("INSERT INTO parameters VALUES ('concentration_portfolio_minor', '2020-01-02', 100000, 'higher')")
    offering = await market.open_offering()
    assert (await market.try_to_invest(offering, 9, phrase=None))["status"] == "PENDING"
    assert (await refused(market, offering, 1, phrase=None))["share"] == "1.0000"
