"""Every check of a password or code is counted before the work is done, however many are sent at once."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pyotp
import pytest

from subgraphs.accounts.main import create_subgraph
from subgraphs.shared.availability import is_unavailable
from subgraphs.shared.turns import LineFull
from tests.subgraphs.accounts.conftest import CHEAP
from tests.subgraphs.accounts.people import PASSWORD, SERGIO, Accounts, Person

WRONG = "Errada#2026"
NEW = "Colheita#2027"

CHANGE_PASSWORD = """mutation ($input: ChangePasswordInput!) { changePassword(input: $input) {
  __typename ... on TooManyAttempts { retryAfterSeconds } } }"""
ENABLE = "mutation ($input: EnableTotpInput!) { enableTotp(input: $input) { ... on TotpEnrolment { secret } } }"
CONFIRM_TOTP = "mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { __typename } }"
RESET = "mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { __typename } }"
CONFIRM = "mutation ($input: ConfirmContactInput!) { confirmContact(input: $input) { __typename } }"


@pytest.fixture
def work(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many hashes were made and compared."""
    done = Counter[str]()
    passwords = accounts.services.passwords

    def note(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*arguments: str) -> Any:
            done[name] += 1
            return function(*arguments)

        return noted

    monkeypatch.setattr(passwords, "_matches", note("compared", passwords._matches))
    monkeypatch.setattr(passwords, "_hash", note("hashed", passwords._hash))
    return done


async def at_once(asked: list[Awaitable[Any]]) -> Counter[str]:
    return Counter([answer["__typename"] for answer in await asyncio.gather(*asked)])


async def test_fifty_wrong_passwords_at_once_are_five_comparisons_and_no_hash(
    accounts: Accounts, work: Counter[str]
) -> None:
    sergio = await accounts.person()
    work.clear()
    guess = {"currentPassword": WRONG, "newPassword": NEW}
    told = await at_once([accounts.do(CHANGE_PASSWORD, guess, headers=sergio.bearer) for _ in range(50)])
    assert told == {"WrongPassword": 5, "TooManyAttempts": 45}
    assert work == {"compared": 5}


async def test_fifty_sign_ins_at_once_are_five_comparisons(accounts: Accounts, work: Counter[str]) -> None:
    await accounts.person()
    work.clear()
    told = await at_once([accounts.sign_in(password=WRONG) for _ in range(50)])
    assert told == {"InvalidCredentials": 5, "TooManyAttempts": 45}
    assert work == {"compared": 5}


async def test_many_sessions_of_one_person_share_twenty_guesses(accounts: Accounts) -> None:
    sessions = [await accounts.person(), *[await accounts.signed_in(SERGIO["email"]) for _ in range(5)]]
    guess = {"currentPassword": WRONG, "newPassword": NEW}
    told = [
        (await accounts.do(CHANGE_PASSWORD, guess, headers=one.bearer))["__typename"]
        for one in sessions
        for _ in range(5)
    ]
    assert told == ["WrongPassword"] * 20 + ["TooManyAttempts"] * 10


async def test_strangers_who_fail_to_sign_in_keep_nobody_from_changing_their_password(accounts: Accounts) -> None:
    sergio = await accounts.person()
    for number in range(25):
        guess = {"email": SERGIO["email"], "password": WRONG}
        await accounts.do(
            "mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }",
            guess,
            address=f"203.0.113.{number + 1}",
        )
    change = {"currentPassword": PASSWORD, "newPassword": NEW}
    assert (await accounts.do(CHANGE_PASSWORD, change, headers=sergio.bearer))["__typename"] == "PasswordChanged"


async def enrolled(accounts: Accounts) -> tuple[Person, str]:
    """Somebody whose app has a secret that waits for its first code."""
    sergio = await accounts.person()
    secret = (await accounts.do(ENABLE, {"password": PASSWORD}, headers=sergio.bearer))["secret"]
    return sergio, secret


async def test_a_thousand_codes_at_once_are_five_guesses(accounts: Accounts) -> None:
    sergio, secret = await enrolled(accounts)
    right = pyotp.TOTP(secret).at(accounts.clock.now())
    codes = [f"{number:06}" for number in range(1_000) if f"{number:06}" != right]
    told = Counter[str]()
    for first in range(0, len(codes), 40):
        asked = [accounts.do(CONFIRM_TOTP, {"code": code}, headers=sergio.bearer) for code in codes[first : first + 40]]
        told += await at_once(asked)
    assert told == {"InvalidSecondFactor": 5, "TooManyAttempts": len(codes) - 5}
    assert (await accounts.do(CONFIRM_TOTP, {"code": right}, headers=sergio.bearer))["__typename"] == "TooManyAttempts"


async def test_the_right_code_takes_the_wrong_ones_back(accounts: Accounts) -> None:
    sergio, secret = await enrolled(accounts)
    for _ in range(4):
        wrong = await accounts.do(CONFIRM_TOTP, {"code": "12345"}, headers=sergio.bearer)
        assert wrong["__typename"] == "InvalidSecondFactor"
    right = pyotp.TOTP(secret).at(accounts.clock.now())
    assert (await accounts.do(CONFIRM_TOTP, {"code": right}, headers=sergio.bearer))["__typename"] == "RecoveryCodes"
    guess = {"currentPassword": WRONG, "newPassword": NEW}
    told = [(await accounts.do(CHANGE_PASSWORD, guess, headers=sergio.bearer))["__typename"] for _ in range(5)]
    assert told == ["WrongPassword"] * 5


@pytest.mark.parametrize(
    ("document", "guess", "wrong"),
    [
        (RESET, {"token": "x" * 43, "newPassword": NEW}, "InvalidResetToken"),
        (CONFIRM, {"token": "x" * 43}, "InvalidConfirmation"),
    ],
    ids=["reset", "confirmation"],
)
async def test_links_that_are_tried_are_counted_by_address_and_cost_no_hash(
    accounts: Accounts, work: Counter[str], document: str, guess: dict[str, str], wrong: str
) -> None:
    told = await at_once([accounts.do(document, guess, address="203.0.113.7") for _ in range(40)])
    assert told == {wrong: 30, "TooManyAttempts": 10}
    assert (await accounts.do(document, guess, address="203.0.113.8"))["__typename"] == wrong
    assert not work


async def test_wrong_phone_codes_keep_nobody_from_signing_in(accounts: Accounts) -> None:
    await accounts.person()
    guess = {"email": SERGIO["email"], "code": "000000"}
    told = await at_once([accounts.do(CONFIRM, guess) for _ in range(20)])
    assert told == {"InvalidConfirmation": 5, "TooManyAttempts": 15}
    assert (await accounts.sign_in())["__typename"] == "SignedIn"


async def test_more_hashes_than_may_wait_are_told_at_once(accounts: Accounts) -> None:
    changed = CHEAP | {"password_workers": 1, "password_waiting_max": 3}
    settings = accounts.services.settings.model_copy(update=changed)
    narrow = create_subgraph(settings, verifier=accounts.tokens.verifier, clock=accounts.clock)
    try:
        asked = [narrow.services.passwords.hash(PASSWORD) for _ in range(10)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
    finally:
        await narrow.close()
    refused = [answer for answer in answers if not isinstance(answer, str)]
    assert [type(answer) for answer in refused] == [LineFull] * 6
    assert all(is_unavailable(answer) for answer in refused)
