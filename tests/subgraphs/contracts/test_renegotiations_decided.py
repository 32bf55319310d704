"""Whether new terms come about: the holders' votes, the wallet's word, and what ends a proposal before."""

from uuid import UUID

import pytest
from sqlalchemy import text

from subgraphs.contracts.schemas import heard
from subgraphs.shared.clock import FixedClock
from subgraphs.shared.people import PeopleUnavailable, Person
from tests.builders.deliveries import deliver, recorded
from tests.builders.jobs import run_job
from tests.subgraphs.contracts.contracts_builders import ANA, MARINA, SERGIO, Contracts
from tests.subgraphs.contracts.renegotiating import (
    CARLOS,
    agree,
    consented,
    ends,
    late,
    mutate,
    propose,
    status_of,
    tell_roll,
    vote,
    voting,
)


async def test_holders_vote_when_the_farmer_agreed_and_all_of_them_are_known(contracts: Contracts) -> None:
    cpr_id = await late(contracts)
    proposal = await propose(contracts, cpr_id)
    await tell_roll(contracts, proposal["id"], cpr_id)
    early = {"idempotencyKey": "vote-0001"}
    assert (await vote(contracts, MARINA, proposal["id"], **early))["renegotiationStatus"] == "PROPOSED"
    assert await recorded(contracts.subgraph, "renegotiation_vote_opened") == []
    agreed = await agree(contracts, proposal["id"])
    assert agreed["votes"] == {"quotaCount": 100, "consenting": 0, "refusing": 0, "silent": 100}
    (opened,) = await recorded(contracts.subgraph, "renegotiation_vote_opened")
    assert (opened["renegotiation_id"], opened["consent_until"]) == (proposal["id"], "2027-01-19T15:00:00Z")
    assert (await vote(contracts, MARINA, proposal["id"], **early))["status"] == "CONSENTED"


async def test_a_vote_before_it_is_open_uses_up_no_key(contracts: Contracts) -> None:
    """Who holds is told by the marketplace, perhaps a moment later."""
    cpr_id = await late(contracts)
    proposal = await propose(contracts, cpr_id)
    early = {"idempotencyKey": "vote-0001"}
    await agree(contracts, proposal["id"])
    contracts.scopes[MARINA] = ("investor",)
    assert (await vote(contracts, MARINA, proposal["id"], **early))["__typename"] == "RenegotiationNotFound"
    await tell_roll(contracts, proposal["id"], cpr_id, marina=60)
    assert (await vote(contracts, MARINA, proposal["id"], **early))["status"] == "CONSENTED"


async def test_a_vote_counts_its_quotas_and_is_given_once(contracts: Contracts) -> None:
    _, renegotiation_id = await voting(contracts)
    refused = await vote(contracts, CARLOS, renegotiation_id, consents=False)
    assert refused["votes"] == {"quotaCount": 100, "consenting": 0, "refusing": 40, "silent": 60}
    assert refused["myVote"] == {"quotaCount": 40, "consents": False}
    assert (await vote(contracts, CARLOS, renegotiation_id, consents=False))["__typename"] == "Renegotiation"
    assert (await vote(contracts, CARLOS, renegotiation_id))["consents"] is False
    stranger = UUID(int=0x57)
    contracts.scopes[stranger] = ("investor",)
    assert (await vote(contracts, stranger, renegotiation_id))["__typename"] == "RenegotiationNotFound"
    assert (await vote(contracts, MARINA, renegotiation_id))["status"] == "CONSENTED"
    assert (await vote(contracts, MARINA, renegotiation_id, consents=False))["consents"] is True


async def test_half_of_the_quotas_are_not_more_than_half(contracts: Contracts) -> None:
    cpr_id = await late(contracts)
    proposal = await propose(contracts, cpr_id)
    await agree(contracts, proposal["id"])
    await tell_roll(contracts, proposal["id"], cpr_id, marina=50, carlos=50)
    assert (await vote(contracts, MARINA, proposal["id"]))["status"] == "VOTING"
    contracts.clock.advance(days=10)
    assert (await vote(contracts, CARLOS, proposal["id"]))["renegotiationStatus"] == "VOTING"
    await run_job(contracts.subgraph, "close_renegotiations")
    assert (await status_of(contracts, proposal["id"]), await ends(contracts)) == ("REJECTED", [("REJECTED", True)])


async def test_holders_of_half_who_refuse_end_it_at_once(contracts: Contracts) -> None:
    _, renegotiation_id = await voting(contracts)
    assert (await vote(contracts, MARINA, renegotiation_id, consents=False))["status"] == "REJECTED"


async def test_a_vote_whose_holders_are_never_told_is_out_of_time(contracts: Contracts) -> None:
    """Ten days after the farmer has agreed, as the vote itself would have been."""
    cpr_id = await late(contracts)
    proposal = await propose(contracts, cpr_id)
    await agree(contracts, proposal["id"])
    contracts.clock.advance(days=9, hours=23)
    await run_job(contracts.subgraph, "close_renegotiations")
    assert await status_of(contracts, proposal["id"]) == "VOTING"
    contracts.clock.advance(hours=1)
    for _ in range(2):
        await run_job(contracts.subgraph, "close_renegotiations")
    assert await ends(contracts) == [("OVERTAKEN", False)]
    await tell_roll(contracts, proposal["id"], cpr_id)
    assert await status_of(contracts, proposal["id"]) == "OVERTAKEN"
    assert (await propose(contracts, cpr_id))["status"] == "PROPOSED"


