"""Accounts where time is moved: what others compare with their own clocks goes by the machine's all the same."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest_asyncio

from subgraphs.accounts.core.settings import AccountsSettings
from subgraphs.accounts.domain.telling import confirm_standing
from subgraphs.accounts.main import create_subgraph
from subgraphs.shared.clock import MovableClock
from subgraphs.shared.subgraph import GraphQLRequest, Subgraph
from tests.fixtures.databases import MakeDatabase
from tests.subgraphs.accounts.conftest import CHEAP
from tests.subgraphs.accounts.people import PASSWORD, REFRESH, SIGN_IN
from tests.subgraphs.accounts.test_second_factor import CONFIRM_TOTP, ENABLE
from tests.subgraphs.accounts.test_tokens_from_accounts import seed, sign_in
from upkeep.clock import move

EMAIL = "ana@example.com"


@pytest_asyncio.fixture
async def ahead(make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Subgraph]:
    """Accounts, with Ana, by a clock that is forty days ahead."""
    database = await make_database("accounts")
    settings = AccountsSettings(database_url=database.url, key_encryption_secret="only-for-these-tests", **CHEAP)
    move(tmp_path / "clock", by=timedelta(days=40))
    subgraph = create_subgraph(settings, clock=MovableClock(tmp_path / "clock"))
    await seed(subgraph)
    yield subgraph
    await subgraph.close()


async def do(subgraph: Subgraph, document: str, token: str | None = None, **form: str):
    headers = {"authorization": f"Bearer {token}"} if token else {}
    answer = await subgraph.execute(GraphQLRequest(document, {"input": form}, headers=headers))
    assert "errors" not in answer, answer["errors"]
    (value,) = answer["data"].values()
    return value


async def test_a_token_is_good_now_and_its_proof_is_fresh(ahead: Subgraph) -> None:
    identity = await ahead.verifier.verify((await sign_in(ahead))["accessToken"])
    assert identity.has_proved_within(60)


async def test_a_proof_has_become_as_old_as_time_was_moved(ahead: Subgraph, tmp_path: Path) -> None:
    signed_in = await sign_in(ahead)
    move(tmp_path / "clock", by=timedelta(minutes=20))
    refreshed = await do(ahead, REFRESH, refreshToken=signed_in["refreshToken"])
    identity = await ahead.verifier.verify(refreshed["accessToken"])
    assert not identity.has_proved_within(20 * 60 - 1)
    assert identity.has_proved_within(21 * 60)


async def test_a_session_has_been_idle_for_as_long_as_time_was_moved(ahead: Subgraph, tmp_path: Path) -> None:
    signed_in = await sign_in(ahead)
    move(tmp_path / "clock", by=timedelta(minutes=31))
    refused = await do(ahead, REFRESH, refreshToken=signed_in["refreshToken"])
    assert refused["__typename"] == "SessionEnded"
    assert (await sign_in(ahead))["__typename"] == "SignedIn"


async def test_an_authenticator_app_shows_the_machines_time(ahead: Subgraph) -> None:
    token = (await sign_in(ahead))["accessToken"]
    app = pyotp.TOTP((await do(ahead, ENABLE, token, password=PASSWORD))["secret"])
    assert (await do(ahead, CONFIRM_TOTP, token, code=app.now()))["__typename"] == "RecoveryCodes"
    assert (await do(ahead, SIGN_IN, email=EMAIL, password=PASSWORD))["__typename"] == "SecondFactorRequired"


async def test_moving_time_makes_no_fact_about_standing_late(ahead: Subgraph, tmp_path: Path) -> None:
    await confirm_standing(ahead.services)
    await ahead.standing.read()
    move(tmp_path / "clock", by=timedelta(days=1))
    assert ahead.standing.is_fresh()
