"""The second factor: an app's codes, and recovery codes for when the app is lost."""

import asyncio
from typing import Any

import pyotp
import pytest
from sqlalchemy import select

from subgraphs.accounts.models import RecoveryCode, SecondFactor
from tests.subgraphs.accounts.people import PASSWORD, Accounts, Person

ENABLE = """mutation ($input: EnableTotpInput!) { enableTotp(input: $input) {
  __typename ... on TotpEnrolment { secret uri qrSvg } } }"""
CONFIRM_TOTP = """mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) {
  __typename ... on RecoveryCodes { codes } } }"""
DISABLE = "mutation ($input: DisableTotpInput!) { disableTotp(input: $input) { __typename } }"
REPLACE = """mutation ($input: ReplaceRecoveryCodesInput!) { replaceRecoveryCodes(input: $input) {
  __typename ... on RecoveryCodes { codes } } }"""


def code(accounts: Accounts, secret: str, *, steps: int = 0) -> str:
    """What the app shows now, or *steps* half-minutes from now."""
    return pyotp.TOTP(secret).at(accounts.clock.now(), counter_offset=steps)


async def enrol(accounts: Accounts, person: Person) -> tuple[str, list[str]]:
    """The secret in the app, and the recovery codes. The code of this half-minute is used up afterwards."""
    enrolment = await accounts.do(ENABLE, {"password": PASSWORD}, headers=person.bearer)
    confirmed = await accounts.do(CONFIRM_TOTP, {"code": code(accounts, enrolment["secret"])}, headers=person.bearer)
    return enrolment["secret"], confirmed["codes"]


async def sign_in(accounts: Accounts, **more: Any) -> str:
    return (await accounts.sign_in(**more))["__typename"]


async def test_enrolling_gives_a_secret_that_counts_once_confirmed(accounts: Accounts) -> None:
    sergio = await accounts.person()
    enrolment = await accounts.do(ENABLE, {"password": PASSWORD}, headers=sergio.bearer)
    assert enrolment["uri"] == (
        f"otpauth://totp/Peerseed:sergio%40example.com?secret={enrolment['secret']}&issuer=Peerseed"
    )
    assert enrolment["qrSvg"].startswith("<svg")
    assert await sign_in(accounts) == "SignedIn"
    confirmed = await accounts.do(CONFIRM_TOTP, {"code": code(accounts, enrolment["secret"])}, headers=sergio.bearer)
    assert len(confirmed["codes"]) == len(set(confirmed["codes"])) == 10
    assert await accounts.do("{ me { totpEnabled } }", headers=sergio.bearer) == {"totpEnabled": True}
    assert await sign_in(accounts) == "SecondFactorRequired"
    assert await accounts.published("accounts.security_alert.v1") == [{"user_id": sergio.id, "kind": "TOTP_ENABLED"}]


async def test_secret_and_recovery_codes_are_not_kept_in_plain_text(accounts: Accounts) -> None:
    sergio = await accounts.person()
    secret, codes = await enrol(accounts, sergio)
    async with accounts.services.database.read() as session:
        factor = (await session.scalars(select(SecondFactor))).one()
        hashes = (await session.scalars(select(RecoveryCode.code_hash))).all()
    assert secret.encode() not in factor.secret_sealed
    assert not any(
        one.encode() in hashed or one.replace("-", "").encode() in hashed for one in codes for hashed in hashes
    )


async def test_a_code_is_accepted_once(accounts: Accounts) -> None:
    secret, _ = await enrol(accounts, await accounts.person())
    assert await sign_in(accounts, totpCode=code(accounts, secret)) == "InvalidSecondFactor"
    accounts.clock.advance(seconds=30)
    fresh = code(accounts, secret)
    assert await sign_in(accounts, totpCode=fresh) == "SignedIn"
    assert await sign_in(accounts, totpCode=fresh) == "InvalidSecondFactor"


async def test_a_code_sent_twice_at_once_is_accepted_once(accounts: Accounts) -> None:
    secret, _ = await enrol(accounts, await accounts.person())
    accounts.clock.advance(seconds=30)
    fresh = code(accounts, secret)
    answers = await asyncio.gather(*(sign_in(accounts, totpCode=fresh) for _ in range(3)))
    assert sorted(answers) == ["InvalidSecondFactor", "InvalidSecondFactor", "SignedIn"]


@pytest.mark.parametrize(
    ("steps", "answer"), [(-2, "Invalid"), (-1, "Signed"), (0, "Signed"), (1, "Signed"), (2, "Invalid")]
)
async def test_clocks_may_differ_by_half_a_minute(accounts: Accounts, steps: int, answer: str) -> None:
    secret, _ = await enrol(accounts, await accounts.person())
    accounts.clock.advance(minutes=5)
    assert (await sign_in(accounts, totpCode=code(accounts, secret, steps=steps))).startswith(answer)


async def test_a_code_older_than_the_last_accepted_one_is_refused(accounts: Accounts) -> None:
    secret, _ = await enrol(accounts, await accounts.person())
    accounts.clock.advance(minutes=5)
    assert await sign_in(accounts, totpCode=code(accounts, secret, steps=1)) == "SignedIn"
    assert await sign_in(accounts, totpCode=code(accounts, secret)) == "InvalidSecondFactor"


