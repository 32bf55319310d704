"""Strangers who fail for ever: they guess no more, and the owner gets in on every device of theirs."""

import asyncio
from typing import Any

import pytest

from subgraphs.accounts.main import create_subgraph
from tests.subgraphs.accounts.conftest import CHEAP, served
from tests.subgraphs.accounts.people import MARINA, PASSWORD, SERGIO, Accounts

WRONG = "Errada#2026"
EMAIL = SERGIO["email"]
HOME = "198.51.100.9"

SIGN_IN = """mutation ($input: SignInInput!) { signIn(input: $input) {
  __typename
  ... on SignedIn { refreshToken deviceToken }
  ... on TooManyAttempts { retryAfterSeconds }
  ... on UnlockRequired { retryAfterSeconds message messageEnglish } } }"""
REFRESH = "mutation ($input: RefreshTokenInput!) { refreshToken(input: $input) { ... on SignedIn { deviceToken } } }"


async def sign_in(
    accounts: Accounts, password: str = PASSWORD, *, email: str = EMAIL, address: str = HOME, **more: str
) -> Any:
    return await accounts.do(SIGN_IN, {"email": email, "password": password, **more}, address=address)


async def attack(accounts: Accounts, *, times: int = 100, email: str = EMAIL) -> list[str]:
    """What somebody is told who guesses from another address each time."""
    answers = [
        await sign_in(accounts, WRONG, email=email, address=f"203.0.113.{number + 1}") for number in range(times)
    ]
    return [answer["__typename"] for answer in answers]


async def unlock_letters(accounts: Accounts, email: str = EMAIL) -> list[dict[str, Any]]:
    return [letter for letter in await accounts.letters_to(email) if letter["kind"] == "UNLOCK_SIGN_IN"]


async def test_a_stranger_with_many_addresses_has_twenty_guesses(accounts: Accounts) -> None:
    await accounts.person()
    assert await attack(accounts) == ["InvalidCredentials"] * 20 + ["UnlockRequired"] * 80


async def test_a_device_that_signed_in_before_still_does(accounts: Accounts) -> None:
    await accounts.person()
    device = (await sign_in(accounts))["deviceToken"]
    await attack(accounts)
    answer = await sign_in(accounts, deviceToken=device)
    assert (answer["__typename"], answer["deviceToken"]) == ("SignedIn", device)


async def test_a_device_that_signed_in_before_still_does_on_a_strangers_own_network(accounts: Accounts) -> None:
    await accounts.person()
    device = (await sign_in(accounts))["deviceToken"]
    for number in range(40):
        await sign_in(accounts, WRONG, email=f"person{number}@example.com")
    assert (await sign_in(accounts))["__typename"] == "TooManyAttempts"
    assert (await sign_in(accounts, deviceToken=device))["__typename"] == "SignedIn"


async def test_a_new_device_is_told_of_the_letter_and_gets_in_with_its_code(accounts: Accounts) -> None:
    await accounts.person()
    await attack(accounts)
    assert await sign_in(accounts) == {
        "__typename": "UnlockRequired",
        "retryAfterSeconds": 2,
        "message": "Muitas tentativas de entrar nesta conta. Para entrar neste aparelho, informe o código que enviamos "
        "ao e-mail da conta, ou tente de novo em 2 s.",
        "messageEnglish": "Too many attempts to sign in to this account. To sign in on this device, send the code that "
        "was mailed to the account's e-mail, or try again in 2 s.",
    }
    (letter,) = await unlock_letters(accounts)
    answer = await sign_in(accounts, unlockCode=letter["code"].lower().replace("-", " "))
    assert answer["__typename"] == "SignedIn"
    assert (await sign_in(accounts, deviceToken=answer["deviceToken"]))["__typename"] == "SignedIn"
    # Used up; and the account's other unknown devices are held up as before.
    assert (await sign_in(accounts, unlockCode=letter["code"]))["__typename"] == "UnlockRequired"
    assert len(await unlock_letters(accounts)) == 2


async def test_the_code_does_not_stand_for_the_password(accounts: Accounts) -> None:
    await accounts.person()
    await attack(accounts, times=21)
    (letter,) = await unlock_letters(accounts)
    guesses = [(await sign_in(accounts, WRONG, unlockCode=letter["code"]))["__typename"] for _ in range(6)]
    assert guesses == ["InvalidCredentials"] * 5 + ["TooManyAttempts"]


async def test_wrong_codes_are_counted_and_do_not_use_up_the_right_one(accounts: Accounts) -> None:
    await accounts.person()
    await attack(accounts, times=21)
    stranger = "203.0.113.200"
    guesses = [
        (await sign_in(accounts, WRONG, address=stranger, unlockCode=f"AAAAA-AAA{number:02}"))["__typename"]
        for number in range(6)
    ]
    assert guesses == ["UnlockRequired"] * 5 + ["TooManyAttempts"]
    (letter,) = await unlock_letters(accounts)
    assert (await sign_in(accounts, unlockCode=letter["code"]))["__typename"] == "SignedIn"


