"""Requests for holds that wait together are decided together, each as if it had come alone."""

import uuid
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.wallet.domain.holds import DecidedBefore
from subgraphs.wallet.schemas import events, heard
from tests.builders.any_order import tries
from tests.builders.deliveries import deliver_together, in_order
from tests.subgraphs.wallet.wallet_world import (
    CARLOS,
    MARINA,
    OFFERING,
    SERGIO,
    WalletWorld,
    investment_requested,
    number,
)

OTHER_OFFERING = number(0x0FF)
QUEUE = "wallet.place_hold"


async def test_those_who_ask_together_get_what_is_there_in_their_order(world: WalletWorld) -> None:
    await world.person_with(MARINA, 500_00)
    await world.person_with(CARLOS, 100_00)
    await world.tell(heard.OfferingCancelled(offering_id=OTHER_OFFERING))
    asked = [
        investment_requested(MARINA, 200_00, investment=number(1)),
        investment_requested(MARINA, 400_00, investment=number(2)),
        investment_requested(CARLOS, 100_00, investment=number(3), offering=OTHER_OFFERING),
        investment_requested(CARLOS, 100_00, investment=number(4)),
        investment_requested(MARINA, 300_00, investment=number(5)),
    ]
    told = [replace(event, correlation_id=f"request {place}") for place, event in enumerate(in_order(*asked))]
    assert await deliver_together(world.subgraph, QUEUE, *told) == 5
    placed = await world.published(events.HoldPlaced)
    assert [(it.reference_id, it.user_id, it.amount_minor) for it in placed] == [
        (number(1), MARINA, 200_00),
        (number(4), CARLOS, 100_00),
        (number(5), MARINA, 300_00),
    ]
    refused = await world.published(events.HoldRefused)
    assert [(it.reference_id, it.available_minor, it.reason) for it in refused] == [
        (number(2), 300_00, "INSUFFICIENT_FUNDS"),
        (number(3), 100_00, "OFFERING_CLOSED"),
    ]
    assert (await world.balances(MARINA), await world.balances(CARLOS)) == ((0, 500_00, 0), (0, 100_00, 0))
    causes = "SELECT string_agg(correlation_id, ', ' ORDER BY id) FROM outbox WHERE type LIKE 'wallet.hold_%'"
    assert await world.scalar(causes) == "request 0, request 1, request 2, request 3, request 4"


async def nothing_is_held(world: WalletWorld) -> bool:
    counts = "SELECT (SELECT count(*) FROM holds) + (SELECT count(*) FROM outbox WHERE type LIKE 'wallet.hold_%')"
    return bool(await world.scalar(counts) == 0)


async def test_one_who_has_no_wallet_yet_has_the_others_go_alone(world: WalletWorld) -> None:
    await world.person_with(MARINA, 500_00)
    asked = [investment_requested(who, 100_00, investment=number(place)) for place, who in enumerate((MARINA, SERGIO))]
    with pytest.raises(NotYet, match="no wallet of user"):
        await deliver_together(world.subgraph, QUEUE, *asked)
    assert await nothing_is_held(world)
    assert await world.balances(MARINA) == (500_00, 0, 0)


@pytest.mark.parametrize("again", [number(1), number(2)])
async def test_one_that_has_its_answer_has_the_others_go_alone(world: WalletWorld, again: uuid.UUID) -> None:
    await world.person_with(MARINA, 500_00)
    await world.tell(heard.InvestmentCancelled(investment_id=number(1)))
    asked = [investment_requested(MARINA, 400_00, investment=it) for it in (again, number(2))]
    with pytest.raises(DecidedBefore):
        await deliver_together(world.subgraph, QUEUE, *asked)
    assert await nothing_is_held(world)
    for request in asked:
        await world.tell(request)
    assert [it.reference_id for it in await world.published(events.HoldPlaced)] == [number(2)]
    assert await world.balances(MARINA) == (100_00, 400_00, 0)


requests = st.lists(st.tuples(st.integers(0, 1), st.integers(1, 4), st.booleans()), min_size=2, max_size=12)
"""By whom, how much in hundreds, and whether for the offering that is closed."""


@given(wanted=requests, cut=st.integers(1, 11))
@tries
async def test_sets_end_as_single_requests_do(
    world: WalletWorld, wanted: Sequence[tuple[int, int, bool]], cut: int
) -> None:
    ends = []
    for together in (False, True):
        people = [uuid.uuid4() for _ in range(2)]
        for person in people:
            await world.person_with(person, 600_00)
        closed = uuid.uuid4()
        await world.tell(heard.OfferingCancelled(offering_id=closed))
        told = [
            investment_requested(
                people[who], hundreds * 100_00, investment=uuid.uuid4(), offering=closed if is_closed else OFFERING
            )
            for who, hundreds, is_closed in wanted
        ]
        if together:
            for some in (told[:cut], told[cut:]):
                assert await deliver_together(world.subgraph, QUEUE, *some) == len(some) if some else True
        else:
            for request in told:
                await world.tell(request)
        placed = {it.reference_id for it in await world.published(events.HoldPlaced)}
        reasons = {it.reference_id: (it.reason, it.available_minor) for it in await world.published(events.HoldRefused)}
        answers = [it.investment_id in placed or reasons[it.investment_id] for it in told]
        ends.append((answers, [await world.balances(person) for person in people]))
    assert ends[0] == ends[1]
