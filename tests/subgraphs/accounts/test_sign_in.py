"""Signing in: what is said, to whom, and how often one may try."""

import asyncio

import pytest
from sqlalchemy import update

from subgraphs.accounts.core.settings import AccountsSettings
from subgraphs.accounts.domain.attempts import network_of
from subgraphs.accounts.main import create_subgraph
from subgraphs.accounts.models import User
from tests.subgraphs.accounts.conftest import CHEAP
from tests.subgraphs.accounts.people import MARINA, PASSWORD, SIGN_IN, Accounts, claims_of

WRONG = "Errada#2026"


async def test_signing_in_gives_a_session(accounts: Accounts) -> None:
    sergio = await accounts.person()
    answer = await accounts.sign_in("SERGIO@example.com")
    assert answer["user"] == {"id": sergio.id, "fullName": "Sérgio Almeida"}
    assert (answer["expiresIn"], answer["tokenType"], answer["scope"]) == (600, "Bearer", "signed_in farmer")
    assert claims_of(answer["accessToken"])["sub"] == sergio.id
    assert claims_of(answer["accessToken"])["sid"] != sergio.session_id


async def test_nobody_learns_which_of_the_two_was_wrong(accounts: Accounts) -> None:
    await accounts.person()
    wrong_password = await accounts.sign_in(password=WRONG)
    unknown_email = await accounts.sign_in("nobody@example.com")
    assert wrong_password == unknown_email
    assert wrong_password == {
        "__typename": "InvalidCredentials",
        "code": "InvalidCredentials",
        "message": "E-mail ou senha incorretos.",
    }


