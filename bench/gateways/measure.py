"""
Gateways side by side: every round asks every case of every gateway, so that a slow spell of the machine meets all
alike. What comes out are medians over the rounds.
"""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import aiohttp

from bench.gateways.cases import STOREFRONT, TYPENAME, Case, Setting, new_operations
from bench.gateways.gateways import Gateway, Graph
from bench.gateways.load import Load, ask_each_once, ask_for_a_while, connect, request_of
from bench.gateways.processes import GATEWAY_CORE, OTHER_CORES, TWO_CORES, cpu_seconds, free_port, megabytes, start
from bench.gateways.store.answer import Answers
from bench.gateways.store.world import make_whole
from launch.home import ROOT

START_SECONDS_MAX = 60.0
WARM_UP_SECONDS = 1.0
STOP_SECONDS_MAX = 10.0


@dataclass
class Figures:
    """One case of one gateway; a value per round."""

    cpu_ms: list[float] = field(default_factory=list)
    """Of the gateway's processes, per request."""
    per_second: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    fetches: list[float] = field(default_factory=list)
    """Requests to subgraphs per request."""
    bad: list[str] = field(default_factory=list)

    def add(self, load: Load, cpu: float, fetches: int) -> None:
        self.bad += load.bad
        if not load.answers:
            return
        self.cpu_ms.append(cpu * 1_000 / load.answers)
        self.per_second.append(load.answers / load.seconds)
        cuts = quantiles(load.latencies, n=100) if load.answers > 1 else load.latencies * 100
        self.p50_ms.append(cuts[49] * 1_000)
        self.p99_ms.append(cuts[98] * 1_000)
        self.fetches.append(fetches / load.answers)

    def medians(self) -> dict[str, float]:
        names = ("cpu_ms", "per_second", "p50_ms", "p99_ms", "fetches")
        return {name: round(median(getattr(self, name)), 4) for name in names}


@dataclass(frozen=True)
class Running:
    """A gateway's process in one setting."""

    port: int
    pid: int
    start_seconds: float
    """Until it answers `{ __typename }`."""
    first_query_ms: float
    """Of the storefront's operation, the first one of any size."""
    start_cpu_seconds: float
    """Of both."""
    megabytes: float


@dataclass
class Measured:
    """A gateway while it runs, in each setting that it has, and what it came to."""

    gateway: Gateway
    running: dict[Setting, Running]
    fresh: Running
    """As it is started, which is asked new operations alone: its memory is theirs, and not what much traffic leaves."""
    figures: dict[str, Figures] = field(default_factory=dict)
    megabytes_after: float = 0.0

    def __post_init__(self) -> None:
        self._new = new_operations()

    @property
    def plain(self) -> Running:
        return self.running[Setting.PLAIN]

    def next_new(self, count: int) -> Iterator[str]:
        """*count* texts that this gateway has not seen."""
        return islice(self._new, count)