async def test_a_code_helps_nobody_without_the_password(accounts: Accounts) -> None:
    secret, _ = await enrol(accounts, await accounts.person())
    accounts.clock.advance(seconds=30)
    fresh = code(accounts, secret)
    assert await sign_in(accounts, password="Errada#2026", totpCode=fresh) == "InvalidCredentials"
    assert await sign_in(accounts, totpCode=fresh) == "SignedIn"


async def test_guessing_codes_is_slowed_down(accounts: Accounts) -> None:
    await enrol(accounts, await accounts.person())
    for _ in range(5):
        assert await sign_in(accounts, totpCode="000000") == "InvalidSecondFactor"
    assert await sign_in(accounts, totpCode="000000") == "TooManyAttempts"


async def test_a_recovery_code_lets_in_once_and_raises_an_alert(accounts: Accounts) -> None:
    sergio = await accounts.person()
    _, codes = await enrol(accounts, sergio)
    assert await sign_in(accounts, recoveryCode=codes[0].lower().replace("-", " ")) == "SignedIn"
    assert await sign_in(accounts, recoveryCode=codes[0]) == "InvalidSecondFactor"
    assert await sign_in(accounts, recoveryCode=codes[1]) == "SignedIn"
    kinds = [alert["kind"] for alert in await accounts.published("accounts.security_alert.v1")]
    assert kinds == ["TOTP_ENABLED", "RECOVERY_CODE_USED", "RECOVERY_CODE_USED"]


async def test_a_recovery_code_sent_twice_at_once_lets_in_once(accounts: Accounts) -> None:
    _, codes = await enrol(accounts, await accounts.person())
    answers = await asyncio.gather(*(sign_in(accounts, recoveryCode=codes[0]) for _ in range(2)))
    assert sorted(answers) == ["InvalidSecondFactor", "SignedIn"]


async def test_new_recovery_codes_void_the_earlier_ones(accounts: Accounts) -> None:
    sergio = await accounts.person()
    secret, old = await enrol(accounts, sergio)
    accounts.clock.advance(seconds=30)
    wanted = {"password": PASSWORD, "totpCode": code(accounts, secret)}
    new = (await accounts.do(REPLACE, wanted, headers=sergio.bearer))["codes"]
    assert len(new) == 10
    assert await sign_in(accounts, recoveryCode=old[0]) == "InvalidSecondFactor"
    assert await sign_in(accounts, recoveryCode=new[0]) == "SignedIn"


async def test_disabling_needs_password_and_code(accounts: Accounts) -> None:
    sergio = await accounts.person()
    secret, _ = await enrol(accounts, sergio)
    accounts.clock.advance(seconds=30)

    async def disable(**input: str) -> str:
        return (await accounts.do(DISABLE, {"password": PASSWORD} | input, headers=sergio.bearer))["__typename"]

    assert await disable() == "SecondFactorRequired"
    assert await disable(totpCode="000000") == "InvalidSecondFactor"
    assert await disable(totpCode=code(accounts, secret), password="Errada#2026") == "WrongPassword"
    assert await disable(totpCode=code(accounts, secret)) == "TotpDisabled"
    assert await sign_in(accounts) == "SignedIn"
    assert await disable(totpCode="000000") == "TotpNotEnabled"


async def test_enrolling_twice_needs_disabling_first(accounts: Accounts) -> None:
    sergio = await accounts.person()
    await enrol(accounts, sergio)
    again = await accounts.do(ENABLE, {"password": PASSWORD}, headers=sergio.bearer)
    assert again == {"__typename": "TotpAlreadyEnabled"}
    confirm = await accounts.do(CONFIRM_TOTP, {"code": "000000"}, headers=sergio.bearer)
    assert confirm == {"__typename": "TotpAlreadyEnabled"}


async def test_there_is_nothing_to_confirm_before_enrolling(accounts: Accounts) -> None:
    sergio = await accounts.person()
    assert await accounts.do(CONFIRM_TOTP, {"code": "000000"}, headers=sergio.bearer) == {
        "__typename": "TotpNotEnabled"
    }


async def test_a_wrong_first_code_puts_nothing_in_place(accounts: Accounts) -> None:
    sergio = await accounts.person()
    enrolment = await accounts.do(ENABLE, {"password": PASSWORD}, headers=sergio.bearer)
    wrong = await accounts.do(
        CONFIRM_TOTP, {"code": code(accounts, enrolment["secret"], steps=9)}, headers=sergio.bearer
    )
    assert wrong == {"__typename": "InvalidSecondFactor"}
    assert await sign_in(accounts) == "SignedIn"


async def test_enrolling_needs_the_password(accounts: Accounts) -> None:
    sergio = await accounts.person()
    answer = await accounts.do(ENABLE, {"password": "Errada#2026"}, headers=sergio.bearer)
    assert answer == {"__typename": "WrongPassword"}