async def test_who_is_related_to_the_borrower_has_no_vote_and_their_quotas_do_not_count(contracts: Contracts) -> None:
    """Marina acts for the company that owes: of the other 40 quotas Carlos' are enough."""
    contracts.people.people[SERGIO] = Person(cnpj="11222333000181", related=(MARINA,))
    _, renegotiation_id = await voting(contracts)
    refused = await vote(contracts, MARINA, renegotiation_id)
    assert refused["__typename"] == "RelatedToBorrower"
    assert refused["message"].startswith("Quem tem ligação com o devedor não vota")
    shown = await contracts.entities(
        MARINA, "Renegotiation", "votes { quotaCount silent } myVote { quotaCount isEntitled }", renegotiation_id
    )
    assert shown == [{"votes": {"quotaCount": 40, "silent": 40}, "myVote": {"quotaCount": 60, "isEntitled": False}}]
    assert (await vote(contracts, CARLOS, renegotiation_id))["status"] == "CONSENTED"


async def test_where_all_holders_are_related_nobody_consents(contracts: Contracts) -> None:
    contracts.people.people[SERGIO] = Person(cnpj="11222333000181", related=(MARINA, CARLOS))
    _, renegotiation_id = await voting(contracts)
    contracts.clock.advance(days=10)
    await run_job(contracts.subgraph, "close_renegotiations")
    assert await status_of(contracts, renegotiation_id) == "REJECTED"


async def test_while_nobody_tells_who_is_related_the_roll_waits(contracts: Contracts) -> None:
    cpr_id = await late(contracts)
    proposal = await propose(contracts, cpr_id)
    await agree(contracts, proposal["id"])
    contracts.people.away = True
    with pytest.raises(PeopleUnavailable):
        await tell_roll(contracts, proposal["id"], cpr_id)
    contracts.people.away = False
    await tell_roll(contracts, proposal["id"], cpr_id)
    assert (await vote(contracts, MARINA, proposal["id"]))["status"] == "CONSENTED"


async def test_consent_asks_the_wallet_for_the_new_schedule(contracts: Contracts) -> None:
    cpr_id, renegotiation_id = await consented(contracts)
    (agreed,) = await recorded(contracts.subgraph, "schedule_agreed")
    first = agreed.pop("installments")[0]
    assert agreed == {
        "renegotiation_id": renegotiation_id,
        "cpr_id": str(cpr_id),
        "farmer_id": str(SERGIO),
        "payment_count": 0,
        "good_until": "2027-02-10T00:00:00-03:00",
        "late_fine_rate": "0.02",
        "late_monthly_rate": "0.01",
        "monthly_rate": "0.009488792935",
    }
    del first["installment_id"]
    assert first == {
        "number": 13,
        "due_on": "2027-02-10",
        "starts_on": "2027-01-09",
        "months": 1,
        "principal_minor": 958_04,
        "interest_minor": 116_53,
        "amount_minor": 1_074_57,
        "carried_minor": 21_64,
        "carried_late_minor": 1_17,
    }


async def test_a_payment_overtakes_a_proposal(contracts: Contracts) -> None:
    cpr_id, renegotiation_id = await voting(contracts)
    first, *_ = await contracts.installments(cpr_id)
    await deliver(contracts.subgraph, contracts.a_payment(first, amount_minor=933_83, late_minor=23_37, late_days=17))
    assert (await status_of(contracts, renegotiation_id), await ends(contracts)) == (
        "OVERTAKEN",
        [("OVERTAKEN", True)],
    )
    assert (await vote(contracts, MARINA, renegotiation_id))["renegotiationStatus"] == "OVERTAKEN"


async def test_once_consented_the_wallet_says_whether_it_was_overtaken(contracts: Contracts) -> None:
    cpr_id, renegotiation_id = await consented(contracts)
    first, *_ = await contracts.installments(cpr_id)
    await deliver(contracts.subgraph, contracts.a_payment(first, amount_minor=933_83, late_minor=23_37, late_days=17))
    assert await status_of(contracts, renegotiation_id) == "CONSENTED"
    kept = heard.ScheduleKept(renegotiation_id=UUID(renegotiation_id), cpr_id=cpr_id, reason="PAID_MEANWHILE")
    for _ in range(2):
        await deliver(contracts.subgraph, kept)
    assert (await status_of(contracts, renegotiation_id), await ends(contracts)) == (
        "OVERTAKEN",
        [("OVERTAKEN", True)],
    )
    assert len(await contracts.installments(cpr_id)) == 12


async def test_staff_may_withdraw_until_the_holders_have_decided(contracts: Contracts) -> None:
    _, renegotiation_id = await voting(contracts)
    for _ in range(2):
        withdrawn = await mutate(contracts, ANA, "withdrawRenegotiation", renegotiationId=renegotiation_id)
        assert withdrawn["status"] == "WITHDRAWN"
    assert await ends(contracts) == [("WITHDRAWN", True)]
    async with contracts.subgraph.database.read() as session:
        acts = await session.execute(text("SELECT actor_id, action, person_id FROM staff_acts"))
        assert [tuple(act) for act in acts] == [(ANA, "RENEGOTIATION_WITHDRAWN", SERGIO)]
    contracts.clock.instant = FixedClock().instant
    _, decided = await consented(contracts)
    refused = await mutate(contracts, ANA, "withdrawRenegotiation", renegotiationId=decided)
    assert refused["renegotiationStatus"] == "CONSENTED"
    unknown = await mutate(contracts, ANA, "withdrawRenegotiation", renegotiationId=str(UUID(int=9)))
    assert unknown["__typename"] == "RenegotiationNotFound"
