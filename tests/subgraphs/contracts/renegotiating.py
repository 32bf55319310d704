"""Sérgio's CPR of 10,000.00 is seventeen days late, and Ana proposes new terms for it."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from subgraphs.contracts import models
from subgraphs.contracts.schemas import heard
from subgraphs.shared.ids import new_id
from tests.builders.deliveries import deliver, recorded
from tests.builders.jobs import run_job
from tests.subgraphs.contracts.contracts_builders import ANA, MARINA, SERGIO, Contracts

CARLOS = UUID(int=0xCA1)
SEVENTEEN_DAYS_LATE = date(2027, 1, 9)
FIELDS = """id status principal { amount } interest { amount } lateCharges { amount } waived { amount }
  carried { amount } annualRate termMonths amortisation startsOn
  installments { number dueOn principal { amount } interest { amount } carried { amount } amount { amount } }
  votes { quotaCount consenting refusing silent } myVote { quotaCount consents }"""
PARTS = {
    "proposeRenegotiation": ("CPRNotRenegotiable", "RenegotiationOutsideLimits", "InvalidInput"),
    "withdrawRenegotiation": ("RenegotiationClosed", "InvalidInput"),
    "answerRenegotiation": ("RenegotiationClosed", "InvalidInput"),
    "voteOnRenegotiation": ("RenegotiationClosed", "AlreadyVoted", "InvalidInput"),
}
REFUSALS = {
    "CPRNotRenegotiable": "... on CPRNotRenegotiable { reason }",
    "RenegotiationOutsideLimits": "... on RenegotiationOutsideLimits { "
    "termMonthsMax annualRateMin annualRateMax lateDiscountMax }",
    "RenegotiationClosed": "... on RenegotiationClosed { renegotiationStatus }",
    "AlreadyVoted": "... on AlreadyVoted { consents }",
    "InvalidInput": "... on InvalidInput { field }",
}


def noon(day: date) -> datetime:
    """In Brasília."""
    return datetime(day.year, day.month, day.day, 15, tzinfo=UTC)


async def mutate(contracts: Contracts, who: UUID, name: str, **values: Any) -> dict[str, Any]:
    """The mutation's answer, with a fresh key unless one is given."""
    if name != "withdrawRenegotiation":
        values = {"idempotencyKey": str(new_id())} | values
    parts = " ".join(REFUSALS[part] for part in PARTS[name])
    query = (
        f"mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ done: {name}(input: $input) {{ __typename "
        f"... on Renegotiation {{ {FIELDS} }} ... on Refusal {{ message }} {parts} }} }}"
    )
    answer: dict[str, Any] = (await contracts.ask(who, query, input=values))["done"]
    return answer


async def late(contracts: Contracts, *, on: date = SEVENTEEN_DAYS_LATE, **changes: Any) -> UUID:
    """The id of a CPR whose first installment, of 23 December, is late."""
    cpr_id = await contracts.active(**changes)
    contracts.clock.instant = noon(on)
    await run_job(contracts.subgraph, "note_lateness")
    return cpr_id


async def propose(contracts: Contracts, cpr_id: UUID, who: UUID = ANA, **changes: Any) -> dict[str, Any]:
    """Ten months more at 12 %, with half of the late charges waived."""
    terms = {
        "cprId": str(cpr_id),
        "annualRate": "0.12",
        "termMonths": 10,
        "amortisation": "PRICE",
        "lateDiscount": "0.5",
        "reason": "A seca atrasou a colheita.",
    }
    return await mutate(contracts, who, "proposeRenegotiation", **(terms | changes))


async def agree(contracts: Contracts, renegotiation_id: str, *, agrees: bool = True) -> dict[str, Any]:
    return await mutate(contracts, SERGIO, "answerRenegotiation", renegotiationId=renegotiation_id, agrees=agrees)


async def vote(
    contracts: Contracts, who: UUID, renegotiation_id: str, *, consents: bool = True, **more: Any
) -> dict[str, Any]:
    asked = {"renegotiationId": renegotiation_id, "consents": consents} | more
    return await mutate(contracts, who, "voteOnRenegotiation", **asked)


async def tell_roll(contracts: Contracts, renegotiation_id: str, cpr_id: UUID, **quotas: int) -> None:
    """The marketplace tells who holds: by default Marina 60 quotas and Carlos 40."""
    people = {"marina": MARINA, "carlos": CARLOS}
    held = quotas or {"marina": 60, "carlos": 40}
    contracts.scopes[CARLOS] = ("investor",)
    for name, count in held.items():
        await deliver(
            contracts.subgraph,
            heard.QuotaRollTold(
                renegotiation_id=UUID(renegotiation_id),
                cpr_id=cpr_id,
                quota_count=sum(held.values()),
                holders=(heard.RollHolder(investor_id=people[name], quota_count=count),),
            ),
        )


async def voting(contracts: Contracts, **changes: Any) -> tuple[UUID, str]:
    """A CPR and its renegotiation, with which the farmer has agreed and on which the holders can vote."""
    cpr_id = await late(contracts)
    proposal = await propose(contracts, cpr_id, **changes)
    await agree(contracts, proposal["id"])
    await tell_roll(contracts, proposal["id"], cpr_id)
    return cpr_id, proposal["id"]


async def consented(contracts: Contracts, **changes: Any) -> tuple[UUID, str]:
    cpr_id, renegotiation_id = await voting(contracts, **changes)
    await vote(contracts, MARINA, renegotiation_id)
    return cpr_id, renegotiation_id


async def replaced(contracts: Contracts, **changes: Any) -> tuple[UUID, str]:
    """A CPR whose new schedule is in force."""
    cpr_id, renegotiation_id = await consented(contracts, **changes)
    await deliver(contracts.subgraph, schedule_replaced(contracts, cpr_id, renegotiation_id))
    return cpr_id, renegotiation_id


def schedule_replaced(contracts: Contracts, cpr_id: UUID, renegotiation_id: str) -> heard.ScheduleReplaced:
    return heard.ScheduleReplaced(
        renegotiation_id=UUID(renegotiation_id), cpr_id=cpr_id, replaced_at=contracts.clock.now()
    )


async def status_of(contracts: Contracts, renegotiation_id: str) -> str:
    async with contracts.subgraph.database.read() as session:
        statement = select(models.Renegotiation.status).where(models.Renegotiation.id == UUID(renegotiation_id))
        return (await session.scalars(statement)).one()


async def ends(contracts: Contracts) -> list[tuple[str, bool]]:
    """Why renegotiations came to nothing, and whether the holders had been asked."""
    told = await recorded(contracts.subgraph, "renegotiation_ended")
    return [(fact["reason"], fact["was_voted_on"]) for fact in told]
