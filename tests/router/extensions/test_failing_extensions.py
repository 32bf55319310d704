"""An extension that fails: what becomes of the request, and that the router goes on."""

import asyncio
import sys
import threading

import pytest
import structlog

from tests.router.extensions.asking import ask, failures, routing
from tests.router.extensions.test_hooks import REVIEWS_OF_ME, WITH_PHONE
from tests.router.small_graph import SUPERGRAPH, SmallGraph
from trevo.clients.subgraph_client import SubgraphFailed
from trevo.config.extension_settings import ExtensionSettings
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.errors import refuse
from trevo.extensions.extension import Extension
from trevo.supergraph import SupergraphError

TRACED = {"x-correlation-id": "trace-of-a-test"}
MASKED = {
    "errors": [
        {
            "message": "Something went wrong here; the trace id leads us to it.",
            "extensions": {"code": "INTERNAL_SERVER_ERROR", "traceId": "trace-of-a-test"},
        }
    ]
}
QUICK = Settings(extensions=ExtensionSettings(seconds_max=0.05, supergraph_seconds_max=0.05))


def failing(hook, behave):
    """An extension called Broken, of which *hook* does this."""
    return type("Broken", (Extension,), {hook: behave})()


def raises(_self, _told):
    raise RuntimeError("a secret of ours")


def ends_the_process(_self, _told):
    sys.exit(3)


async def hangs(_self, _told):
    await asyncio.Event().wait()


async def waits_for_what_is_cancelled(_self, _told):
    future = asyncio.get_running_loop().create_future()
    future.cancel()
    await future


@pytest.mark.parametrize("behave", [raises, ends_the_process, hangs, waits_for_what_is_cancelled])
@pytest.mark.parametrize("hook", ["on_arrival", "on_request", "on_operation", "on_plan"])
async def test_where_it_may_have_said_no_the_client_gets_a_masked_error(hook, behave):
    graph = SmallGraph()
    async with routing(failing(hook, behave), graph=graph, settings=QUICK) as router:
        with structlog.testing.capture_logs() as logs:
            result = await ask(router, "{ me { name } }", headers=TRACED)
        assert failures(router) == {("Broken", hook): 1}
    assert (result.body, result.status) == (MASKED, 500)
    assert graph.users.requests == []
    assert [(entry["event"], entry["extension"], entry["hook"]) for entry in logs] == [
        ("extension failed", "Broken", hook)
    ]


async def test_what_is_no_reply_is_a_fault():
    async with routing(failing("on_request", lambda *_: {"data": None})) as router:
        result = await ask(router, "{ me { name } }", headers=TRACED)
    assert result.body == MASKED


@pytest.mark.parametrize("hook", ["on_arrival", "on_operation", "on_plan"])
async def test_who_gives_something_where_nothing_is_taken_may_mean_no(hook):
    async def gives(_self, _told):
        return False

    async with routing(failing(hook, gives)) as router:
        result = await ask(router, "{ me { name } }", headers=TRACED)
        assert failures(router) == {("Broken", hook): 1}
    assert result.body == MASKED


@pytest.mark.parametrize("behave", [raises, hangs])
async def test_a_fetch_that_an_extension_spoils_is_null_with_a_masked_error(behave):
    async def spoil(self, fetch):
        if fetch.subgraph == "reviews":
            done = behave(self, fetch)
            await done

    graph = SmallGraph()
    async with routing(failing("on_fetch", spoil), graph=graph, settings=QUICK) as router:
        result = await ask(router, REVIEWS_OF_ME, headers=TRACED)
        assert failures(router) == {("Broken", "on_fetch"): 1}
    assert result.data == {"me": {"name": "Ada", "reviews": None}}
    message = "Something went wrong here before 'reviews' was asked; the trace id trace-of-a-test leads us to it."
    assert result.errors == [
        {
            "message": message,
            "path": ["me", "reviews"],
            "extensions": {"code": "INTERNAL_SERVER_ERROR", "service": "reviews"},
        }
    ]
    assert graph.reviews.requests == []


async def test_a_fetch_cannot_refuse_an_answer_after_something_was_done():
    class Refuses(Extension):
        def on_fetch(self, fetch):
            if fetch.subgraph == "reviews":
                raise refuse("NO", "No.")

    query = 'mutation { rename(id: "u1", name: "Bea") { name reviews { body } } }'
    async with routing(Refuses()) as router:
        result = await ask(router, query, headers=TRACED)
        assert failures(router) == {("Refuses", "on_fetch"): 1}
    assert result.data == {"rename": {"name": "Bea", "reviews": None}}
    assert [error["extensions"]["code"] for error in result.errors] == ["INTERNAL_SERVER_ERROR"]


@pytest.mark.parametrize("hook", ["on_arrival", "on_request", "on_operation", "on_plan"])
async def test_who_may_refuse_has_no_fetch_to_fail(hook):
    def fail(_self, _told):
        raise SubgraphFailed("a secret of ours")

    async with routing(failing(hook, fail)) as router:
        result = await ask(router, "{ me { name } }", headers=TRACED)
        assert failures(router) == {("Broken", hook): 1}
    assert (result.body, result.status) == (MASKED, 500)


def is_cancelled(_self, _told):
    raise asyncio.CancelledError


@pytest.mark.parametrize("compile_after_uses", [0, 1])
@pytest.mark.parametrize("query", ["{ me { name } }", "{ me { name } topProducts { upc } }"])
async def test_a_hook_that_raises_that_it_was_cancelled_costs_no_answer(query, compile_after_uses):
    settings = Settings(limits=Limits(compile_after_uses=compile_after_uses))
    async with routing(settings=settings) as router:
        expected = (await ask(router, query)).body
    async with routing(failing("after_fetch", is_cancelled), settings=settings) as router, asyncio.timeout(20):
        assert (await ask(router, query)).body == expected
        assert ("Broken", "after_fetch") in failures(router)