async def test_a_code_is_good_for_an_hour_and_then_another_is_sent(accounts: Accounts) -> None:
    await accounts.person()
    await attack(accounts, times=21)
    (letter,) = await unlock_letters(accounts)
    accounts.clock.advance(minutes=59)
    await attack(accounts, times=2)
    assert len(await unlock_letters(accounts)) == 1
    accounts.clock.advance(minutes=1)
    await attack(accounts, times=2)
    assert len(await unlock_letters(accounts)) == 2
    assert (await sign_in(accounts, unlockCode=letter["code"]))["__typename"] == "UnlockRequired"


async def test_nobody_learns_whether_an_email_has_an_account(accounts: Accounts) -> None:
    await accounts.person()
    assert await attack(accounts, times=25) == await attack(accounts, times=25, email="nobody@example.com")
    assert await unlock_letters(accounts, "nobody@example.com") == []


@pytest.mark.parametrize("token", ["", "unknown", "another person's"])
async def test_a_token_that_is_not_the_accounts_makes_no_device_known(accounts: Accounts, token: str) -> None:
    await accounts.person()
    await accounts.person(**MARINA)
    if token == "another person's":
        token = (await sign_in(accounts, email=MARINA["email"]))["deviceToken"]
    await attack(accounts)
    assert (await sign_in(accounts, deviceToken=token))["__typename"] == "UnlockRequired"


async def test_a_known_device_has_few_guesses_of_its_own(accounts: Accounts) -> None:
    await accounts.person()
    device = (await sign_in(accounts))["deviceToken"]
    guesses = [(await sign_in(accounts, WRONG, deviceToken=device))["__typename"] for _ in range(6)]
    assert guesses == ["InvalidCredentials"] * 5 + ["TooManyAttempts"]
    assert (await sign_in(accounts))["__typename"] == "SignedIn"


async def test_a_refresh_gives_no_device_token(accounts: Accounts) -> None:
    sergio = await accounts.person()
    assert await accounts.do(REFRESH, {"refreshToken": sergio.refresh_token}) == {"deviceToken": None}


async def test_the_device_unused_longest_is_forgotten_for_one_too_many(accounts: Accounts) -> None:
    await accounts.person()
    devices = []
    for _ in range(accounts.services.settings.devices_max + 1):
        accounts.clock.advance(seconds=1)
        devices.append((await sign_in(accounts))["deviceToken"])
    await attack(accounts)
    assert (await sign_in(accounts, deviceToken=devices[0]))["__typename"] == "UnlockRequired"
    assert (await sign_in(accounts, deviceToken=devices[1]))["__typename"] == "SignedIn"


async def test_a_device_unused_for_long_is_a_strangers_again(accounts: Accounts) -> None:
    await accounts.person()
    device = (await sign_in(accounts))["deviceToken"]
    accounts.clock.advance(days=accounts.services.settings.device_days_kept, seconds=1)
    for job in accounts.subgraph.jobs:
        await job.run()
    await attack(accounts)
    assert (await sign_in(accounts, deviceToken=device))["__typename"] == "UnlockRequired"


async def test_an_oauth_client_is_told_the_same_by_its_own_words(accounts: Accounts) -> None:
    await accounts.person()
    form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
    async with served(accounts.subgraph) as client:
        async with client.post("/oauth/token", data=form) as response:
            device = (await response.json())["device_token"]
        await attack(accounts)
        async with client.post("/oauth/token", data=form) as response:
            body = await response.json()
            assert (response.status, body["error"], body["unlock"]) == (429, "slow_down", "required")
            assert response.headers["retry-after"] == "2"
        async with client.post("/oauth/token", data={**form, "device_token": device}) as response:
            assert (response.status, (await response.json())["device_token"]) == (200, device)
        (letter,) = await unlock_letters(accounts)
        async with client.post("/oauth/token", data={**form, "unlock_code": letter["code"]}) as response:
            assert response.status == 200


async def test_replicas_count_together(accounts: Accounts) -> None:
    await accounts.person()
    settings = accounts.services.settings
    replica = create_subgraph(settings, verifier=accounts.tokens.verifier, clock=accounts.clock)
    other = Accounts(replica, accounts.clock, accounts.tokens)
    try:
        answers = await asyncio.gather(
            *(sign_in(at, WRONG, address=f"203.0.113.{number + 1}") for number, at in enumerate([accounts, other] * 25))
        )
    finally:
        await replica.close()
    kinds = [answer["__typename"] for answer in answers]
    assert (kinds.count("InvalidCredentials"), kinds.count("UnlockRequired")) == (20, 30)


async def test_the_settings_say_how_many_guesses_and_how_long_a_code(accounts: Accounts) -> None:
    await accounts.person()
    changed = CHEAP | {"attempts_free_per_account": 3, "unlock_code_seconds": 60}
    settings = accounts.services.settings.model_copy(update=changed)
    strict = create_subgraph(settings, verifier=accounts.tokens.verifier, clock=accounts.clock)
    other = Accounts(strict, accounts.clock, accounts.tokens)
    try:
        assert await attack(other, times=5) == ["InvalidCredentials"] * 3 + ["UnlockRequired"] * 2
        accounts.clock.advance(seconds=60)
        await attack(other, times=2)
    finally:
        await strict.close()
    assert len(await unlock_letters(accounts)) == 2
