"""Forgetting: what is over is deleted on its day, and nothing before."""

import aiohttp
from sqlalchemy import func, select

from subgraphs.accounts import models
from subgraphs.accounts.domain.upkeep import forget_what_is_over
from tests.subgraphs.accounts.evidence import JPEG, PNG, submit, upload
from tests.subgraphs.accounts.people import PASSWORD, REFRESH, SIGN_IN, Accounts

REQUEST_RESET = "mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { __typename } }"
CLOSE = "mutation ($input: CloseAccountInput!) { closeAccount(input: $input) { __typename } }"


async def count(accounts: Accounts, model: type[models.Base]) -> int:
    async with accounts.services.database.read() as session:
        return await session.scalar(select(func.count()).select_from(model)) or 0


async def forget(accounts: Accounts, **after: int) -> None:
    """Run the job once *after* has passed, twice as it may happen."""
    accounts.clock.advance(**after)
    await forget_what_is_over(accounts.services)
    await forget_what_is_over(accounts.services)


async def test_links_go_a_day_after_they_expired(accounts: Accounts) -> None:
    await accounts.sign_up()
    await accounts.do(REQUEST_RESET, {"email": "sergio@example.com"})
    await forget(accounts, hours=25)
    assert await count(accounts, models.PasswordReset) == 1
    await forget(accounts, minutes=1)
    assert (await count(accounts, models.PasswordReset), await count(accounts, models.Confirmation)) == (0, 1)
    await forget(accounts, hours=47)
    assert await count(accounts, models.Confirmation) == 0


async def test_idle_sessions_are_written_down_as_ended_and_their_tokens_go_a_day_later(accounts: Accounts) -> None:
    sergio = await accounts.person()
    await forget(accounts, minutes=29)
    async with accounts.services.database.read() as session:
        assert (await session.get_one(models.Session, sergio.session_id)).ended_at is None
    await forget(accounts, minutes=1)
    async with accounts.services.database.read() as session:
        assert (await session.get_one(models.Session, sergio.session_id)).end_reason == "IDLE"
    assert await count(accounts, models.RefreshToken) == 1
    await forget(accounts, days=1, seconds=1)
    assert await count(accounts, models.RefreshToken) == 0
    answer = await accounts.do(REFRESH, {"refreshToken": sergio.refresh_token})
    assert answer["__typename"] == "InvalidRefreshToken"


async def test_addresses_of_sign_ins_are_kept_for_six_months(accounts: Accounts) -> None:
    await accounts.person()
    await accounts.do(SIGN_IN, {"email": "sergio@example.com", "password": PASSWORD}, address="203.0.113.7")

    async def addresses() -> list[str | None]:
        async with accounts.services.database.read() as session:
            return list(await session.scalars(select(models.Session.address).order_by(models.Session.address)))

    await forget(accounts, days=183)
    assert await addresses() == ["203.0.113.7", None]
    await forget(accounts, seconds=1)
    assert await addresses() == [None, None]


async def test_uploads_that_belong_to_nothing_go_after_a_day(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await accounts.person()
    await submit(accounts, over_http, sergio)
    await upload(over_http, sergio, JPEG)
    await forget(accounts, hours=24)
    assert await count(accounts, models.Upload) == 3
    await forget(accounts, seconds=1)
    assert await count(accounts, models.Upload) == 2


async def test_photos_that_proved_nothing_are_erased_after_ninety_days(
    accounts: Accounts, over_http: aiohttp.ClientSession
) -> None:
    sergio = await accounts.person()
    await submit(accounts, over_http, sergio, PNG + b" SANDBOX:FAIL")
    await accounts.run_errands()
    await submit(accounts, over_http, sergio)
    await accounts.run_errands()

    async def erased() -> int:
        async with accounts.services.database.read() as session:
            return await session.scalar(select(func.count(models.Upload.erased_at))) or 0

    await forget(accounts, days=90)
    assert await erased() == 0
    await forget(accounts, seconds=1)
    assert await erased() == 2


async def test_what_a_law_wanted_kept_goes_on_its_day(accounts: Accounts) -> None:
    sergio = await accounts.person()
    await accounts.do(CLOSE, {"password": PASSWORD}, headers=sergio.bearer)
    await forget(accounts, days=5 * 365 - 1)
    assert await count(accounts, models.RetainedRecord) == 1
    await forget(accounts, days=1)
    assert await count(accounts, models.RetainedRecord) == 0


async def test_counters_that_slow_nobody_down_go(accounts: Accounts) -> None:
    await accounts.sign_in("nobody@example.com")
    await forget(accounts, minutes=75)
    # That of the address, and that of strangers at this account.
    assert await count(accounts, models.AttemptCounter) == 2
    await forget(accounts, seconds=1)
    assert await count(accounts, models.AttemptCounter) == 0


async def test_a_sign_up_that_nobody_confirms_is_undone_after_a_week(accounts: Accounts) -> None:
    await accounts.sign_up()
    await forget(accounts, days=7)
    assert await accounts.published("accounts.account_closed.v1") == []
    await forget(accounts, seconds=1)
    (registered,) = await accounts.published("accounts.user_registered.v2")
    assert await accounts.published("accounts.account_closed.v1") == [{"user_id": registered["user_id"]}]
    assert await count(accounts, models.RetainedRecord) == 0
    again = await accounts.person()
    assert again.id != registered["user_id"]
    await forget(accounts, days=30)
    assert (await accounts.sign_in())["__typename"] == "SignedIn"


async def test_the_jobs_of_the_subgraph_run(accounts: Accounts) -> None:
    assert [job.name for job in accounts.subgraph.jobs] == [
        "confirm standing",
        "replace old signing keys",
        "look people up on newer lists",
        "tell people of new texts",
        "forget what is over",
    ]
    for job in accounts.subgraph.jobs:
        await job.run()
