"""Work in flight: who comes, who leaves, whose time is over, and what it comes to."""

import asyncio

import pytest

from tests.router.sharing.held import sharing
from trevo.clients.guarded_client import GuardedClient
from trevo.clients.sharing_client import SharingClient
from trevo.clients.subgraph_client import CircuitOpen, Deadline, SubgraphFailed, SubgraphRequest, SubgraphResponse
from trevo.config.limits import Limits
from trevo.config.sharing import Sharing


class Subgraph:
    """Answers when it is told to; notes until when each request was made."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.until = []
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.cancelled = 0

    async def send(self, request):
        self.until.append(request.deadline.at)
        self.asked.set()
        answer = self.answers.pop(0)
        try:
            if answer == "late":
                await asyncio.sleep(max(request.deadline.seconds_left(), 0))
                raise SubgraphFailed("late", code="SUBREQUEST_TIMEOUT", is_outage=True)
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(answer, BaseException):
            raise answer
        return SubgraphResponse(answer)

    async def close(self):
        pass


def sharing_over(subgraph):
    joined = []
    client = SharingClient("users", subgraph, across_addresses=False, on_share=lambda: joined.append(1))
    return client, joined


def guarded(subgraph):
    limits = Limits(circuit_failures=2, circuit_patience_seconds=0.01)
    return GuardedClient("users", subgraph, limits, tell=lambda *_: None)


def request(seconds=60.0):
    return SubgraphRequest("{ me { id } }", deadline=Deadline.after(seconds))


async def ask(client, *requests):
    """A task for each, begun in this order."""
    tasks = []
    for each in requests:
        tasks.append(asyncio.create_task(client.send(each)))
        await asyncio.sleep(0)
    return tasks


async def test_each_has_an_answer_of_its_own():
    subgraph = Subgraph({"data": {"me": {"id": "u1"}}})
    client, joined = sharing_over(subgraph)
    tasks = await ask(client, request(), request())
    subgraph.may_answer.set()
    first, second = await asyncio.gather(*tasks)
    first.body["data"]["me"]["id"] = "changed"
    assert second.body == {"data": {"me": {"id": "u1"}}}
    assert (len(subgraph.until), len(joined)) == (1, 1)


async def test_what_comes_after_the_answer_is_asked_anew():
    subgraph = Subgraph({"data": 1}, {"data": 2})
    subgraph.may_answer.set()
    client, _ = sharing_over(subgraph)
    assert [(await client.send(request())).body for _ in range(2)] == [{"data": 1}, {"data": 2}]


async def test_who_began_it_may_leave_and_nobody_notices():
    subgraph = Subgraph({"data": 1})
    client, _ = sharing_over(subgraph)
    first, second, third = await ask(client, request(), request(), request())
    await subgraph.asked.wait()
    first.cancel()
    await asyncio.wait({first})
    subgraph.may_answer.set()
    assert [(await task).body for task in (second, third)] == [{"data": 1}] * 2
    assert (len(subgraph.until), subgraph.cancelled) == (1, 0)


async def test_when_the_last_has_left_it_is_given_up_and_the_next_begins_anew():
    subgraph = Subgraph({"data": 1}, {"data": 2})
    client, _ = sharing_over(subgraph)
    tasks = await ask(client, request(), request())
    await subgraph.asked.wait()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await asyncio.sleep(0)
    assert subgraph.cancelled == 1
    subgraph.may_answer.set()
    assert (await client.send(request())).body == {"data": 2}


async def test_each_waits_as_long_as_its_own_time():
    subgraph = Subgraph({"data": 1})
    client, _ = sharing_over(subgraph)
    patient, hurried = await ask(client, request(60), request(0.05))
    with pytest.raises(SubgraphFailed, match="did not answer in time") as failure:
        await hurried
    # Whether somebody is there to answer will be known when the request has ended.
    assert (failure.value.code, failure.value.is_outage) == ("SUBREQUEST_TIMEOUT", False)
    subgraph.may_answer.set()
    assert (await patient).body == {"data": 1}


async def test_each_waits_as_long_as_its_own_time_also_when_it_was_begun_anew():
    subgraph = Subgraph("late", {"data": 1})
    client, _ = sharing_over(subgraph)
    first, second, patient = await ask(client, request(0.05), request(0.1), request(60))
    for hurried in (first, second):
        async with asyncio.timeout(20):
            with pytest.raises(SubgraphFailed, match=r"late|did not answer in time"):
                await hurried
    assert not patient.done()
    subgraph.may_answer.set()
    assert (await patient).body == {"data": 1}
    assert len(subgraph.until) == 2


async def test_it_is_begun_anew_as_often_as_somebody_has_more_time():
    subgraph = Subgraph("late", "late", {"data": 1})
    subgraph.may_answer.set()
    client, _ = sharing_over(subgraph)
    first, second = await ask(client, request(0.05), request(0.1))
    with pytest.raises(SubgraphFailed, match="late"):
        await first
    (third,) = await ask(client, request(60))
    with pytest.raises(SubgraphFailed, match="late"):
        await second
    assert (await third).body == {"data": 1}


@pytest.mark.parametrize("end", [asyncio.CancelledError(), GeneratorExit()])
async def test_what_ends_by_no_failure_of_its_own_is_a_failure_for_all_who_wait(end):
    subgraph = Subgraph(end, {"data": 2})
    client, _ = sharing_over(subgraph)
    tasks = await ask(client, request(), request())
    subgraph.may_answer.set()
    async with asyncio.timeout(20):
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(each) for each in ends] == [RuntimeError] * 2
        assert (await client.send(request())).body == {"data": 2}


async def test_work_that_had_too_little_time_is_begun_anew_for_who_has_more():
    """With the time of the most patient, so that it is begun anew once and not for each."""
    subgraph = Subgraph("late", {"data": 1})
    subgraph.may_answer.set()
    client, _ = sharing_over(subgraph)
    requests = [request(0.05), request(20), request(60), request(30)]
    hurried, *others = await ask(client, *requests)
    with pytest.raises(SubgraphFailed, match="late"):
        await hurried
    assert [(await task).body for task in others] == [{"data": 1}] * 3
    assert subgraph.until == [requests[0].deadline.at, requests[2].deadline.at]


async def test_a_failure_is_everyones_and_counts_once():
    failure = SubgraphFailed("away", detail="refused", is_outage=True)
    subgraph = Subgraph(failure, {"data": 1})
    client, _ = sharing_over(guarded(subgraph))
    tasks = await ask(client, *[request() for _ in range(5)])
    subgraph.may_answer.set()
    failures = await asyncio.gather(*tasks, return_exceptions=True)
    assert [(type(each), each.message, each.detail) for each in failures] == [(SubgraphFailed, "away", "refused")] * 5
    assert (await client.send(request())).body == {"data": 1}


async def test_a_late_answer_is_everyones_failure_and_counts_once():
    subgraph = Subgraph("late", {"data": 1})
    subgraph.may_answer.set()
    client, _ = sharing_over(guarded(subgraph))
    late = request(0.05)
    failures = await asyncio.gather(*await ask(client, *[late] * 5), return_exceptions=True)
    assert [(type(each), each.message, each.code) for each in failures] == [
        (SubgraphFailed, "late", "SUBREQUEST_TIMEOUT")
    ] * 5
    assert (await client.send(request())).body == {"data": 1}


async def test_so_do_failures_one_after_another():
    subgraph = Subgraph(*[SubgraphFailed("away", is_outage=True) for _ in range(2)])
    subgraph.may_answer.set()
    guard = guarded(subgraph)
    client, _ = sharing_over(guard)
    for _ in range(2):
        with pytest.raises(SubgraphFailed, match="away"):
            await client.send(request())
    with pytest.raises(CircuitOpen):
        await client.send(request())
    await client.close()


async def test_the_circuit_is_looked_at_for_each_request_that_there_is():
    async with sharing(sharing=Sharing(fetches=True)) as users:
        client = users.router.engine.clients["users"]
        assert [type(client), type(client.client)] == [SharingClient, GuardedClient]
