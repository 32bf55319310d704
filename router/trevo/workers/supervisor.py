"""
The process that keeps workers: it binds the port, starts them, restarts who dies, tells them what there is to know.

*One socket* is handed to all: the kernel's line of new connections belongs to no worker, so one that dies takes nobody
along who was not yet let in, and nobody waits for one that is away.

*One reader of the supergraph.* What the file holds is read here and told as text, first to one worker, then, if that
could use it, to all others; so all have the same, none has half a file, and one that is started meanwhile gets what
the others answer with. A worker that cannot follow is replaced.
"""

import asyncio
import json
import secrets
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import structlog
from prometheus_client import Counter, Gauge
from pydantic import SecretStr

from trevo.config.settings import Settings
from trevo.gateway.router import mark_of, read_supergraph
from trevo.observability.logging import configure_logging
from trevo.rates.rates_of_workers import make_table
from trevo.serving.metrics_port import figures_on
from trevo.workers.channel import Gone, SupervisorsEnd
from trevo.workers.figures import WorkersFigures
from trevo.workers.shares import share_of

log = structlog.get_logger()

LOAD_SECONDS_MAX = 120.0
"""For a worker to take up a supergraph."""
TELL_SECONDS_MAX = 5.0
FIGURES_SECONDS_MAX = 4.0
"""A worker that does not tell its figures by then is left out this time."""
RESTART_SECONDS_MIN, RESTART_SECONDS_MAX = 0.1, 10.0
"""Until a dead worker is started again: twice as long each time it dies young."""
YOUNG_SECONDS = 30.0
STOP_GRACE_SECONDS = 5.0
"""Beside the time that requests may take: for connections to be closed."""


class WorkerFault(ValueError):
    """A worker that cannot begin, and why."""


class WorkerProcess:
    """One process, from its start to its end."""

    def __init__(self, number: int, process: asyncio.subprocess.Process, channel: SupervisorsEnd) -> None:
        self.number = number
        self.process = process
        self.channel = channel
        self.started_at = time.monotonic()

    @classmethod
    async def start(cls, number: int, inherited: tuple[int, ...]) -> "WorkerProcess":
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "trevo.workers.worker", str(theirs.fileno())),
                pass_fds=(theirs.fileno(), *inherited),
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,  # a Ctrl-C is ours to pass on
            )
        return cls(number, process, await SupervisorsEnd.over(ours))

    async def end(self) -> None:
        """Let go of what is left of it."""
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        await self.channel.close()


@asynccontextmanager
async def _ended_on_fault(worker: WorkerProcess, fault: str) -> AsyncIterator[None]:
    """Nothing of *worker* is left where the block fails; where it is silent or gone, that is a WorkerFault."""
    try:
        yield
    except (Gone, TimeoutError) as error:
        await worker.end()
        raise WorkerFault(f"worker {worker.number} {fault}: {error}") from None
    except BaseException:
        await worker.end()
        raise


