"""
What our plans for the audit's cases cost, beside those of the best planner known.

`reference_plans.json` has, for each case of a suite, the requests and the waves in which they are made in
the plan of `@graphql-hive/router-query-planner` 0.0.38: `4/3` is four requests in three waves, `err` a refusal.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from graphql import OperationDefinitionNode, parse, validate

from trevo.operation.tree import build_tree
from trevo.planner import Planner
from trevo.supergraph import load_supergraph

REFERENCE = Path(__file__).with_name("reference_plans.json")


@dataclass
class Comparison:
    """The cases whose plans differ in cost, a line for each."""

    better: list[str] = field(default_factory=list)
    worse: list[str] = field(default_factory=list)


def compare_plans(suite: str, supergraph_text: str, queries: Sequence[str]) -> Comparison:
    """Where our plans for *queries*, the cases of *suite*, need fewer or more requests or waves than the reference."""
    supergraph = load_supergraph(supergraph_text)
    planner = Planner(supergraph)
    reference = json.loads(REFERENCE.read_text("utf-8")).get(suite, "").split()
    found = Comparison()
    for number, (query, other) in enumerate(zip(queries, reference, strict=False)):
        document = parse(query, no_location=True)
        if other == "err" or validate(supergraph.public_schema, document):
            continue
        operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
        plan = planner.plan(build_tree(document, operation))
        requests, waves = map(int, other.split("/"))
        line = f"{suite} {number}: {plan.fetch_count}/{plan.wave_count}, the reference {other}"
        if plan.fetch_count > requests or plan.wave_count > waves:
            found.worse.append(line)
        elif plan.fetch_count < requests or plan.wave_count < waves:
            found.better.append(line)
    return found
