"""What is kept of an operation between requests."""

import gc
import weakref

import pytest
from graphql import OperationDefinitionNode, build_schema, parse

from trevo.door.cost import CostRules
from trevo.gateway.prepared import PreparedOperation
from trevo.supergraph.authorization import AuthorizationRules
from trevo.supergraph.cache_control import CacheRules
from trevo.supergraph.public_schema import with_defer

SCHEMA = with_defer(build_schema("type Query { me(first: Int): User } type User { id: ID! name: String }"))


@pytest.mark.parametrize(
    ("text", "keeps"),
    [
        ("query ($n: Int) { me(first: $n) { id ...F } } fragment F on User { name }", False),
        ("{ me { id ... @defer(if: false) { name } } }", False),
        # What is deferred is decided by the values of a request, each time from what was written.
        ("query ($now: Boolean!) { me { id ... @defer(if: $now) { name } } }", True),
        ("{ me { id ... @defer { name } } }", True),
    ],
)
def test_what_was_written_is_kept_where_something_may_be_deferred(text: str, *, keeps: bool) -> None:
    document = parse(text, no_location=True)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    kept = PreparedOperation(
        SCHEMA, CostRules(), AuthorizationRules(), document, operation, cache_rules=CacheRules(), key=text
    )
    syntax = weakref.ref(operation.selection_set.selections[0])
    del document, operation
    gc.collect()
    assert (syntax() is not None) == keeps
    assert kept.whole.asked is kept.tree
