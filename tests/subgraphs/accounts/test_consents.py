"""People agree to texts by purpose and version, take it back, and read new versions in their time."""

import asyncio
import hashlib
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from subgraphs.accounts.domain import consenting
from subgraphs.accounts.domain.demo_people import seed_person
from subgraphs.accounts.domain.parameters import PARAMETERS
from subgraphs.shared.clock import business_date
from subgraphs.shared.parameters.changes import Change, approve_change, propose_change
from subgraphs.shared.refusal import InvalidInput
from tests.subgraphs.accounts.people import AGREED, MARINA, PASSWORD, Accounts, Person

GIVE = """mutation ($input: GiveConsentInput!) { giveConsent(input: $input) { __typename
  ... on ConsentGiven { consent { status version goodUntil text { version } } }
  ... on ConsentTextNotInForce { purpose version currentVersion message messageEnglish } } }"""
WITHDRAW = """mutation ($input: WithdrawConsentInput!) { withdrawConsent(input: $input) { __typename
  ... on ConsentWithdrawn { consent { status version } leadsTo leadsToEnglish }
  ... on ConsentNeeded { purpose messageEnglish } } }"""
CONSENTS = "{ me { consents { purpose status version changedAt goodUntil text { version } } } }"
HISTORY = """query ($first: Int, $after: String) { me { consentHistory(first: $first, after: $after) {
  nodes { purpose version act at textSha256 sessionId } pageInfo { hasNextPage endCursor } } } }"""
TEXTS = """{ consentTexts { purpose version validFrom earlierGoodUntil title sentences titleEnglish sentencesEnglish
  isNeededToSignUp sha256 } }"""
NOON = "2026-11-23T12:00:00.000Z"
ANA, BRUNO = uuid.UUID(int=0xB1), uuid.UUID(int=0xB2)


async def lay_down(accounts: Accounts, purpose: str, version: int, *, on: date, earlier_good_days: int = 30) -> None:
    """One administrator proposes a text, another approves it."""
    now = accounts.clock.now()
    row = {
        "purpose": purpose,
        "version": str(version),
        "title": f"Texto {version}",
        "sentences": "O que muda.",
        "title_english": f"Text {version}",
        "sentences_english": "What changes.",
        "earlier_good_days": str(earlier_good_days),
    }
    change = Change(
        rule="consent_texts", valid_from=on, rows=[("consent_texts", row)], actor_id=ANA, reason="as the law says",
        idempotency_key=str(uuid.uuid4()),
    )  # fmt: skip
    async with accounts.services.database.begin() as session:
        proposal = await propose_change(session, PARAMETERS, change, now=now)
    async with accounts.services.database.begin() as session:
        await approve_change(session, PARAMETERS, proposal.id, actor_id=BRUNO, now=now)


async def give(accounts: Accounts, person: Person, purpose: str, version: int) -> Any:
    return await accounts.do(GIVE, {"purpose": purpose, "version": version}, headers=person.bearer)


async def withdraw(accounts: Accounts, person: Person, purpose: str) -> Any:
    return await accounts.do(WITHDRAW, {"purpose": purpose}, headers=person.bearer)


async def stand(accounts: Accounts, person: Person, purpose: str) -> Any:
    (found,) = [
        one for one in (await accounts.do(CONSENTS, headers=person.bearer))["consents"] if one["purpose"] == purpose
    ]
    return found


async def history(accounts: Accounts, person: Person) -> list[Any]:
    nodes = (await accounts.do(HISTORY, headers=person.bearer))["consentHistory"]["nodes"]
    return [(node["purpose"], node["version"], node["act"]) for node in nodes]


def today(accounts: Accounts) -> date:
    return business_date(accounts.clock.now())


async def test_everybody_reads_the_texts_with_their_digest(accounts: Accounts) -> None:
    texts = await accounts.do(TEXTS)
    assert [(one["purpose"], one["version"], one["validFrom"], one["isNeededToSignUp"]) for one in texts] == [
        ("CREDIT_BUREAU", 1, "2020-01-01", False),
        ("INVESTMENT_RISK", 1, "2020-01-01", False),
        ("MARKETING", 1, "2020-01-01", False),
        ("PRIVACY_POLICY", 1, "2020-01-01", True),
        ("TERMS_OF_USE", 1, "2020-01-01", True),
    ]
    for one in texts:
        said = "\n".join(one[name] for name in ("title", "sentences", "titleEnglish", "sentencesEnglish"))
        assert one["sha256"] == hashlib.sha256(said.encode()).hexdigest()