class Bench:
    """The subgraphs, and the gateways in front of them."""

    def __init__(self, folder: Path, graph: Graph, store_port: int) -> None:
        self._folder = folder
        self._graph = graph
        self._store_port = store_port
        self._right = Answers(make_whole())

    @asynccontextmanager
    async def store(self) -> AsyncIterator[None]:
        """The subgraphs, while the block runs."""
        words = [sys.executable, "-m", "bench.gateways.store.serve", str(self._store_port)]
        process = await start(words, cores=OTHER_CORES, folder=ROOT, log=self._folder / "store.log", environment={})
        try:
            await _first_answer(self._store_port, b"GET /requests HTTP/1.1\r\nhost: store\r\n\r\n")
            yield
        finally:
            await stop(process)

    async def requests_so_far(self) -> int:
        async with aiohttp.request("GET", f"http://127.0.0.1:{self._store_port}/requests") as response:
            return int(await response.text())

    @asynccontextmanager
    async def measured(self, gateway: Gateway, settings: set[Setting]) -> AsyncIterator[Measured]:
        """*gateway* in those of *settings* that it has, while the block runs."""
        async with AsyncExitStack() as stack:
            yield Measured(
                gateway,
                {
                    setting: await stack.enter_async_context(self._running(gateway, setting, free_port()))
                    for setting in gateway.starts
                    if setting in settings
                },
                await stack.enter_async_context(self._running(gateway, Setting.PLAIN, free_port())),
            )

    @asynccontextmanager
    async def _running(self, gateway: Gateway, setting: Setting, port: int) -> AsyncIterator[Running]:
        command = gateway.starts[setting](self._graph, port)
        folder = self._folder / f"gateway-{port}"
        folder.mkdir()
        for name, text in command.files.items():
            (folder / name).write_text(text)
        if command.before:
            await _run(command.before, folder)
        cores = TWO_CORES if setting is Setting.TWO_CORES else [GATEWAY_CORE]
        began = time.perf_counter()
        process = await start(
            command.words, cores=cores, folder=folder, log=folder / "log", environment=command.environment
        )
        try:
            await _first_answer(port, request_of(port, TYPENAME))
            ready = time.perf_counter()
            body = await _first_answer(port, request_of(port, STOREFRONT))
            if b'"errors"' in body:
                raise SystemExit(f"{gateway.name} answers with errors: {body[:500].decode()}")
            yield Running(
                port,
                process.pid,
                ready - began,
                (time.perf_counter() - ready) * 1_000,
                cpu_seconds(process.pid),
                megabytes(process.pid),
            )
        except TimeoutError:
            raise SystemExit(f"{gateway.name} does not answer; its log ends:\n{_end_of(folder / 'log')}") from None
        finally:
            await stop(process)

    async def compare(self, measured: Measured, case: Case) -> None:
        """Raises SystemExit unless the gateway answers *case* rightly, where it has the setting."""
        if case.setting not in measured.running:
            return
        port = measured.running[case.setting].port
        request = request_of(port, case.query, case.variables)
        load = await ask_for_a_while(port, request, self.expected(case), connections=1, seconds=0)
        if load.bad:
            raise SystemExit(f"{measured.gateway.name} answers {case.name} otherwise than it should: {load.bad[0]}")

    def expected(self, case: Case) -> Any:
        return self._right.answer(case.query, case.variables or {})

    async def ask(self, measured: Measured, case: Case, seconds: float) -> None:
        """A round of *case*, after a short one to warm up; nothing where the gateway has no such setting."""
        if case.setting not in measured.running:
            return
        running, expected = measured.running[case.setting], self.expected(case)
        request = request_of(running.port, case.query, case.variables)
        await ask_for_a_while(
            running.port, request, expected, connections=case.connections, seconds=min(WARM_UP_SECONDS, seconds / 2)
        )
        cpu, fetches = cpu_seconds(running.pid), await self.requests_so_far()
        load = await ask_for_a_while(running.port, request, expected, connections=case.connections, seconds=seconds)
        cpu, fetches = cpu_seconds(running.pid) - cpu, await self.requests_so_far() - fetches
        measured.figures.setdefault(case.name, Figures()).add(load, cpu, fetches)

    async def ask_new(self, measured: Measured, count: int) -> None:
        """*count* operations that the gateway has not seen."""
        running = measured.fresh
        cpu, fetches = cpu_seconds(running.pid), await self.requests_so_far()
        load = await ask_each_once(running.port, measured.next_new(count), connections=4)
        cpu, fetches = cpu_seconds(running.pid) - cpu, await self.requests_so_far() - fetches
        measured.figures.setdefault("new operation", Figures()).add(load, cpu, fetches)
        measured.megabytes_after = megabytes(running.pid)


async def _first_answer(port: int, request: bytes) -> bytes:
    """As soon as anybody listens at *port*. Raises TimeoutError."""
    async with asyncio.timeout(START_SECONDS_MAX):
        while True:
            try:
                client = await connect(port)
            except OSError:
                await asyncio.sleep(0.01)
                continue
            try:
                body = await client.ask(request)
            except OSError:
                continue
            finally:
                client.transport.close()
            if body.startswith((b"{", b"0")):  # whoever is not ready yet says so with another status
                return body
            await asyncio.sleep(0.01)


async def _run(words: Sequence[str], folder: Path) -> None:
    process = await asyncio.create_subprocess_exec(*words, cwd=folder, stdout=PIPE, stderr=STDOUT)
    printed, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} failed:\n{printed.decode()[-2_000:]}")


async def stop(process: asyncio.subprocess.Process) -> None:
    """End *process* and its group."""
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS_MAX):
                await process.wait()
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def _end_of(log: Path) -> str:
    return log.read_text()[-2_000:]