async def test_a_supergraph_whose_judge_was_cancelled_is_not_served():
    def judge(_self, supergraph):
        if not supergraph.is_first:
            raise asyncio.CancelledError

    async with routing(failing("on_supergraph", judge)) as router:
        assert not await router.reload(WITH_PHONE)
        assert failures(router) == {("Broken", "on_supergraph"): 1}


@pytest.mark.parametrize("hook", ["after_fetch", "on_response"])
@pytest.mark.parametrize("behave", [raises, ends_the_process, is_cancelled])
async def test_what_only_looks_on_costs_no_answer(hook, behave):
    async with routing(failing(hook, behave)) as router:
        result = await ask(router, "{ me { name } }")
        assert failures(router) == {("Broken", hook): 1}
    assert result.body == {"data": {"me": {"name": "Ada"}}}


class Unwritable:
    def __str__(self):
        raise ValueError("no text")


@pytest.mark.parametrize("said", [refuse("NO", "No."), Unwritable()])
async def test_an_answer_that_is_written_cannot_be_refused_nor_spoilt(said):
    def late(_self, response):
        response.extensions["kept"] = said
        if isinstance(said, Exception):
            raise said

    class Sound(Extension):
        def on_response(self, response):
            response.extensions["sound"] = 1

    async with routing(Sound(), failing("on_response", late)) as router:
        result = await ask(router, "{ me { name } }")
        assert failures(router) == {("Broken", "on_response"): 1}
    assert result.body == {"data": {"me": {"name": "Ada"}}, "extensions": {"sound": 1}}


def circular():
    value = {}
    value["itself"] = [value]
    return value


@pytest.mark.parametrize("nonsense", ["ab", None, 7, [], [("a", "b")], circular()])
@pytest.mark.parametrize("member", ["extensions", "headers"])
async def test_what_is_no_member_of_a_response_is_left_out(member, nonsense):
    class Sound(Extension):
        def on_response(self, response):
            response.extensions["sound"] = {"is": 1}
            response.set_header("x-sound", "1")

    def spoil(_self, response):
        response.extensions["sound"]["is"] = 2
        setattr(response, member, nonsense)

    async with routing(Sound(), failing("on_response", spoil)) as router:
        async with asyncio.timeout(20):
            result = await ask(router, "{ me { name } }")
        assert failures(router) == {("Broken", "on_response"): 1}
    assert result.body == {"data": {"me": {"name": "Ada"}}, "extensions": {"sound": {"is": 1}}}
    assert result.headers == {"x-sound": "1"}


async def test_a_late_response_hook_is_not_waited_for():
    async with routing(failing("on_response", hangs), settings=QUICK) as router:
        result = await ask(router, "{ me { name } }")
        assert failures(router) == {("Broken", "on_response"): 1}
    assert result.body == {"data": {"me": {"name": "Ada"}}}


async def test_a_supergraph_that_an_extension_fails_to_judge_is_not_served():
    def judge(_self, supergraph):
        if not supergraph.is_first:
            raise RuntimeError("cannot judge")

    async with routing(failing("on_supergraph", judge)) as router:
        engine = router.engine
        assert not await router.reload(WITH_PHONE)
        assert router.engine is engine
        assert (await ask(router, "{ me { name } }")).errors == []
        assert failures(router) == {("Broken", "on_supergraph"): 1}


async def test_a_supergraph_that_is_not_judged_in_time_is_not_served():
    goes_on = threading.Event()

    def judge(_self, supergraph):
        if not supergraph.is_first:
            goes_on.wait(30)

    async with routing(failing("on_supergraph", judge), settings=QUICK) as router:
        with structlog.testing.capture_logs() as logs:
            assert not await router.reload(WITH_PHONE)
        goes_on.set()
        assert (await ask(router, "{ me { name } }")).errors == []
    assert logs[-1]["reason"] == "the extensions have not judged it within 0.05 s"


async def test_a_first_supergraph_that_cannot_be_judged_is_not_served():
    with pytest.raises(SupergraphError, match="Broken could not judge it"):
        async with routing(failing("on_supergraph", raises), supergraph_text=SUPERGRAPH):
            pass


@pytest.mark.parametrize("hook", ["after_fetch", "on_supergraph"])
async def test_a_hook_that_has_to_be_plain_cannot_be_a_coroutine(hook):
    with pytest.raises(ValueError, match=f"{hook} of the extension Broken has to be a plain function"):
        async with routing(failing(hook, hangs)):
            pass


async def test_an_extension_that_does_not_close_keeps_nobody():
    async def close(_self):
        await asyncio.Event().wait()

    async with routing(failing("close", close), settings=QUICK) as router:
        pass
    assert failures(router) == {("Broken", "close"): 1}


@pytest.mark.parametrize("is_async", [False, True])
async def test_what_an_extension_holds_it_gives_back_by_a_plain_function_or_another(is_async):
    closed = []

    def close(_self):
        closed.append(1)

    async def close_later(_self):
        closed.append(1)

    async with routing(failing("close", close_later if is_async else close)) as router:
        pass
    assert (closed, failures(router)) == ([1], {})


async def test_one_whose_closing_was_cancelled_keeps_no_other_from_closing():
    closed = []

    class Sound(Extension):
        async def close(self):
            closed.append(1)

    async def close(_self):
        raise asyncio.CancelledError

    async with routing(failing("close", close), Sound()) as router:
        pass
    assert (closed, failures(router)) == ([1], {("Broken", "close"): 1})
