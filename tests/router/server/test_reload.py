"""A new supergraph while requests go on."""

import asyncio
import gc
import time
import weakref

import pytest
import structlog

from tests.router.small_graph import SUPERGRAPH, SmallGraph, http_app, served
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.settings import Settings
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.main import plan_with_planner
from trevo.supergraph import SupergraphError

WITH_PHONE = SUPERGRAPH.replace(
    "  email: String @join__field(graph: USERS)",
    "  email: String @join__field(graph: USERS)\n  phone: String @join__field(graph: USERS)",
)
FIELDS = GraphQLRequest('{ __type(name: "User") { fields { name } } }')


def make_router(graph, settings=None, *, text=SUPERGRAPH):
    clients = {subgraph.name: InProcessSubgraphClient(subgraph.name, subgraph) for subgraph in graph.subgraphs}
    return Router(settings or Settings(), supergraph_text=text, clients=clients, make_planner=plan_with_planner)


async def has_phone(router):
    result = await router.execute(FIELDS)
    return any(field["name"] == "phone" for field in result.data["__type"]["fields"])


async def left_of(references):
    """Those that are still held, once the event loop has let go of the connections that were closed just now."""
    deadline = time.monotonic() + 10
    while True:
        gc.collect()
        held = [one for reference in references if (one := reference()) is not None]
        if not held or time.monotonic() > deadline:
            return held
        del held
        await asyncio.sleep(0.01)


async def test_a_new_supergraph_answers_from_then_on():
    router = make_router(SmallGraph())
    assert not await has_phone(router)
    assert await router.reload(WITH_PHONE)
    assert await has_phone(router)
    await router.stop()


@pytest.mark.parametrize(
    "text", ["", "nonsense {", "type Query { a: Int }", SUPERGRAPH.replace("type Query", "type Quarry")]
)
async def test_a_bad_supergraph_changes_nothing_and_is_told(text):
    router = make_router(SmallGraph())
    old = router.engine
    with structlog.testing.capture_logs() as logs:
        assert not await router.reload(text)
    assert router.engine is old
    assert [entry["event"] for entry in logs] == ["supergraph not reloaded; the old one stays"]
    assert b'router_supergraph_reloads_total{result="refused"} 1.0' in router.metrics.text()
    assert (await router.execute(GraphQLRequest("{ me { id } }"))).data == {"me": {"id": "u1"}}
    await router.stop()


async def test_a_bad_first_supergraph_is_an_error_at_once():
    with pytest.raises(SupergraphError):
        make_router(SmallGraph(), text="type Query { a: Int }")
    with pytest.raises(ValueError, match="Name the supergraph file"):
        make_router(SmallGraph(), text=None)


async def test_a_request_ends_with_the_graph_it_began_with():
    graph = SmallGraph()
    arrived, release = asyncio.Event(), asyncio.Event()

    async def wait(request):
        arrived.set()
        await release.wait()
        return (await graph.users.run(request)).formatted

    graph.users.fault = wait
    router = make_router(graph)
    running = asyncio.create_task(router.execute(GraphQLRequest("{ me { id reviews { body } } }")))
    await arrived.wait()
    old = weakref.ref(router.engine)
    assert await router.reload(WITH_PHONE)
    gc.collect()
    assert old() is not None
    release.set()
    assert (await running).data == {"me": {"id": "u1", "reviews": [{"body": "good"}, {"body": "fine"}]}}
    del running
    gc.collect()
    assert old() is None
    await router.stop()


async def test_a_hundred_reloads_leave_one_engine_and_one_client_per_subgraph():
    graph = SmallGraph()
    async with served(http_app(graph.users)) as there:
        texts = [
            text.replace("http://users.invalid/graphql", f"{there.origin}/{number % 2}")
            for number, text in enumerate([SUPERGRAPH, WITH_PHONE])
        ]
        router = Router(Settings(), supergraph_text=texts[0], make_planner=plan_with_planner)
        engines, clients = [], []
        for number in range(100):
            engines.append(weakref.ref(router.engine))
            clients.append(weakref.ref(router.engine.clients["users"]))
            assert (await router.execute(GraphQLRequest("{ me { name } }"))).data == {"me": {"name": "Ada"}}
            assert await router.reload(texts[(number + 1) % 2])
        await router.stop()
        assert await left_of(engines) == []
        assert await left_of(clients) == []


async def test_subgraphs_whose_address_stays_keep_their_connections():
    router = Router(Settings(), supergraph_text=SUPERGRAPH, make_planner=plan_with_planner)
    before = dict(router.engine.clients)
    assert await router.reload(WITH_PHONE.replace("http://users.invalid", "http://elsewhere.invalid"))
    after = router.engine.clients
    assert [name for name in before if before[name] is not after[name]] == ["users"]
    await router.stop()


async def test_addresses_in_the_settings_win_over_the_supergraphs():
    settings = Settings(subgraph_urls={"users": "http://127.0.0.1:1/u"})
    router = Router(settings, supergraph_text=SUPERGRAPH, make_planner=plan_with_planner)
    assert {name: client.client.client.url for name, client in router.engine.clients.items()} == {
        "inventory": "http://inventory.invalid/graphql",
        "products": "http://products.invalid/graphql",
        "reviews": "http://reviews.invalid/graphql",
        "users": "http://127.0.0.1:1/u",
    }
    await router.stop()


async def test_a_changed_file_is_taken_up_a_broken_one_is_not(tmp_path):
    file = tmp_path / "supergraph.graphql"
    file.write_text(SUPERGRAPH)
    router = make_router(SmallGraph(), Settings(supergraph_path=file, supergraph_poll_seconds=0.01), text=None)
    await router.start()
    outcomes: asyncio.Queue[bool] = asyncio.Queue()
    reload = router.reload

    async def observed():
        outcome = await reload()
        outcomes.put_nowait(outcome)
        return outcome

    router.reload = observed

    replacement = tmp_path / "new.graphql"
    replacement.write_text(WITH_PHONE)
    replacement.replace(file)
    assert await asyncio.wait_for(outcomes.get(), 20) is True
    assert await has_phone(router)

    file.unlink()
    replacement.write_text("half a fi")
    replacement.replace(file)
    assert await asyncio.wait_for(outcomes.get(), 20) is False
    assert await has_phone(router)
    await router.stop()
