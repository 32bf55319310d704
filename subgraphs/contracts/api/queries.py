"""Contracts' root fields."""

from datetime import datetime, time, timedelta
from typing import Annotated

import strawberry

from subgraphs.contracts.api import loaders
from subgraphs.contracts.api.types.cpr import CPR
from subgraphs.contracts.api.types.installment import Installment
from subgraphs.contracts.api.types.renegotiation import LateCPR, LateCPRPage, Renegotiation
from subgraphs.contracts.api.types.user import User
from subgraphs.contracts.crud import renegotiations
from subgraphs.shared.clock import BRASILIA, business_date
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.cost import PAGED
from subgraphs.shared.graphql.me import me_field
from subgraphs.shared.graphql.paging import After, Cursor, First, cut_page, page_request
from subgraphs.shared.graphql.scalars import require_id


@strawberry.type
class Query:
    me = me_field(User)

    @strawberry.field(description="A CPR of one's own, a registered one, or any for staff; null otherwise.")
    async def cpr(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID,
            strawberry.argument(
                description="The CPR's id; null comes for an unknown one, and for one that is not to be seen."
            ),
        ],
    ) -> CPR | None:
        row = await info.context.loader(loaders.cprs_by_id).load(require_id(id))
        return CPR.from_model(row) if row else None

    @strawberry.field(description="An installment of a CPR that one may see; null otherwise.")
    async def installment(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID,
            strawberry.argument(
                description="The installment's id; null comes for an unknown one, and for one that is not to be seen."
            ),
        ],
    ) -> Installment | None:
        row = await info.context.loader(loaders.installments_by_id).load(require_id(id))
        return Installment.from_model(row) if row else None

    @strawberry.field(description="A renegotiation that one may see; null otherwise.")
    async def renegotiation(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID,
            strawberry.argument(
                description="The renegotiation's id; null comes for an unknown one, and for one that is not to be seen."
            ),
        ],
    ) -> Renegotiation | None:
        row = await info.context.loader(loaders.renegotiations_by_id).load(require_id(id))
        return Renegotiation.from_model(row) if row else None

    @strawberry.field(
        name="lateCPRs",
        description="CPRs that are late enough to be renegotiated, the longest late first. Staff only.",
        directives=[PAGED],
    )
    async def late_cprs(self, info: Info, first: First = None, after: After = None) -> LateCPRPage:
        page, today = page_request(first, after), business_date(info.context.clock.now())
        async with info.context.read() as session:
            policy = await renegotiations.get_policy(session, today)
            found = await renegotiations.list_queue(
                session, page, last_day=today - timedelta(days=policy.late_days_min)
            )
        rows, page_info = cut_page(
            found, page, lambda row: Cursor(at=datetime.combine(row[1], time.min, tzinfo=BRASILIA), id=row[0].id)
        )
        shown = [(cpr, due_on) for cpr, due_on in rows if loaders.is_own_or_staff(info.context, cpr.farmer_id)]
        of_cprs = await info.context.loader(loaders.renegotiations_by_cpr).load_many([cpr.id for cpr, _ in shown])
        nodes = []
        for (cpr, due_on), made in zip(shown, of_cprs, strict=True):
            under_way = next((row for row in made if row.is_open), None)
            nodes.append(
                LateCPR(
                    cpr=CPR.from_model(cpr),
                    late_since=due_on,
                    days_late=(today - due_on).days,
                    renegotiation=Renegotiation.from_model(under_way) if under_way else None,
                )
            )
        return LateCPRPage(nodes=nodes, page_info=page_info)
