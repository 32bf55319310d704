"""
Runs the public federation audit (graphql-hive/federation-gateway-audit) against our router.

    python -m bench.audit CHECKOUT [--suite NAME] [--verbose] [--official]

The audit's own server gives supergraphs, subgraphs and cases. For each suite our router is started over that
supergraph on a port of its own, every case is sent over HTTP as the audit's test runner sends it, and judged as it
judges: `data` must be deeply equal, `errors` are compared as present or absent, and only where a case says so. Plans
are compared with the reference's (`plans.py`): none may need more requests or waves.

CHECKOUT is a clone with its npm packages installed. With --official the audit's own command line starts our router
as a process of its own for each suite, by `run.sh`, and judges itself; that takes some minutes.
"""

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import structlog
import uvicorn

from bench.audit.plans import Comparison, compare_plans
from trevo.config.rates import Rates
from trevo.config.settings import Settings
from trevo.main import create_app

SERVER_SECONDS_MAX = 60
CASE_SECONDS_MAX = 10
"""As the audit itself waits."""

# The audit is written for a newer Node than many machines have; the one function it misses is small.
_WITH_RESOLVERS = "data:text/javascript," + quote(
    "Promise.withResolvers ??= function () { let resolve, reject; "
    "const promise = new this((a, b) => { resolve = a; reject = b; }); return { promise, resolve, reject }; }"
)


@dataclass(frozen=True)
class Case:
    query: str
    expected: dict[str, Any]
    received: dict[str, Any]

    @property
    def passed(self) -> bool:
        if not equal(self.received.get("data"), self.expected.get("data")):
            return False
        wanted = self.expected.get("errors")
        return not isinstance(wanted, bool) or wanted == bool(self.received.get("errors"))


@dataclass(frozen=True)
class Suite:
    name: str
    cases: list[Case]
    problem: str = ""
    plans: Comparison = field(default_factory=Comparison)

    @property
    def passed(self) -> bool:
        return not self.problem and all(case.passed for case in self.cases)


def equal(left: Any, right: Any) -> bool:
    """Deep equality as JSON knows it: 1 equals 1.0, but true is not 1, and the order of keys does not matter."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(equal(a, b) for a, b in zip(left, right, strict=True))
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


async def main(arguments: argparse.Namespace) -> int:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    timeout = aiohttp.ClientTimeout(total=CASE_SECONDS_MAX)
    async with audit_server(arguments.checkout) as origin, aiohttp.ClientSession(timeout=timeout) as session:
        names = await get_json(session, f"{origin}/ids")
        if arguments.suite and arguments.suite not in names:
            print(f"There is no suite '{arguments.suite}'. Suites: {', '.join(names)}")
            return 2
        chosen = [arguments.suite] if arguments.suite else names
        suites = []
        for name in chosen:
            suite = await run_suite(session, origin, name)
            report(suite, details=bool(arguments.suite) or arguments.verbose)
            suites.append(suite)
    cases = [case for suite in suites for case in suite.cases]
    passed = sum(case.passed for case in cases)
    passed_suites = sum(suite.passed for suite in suites)
    better = [line for suite in suites for line in suite.plans.better]
    worse = [line for suite in suites for line in suite.plans.worse]
    print(f"plans (requests/waves): {len(better)} better than the reference, {len(worse)} worse")
    print("".join(f"  {line}\n" for line in better + worse), end="")
    print(f"audit: {passed} of {len(cases)} cases, {passed_suites} of {len(suites)} suites")
    return 0 if passed_suites == len(suites) and not worse else 1


def run_official(checkout: Path) -> int:
    """Let the audit run and judge by itself; its results file tells how it went."""
    port, gateway_port = free_port(), free_port()
    address = f"http://127.0.0.1:{gateway_port}"
    script = Path(__file__).with_name("run.sh")
    environment = {
        "GATEWAY_TIMEOUT": "30000",  # the audit's own five seconds are short for a busy machine
        **node_environment(),
        "AUDIT_PORT": str(port),
        "AUDIT_GATEWAY_PORT": str(gateway_port),
    }
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [tsx_of(checkout), "src/cli.ts", "test", "--port", str(port), "--cwd", folder, "--run-script", script,
             "--graphql", f"{address}/graphql", "--healthcheck", f"{address}/health"],
            cwd=checkout, env=environment, check=False,
        )  # fmt: skip
        lines = (Path(folder) / "results.txt").read_text().partition("\n---")[0].split()
    results = dict(zip(lines[::2], lines[1::2], strict=True))
    cases = "".join(results.values())
    passed_suites = sum("X" not in marks for marks in results.values())
    print(f"audit: {cases.count('.')} of {len(cases)} cases, {passed_suites} of {len(results)} suites")
    return 0 if passed_suites == len(results) else 1


async def run_suite(session: aiohttp.ClientSession, origin: str, name: str) -> Suite:
    cases = await get_json(session, f"{origin}/{name}/tests")
    async with session.get(f"{origin}/{name}/supergraph") as response:
        supergraph = await response.text()
    try:
        async with router_over(supergraph) as url:
            ran = [await run_case(session, url, case["query"], case["expected"]) for case in cases]
        plans = compare_plans(name, supergraph, [case["query"] for case in cases])
        return Suite(name, ran, plans=plans)
    except Exception as error:  # noqa: BLE001  # a supergraph that cannot be loaded fails its suite, not the run
        nothing: dict[str, Any] = {"data": "not asked"}
        return Suite(name, [Case(case["query"], case["expected"], nothing) for case in cases], repr(error))


async def run_case(session: aiohttp.ClientSession, url: str, query: str, expected: dict[str, Any]) -> Case:
    try:
        async with session.post(url, json={"query": query}, headers={"accept": "application/json"}) as response:
            received = await response.json()
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        received = {"data": f"no answer: {error!r}"}
    return Case(query, expected, received)


def report(suite: Suite, *, details: bool) -> None:
    marks = "".join("." if case.passed else "X" for case in suite.cases)
    print(f"{suite.name:40} {marks} {suite.problem}", flush=True)
    if not details:
        return
    for index, case in enumerate(suite.cases):
        if not case.passed:
            print(f"\n{suite.name} {index}\n{case.query.rstrip()}")
            print(f"  expected  {json.dumps(case.expected)}\n  received  {json.dumps(case.received)}\n")


@contextlib.asynccontextmanager
async def router_over(supergraph: str) -> AsyncIterator[str]:
    """Our router over *supergraph*, served on a free port; gives the URL of its GraphQL endpoint."""
    app = create_app(Settings(rates=Rates(enabled=False)), supergraph_text=supergraph)
    config = uvicorn.Config(app, http="httptools", ws="none", lifespan="on", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    with listening_socket() as listening:
        task = asyncio.create_task(server.serve([listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/graphql"
        finally:
            server.should_exit = True
            await task


def listening_socket() -> socket.socket:
    """A socket on a free port that connections may already wait on."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    return listening


