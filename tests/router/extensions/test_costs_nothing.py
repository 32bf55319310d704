"""What nobody uses is not made, and what need not wait sets no timer."""

import asyncio
from types import SimpleNamespace

import pytest

from tests.router.extensions.asking import ask, failures, routing
from tests.router.extensions.test_hooks import REVIEWS_OF_ME
from trevo.config.extension_settings import ExtensionSettings
from trevo.config.settings import Settings
from trevo.extensions.extension import Extension


def not_to_be_used(*_given, **_named):
    raise AssertionError("nobody needs this")


@pytest.mark.parametrize(
    "name",
    [
        "gateway.identify.Arrival",
        "gateway.answer.ToldClients",
        "gateway.answer.PlannedOperation",
        "extensions.extensions.SubgraphFetch",
    ],
)
async def test_without_extensions_nothing_is_made_for_them(name, monkeypatch):
    monkeypatch.setattr(f"trevo.{name}", not_to_be_used)
    async with routing() as router:
        result = await ask(router, REVIEWS_OF_ME)
    assert result.errors == []


async def test_a_coroutine_that_need_not_wait_sets_no_timer(monkeypatch):
    class Quick(Extension):
        async def on_request(self, request):
            request.notes["quick"] = await self.known()

        async def known(self):
            return 1

    async with routing(Quick()) as router:
        await ask(router, "{ me { name } }")
        monkeypatch.setattr("trevo.extensions.in_time.asyncio", SimpleNamespace(timeout=not_to_be_used))
        result = await ask(router, "{ me { name } }", address="10.0.0.1")
        monkeypatch.undo()
    assert (result.errors, result.request.notes) == ([], {"quick": 1})


async def test_one_that_waits_goes_on_with_what_it_waited_for():
    class Patient(Extension):
        async def on_request(self, request):
            loop = asyncio.get_running_loop()
            for number in range(3):
                answer = loop.create_future()
                loop.call_soon(answer.set_result, number)
                request.notes[number] = await answer
            try:
                async with asyncio.timeout(0):
                    await asyncio.Event().wait()
            except TimeoutError:
                request.notes["late"] = True
            async with asyncio.TaskGroup() as group:
                request.notes["task"] = group.create_task(asyncio.sleep(0, 7))

    async with routing(Patient()) as router:
        notes = (await ask(router, "{ me { name } }")).request.notes
        assert failures(router) == {}
    assert notes.pop("task").result() == 7
    assert notes == {0: 0, 1: 1, 2: 2, "late": True}


async def test_a_late_hook_is_ended_and_may_tidy_up():
    tidied = []

    class Late(Extension):
        async def on_request(self, _request):
            try:
                await asyncio.Event().wait()
            finally:
                tidied.append("yes")

    settings = Settings(extensions=ExtensionSettings(seconds_max=0.05))
    async with routing(Late(), settings=settings) as router:
        assert (await ask(router, "{ me { name } }")).status == 500
    assert tidied == ["yes"]


async def test_a_request_that_is_given_up_ends_the_hook_that_it_waits_for():
    begun = asyncio.Event()
    ended = asyncio.Event()

    class Slow(Extension):
        async def on_request(self, _request):
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

    async with routing(Slow()) as router:
        asking = asyncio.create_task(ask(router, "{ me { name } }"))
        await begun.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert ended.is_set()
        assert failures(router) == {}
