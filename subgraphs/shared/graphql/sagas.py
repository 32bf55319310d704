"""What waits for another domain for too long, in the graph: `<domain>StuckSagas` and `resume<Domain>Saga`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Self

import strawberry

from subgraphs.shared import sagas as verbs
from subgraphs.shared.fresh_proof import require_fresh_proof
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.cost import PAGED, sized
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.paging import First, page_request
from subgraphs.shared.graphql.proposals import REASON_DESCRIPTION
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.proposals import check_reason
from subgraphs.shared.refusal import FreshProofRequired, NotStuck
from subgraphs.shared.sagas import Resume, Sagas, Stuck
from subgraphs.shared.scopes import ADMIN

FRESH_PROOF = timedelta(minutes=5)
"""As fresh as for a dead letter that is delivered again."""


@strawberry.federation.type(shareable=True, description="Something that waits too long for another domain's answer.")
class StuckSaga:
    id: strawberry.ID = strawberry.field(description="Of what waits: an investment, a payment, a CPR or the like.")
    what: str = strawberry.field(description="What waits, in the domain's own word.")
    waits_for: list[str] = strawberry.field(
        description="The types of events of which one would end it.", directives=[sized(2)]
    )
    since: datetime = strawberry.field(description="Since when it waits.")

    @classmethod
    def of(cls, stuck: Stuck) -> Self:
        return cls(id=strawberry.ID(str(stuck.id)), what=stuck.what, waits_for=list(stuck.waits_for), since=stuck.since)


@strawberry.federation.type(shareable=True, description="What waits too long, the longest first.")
class StuckSagaList:
    nodes: list[StuckSaga] = strawberry.field(description="At most as many as were asked for.")
    has_more: bool = strawberry.field(description="Whether others wait as well.")


@strawberry.input(description="What is to be set going again, and why.")
class ResumeSagaInput:
    id: strawberry.ID = strawberry.field(description="Of what waits, as the list has it.")
    what: str = strawberry.field(description="What waits, as the list names it.")
    reason: str = strawberry.field(description=REASON_DESCRIPTION)


def with_stuck_sagas(query: type, sagas: Sagas) -> type:
    """*query* with the field that lists what waits."""

    async def stuck(self: Any, info: Info, first: First = None) -> StuckSagaList:  # noqa: ARG001  # a root has no value
        page = page_request(first, None)
        async with info.context.read() as session:
            found: Sequence[Stuck] = await verbs.list_stuck(
                session, sagas, limit=page.limit, now=info.context.clock.now()
            )
        return StuckSagaList(nodes=[StuckSaga.of(one) for one in found[: page.first]], has_more=len(found) > page.first)

    field = strawberry.field(
        resolver=stuck,
        description="For administrators: what has waited for more than five minutes for another domain, the longest "
        "first.",
        directives=[PAGED],
    )
    return strawberry.type(type("Query", (query,), {f"{sagas.domain}_stuck_sagas": field}))


def with_resuming(mutations: type, sagas: Sagas) -> type:
    """*mutations* with the field that sets going again what waits."""

    async def resume(self: Any, info: Info, input: ResumeSagaInput) -> StuckSaga:  # noqa: ARG001  # a root has no value
        context = info.context
        actor = context.require(ADMIN)
        require_fresh_proof(actor, within=FRESH_PROOF)
        command = Resume(what=input.what, id=require_id(input.id), reason=check_reason(input.reason))
        async with context.begin() as session:
            return StuckSaga.of(await verbs.resume(session, sagas, command, actor=actor, now=context.clock.now()))

    field = mutation(
        NotStuck,
        FreshProofRequired,
        description="For administrators: say again what was asked of the other domain, and have its answer said again. "
        "Nothing is done twice by it, however often it is asked for. Written down.",
        result_name="ResumeSagaResult",
    )(resume)
    return strawberry.type(type("Mutation", (mutations,), {f"resume_{sagas.domain}_saga": field}))