async def test_a_hash_is_compared_with_also_when_there_is_nobody(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accounts.person()
    compared: list[str] = []
    matches = accounts.services.passwords._matches

    def note(hashed: str, password: str) -> bool:
        compared.append(hashed.rsplit("$", 2)[0])
        return matches(hashed, password)

    monkeypatch.setattr(accounts.services.passwords, "_matches", note)
    await accounts.sign_in(password=WRONG)
    await accounts.sign_in("nobody@example.com")
    assert compared == ["$argon2id$v=19$m=8,t=1,p=1"] * 2


async def test_the_dummy_password_lets_nobody_in(accounts: Accounts) -> None:
    assert not await accounts.services.passwords.verify(None, PASSWORD)


async def test_a_password_typed_on_another_keyboard_is_the_same(accounts: Accounts) -> None:
    await accounts.person(password="Sementé#2026")
    assert (await accounts.sign_in(password="Semente\N{COMBINING ACUTE ACCENT}#2026"))["__typename"] == "SignedIn"


async def test_a_suspended_person_is_told_only_with_the_right_password(accounts: Accounts) -> None:
    sergio = await accounts.person()
    async with accounts.services.database.begin() as session:
        await session.execute(update(User).where(User.id == sergio.id).values(suspended_at=accounts.clock.now()))
    assert (await accounts.sign_in())["__typename"] == "AccountSuspended"
    assert (await accounts.sign_in(password=WRONG))["__typename"] == "InvalidCredentials"


async def test_the_wait_doubles_and_ends_with_success(accounts: Accounts) -> None:
    await accounts.person()
    for _ in range(5):
        assert (await accounts.sign_in(password=WRONG))["__typename"] == "InvalidCredentials"
    for wait in (2, 4, 8):
        assert (await accounts.sign_in())["retryAfterSeconds"] == wait
        accounts.clock.advance(seconds=wait)
        assert (await accounts.sign_in(password=WRONG))["__typename"] == "InvalidCredentials"
    accounts.clock.advance(seconds=16)
    assert (await accounts.sign_in())["__typename"] == "SignedIn"
    assert (await accounts.sign_in(password=WRONG))["__typename"] == "InvalidCredentials"
    assert (await accounts.sign_in())["__typename"] == "SignedIn"


async def test_asking_while_blocked_prolongs_nothing(accounts: Accounts) -> None:
    await accounts.person()
    for _ in range(5):
        await accounts.sign_in(password=WRONG)
    for _ in range(10):
        assert (await accounts.sign_in())["retryAfterSeconds"] == 2
    accounts.clock.advance(seconds=2)
    assert (await accounts.sign_in())["__typename"] == "SignedIn"


async def test_the_wait_has_an_upper_bound(accounts: Accounts) -> None:
    for _ in range(5):
        await accounts.sign_in("nobody@example.com")
    waits = []
    for _ in range(12):
        waits.append((await accounts.sign_in("nobody@example.com"))["retryAfterSeconds"])
        accounts.clock.advance(seconds=waits[-1])
        await accounts.sign_in("nobody@example.com")
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


async def test_failures_are_forgotten_after_an_hour_of_peace(accounts: Accounts) -> None:
    await accounts.person()
    for _ in range(4):
        await accounts.sign_in(password=WRONG)
    accounts.clock.advance(hours=1)
    for _ in range(4):
        assert (await accounts.sign_in(password=WRONG))["__typename"] == "InvalidCredentials"
    assert (await accounts.sign_in())["__typename"] == "SignedIn"


async def test_a_hundred_guesses_at_once_are_not_one_look_at_the_counter(accounts: Accounts) -> None:
    await accounts.person()
    answers = await asyncio.gather(*(accounts.sign_in(password=WRONG) for _ in range(12)))
    kinds = [answer["__typename"] for answer in answers]
    assert kinds.count("InvalidCredentials") == 5
    assert kinds.count("TooManyAttempts") == 7


async def test_one_address_is_slowed_down_whichever_accounts_it_tries(accounts: Accounts) -> None:
    await accounts.person()
    for number in range(30):
        guess = {"email": f"person{number}@example.com", "password": WRONG}
        answer = await accounts.do(SIGN_IN, guess, address="203.0.113.7")
        assert answer["__typename"] == "InvalidCredentials"
    right = {"email": "sergio@example.com", "password": PASSWORD}
    assert (await accounts.do(SIGN_IN, right, address="203.0.113.7"))["retryAfterSeconds"] == 2
    assert (await accounts.do(SIGN_IN, right, address="203.0.113.8"))["__typename"] == "SignedIn"


async def test_a_network_of_ipv6_is_one_address(accounts: Accounts) -> None:
    for number in range(30):
        guess = {"email": f"person{number}@example.com", "password": WRONG}
        await accounts.do(SIGN_IN, guess, address=f"2001:db8:1:2::{number + 1:x}")
    guess = {"email": "other@example.com", "password": WRONG}
    assert (await accounts.do(SIGN_IN, guess, address="2001:db8:1:2:ffff::1"))["__typename"] == "TooManyAttempts"
    assert (await accounts.do(SIGN_IN, guess, address="2001:db8:1:3::1"))["__typename"] == "InvalidCredentials"


async def test_successes_cost_an_address_nothing(accounts: Accounts) -> None:
    await accounts.person()
    right = {"email": "sergio@example.com", "password": PASSWORD}
    for _ in range(35):
        assert (await accounts.do(SIGN_IN, right, address="203.0.113.7"))["__typename"] == "SignedIn"


async def test_one_account_being_slowed_down_leaves_others_alone(accounts: Accounts) -> None:
    await accounts.person()
    await accounts.person(**MARINA)
    for _ in range(6):
        await accounts.sign_in(password=WRONG)
    assert (await accounts.sign_in())["__typename"] == "TooManyAttempts"
    assert (await accounts.sign_in(MARINA["email"]))["__typename"] == "SignedIn"


async def test_a_restart_forgives_nothing(accounts: Accounts) -> None:
    await accounts.person()
    for _ in range(5):
        await accounts.sign_in(password=WRONG)
    settings: AccountsSettings = accounts.services.settings
    restarted = create_subgraph(settings, verifier=accounts.tokens.verifier, clock=accounts.clock)
    try:
        again = Accounts(restarted, accounts.clock, accounts.tokens)
        assert (await again.sign_in())["__typename"] == "TooManyAttempts"
    finally:
        await restarted.close()


async def test_a_hash_of_lower_cost_is_replaced_at_sign_in(accounts: Accounts) -> None:
    sergio = await accounts.person()
    settings = accounts.services.settings.model_copy(update=CHEAP | {"password_time_cost": 2})
    costlier = create_subgraph(settings, verifier=accounts.tokens.verifier, clock=accounts.clock)
    try:
        again = Accounts(costlier, accounts.clock, accounts.tokens)
        assert (await again.sign_in())["__typename"] == "SignedIn"
        async with accounts.services.database.read() as session:
            user = await session.get_one(User, sergio.id)
        assert (user.password_hash or "").startswith("$argon2id$v=19$m=8,t=2,p=1$")
        assert (await again.sign_in())["__typename"] == "SignedIn"
    finally:
        await costlier.close()


async def test_a_password_too_long_to_be_anybodys_is_not_hashed(accounts: Accounts) -> None:
    answer = await accounts.sign_in(password="x" * 10_000)
    assert answer["__typename"] == "InvalidInput"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, 10.0.0.1", None),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("127.0.0.1", None),
        ("::1", None),
        ("::ffff:127.0.0.1", None),
        ("unknown", None),
        ("", None),
        (None, None),
    ],
)
def test_who_is_counted_together(address: str | None, network: str | None) -> None:
    assert network_of(address) == network
