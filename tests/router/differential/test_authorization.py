"""
Random rules about who may ask, random people, random operations: one router for all of them, in any order.

    pytest tests/router/differential/test_authorization.py --fuzz 2000

- Nobody is answered with a field that they may not have, told by what the plain schema visits for the operation.
- No subgraph is asked for one; but for keys, which the router needs itself.
- The answer is that of the plain schema, with null and an error where something was left out.
- Whoever may have everything gets the answer that there is without rules.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import orjson
import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    execute_sync,
    get_named_type,
    is_abstract_type,
    parse,
    visit,
)

from tests.router.auth.test_identity import AUDIENCE, ISSUER, key_set, token
from tests.router.differential.add_rules import EVERYBODY, POLICIES, Person, Rules, add_rules, draw_people
from tests.router.differential.ask import ask
from tests.router.differential.cases import Cases
from tests.router.differential.compare import differences
from tests.router.differential.make_operation import Operation, make_operation
from tests.router.differential.run_case import WIDE, Bench
from tests.router.differential.store import Below, root_of
from tests.router.differential.subgraph import Subgraph, plain_resolver
from tests.router.operation_tree import print_tree, tree_of
from trevo.clients.subgraph_client import SubgraphRequest
from trevo.config.settings import Settings
from trevo.gateway.router import Router
from trevo.main import plan_with_planner
from trevo.operation.leave_out import Allowed, leave_out, rule_of_operation
from trevo.operation.tree import Operation as Tree
from trevo.supergraph import Supergraph, load_supergraph
from trevo.supergraph.authorization import Asker, failing

CASES_IN_SUITE = 60
CASES_PER_WORLD = 3

UNAUTHORIZED = "UNAUTHORIZED_FIELD_OR_TYPE"


async def publish() -> dict[str, Any]:
    return key_set("EdDSA")


@dataclass
class Guarded:
    """A world with rules, and a router that keeps them."""

    bench: Bench
    rules: Rules
    supergraph: Supergraph
    router: Router
    asked: list[tuple[Subgraph, SubgraphRequest]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def drawn(cls, world_seed: int) -> "Guarded":
        bench = Bench.drawn(world_seed)
        text, rules = add_rules(bench.supergraph, random.Random(f"rules {world_seed}"))
        asked: list[tuple[Subgraph, SubgraphRequest]] = []
        clients = {name: _listening(each, asked) for name, each in bench.subgraphs.items()}
        settings = Settings(limits=WIDE, active_override_labels=bench.labels, issuer=ISSUER, audience=AUDIENCE)
        router = Router(
            settings,
            supergraph_text=text,
            clients=clients,
            key_source=publish,
            policies={name: partial(_says_yes, name) for name in POLICIES},
            make_planner=plan_with_planner,
        )
        return cls(bench, rules, load_supergraph(text), router, asked)

    async def close(self) -> None:
        await self.router.stop()
        await self.bench.close()

    # --- one operation of one person ---

    async def problems(self, operation: Operation, person: Person) -> list[str]:
        self.asked.clear()
        self.bench.store.mutations = 0
        for subgraph in self.bench.subgraphs.values():
            subgraph.violations.clear()
        body = await ask(self.router, operation.text, operation.variables, _headers(person))
        allowed = self._allowed(operation, person)
        found = [text for each in self.bench.subgraphs.values() for text in each.violations]
        found += self._shown(operation, person, body)
        found += self._asked_for(person)
        if person is EVERYBODY:
            assert not allowed.left_out
            return found + differences(self.bench.answer_plainly(operation), body)
        if "data" not in body:
            is_lost = "subscription" in operation.text and not allowed.asked.selections.items
            return found if is_lost else [*found, f"the router refuses: {body['errors'][0]['message']}"]
        return found + differences(self._answer_as_written(operation, allowed), body)

    def _allowed(self, operation: Operation, person: Person) -> Allowed:
        given = (self.supergraph.authorization, self.supergraph.public_schema, tree_of(operation.text))
        rule = rule_of_operation(*given)
        return leave_out(*given, failing(rule, Asker(person.is_signed_in, person.scopes, person.policies)))

    def _answer_as_written(self, operation: Operation, allowed: Allowed) -> dict[str, Any]:
        """The plain schema's answer, with an error for whatever is denied."""
        self.bench.store.mutations = 0
        plain = plain_resolver(self.bench.store)

        def resolve(below: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
            if all(any(each.name.value == "denied" for each in node.directives or ()) for node in info.field_nodes):
                raise GraphQLError(UNAUTHORIZED)
            return plain(below, info, **arguments)

        result = execute_sync(
            self.bench.schema,
            _as_document(operation, allowed.written),
            Below(root_of(parse(operation.text))),
            variable_values=operation.variables,
            field_resolver=resolve,
            type_resolver=lambda below, *_: below.thing.type_name,
        )
        return dict(orjson.loads(orjson.dumps(result.formatted)))

    # --- what must not be ---

    def _shown(self, operation: Operation, person: Person, body: dict[str, Any]) -> Iterator[str]:
        """Whatever the plain schema visits and *person* may not have is null in *body*, or lies below a null."""
        visited: list[tuple[tuple[Any, ...], str, str, str]] = []
        plain = plain_resolver(self.bench.store)

        def resolve(below: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
            returned = get_named_type(info.return_type).name
            visited.append((tuple(info.path.as_list()), info.parent_type.name, info.field_name, returned))
            return plain(below, info, **arguments)

        document = parse(operation.text)
        execute_sync(
            self.bench.schema,
            document,
            Below(root_of(document)),
            variable_values=operation.variables,
            field_resolver=resolve,
            type_resolver=lambda below, *_: below.thing.type_name,
        )
        for path, type_name, field_name, returned in visited:
            if self.rules.let(person, type_name, field_name, returned):
                self._count("may")
            elif _at(body.get("data"), path) is not None:
                yield f"{person.name} is shown {type_name}.{field_name} at {path}"
            else:
                self._count("may not")

    def _asked_for(self, person: Person) -> Iterator[str]:
        for subgraph, request in self.asked:
            info = TypeInfo(subgraph.schema)
            found: list[tuple[str, str, str]] = []

            class Fields(Visitor):
                def enter_field(self, node: FieldNode, *_: Any, info: TypeInfo = info, found: Any = found) -> None:
                    parent, returned = info.get_parent_type(), info.get_type()
                    assert parent
                    assert returned
                    names = [parent.name]
                    if is_abstract_type(parent):
                        names += [each.name for each in info._schema.get_possible_types(parent)]
                    found += [(name, node.name.value, get_named_type(returned).name) for name in names]

            visit(parse(request.document), TypeInfoVisitor(info, Fields()))
            for type_name, field_name, returned in found:
                is_ours = type_name not in self.bench.world.types or field_name in {"__typename", "_entities"}
                if is_ours or field_name in self._names_in_keys():
                    continue
                if not self.rules.let(person, type_name, field_name, returned):
                    yield f"{subgraph.name} is asked for {type_name}.{field_name} for {person.name}"

    def _names_in_keys(self) -> set[str]:
        texts = [key.fields for each in self.bench.world.types.values() for keys in each.keys.values() for key in keys]
        return {name for text in texts for name in text.replace("{", " ").replace("}", " ").split()}

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1


def _listening(subgraph: Subgraph, asked: list[tuple[Subgraph, SubgraphRequest]]) -> Any:
    client = subgraph.client()
    fetch, listen = subgraph.answer, subgraph.listen

    async def answer(request: SubgraphRequest) -> Any:
        asked.append((subgraph, request))
        return await fetch(request)

    def events(request: SubgraphRequest) -> Any:
        asked.append((subgraph, request))
        return listen(request)

    return type(client)(subgraph.name, answer, events)


def _headers(person: Person) -> dict[str, str]:
    headers = {"x-policies": " ".join(person.policies)}
    if person.is_signed_in:
        headers["authorization"] = f"Bearer {token(scope=' '.join(sorted(person.scopes)), sub=person.name)}"
    return headers


async def _says_yes(name: str, request: Any) -> bool:
    return name in request.headers["x-policies"].split()


def _as_document(operation: Operation, written: Tree) -> DocumentNode:
    """The text of *operation* with the selections of *written*."""
    document = parse(operation.text)
    (query,) = parse(f"{{ {print_tree(written.selections)} }}", allow_empty_selection_sets=True).definitions
    assert isinstance(query, OperationDefinitionNode)
    return DocumentNode(
        definitions=tuple(
            replace(node, selection_set=query.selection_set) if isinstance(node, OperationDefinitionNode) else node
            for node in document.definitions
        )
    )


def _at(data: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        if data is None or (isinstance(data, dict) and part not in data):
            return None
        data = data[part]
    return data


@pytest.mark.timeout(0)
async def test_nobody_gets_what_they_may_not_have_and_everybody_what_they_may(cases: Cases) -> None:
    guarded: Guarded | None = None
    findings: list[str] = []
    counts: dict[str, int] = {}
    for case in cases.numbers(CASES_IN_SUITE):
        world_seed = cases.seed * 1_000_000 + case // CASES_PER_WORLD
        if guarded is None or guarded.bench.world.seed != world_seed:
            if guarded is not None:
                await guarded.close()
            guarded = Guarded.drawn(world_seed)
            guarded.counts = counts
        operation = make_operation(guarded.bench.schema, f"{cases.seed} {case}")
        for person in [*draw_people(random.Random(f"people {cases.seed} {case}")), EVERYBODY]:
            problems = await guarded.problems(operation, person)
            if problems:
                replay = cases.replay("test_authorization.py", case)
                findings.append(
                    "\n".join([replay, *problems[:5], f"{person}", operation.text, str(operation.variables)])
                )
    if guarded is not None:
        await guarded.close()
    assert findings == [], "\n\n".join(findings[:5])
    if cases.case is None:
        # So that the test still tests something when the draw changes.
        assert min(counts["may"], counts["may not"]) > 5 * len(cases.numbers(CASES_IN_SUITE)), counts
