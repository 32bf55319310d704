"""
Parameters in the graph: the same fields for each domain that has some, named after it.

`walletParameters` shows what has been laid down, `walletParameterProposals` what is proposed; what changes it is
`proposeWalletParameters`,
`approveWalletParameters` and `rejectWalletParameters`, by two of the staff.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Self

import strawberry

from subgraphs.shared import proposals
from subgraphs.shared.clock import business_date
from subgraphs.shared.fresh_proof import require_fresh_proof
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.cost import PAGED, sized
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.paging import After, Cursor, First, PageInfo, cut_page, page_request
from subgraphs.shared.graphql.proposals import KEY_DESCRIPTION, REASON_DESCRIPTION, ProposalStatus
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.idempotency import check_key
from subgraphs.shared.parameters import Parameters
from subgraphs.shared.parameters.changes import KINDS, Change, approve_change, propose_change
from subgraphs.shared.parameters.rules import Row, list_problems, list_rows
from subgraphs.shared.proposals import Proposal, check_reason
from subgraphs.shared.refusal import FreshProofRequired, InvalidInput, OwnProposal, ProposalNotOpen, ProposalPending
from subgraphs.shared.scopes import ADMIN, APPROVER

FRESH_PROOF = timedelta(minutes=5)
"""As fresh as for a withdrawal."""


@strawberry.federation.type(shareable=True, description="One value of a row, as the database writes it.")
class ParameterValue:
    name: str = strawberry.field(description="The column's name in the database, such as `rate`.")
    value: str = strawberry.field(description="As the database writes it; empty where there is none.")


def _values(values: Mapping[str, str | None], dated: str | None = None) -> list[ParameterValue]:
    return [ParameterValue(name=name, value=value or "") for name, value in values.items() if name != dated]


@strawberry.federation.type(shareable=True, description="A row of a rule, and from which day to which it holds.")
class ParameterRow:
    rule: str = strawberry.field(description="The name of the rule that the row belongs to.")
    table: str = strawberry.field(description="The database table that holds the row.")
    valid_from: date = strawberry.field(description="A day in Brasília.")
    valid_until: date | None = strawberry.field(description="The day from which a later row holds in its place.")
    is_in_force: bool = strawberry.field(description="Whether it holds today, in Brasília.")
    values: list[ParameterValue] = strawberry.field(description="All its values but the day.", directives=[sized(5)])

    @classmethod
    def of(cls, rule: str, row: Row, *, today: date) -> Self:
        return cls(
            rule=rule,
            table=row.table.name,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            is_in_force=row.valid_from <= today and (row.valid_until is None or today < row.valid_until),
            values=_values(row.values, row.table.dated),
        )


@strawberry.federation.type(shareable=True, description="A row that a proposal would put in force.")
class ProposedParameterRow:
    table: str = strawberry.field(description="The database table that would get the row.")
    values: list[ParameterValue] = strawberry.field(description="All its values but the day.", directives=[sized(5)])
    replaces: list[ParameterValue] | None = strawberry.field(
        description="What holds until then, where one row says it.", directives=[sized(5)]
    )


@strawberry.federation.type(shareable=True, description="What one of the staff wants a rule to say from a day on.")
class ParameterProposal:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    rule: str = strawberry.field(description="The name of the rule that would change.")
    valid_from: date = strawberry.field(description="The day in Brasília from which the rows would hold.")
    rows: list[ProposedParameterRow] = strawberry.field(
        description="The rows that would be added, in full.", directives=[sized(4)]
    )
    reason: str = strawberry.field(description="Why, in the words of who proposed it.")
    status: ProposalStatus = strawberry.field(description="How far it has come.")
    proposed_by: strawberry.ID = strawberry.field(description="Who of the staff proposed it: a person's id.")
    proposed_at: datetime = strawberry.field(description="When it was proposed.")
    expires_at: datetime = strawberry.field(
        description="When it ends by itself if nobody decides: 72 hours after it was proposed."
    )
    decided_by: strawberry.ID | None = strawberry.field(
        description="Who of the staff ended it: a person's id. Null while it is open, and when it expired."
    )
    decided_at: datetime | None = strawberry.field(
        description="When it was approved, rejected or withdrawn, or found to have expired; null until then."
    )
    decision_reason: str | None = strawberry.field(description="Why it was rejected or withdrawn.")

    @classmethod
    def of(cls, row: Proposal, *, now: datetime) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            rule=row.content["rule"],
            valid_from=date.fromisoformat(row.content["valid_from"]),
            rows=[
                ProposedParameterRow(
                    table=entry["table"],
                    values=_values(entry["values"]),
                    replaces=_values(entry["replaces"]) if entry["replaces"] else None,
                )
                for entry in row.foreseen
            ],
            reason=row.reason,
            status=row.status_at(now),
            proposed_by=strawberry.ID(str(row.proposed_by)),
            proposed_at=row.proposed_at,
            expires_at=row.expires_at,
            decided_by=strawberry.ID(str(row.decided_by)) if row.decided_by else None,
            decided_at=row.decided_at,
            decision_reason=row.decision_reason,
        )


@strawberry.federation.type(shareable=True, description="Proposals to change parameters, the newest first.")
class ParameterProposalPage:
    nodes: list[ParameterProposal] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)


@strawberry.federation.type(
    shareable=True, description="A domain's dated parameters: rates, fees, taxes, limits. Rows are added, never edited."
)
class ParameterBook:
    rules: list[str] = strawberry.field(description="What can be changed; the rows of one change together.")
    rows: list[ParameterRow] = strawberry.field(
        description="All there have been and those to come, by rule, the newest day first.", directives=[sized(30)]
    )
    problems: list[str] = strawberry.field(description="What is not as it was recorded: nothing while all is well.")


@strawberry.input(description="One value of a row.")
class ParameterValueInput:
    name: str = strawberry.field(description="The column's name, as ParameterRow.values shows it.")
    value: str = strawberry.field(description='As the database writes it: "0.015" is 1.5 %.')


@strawberry.input(description="A row of a rule, with all its values but the day.")
class ParameterRowInput:
    table: str = strawberry.field(description="The database table that gets the row, as ParameterRow.table shows it.")
    values: list[ParameterValueInput] = strawberry.field(
        description="Every value of the row, each once; the day is the proposal's."
    )


@strawberry.input(description="What a rule is to say from a day on.")
class ProposeParametersInput:
    rule: str = strawberry.field(description="The name of a rule, as ParameterBook.rules lists them.")
    valid_from: date = strawberry.field(description="A day to come, in Brasília.")
    rows: list[ParameterRowInput] = strawberry.field(
        description="All rows that the rule says from then on, at most 50."
    )
    reason: str = strawberry.field(description=REASON_DESCRIPTION)
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)

    def to_rows(self) -> Sequence[tuple[str, Mapping[str, str]]]:
        rows = [(row.table, {value.name: value.value for value in row.values}) for row in self.rows]
        if any(len(values) != len(row.values) for (_, values), row in zip(rows, self.rows, strict=True)):
            raise InvalidInput(field="rows", reason="a row says each value once", reason_pt="Há um valor repetido.")
        return rows


@strawberry.input(description="Which proposal to put in force.")
class ApproveParametersInput:
    proposal_id: strawberry.ID = strawberry.field(description="The id of an open proposal that somebody else made.")


@strawberry.input(description="Which proposal to reject or withdraw, and why.")
class RejectParametersInput:
    proposal_id: strawberry.ID = strawberry.field(description="The id of an open proposal.")
    reason: str = strawberry.field(description=REASON_DESCRIPTION)


def with_parameters(query: type, parameters: Parameters) -> type:
    """*query* with the fields that show *parameters*."""

    async def book(
        self: Any,  # noqa: ARG001  # a root has no value
        info: Info,
        rule: Annotated[
            str | None, strawberry.argument(description="The name of one rule; all rules of the domain when left out.")
        ] = None,
    ) -> ParameterBook:
        rules = [known for known in parameters.rules if rule is None or known.name == rule]
        today = business_date(info.context.clock.now())
        async with info.context.read() as session:
            rows = [
                ParameterRow.of(known.name, row, today=today)
                for known in rules
                for row in await list_rows(session, parameters, known)
            ]
            problems = await list_problems(session, parameters)
        return ParameterBook(rules=[known.name for known in rules], rows=rows, problems=problems)

    async def proposed(
        self: Any,  # noqa: ARG001  # as above
        info: Info,
        status: Annotated[
            ProposalStatus | None,
            strawberry.argument(description="Only those that have come so far; all when left out."),
        ] = None,
        first: First = None,
        after: After = None,
    ) -> ParameterProposalPage:
        page, now = page_request(first, after), info.context.clock.now()
        async with info.context.read() as session:
            found = await proposals.list_proposals(
                session, kinds=KINDS, status=status, before=page.place, limit=page.limit, now=now
            )
        kept, page_info = cut_page(found, page, lambda row: Cursor(at=row.proposed_at, id=row.id))
        return ParameterProposalPage(nodes=[ParameterProposal.of(row, now=now) for row in kept], page_info=page_info)

    fields = {
        f"{parameters.domain}_parameters": strawberry.field(
            resolver=book,
            description="For administrators and approvers: the domain's dated parameters; of *rule*, where given.",
        ),
        f"{parameters.domain}_parameter_proposals": strawberry.field(
            resolver=proposed,
            description="For administrators and approvers: what staff propose to change of them, the newest first.",
            directives=[PAGED],
        ),
    }
    return _extended("Query", query, fields)


def with_parameter_changes(mutations: type | None, parameters: Parameters) -> type:
    """*mutations* with the fields that change *parameters*."""

    async def propose(self: Any, info: Info, input: ProposeParametersInput) -> ParameterProposal:  # noqa: ARG001  # a root has no value
        context = info.context
        actor, now = context.require(ADMIN), context.clock.now()
        require_fresh_proof(actor, within=FRESH_PROOF)
        change = Change(
            rule=input.rule,
            valid_from=input.valid_from,
            rows=input.to_rows(),
            actor_id=actor.user_id,
            reason=check_reason(input.reason),
            idempotency_key=check_key(input.idempotency_key),
        )
        async with context.begin() as session:
            proposal = await propose_change(session, parameters, change, now=now)
        return ParameterProposal.of(proposal, now=now)

    async def approve(self: Any, info: Info, input: ApproveParametersInput) -> ParameterProposal:  # noqa: ARG001  # as above
        context = info.context
        actor, now = context.require(APPROVER), context.clock.now()
        require_fresh_proof(actor, within=FRESH_PROOF)
        async with context.begin() as session:
            proposal = await approve_change(
                session, parameters, require_id(input.proposal_id), actor_id=actor.user_id, now=now
            )
        return ParameterProposal.of(proposal, now=now)

    async def reject(self: Any, info: Info, input: RejectParametersInput) -> ParameterProposal:  # noqa: ARG001  # as above
        context = info.context
        actor, now = context.require(ADMIN, APPROVER), context.clock.now()
        async with context.begin() as session:
            proposal = await proposals.reject(
                session,
                require_id(input.proposal_id),
                kinds=KINDS,
                actor_id=actor.user_id,
                reason=check_reason(input.reason),
                now=now,
            )
        return ParameterProposal.of(proposal, now=now)

    fields = {
        f"propose_{parameters.domain}_parameters": mutation(
            ProposalPending,
            FreshProofRequired,
            description="For administrators: propose what a rule of this domain says from a day to come.",
            result_name="ProposeParametersResult",
        )(propose),
        f"approve_{parameters.domain}_parameters": mutation(
            ProposalNotOpen,
            OwnProposal,
            FreshProofRequired,
            description="For approvers: put in force what another has proposed.",
            result_name="ApproveParametersResult",
        )(approve),
        f"reject_{parameters.domain}_parameters": mutation(
            ProposalNotOpen,
            description="For administrators and approvers: reject a proposal, or withdraw one's own.",
            result_name="RejectParametersResult",
        )(reject),
    }
    return _extended("Mutation", mutations, fields)


def _extended(name: str, base: type | None, fields: Mapping[str, Any]) -> type:
    return strawberry.type(type(name, (base,) if base else (), dict(fields)))
