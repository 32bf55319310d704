"""
The whole product as processes: `make run-split`, the form in which compose deploys it.

Each subgraph is a process of its own and is called over HTTP; so is the router, which finds them by its settings. This
process starts them in order, watches over them, and takes all down when one ends or Ctrl-C is pressed.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import aiohttp

from builds import graphiql
from launch.databases import DOMAINS
from launch.declare_queues import declare_queues
from launch.environment import ROUTER, addresses, environment_of, local_environment, metrics_port
from launch.home import ROOT, Addresses, Home
from launch.infrastructure import bring_up
from launch.people import seed_demo_people
from launch.postgres import PostgresUnavailable
from launch.preflight import PORT_DEFAULT
from launch.progress import banner, say
from launch.services import make_subgraph
from subgraphs.shared.clock import WrongClockFile
from subgraphs.shared.messaging.transport import QueuesRefused, TransportUnavailable
from subgraphs.shared.ports import SandboxNotAskedFor
from subgraphs.shared.tasks import end
from trevo.config.limits import Limits

STALLED_SECONDS = 60
"""A process that ends is told at once, and one that gets on is waited for, however busy the machine; this long one may
show nothing new."""
STOP_SECONDS = Limits().deadline_seconds + 5
"""Longer than the router takes to finish what is under way; the subgraphs take less."""


class ProcessEnded(Exception):
    """A part of the product ended by itself; the message names it and its log."""


class Processes:
    """The children, by name, each with a log of its own."""

    def __init__(self, home: Home) -> None:
        self._logs = home.logs
        self._logs.mkdir(exist_ok=True)
        self._running: dict[str, asyncio.subprocess.Process] = {}

    async def start(self, name: str, *arguments: str, **environment: str) -> None:
        with (self._logs / f"{name}.log").open("ab") as log:
            # In our process group, so that whoever kills the group kills everything.
            self._running[name] = await asyncio.create_subprocess_exec(
                sys.executable,
                *arguments,
                cwd=ROOT,
                env={**environment_of(name, os.environ), **environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def until_ready(self, name: str, url: str) -> None:
        """
        Wait for *url* to answer 200, as long as the process gets on: by what it works, or what it answers until then.

        Raises ProcessEnded when it ends before, or gets nowhere.
        """
        process, clock = self._running[name], asyncio.get_running_loop().time
        seen, since = None, clock()
        async with aiohttp.ClientSession() as client:
            while (answer := await _answer_of(client, url)) is None or not answer.startswith(READY):
                if process.returncode is not None:
                    raise ProcessEnded(f"{name} ended at its start; see {self._logs / name}.log")
                now, progress = clock(), answer or work_of(process.pid)
                if progress != seen:
                    seen, since = progress, now
                elif now - since > STALLED_SECONDS:
                    raise ProcessEnded(
                        f"{name} is not ready, and has got nowhere for {STALLED_SECONDS} s; see {self._logs / name}.log"
                    )
                await asyncio.sleep(0.05)

    async def until_one_ends(self) -> str:
        """The name of the first process that ends."""
        waiting = {asyncio.create_task(process.wait()): name for name, process in self._running.items()}
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        return waiting[done.pop()]

    async def stop(self) -> None:
        """The router first: it ends what clients have open while the subgraphs are still there."""
        router = [process for name, process in self._running.items() if name == ROUTER]
        subgraphs = [process for name, process in self._running.items() if name != ROUTER]
        await self._stop_all(router)
        await self._stop_all(subgraphs)

    async def _stop_all(self, processes: list[asyncio.subprocess.Process]) -> None:
        for process in processes:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.send_signal(signal.SIGINT)
        for process in processes:
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()


READY = "200 "


async def _answer_of(client: aiohttp.ClientSession, url: str) -> str | None:
    """Status and text of the answer; None where there is none."""
    try:
        async with client.get(url, timeout=aiohttp.ClientTimeout(total=2)) as response:
            return f"{response.status} {await response.text()}"
    except (aiohttp.ClientError, TimeoutError):
        return None


def work_of(pid: int) -> str:
    """What a process has worked so far, in ticks of the processor: user's and system's; nothing once it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return f"{fields[11]} {fields[12]}"  # proc(5): the 14th and 15th, and the first two are gone with the name


async def run(home: Home, port: int) -> None:
    """Bring everything up, watch until something ends or we are told to stop, and bring everything down again."""
    infrastructure = await bring_up(home, say)
    infrastructure.watch(say)
    ports = {name: port + number for number, name in enumerate(DOMAINS, start=1)}
    bases = {name: f"http://127.0.0.1:{own}" for name, own in ports.items()}
    environment = local_environment(infrastructure.environment, bases)
    os.environ.update({name: os.environ.get(name, value) for name, value in environment.items()})
    processes = Processes(home)
    bundle = graphiql.build_in_background(say)
    try:
        await _start(processes, ports, bases, port)
        where = addresses(
            pid=os.getpid(),
            router=f"http://127.0.0.1:{port}",
            bases=bases,
            database=infrastructure.database,
            broker=infrastructure.broker,
            metrics=f"http://127.0.0.1:{metrics_port(port)}/metrics, of the subgraphs on the ports after it",
        )
        await _watch(home, processes, where)
    finally:
        home.forget_addresses()
        say("stopping …")
        await end(bundle)
        await processes.stop()
        await infrastructure.stop()


async def _start(processes: Processes, ports: Mapping[str, int], bases: Mapping[str, str], port: int) -> None:
    try:
        say(f"{await declare_queues()} queues are there")
    except (TransportUnavailable, QueuesRefused) as error:
        say(f"starting all the same, without the message broker: {error}")
    for name, own in ports.items():
        figures = str(metrics_port(port) + own - port)
        await processes.start(name, "-m", "launch.subgraph", name, PORT=str(own), METRICS_PORT=figures)
    for name in ports:
        await processes.until_ready(name, f"{bases[name]}/ready")
        say(f"{name} is ready at {bases[name]}")
    accounts = make_subgraph("accounts")
    try:
        await seed_demo_people(accounts)  # the events wait in the outbox for the process beside us
    finally:
        await accounts.close()
    supergraph = str(ROOT / "schema" / "supergraph.graphql")
    urls = json.dumps({name: f"{base}/graphql" for name, base in bases.items()})
    await processes.start(
        ROUTER, "-m", "trevo", "serve", ROUTER_PORT=str(port), ROUTER_SUPERGRAPH_PATH=supergraph,
        ROUTER_SUBGRAPH_URLS=urls, ROUTER_METRICS_PORT=str(metrics_port(port)),
    )  # fmt: skip
    await processes.until_ready(ROUTER, f"http://127.0.0.1:{port}/ready")


async def _watch(home: Home, processes: Processes, where: Addresses) -> None:
    home.note_addresses(where)
    print(banner(where), flush=True)
    ended = await processes.until_one_ends()
    raise ProcessEnded(f"{ended} has ended; see {home.logs / ended}.log")


async def _until_told_to_stop(home: Home, port: int) -> None:
    """Run until done; SIGINT and SIGTERM end it in order."""
    task = asyncio.ensure_future(run(home, port))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


def main() -> int:
    try:
        asyncio.run(_until_told_to_stop(Home(), int(os.environ.get("PORT", PORT_DEFAULT))))
    except (PostgresUnavailable, TransportUnavailable, ProcessEnded, SandboxNotAskedFor, WrongClockFile) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
