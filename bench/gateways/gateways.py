"""
The gateways that can be measured, and how each is started.

Ours needs nothing. Those on npm are installed from `npm/package-lock.json`. A native one is measured where its variable
names the program; its users build it themselves.
"""

import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bench.gateways.cases import Setting
from builds.node import Node
from builds.supergraph import Subgraph
from launch.home import ROOT

NPM = Path(__file__).with_name("npm")


@dataclass(frozen=True)
class Command:
    words: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    """What has to lie in the folder it is started in."""
    before: Sequence[str] = ()
    """A command that makes more of it from these files."""


@dataclass(frozen=True)
class Graph:
    """What a gateway is given, in whichever form it reads."""

    supergraph: Path
    subgraphs: Sequence[Subgraph]


Start = Callable[[Graph, int], Command]
"""By the graph and the port to listen at."""


@dataclass(frozen=True)
class Gateway:
    name: str
    starts: Mapping[Setting, Start]
    """In each setting that it has a switch for; `Setting.PLAIN` is always among them."""
    note: str = ""


def _trevo(*, workers: int = 1, shares: bool = False) -> Start:
    def command(graph: Graph, port: int) -> Command:
        environment = {
            "PYTHONPATH": str(ROOT / "router"),
            "ROUTER_SUPERGRAPH_PATH": str(graph.supergraph),
            "ROUTER_PORT": str(port),
            "ROUTER_LOG_LEVEL": "WARNING",
            # All clients have one address here, and some lists are longer than anybody should ask for.
            "ROUTER_RATES__ENABLED": "false",
            "ROUTER_LIMITS__COST_MAX": "1000000",
            "ROUTER_LIMITS__IN_FLIGHT_MAX": "2000",
            "ROUTER_SHARING__QUERIES": str(shares).lower(),
            "ROUTER_SHARING__FETCHES": str(shares).lower(),
        }
        return Command([sys.executable, "-m", "trevo", "serve", "--workers", str(workers)], environment)

    return command


_HIVE_GATEWAY_CONFIG = """\
export const gatewayConfig = { transportEntries: { '*': { options: { deduplicateInflightRequests: %s } } } };
"""


def _hive_gateway(node: Node, *options: str) -> Mapping[Setting, Start]:
    program = NPM / "node_modules" / "@graphql-hive" / "gateway" / "dist" / "bin.js"

    def start(shares: bool, processes: int) -> Start:
        def command(graph: Graph, port: int) -> Command:
            words = [str(node.executable), str(program), "supergraph", str(graph.supergraph)]
            words += ["--host", "127.0.0.1", "--port", str(port), "--fork", str(processes), *options]
            config = _HIVE_GATEWAY_CONFIG % str(shares).lower()
            environment = {"NODE_ENV": "production", "LOG_LEVEL": "warn"}
            return Command([*words, "--config-path", "gateway.config.mjs"], environment, {"gateway.config.mjs": config})

        return command

    return {Setting.PLAIN: start(False, 1), Setting.SHARING: start(True, 1), Setting.TWO_CORES: start(False, 2)}


def _apollo_gateway(node: Node) -> Start:
    program = str(NPM / "apollo-gateway.mjs")

    def command(graph: Graph, port: int) -> Command:
        return Command([str(node.executable), program, str(graph.supergraph), str(port)], {"NODE_ENV": "production"})

    return command


def _hive_router(program: str) -> Mapping[Setting, Start]:
    def start(shares: bool) -> Start:
        def command(graph: Graph, port: int) -> Command:
            config = (
                f"http: {{host: 127.0.0.1, port: {port}}}\nsupergraph: {{source: file, path: {graph.supergraph}}}\n"
                f"traffic_shaping: {{all: {{dedupe_enabled: {str(shares).lower()}}}}}\n"
            )
            return Command([program], {"ROUTER_CONFIG_FILE_PATH": "router.config.yaml"}, {"router.config.yaml": config})

        return command

    # It has as many threads as it may use cores.
    return {Setting.PLAIN: start(False), Setting.SHARING: start(True), Setting.TWO_CORES: start(False)}


def _grafbase(program: str) -> Start:
    def command(graph: Graph, port: int) -> Command:
        return Command([program, "--schema", str(graph.supergraph), "--listen-address", f"127.0.0.1:{port}"])

    return command


def _cosmo(program: str, composer: str) -> Mapping[Setting, Start]:
    def start(shares: bool) -> Start:
        def command(graph: Graph, port: int) -> Command:
            files = {f"{subgraph.name}.graphql": subgraph.sdl for subgraph in graph.subgraphs}
            listed = [
                {"name": subgraph.name, "routing_url": subgraph.url, "schema": {"file": f"{subgraph.name}.graphql"}}
                for subgraph in graph.subgraphs
            ]
            files["graph.yaml"] = yaml.safe_dump({"version": 1, "subgraphs": listed})
            environment = {
                "EXECUTION_CONFIG_FILE_PATH": "config.json",
                "LISTEN_ADDR": f"127.0.0.1:{port}",
                "LOG_LEVEL": "warn",
                "ENGINE_ENABLE_SINGLE_FLIGHT": str(shares).lower(),
                "ENGINE_ENABLE_INBOUND_REQUEST_DEDUPLICATION": str(shares).lower(),
                # Nobody is here who would take them.
                "TRACING_ENABLED": "false",
                "METRICS_OTLP_ENABLED": "false",
                "COSMO_TELEMETRY_DISABLED": "true",
                # It runs in several settings at once, and each would want the same port.
                "PROMETHEUS_ENABLED": "false",
            }
            before = [composer, "router", "compose", "--input", "graph.yaml", "--out", "config.json"]
            return Command([program], environment, files, before)

        return command

    # It has as many threads as it may use cores.
    return {Setting.PLAIN: start(False), Setting.SHARING: start(True), Setting.TWO_CORES: start(False)}


def _any_other(line: str) -> Start:
    def command(graph: Graph, port: int) -> Command:
        return Command([word.format(supergraph=graph.supergraph, port=port) for word in shlex.split(line)])

    return command


OURS = Gateway(
    "trevo", {Setting.PLAIN: _trevo(), Setting.SHARING: _trevo(shares=True), Setting.TWO_CORES: _trevo(workers=2)}
)


def gateways(node: Node) -> list[Gateway]:
    """All that this machine can run, ours first."""
    found = [
        OURS,
        Gateway("Hive Gateway, Rust planner", _hive_gateway(node, "--hive-router-runtime")),
        Gateway("Hive Gateway", _hive_gateway(node)),
        Gateway("Apollo Gateway", {Setting.PLAIN: _apollo_gateway(node)}),
    ]
    if program := os.environ.get("HIVE_ROUTER"):
        found.insert(1, Gateway("Hive Router", _hive_router(program)))
    if program := os.environ.get("GRAFBASE"):
        found.insert(1, Gateway("Grafbase", {Setting.PLAIN: _grafbase(program)}, "shares what is asked twice"))
    if (program := os.environ.get("COSMO_ROUTER")) and (composer := os.environ.get("WGC")):
        found.insert(1, Gateway("Cosmo", _cosmo(program, composer)))
    if line := os.environ.get("OTHER_GATEWAY"):
        found.append(Gateway(Path(shlex.split(line)[0]).name, {Setting.PLAIN: _any_other(line)}))
    return found
