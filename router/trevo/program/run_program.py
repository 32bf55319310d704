"""
Running a program: the same requests, in the same order, as the interpreter would send.

Steps start as they do in `execute_plan.py`, with one difference: where something is not as usual, nothing is decided
here. What was sent is left for the interpreter, which runs the plan from its beginning with the answers there are.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import chain
from types import NoneType
from typing import Any

import structlog

from trevo.clients.subgraph_client import SubgraphFailed, SubgraphResponse
from trevo.door.exact_json import copy_tree
from trevo.execute.company import patience
from trevo.execute.execution import Execution
from trevo.execute.fetch import send
from trevo.execute.long_work import TimeIsOver, do_beside
from trevo.execute.rename_members import rename_members
from trevo.execute.representations import Collected
from trevo.execute.request import Asked, Request, request_for_entities, request_for_root
from trevo.execute.sent import AlreadySent
from trevo.plan.nodes import Rename
from trevo.program.give_up import UNKNOWN, GiveUp
from trevo.program.program import Found, Program, ProgramCall, Step, Tables

log = structlog.get_logger()


async def run_program(program: Program, execution: Execution) -> dict[str, Any]:
    """
    The response's `data`, which has no errors beside it.

    Raises GiveUp. Then *execution* is as it was, but for what it has sent; `execute_plan` goes on from there. What is
    returned may show one object at several places, and parts of what subgraphs answered: it is not to be changed.
    """
    running = _Running(program, execution)
    try:
        try:
            await running.run()
            return await do_beside(execution.size, execution.deadline, partial(program.project, running.tables))
        except Exception as error:  # whatever the code stumbled on, the interpreter says what it is
            raise _as_give_up(error, program) from error
    except GiveUp:
        execution.sent = running.sent
        raise
    except BaseException:
        await running.sent.end()
        raise


def _as_give_up(error: Exception, program: Program) -> GiveUp:
    match error:
        case GiveUp():
            return error
        case SubgraphFailed():
            reason = "failure"
        case TimeIsOver():
            reason = "time"
        case KeyError() | TypeError() | AttributeError() | IndexError():
            # What was answered has another shape, or less in it, than was asked for.
            reason = "shape"
        case _:
            reason = "bug"
            if reason not in program.told:
                log.error("a program failed; the interpreter goes on", exc_info=error)
                program.told.add(reason)
    return GiveUp(reason)


class _Running:
    def __init__(self, program: Program, execution: Execution) -> None:
        self.tables: Tables = program.tables()
        self.sent = AlreadySent()
        self._program = program
        self._execution = execution
        self._loop = asyncio.get_running_loop()
        self._answered: set[int] = set()
        self._waiting: dict[int, asyncio.TimerHandle] = {}
        """By the number of a step that is ready in part."""
        self._under_way = 0
        self._end: asyncio.Future[None] | None = None
        self.sent.begun = self._loop.time()

    async def run(self) -> None:
        ready: Sequence[Step] = self._program.first
        # As long as one follows the other, there is nothing that takes a task.
        while len(ready) == 1 and not self._waiting:
            await self._do(ready[0])
            ready = self._ready_after(ready[0])
        if ready:
            self._end = self._loop.create_future()
            self._begin(ready)
            try:
                await self._end
            finally:
                for timer in self._waiting.values():
                    timer.cancel()

    def _begin(self, ready: Iterable[Step]) -> None:
        for step in ready:
            self._under_way += 1
            task = self._loop.create_task(self._follow(step))
            self.sent.tasks.add(task)
            task.add_done_callback(self.sent.tasks.discard)

    async def _follow(self, step: Step) -> None:
        assert self._end is not None  # noqa: S101  # made before the first task
        try:
            while True:
                await self._do(step)
                if self._end.done():
                    return
                ready = self._ready_after(step)
                if not ready:
                    break
                step, *others = ready
                self._begin(others)
            self._under_way -= 1
            if not self._under_way and not self._waiting:
                self._end.set_result(None)
        except BaseException as error:
            # Whatever it is, somebody waits for the end.
            if not self._end.done():
                self._end.set_exception(error if isinstance(error, Exception) else GiveUp("bug"))
            if not isinstance(error, Exception):
                raise

    def _ready_after(self, step: Step) -> list[Step]:
        answered = self._answered
        answered.add(step.number)
        ready: list[Step] = []
        for follower in step.following:
            if follower.all_needs <= answered:
                self._go_together(follower)
                ready.append(follower)
            elif follower.number not in self._waiting and follower.is_ready_in_part(answered):
                self._wait(follower)
        return ready

    def _wait(self, step: Step) -> None:
        now = self._loop.time()
        self.sent.waiting_since[step.number] = now
        begun = self.sent.begun
        assert begun is not None  # noqa: S101  # set when this was made
        seconds = patience(self._execution, took=now - begun)
        self._waiting[step.number] = self._loop.call_later(seconds, self._is_late)

    def _go_together(self, step: Step) -> None:
        timer = self._waiting.pop(step.number, None)
        if timer is not None:
            timer.cancel()
            seconds = self._loop.time() - self.sent.waiting_since.pop(step.number)
            self._execution.observe_company(step.fetch.node.subgraph, seconds, True)

    def _is_late(self) -> None:
        assert self._end is not None  # noqa: S101  # made before anything waits
        if not self._end.done():
            self._end.set_exception(GiveUp("late"))

    async def _do(self, step: Step) -> None:
        """Ask what *step* asks, and keep the answers."""
        execution = self._execution
        if not step.fetch.calls:
            answer = await self._ask(request_for_root(step.fetch))
            self.tables[step.slot] = _renamed(answer, step.fetch.node.renames)
            return
        collected = [
            (call, await do_beside(execution.size, execution.deadline, partial(call.collect, self.tables)))
            for call in step.calls
        ]
        if self._end is not None and self._end.done():
            # It has given up meanwhile; what is to be asked now, the interpreter asks.
            return
        counts = [len(found) for _, (found, _) in collected]
        if sum(counts) > execution.limits.representations_max:
            raise GiveUp("too many")
        size = execution.limits.representations_per_call_of(step.fetch.node.subgraph)
        if max(counts) <= size:
            answered = await self._ask_for_entities(step, [(call, found, sent) for call, (found, sent) in collected])
        else:
            answered = await self._ask_in_parts(step, collected, size)
        for slot, table in answered:
            self.tables[slot] = table

    async def _ask_for_entities(
        self, step: Step, collected: list[tuple[ProgramCall, Iterable[Any], list[Any]]]
    ) -> list[tuple[int, dict[Any, Any]]]:
        """By slot: what was answered."""
        asked = [Asked(call.call, Collected(sent)) for call, _, sent in collected]
        request = request_for_entities(step.fetch, asked)
        if request is None:
            return []
        data = await self._ask(request)
        answered = []
        slots = {call.call: (call.slot, found) for call, found, _ in collected}
        for key, each in request.calls.items():
            entities = data.get(key)
            if type(entities) is not list or len(entities) != len(each.collected.representations):
                raise GiveUp("shape")
            types = set(map(type, entities))
            if not types <= _OBJECTS:
                raise GiveUp("shape")
            if each.call.node.renames:
                entities = [entity and _renamed(entity, each.call.node.renames) for entity in entities]
            if NoneType in types:
                entities = [UNKNOWN if entity is None else entity for entity in entities]
            slot, found = slots[each.call]
            answered.append((slot, dict(zip(found, entities, strict=True))))
        return answered

    async def _ask_in_parts(
        self, step: Step, collected: list[tuple[ProgramCall, Found]], size: int
    ) -> list[tuple[int, dict[Any, Any]]]:
        """The same, of several requests at the same time; what is known of an object stands where it was found."""
        parts = range(-(-max(len(found) for _, (found, _) in collected) // size))
        lists = [(call, list(found), sent) for call, (found, sent) in collected]
        asking = [
            asyncio.ensure_future(
                self._ask_for_entities(
                    step,
                    [
                        (call, known[number * size : (number + 1) * size], sent[number * size : (number + 1) * size])
                        for call, known, sent in lists
                    ],
                )
            )
            for number in parts
        ]
        self.sent.tasks.update(asking)
        try:
            answered = await asyncio.gather(*asking)
        finally:
            for task in asking:
                task.add_done_callback(self._is_over)
        whole: dict[int, dict[Any, Any]] = {}
        for slot, table in chain.from_iterable(answered):
            whole.setdefault(slot, {}).update(table)
        return list(whole.items())

    def _is_over(self, task: "asyncio.Task[Any]") -> None:
        self.sent.tasks.discard(task)
        if not task.cancelled():
            task.exception()

    async def _ask(self, request: Request) -> dict[str, Any]:
        """The data of the answer, if there is nothing beside."""
        sent = self.sent.add(request)
        started = time.perf_counter()
        try:
            response = await send(request, self._execution)
        except BaseException as error:
            sent.seconds = time.perf_counter() - started
            if not sent.answer.done():
                sent.answer.set_exception(error if isinstance(error, Exception) else RuntimeError(repr(error)))
            raise
        sent.seconds = time.perf_counter() - started
        if not sent.answer.done():
            sent.answer.set_result(response)
        data = _data_of(response)
        self._execution.observe(request.fetch.node.subgraph, sent.seconds, "ok")
        sent.is_observed = True
        return data


_OBJECTS = frozenset({dict, NoneType})


def _data_of(response: SubgraphResponse) -> dict[str, Any]:
    body = response.body
    if response.may_have_halves or type(body) is not dict:
        raise GiveUp("text" if response.may_have_halves else "shape")
    errors = body.get("errors")
    if errors is not None and errors != []:
        raise GiveUp("errors")
    data = body.get("data")
    if type(data) is not dict:
        raise GiveUp("shape")
    return data


def _renamed(data: dict[str, Any], renames: tuple[Rename, ...]) -> dict[str, Any]:
    """*data* under the client's names; a copy, since nothing that a subgraph answered is changed."""
    if not renames:
        return data
    copied: dict[str, Any] = copy_tree(data)
    rename_members(copied, renames)
    return copied
