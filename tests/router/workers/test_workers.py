"""Several processes on one port, as the command line starts them: what one would do alone, what only several can."""

import asyncio
import os
import signal

import aiohttp
import pytest

from tests.router.server.test_reload import WITH_PHONE
from tests.router.small_graph import SUPERGRAPH
from tests.router.workers.product import SECONDS_MAX, running, start

pytestmark = pytest.mark.timeout(300)  # three interpreters are started for each

PHONE = '{ __type(name: "User") { fields { name } } }'
GOOD = (200, {"data": {"me": {"name": "Ada"}}})


async def has_phone(product):
    _, body = await product.ask(PHONE)
    return "phone" in [field["name"] for field in body["data"]["__type"]["fields"]]


async def until_refused(product):
    """Until nobody listens any more. Who stands in line in the moment of the stop is cut off, as by any server."""
    async with asyncio.timeout(SECONDS_MAX):
        while True:
            try:
                await product.get(f"{product.origin}/health")
            except aiohttp.ClientConnectorError:
                return
            except aiohttp.ClientConnectionError:
                continue


async def test_each_answers_and_their_figures_add_up(tmp_path):
    async with running(tmp_path) as product:
        with product.only(1):
            assert [await product.ask() for _ in range(2)] == [GOOD] * 2
        with product.only(2):
            assert await product.ask() == GOOD
        assert await product.figures("router_request_seconds_count") == {"1": 2, "2": 1}
        assert await product.figures("router_workers") == {None: 2}
        assert set(await product.figures("process_resident_memory_bytes")) == {"1", "2", "supervisor"}
        crowd = await asyncio.gather(*(product.ask() for _ in range(40)))
        assert crowd == [GOOD] * 40
        assert sum((await product.figures("router_request_seconds_count")).values()) == 43
        text = await product.get(product.metrics)
        assert text.count("# TYPE process_cpu_seconds_total counter") == 1
        first, second = [line for line in [await product.line("request") for _ in range(3)] if line["worker"] == 1]
        assert first["kind"] == second["kind"] == "query"


async def test_one_that_dies_takes_its_open_requests_along_and_nothing_else(tmp_path):
    async with running(tmp_path) as product:
        product.subgraphs.may_answer.clear()
        with product.only(1):
            lost = asyncio.create_task(product.ask())
            await product.subgraphs.until_waiting(1)
        with product.only(2):
            kept = asyncio.create_task(product.ask())
            await product.subgraphs.until_waiting(2)
        os.kill(product.processes[1], signal.SIGKILL)
        with pytest.raises(aiohttp.ClientConnectionError):
            await lost
        assert (await product.line("a worker has died"))["worker"] == 1
        product.subgraphs.may_answer.set()
        assert await kept == GOOD
        assert await product.ask() == GOOD
        died = product.processes[1]
        assert (await product.line("a worker serves"))["worker"] == 1
        assert product.processes[1] != died
        with product.only(1):
            assert await product.ask() == GOOD
        assert await product.figures("router_worker_restarts_total") == {None: 1}
        assert await product.figures("router_workers") == {None: 2}


async def test_told_to_stop_it_answers_what_is_open_and_lets_nobody_in(tmp_path):
    async with running(tmp_path) as product:
        product.subgraphs.may_answer.clear()
        open_ones = []
        for number in (1, 2):
            with product.only(number):
                open_ones.append(asyncio.create_task(product.ask()))
                await product.subgraphs.until_waiting(number)
        product.process.send_signal(signal.SIGTERM)
        await until_refused(product)
        product.subgraphs.may_answer.set()
        assert await asyncio.gather(*open_ones) == [GOOD] * 2
        assert await product.ended() == -signal.SIGTERM


async def test_a_worker_that_hangs_is_killed_after_the_time_that_requests_have(tmp_path):
    async with running(tmp_path, limits={"deadline_seconds": 1}) as product:
        hanging = product.processes[2]
        os.kill(hanging, signal.SIGSTOP)
        assert await product.end(signal.SIGINT) == -signal.SIGINT
        with pytest.raises(ProcessLookupError):
            os.kill(hanging, 0)
        assert any("a worker has not stopped in time" in str(line) for line in product.lines)


async def test_all_take_up_a_new_supergraph_and_one_that_begins_anew_has_it_too(tmp_path):
    async with running(tmp_path) as product:
        product.supergraph.write_text(WITH_PHONE)
        product.process.send_signal(signal.SIGHUP)
        await product.line("supergraph reloaded by all workers")
        for number in (1, 2):
            with product.only(number):
                assert await has_phone(product)
        # What cannot be used changes nothing, not even for one that is started while it lies there.
        product.supergraph.write_text("half a fi")
        product.process.send_signal(signal.SIGHUP)
        await product.line("supergraph not reloaded; the old one stays")
        os.kill(product.processes[2], signal.SIGKILL)
        await product.line("a worker serves")
        for number in (1, 2):
            with product.only(number):
                assert await has_phone(product)


