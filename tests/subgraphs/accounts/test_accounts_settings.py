"""What each setting of accounts changes, with values on both sides of its figure."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from subgraphs.accounts import models
from subgraphs.accounts.core.settings import AccountsSettings
from subgraphs.accounts.main import create_services
from subgraphs.accounts.ports.identity_verifier import Evidence, File, Finding
from subgraphs.shared.people import PeopleUnavailable, Person
from tests.subgraphs.accounts.evidence import JPEG, PNG, post_file, submit
from tests.subgraphs.accounts.people import CONFIRM, MARINA, PASSWORD, REFRESH, SERGIO, Accounts, claims_of
from tests.subgraphs.accounts.test_disclosures import asking
from tests.subgraphs.accounts.test_password_reset import REQUEST, link_token, reset
from tests.subgraphs.accounts.test_second_factor import enrol
from tests.subgraphs.accounts.test_upkeep import count, forget

WRONG = "Errada#2026"
EMAIL = SERGIO["email"]
CHANGE_PASSWORD = """mutation ($input: ChangePasswordInput!) { changePassword(input: $input) {
  __typename ... on InvalidInput { messageEnglish } } }"""


def put(accounts: Accounts, **values: Any) -> None:
    """Run with other settings from now on."""
    for name, value in values.items():
        setattr(accounts.services.settings, name, value)


async def guess(accounts: Accounts, times: int = 1) -> list[Any]:
    """What wrong passwords are answered with: the seconds to wait, or nothing."""
    return [(await accounts.sign_in(password=WRONG)).get("retryAfterSeconds") for _ in range(times)]


# ── slowing down ──


async def test_so_many_guesses_from_one_place_are_free(accounts: Accounts) -> None:
    put(accounts, attempts_free=3)
    assert await guess(accounts, 4) == [None, None, None, 2]


async def test_the_first_wait_is_as_long_as_set(accounts: Accounts) -> None:
    put(accounts, attempts_free=1, attempts_delay_seconds=7)
    assert await guess(accounts, 2) == [None, 7]
    accounts.clock.advance(seconds=6)
    assert await guess(accounts) == [1]
    accounts.clock.advance(seconds=1)
    assert await guess(accounts, 2) == [None, 14]


async def test_no_wait_is_longer_than_set(accounts: Accounts) -> None:
    put(accounts, attempts_free=1, attempts_delay_seconds=2, attempts_delay_seconds_max=3)
    await guess(accounts)
    accounts.clock.advance(seconds=2)
    assert await guess(accounts, 2) == [None, 3]


@pytest.mark.parametrize(("seconds", "answer"), [(59, 2), (60, None)])
async def test_guesses_are_forgotten_after_a_quiet_time(accounts: Accounts, seconds: int, answer: int | None) -> None:
    put(accounts, attempts_free=2, attempts_window_seconds=60)
    await guess(accounts)
    accounts.clock.advance(seconds=seconds)
    assert await guess(accounts, 2) == [None, answer]


@pytest.mark.parametrize("free", [1, 2])
async def test_so_many_messages_are_sent_for_the_asking(accounts: Accounts, free: int) -> None:
    put(accounts, messages_free=free)
    told = [(await accounts.do(REQUEST, {"email": EMAIL}))["__typename"] for _ in range(free + 1)]
    assert told == ["PasswordResetRequested"] * free + ["TooManyAttempts"]


# ── links and codes ──


async def by_link(accounts: Accounts) -> Callable[[], Awaitable[bool]]:
    token = (await accounts.newest_letter(EMAIL, "CONFIRM_EMAIL"))["token"]
    return lambda: _confirmed(accounts, token=token)


async def by_code(accounts: Accounts) -> Callable[[], Awaitable[bool]]:
    code = (await accounts.newest_letter(SERGIO["phone"], "CONFIRM_PHONE"))["code"]
    return lambda: _confirmed(accounts, email=EMAIL, code=code)


async def by_reset(accounts: Accounts) -> Callable[[], Awaitable[bool]]:
    token = await link_token(accounts)

    async def works() -> bool:
        return await reset(accounts, token) == "PasswordReset"

    return works


async def _confirmed(accounts: Accounts, **input: str) -> bool:
    return bool((await accounts.do(CONFIRM, input))["__typename"] == "ContactConfirmed")


@pytest.mark.parametrize(("seconds", "works"), [(99, True), (100, False)])
@pytest.mark.parametrize(
    ("setting", "sent"),
    [
        ("confirmation_link_seconds", by_link),
        ("confirmation_code_seconds", by_code),
        ("reset_link_seconds", by_reset),
    ],
)
async def test_what_is_sent_works_as_long_as_set(
    accounts: Accounts,
    setting: str,
    sent: Callable[[Accounts], Awaitable[Callable[[], Awaitable[bool]]]],
    seconds: int,
    works: bool,
) -> None:
    put(accounts, **{setting: 100})
    await accounts.sign_up()
    follow = await sent(accounts)
    accounts.clock.advance(seconds=seconds)
    assert await follow() is works


@pytest.mark.parametrize(("wrong", "works"), [(1, True), (2, False)])
async def test_a_code_survives_fewer_wrong_guesses_than_set(accounts: Accounts, wrong: int, works: bool) -> None:
    put(accounts, confirmation_code_tries=2)
    await accounts.sign_up()
    follow = await by_code(accounts)
    for _ in range(wrong):
        assert not await _confirmed(accounts, email=EMAIL, code="none")
    assert await follow() is works


async def test_there_are_as_many_recovery_codes_as_set(accounts: Accounts) -> None:
    put(accounts, recovery_code_count=3)
    _, codes = await enrol(accounts, await accounts.person())
    assert len(set(codes)) == 3


# ── passwords, tokens, sessions, devices ──


async def test_a_password_is_as_long_as_set_at_most(accounts: Accounts) -> None:
    put(accounts, password_characters_max=20)
    sergio = await accounts.person()
    longer = {"currentPassword": PASSWORD, "newPassword": "Comprida#1".ljust(21, "x")}
    refused = await accounts.do(CHANGE_PASSWORD, longer, headers=sergio.bearer)
    assert refused["messageEnglish"].endswith("must have at most 20 characters")
    longest = longer | {"newPassword": "Comprida#1".ljust(20, "x")}
    assert await accounts.do(CHANGE_PASSWORD, longest, headers=sergio.bearer) == {"__typename": "PasswordChanged"}


async def test_a_token_says_who_issued_it_for_whom_and_until_when(accounts: Accounts) -> None:
    put(accounts, access_token_seconds=61, token_issuer="https://who.example", token_audience="somebody")
    await accounts.person()
    answer = await accounts.sign_in()
    claims = claims_of(answer["accessToken"])
    assert (answer["expiresIn"], claims["exp"] - claims["iat"]) == (61, 61)
    assert (claims["iss"], claims["aud"]) == ("https://who.example", "somebody")


@pytest.mark.parametrize(("seconds", "answer"), [(-1, "SignedIn"), (0, "SessionEnded")])
async def test_a_session_ends_after_so_many_days_however_busy(accounts: Accounts, seconds: int, answer: str) -> None:
    put(accounts, session_days_max=2, session_idle_seconds=10**9)
    sergio = await accounts.person()
    accounts.clock.advance(days=2, seconds=seconds)
    refreshed = await accounts.do(REFRESH, {"refreshToken": sergio.refresh_token})
    assert refreshed["__typename"] == answer


async def test_as_many_devices_as_set_are_known(accounts: Accounts) -> None:
    put(accounts, devices_max=2)
    await accounts.person()
    known = []
    for _ in range(3):
        accounts.clock.advance(seconds=1)
        await accounts.sign_in()
        known.append(await count(accounts, models.KnownDevice))
    assert known == [2, 2, 2]


@pytest.mark.parametrize(
    ("setting", "unit", "model"),
    [
        ("device_days_kept", timedelta(days=1), models.KnownDevice),
        ("message_days_kept", timedelta(days=1), models.OutgoingMessage),
        ("upload_hours_kept", timedelta(hours=1), models.Upload),
    ],
)
async def test_what_is_over_is_kept_as_long_as_set(
    accounts: Accounts,
    over_http: aiohttp.ClientSession,
    setting: str,
    unit: timedelta,
    model: type[models.Base],
) -> None:
    put(accounts, **{setting: 3})
    sergio = await accounts.person()
    await post_file(over_http, JPEG, **sergio.bearer)
    before = await count(accounts, model)
    await forget(accounts, seconds=int(3 * unit.total_seconds()))
    assert await count(accounts, model) == before > 0
    await forget(accounts, seconds=1)
    assert await count(accounts, model) == 0


async def test_a_sign_up_waits_for_its_confirmation_as_long_as_set(accounts: Accounts) -> None:
    put(accounts, unconfirmed_days_kept=2, confirmation_link_seconds=10**7)
    await accounts.sign_up()
    follow = await by_link(accounts)
    await forget(accounts, days=2)
    assert (await accounts.sign_in())["__typename"] == "ContactNotConfirmed"
    await forget(accounts, seconds=1)
    assert await follow() is False
    assert (await accounts.sign_in())["__typename"] == "InvalidCredentials"


# ── signing keys ──


@pytest.mark.parametrize(("seconds", "keys"), [(-1, 1), (0, 2)])
async def test_a_key_is_replaced_at_the_age_set(accounts: Accounts, seconds: int, keys: int) -> None:
    put(accounts, signing_key_days_max=2)
    ring = accounts.services.key_ring
    await ring.key_set()
    accounts.clock.advance(days=2, seconds=seconds)
    await ring.rotate_when_old()
    assert len((await ring.key_set())["keys"]) == keys


@pytest.mark.parametrize(("seconds", "is_new"), [(99, False), (100, True)])
async def test_a_key_is_published_so_long_before_it_signs(accounts: Accounts, seconds: int, is_new: bool) -> None:
    put(accounts, signing_key_days_max=1, signing_key_lead_seconds=100)
    ring = accounts.services.key_ring
    first = (await ring.signer()).key_id
    accounts.clock.advance(days=1)
    await ring.rotate_when_old()
    accounts.clock.advance(seconds=seconds)
    assert ((await ring.signer()).key_id != first) is is_new


# ── proving who one is ──


async def test_an_upload_is_as_large_as_set_at_most(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    put(accounts, upload_bytes_max=100)
    sergio = await accounts.person()
    sizes = [(await post_file(over_http, JPEG.ljust(size, b"x"), **sergio.bearer))[0] for size in (100, 101)]
    assert sizes == [201, 413]


async def test_as_many_uploads_as_set_belong_to_nothing(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    put(accounts, uploads_open_max=2)
    sergio = await accounts.person()
    assert [(await post_file(over_http, JPEG, **sergio.bearer))[0] for _ in range(3)] == [201, 201, 409]


async def test_a_person_is_checked_as_often_as_set_in_a_day(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    put(accounts, identity_checks_per_day=1)
    sergio = await accounts.person()
    told = []
    for hours in (0, 23, 1):
        accounts.clock.advance(hours=hours)
        told.append((await submit(accounts, over_http, sergio, PNG + b" SANDBOX:FAIL"))["__typename"])
        await accounts.run_errands()
    assert told == ["IdentityCheck", "TooManyAttempts", "IdentityCheck"]


@pytest.mark.parametrize(("days", "erased"), [(3, 0), (4, 2)])
async def test_photos_that_proved_nothing_are_kept_as_long_as_set(
    accounts: Accounts, over_http: aiohttp.ClientSession, days: int, erased: int
) -> None:
    put(accounts, failed_check_days_kept=3)
    await submit(accounts, over_http, await accounts.person(), PNG + b" SANDBOX:FAIL")
    await accounts.run_errands()
    await forget(accounts, days=days)
    async with accounts.services.database.read() as session:
        assert await session.scalar(select(func.count(models.Upload.erased_at))) == erased


class Everybody:
    """A party that a setting names."""

    def __init__(self, settings: AccountsSettings) -> None:
        self.settings = settings


def other_settings(accounts: Accounts, **values: Any) -> AccountsSettings:
    return accounts.services.settings.model_copy(update=values)


@pytest.mark.parametrize("setting", ["identity_verifier", "messenger", "screener"])
async def test_the_other_party_is_who_is_named(accounts: Accounts, setting: str) -> None:
    settings = other_settings(accounts, **{setting: f"{__name__}:Everybody"})
    services = create_services(settings, clock=accounts.clock)
    parties: list[Any] = [services.identity_verifier, services.messenger, services.screener]
    await services.close()
    (named,) = [party for party in parties if isinstance(party, Everybody)]
    assert getattr(services, setting) is named
    assert named.settings is settings


@pytest.mark.parametrize("result", list(Finding))
async def test_the_sandbox_verifier_finds_what_is_set(accounts: Accounts, result: Finding) -> None:
    services = create_services(other_settings(accounts, sandbox_identity_result=result.value), clock=accounts.clock)
    document, selfie = File("image/png", PNG), File("image/jpeg", JPEG)
    evidence = Evidence(
        check_id=UUID(int=1), full_name="Marina Costa", tax_id="11144477735", document=document, selfie=selfie
    )
    verdict = await services.identity_verifier.verify(evidence)
    await services.close()
    assert verdict.finding is result


# ── who may ask about people ──


@pytest.mark.parametrize(
    "setting",
    [
        "contracts_people_secret",
        "credit_people_secret",
        "distribution_people_secret",
        "notifications_people_secret",
        "wallet_people_secret",
    ],
)
async def test_a_service_proves_itself_by_the_secret_set(
    accounts: Accounts, over_http: aiohttp.ClientSession, setting: str
) -> None:
    service = setting.removesuffix("_people_secret")
    put(accounts, **{setting: SecretStr("what only these two know")})
    marina = await accounts.person(**MARINA)
    known = Person(email=MARINA["email"]) if service == "notifications" else Person()
    right = asking(accounts, over_http, service, "what only these two know")
    assert await right.find([UUID(marina.id)]) == {UUID(marina.id): known}
    with pytest.raises(PeopleUnavailable):
        await asking(accounts, over_http, service, "what only these two knew").find([UUID(marina.id)])
