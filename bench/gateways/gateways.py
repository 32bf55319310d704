"""
The gateways that can be measured, and how each is started.

Ours needs nothing. Those on npm are installed from `npm/package-lock.json`. A native one is measured where its variable
names the program; its users build it themselves.
"""

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from builds.node import Node
from launch.home import ROOT

NPM = Path(__file__).with_name("npm")


@dataclass(frozen=True)
class Command:
    words: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    """What has to lie in the folder it is started in."""


@dataclass(frozen=True)
class Gateway:
    name: str
    command: Callable[[Path, int], Command]
    """By the supergraph's file and the port to listen at."""
    note: str = ""


def _trevo(supergraph: Path, port: int) -> Command:
    environment = {
        "PYTHONPATH": str(ROOT / "router"),
        "ROUTER_SUPERGRAPH_PATH": str(supergraph),
        "ROUTER_PORT": str(port),
        "ROUTER_LOG_LEVEL": "WARNING",
        # All clients have one address here, and some lists are longer than anybody should ask for.
        "ROUTER_RATES__ENABLED": "false",
        "ROUTER_LIMITS__COST_MAX": "1000000",
        "ROUTER_LIMITS__IN_FLIGHT_MAX": "1000",
    }
    return Command([sys.executable, "-m", "trevo", "serve"], environment)


def _hive_gateway(node: Node, *options: str) -> Callable[[Path, int], Command]:
    program = NPM / "node_modules" / "@graphql-hive" / "gateway" / "dist" / "bin.js"

    def command(supergraph: Path, port: int) -> Command:
        words = [str(node.executable), str(program), "supergraph", str(supergraph)]
        words += ["--host", "127.0.0.1", "--port", str(port), "--fork", "1", *options]
        return Command(words, {"NODE_ENV": "production", "LOG_LEVEL": "warn"})

    return command


def _apollo_gateway(node: Node) -> Callable[[Path, int], Command]:
    program = str(NPM / "apollo-gateway.mjs")

    def command(supergraph: Path, port: int) -> Command:
        return Command([str(node.executable), program, str(supergraph), str(port)], {"NODE_ENV": "production"})

    return command


def _hive_router(program: str) -> Callable[[Path, int], Command]:
    def command(supergraph: Path, port: int) -> Command:
        config = f"http: {{host: 127.0.0.1, port: {port}}}\nsupergraph: {{source: file, path: {supergraph}}}\n"
        return Command([program], {"ROUTER_CONFIG_FILE_PATH": "router.config.yaml"}, {"router.config.yaml": config})

    return command


def _grafbase(program: str) -> Callable[[Path, int], Command]:
    def command(supergraph: Path, port: int) -> Command:
        return Command([program, "--schema", str(supergraph), "--listen-address", f"127.0.0.1:{port}"])

    return command


def _any_other(line: str) -> Callable[[Path, int], Command]:
    def command(supergraph: Path, port: int) -> Command:
        return Command([word.format(supergraph=supergraph, port=port) for word in shlex.split(line)])

    return command


SHARES = "shares identical requests in flight"


OURS = Gateway("trevo", _trevo)


def gateways(node: Node) -> list[Gateway]:
    """All that this machine can run, ours first."""
    found = [
        OURS,
        Gateway("Hive Gateway, Rust planner", _hive_gateway(node, "--hive-router-runtime"), SHARES),
        Gateway("Hive Gateway", _hive_gateway(node), SHARES),
        Gateway("Apollo Gateway", _apollo_gateway(node)),
    ]
    if program := os.environ.get("HIVE_ROUTER"):
        found.insert(1, Gateway("Hive Router", _hive_router(program)))
    if program := os.environ.get("GRAFBASE"):
        found.insert(1, Gateway("Grafbase", _grafbase(program), SHARES))
    if line := os.environ.get("OTHER_GATEWAY"):
        found.append(Gateway(Path(shlex.split(line)[0]).name, _any_other(line)))
    return found