@pytest.mark.parametrize("missing", ["TERMS_OF_USE", "PRIVACY_POLICY"])
async def test_nobody_signs_up_without_what_is_needed(accounts: Accounts, missing: str) -> None:
    agreed = [one for one in AGREED if one["purpose"] != missing]
    answer = await accounts.sign_up(consents=agreed)
    words = {"TERMS_OF_USE": "the terms of use", "PRIVACY_POLICY": "the privacy policy"}[missing]
    assert (answer["__typename"], answer["messageEnglish"]) == (
        "ConsentRequired", f"To go on, read and agree to {words} (version 1)."
    )  # fmt: skip
    assert await accounts.published("accounts.user_registered.v2") == []
    assert await accounts.letters_to("sergio@example.com") == []


async def test_a_form_that_names_an_unknown_version_or_a_purpose_twice_opens_no_account(accounts: Accounts) -> None:
    unknown = await accounts.sign_up(consents=[*AGREED, {"purpose": "MARKETING", "version": 2}])
    assert (unknown["__typename"], unknown["message"]) == (
        "ConsentTextNotInForce", "O texto mudou. Leia e aceite a versão atual (versão 1)."
    )  # fmt: skip
    twice = await accounts.sign_up(consents=[*AGREED, AGREED[0]])
    assert (twice["__typename"], twice["field"]) == ("InvalidInput", "consents")
    assert await accounts.published("accounts.user_registered.v2") == []


async def test_what_the_form_says_is_kept_with_the_account(accounts: Accounts) -> None:
    sergio = await accounts.person(consents=[*AGREED, {"purpose": "CREDIT_BUREAU", "version": 1}])
    digests = {one["purpose"]: one["sha256"] for one in await accounts.do(TEXTS)}
    nodes = (await accounts.do(HISTORY, headers=sergio.bearer))["consentHistory"]["nodes"]
    assert sorted(nodes, key=lambda node: str(node["purpose"])) == [
        {"purpose": purpose, "version": 1, "act": "GIVEN", "at": NOON, "textSha256": digests[purpose],
         "sessionId": None}
        for purpose in ("CREDIT_BUREAU", "PRIVACY_POLICY", "TERMS_OF_USE")
    ]  # fmt: skip
    assert await accounts.published("accounts.consent_given.v1") == [
        {"user_id": sergio.id, "purpose": purpose, "version": 1}
        for purpose in ("TERMS_OF_USE", "PRIVACY_POLICY", "CREDIT_BUREAU")
    ]


async def test_agreeing_and_taking_back_are_facts_and_the_last_counts(accounts: Accounts) -> None:
    marina = await accounts.person(**MARINA)
    assert await stand(accounts, marina, "INVESTMENT_RISK") == {
        "purpose": "INVESTMENT_RISK", "status": "NOT_GIVEN", "version": None, "changedAt": None, "goodUntil": None,
        "text": {"version": 1},
    }  # fmt: skip
    given = {"status": "GIVEN", "version": 1, "goodUntil": None, "text": {"version": 1}}
    accounts.clock.advance(seconds=1)
    for _again in range(2):
        assert await give(accounts, marina, "INVESTMENT_RISK", 1) == {"__typename": "ConsentGiven", "consent": given}
    accounts.clock.advance(seconds=1)
    for _again in range(2):
        assert await withdraw(accounts, marina, "INVESTMENT_RISK") == {
            "__typename": "ConsentWithdrawn",
            "consent": {"status": "WITHDRAWN", "version": 1},
            "leadsTo": "Você não pode investir nem comprar cotas até um novo aceite. Os investimentos que já fez não "
            "mudam.",
            "leadsToEnglish": "You cannot invest or buy quotas until you agree again. Investments that you have go on "
            "as they are.",
        }
    accounts.clock.advance(seconds=1)
    assert (await give(accounts, marina, "INVESTMENT_RISK", 1))["consent"] == given
    said = [one for one in reversed(await history(accounts, marina)) if one[0] == "INVESTMENT_RISK"]
    assert [act for _, _, act in said] == ["GIVEN", "WITHDRAWN", "GIVEN"]
    fact = {"user_id": marina.id, "purpose": "INVESTMENT_RISK", "version": 1}
    assert (await accounts.published("accounts.consent_given.v1"))[2:] == [fact, fact]
    assert await accounts.published("accounts.consent_withdrawn.v1") == [fact]


