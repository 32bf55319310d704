"""
How a subgraph's schema is made: one function, so that caches, limits, closed doors and masking are the same in all.

The doors are closed by default: a root field that is not named in *public_fields* needs a verified token, a
subscription always does, and so does `_entities` for types not named in *public_entities* (their `resolve_references`
sees an anonymous asker).
"""

from collections.abc import Callable, Iterable, Mapping
from inspect import isawaitable
from typing import Any, Final

from graphql import get_nullable_type
from strawberry.schema.config import StrawberryConfig

from subgraphs.shared.graphql.arguments import refuse_unstorable_texts
from subgraphs.shared.graphql.context import Context
from subgraphs.shared.graphql.describe import describe
from subgraphs.shared.graphql.door import AtTheDoor
from subgraphs.shared.graphql.entities import FederatedSchema
from subgraphs.shared.graphql.giving_way import GivingWay
from subgraphs.shared.graphql.guarded import Guarded
from subgraphs.shared.graphql.scalars import SCALARS
from subgraphs.shared.scopes import ONESELF, ROOTS

FEDERATION_VERSION: Final = "2.9"
"""The newest that the composer accepts."""

FEDERATIONS_OWN = frozenset({"_service", "_entities"})
"""Root fields whose types the federation specification gives."""

ALWAYS_OPEN = frozenset({"_service", "__schema", "__type", "__typename"})


def make_schema(
    *,
    query: type,
    mutation: type | None = None,
    subscription: type | None = None,
    types: Iterable[type] = (),
    public_fields: Iterable[str] = (),
    money_leaves_by: Iterable[str] = (),
    root_scopes: Mapping[str, tuple[str, ...]] = ROOTS,
) -> FederatedSchema:
    """
    A federated schema of one domain.

    Name every entity in *types*: one that is reachable only through a union would be left out of `_entities`.
    *public_fields* are the root fields (GraphQL names) that need no token. `_entities` is decided per type, in
    `resolve_references`. *money_leaves_by* are the mutations by which money, or a way to it, leaves somebody's hands:
    they go on only when it is certain, at this moment, that the account and the session are in good standing.

    Every other root field is opened by the scopes that *root_scopes* names. Raises KeyError for one that it does not.
    """
    schema = FederatedSchema(
        query=query,
        mutation=mutation,
        subscription=subscription,
        types=types,
        federation_version=FEDERATION_VERSION,
        config=StrawberryConfig(scalar_map=SCALARS),
        extensions=[AtTheDoor],
        execution_context_class=GivingWay,
    )
    refuse_unstorable_texts(schema._schema)  # noqa: SLF001  # Strawberry keeps the graphql-core schema there
    _ask_for_standing(schema, frozenset(money_leaves_by))
    _close_root_fields(schema, frozenset(public_fields) | ALWAYS_OPEN, root_scopes)
    _let_root_fields_be_null(schema)
    describe(schema._schema)  # noqa: SLF001  # as above
    return schema


def _ask_for_standing(schema: FederatedSchema, names: frozenset[str]) -> None:
    schema.money_leaves_by = names
    mutations = schema._schema.mutation_type  # noqa: SLF001  # as above
    for name in names:
        assert mutations is not None  # noqa: S101  # a name that is no mutation's is our mistake
        definition = mutations.fields[name]
        definition.resolve = _in_good_standing_only(definition.resolve)


def _in_good_standing_only(resolve: Callable[..., Any] | None) -> Callable[..., Any]:
    async def careful(source: Any, info: Any, **arguments: Any) -> Any:
        await info.context.require_current()
        assert resolve is not None  # noqa: S101  # Strawberry gives every field a resolver
        result = resolve(source, info, **arguments)
        return await result if isawaitable(result) else result

    return careful


def _let_root_fields_be_null(schema: FederatedSchema) -> None:
    """
    Make every root field of queries and mutations nullable, whatever its resolver promises.

    In a federation an operation's root fields belong to different domains. Where one of them must not be null, its
    failure takes away what all the others have answered: a screen, or the answer to a payment that was made.
    """
    core = schema._schema  # noqa: SLF001  # Strawberry keeps the graphql-core schema there
    for root in (core.query_type, core.mutation_type):
        for name, definition in root.fields.items() if root is not None else ():
            if name not in FEDERATIONS_OWN:
                definition.type = get_nullable_type(definition.type)


def _close_root_fields(
    schema: FederatedSchema, public: frozenset[str], root_scopes: Mapping[str, tuple[str, ...]]
) -> None:
    core = schema._schema  # noqa: SLF001  # Strawberry keeps the graphql-core schema there
    for root in (core.query_type, core.mutation_type):
        fields = root.fields.items() if root is not None else ()
        for name, definition in fields:
            if name not in public | {"_entities"}:
                resolve = _for_oneself(definition.resolve) if name in ONESELF else definition.resolve
                definition.resolve = _opened_by(root_scopes[name], resolve)
    if core.subscription_type is not None:
        for name, definition in core.subscription_type.fields.items():
            definition.subscribe = _opened_by(root_scopes[name], definition.subscribe)


def _for_oneself(resolve: Callable[..., Any] | None) -> Callable[..., Any]:
    def own(source: Any, info: Any, **arguments: Any) -> Any:
        info.context.require_oneself()
        assert resolve is not None  # noqa: S101  # Strawberry gives every field a resolver
        return resolve(source, info, **arguments)

    return own


def _opened_by(scopes: tuple[str, ...], resolve: Callable[..., Any] | None) -> Callable[..., Any]:
    assert resolve is not None  # noqa: S101  # Strawberry gives every field a resolver

    def require(context: Context) -> None:
        context.require(*scopes)

    return Guarded(resolve, of_asker=require)
