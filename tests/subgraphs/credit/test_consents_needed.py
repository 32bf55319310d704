"""Who has not agreed to the terms, and to the bureau being asked, gets no credit; and the bureau is not asked."""

from datetime import date
from typing import Any

import pytest

from subgraphs.credit.schemas import events
from subgraphs.shared.consents.facts import ConsentGiven, ConsentTextLaidDown, ConsentWithdrawn
from tests.builders.deliveries import deliver, in_order, recorded
from tests.fixtures.databases import sql_of_the_owner
from tests.subgraphs.credit.credit_builders import SERGIO, Credit, a_request

REFUSED = """mutation ($input: RequestCreditInput!) { requestCredit(input: $input) { __typename
  ... on ConsentRequired { purpose version message messageEnglish } } }"""
NEEDED = ("TERMS_OF_USE", "CREDIT_BUREAU")


def laid_down(
    purpose: str, version: int = 1, *, on: str = "2020-01-01", earlier_good_until: str = "2020-01-01"
) -> ConsentTextLaidDown:
    return ConsentTextLaidDown(
        purpose=purpose,
        version=version,
        valid_from=date.fromisoformat(on),
        earlier_good_until=date.fromisoformat(earlier_good_until),
    )


async def tell(credit: Credit, *facts: Any) -> None:
    for fact in facts:
        await deliver(credit.subgraph, fact)


async def with_texts(credit: Credit) -> None:
    await tell(credit, *(laid_down(purpose) for purpose in NEEDED))


async def agree(credit: Credit, *purposes: str, version: int = 1) -> None:
    await tell(credit, *(ConsentGiven(user_id=SERGIO, purpose=purpose, version=version) for purpose in purposes))


def required(purpose: str, version: int) -> dict[str, Any]:
    pt, en = {
        "TERMS_OF_USE": ("os termos de uso", "the terms of use"),
        "CREDIT_BUREAU": (
            "a autorização de consulta ao SCR e aos birôs de crédito",
            "the authorisation to ask the SCR and credit bureaus",
        ),
    }[purpose]
    return {
        "__typename": "ConsentRequired",
        "code": "ConsentRequired",
        "message": f"Para continuar, leia e aceite {pt} (versão {version}).",
        "messageEnglish": f"To go on, read and agree to {en} (version {version}).",
    }


async def test_who_has_not_agreed_is_told_to_and_may_send_the_same_request_again(credit: Credit) -> None:
    await with_texts(credit)
    key = "the-same-key"
    assert await credit.request(idempotencyKey=key) == required("TERMS_OF_USE", 1)
    await agree(credit, "TERMS_OF_USE")
    assert await credit.request(idempotencyKey=key) == required("CREDIT_BUREAU", 1)
    assert await recorded(credit.subgraph) == []
    await agree(credit, "CREDIT_BUREAU")
    assert (await credit.request(idempotencyKey=key))["__typename"] == "CreditRequest"


async def test_the_refusal_names_purpose_and_version(credit: Credit) -> None:
    await with_texts(credit)
    await agree(credit, "TERMS_OF_USE")
    answer = await credit.ask(SERGIO, REFUSED, input=a_request())
    assert (answer["requestCredit"]["purpose"], answer["requestCredit"]["version"]) == ("CREDIT_BUREAU", 1)


async def test_what_was_taken_back_is_missing_whatever_comes_late(credit: Credit) -> None:
    await with_texts(credit)
    await agree(credit, "TERMS_OF_USE")
    given, withdrawn = in_order(
        ConsentGiven(user_id=SERGIO, purpose="CREDIT_BUREAU", version=1),
        ConsentWithdrawn(user_id=SERGIO, purpose="CREDIT_BUREAU"),
    )
    await tell(credit, withdrawn, given)
    assert await credit.request() == required("CREDIT_BUREAU", 1)


@pytest.mark.parametrize(("days", "is_good"), [(0, True), (1, True), (6, True), (7, False)])
async def test_an_earlier_version_is_good_until_the_day_that_the_new_text_says(
    credit: Credit, days: int, is_good: bool
) -> None:
    await with_texts(credit)
    await agree(credit, *NEEDED)
    # It is 23 November; the new text is in force from the next day.
    await tell(credit, laid_down("CREDIT_BUREAU", 2, on="2026-11-24", earlier_good_until="2026-11-30"))
    credit.clock.advance(days=days)
    answer = await credit.request()
    assert answer["__typename"] == "CreditRequest" if is_good else answer == required("CREDIT_BUREAU", 2)
    if not is_good:
        await agree(credit, "CREDIT_BUREAU", version=2)
        assert (await credit.request())["__typename"] == "CreditRequest"


async def test_whoever_never_agreed_has_no_days_left(credit: Credit) -> None:
    await with_texts(credit)
    await agree(credit, "TERMS_OF_USE")
    await tell(credit, laid_down("CREDIT_BUREAU", 2, on="2026-11-23", earlier_good_until="2026-12-30"))
    assert await credit.request() == required("CREDIT_BUREAU", 2)


async def test_the_bureau_is_not_asked_once_the_consent_is_taken_back_and_is_when_it_comes_again(
    credit: Credit,
) -> None:
    await with_texts(credit)
    await agree(credit, *NEEDED)
    request_id = (await credit.request())["id"]
    await tell(credit, ConsentWithdrawn(user_id=SERGIO, purpose="CREDIT_BUREAU"))
    await credit.work_off()
    assert (await _status(credit, request_id), credit.bureau.asked) == ("SCORING", 0)
    await agree(credit, "CREDIT_BUREAU")
    await credit.work_off()
    assert (await _status(credit, request_id), credit.bureau.asked) == ("IN_ANALYSIS", 1)


async def test_new_documents_of_a_request_ask_nobody_without_the_consent(credit: Credit) -> None:
    await with_texts(credit)
    await agree(credit, *NEEDED)
    request_id = await credit.scored_request()
    await tell(credit, ConsentWithdrawn(user_id=SERGIO, purpose="CREDIT_BUREAU"))
    document = events.DocumentAdded(credit_request_id=request_id, farmer_id=SERGIO, document_id=SERGIO, kind="INVOICE")
    await tell(credit, document)
    # The report that was had with the consent is still fresh.
    assert (await _status(credit, request_id), credit.bureau.asked) == ("IN_ANALYSIS", 1)
    credit.clock.advance(days=1)
    await tell(credit, document)
    assert (await _status(credit, request_id), credit.bureau.asked) == ("SCORING", 1)
    await agree(credit, "CREDIT_BUREAU")
    await credit.work_off()
    assert (await _status(credit, request_id), credit.bureau.asked) == ("IN_ANALYSIS", 2)


async def test_of_other_purposes_credit_keeps_nothing(credit: Credit) -> None:
    await tell(credit, laid_down("MARKETING"), ConsentGiven(user_id=SERGIO, purpose="MARKETING", version=1))
    kept = "SELECT purpose FROM told_consents UNION ALL SELECT purpose FROM told_consent_texts"
    assert await sql_of_the_owner(credit.subgraph.database, kept) == []


async def _status(credit: Credit, request_id: str) -> str:
    query = "query ($id: ID!) { creditRequest(id: $id) { status } }"
    status: str = (await credit.ask(SERGIO, query, id=request_id))["creditRequest"]["status"]
    return status