async def test_the_same_said_many_times_at_once_is_one_fact(accounts: Accounts) -> None:
    marina = await accounts.person(**MARINA)
    accounts.clock.advance(seconds=1)
    given = await asyncio.gather(*(give(accounts, marina, "INVESTMENT_RISK", 1) for _ in range(5)))
    accounts.clock.advance(seconds=1)
    assert [one["consent"]["status"] for one in given] == ["GIVEN"] * 5
    withdrawn = await asyncio.gather(*(withdraw(accounts, marina, "INVESTMENT_RISK") for _ in range(5)))
    assert [one["consent"]["status"] for one in withdrawn] == ["WITHDRAWN"] * 5
    assert (await history(accounts, marina))[:2] == [
        ("INVESTMENT_RISK", 1, "WITHDRAWN"), ("INVESTMENT_RISK", 1, "GIVEN")
    ]  # fmt: skip
    assert len(await history(accounts, marina)) == len(AGREED) + 2


async def test_a_consent_says_in_which_session_it_was_given_and_pages_go_back(accounts: Accounts) -> None:
    marina = await accounts.person(**MARINA)
    accounts.clock.advance(minutes=1)
    await give(accounts, marina, "MARKETING", 1)
    page = (await accounts.ask(HISTORY, {"first": 1}, headers=marina.bearer))["data"]["me"]["consentHistory"]
    assert [(node["purpose"], node["sessionId"]) for node in page["nodes"]] == [("MARKETING", marina.session_id)]
    after = {"first": 5, "after": page["pageInfo"]["endCursor"]}
    rest = (await accounts.ask(HISTORY, after, headers=marina.bearer))["data"]["me"]["consentHistory"]
    assert {node["purpose"] for node in rest["nodes"]} == {"TERMS_OF_USE", "PRIVACY_POLICY"}
    assert rest["pageInfo"]["hasNextPage"] is False


async def test_what_an_account_needs_is_not_taken_back(accounts: Accounts) -> None:
    sergio = await accounts.person()
    for purpose in ("TERMS_OF_USE", "PRIVACY_POLICY"):
        assert await withdraw(accounts, sergio, purpose) == {
            "__typename": "ConsentNeeded",
            "purpose": purpose,
            "messageEnglish": "There is no account without this. If you do not agree any more, close the account.",
        }
    assert await accounts.published("accounts.consent_withdrawn.v1") == []


async def test_taking_back_what_was_never_given_adds_nothing(accounts: Accounts) -> None:
    sergio = await accounts.person()
    assert (await withdraw(accounts, sergio, "MARKETING"))["consent"] == {"status": "NOT_GIVEN", "version": None}
    assert len(await history(accounts, sergio)) == len(AGREED)
    assert await accounts.published("accounts.consent_withdrawn.v1") == []


@pytest.mark.parametrize("version", [0, 2, -1])
async def test_an_unknown_version_is_refused_and_the_answer_names_the_one_in_force(
    accounts: Accounts, version: int
) -> None:
    sergio = await accounts.person()
    assert await give(accounts, sergio, "CREDIT_BUREAU", version) == {
        "__typename": "ConsentTextNotInForce", "purpose": "CREDIT_BUREAU", "version": version, "currentVersion": 1,
        "message": "O texto mudou. Leia e aceite a versão atual (versão 1).",
        "messageEnglish": "The text has changed. Read and agree to the version in force (version 1).",
    }  # fmt: skip
    assert len(await history(accounts, sergio)) == len(AGREED)


