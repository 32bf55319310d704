"""Who waits for a connection or for an answer: how long, and who before whom."""

import asyncio
import time

import pytest

from tests.router.clients.conftest import BY_PLAIN_HTTP, failure_of, query
from tests.router.clients.wire import GOOD, answer, wire
from trevo.clients.subgraph_client import Deadline, SubgraphFailed, SubgraphRequest


async def test_who_is_cancelled_closes_the_connection(client_at):
    never = asyncio.Event()
    async with wire(GOOD, never, GOOD) as there:
        client = client_at(there.url)
        await client.send(query())
        asking = asyncio.create_task(client.send(query("{ b }")))
        assert [await there.came.get() for _ in range(2)] == ["{ a }", "{ b }"]
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        never.set()
        assert await there.ended.get() == 0
        await client.send(query())
        assert there.connections == [0, 0, 1]


async def test_a_late_answer_is_nobody_elses(client_at):
    late = asyncio.Event()
    async with wire([late, answer(b'{"data":{"a":1}}')], GOOD) as there:
        client = client_at(there.url)
        asking = asyncio.create_task(failure_of(client, query(seconds=1.0)))
        await there.came.get()
        assert (await asking).code == "SUBREQUEST_TIMEOUT"
        late.set()
        assert (await client.send(query())).body == {"data": {}}


@pytest.mark.parametrize("seconds", [0, -1])
async def test_after_the_deadline_nothing_is_sent(client_at, seconds):
    async with wire(GOOD) as there:
        failure = await failure_of(client_at(there.url), query(seconds=seconds))
        assert (failure.code, there.asked) == ("SUBREQUEST_TIMEOUT", [])


async def test_each_waits_until_its_own_deadline_whoever_asked_before_it(client_at):
    held = asyncio.Event()
    async with wire([held, GOOD]) as there:
        client = client_at(there.url)

        async def ask(seconds):
            begun = time.monotonic()
            error = await failure_of(client, query(seconds=seconds))
            return error.code, time.monotonic() - begun >= seconds - 0.01

        patient = asyncio.ensure_future(client.send(query()))
        assert await asyncio.gather(*map(ask, (0.6, 0.2, 0.4))) == [("SUBREQUEST_TIMEOUT", True)] * 3
        assert not patient.done()
        held.set()
        await patient


@BY_PLAIN_HTTP
async def test_the_deadline_of_who_has_been_answered_is_nobodys(client_at):
    async with wire(GOOD, [late := asyncio.Event(), GOOD]) as there:
        client = client_at(there.url)
        await client.send(query(seconds=0.2))
        alarm = client._carrier._alarm
        patient = asyncio.ensure_future(client.send(query()))
        while len(there.asked) < 2:
            await there.came.get()
        assert client._carrier._alarm is alarm
        rung = asyncio.Event()
        asyncio.get_running_loop().call_at(alarm.when() + 0.001, rung.set)
        await rung.wait()
        assert client._carrier._alarm is not alarm
        late.set()
        assert (await patient).body == {"data": {}}
        assert there.connections == [0, 0]


async def test_whose_deadline_is_not_over_is_answered_when_that_of_another_is(client_at):
    answered = asyncio.Event()
    async with wire([answered, GOOD]) as there:
        client = client_at(there.url)
        patient = asyncio.ensure_future(client.send(query()))
        await there.came.get()
        assert (await failure_of(client, query(seconds=0.1))).code == "SUBREQUEST_TIMEOUT"
        answered.set()
        assert (await patient).body == {"data": {}}


async def test_no_more_connections_than_may_be_and_who_came_first_is_first(client_at):
    turn = asyncio.Event()
    async with wire([turn, GOOD]) as there:
        client = client_at(there.url, subgraph_connections_max=2)
        asking = [asyncio.create_task(client.send(query(f"{{ f{number} }}"))) for number in range(6)]
        assert {await there.came.get() for _ in range(2)} == {"{ f0 }", "{ f1 }"}
        assert len(there.asked) == 2
        turn.set()
        await asyncio.gather(*asking)
        assert set(there.connections) == {0, 1}
        assert sorted(there.documents[2:4]) == ["{ f2 }", "{ f3 }"]
        assert sorted(there.documents[4:]) == ["{ f4 }", "{ f5 }"]


@BY_PLAIN_HTTP
async def test_the_next_fetch_of_who_came_first_goes_before_the_first_of_who_came_later(client_at):
    turn = asyncio.Event()
    async with wire([turn, GOOD]) as there:
        client = client_at(there.url, subgraph_connections_max=1)
        elder, younger = Deadline.after(60), Deadline.after(30)
        asking = [asyncio.create_task(client.send(SubgraphRequest("{ elder1 }", deadline=elder)))]
        await there.came.get()
        for document, deadline in (("{ younger1 }", younger), ("{ elder2 }", elder.at_most(20)), ("{ elder3 }", elder)):
            asking.append(asyncio.create_task(client.send(SubgraphRequest(document, deadline=deadline))))
            await asyncio.sleep(0)
        turn.set()
        await asyncio.gather(*asking)
        assert there.documents == ["{ elder1 }", "{ elder2 }", "{ elder3 }", "{ younger1 }"]


async def test_who_waits_too_long_or_leaves_takes_no_place(client_at):
    turn = asyncio.Event()
    async with wire([turn, GOOD]) as there:
        client = client_at(there.url, subgraph_connections_max=1)
        first = asyncio.create_task(client.send(query("{ first }")))
        await there.came.get()
        left = asyncio.create_task(client.send(query("{ left }")))
        late = asyncio.create_task(client.send(query("{ late }", seconds=0.02)))
        patient = asyncio.create_task(client.send(query("{ patient }")))
        with pytest.raises(SubgraphFailed, match="did not answer in time"):
            await late
        left.cancel()
        turn.set()
        await asyncio.gather(first, patient)
        assert there.documents == ["{ first }", "{ patient }"]


async def test_a_place_is_given_on_when_its_connection_breaks(client_at):
    turn = asyncio.Event()
    async with wire([turn, None], [None], GOOD) as there:
        client = client_at(there.url, subgraph_connections_max=1)
        asking = [
            asyncio.create_task(client.send(SubgraphRequest(f"mutation {{ m{n} }}", is_mutation=True)))
            for n in range(3)
        ]
        await there.came.get()
        turn.set()
        ends = await asyncio.gather(*asking, return_exceptions=True)
        assert [isinstance(end, SubgraphFailed) for end in ends] == [True, True, False]
        assert there.documents == ["mutation { m0 }", "mutation { m1 }", "mutation { m2 }"]
