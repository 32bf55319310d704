"""Who holds quotas of a CPR is told when it is late, in default, and in order again."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from subgraphs.notifications import models
from subgraphs.notifications.schemas import heard
from subgraphs.shared.messaging.event import EventPayload
from subgraphs.shared.people import Person
from tests.builders.deliveries import in_order
from tests.subgraphs.notifications.conftest import MARINA, SERGIO, Inboxes

CARLOS = UUID("00000000-0000-7000-8000-000000000003")
CPR = UUID(int=21)
PROPOSAL = UUID(int=0x9E)
LATE = heard.InstallmentLate(
    installment_id=UUID(int=22), cpr_id=CPR, farmer_id=SERGIO, number=3, due_on=date(2026, 12, 23)
)
DEFAULTED = heard.CPRDefaulted(cpr_id=CPR, farmer_id=SERGIO)
RECOVERED = heard.CPRRecovered(cpr_id=CPR, farmer_id=SERGIO)
SETTLED = heard.CPRSettled(cpr_id=CPR, farmer_id=SERGIO)


def confirmed(number: int, investor: UUID, cpr: UUID = CPR) -> heard.InvestmentConfirmed:
    return heard.InvestmentConfirmed(
        investment_id=UUID(int=number), cpr_id=cpr, investor_id=investor, quota_count=10, amount_minor=100_000
    )


def cancelled(number: int, investor: UUID) -> heard.InvestmentCancelled:
    return heard.InvestmentCancelled(
        investment_id=UUID(int=number), cpr_id=CPR, investor_id=investor, amount_minor=100_000
    )


async def told(inboxes: Inboxes, person: UUID, *, about: UUID = CPR) -> list[str]:
    """The titles in a person's inbox that are about the CPR itself, or another thing."""
    about_it = select(models.Notification.title).where(
        models.Notification.user_id == person, models.Notification.subject_id == about
    )
    async with inboxes.subgraph.database.read() as session:
        return list(await session.scalars(about_it.order_by(models.Notification.occurred_at)))


async def test_farmer_and_holders_hear_of_a_default_each_in_their_words(inboxes: Inboxes) -> None:
    await inboxes.arrives(confirmed(1, MARINA))
    await inboxes.arrives(confirmed(2, CARLOS, cpr=UUID(int=99)))
    for fact in (LATE, DEFAULTED, RECOVERED):
        inboxes.clock.advance(days=1)
        await inboxes.arrives(fact)
    assert await told(inboxes, MARINA) == [
        "Parcela em atraso na sua carteira",
        "CPR inadimplente na sua carteira",
        "CPR regularizada na sua carteira",
    ]
    assert await told(inboxes, SERGIO) == ["CPR inadimplente", "CPR regularizada"]
    assert await told(inboxes, CARLOS) == []


async def test_holders_hear_of_a_settlement_that_has_ended_their_positions(inboxes: Inboxes) -> None:
    """The marketplace, which ends them, was faster than we; who had sold before is not told."""
    await inboxes.arrives(confirmed(1, MARINA))
    await inboxes.arrives(confirmed(2, CARLOS))
    await inboxes.arrives(cancelled(2, CARLOS))
    inboxes.clock.advance(days=1)
    (event,) = in_order(SETTLED)
    event = replace(event, time=inboxes.clock.now())
    inboxes.clock.advance(seconds=1)
    await inboxes.arrives(heard.InvestmentClosed(investment_id=UUID(int=1), cpr_id=CPR, investor_id=MARINA))
    await inboxes.arrives(SETTLED, again=event)
    assert await told(inboxes, MARINA) == ["CPR quitada na sua carteira"]
    assert await told(inboxes, SERGIO) == ["CPR quitada"]
    assert await told(inboxes, CARLOS) == []


async def test_farmer_and_holders_hear_what_a_part_leaves_open(inboxes: Inboxes) -> None:
    await inboxes.arrives(confirmed(1, MARINA))
    part = heard.InstallmentPartlyPaid(
        installment_id=UUID(int=22),
        cpr_id=CPR,
        farmer_id=SERGIO,
        number=3,
        payment_id=UUID(int=23),
        amount_minor=94_560,
        outstanding_minor=1_954,
    )
    await inboxes.arrives(part)
    async with inboxes.subgraph.database.read() as session:
        rows = await session.scalars(select(models.Notification).order_by(models.Notification.category.desc()))
        told = [(row.user_id, row.title, row.title_english) for row in rows if "R$ 19,54" in row.body]
    assert told == [
        (MARINA, "Parcela paga em parte na sua carteira", "Installment of your portfolio paid in part"),
        (SERGIO, "Pagamento parcial", "Paid in part"),
    ]


async def test_a_holder_of_two_investments_is_told_once(inboxes: Inboxes) -> None:
    await inboxes.arrives(confirmed(1, MARINA))
    await inboxes.arrives(confirmed(2, MARINA))
    event = await inboxes.arrives(DEFAULTED)
    await inboxes.arrives(DEFAULTED, again=event)
    assert await told(inboxes, MARINA) == ["CPR inadimplente na sua carteira"]


