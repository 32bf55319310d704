"""Confirming an e-mail or a phone."""

import asyncio

import pytest

from tests.subgraphs.accounts.people import CONFIRM, SERGIO, Accounts

RESEND = "mutation ($input: ResendConfirmationInput!) { resendConfirmation(input: $input) { __typename } }"


async def confirm(accounts: Accounts, **input: str) -> str:
    return (await accounts.do(CONFIRM, input))["__typename"]


async def test_nobody_signs_in_before_confirming(accounts: Accounts) -> None:
    await accounts.sign_up()
    assert (await accounts.sign_in())["__typename"] == "ContactNotConfirmed"
    assert (await accounts.sign_in(password="Errada#2026"))["__typename"] == "InvalidCredentials"


async def test_the_link_confirms_the_email_once(accounts: Accounts) -> None:
    await accounts.sign_up()
    token = (await accounts.newest_letter("sergio@example.com", "CONFIRM_EMAIL"))["token"]
    assert await accounts.do(CONFIRM, {"token": token}) == {"__typename": "ContactConfirmed", "channel": "EMAIL"}
    assert (await accounts.sign_in())["__typename"] == "SignedIn"
    assert await confirm(accounts, token=token) == "InvalidConfirmation"


async def test_the_code_confirms_the_phone_once(accounts: Accounts) -> None:
    await accounts.sign_up()
    code = (await accounts.newest_letter("+5565999990001", "CONFIRM_PHONE"))["code"]
    answer = await accounts.do(CONFIRM, {"email": "Sergio@Example.com", "code": code})
    assert answer == {"__typename": "ContactConfirmed", "channel": "SMS"}
    assert (await accounts.sign_in())["__typename"] == "SignedIn"
    assert await confirm(accounts, email="sergio@example.com", code=code) == "InvalidConfirmation"


async def test_a_link_lasts_two_days_and_a_code_ten_minutes(accounts: Accounts) -> None:
    await accounts.sign_up()
    token = (await accounts.newest_letter("sergio@example.com", "CONFIRM_EMAIL"))["token"]
    code = (await accounts.newest_letter("+5565999990001", "CONFIRM_PHONE"))["code"]
    accounts.clock.advance(minutes=10)
    assert await confirm(accounts, email="sergio@example.com", code=code) == "InvalidConfirmation"
    accounts.clock.advance(hours=48)
    assert await confirm(accounts, token=token) == "InvalidConfirmation"


async def test_a_code_survives_four_wrong_guesses_and_dies_of_the_fifth(accounts: Accounts) -> None:
    await accounts.sign_up()
    code = (await accounts.newest_letter("+5565999990001", "CONFIRM_PHONE"))["code"]
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert await confirm(accounts, email="sergio@example.com", code=wrong) == "InvalidConfirmation"
        accounts.clock.advance(seconds=2)
    assert await confirm(accounts, email="sergio@example.com", code=code) == "InvalidConfirmation"


async def test_guessing_codes_is_slowed_down(accounts: Accounts) -> None:
    for _ in range(5):
        assert await confirm(accounts, email="nobody@example.com", code="123456") == "InvalidConfirmation"
    assert await confirm(accounts, email="nobody@example.com", code="123456") == "TooManyAttempts"


async def test_a_new_code_voids_the_earlier_one(accounts: Accounts) -> None:
    await accounts.sign_up()
    first = (await accounts.newest_letter("+5565999990001", "CONFIRM_PHONE"))["code"]
    await accounts.do(RESEND, {"email": "sergio@example.com"})
    second = (await accounts.newest_letter("+5565999990001", "CONFIRM_PHONE"))["code"]
    if first != second:
        assert await confirm(accounts, email="sergio@example.com", code=first) == "InvalidConfirmation"
    assert await confirm(accounts, email="sergio@example.com", code=second) == "ContactConfirmed"


async def test_a_code_sent_twice_at_once_counts_once(accounts: Accounts) -> None:
    await accounts.sign_up()
    code = (await accounts.newest_letter("+5565999990001", "CONFIRM_PHONE"))["code"]
    answers = await asyncio.gather(*(confirm(accounts, email=SERGIO["email"], code=code) for _ in range(2)))
    assert sorted(answers) == ["ContactConfirmed", "InvalidConfirmation"]


@pytest.mark.parametrize("input", [{}, {"email": "a@b.com"}, {"code": "1"}, {"token": "x", "code": "1"}])
async def test_either_the_link_or_email_and_code(accounts: Accounts, input: dict[str, str]) -> None:
    assert await confirm(accounts, **input) == "InvalidInput"


async def test_a_made_up_link_confirms_nothing(accounts: Accounts) -> None:
    await accounts.sign_up()
    assert await confirm(accounts, token="made-up") == "InvalidConfirmation"
