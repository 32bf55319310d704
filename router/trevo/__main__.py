"""
The router's command line.

    trevo serve [--config FILE] [--supergraph FILE] [--host HOST] [--port PORT] [--workers N]
    trevo check [--config FILE] [--supergraph FILE]     can it be served? nothing is started
    trevo settings [--json-schema | --yaml]             all that can be set, with defaults and meaning
    trevo explain {graph,paths,steps,plan,projection,code,cost} FILE --supergraph FILE [--label LABEL]…
                  [--variables JSON] [--anonymous | --scopes "SCOPE…"] [--policy NAME]…
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from trevo import __version__
from trevo.auth.policies import Policy, load_policies
from trevo.config.describe_config import config_schema, config_with_everything
from trevo.config.describe_settings import describe_settings
from trevo.config.load_settings import load_settings, unknown_variables
from trevo.config.settings import Settings
from trevo.config.subgraph_tls import TlsContexts
from trevo.errors import RequestRefused
from trevo.explain import STAGES, ExplainError, explain
from trevo.extensions.load import load_extensions
from trevo.main import serve
from trevo.operation.parse import read_valid_document
from trevo.persisted.manifest import Manifest, hash_of, read_manifests_of
from trevo.planner import PlanningError
from trevo.supergraph import Supergraph, SupergraphError, load_supergraph
from trevo.supergraph.authorization import Asker, AuthorizationRules
from trevo.supergraph.public_schema import with_defer
from trevo.workers.shares import share_of
from trevo.workers.supervisor import supervise


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="trevo", description="The federation router.")
    parser.add_argument("--version", action="version", version=f"trevo {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="run the router; other settings: the environment, then the file")
    serving.add_argument("--config", type=Path, help="a configuration file (YAML)")
    serving.add_argument("--supergraph", type=Path, help="the supergraph file, watched for changes")
    serving.add_argument("--host")
    serving.add_argument("--port", type=int)
    serving.add_argument("--workers", type=int, help="processes that answer on the port")
    checking = commands.add_parser("check", help="say whether settings and supergraph can be served")
    checking.add_argument("--config", type=Path, help="a configuration file (YAML)")
    checking.add_argument("--supergraph", type=Path)
    listing = commands.add_parser("settings", help="list all that can be set")
    form = listing.add_mutually_exclusive_group()
    form.add_argument("--json-schema", action="store_true", help="as the JSON Schema of the configuration file")
    form.add_argument("--yaml", action="store_true", help="as a configuration file")
    explaining = commands.add_parser("explain", help="show a stage of an operation's way through the router")
    explaining.add_argument("stage", choices=STAGES)
    explaining.add_argument("operation", type=Path, help="a file with one operation, - for standard input")
    explaining.add_argument("--supergraph", type=Path, required=True)
    explaining.add_argument("--label", action="append", default=[], help="an active label of progressive overrides")
    explaining.add_argument("--variables", default="{}", help="the variables as JSON, for the cost")
    asker = explaining.add_mutually_exclusive_group()
    asker.add_argument("--scopes", help="for somebody with a token of these scopes, between spaces; there may be none")
    asker.add_argument("--anonymous", action="store_true", help="for somebody without a token")
    explaining.add_argument("--policy", action="append", default=[], help="a policy that says yes; the others say no")
    chosen = parser.parse_args(arguments)
    return COMMANDS[chosen.command](chosen)


def _serve(chosen: argparse.Namespace) -> int:
    names = {"supergraph": "supergraph_path", "host": "host", "port": "port", "workers": "workers"}
    given = {setting: value for name, setting in names.items() if (value := getattr(chosen, name)) is not None}
    try:
        settings = load_settings(chosen.config, **given)
        (serve if settings.workers == 1 else supervise)(settings)
    except (OSError, ValueError, SupergraphError) as error:
        print(f"The router cannot start: {error}", file=sys.stderr)
        return 1
    return 0


def _check(chosen: argparse.Namespace) -> int:
    try:
        settings = load_settings(chosen.config)
        share_of(settings, settings.workers)
        TlsContexts(settings.subgraph_tls)
        path = chosen.supergraph or settings.supergraph_path
        supergraph = None if path is None else load_supergraph(path.read_text("utf-8"))
        named = settings.authorization.policies
        policies = load_policies(named) if named else {}
        load_extensions(settings.extensions.load)
        manifest = read_manifests_of(settings)
    except (OSError, ValueError, SupergraphError) as error:
        print(f"This cannot be served: {error}", file=sys.stderr)
        return 1
    notes = list(unknown_variables(os.environ))
    if manifest is not None:
        print(f"The manifests have {len(manifest)} documents.")
    if supergraph is None:
        print("The settings can be used; no supergraph was named.")
    else:
        print(f"It can be served: {len(supergraph.subgraphs)} subgraphs.")
        for name, listed_url in sorted(supergraph.subgraphs.items()):
            url = settings.subgraph_urls.get(name) or listed_url
            print(f"  {name}  {url or '(no address: name one in subgraph_urls)'}")
        notes += _unknown_subgraphs(settings, supergraph.subgraphs)
        notes += _closed_doors(settings, supergraph.authorization, policies)
        notes += _unanswered(settings, supergraph, manifest)
    for note in notes:
        print(f"Note: {note}")
    return 0


def _closed_doors(settings: Settings, rules: AuthorizationRules, policies: Mapping[str, Policy]) -> Iterator[str]:
    """Rules that nobody could satisfy; a program that embeds the router may know better."""
    if rules and settings.jwks_url is None and not settings.issuers:
        yield "the supergraph has rules about who may ask; without jwks_url everybody is anonymous"
    if missing := rules.policies - policies.keys():
        yield f"the supergraph asks policies that authorization.policies does not have: {', '.join(sorted(missing))}"


def _unanswered(settings: Settings, supergraph: Supergraph, manifest: Manifest | None) -> Iterator[str]:
    """Documents of *manifest* that are not valid by *supergraph*: for an older or a newer graph."""
    schema = with_defer(supergraph.public_schema) if settings.defer else supergraph.public_schema
    for text in dict.fromkeys(manifest.texts.values()) if manifest else ():
        try:
            read_valid_document(schema, text, settings.limits)
        except RequestRefused as refusal:
            yield f"the graph does not answer the document {hash_of(text)}: {refusal}"


def _unknown_subgraphs(settings: Settings, known: Mapping[str, str]) -> Iterator[str]:
    """Settings for subgraphs that *known* does not have: for an older or a newer graph, or misspelt."""
    named: dict[str, Mapping[str, object]] = {
        "subgraph_urls": settings.subgraph_urls,
        "headers.subgraphs": settings.headers.subgraphs,
        "limits.subgraphs": settings.limits.subgraphs,
        "subgraph_tls.subgraphs": settings.subgraph_tls.subgraphs,
        "carriers.subgraphs": settings.carriers.subgraphs,
        "retries.subgraphs": settings.retries.subgraphs,
    }
    for setting, subgraphs in named.items() if known else ():
        for name in sorted(subgraphs.keys() - known.keys()):
            close = get_close_matches(name, known, n=1)
            meant = f"; did you mean '{close[0]}'?" if close else ""
            yield f"{setting} speaks of '{name}', which the supergraph does not have{meant}"


def _settings(chosen: argparse.Namespace) -> int:
    if chosen.json_schema:
        print(json.dumps(config_schema(), indent=2))
    elif chosen.yaml:
        print(config_with_everything(), end="")
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
        labels = frozenset(chosen.label)
        print(explain(chosen.stage, supergraph, text, labels, variables, asker=_asker(chosen)))
    except json.JSONDecodeError as error:
        print(f"The variables are not JSON: {error}", file=sys.stderr)
        return 1
    except (OSError, SupergraphError, ExplainError, PlanningError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _asker(chosen: argparse.Namespace) -> Asker | None:
    """Whom the operation is explained for; None: for whoever may have all of it."""
    if chosen.scopes is None and not chosen.anonymous and not chosen.policy:
        return None
    return Asker(chosen.scopes is not None, frozenset((chosen.scopes or "").split()), frozenset(chosen.policy))


COMMANDS = {"serve": _serve, "check": _check, "settings": _settings, "explain": _explain}


if __name__ == "__main__":
    sys.exit(main())