@pytest.mark.parametrize(
    "end",
    [
        cancelled(1, MARINA),
        heard.InvestmentClosed(investment_id=UUID(int=1), cpr_id=CPR, investor_id=MARINA),
    ],
    ids=["cancelled", "repaid"],
)
async def test_whose_investment_has_ended_is_not_told(inboxes: Inboxes, end: EventPayload) -> None:
    await inboxes.arrives(confirmed(1, MARINA))
    await inboxes.arrives(end)
    await inboxes.arrives(DEFAULTED)
    assert await told(inboxes, MARINA) == []


async def test_an_end_that_overtakes_its_beginning_still_ends_it(inboxes: Inboxes) -> None:
    await inboxes.arrives(cancelled(1, MARINA))
    await inboxes.arrives(confirmed(1, MARINA))
    await inboxes.arrives(DEFAULTED)
    assert await told(inboxes, MARINA) == []


async def test_holders_are_told_over_the_channels_they_chose(inboxes: Inboxes) -> None:
    for person, name in ((MARINA, "marina"), (CARLOS, "carlos")):
        inboxes.people.people[person] = Person(email=f"{name}@example.com")
        await inboxes.arrives(confirmed(person.int % 10, person))
    async with inboxes.subgraph.database.begin() as session:
        session.add(models.Preference(user_id=CARLOS, category="INVESTMENT", channel="EMAIL", enabled=False))
    await inboxes.arrives(DEFAULTED)
    await inboxes.run_job()
    sent = [mail.address for mail in inboxes.email.carried() if "inadimplente" in mail.title]
    assert sent == ["marina@example.com"]


async def test_who_bought_quotas_is_told_of_their_cpr_and_who_sold_out_is_not(inboxes: Inboxes) -> None:
    await inboxes.arrives(confirmed(1, MARINA))
    bought = heard.QuotasBought(
        purchase_id=UUID(int=7), cpr_id=CPR, buyer_id=CARLOS, quota_count=10, amount_minor=100_000
    )
    await inboxes.arrives(bought)
    await inboxes.arrives(heard.QuotaPositionClosed(position_id=UUID(int=1), cpr_id=CPR, investor_id=MARINA))
    await inboxes.arrives(DEFAULTED)
    assert await told(inboxes, CARLOS) == ["CPR inadimplente na sua carteira"]
    assert await told(inboxes, MARINA) == []


def renegotiation(**changes: Any) -> dict[str, Any]:
    return {"renegotiation_id": PROPOSAL, "cpr_id": CPR, "farmer_id": SERGIO} | changes


async def test_farmer_and_holders_hear_of_a_renegotiation_what_is_theirs_to_do(inboxes: Inboxes) -> None:
    await inboxes.arrives(confirmed(1, MARINA))
    at = datetime(2027, 1, 16, 15, tzinfo=UTC)
    await inboxes.arrives(heard.RenegotiationProposed(**renegotiation(answer_until=at)))
    assert await told(inboxes, SERGIO, about=PROPOSAL) == ["Proposta de renegociação"]
    assert await told(inboxes, MARINA, about=PROPOSAL) == []
    await inboxes.arrives(heard.RenegotiationVoteOpened(**renegotiation(consent_until=at)))
    await inboxes.arrives(heard.CPRRenegotiated(**renegotiation(installment_count=10, first_due_on=date(2027, 2, 11))))
    assert sorted(await told(inboxes, MARINA, about=PROPOSAL)) == [
        "CPR renegociada na sua carteira",
        "Seu voto: renegociação de uma CPR",
    ]
    assert sorted(await told(inboxes, SERGIO, about=PROPOSAL)) == ["CPR renegociada", "Proposta de renegociação"]


@pytest.mark.parametrize(
    ("reason", "was_voted_on", "farmer", "holder"),
    [
        ("REFUSED", False, 0, 0),
        ("EXPIRED", False, 1, 0),
        ("WITHDRAWN", True, 1, 1),
        ("REJECTED", True, 1, 1),
        ("OVERTAKEN", True, 1, 1),
    ],
)
async def test_who_was_asked_hears_that_a_renegotiation_came_to_nothing(
    inboxes: Inboxes, reason: str, farmer: int, holder: int, *, was_voted_on: bool
) -> None:
    await inboxes.arrives(confirmed(1, MARINA))
    await inboxes.arrives(heard.RenegotiationEnded(**renegotiation(reason=reason, was_voted_on=was_voted_on)))
    assert await told(inboxes, SERGIO, about=PROPOSAL) == ["Renegociação encerrada"] * farmer
    assert await told(inboxes, MARINA, about=PROPOSAL) == ["Renegociação encerrada"] * holder


async def test_a_new_schedule_stands_in_the_time_lines_of_farmer_and_holders(inboxes: Inboxes) -> None:
    await inboxes.arrives(confirmed(1, MARINA))
    await inboxes.arrives(heard.CPRRenegotiated(**renegotiation(installment_count=10, first_due_on=date(2027, 2, 11))))
    async with inboxes.subgraph.database.read() as session:
        rows = (await session.scalars(select(models.Activity))).all()
    assert {(row.type, row.id, row.user_id) for row in rows} == {
        ("Renegotiation", PROPOSAL, SERGIO),
        ("Renegotiation", PROPOSAL, MARINA),
    }
