"""A key has one answer: what was done, or why it was refused."""

import asyncio
import uuid
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from subgraphs.shared.database import Database
from subgraphs.shared.idempotency import Request, claim
from subgraphs.shared.refusal import Busy, IdempotencyKeyReused, InvalidInput, Refusal, read_refusal
from subgraphs.wallet.domain.refusals import (
    CoolingOff,
    InsufficientFunds,
    PaymentGatewayUnavailable,
    PersonCannotReceive,
    WhyNotToReceive,
)
from tests.fixtures.databases import MakeDatabase

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PERSON = uuid.UUID(int=0xA1)
RESULT = uuid.UUID(int=0x101)
REQUEST = Request("buy", PERSON, "a-key-of-mine", {"what": "seeds"})
NOTED = text("INSERT INTO offering_fundings VALUES (gen_random_uuid(), 'OPEN', NULL)")


async def buy(database: Database, refused: Exception | None = None, request: Request = REQUEST) -> uuid.UUID:
    """Do something under a key, unless it is *refused* when all is written."""
    async with database.begin() as session:
        if earlier := await claim(session, request, result_id=RESULT, now=NOW):
            return earlier
        await session.execute(NOTED)
        if refused is not None:
            raise refused
        return RESULT


async def count(database: Database, table: str) -> int:
    async with database.read() as session:
        found: int = await session.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608  # names below
        return found


async def test_of_a_refusal_for_several_reasons_some_decide(make_database: MakeDatabase) -> None:
    database = await make_database("wallet")
    for _ in range(2):
        with pytest.raises(PersonCannotReceive):
            await buy(database, PersonCannotReceive(PERSON, WhyNotToReceive.CLOSED))
    assert await count(database, "idempotency_keys") == 1


async def test_what_was_refused_is_refused_again_and_left_nothing(make_database: MakeDatabase) -> None:
    database = await make_database("wallet")
    with pytest.raises(InsufficientFunds):
        await buy(database, InsufficientFunds(available_minor=1, requested_minor=2))
    with pytest.raises(InsufficientFunds) as again:
        await buy(database)
    assert again.value.data() == {"available_minor": 1, "requested_minor": 2}
    assert await count(database, "offering_fundings") == 0
    assert await count(database, "idempotency_keys") == 1


async def test_a_new_key_is_a_new_request(make_database: MakeDatabase) -> None:
    database = await make_database("wallet")
    with pytest.raises(InsufficientFunds):
        await buy(database, InsufficientFunds(available_minor=1, requested_minor=2))
    assert await buy(database, request=Request("buy", PERSON, "another-key", {"what": "seeds"})) == RESULT
    assert await count(database, "offering_fundings") == 1


async def test_a_refused_key_with_another_content_is_a_mistake_and_stays_refused(make_database: MakeDatabase) -> None:
    database = await make_database("wallet")
    with pytest.raises(InsufficientFunds):
        await buy(database, InsufficientFunds(available_minor=1, requested_minor=2))
    for _ in range(2):
        with pytest.raises(IdempotencyKeyReused):
            await buy(database, request=Request("buy", PERSON, REQUEST.key, {"what": "land"}))
    with pytest.raises(InsufficientFunds) as again:
        await buy(database)
    assert again.value.data() == {"available_minor": 1, "requested_minor": 2}


@pytest.mark.parametrize(
    "passing",
    [
        Busy(),
        PaymentGatewayUnavailable(),
        LookupError(),
        InvalidInput("what", "no"),
        PersonCannotReceive(PERSON, WhyNotToReceive.NOT_VERIFIED),
    ],
    ids=repr,
)
async def test_what_decides_nothing_uses_up_no_key(make_database: MakeDatabase, passing: Exception) -> None:
    database = await make_database("wallet")
    with pytest.raises(type(passing)):
        await buy(database, passing)
    assert await count(database, "idempotency_keys") == 0
    assert await buy(database) == RESULT
    assert await count(database, "offering_fundings") == 1


async def test_a_form_that_is_corrected_keeps_its_key(make_database: MakeDatabase) -> None:
    """Another content under the same key is another request only where the first was decided."""
    database = await make_database("wallet")
    with pytest.raises(InvalidInput):
        await buy(database, InvalidInput("what", "no such seeds"))
    corrected = Request("buy", PERSON, REQUEST.key, {"what": "other seeds"})
    assert [await buy(database, request=corrected) for _ in range(2)] == [RESULT, RESULT]
    with pytest.raises(IdempotencyKeyReused):
        await buy(database)


async def test_what_was_done_stays_done(make_database: MakeDatabase) -> None:
    database = await make_database("wallet")
    assert [await buy(database) for _ in range(2)] == [RESULT, RESULT]
    with pytest.raises(IdempotencyKeyReused):
        await buy(database, request=Request("sell", PERSON, REQUEST.key, {"what": "seeds"}))
    assert await buy(database) == RESULT
    assert await count(database, "offering_fundings") == 1


async def test_who_sends_a_request_twice_at_once_is_refused_twice(make_database: MakeDatabase) -> None:
    """The second waits for the first, whose refusal it gets, although by then nothing would stand in its way."""
    database = await make_database("wallet")
    is_claimed, may_end = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with database.begin() as session:
            await claim(session, REQUEST, result_id=RESULT, now=NOW)
            is_claimed.set()
            await may_end.wait()
            raise InsufficientFunds(available_minor=1, requested_minor=2)

    async def second() -> None:
        await is_claimed.wait()
        waiting = asyncio.ensure_future(buy(database))
        async with database.read() as session:
            while not await session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                pass
        may_end.set()
        await waiting

    ends = await asyncio.gather(first(), second(), return_exceptions=True)
    assert [type(end) for end in ends] == [InsufficientFunds, InsufficientFunds]
    assert await count(database, "offering_fundings") == 0


@pytest.mark.parametrize(
    "refusal", [CoolingOff(until=NOW, left_minor=5), InsufficientFunds(available_minor=1, requested_minor=2)], ids=repr
)
def test_a_refusal_is_read_as_it_was_written(refusal: Refusal) -> None:
    read = read_refusal(refusal.written())
    assert type(read) is type(refusal)
    assert read.data() == refusal.data()


def test_two_refusals_of_a_domain_have_two_names() -> None:
    with pytest.raises(TypeError, match=r"wallet\.InsufficientFunds is two refusals"):
        type("InsufficientFunds", (Refusal,), {"__module__": "subgraphs.wallet.somewhere.else"})
