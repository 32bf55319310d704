"""A person's own data as a file: bounded, theirs, after a fresh proof; tried on the domain that has least of it."""

import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
import pytest
import pytest_asyncio

from subgraphs.shared.exports import own_data
from subgraphs.shared.http import create_http_app
from tests.builders.serving import served
from tests.subgraphs.distribution.register import (
    CARLOS,
    MARINA,
    STRANGER,
    Register,
    activated,
    confirmed,
    funded,
    payment,
)


@dataclass
class Had:
    status: int
    headers: Any
    body: Any


@pytest_asyncio.fixture
async def address(register: Register) -> AsyncIterator[str]:
    async with served(lambda _: create_http_app(register.subgraph)) as address:
        yield address + own_data.personal_data_path("distribution")


async def get(register: Register, url: str, who: uuid.UUID | None, **claims: Any) -> Had:
    headers = {} if who is None else register.tokens.bearer(who, **claims)
    async with aiohttp.ClientSession() as client, client.get(url, headers=headers) as response:
        return Had(response.status, response.headers, orjson.loads(await response.read()))


async def test_a_person_has_their_own_rows_and_no_others(register: Register, address: str) -> None:
    await register.deliver(activated((10_000, 100)), confirmed(1, MARINA, 1), confirmed(2, CARLOS, 1), funded(2, 2))
    await register.deliver(payment(10_100))
    had = await get(register, address, MARINA)
    assert (had.status, had.headers["cache-control"]) == (200, "private, no-store")
    assert had.headers["content-disposition"] == 'attachment; filename="meus-dados-distribution.json"'
    assert (had.body["domain"], had.body["person"]) == ("distribution", str(MARINA))
    assert [(row["investor_id"], row["gross_minor"]) for row in had.body["data"]["payouts"]] == [(str(MARINA), 5_050)]
    assert [row["quota_count"] for row in had.body["data"]["positions"]] == [1]
    assert str(CARLOS) not in str(had.body)
    strangers = (await get(register, address, STRANGER)).body["data"]
    assert strangers == {table: [] for table in had.body["data"]}


@pytest.mark.parametrize(("age", "status"), [(0, 200), (280, 200), (301, 403)])
async def test_the_proof_of_who_they_are_is_fresh(register: Register, address: str, age: int, status: int) -> None:
    had = await get(register, address, MARINA, auth_time=int(time.time()) - age)
    assert had.status == status
    if status == 403:
        assert (had.body["code"], had.body["secondsMax"]) == ("FreshProofRequired", 300)


async def test_a_token_for_something_else_opens_nothing(register: Register, address: str) -> None:
    had = await get(register, address, MARINA, scope="investor")
    assert (had.status, had.body["code"]) == (403, "FORBIDDEN")


async def test_without_a_token_there_is_nothing(register: Register, address: str) -> None:
    had = await get(register, address, None)
    assert (had.status, had.body["code"]) == (401, "UNAUTHENTICATED")


async def test_more_than_a_file_has_room_for_is_refused(
    register: Register, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_data, "ROWS_MAX", 1)
    await register.deliver(confirmed(1, MARINA, 1))
    assert (await get(register, address, MARINA)).status == 200
    await register.deliver(confirmed(2, MARINA, 1))
    had = await get(register, address, MARINA)
    assert (had.status, had.body["code"], had.body["rowsMax"]) == (400, "TOO_MANY_ROWS", 1)


async def test_a_parameter_would_be_overlooked(register: Register, address: str) -> None:
    assert (await get(register, f"{address}?person={CARLOS}", MARINA)).status == 400