class Supervisor:
    """Keeps the workers that *settings* ask for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._shares = [_as_json(share_of(settings, number)) for number in range(1, settings.workers + 1)]
        self._mark = mark_of(settings.supergraph_path)
        self._text = read_supergraph(settings.supergraph_path)
        self._sockets = _bind(settings.host, settings.port)
        self._rates = make_table(settings.rates.remembered_max)
        self._rates_key = secrets.token_hex(16)
        self._workers: dict[int, WorkerProcess] = {}
        """Those that serve, by number."""
        self._telling: set[asyncio.Task[Any]] = set()
        self._switching = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._signal = signal.SIGTERM
        self._figures = WorkersFigures(self._ask_figures)
        self._up = Gauge("router_workers", "WorkerProcess processes that serve.", registry=self._figures)
        self._restarts = Counter("router_worker_restarts", "Workers that had died.", registry=self._figures)

    async def run(self) -> signal.Signals:
        """Serve until told to stop; the signal that told it. Raises WorkerFault where no beginning can be made."""
        self._loop = asyncio.get_running_loop()
        tasks: list[asyncio.Task[Any]] = []
        metrics_at = self._settings.metrics_port, self._settings.metrics_host
        with self._signals(), figures_on(*metrics_at, self._figures) as metrics_port:
            try:
                await self._start_all()
                where = self._sockets[0].getsockname()
                workers = self._settings.workers
                log.info("router starts", host=where[0], port=where[1], metrics_port=metrics_port, workers=workers)
                tasks = [asyncio.create_task(self._keep(worker)) for worker in [*self._workers.values()]]
                if self._settings.supergraph_poll_seconds:
                    tasks.append(asyncio.create_task(self._watch()))
                await self._stopping.wait()
            finally:
                ending = [*tasks, *self._telling]
                for task in ending:
                    task.cancel()
                await asyncio.gather(*ending, return_exceptions=True)
                await self._stop_all()
        return self._signal

    async def reload(self) -> bool:
        """Take up what the supergraph's file holds now; False if it cannot be used: then nothing has changed."""
        async with self._switching:
            try:
                text = await asyncio.to_thread(read_supergraph, self._settings.supergraph_path)
            except (OSError, ValueError) as error:
                return self._keep_old(str(error))
            if text == self._text:
                return True
            waiting = list(self._workers.values())
            has: bool | None = None
            while waiting and has is None:
                first = waiting.pop(0)
                has = await self._switch(first, text)
                if has is None:
                    self._replace(first)
            if has is None:
                self._mark = None  # looked at again when somebody can say whether it can be used
                return False
            if not has:
                return self._keep_old("a worker could not use it")
            self._text = text
            followed = await asyncio.gather(*(self._switch(worker, text) for worker in waiting))
            for worker, follows in zip(waiting, followed, strict=True):
                if not follows:
                    self._replace(worker)
            log.info("supergraph reloaded by all workers")
            return True

    def _replace(self, worker: WorkerProcess) -> None:
        """Another is begun as soon as it has died."""
        log.error("a worker does not take up a supergraph; it is replaced", worker=worker.number)
        with suppress(ProcessLookupError):
            worker.process.kill()

    def _keep_old(self, reason: str) -> bool:
        log.error("supergraph not reloaded; the old one stays", reason=reason)
        return False

    async def _switch(self, worker: WorkerProcess, text: str) -> bool | None:
        """Whether *worker* has taken up *text*; None where it did not say."""
        try:
            answer = await worker.channel.ask("reload", seconds=LOAD_SECONDS_MAX, supergraph=text)
        except (Gone, TimeoutError):
            return None
        return bool(answer["ok"])

    # Beginning

    async def _start_all(self) -> None:
        """All load at the same time; nobody is let in before all have."""
        numbers = range(1, self._settings.workers + 1)
        async with self._switching:
            begun = await asyncio.gather(*map(self._begin, numbers), return_exceptions=True)
            loaded = [worker for worker in begun if isinstance(worker, WorkerProcess)]
            try:
                for fault in begun:
                    if isinstance(fault, BaseException):
                        raise fault
                while loaded:
                    await self._let_serve(loaded.pop(0))  # before that it is asked for no figures, and told of no graph
            except BaseException:
                await asyncio.gather(*(worker.end() for worker in loaded))
                raise
        self._tell_how_many()

    async def _begin(self, number: int) -> WorkerProcess:
        """A worker that has loaded, and does not serve yet. Raises WorkerFault."""
        descriptors = [each.fileno() for each in self._sockets]
        worker = await WorkerProcess.start(number, (self._rates, *descriptors))
        async with _ended_on_fault(worker, "has not begun"):
            answer = await worker.channel.ask(
                "load",
                seconds=LOAD_SECONDS_MAX,
                worker=number,
                settings=self._shares[number - 1],
                supergraph=self._text,
                sockets=descriptors,
                rates=self._rates,
                rates_key=self._rates_key,
            )
            if "fault" in answer:
                raise WorkerFault(answer["fault"])
        return worker

    # While it runs

    async def _keep(self, worker: WorkerProcess) -> None:
        """See to it that there always is a worker of this number."""
        number, seconds = worker.number, RESTART_SECONDS_MIN
        current: WorkerProcess | None = worker
        while True:
            if current is not None:
                status = await current.process.wait()
                del self._workers[number]
                await current.end()
                is_young = time.monotonic() - current.started_at < YOUNG_SECONDS
                seconds = min(seconds * 2, RESTART_SECONDS_MAX) if is_young else RESTART_SECONDS_MIN
                log.error("a worker has died", worker=number, status=status, again_in_seconds=seconds)
                self._restarts.inc()
                self._tell_how_many()
            await asyncio.sleep(seconds)
            try:
                # What is loaded here is what the others have: no switch can come between.
                async with self._switching:
                    current = await self._begin(number)
                    await self._let_serve(current)
            except Exception as fault:  # without this task there would be one worker less for ever
                current = None
                seconds = min(seconds * 2, RESTART_SECONDS_MAX)
                told = {"worker": number, "reason": str(fault), "again_in_seconds": seconds}
                log.exception("a worker cannot begin", **told)
                continue
            self._tell_how_many()

    async def _let_serve(self, worker: WorkerProcess) -> None:
        async with _ended_on_fault(worker, "does not serve"):
            await worker.channel.ask("serve", seconds=LOAD_SECONDS_MAX)
        self._workers[worker.number] = worker
        log.info("a worker serves", worker=worker.number, process=worker.process.pid)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._settings.supergraph_poll_seconds)
            mark = await asyncio.to_thread(mark_of, self._settings.supergraph_path)
            # A file that is gone for a moment is being replaced.
            if mark is not None and mark != self._mark:
                self._mark = mark
                await self.reload()

    def _tell_how_many(self) -> None:
        """Tell each worker how many there are, which `/ready` repeats; nobody waits for one that is busy."""
        self._up.set(len(self._workers))
        told = {"up": len(self._workers), "of": self._settings.workers}
        task = asyncio.create_task(self._ask_all("workers", seconds=TELL_SECONDS_MAX, **told))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _ask_all(self, what: str, *, seconds: float, **told: Any) -> Mapping[int, Any]:
        """The answers of those who answer."""
        workers = list(self._workers.values())
        asked = (worker.channel.ask(what, seconds=seconds, **told) for worker in workers)
        answers = await asyncio.gather(*asked, return_exceptions=True)
        return {
            worker.number: answer
            for worker, answer in zip(workers, answers, strict=True)
            if not isinstance(answer, BaseException)
        }

    def _ask_figures(self) -> Mapping[str, str]:
        """Called in the thread that answers `/metrics`."""
        asking = asyncio.run_coroutine_threadsafe(self._ask_all("figures", seconds=FIGURES_SECONDS_MAX), self._loop)
        answers = asking.result(FIGURES_SECONDS_MAX * 2)
        return {str(number): answer["text"] for number, answer in answers.items()}

    # Ending

    @contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        reloads: set[asyncio.Task[Any]] = set()

        def on_hangup() -> None:
            # Each worker reads its manifests itself, also those that it watches.
            for reload in (self._ask_all("manifests", seconds=LOAD_SECONDS_MAX), self.reload()):
                task: asyncio.Task[Any] = asyncio.create_task(reload)
                reloads.add(task)
                task.add_done_callback(reloads.discard)

        def on_stop(number: signal.Signals) -> None:
            if self._stopping.is_set():  # who presses Ctrl-C twice does not want to wait
                self._pass_on(number)
            self._signal = number
            self._stopping.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, on_stop, number)
        loop.add_signal_handler(signal.SIGHUP, on_hangup)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                loop.remove_signal_handler(number)

    def _pass_on(self, number: signal.Signals) -> None:
        for worker in self._workers.values():
            with suppress(ProcessLookupError):
                worker.process.send_signal(number)

    async def _stop_all(self) -> None:
        """Nobody is let in any more; then what is being answered has the time that a request may take."""
        for each in self._sockets:
            each.close()
        self._pass_on(self._signal)
        ended = [asyncio.create_task(worker.process.wait()) for worker in self._workers.values()]
        if ended:
            await asyncio.wait(ended, timeout=int(self._settings.limits.deadline_seconds) + STOP_GRACE_SECONDS)
        for worker in self._workers.values():
            if worker.process.returncode is None:
                log.error("a worker has not stopped in time; it is killed", worker=worker.number)
            await worker.end()
        await asyncio.gather(*ended)
        self._workers.clear()


def supervise(settings: Settings) -> None:
    """Run as many workers as *settings* say until told to stop. Raises WorkerFault, OSError and ValueError."""
    configure_logging(settings.log_level)
    told_by = asyncio.run(Supervisor(settings).run())
    # As a single process does: it ends by the signal that it was told to end by.
    signal.signal(told_by, signal.SIG_DFL)
    signal.raise_signal(told_by)


def _bind(host: str, port: int) -> list[socket.socket]:
    """A socket for each address of *host*, on which nobody listens yet: until workers do, connections are refused."""
    bound: list[socket.socket] = []
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    for family, kind, protocol, _, address in dict.fromkeys(found):
        each = socket.socket(family, kind, protocol)
        bound.append(each)
        each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            each.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        each.bind((address[0], bound[0].getsockname()[1] if len(bound) > 1 else port, *address[2:]))
    return bound


def _as_json(settings: Settings) -> Any:
    """All of *settings*, secrets too, for a worker's eyes alone."""

    def plain(value: object) -> object:
        match value:
            case SecretStr():
                return value.get_secret_value()
            case set() | frozenset():
                return sorted(value)
            case _:
                return str(value)

    return json.loads(json.dumps(settings.model_dump(), default=plain))
