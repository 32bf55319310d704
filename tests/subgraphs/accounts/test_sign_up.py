"""Signing up, and what a stranger can learn from it."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from subgraphs.accounts.models import User
from tests.subgraphs.accounts.people import MARINA, SERGIO, SIGN_UP, Accounts

RESEND = """mutation ($input: ResendConfirmationInput!) { resendConfirmation(input: $input) {
  __typename ... on ConfirmationSent { email } ... on TooManyAttempts { retryAfterSeconds } } }"""
ACCEPTED = {"__typename": "SignUpAccepted", "email": "sergio@example.com", "phone": "+55 ** *****-0001"}


async def count_users(accounts: Accounts) -> int:
    async with accounts.services.database.read() as session:
        return await session.scalar(select(func.count()).select_from(User)) or 0


async def test_signing_up_registers_the_person_and_asks_for_confirmation(accounts: Accounts) -> None:
    assert await accounts.sign_up() == ACCEPTED
    (registered,) = await accounts.published("accounts.user_registered.v2")
    assert registered | {"user_id": "…"} == {"user_id": "…", "profiles": ["FARMER"]}
    (letter,) = await accounts.letters_to("sergio@example.com")
    assert letter["kind"] == "CONFIRM_EMAIL"
    assert letter["link"] == f"https://app.peerseed.example/confirmar?token={letter['token']}"
    (code,) = await accounts.letters_to("+5565999990001")
    assert code["kind"] == "CONFIRM_PHONE"
    assert len(code["code"]) == 6
    assert code["code"].isdecimal()


async def test_one_person_may_be_farmer_and_investor(accounts: Accounts) -> None:
    await accounts.sign_up(profiles=["INVESTOR", "FARMER"])
    (registered,) = await accounts.published("accounts.user_registered.v2")
    assert registered["profiles"] == ["FARMER", "INVESTOR"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "X"}, "name"),
        ({"email": "sergio"}, "email"),
        ({"password": "short"}, "password"),
        ({"birthDate": "2010-01-01"}, "birthDate"),
        ({"phone": "123"}, "phone"),
        ({"cpf": "111.111.111-11"}, "cpf"),
        ({"profiles": []}, "profiles"),
    ],
)
async def test_a_wrong_value_is_named_and_nothing_is_written(accounts: Accounts, change: Any, field: str) -> None:
    answer = await accounts.sign_up(**change)
    assert (answer["__typename"], answer["field"]) == ("InvalidInput", field)
    assert await count_users(accounts) == 0
    assert await accounts.published("accounts.user_registered.v2") == []


async def test_the_cpf_is_nowhere_in_plain_text(accounts: Accounts) -> None:
    await accounts.sign_up()
    async with accounts.services.database.read() as session:
        user = (await session.scalars(select(User))).one()
    assert b"52998224725" not in (user.cpf_sealed or b"") + (user.cpf_fingerprint or b"")
    opened = accounts.services.vault.open(user.cpf_sealed or b"", use="cpf", place=user.id)
    assert opened == b"52998224725"


async def test_a_known_email_gets_the_same_answer_and_a_letter(accounts: Accounts) -> None:
    await accounts.person()
    taken = await accounts.sign_up(
        name="Outra Pessoa", email="SERGIO@example.com", cpf=MARINA["cpf"], password="Outra#Senha1"
    )
    assert taken == ACCEPTED | {"email": "SERGIO@example.com"}
    assert await count_users(accounts) == 1
    assert (await accounts.letters_to("SERGIO@example.com"))[-1]["kind"] == "ALREADY_REGISTERED"
    assert (await accounts.sign_in())["__typename"] == "SignedIn"
    assert (await accounts.sign_in(password="Outra#Senha1"))["__typename"] == "InvalidCredentials"


async def test_an_unconfirmed_email_gets_its_link_again(accounts: Accounts) -> None:
    await accounts.sign_up()
    assert await accounts.sign_up(password="Outra#Senha1") == ACCEPTED
    kinds = [letter["kind"] for letter in await accounts.letters_to("sergio@example.com")]
    assert kinds == ["CONFIRM_EMAIL", "CONFIRM_EMAIL"]
    assert await count_users(accounts) == 1


async def test_a_known_cpf_gets_the_same_answer_and_letters(accounts: Accounts) -> None:
    await accounts.person()
    answer = await accounts.sign_up(email="novo@example.com", phone="+5565999990009")
    assert answer == {"__typename": "SignUpAccepted", "email": "novo@example.com", "phone": "+55 ** *****-0009"}
    assert await count_users(accounts) == 1
    assert [letter["kind"] for letter in await accounts.letters_to("novo@example.com")] == ["CPF_IN_USE"]
    assert (await accounts.letters_to("sergio@example.com"))[-1]["kind"] == "CPF_TRIED"
    assert await accounts.letters_to("+5565999990009") == []


async def test_of_two_sign_ups_at_once_one_makes_the_account(accounts: Accounts) -> None:
    answers = await asyncio.gather(
        accounts.do(SIGN_UP, SERGIO), accounts.do(SIGN_UP, SERGIO | {"name": "Sérgio Segundo"})
    )
    assert answers == [ACCEPTED, ACCEPTED]
    assert await count_users(accounts) == 1
    assert len(await accounts.published("accounts.user_registered.v2")) == 1


async def test_of_two_sign_ups_at_once_with_one_cpf_one_makes_the_account(accounts: Accounts) -> None:
    await asyncio.gather(
        accounts.do(SIGN_UP, SERGIO),
        accounts.do(SIGN_UP, SERGIO | {"email": "outro@example.com", "phone": "+5565999990008"}),
    )
    assert await count_users(accounts) == 1


async def test_letters_to_one_address_are_slowed_down(accounts: Accounts) -> None:
    for _ in range(3):
        assert (await accounts.sign_up())["__typename"] == "SignUpAccepted"
    answer = await accounts.do(RESEND, {"email": "Sergio@example.com"})
    assert answer == {"__typename": "TooManyAttempts", "retryAfterSeconds": 2}
    accounts.clock.advance(seconds=2)
    assert (await accounts.do(RESEND, {"email": "sergio@example.com"}))["__typename"] == "ConfirmationSent"
    assert (await accounts.do(RESEND, {"email": "sergio@example.com"}))["retryAfterSeconds"] == 4


async def test_an_unknown_email_is_slowed_down_as_well(accounts: Accounts) -> None:
    for _ in range(3):
        answer = await accounts.do(RESEND, {"email": "nobody@example.com"})
        assert answer == {"__typename": "ConfirmationSent", "email": "nobody@example.com"}
    assert (await accounts.do(RESEND, {"email": "nobody@example.com"}))["__typename"] == "TooManyAttempts"
    assert await accounts.letters_to("nobody@example.com") == []


async def test_answers_that_must_not_tell_wait_for_the_same_instant(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The duration itself is not measured: what is asked of the event loop is."""
    waits: list[float] = []
    now = asyncio.get_running_loop().time()
    monkeypatch.setattr(accounts.services.settings, "answer_seconds_min", 100.0)

    async def note(seconds: float) -> None:
        waits.append(asyncio.get_running_loop().time() + seconds)

    monkeypatch.setattr("subgraphs.accounts.domain.even_time.asyncio.sleep", note)
    await accounts.sign_up()
    await accounts.sign_up()
    await accounts.do(RESEND, {"email": "nobody@example.com"})
    assert len(waits) == 3
    assert all(answer_at >= now + 100.0 for answer_at in waits)