def free_port() -> int:
    with listening_socket() as free:
        port: int = free.getsockname()[1]
        return port


def tsx_of(checkout: Path) -> Path:
    """The program that runs the audit's TypeScript."""
    runner = checkout.resolve() / "node_modules" / ".bin" / "tsx"
    if not runner.exists():
        sys.exit(f"{checkout} has no tsx: clone the audit and run 'npm ci' in it.")
    if shutil.which("node") is None:
        sys.exit("The audit's subgraphs need Node.js; it was not found.")
    return runner


def node_environment() -> dict[str, str]:
    return {**os.environ, "NODE_OPTIONS": f"--import {_WITH_RESOLVERS}"}


@contextlib.asynccontextmanager
async def audit_server(checkout: Path) -> AsyncIterator[str]:
    """The audit's own server on a free port; gives its address."""
    runner, port = tsx_of(checkout), free_port()
    with tempfile.TemporaryFile() as output:
        process = await asyncio.create_subprocess_exec(
            runner, "src/cli.ts", "serve", "--port", str(port),
            cwd=checkout, env=node_environment(), stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
        try:
            await wait_until_healthy(process, f"http://localhost:{port}/ids")
            yield f"http://localhost:{port}"
        except TimeoutError:
            output.seek(0)
            sys.exit(f"The audit's server did not start:\n{output.read().decode(errors='replace')}")
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGTERM)
            await process.wait()


async def wait_until_healthy(process: asyncio.subprocess.Process, url: str) -> None:
    """Raises TimeoutError when the server ends or is not there in time."""
    deadline = time.monotonic() + SERVER_SECONDS_MAX
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < deadline and process.returncode is None:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.2)
    raise TimeoutError


async def get_json(session: aiohttp.ClientSession, url: str) -> Any:
    async with session.get(url) as response:
        response.raise_for_status()
        return await response.json()


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.audit", description="Run the public federation audit.")
    parser.add_argument("checkout", type=Path, help="a clone of federation-gateway-audit after 'npm ci'")
    parser.add_argument("--suite", help="only this suite, with the details of what fails")
    parser.add_argument("--verbose", action="store_true", help="the details of what fails in every suite")
    parser.add_argument("--official", action="store_true", help="let the audit run and judge by itself")
    return parser.parse_args()


if __name__ == "__main__":
    chosen_arguments = read_arguments()
    if chosen_arguments.official:
        sys.exit(run_official(chosen_arguments.checkout))
    sys.exit(asyncio.run(main(chosen_arguments)))
