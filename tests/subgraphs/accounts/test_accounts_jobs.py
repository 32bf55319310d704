"""Of what is due, one that cannot be done holds up no other: it is counted, and done at the next run."""

from datetime import date
from typing import Any

import aiohttp
import pytest

from subgraphs.accounts.domain import screening
from subgraphs.accounts.schemas import events
from tests.builders.jobs import break_facts, failures_of, run_job
from tests.subgraphs.accounts.companies import CARLOS, registered, verified
from tests.subgraphs.accounts.people import MARINA, SERGIO, Accounts

FORGET, SCREEN = "forget what is over", "look people up on newer lists"


async def closed(accounts: Accounts) -> list[str]:
    return [told["user_id"] for told in await accounts.published("accounts.account_closed.v1")]


async def fails_first(accounts: Accounts, ids: list[str]) -> None:
    """All of *ids* are to be undone; the first cannot at first."""
    failed = failures_of(FORGET)
    with pytest.MonkeyPatch.context() as broken:
        break_facts(broken, lambda fact: isinstance(fact, events.AccountClosed) and str(fact.user_id) == ids[0])
        await run_job(accounts.subgraph, FORGET)
    assert await closed(accounts) == ids[1:]
    assert failures_of(FORGET) == failed + 1
    await run_job(accounts.subgraph, FORGET)
    assert await closed(accounts) == [*ids[1:], ids[0]]


async def test_sign_ups_that_nobody_confirmed(accounts: Accounts) -> None:
    for person in (SERGIO, MARINA):
        await accounts.sign_up(**person)
    ids = [told["user_id"] for told in await accounts.published("accounts.user_registered.v2")]
    accounts.clock.advance(days=400)
    await fails_first(accounts, ids)


async def test_companies_that_nobody_proved(accounts: Accounts, over_http: aiohttp.ClientSession) -> None:
    sergio = await verified(accounts, over_http)
    ids = [await registered(accounts, sergio), await registered(accounts, sergio, cnpj="11.222.333/0001-81")]
    accounts.clock.advance(days=31)
    await fails_first(accounts, ids)


async def test_people_who_cannot_be_looked_up(
    accounts: Accounts, over_http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [await verified(accounts, over_http), await verified(accounts, over_http, **CARLOS)]
    monkeypatch.setattr(accounts.services.screener, "list_date", date(2026, 11, 24), raising=True)
    look_up, failed = screening.look_up, failures_of(SCREEN)
    with monkeypatch.context() as broken:

        async def look_up_all_but_one(services: Any, person: Any) -> Any:
            if str(person.id) == people[0].id:
                raise ValueError("not this one")
            return await look_up(services, person)

        broken.setattr(screening, "look_up", look_up_all_but_one)
        assert await screening.screen_again(accounts.services) == 1
    assert failures_of(SCREEN) == failed + 1
    assert await screening.screen_again(accounts.services) == 1
    assert await screening.screen_again(accounts.services) == 0
