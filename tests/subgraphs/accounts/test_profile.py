"""Changing how one is called, where one is reached, and what one does."""

import asyncio
from typing import Any

import pytest

from subgraphs.shared.messaging.event import Event
from tests.subgraphs.accounts.business import cpr_drafted, cpr_settled, investment_confirmed
from tests.subgraphs.accounts.people import CONFIRM, MARINA, PASSWORD, Accounts, Person

UPDATE = """mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) {
  __typename ... on ProfileUpdated { user { displayName phone phoneConfirmed profiles } }
  ... on AccountHasOpenBusiness { openCprs openInvestments } ... on InvalidInput { field } } }"""
CHANGE_EMAIL = "mutation ($input: ChangeEmailInput!) { changeEmail(input: $input) { __typename } }"


async def update(accounts: Accounts, person: Person, **input: Any) -> Any:
    return await accounts.do(UPDATE, input, headers=person.bearer)


async def test_what_is_left_out_stays(accounts: Accounts) -> None:
    sergio = await accounts.person()
    answer = await update(accounts, sergio, displayName="Sérgio do Milho")
    assert answer["user"] == {
        "displayName": "Sérgio do Milho",
        "phone": "+5565999990001",
        "phoneConfirmed": False,
        "profiles": ["FARMER"],
    }
    (event,) = await accounts.published("accounts.profile_updated.v2")
    assert event == {"user_id": sergio.id, "profiles": ["FARMER"]}


async def test_no_change_is_no_event(accounts: Accounts) -> None:
    sergio = await accounts.person()
    answer = await update(accounts, sergio, displayName="Sérgio A.", profiles=["FARMER"], phone="(65) 99999-0001")
    assert answer["__typename"] == "ProfileUpdated"
    assert await accounts.published("accounts.profile_updated.v2") == []


@pytest.mark.parametrize(
    ("input", "field"),
    [({"displayName": "http://x"}, "displayName"), ({"phone": "1"}, "phone"), ({"profiles": []}, "profiles")],
)
async def test_what_is_wrong_is_named(accounts: Accounts, input: Any, field: str) -> None:
    sergio = await accounts.person()
    assert await update(accounts, sergio, **input) == {"__typename": "InvalidInput", "field": field}


async def test_a_new_phone_counts_once_its_code_is_confirmed(accounts: Accounts) -> None:
    sergio = await accounts.person()
    answer = await update(accounts, sergio, phone="+5565988880001")
    assert answer["user"]["phone"] == "+5565999990001"
    code = (await accounts.newest_letter("+5565988880001", "CONFIRM_PHONE"))["code"]
    confirmed = await accounts.do(CONFIRM, {"email": sergio.email, "code": code})
    assert confirmed["__typename"] == "ContactConfirmed"
    me = await accounts.do("{ me { phone phoneConfirmed } }", headers=sergio.bearer)
    assert me == {"phone": "+5565988880001", "phoneConfirmed": True}
    (event,) = await accounts.published("accounts.profile_updated.v2")
    assert event == {"user_id": sergio.id, "profiles": ["FARMER"]}


async def test_a_profile_is_kept_while_it_has_open_business(accounts: Accounts) -> None:
    sergio = await accounts.person(profiles=["FARMER", "INVESTOR"])
    drafted: Event = cpr_drafted(sergio)
    await accounts.receive(drafted)
    answer = await update(accounts, sergio, profiles=["INVESTOR"])
    assert answer == {"__typename": "AccountHasOpenBusiness", "openCprs": 1, "openInvestments": 0}
    assert (await update(accounts, sergio, profiles=["FARMER"]))["user"]["profiles"] == ["FARMER"]
    await accounts.receive(cpr_settled(drafted))
    assert (await update(accounts, sergio, profiles=["INVESTOR"]))["user"]["profiles"] == ["INVESTOR"]
    await accounts.receive(investment_confirmed(sergio))
    answer = await update(accounts, sergio, profiles=["FARMER"])
    assert answer == {"__typename": "AccountHasOpenBusiness", "openCprs": 0, "openInvestments": 1}


async def test_a_new_email_counts_once_its_link_is_followed(accounts: Accounts) -> None:
    sergio = await accounts.person()
    wanted = {"email": "Novo@example.com", "password": PASSWORD}
    answer = await accounts.do(CHANGE_EMAIL, wanted, headers=sergio.bearer)
    assert answer == {"__typename": "EmailChangeRequested"}
    assert (await accounts.sign_in())["__typename"] == "SignedIn"
    token = (await accounts.newest_letter("Novo@example.com", "CONFIRM_EMAIL"))["token"]
    assert (await accounts.do(CONFIRM, {"token": token}))["__typename"] == "ContactConfirmed"
    assert (await accounts.sign_in())["__typename"] == "InvalidCredentials"
    assert (await accounts.sign_in("novo@example.com"))["__typename"] == "SignedIn"
    (event,) = await accounts.published("accounts.profile_updated.v2")
    assert event == {"user_id": sergio.id, "profiles": ["FARMER"]}
    assert await accounts.published("accounts.security_alert.v1") == [
        {"user_id": sergio.id, "kind": "EMAIL_CHANGE_REQUESTED"},
        {"user_id": sergio.id, "kind": "EMAIL_CHANGED"},
    ]


async def test_asking_for_a_new_email_voids_earlier_links(accounts: Accounts) -> None:
    sergio = await accounts.person()
    tokens = []
    for email in ("um@example.com", "dois@example.com"):
        await accounts.do(CHANGE_EMAIL, {"email": email, "password": PASSWORD}, headers=sergio.bearer)
        tokens.append((await accounts.newest_letter(email, "CONFIRM_EMAIL"))["token"])
    assert (await accounts.do(CONFIRM, {"token": tokens[0]}))["__typename"] == "InvalidConfirmation"
    assert (await accounts.do(CONFIRM, {"token": tokens[1]}))["__typename"] == "ContactConfirmed"


async def test_that_somebody_has_the_email_is_told_to_the_email_only(accounts: Accounts) -> None:
    sergio, marina = await accounts.person(), await accounts.person(**MARINA)
    wanted = {"email": sergio.email, "password": PASSWORD}
    answer = await accounts.do(CHANGE_EMAIL, wanted, headers=marina.bearer)
    assert answer == {"__typename": "EmailChangeRequested"}
    assert (await accounts.letters_to(sergio.email))[-1]["kind"] == "ALREADY_REGISTERED"


async def test_of_two_who_ask_for_one_email_the_first_to_follow_the_link_has_it(accounts: Accounts) -> None:
    sergio, marina = await accounts.person(), await accounts.person(**MARINA)
    for person in (sergio, marina):
        wanted = {"email": "novo@example.com", "password": PASSWORD}
        await accounts.do(CHANGE_EMAIL, wanted, headers=person.bearer)
    letters = [one["token"] for one in await accounts.letters_to("novo@example.com")]
    answers = await asyncio.gather(*(accounts.do(CONFIRM, {"token": token}) for token in letters))
    assert sorted(answer["__typename"] for answer in answers) == ["ContactConfirmed", "InvalidConfirmation"]


async def test_changing_the_email_needs_the_password(accounts: Accounts) -> None:
    sergio = await accounts.person()
    wanted = {"email": "novo@example.com", "password": "Errada#2026"}
    assert await accounts.do(CHANGE_EMAIL, wanted, headers=sergio.bearer) == {"__typename": "WrongPassword"}
    assert await accounts.letters_to("novo@example.com") == []
