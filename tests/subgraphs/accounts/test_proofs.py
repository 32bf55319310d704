"""`confirmIdentity`: a fresh proof, in the session and in a token that every domain can read."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from subgraphs.shared.identity import Identity
from tests.subgraphs.accounts.people import MARINA, PASSWORD, REFRESH, SIGN_IN, Accounts, Person, claims_of
from tests.subgraphs.accounts.test_second_factor import code, enrol

CONFIRM_IDENTITY = """mutation ($input: ConfirmIdentityInput!) { confirmIdentity(input: $input) {
  __typename ... on IdentityConfirmed { accessToken expiresIn provedAt } ... on Refusal { code } } }"""


async def confirm(accounts: Accounts, person: Person, password: str = PASSWORD, **codes: str) -> Any:
    return await accounts.do(CONFIRM_IDENTITY, {"password": password, **codes}, headers=person.bearer)


def proved_at(token: str) -> datetime:
    return datetime.fromtimestamp(claims_of(token)["auth_time"], UTC)


async def test_signing_in_is_a_proof_and_refreshing_is_none(accounts: Accounts) -> None:
    person = await accounts.person(**MARINA)
    signed_in_at = accounts.clock.now()
    signed_in = await accounts.do(SIGN_IN, {"email": person.email, "password": PASSWORD})
    accounts.clock.advance(minutes=9)
    refreshed = await accounts.do(REFRESH, {"refreshToken": signed_in["refreshToken"]})
    assert [proved_at(one["accessToken"]) for one in (signed_in, refreshed)] == [signed_in_at, signed_in_at]


async def test_a_proof_is_in_the_token_and_stays_with_the_session(accounts: Accounts) -> None:
    person = await accounts.person(**MARINA)
    accounts.clock.advance(minutes=20)
    confirmed = await confirm(accounts, person)
    assert (confirmed["__typename"], confirmed["expiresIn"]) == ("IdentityConfirmed", 600)
    assert proved_at(confirmed["accessToken"]) == accounts.clock.now()
    claims = claims_of(confirmed["accessToken"])
    assert (claims["sid"], claims["sub"]) == (person.session_id, person.id)
    accounts.clock.advance(minutes=5)
    refreshed = await accounts.do(REFRESH, {"refreshToken": person.refresh_token})
    assert claims_of(refreshed["accessToken"])["auth_time"] == claims["auth_time"]


async def test_the_new_token_may_do_no_more_than_the_one_that_asked(accounts: Accounts) -> None:
    person = await accounts.person(**MARINA)  # an investor, whose token here says nothing of it
    confirmed = await confirm(accounts, person)
    assert claims_of(confirmed["accessToken"])["scope"] == "signed_in"


async def test_a_wrong_password_proves_nothing(accounts: Accounts) -> None:
    person = await accounts.person(**MARINA)
    assert (await confirm(accounts, person, "Errada#2026"))["__typename"] == "WrongPassword"


async def test_who_has_a_second_factor_needs_it(accounts: Accounts) -> None:
    person = await accounts.person(**MARINA)
    secret, _ = await enrol(accounts, person)
    accounts.clock.advance(minutes=1)
    assert (await confirm(accounts, person))["__typename"] == "SecondFactorRequired"
    assert (await confirm(accounts, person, totpCode="000000"))["__typename"] == "InvalidSecondFactor"
    assert (await confirm(accounts, person, totpCode=code(accounts, secret)))["__typename"] == "IdentityConfirmed"


async def test_an_ended_session_proves_nothing(accounts: Accounts) -> None:
    person = await accounts.person(**MARINA)
    await accounts.do("mutation { signOut { ok } }", headers=person.bearer)
    assert (await confirm(accounts, person))["__typename"] == "SessionEnded"


def test_a_token_that_says_nothing_of_a_proof_has_none() -> None:
    assert not Identity(user_id=UUID(int=1)).has_proved_within(10**9)
