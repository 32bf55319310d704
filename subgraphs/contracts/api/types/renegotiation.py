"""A renegotiation as farmer, staff and holders see it: its terms, both schedules, and votes without names."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from subgraphs.contracts import models
from subgraphs.contracts.api import loaders
from subgraphs.contracts.api.types.activity import Activity
from subgraphs.contracts.api.types.installment import Installment
from subgraphs.contracts.api.types.vocabulary import RenegotiationStatus, Silence
from subgraphs.contracts.domain.renegotiation_terms import Tally
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.cost import sized
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.graphql.paging import PageInfo
from subgraphs.shared.graphql.vocabulary import Amortisation

if TYPE_CHECKING:
    from subgraphs.contracts.api.types.cpr import CPR

CPRReference = Annotated["CPR", strawberry.lazy("subgraphs.contracts.api.types.cpr")]


SUMMARIES = {
    RenegotiationStatus.PROPOSED: "Renegociação proposta: aguarda a resposta do produtor.",
    RenegotiationStatus.VOTING: "Renegociação aceita pelo produtor: os investidores estão votando.",
    RenegotiationStatus.CONSENTED: "Renegociação aprovada: o novo cronograma entra em vigor.",
    RenegotiationStatus.IN_FORCE: "CPR renegociada: o novo cronograma está em vigor.",
    RenegotiationStatus.REFUSED: "Renegociação recusada pelo produtor.",
    RenegotiationStatus.WITHDRAWN: "Proposta de renegociação retirada.",
    RenegotiationStatus.EXPIRED: "Proposta de renegociação encerrada sem resposta.",
    RenegotiationStatus.REJECTED: "Renegociação não aprovada pelos investidores.",
    RenegotiationStatus.OVERTAKEN: "Renegociação encerrada: houve pagamento ou passou o prazo.",
}


@strawberry.type(description="One dated sum that a renegotiation proposes.")
class ProposedInstallment:
    number: int = strawberry.field(description="Goes on from the installments there were.")
    due_on: date = strawberry.field(description="The last day to pay it without being late.")
    principal: Money = strawberry.field(description="The part that pays back what is left.")
    interest: Money = strawberry.field(description="With what it carries.")
    carried: Money = strawberry.field(description="Its part of the interest and charges that were owed before.")
    amount: Money = strawberry.field(description="Principal and interest together.")

    @classmethod
    def from_model(cls, line: models.RenegotiatedInstallment) -> "ProposedInstallment":
        return cls(
            number=line.number,
            due_on=line.due_on,
            principal=Money.of_minor(line.principal_minor),
            interest=Money.of_minor(line.interest_minor),
            carried=Money.of_minor(line.carried_minor),
            amount=Money.of_minor(line.amount_minor),
        )


@strawberry.type(description="How the holders' quotas voted. Whose they are is nobody else's to know.")
class VoteTally:
    quota_count: int = strawberry.field(
        description="All quotas of the CPR, without those of who is related to the borrower."
    )
    consenting: int = strawberry.field(description="Quotas whose holders consent.")
    refusing: int = strawberry.field(description="Quotas whose holders refuse.")
    silent: int = strawberry.field(description="Quotas whose holders have not voted.")

    @classmethod
    def of(cls, tally: Tally) -> "VoteTally":
        return cls(
            quota_count=tally.quota_count,
            consenting=tally.consenting,
            refusing=tally.refusing,
            silent=tally.silent,
        )


@strawberry.type(description="One's own quotas in the vote on a renegotiation.")
class OwnVote:
    quota_count: int = strawberry.field(description="How many quotas one held when it was proposed.")
    is_entitled: bool = strawberry.field(
        description="Whether one has a say: not who acts for the borrower, or for a company with them."
    )
    consents: bool | None = strawberry.field(description="Null while one has not voted.")
    voted_at: datetime | None = strawberry.field(description="When one voted; null while one has not.")


@strawberry.federation.type(
    keys=["id"],
    description=descriptions.RENEGOTIATION,
)
class Renegotiation(Activity, Node):
    status: RenegotiationStatus = strawberry.field(description="Where it stands.")
    reason: str = strawberry.field(description="Why it was proposed, in the words of staff.")
    proposed_at: datetime = strawberry.field(description="When it was proposed.")
    starts_on: date = strawberry.field(
        description="The day of which the sums are, and from which the new interest runs."
    )
    principal: Money = strawberry.field(description="Still to be paid back. None of it is waived.")
    interest: Money = strawberry.field(description="The CPR's own, accrued by that day and unpaid.")
    late_charges: Money = strawberry.field(description="Fine and interest for being late, by that day.")
    waived: Money = strawberry.field(description="What of the late charges is waived.")
    carried: Money = strawberry.field(
        description="Interest and late charges less what is waived: shared evenly among the new installments, and no "
        "interest is taken on it."
    )
    annual_rate: Decimal = strawberry.field(description='The new interest, a fraction per year: "0.12" is 12 %.')
    monthly_rate: Decimal = strawberry.field(description="The same for one month, as each balance is multiplied by it.")
    term_months: int = strawberry.field(description="In how many months what is left is repaid.")
    amortisation: Amortisation = strawberry.field(description="How what is left is repaid.")
    answer_until: datetime = strawberry.field(description="Until when the farmer can answer.")
    answered_at: datetime | None = strawberry.field(description="When the farmer answered; null until then.")
    consent_until: datetime | None = strawberry.field(description="Until when holders can vote; null before they can.")
    consent_share: Decimal = strawberry.field(description="Those who consent hold more than this part of what counts.")
    silence: Silence = strawberry.field(description="What it means that a holder does not vote.")
    ended_at: datetime | None = strawberry.field(
        description="When it was decided or came to another end; null while it is open."
    )
    row: strawberry.Private[models.Renegotiation]

    @strawberry.field(description="The promise that it is about.")
    async def cpr(self, info: Info) -> CPRReference | None:
        from subgraphs.contracts.api.types.cpr import CPR  # noqa: PLC0415  # the two types name each other

        row = await info.context.loader(loaders.cprs_by_id).load(self.row.cpr_id)
        return CPR.from_model(row) if row else None

    @strawberry.field(description="The schedule that it proposes, in order.", directives=[sized(36)])
    async def installments(self, info: Info) -> list[ProposedInstallment]:
        lines = await info.context.loader(loaders.proposed_installments_by_renegotiation).load(self.row.id)
        return [ProposedInstallment.from_model(line) for line in lines]

    @strawberry.field(description="Null before the holders are known.")
    async def votes(self, info: Info) -> VoteTally | None:
        tally = await info.context.loader(loaders.votes_by_renegotiation).load(self.row.id)
        return VoteTally.of(tally) if tally and self.row.consent_until else None

    @strawberry.field(description="Null for who held nothing when it was proposed.")
    async def my_vote(self, info: Info) -> OwnVote | None:
        voter = await info.context.loader(loaders.own_votes_by_renegotiation).load(self.row.id)
        if voter is None:
            return None
        return OwnVote(
            quota_count=voter.quota_count,
            is_entitled=not voter.is_related,
            consents=voter.consents,
            voted_at=voter.voted_at,
        )

    @classmethod
    def from_model(cls, row: models.Renegotiation) -> "Renegotiation":
        return cls(
            id=strawberry.ID(str(row.id)),
            occurred_at=row.ended_at or row.proposed_at,
            summary=SUMMARIES[row.status],
            status=row.status,
            reason=row.reason,
            proposed_at=row.proposed_at,
            starts_on=row.starts_on,
            principal=Money.of_minor(row.principal_minor),
            interest=Money.of_minor(row.interest_minor),
            late_charges=Money.of_minor(row.late_minor),
            waived=Money.of_minor(row.waived_minor),
            carried=Money.of_minor(row.carried_minor),
            annual_rate=row.annual_rate.normalize(),
            monthly_rate=row.monthly_rate.normalize(),
            term_months=row.term_months,
            amortisation=Amortisation(row.amortisation),
            answer_until=row.answer_until,
            answered_at=row.answered_at,
            consent_until=row.consent_until,
            consent_share=row.consent_share.normalize(),
            silence=Silence(row.silence),
            ended_at=row.ended_at,
            row=row,
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["Renegotiation | None"]:
        """Of one's own CPR, or of one whose quotas one held; staff sees all."""
        ids = [reference.id for reference in references]
        rows = await info.context.loader(loaders.renegotiations_by_id).load_many(ids)
        return [cls.from_model(row) if row else None for row in rows]


@strawberry.type(description="A schedule that a CPR has or had: what was signed, or what a renegotiation brought.")
class Schedule:
    version: int = strawberry.field(description="1 is the one that was signed.")
    starts_on: date = strawberry.field(description="From when its interest runs.")
    annual_rate: Decimal = strawberry.field(description='Its interest, a fraction per year: "0.18" is 18 %.')
    term_months: int = strawberry.field(description="Over how many months it goes.")
    amortisation: Amortisation = strawberry.field(description="How it repays.")
    is_current: bool = strawberry.field(description="Whether it is the newest: no later one has taken its place.")
    installments: list[Installment] = strawberry.field(
        description="In order. Those that a later schedule replaced say so.", directives=[sized(36)]
    )


@strawberry.type(description="A CPR that staff may renegotiate.")
class LateCPR:
    cpr: CPRReference = strawberry.field(description="The CPR that is late.")
    late_since: date = strawberry.field(description="The due date of its oldest unpaid installment.")
    days_late: int = strawberry.field(description="Days since that due date.")
    renegotiation: Renegotiation | None = strawberry.field(description="The one that is open for it.")


@strawberry.type(description="A part of a list of CPRs that are late.")
class LateCPRPage:
    nodes: list[LateCPR] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)
