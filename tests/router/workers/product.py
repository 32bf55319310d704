"""A router of several processes, as its command line starts it, and ways to choose which of them is asked."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager, contextmanager

import aiohttp
import orjson
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.router.small_graph import SUPERGRAPH, SmallGraph, http_app, raw_answer, served

SECONDS_MAX = 60


class Subgraphs:
    """All of the small graph behind one server. While it holds, requests wait; it says how many do."""

    def __init__(self):
        self.users = http_app(SmallGraph().users)
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.waiting = 0
        self.changed = asyncio.Event()

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        if self.may_answer.is_set():
            await self.users(scope, receive, send)
            return
        self._count(+1)
        try:
            await self.may_answer.wait()
        finally:
            self._count(-1)
        await raw_answer(send, 200, orjson.dumps({"data": {"me": {"name": "Ada"}}}))

    def _count(self, step):
        self.waiting += step
        self.changed.set()

    async def until_waiting(self, count):
        async with asyncio.timeout(SECONDS_MAX):
            while self.waiting != count:
                self.changed.clear()
                await self.changed.wait()


class Product:
    def __init__(self, process, subgraphs, supergraph):
        self.process, self.subgraphs, self.supergraph = process, subgraphs, supergraph
        self.lines = []
        self.processes = {}
        self.origin = self.metrics = None

    async def line(self, event):
        """The next line of the log with this event."""
        async with asyncio.timeout(SECONDS_MAX):
            while True:
                text = await self.process.stdout.readline()
                if not text:
                    raise AssertionError(f"it has ended before {event!r}: {self.lines}")
                if not text.startswith(b"{"):
                    self.lines.append(text.decode())
                    continue
                line = orjson.loads(text)
                self.lines.append(line)
                if line["event"] == "a worker serves":
                    self.processes[line["worker"]] = line["process"]
                if line["event"] == event:
                    return line

    async def begun(self):
        line = await self.line("router starts")
        self.origin = f"http://127.0.0.1:{line['port']}"
        self.metrics = f"http://127.0.0.1:{line['metrics_port']}/metrics"

    @contextmanager
    def only(self, number):
        """Let this worker alone take what comes."""
        others = [process for worker, process in self.processes.items() if worker != number]
        for process in others:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in others:
                os.kill(process, signal.SIGCONT)

    async def ask(self, query="{ me { name } }"):
        """Over a connection of its own: the status, and the answer where it is one."""
        timeout = aiohttp.ClientTimeout(total=SECONDS_MAX)
        async with (
            aiohttp.ClientSession(timeout=timeout) as http,
            http.post(f"{self.origin}/graphql", json={"query": query}) as response,
        ):
            text = await response.read()
        return response.status, orjson.loads(text) if text.startswith(b"{") else text.decode()

    async def get(self, url):
        async with aiohttp.ClientSession() as http, http.get(url) as response:
            return await response.text()

    async def figures(self, name):
        """The samples called *name*, by worker."""
        found = {}
        for family in text_string_to_metric_families(await self.get(self.metrics)):
            for sample in family.samples:
                if sample.name == name:
                    worker = sample.labels.get("worker")
                    found[worker] = found.get(worker, 0) + sample.value
        return found

    async def end(self, number=signal.SIGTERM):
        """Tell it to stop; how it ended."""
        self.process.send_signal(number)
        return await self.ended()

    async def ended(self):
        """Wait until nobody of it is left who could write to the log."""
        async with asyncio.timeout(SECONDS_MAX):
            self.lines += (await self.process.stdout.read()).decode().splitlines()
            return await self.process.wait()


async def start(config, *arguments):
    bare = {name: value for name, value in os.environ.items() if not name.startswith("ROUTER_")}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "trevo", "serve", "--config", str(config), *arguments),
        env=bare,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=2**20,
    )


@asynccontextmanager
async def running(folder, *, workers=2, **settings):
    subgraphs = Subgraphs()
    async with served(subgraphs) as there:
        supergraph = folder / "supergraph.graphql"
        supergraph.write_text(SUPERGRAPH)
        config = folder / "trevo.yaml"
        urls = {subgraph.name: f"{there.origin}/graphql" for subgraph in SmallGraph().subgraphs}
        said = {
            "supergraph_path": str(supergraph),
            "supergraph_poll_seconds": 0,
            "subgraph_urls": urls,
            "port": 0,
            "metrics_port": 0,
        }
        config.write_text(yaml.safe_dump(said | settings))
        product = Product(await start(config, "--workers", str(workers)), subgraphs, supergraph)
        try:
            await product.begun()
            yield product
        finally:
            subgraphs.may_answer.set()
            for process in product.processes.values():
                try:
                    os.kill(process, signal.SIGCONT)
                except ProcessLookupError:
                    continue
            if product.process.returncode is None:
                try:
                    await product.end()
                except TimeoutError:
                    product.process.kill()  # the workers see that it has gone
                    raise
