"""
All extensions of a router, asked one after another, in their order.

    refuses      raises what its hook may raise (`MAY_RAISE`): the request is refused, or the fetch fails, as it says
    fails        raises anything else, is late, or gives what it should not: the log is told; `ExtensionFailed`
"""

import asyncio
import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import structlog

from trevo.clients.subgraph_client import Deadline, SubgraphFailed, SubgraphRequest
from trevo.config.header_rules import check_header
from trevo.door import exact_json
from trevo.errors import RequestRefused
from trevo.extensions.extension import Extension
from trevo.extensions.in_time import in_time
from trevo.extensions.told import (
    Arrival,
    ClientOperation,
    ClientRequest,
    ClientResponse,
    FetchOutcome,
    NewSupergraph,
    PlannedOperation,
    Reply,
    SubgraphFetch,
    SubscriptionEvent,
)
from trevo.supergraph.errors import SupergraphError

log = structlog.get_logger()

PLAIN_HOOKS = ("after_fetch", "on_supergraph")

MAY_RAISE: Mapping[str, type[Exception] | tuple[()]] = {
    "on_arrival": RequestRefused,
    "on_request": RequestRefused,
    "on_operation": RequestRefused,
    "on_plan": RequestRefused,
    "on_fetch": SubgraphFailed,
}
"""Who is asked, by name; all others may raise nothing. A refusal after something was done would hide that it was."""


@dataclass(frozen=True, slots=True)
class Hook:
    """What one extension does at one point."""

    extension: str
    name: str
    call: Callable[..., Any]


class ExtensionFailed(Exception):
    """A hook failed at something that must not be done without it."""


