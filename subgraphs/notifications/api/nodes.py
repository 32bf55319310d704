"""
`node` and `nodes`: anything by its id alone.

An id does not say what it is of, and only the domain whose it is knows. So the domains are asked, at once and each with
one request for all ids of an operation (`_entities`, as a router asks it): which of these are yours, and for this asker
to see?

    node(id) ─┬─ accounts, credit, … : _entities(every type of theirs, by this id) { __typename }
              └─ the one that knows it ──► its type and key, which the router goes on from

What an id is of never changes, so the next time its domain alone is asked. It always is: who asks may be another.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry.federation.schema_directives import Cost

from subgraphs.notifications.api.context import Context, Info
from subgraphs.notifications.api.types.notification import Notification
from subgraphs.notifications.api.types.owned import OWNED
from subgraphs.notifications.ports.owners import ANSWER_SECONDS, OwnerUnavailable
from subgraphs.shared.correlation import CORRELATION_HEADER, TRACEPARENT_HEADER, correlation_id, traceparent
from subgraphs.shared.graphql.cost import sized
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.graphql.scalars import parse_id
from subgraphs.shared.subgraph import GraphQLRequest

NODES_MAX = 100
"""Ids of one `nodes`, and of one question: with each type of a domain, fewer than its `_entities` takes."""
QUESTION = "query ($asked: [_Any!]!) { _entities(representations: $asked) { __typename } }"

HERE = "notifications"
FORBIDDEN = "FORBIDDEN"
"""A domain's answer to a token that opens nothing there: then nothing of it is the asker's to see."""


class NodeUnknown(GraphQLError):
    """A domain that could have said so does not answer, and none of the others has it."""

    def __init__(self) -> None:
        super().__init__(
            "It cannot be found out at the moment what this id is of; try again shortly.",
            extensions={"code": "SERVICE_UNAVAILABLE"},
        )


@dataclass
class Found:
    """What came of a look for ids."""

    nodes: dict[UUID, Any] = field(default_factory=dict)
    """What stands here for what the asker sees: a notification, or another domain's entity by its key."""
    unanswered: set[UUID] = field(default_factory=set)
    """Those about which a domain has not answered."""

    def node(self, node_id: UUID) -> Any:
        """What *node_id* is of, None where that is nothing, or the fault."""
        if node_id in self.nodes:
            return self.nodes[node_id]
        return NodeUnknown() if node_id in self.unanswered else None


async def nodes_by_id(context: Context, ids: list[UUID]) -> Sequence[Any]:
    """Each id's thing, None, or NodeUnknown. Every domain that may have some of *ids* is asked, at the same time."""
    found = Found()
    asked: dict[str, list[UUID]] = {domain: [] for domain in OWNED}
    for node_id in ids:
        known = context.services.domains_by_id.get(node_id)
        for domain in OWNED if known is None else (known,):
            asked[domain].append(node_id)
    batches = [
        _ask(context, domain, of_domain[start : start + NODES_MAX], found)
        for domain, of_domain in asked.items()
        for start in range(0, len(of_domain), NODES_MAX)
    ]
    await asyncio.gather(*batches)
    return [found.node(node_id) for node_id in ids]


async def _ask(context: Context, domain: str, ids: Sequence[UUID], found: Found) -> None:
    """Put what *domain* says of *ids* into *found*."""
    asked = [(node_id, type_) for node_id in ids for type_ in OWNED[domain]]
    if domain == HERE:
        answers: Sequence[Any] = await Notification.shown(context, ids)
    else:
        answers = await _asked_there(context, domain, asked)
    for (node_id, type_), answer in zip(asked, answers, strict=True):
        if isinstance(answer, OwnerUnavailable):
            found.unanswered.add(node_id)
        elif answer:
            found.nodes[node_id] = answer if domain == HERE else type_(id=strawberry.ID(str(node_id)))
            context.services.domains_by_id.put(node_id, domain)


async def _asked_there(context: Context, domain: str, asked: Sequence[tuple[UUID, Any]]) -> Sequence[Any]:
    """For each of *asked* whether *domain* shows it: what it answers, None, or OwnerUnavailable."""
    request = GraphQLRequest(
        query=QUESTION,
        variables={"asked": [{"__typename": type_.__name__, "id": str(node_id)} for node_id, type_ in asked]},
        headers=_headers(context),
        deadline_seconds=ANSWER_SECONDS,
    )
    try:
        answer = await context.services.owners.ask(domain, request)
    except OwnerUnavailable as unavailable:
        return [unavailable] * len(asked)
    errors = answer.get("errors") or []
    shown = (answer.get("data") or {}).get("_entities")
    if shown is None or len(shown) != len(asked):
        if errors and all(error["extensions"]["code"] == FORBIDDEN for error in errors):
            return [None] * len(asked)
        return [OwnerUnavailable(f"{domain} has not answered")] * len(asked)
    answers = list(shown)
    for error in errors:  # about one of them, or about what is asked of it
        answers[error["path"][1]] = OwnerUnavailable(f"{domain} has not answered")
    return answers


def _headers(context: Context) -> dict[str, str]:
    headers = {
        "authorization": f"Bearer {context.identity.token}",
        CORRELATION_HEADER: correlation_id.get(),
        TRACEPARENT_HEADER: traceparent.get(),
    }
    return {name: text for name, text in headers.items() if text is not None}


@strawberry.type
class NodeFields:
    """The two root fields, for the domain's `Query`."""

    @strawberry.field(
        description="Anything that one may see, by its id: null for what is not to be seen as for what is not there.",
        directives=[Cost(weight=20)],
    )
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The `id` of any type that is a `Node`.")],
    ) -> Node | None:
        (found,) = await _find(info, [id])
        if isinstance(found, NodeUnknown):
            raise found
        return found  # type: ignore[no-any-return]  # one of many types

    @strawberry.field(
        description=f"As `node`, for up to {NODES_MAX} ids: one for each, in their order.",
        directives=[sized(NODES_MAX)],
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description=f"Up to {NODES_MAX}; one may come twice.")],
    ) -> list[Node | None]:
        if len(ids) > NODES_MAX:
            raise GraphQLError(f"`ids` takes at most {NODES_MAX}", extensions={"code": "BAD_USER_INPUT"})
        return await _find(info, ids)


async def _find(info: Info, ids: Sequence[str]) -> list[Any]:
    """One for each of *ids*; what cannot be an id is nothing's."""
    node_ids = [parse_id(each) for each in ids]
    asked = [node_id for node_id in node_ids if node_id is not None]
    found = dict(zip(asked, await info.context.loader(nodes_by_id).load_many(asked), strict=True))
    return [None if node_id is None else found[node_id] for node_id in node_ids]
