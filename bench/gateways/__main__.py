"""
This router beside others over the same cheap subgraphs: `make bench-gateways`.

What is measured is said in `cases.py`, of whom in `gateways.py`, how in `measure.py`; `README.md` says how to read the
table. Answers are compared before anything is measured.
"""

import argparse
import asyncio
import os
import signal
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from bench.gateways import readmes, report
from bench.gateways.cases import CASES, Setting
from bench.gateways.gateways import NPM, OURS, Gateway, Graph, gateways
from bench.gateways.measure import Bench, Measured
from bench.gateways.processes import OTHER_CORES, free_port
from bench.gateways.store.graph import composed, subgraphs
from builds.node import find_node, install_packages
from launch.home import ROOT

RESULTS = Path(__file__).parent / "results"
PARTS = 5
"""New operations are asked in so many parts, in turn, so that a slow spell of the machine meets all alike."""


def say(text: str) -> None:
    print(text, flush=True)


async def measure(chosen: list[Gateway], arguments: argparse.Namespace) -> list[Measured]:
    """The chosen gateways and cases, round by round."""
    measuring = asyncio.current_task()
    assert measuring is not None
    # Whoever ends this ends what it has started.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, measuring.cancel)
    cases = [case for case in CASES if arguments.cases in case.name]
    with tempfile.TemporaryDirectory() as folder:
        store_port, supergraph = free_port(), Path(folder) / "supergraph.graphql"
        supergraph.write_text(composed(store_port))
        bench = Bench(Path(folder), Graph(supergraph, subgraphs(store_port)), store_port)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(bench.store())
            settings = {Setting.PLAIN, *(case.setting for case in cases)}
            running = [await stack.enter_async_context(bench.measured(gateway, settings)) for gateway in chosen]
            for case in cases:
                for measured in running:
                    await bench.compare(measured, case)
            say(f"{len(running)} gateways answer {len(cases)} cases alike")
            for number in range(arguments.rounds):
                for case in cases:
                    for measured in running:
                        await bench.ask(measured, case, arguments.seconds)
                say(f"round {number + 1} of {arguments.rounds}")
            for number in range(PARTS):
                for measured in running:
                    await bench.ask_new(measured, -(-arguments.operations // PARTS))
                say(f"new operations, part {number + 1} of {PARTS}")
            return running


def read_arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateways", default="", help="only those whose name contains this")
    parser.add_argument("--cases", default="", help="only those whose name contains this")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of a case in a round")
    parser.add_argument("--operations", type=int, default=10_000, help="different new ones, each asked once")
    parser.add_argument("--show-newest", action="store_true", help="only show the kept result in the READMEs")
    return parser.parse_args(given)


def show_newest() -> None:
    """The newest kept result, into the READMEs that show it."""
    for readme, block in readmes.with_newest(RESULTS).items():
        readme.write_text(block, encoding="utf-8")
        say(f"shown in {readme.relative_to(ROOT)}")


def main() -> None:
    arguments = read_arguments()
    if arguments.show_newest:
        show_newest()
        return
    os.sched_setaffinity(0, OTHER_CORES)  # the clients are in this process
    node = find_node()
    chosen = [gateway for gateway in gateways(node) if arguments.gateways.lower() in gateway.name.lower()]
    if chosen != [OURS]:
        install_packages(node, NPM)
    try:
        measured = asyncio.run(measure(chosen, arguments))
    except asyncio.CancelledError:
        raise SystemExit("ended before it was done") from None
    found = report.result(measured, rounds=arguments.rounds, seconds=arguments.seconds, operations=arguments.operations)
    say(f"\n{report.table(found)}")
    if arguments.gateways or arguments.cases:
        return  # a part of the whole is not kept
    for path in report.write(found, RESULTS):
        say(f"written to {path.relative_to(Path.cwd())}")
    show_newest()


if __name__ == "__main__":
    main()
