"""
Policies: who may ask for what, decided by callables of the program that the router runs in.

    async def owns_a_farm(request: RequestInfo) -> bool: ...

    create_app(settings, policies={"owns_a_farm": owns_a_farm})

A policy says yes by giving `True` and nothing else. What raises, answers late, answers anything else, or is not there
at all says no. A coroutine that is late is cancelled; a plain function cannot be stopped, so it must answer at once.
"""

import asyncio
import importlib
import inspect
from collections.abc import Awaitable, Callable, Mapping

import structlog

from trevo.auth.request_info import RequestInfo

log = structlog.get_logger()


Policy = Callable[[RequestInfo], bool | Awaitable[bool]]


class Policies:
    """The policies that are known by name."""

    def __init__(self, policies: Mapping[str, Policy], *, seconds_max: float) -> None:
        self._policies = dict(policies)
        self._seconds_max = seconds_max

    def missing(self, names: frozenset[str]) -> frozenset[str]:
        """Those of *names* that nobody answers for."""
        return names - self._policies.keys()

    async def granted(self, names: frozenset[str], request: RequestInfo, *, seconds_left: float) -> frozenset[str]:
        """Those of *names* that say yes to *request*. Each is asked once, all at the same time."""
        asked = sorted(names & self._policies.keys())
        if not asked:
            return frozenset()
        seconds = max(min(self._seconds_max, seconds_left), 0)
        async with asyncio.TaskGroup() as group:
            answers = [group.create_task(self._ask(name, request, seconds)) for name in asked]
        return frozenset(name for name, answer in zip(asked, answers, strict=True) if answer.result())

    async def _ask(self, name: str, request: RequestInfo, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds) as limit:
                answer = self._policies[name](request)
                return (await answer if inspect.isawaitable(answer) else answer) is True
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
            log.exception("policy failed: what it waited for was cancelled", policy=name)
            return False
        except Exception:
            log.exception("policy failed", policy=name, is_late=limit.expired())
            return False


def load_policies(named: str) -> Mapping[str, Policy]:
    """
    The mapping called *named*, `package.module:attribute`.

    Raises ValueError where it is none, or cannot be imported.
    """
    module_name, _, attribute = named.partition(":")
    try:
        found = importlib.import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"The policies {named} cannot be loaded: {error}") from error
    if not isinstance(found, Mapping) or not all(isinstance(name, str) and callable(found[name]) for name in found):
        raise ValueError(f"The policies {named} are not a mapping of names to callables.")
    return found
