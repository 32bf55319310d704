"""
The router's command line.

    python -m trevo serve [--supergraph FILE] [--host HOST] [--port PORT]      other settings from the environment
    python -m trevo explain {graph,paths,steps,plan,projection,cost} FILE --supergraph FILE [--label LABEL]…
                             [--variables JSON]
"""

import argparse
import json
import sys
from pathlib import Path

from trevo.core.settings import Settings
from trevo.explain import STAGES, ExplainError, explain
from trevo.main import serve
from trevo.planner import PlanningError
from trevo.supergraph import SupergraphError, load_supergraph


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="trevo", description="The federation router.")
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="run the router; other settings come from the environment")
    serving.add_argument("--supergraph", type=Path, help="the supergraph file, watched for changes")
    serving.add_argument("--host")
    serving.add_argument("--port", type=int)
    explaining = commands.add_parser("explain", help="show a stage of an operation's way through the router")
    explaining.add_argument("stage", choices=STAGES)
    explaining.add_argument("operation", type=Path, help="a file with one operation, - for standard input")
    explaining.add_argument("--supergraph", type=Path, required=True)
    explaining.add_argument("--label", action="append", default=[], help="an active label of progressive overrides")
    explaining.add_argument("--variables", default="{}", help="the variables as JSON, for the cost")
    chosen = parser.parse_args(arguments)
    if chosen.command == "serve":
        return _serve(chosen)
    return _explain(chosen)


def _serve(chosen: argparse.Namespace) -> int:
    given = {"supergraph_path": chosen.supergraph, "host": chosen.host, "port": chosen.port}
    try:
        serve(Settings(**{name: value for name, value in given.items() if value is not None}))
    except (OSError, ValueError, SupergraphError) as error:
        print(f"The router cannot start: {error}", file=sys.stderr)
        return 1
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


if __name__ == "__main__":
    sys.exit(main())
