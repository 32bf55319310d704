"""The links that say that it was not you: how they are kept, how long and how often they work."""

import asyncio

import pytest
from sqlalchemy import select

from subgraphs.accounts import models
from subgraphs.shared.messaging.tables import OutboxRow
from tests.fixtures.databases import sql_of_the_owner
from tests.subgraphs.accounts.disowning import (
    HER_OWN,
    INVALID,
    change_password,
    change_password_and_back,
    disown,
    link,
)
from tests.subgraphs.accounts.people import MARINA, PASSWORD, SERGIO, Accounts
from tests.subgraphs.accounts.test_upkeep import count, forget

CLOSE = "mutation ($input: CloseAccountInput!) { closeAccount(input: $input) { __typename } }"


async def test_the_link_is_kept_only_as_a_hash(accounts: Accounts) -> None:
    marina = await accounts.person(**MARINA)
    await change_password(accounts, marina)
    token = await link(accounts)
    async with accounts.services.database.read() as session:
        alerts = (await session.scalars(select(models.Alert))).all()
        letters = (await session.scalars(select(models.OutgoingMessage))).all()
        published = str((await session.scalars(select(OutboxRow.data))).all())
    assert [len(alert.token_hash) for alert in alerts] == [32]
    assert {letter.content_sealed for letter in letters} == {None}
    assert token not in published


# ── what bounds it ──


async def test_a_link_works_once_also_when_followed_twice_at_once(accounts: Accounts) -> None:
    marina = await accounts.person(**MARINA)
    await change_password(accounts, marina)
    token = await link(accounts)
    answers = await asyncio.gather(disown(accounts, token), disown(accounts, token))
    assert sorted(answer["__typename"] for answer in answers) == ["ChangeDisowned", "InvalidAlertLink"]
    assert len([one for one in await accounts.letters_to(HER_OWN) if one["kind"] == "CHANGE_DISOWNED"]) == 1


async def test_two_links_followed_at_once_take_turns(accounts: Accounts) -> None:
    marina = await accounts.person(**MARINA)
    await change_password_and_back(accounts, marina)
    tokens = [one["token"] for one in await accounts.letters_to(HER_OWN) if one["kind"] == "ALERT"]
    answers = await asyncio.gather(*(disown(accounts, token) for token in tokens))
    assert sorted(answer["endedSessions"] for answer in answers) == [0, 1]


@pytest.mark.parametrize(
    ("hours", "minutes", "answer"), [(None, 167 * 60 + 59, "ChangeDisowned"), (None, 168 * 60, "InvalidAlertLink"),
                                     (2, 119, "ChangeDisowned"), (2, 120, "InvalidAlertLink")],
)  # fmt: skip
async def test_a_link_works_for_a_week_unless_the_parameter_says_otherwise(
    accounts: Accounts, hours: int | None, minutes: int, answer: str
) -> None:
    if hours is not None:
        await sql_of_the_owner(
            accounts.services.database,
            "INSERT INTO parameters VALUES ('alert_link_hours', '2020-01-02', :hours, 'for this test')",
            hours=hours,
        )
    marina = await accounts.person(**MARINA)
    await change_password(accounts, marina)
    token = await link(accounts)
    accounts.clock.advance(minutes=minutes)
    assert (await disown(accounts, token))["__typename"] == answer


async def test_unknown_used_and_expired_links_are_told_alike(accounts: Accounts) -> None:
    marina = await accounts.person(**MARINA)
    await change_password_and_back(accounts, marina)
    expired, used = [one["token"] for one in await accounts.letters_to(HER_OWN) if one["kind"] == "ALERT"]
    await disown(accounts, used)
    after_use = await disown(accounts, used)
    accounts.clock.advance(hours=168)
    assert [await disown(accounts, "unknown"), after_use, await disown(accounts, expired)] == [INVALID] * 3


async def test_links_that_are_tried_are_counted_by_address(accounts: Accounts) -> None:
    marina = await accounts.person(**MARINA)
    await change_password(accounts, marina)
    token = await link(accounts)
    accounts.services.settings.attempts_free_per_address = 3
    told = [(await disown(accounts, "wrong", address="203.0.113.7"))["__typename"] for _ in range(4)]
    assert told == ["InvalidAlertLink"] * 3 + ["TooManyAttempts"]
    assert (await disown(accounts, token, address="203.0.113.7"))["__typename"] == "TooManyAttempts"
    assert (await disown(accounts, token, address="203.0.113.8"))["__typename"] == "ChangeDisowned"


async def test_a_request_tries_one_link(accounts: Accounts) -> None:
    one = 'disownChange(input: {token: "guessed"}) { __typename }'
    twice = f"mutation {{ a: {one} b: {one} }}"
    (error,) = (await accounts.ask(twice))["errors"]
    assert error["extensions"]["code"] == "COST_ESTIMATED_TOO_EXPENSIVE"


async def test_links_go_with_the_account_and_a_day_after_they_expired(accounts: Accounts) -> None:
    marina = await accounts.person(**MARINA)
    sergio = await accounts.person(**SERGIO)
    await change_password_and_back(accounts, marina)
    await change_password_and_back(accounts, sergio)
    assert await count(accounts, models.Alert) == 4
    token = await link(accounts)
    closed = await accounts.do(CLOSE, {"password": PASSWORD}, headers=marina.bearer)
    assert closed == {"__typename": "AccountClosed"}
    assert await disown(accounts, token) == INVALID
    assert await count(accounts, models.Alert) == 2
    await forget(accounts, hours=168 + 24)
    assert await count(accounts, models.Alert) == 2
    await forget(accounts, seconds=1)
    assert await count(accounts, models.Alert) == 0
