"""
The router's command line.

    trevo serve [--supergraph FILE] [--host HOST] [--port PORT]     other settings from the environment
    trevo check --supergraph FILE                                   can it be served? nothing is started
    trevo settings [--json-schema]                                  all that can be set, with defaults and meaning
    trevo explain {graph,paths,steps,plan,projection,cost} FILE --supergraph FILE [--label LABEL]…
                  [--variables JSON]
"""

import argparse
import json
import sys
from pathlib import Path

from trevo import __version__
from trevo.core.describe_settings import describe_settings
from trevo.core.settings import Settings
from trevo.explain import STAGES, ExplainError, explain
from trevo.main import serve
from trevo.planner import PlanningError
from trevo.supergraph import SupergraphError, load_supergraph


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="trevo", description="The federation router.")
    parser.add_argument("--version", action="version", version=f"trevo {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="run the router; other settings come from the environment")
    serving.add_argument("--supergraph", type=Path, help="the supergraph file, watched for changes")
    serving.add_argument("--host")
    serving.add_argument("--port", type=int)
    checking = commands.add_parser("check", help="say whether a supergraph, and the environment, can be served")
    checking.add_argument("--supergraph", type=Path, required=True)
    listing = commands.add_parser("settings", help="list all that can be set")
    listing.add_argument("--json-schema", action="store_true", help="as a JSON Schema")
    explaining = commands.add_parser("explain", help="show a stage of an operation's way through the router")
    explaining.add_argument("stage", choices=STAGES)
    explaining.add_argument("operation", type=Path, help="a file with one operation, - for standard input")
    explaining.add_argument("--supergraph", type=Path, required=True)
    explaining.add_argument("--label", action="append", default=[], help="an active label of progressive overrides")
    explaining.add_argument("--variables", default="{}", help="the variables as JSON, for the cost")
    chosen = parser.parse_args(arguments)
    return COMMANDS[chosen.command](chosen)


def _serve(chosen: argparse.Namespace) -> int:
    given = {"supergraph_path": chosen.supergraph, "host": chosen.host, "port": chosen.port}
    try:
        serve(Settings(**{name: value for name, value in given.items() if value is not None}))
    except (OSError, ValueError, SupergraphError) as error:
        print(f"The router cannot start: {error}", file=sys.stderr)
        return 1
    return 0


def _check(chosen: argparse.Namespace) -> int:
    try:
        Settings()
        supergraph = load_supergraph(chosen.supergraph.read_text("utf-8"))
    except (OSError, ValueError, SupergraphError) as error:
        print(f"This cannot be served: {error}", file=sys.stderr)
        return 1
    print(f"It can be served: {len(supergraph.subgraphs)} subgraphs.")
    for name, url in sorted(supergraph.subgraphs.items()):
        print(f"  {name}  {url or '(no address: name one in ROUTER_SUBGRAPH_URLS)'}")
    return 0


def _settings(chosen: argparse.Namespace) -> int:
    if chosen.json_schema:
        print(json.dumps(Settings.model_json_schema(), indent=2))
    else:
        print("\n".join(map(str, describe_settings())))
    return 0


def _explain(chosen: argparse.Namespace) -> int:
    try:
        supergraph = load_supergraph(chosen.supergraph.read_text())
        text = sys.stdin.read() if str(chosen.operation) == "-" else chosen.operation.read_text()
        variables = json.loads(chosen.variables)
        if not isinstance(variables, dict):
            raise ExplainError("The variables must be a JSON object.")
        print(explain(chosen.stage, supergraph, text, frozenset(chosen.label), variables))
    except json.JSONDecodeError as error:
        print(f"The variables are not JSON: {error}", file=sys.stderr)
        return 1
    except (OSError, SupergraphError, ExplainError, PlanningError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


COMMANDS = {"serve": _serve, "check": _check, "settings": _settings, "explain": _explain}


if __name__ == "__main__":
    sys.exit(main())