class Extensions:
    """
    *extensions*, each with the hooks that it has.

    *tell* is called with the name of an extension and of a hook, for each that failed. Raises ValueError for an `async`
    hook that has to be a plain function.
    """

    def __init__(
        self, extensions: Sequence[Extension], *, seconds_max: float, tell: Callable[[str, str], None]
    ) -> None:
        self._extensions = tuple(extensions)
        self._seconds_max = seconds_max
        self._tell = tell
        self._on_arrival = self._having("on_arrival")
        self._on_request = self._having("on_request")
        self._on_operation = self._having("on_operation")
        self._on_plan = self._having("on_plan")
        self._on_fetch = self._having("on_fetch")
        self._after_fetch = self._having("after_fetch")
        self._on_response = self._having("on_response")
        self._on_event = self._having("on_event")
        self._on_supergraph = self._having("on_supergraph")
        self._close = self._having("close")

    def _having(self, name: str) -> tuple[Hook, ...]:
        base = getattr(Extension, name)
        having = [each for each in self._extensions if getattr(type(each), name) is not base]
        hooks = tuple(Hook(type(each).__name__, name, getattr(each, name)) for each in having)
        for hook in hooks:
            if name in PLAIN_HOOKS and inspect.iscoroutinefunction(hook.call):
                raise ValueError(f"{name} of the extension {hook.extension} has to be a plain function")
        return hooks

    @property
    def looks_at_arrivals(self) -> bool:
        return bool(self._on_arrival)

    @property
    def looks_at_plans(self) -> bool:
        return bool(self._on_plan)

    @property
    def looks_at_fetches(self) -> bool:
        return bool(self._on_fetch)

    @property
    def looks_at_events(self) -> bool:
        return bool(self._on_event)

    @property
    def judges_supergraphs(self) -> bool:
        return bool(self._on_supergraph)

    async def on_arrival(self, arrival: Arrival) -> None:
        """Refuses as they do."""
        await self._ask_all(self._on_arrival, arrival, until=arrival.deadline)

    async def on_request(self, request: ClientRequest) -> Reply | None:
        """What the first of them answers that does. Refuses as they do."""
        return await self._ask_all(self._on_request, request, until=request.deadline)

    async def on_operation(self, operation: ClientOperation) -> None:
        """Refuses as they do."""
        await self._ask_all(self._on_operation, operation, until=operation.request.deadline)

    async def on_plan(self, planned: PlannedOperation) -> None:
        """Refuses as they do."""
        await self._ask_all(self._on_plan, planned, until=planned.operation.request.deadline)

    async def on_fetch(self, request: ClientRequest, subgraph: str, asked: SubgraphRequest) -> SubgraphRequest:
        """*asked* as it is to be sent. Raises SubgraphFailed."""
        fetch = SubgraphFetch(request, subgraph, asked.document, asked.is_mutation, asked.headers)
        try:
            await self._ask_all(self._on_fetch, fetch, until=asked.deadline)
        except ExtensionFailed:
            trace_id = request.trace.correlation_id
            message = (
                f"Something went wrong here before '{subgraph}' was asked; the trace id {trace_id} leads us to it."
            )
            raise SubgraphFailed(message, code="INTERNAL_SERVER_ERROR") from None
        return replace(asked, headers=fetch.headers)

    def after_fetch(self, request: ClientRequest, subgraph: str, seconds: float, outcome: str) -> None:
        """What came of a fetch."""
        told = FetchOutcome(request, subgraph, seconds, outcome)
        for hook in self._after_fetch:
            try:
                hook.call(told)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001  # also CancelledError: a plain function waits for nothing
                self._failed(hook, error)

    async def on_response(self, response: ClientResponse) -> None:
        """Never raises, except to be cancelled."""
        headers: dict[str, str] = {}
        extensions = b"{}"
        for hook in self._on_response:
            try:
                await self._ask_all((hook,), response)
                if response.headers != headers:
                    headers = _as_headers(response.headers)
                if response.extensions != {} or extensions != b"{}":
                    extensions = _as_members(response.extensions)
            except Exception as error:  # noqa: BLE001  # what cannot be sent must not cost the client the rest
                if not isinstance(error, ExtensionFailed):
                    self._failed(hook, error)
                # As those before it left them, to the last member.
                response.headers = dict(headers)
                response.extensions = exact_json.loads(extensions)

    async def on_event(self, event: SubscriptionEvent) -> None:
        """Never raises, except to be cancelled."""
        extensions = b"{}"
        for hook in self._on_event:
            try:
                await self._ask_all((hook,), event)
                extensions = _as_members(event.extensions)
            except Exception as error:  # noqa: BLE001  # what cannot be sent must not cost the client the rest
                if not isinstance(error, ExtensionFailed):
                    self._failed(hook, error)
                event.extensions = exact_json.loads(extensions)

    def on_supergraph(self, supergraph: NewSupergraph) -> None:
        """Raises SupergraphError where it must not be served."""
        for hook in self._on_supergraph:
            try:
                hook.call(supergraph)
            except SupergraphError as error:
                raise SupergraphError(f"{hook.extension} refuses it: {error}") from None
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001  # whatever it is, the router goes on
                self._failed(hook, error)
                raise SupergraphError(f"{hook.extension} could not judge it: {error!r}") from None

    async def close(self) -> None:
        """Let all give back what they hold. Never raises, except to be cancelled."""
        for hook in self._close:
            with suppress(ExtensionFailed):
                await self._ask_all((hook,))

    async def _ask_all(self, hooks: tuple[Hook, ...], *told: Any, until: Deadline | None = None) -> Reply | None:
        """
        What the first of *hooks* answers that does; those after it are not asked.

        They have *until* then, and the time of the extension. Raises what they may, and ExtensionFailed.
        """
        for hook in hooks:
            try:
                said = hook.call(*told)
                # Most give nothing, and then there is nothing to wait for.
                reply = None if said is None else await self._wait(hook, said, until)
            except BaseException as error:
                self._raise_failed_unless_allowed(hook, error)
                raise
            if reply is not None:
                return reply
        return None

    async def _wait(self, hook: Hook, said: Any, until: Deadline | None) -> Reply | None:
        """What comes of *said*, within the time that there is: of the extension, and *until* then."""
        if inspect.isawaitable(said):
            said = await in_time(said, partial(self._seconds_for, until))
        if said is None or (hook.name == "on_request" and isinstance(said, Reply)):
            return said
        # Whoever says False may mean that it must not be.
        raise TypeError(f"{said!r} is nothing that {hook.name} may give")

    def _raise_failed_unless_allowed(self, hook: Hook, error: BaseException) -> None:
        """Raises ExtensionFailed unless *error* is what *hook* may raise, or ends more than the hook."""
        if isinstance(error, (MAY_RAISE.get(hook.name, ()), KeyboardInterrupt, GeneratorExit)):
            return
        # Who is cancelled ends; but what a hook waited for may have been cancelled, and not the request.
        if isinstance(error, asyncio.CancelledError) and _is_being_cancelled():
            return
        raise self._failed(hook, error) from None

    def _seconds_for(self, deadline: Deadline | None) -> float:
        if deadline is None:
            return self._seconds_max
        return max(min(self._seconds_max, deadline.seconds_left()), 0)

    def _failed(self, hook: Hook, error: BaseException) -> ExtensionFailed:
        log.error("extension failed", extension=hook.extension, hook=hook.name, exc_info=error)
        self._tell(hook.extension, hook.name)
        return ExtensionFailed(f"{hook.extension}.{hook.name}")


def _is_being_cancelled() -> bool:
    return (task := asyncio.current_task()) is not None and task.cancelling() > 0


def _as_members(value: Any) -> bytes:
    """*value* as a JSON object. Raises TypeError, and whatever its own code raises."""
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no dict")
    return exact_json.dumps(value)


def _as_headers(value: Any) -> dict[str, str]:
    """A copy of *value*. Raises TypeError and ValueError."""
    if not isinstance(value, dict) or not all(isinstance(text, str) for item in value.items() for text in item):
        raise TypeError(f"{value!r} is no dict of texts")
    return {check_header(name, text): text for name, text in value.items()}