async def test_an_earlier_consent_is_good_for_as_long_as_the_new_text_says(accounts: Accounts) -> None:
    marina = await accounts.person(**MARINA)
    await give(accounts, marina, "INVESTMENT_RISK", 1)
    day = today(accounts) + timedelta(days=10)
    await lay_down(accounts, "INVESTMENT_RISK", 2, on=day, earlier_good_days=30)
    lapses = str(day + timedelta(days=30))

    async def seen() -> tuple[Any, ...]:
        found = await stand(accounts, marina, "INVESTMENT_RISK")
        return found["status"], found["version"], found["text"]["version"], found["goodUntil"]

    assert await seen() == ("GIVEN", 1, 1, lapses)
    accounts.clock.advance(days=10)
    assert await seen() == ("EARLIER_VERSION", 1, 2, lapses)
    accounts.clock.advance(days=29)
    assert await seen() == ("EARLIER_VERSION", 1, 2, lapses)
    accounts.clock.advance(days=1)
    assert await seen() == ("LAPSED", 1, 2, lapses)
    outdated = await give(accounts, marina, "INVESTMENT_RISK", 1)
    assert (outdated["__typename"], outdated["currentVersion"]) == ("ConsentTextNotInForce", 2)
    assert (await give(accounts, marina, "INVESTMENT_RISK", 2))["consent"]["status"] == "GIVEN"
    assert await seen() == ("GIVEN", 2, 2, None)


async def test_a_text_to_come_may_be_agreed_to_before_its_day(accounts: Accounts) -> None:
    sergio = await accounts.person()
    await lay_down(accounts, "TERMS_OF_USE", 2, on=today(accounts) + timedelta(days=1), earlier_good_days=0)
    assert [one["version"] for one in await accounts.do(TEXTS) if one["purpose"] == "TERMS_OF_USE"] == [1, 2]
    assert (await give(accounts, sergio, "TERMS_OF_USE", 2))["consent"] == {
        "status": "GIVEN", "version": 2, "goodUntil": None, "text": {"version": 1},
    }  # fmt: skip
    assert (await give(accounts, sergio, "TERMS_OF_USE", 1))["consent"]["version"] == 2
    accounts.clock.advance(days=1)
    assert [one["version"] for one in await accounts.do(TEXTS) if one["purpose"] == "TERMS_OF_USE"] == [2]
    assert (await stand(accounts, sergio, "TERMS_OF_USE"))["status"] == "GIVEN"


async def test_a_new_text_is_told_to_other_domains_and_once_to_whoever_agreed_to_an_earlier_one(
    accounts: Accounts,
) -> None:
    sergio, marina = await accounts.person(), await accounts.person(**MARINA)
    await give(accounts, marina, "MARKETING", 1)
    await withdraw(accounts, marina, "MARKETING")
    await give(accounts, sergio, "MARKETING", 1)
    assert await consenting.tell_of_new_texts(accounts.services) == 0
    day = today(accounts) + timedelta(days=5)
    await lay_down(accounts, "MARKETING", 2, on=day, earlier_good_days=15)
    told = {"purpose": "MARKETING", "version": 2, "valid_from": str(day)}
    told["earlier_good_until"] = str(day + timedelta(days=15))
    assert (await accounts.published("accounts.consent_text_laid_down.v1"))[5:] == [told]
    assert [await consenting.tell_of_new_texts(accounts.services) for _ in range(2)] == [1, 0]
    assert await accounts.published("accounts.consent_asked.v1") == [{"user_id": sergio.id, **told}]


async def test_the_first_texts_are_told_to_other_domains(accounts: Accounts) -> None:
    told = await accounts.published("accounts.consent_text_laid_down.v1")
    first = {"version": 1, "valid_from": "2020-01-01", "earlier_good_until": "2020-01-01"}
    assert told == [
        {"purpose": purpose, **first}
        for purpose in ("CREDIT_BUREAU", "INVESTMENT_RISK", "MARKETING", "PRIVACY_POLICY", "TERMS_OF_USE")
    ]


async def test_texts_follow_one_another(accounts: Accounts) -> None:
    day = today(accounts) + timedelta(days=3)
    await lay_down(accounts, "MARKETING", 2, on=day)
    for version, on in ((2, day + timedelta(days=1)), (4, day + timedelta(days=1)), (3, day), (3, day - timedelta(1))):
        with pytest.raises(InvalidInput) as refused:
            await lay_down(accounts, "MARKETING", version, on=on)
        assert refused.value.reason == (
            f"the database refuses this: the next text of MARKETING is version 3, from a day after {day}"
        )


