"""
One response that comes in parts: what was wanted at once, then each deferred fragment when all of it is there.

    plan ─steps→ data tree ─ first piece ─→ client     as soon as the steps for it are done
                           ─ next pieces ─→ client     likewise, those that are ready together in one part

The steps of all parts run at the same time on one data tree, and go on while a part is sent. A client who leaves ends
them, and one that takes nothing for too long is let go. Extensions are told before the last part, for what they add.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import structlog

from trevo.execute.execute_plan import execute_plan
from trevo.execute.execution import Execution
from trevo.execute.long_work import LARGE_BYTES, TimeIsOver, do_beside
from trevo.execute.progress import Progress
from trevo.gateway.prepared import Planned
from trevo.gateway.result import OUT_OF_TIME, ErrorAllowance, Result, masked_error
from trevo.gateway.write_fragments import WholeFragments
from trevo.gateway.write_parts import OF_2022, AnnouncedPieces, PartsWriter
from trevo.observability.metrics import Metrics
from trevo.observability.tracing import Trace
from trevo.operation.deferral import Deferral
from trevo.operation.tree import Operation
from trevo.projection.deferred import Delivery, ResponseInPieces

T = TypeVar("T")

log = structlog.get_logger()


class PartStream(Protocol):
    """Where the parts of one response go."""

    is_left: bool
    """Whether nobody takes them any more."""
    form: str
    """Which its client knows, by its name in `write_parts.py`; the draft's where it is empty."""

    async def open(self) -> None:
        """Tell the client that the response comes in parts."""
        ...

    async def send_part(self, body: dict[str, Any], *, is_last: bool) -> None:
        """
        Hand over one part; returns when there is room for another.

        Raises TypeError, with nothing sent, for what cannot be written.
        """
        ...


@dataclass(frozen=True, slots=True)
class Delivering:
    """All that a response in parts needs once its operation is planned."""

    operation: Operation
    """As it is answered."""
    planned: Planned
    execution: Execution
    trace: Trace
    conclude: Callable[[], Awaitable[None]]
    """Tells extensions what has become of it."""


class _TooSlow(Exception):
    """The client does not take a part in time."""


async def deliver(delivering: Delivering, result: Result, stream: PartStream, metrics: Metrics) -> None:
    """
    Fill *result* with what is wanted at once and, if more is to come, send that and the rest to *stream*.

    `result.parts` then says how many there were. Raises bugs as long as nothing has been sent.
    """
    plan = delivering.planned.plan
    progress = Progress(plan)
    running = asyncio.create_task(execute_plan(plan, delivering.execution, progress))
    running.add_done_callback(lambda _: progress.finish())
    try:
        await _Delivery(delivering, progress, running, result, stream, metrics).run()
    finally:
        # Nobody waits for what is left: it is of objects that are not there, or its client is.
        running.cancel()
        await asyncio.wait({running})