async def test_the_file_is_watched(tmp_path):
    async with running(tmp_path, supergraph_poll_seconds=0.05) as product:
        product.supergraph.with_name("new").write_text(WITH_PHONE)
        product.supergraph.with_name("new").replace(product.supergraph)
        await product.line("supergraph reloaded by all workers")
        assert await has_phone(product)


async def test_a_worker_that_cannot_follow_is_replaced(tmp_path):
    async with running(tmp_path) as product:
        product.supergraph.write_text(WITH_PHONE)
        second = product.processes[2]
        os.kill(second, signal.SIGSTOP)  # it hears nothing
        product.process.send_signal(signal.SIGHUP)
        await product.line("supergraph reloaded")
        os.kill(second, signal.SIGKILL)
        await product.line("a worker does not take up a supergraph; it is replaced")
        await product.line("a worker serves")
        with product.only(2):
            assert await has_phone(product)


async def test_the_bound_of_connections_holds_over_all(tmp_path):
    async with running(tmp_path, connections={"open_max": 5}) as product:
        product.subgraphs.may_answer.clear()
        let_in, refused = [], []
        for number, share in ((1, 3), (2, 2)):
            with product.only(number):
                for _ in range(share):
                    let_in.append(asyncio.create_task(product.ask()))
                    await product.subgraphs.until_waiting(len(let_in))
                refused.append(await product.ask())
        assert refused == [(503, "Too many connections are open; try again in a moment.")] * 2
        product.subgraphs.may_answer.set()
        assert await asyncio.gather(*let_in) == [GOOD] * 5


async def test_all_count_rates_together(tmp_path):
    async with running(tmp_path, rates={"address": "3/hour"}) as product:
        with product.only(1):
            assert [await product.ask() for _ in range(2)] == [GOOD] * 2
        with product.only(2):
            assert await product.ask() == GOOD
        for number in (1, 2):
            with product.only(number):
                status, body = await product.ask()
                assert (status, body["errors"][0]["extensions"]["code"]) == (429, "RATE_LIMITED")


async def test_ready_says_how_many_there_are(tmp_path):
    async with running(tmp_path) as product, asyncio.timeout(SECONDS_MAX), aiohttp.ClientSession() as http:
        told = None
        while told != {"ready": True, "workers": {"ready": True, "up": 2, "of": 2}}:
            async with http.get(f"{product.origin}/ready") as response:
                told = await response.json()


async def test_workers_end_with_their_supervisor(tmp_path):
    async with running(tmp_path) as product:
        product.process.kill()
        assert await product.ended() == -signal.SIGKILL  # nobody is left who could write
        with pytest.raises(aiohttp.ClientConnectorError):
            await product.ask()


@pytest.mark.parametrize(
    ("supergraph", "settings", "message"),
    [
        ("type Query { a: Int }", "", "The router cannot start: "),
        (
            SUPERGRAPH,
            "limits: {sockets_per_person_max: 1}",
            "limits.sockets_per_person_max is 1: too few for 2 workers",
        ),
        (SUPERGRAPH, "host: 203.0.113.7", "assign requested address"),
    ],
)
async def test_a_beginning_that_cannot_be_made(tmp_path, supergraph, settings, message):
    (tmp_path / "supergraph.graphql").write_text(supergraph)
    config = tmp_path / "trevo.yaml"
    config.write_text(f"supergraph_path: {tmp_path}/supergraph.graphql\nworkers: 2\nport: 0\n{settings}\n")
    process = await start(config)
    try:
        async with asyncio.timeout(SECONDS_MAX):
            out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert message in out.decode()
    assert process.returncode == 1


async def test_each_takes_up_new_manifests(tmp_path):
    manifest = tmp_path / "manifest.json"
    manifest.write_text('{"me": "{ me { name } }"}')
    documents = {"mode": "only", "manifests": [str(manifest)]}
    async with running(tmp_path, persisted_documents=documents) as product:
        manifest.write_text('{"me": "{ me { name } } # newer"}')
        product.process.send_signal(signal.SIGHUP)
        for _ in range(2):
            assert (await product.line("manifests reloaded"))["documents"] == 1
        for number in (1, 2):
            with product.only(number):
                assert await product.ask("{ me { name } } # newer") == GOOD
                _, refused = await product.ask("{ me { name } }")
                assert refused["errors"][0]["extensions"]["code"] == "QUERY_NOT_IN_SAFELIST"