async def test_the_database_keeps_what_people_said_as_it_was(accounts: Accounts) -> None:
    sergio = await accounts.person()
    add = """INSERT INTO consents SELECT gen_random_uuid(), user_id, purpose, {place}, '{act}', version, text_sha256,
             at, actor_id, session_id FROM consents WHERE purpose = 'TERMS_OF_USE' AND place = 1"""
    for statement in (
        "UPDATE consents SET version = 1",
        "DELETE FROM consents",
        "UPDATE consent_texts SET title = 'Outro'",
        "DELETE FROM consent_texts WHERE purpose = 'MARKETING'",
        add.format(place=2, act="GIVEN"),
        add.format(place=3, act="WITHDRAWN"),
        add.format(place=1, act="WITHDRAWN"),
    ):
        with pytest.raises(DBAPIError):
            async with accounts.services.database.begin() as session:
                await session.execute(text(statement))
    assert len(await history(accounts, sergio)) == len(AGREED)
    async with accounts.services.database.begin() as session:
        await session.execute(text(add.format(place=2, act="WITHDRAWN")))
    with pytest.raises(DBAPIError):
        async with accounts.services.database.begin() as session:
            await session.execute(text(add.format(place=3, act="WITHDRAWN")))


async def test_a_closed_account_leaves_what_its_person_agreed_to_and_nothing_is_asked_of_it(accounts: Accounts) -> None:
    sergio = await accounts.person(consents=[*AGREED, {"purpose": "MARKETING", "version": 1}])
    closing = "mutation ($input: CloseAccountInput!) { closeAccount(input: $input) { __typename } }"
    answer = await accounts.do(closing, {"password": PASSWORD}, headers=sergio.bearer)
    assert answer["__typename"] == "AccountClosed"
    async with accounts.services.database.read() as session:
        left = (await session.execute(text("SELECT user_id, purpose FROM consents ORDER BY purpose"))).all()
    assert [(str(row.user_id), row.purpose) for row in left] == [
        (sergio.id, purpose) for purpose in ("MARKETING", "PRIVACY_POLICY", "TERMS_OF_USE")
    ]
    assert (await give(accounts, sergio, "CREDIT_BUREAU", 1))["__typename"] == "SessionEnded"
    await lay_down(accounts, "MARKETING", 2, on=today(accounts) + timedelta(days=1))
    assert await consenting.tell_of_new_texts(accounts.services) == 0


async def test_others_see_nothing_of_it_and_administrators_do(accounts: Accounts) -> None:
    sergio = await accounts.person()
    query = "query ($id: ID!) { user(id: $id) { consents { purpose } consentHistory { nodes { purpose } } } }"
    marina = await accounts.person(**MARINA)
    admin = await accounts.signed_in(marina.email, "admin")
    seen = [
        (await accounts.ask(query, {"id": sergio.id}, headers=who.bearer))["data"]["user"] for who in (marina, admin)
    ]
    assert seen[0] == {"consents": None, "consentHistory": None}
    assert len(seen[1]["consents"]) == 5
    assert {node["purpose"] for node in seen[1]["consentHistory"]["nodes"]} == {"TERMS_OF_USE", "PRIVACY_POLICY"}


async def test_people_made_ready_have_agreed_to_what_they_do_here(accounts: Accounts) -> None:
    person = {
        "name": "Sérgio Almeida", "email": "sergio@example.com", "password": "Semente#2026", "cpf": "529.982.247-25",
        "phone": "+5565999990001", "born_on": date(1985, 3, 14), "profiles": ["FARMER"],
    }  # fmt: skip
    for _again in range(2):
        async with accounts.services.database.begin() as session:
            user_id = await seed_person(session, accounts.services, **person)  # type: ignore[arg-type]  # as above
    given = [(one["user_id"], one["purpose"]) for one in await accounts.published("accounts.consent_given.v1")]
    assert sorted(given) == [(str(user_id), purpose) for purpose in ("CREDIT_BUREAU", "PRIVACY_POLICY", "TERMS_OF_USE")]