class _Delivery:
    def __init__(  # noqa: PLR0917  # one request's everything
        self,
        delivering: Delivering,
        progress: Progress,
        running: "asyncio.Task[None]",
        result: Result,
        stream: PartStream,
        metrics: Metrics,
    ) -> None:
        execution, planned = delivering.execution, delivering.planned
        self._conclude = delivering.conclude
        self._execution = execution
        self._trace = delivering.trace
        self._progress = progress
        self._running = running
        self._result = result
        self._stream = stream
        self._writer: PartsWriter = (
            WholeFragments(delivering.operation) if stream.form == OF_2022 else AnnouncedPieces()
        )
        self._metrics = metrics
        self._allowance = ErrorAllowance(execution.limits.errors_max)
        self._response = ResponseInPieces(
            planned.projection,
            execution.data,
            execution.failures,
            planned.introspected,
            places_max=execution.limits.deferred_places_max,
        )

    async def run(self) -> None:
        with self._metrics.first_part.time():
            await self._until(self._progress.has)
            announced = await self._write_first()
        if not announced:
            return
        ended = "client gone"
        try:
            if not self._stream.is_left:
                await self._stream.open()
                ended = await self._send_first(announced) or await self._go_on()
        except _TooSlow:
            ended = "client too slow"
        finally:
            self._metrics.responses_in_parts.labels(ended).inc()
            log.info("response in parts", operation=self._result.operation_name, parts=self._result.parts, ended=ended)

    async def _write_first(self) -> Delivery:
        """Fill the result with what is wanted at once, or with all where that is not to be divided; what is pending."""
        result = self._result
        try:
            while (first := await self._write(self._response.first)) is None:
                await self._until(lambda: self._progress.is_over)
            (data, errors), delivery = first, self._response.announce()
        except TimeIsOver:
            data, errors, delivery = None, [OUT_OF_TIME], Delivery()
        result.answer(data, self._allowance.shown(errors))
        return delivery

    async def _send_first(self, announced: Delivery) -> str | None:
        result = self._result
        try:
            body = await self._form(lambda: self._writer.first(result.data, result.errors, announced, has_next=True))
            await self._send(body, is_last=False)
        except TypeError:
            log.exception("response cannot be written", operation=result.operation_name)
            result.data, result.errors = None, [masked_error(self._trace).as_json()]
            await self._send({"errors": result.errors, "data": None, "hasNext": False}, is_last=True)
            return "failed"
        return None

    async def _go_on(self) -> str:
        """Send what comes until there is no more; why it ended."""
        while not self._response.is_complete:
            delivery = Delivery()
            try:
                self._raise_bugs()
                if self._progress.is_over or not self._response.is_full:
                    delivery = await self._write(lambda: self._response.next(self._has))
                if delivery:
                    await self._send_next(delivery)
                else:
                    # Looked at first, for it may have come while something else was waited for or sent.
                    await self._progress.change()
            except TimeIsOver:
                await self._send_next(self._response.give_up(OUT_OF_TIME))
                return "out of time"
            except _TooSlow:
                raise
            except Exception:
                log.exception("request failed", operation=self._result.operation_name)
                await self._fail(delivery)
                return "failed"
        return "complete"

    def _has(self, deferral: Deferral) -> bool:
        """Whether all of it is there. What it shares with a fragment around it may have been asked for that."""
        around: Deferral | None = deferral
        while around is not None:
            if not self._progress.has(around.number):
                return False
            around = around.above
        return True

    async def _fail(self, unsent: Delivery) -> None:
        """End all that is pending, also what *unsent* was to tell: it cannot be."""
        error = masked_error(self._trace)
        for place in unsent.over:
            place.failed = [error]
        left = self._response.give_up(error)
        await self._send_next(Delivery([*unsent.announced, *left.announced], [], [*unsent.over, *left.over]))

    async def _until(self, has_come: Callable[[], bool]) -> None:
        while not has_come():
            await self._progress.change()
        self._raise_bugs()

    def _raise_bugs(self) -> None:
        if self._running.done():
            self._running.result()

    async def _write(self, write: Callable[[], T]) -> T:
        # The steps that still run change the same tree.
        async with self._execution.at_the_tree:
            return await do_beside(self._execution.size, self._execution.deadline, write)

    async def _send_next(self, delivery: Delivery) -> None:
        told = len(self._allowance.told)
        has_next = not self._response.is_complete
        body = await self._form(lambda: self._writer.next(delivery, self._allowance, has_next=has_next))
        self._result.later_errors += self._allowance.told[told:]
        await self._send(body, is_last=self._response.is_complete)

    async def _form(self, form: Callable[[], T]) -> T:
        # Some copy what they tell. It is told after the deadline, too, where that is what there is to tell.
        return form() if self._execution.size < LARGE_BYTES else await asyncio.to_thread(form)

    async def _send(self, body: dict[str, Any], *, is_last: bool) -> None:
        self._result.parts += 1
        if is_last:
            await self._conclude()
            if self._result.extensions:
                body["extensions"] = self._result.extensions
        try:
            async with asyncio.timeout(self._execution.limits.part_send_seconds_max):
                await self._stream.send_part(body, is_last=is_last)
        except TimeoutError:
            raise _TooSlow from None
        except TypeError:
            self._result.parts -= 1
            raise
