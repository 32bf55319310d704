"""Holds: placed or refused once, ended once, whatever is repeated, reordered or late."""

import pytest

from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.wallet import models
from subgraphs.wallet.domain import holds
from subgraphs.wallet.models import HoldStatus
from subgraphs.wallet.schemas import events, heard
from tests.fixtures.databases import as_owner
from tests.subgraphs.wallet.wallet_world import (
    CARLOS,
    MARINA,
    OFFERING,
    SERGIO,
    WalletWorld,
    cpr_registered,
    investment_requested,
    number,
    offering_funded,
)

INVESTMENT = number(0x101)


async def the_hold(world: WalletWorld) -> models.Hold:
    async with world.subgraph.database.read() as session:
        hold_id = await world.scalar("SELECT id FROM holds")
        return await session.get_one(models.Hold, hold_id)


async def test_a_hold_moves_money_from_available_to_held(world: WalletWorld) -> None:
    await world.person_with(MARINA, 500_00)
    await world.request_investment(MARINA, 300_00, investment=INVESTMENT)
    (placed,) = await world.published(events.HoldPlaced)
    assert (placed.purpose, placed.reference_id, placed.user_id, placed.amount_minor) == (
        "investment",
        INVESTMENT,
        MARINA,
        300_00,
    )
    assert await world.statement(MARINA) == (
        "2026-11-23 09:00  DEPOSIT  available           +500.00           500.00\n"
        "2026-11-23 09:00  HOLD     available           -300.00           200.00\n"
        "2026-11-23 09:00  HOLD     held                +300.00           300.00\n"
        "                           available                             200.00\n"
        "                           held                                  300.00\n"
        "                           processing                              0.00\n"
    )


async def test_a_hold_over_what_is_available_is_refused_and_moves_nothing(world: WalletWorld) -> None:
    await world.person_with(MARINA, 500_00)
    await world.request_investment(MARINA, 500_01, investment=INVESTMENT)
    (refused,) = await world.published(events.HoldRefused)
    assert (refused.reference_id, refused.amount_minor, refused.available_minor, refused.reason) == (
        INVESTMENT,
        500_01,
        500_00,
        "INSUFFICIENT_FUNDS",
    )
    assert await world.scalar("SELECT count(*) FROM holds") == 0
    assert await world.scalar("SELECT count(*) FROM ledger_transfers WHERE kind = 'HOLD'") == 0


async def test_the_same_message_again_places_nothing_again(world: WalletWorld) -> None:
    await world.person_with(MARINA, 500_00)
    request = investment_requested(MARINA, 200_00, investment=INVESTMENT)
    event = await world.tell(request)
    await world.deliver(event, request)
    assert await world.scalar("SELECT count(*) FROM holds") == 1
    assert len(await world.published(events.HoldPlaced)) == 1


async def test_the_same_request_in_another_message_places_nothing_again(world: WalletWorld) -> None:
    await world.person_with(MARINA, 500_00)
    await world.request_investment(MARINA, 200_00, investment=INVESTMENT)
    await world.request_investment(MARINA, 200_00, investment=INVESTMENT)
    assert await world.scalar("SELECT count(*) FROM holds") == 1
    assert len(await world.published(events.HoldPlaced)) == 1


async def test_a_refusal_stays_a_refusal_when_money_comes_later(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    await world.request_investment(MARINA, 200_00, investment=INVESTMENT)
    await world.deposit(MARINA, 500_00)
    await world.request_investment(MARINA, 200_00, investment=INVESTMENT)
    assert await world.scalar("SELECT count(*) FROM holds") == 0
    assert len(await world.published(events.HoldRefused)) == 1


async def test_a_request_waits_for_the_wallet(world: WalletWorld) -> None:
    with pytest.raises(NotYet, match="no wallet of user"):
        await world.request_investment(MARINA, 200_00, investment=INVESTMENT)
    await world.person_with(MARINA, 200_00)
    await world.request_investment(MARINA, 200_00, investment=INVESTMENT)
    assert (await the_hold(world)).status is HoldStatus.ACTIVE


async def test_a_cancellation_gives_the_money_back_once(world: WalletWorld) -> None:
    await world.person_with(MARINA, 500_00)
    await world.request_investment(MARINA, 200_00, investment=INVESTMENT)
    await world.tell(heard.InvestmentCancelled(investment_id=INVESTMENT))
    await world.tell(heard.InvestmentCancelled(investment_id=INVESTMENT))
    assert (await the_hold(world)).status is HoldStatus.RELEASED
    (released,) = await world.published(events.HoldReleased)
    assert (released.reference_id, released.amount_minor, released.expired) == (INVESTMENT, 200_00, False)
    assert await world.balances(MARINA) == (500_00, 0, 0)


async def test_a_cancellation_that_overtakes_its_request_leads_to_no_hold(world: WalletWorld) -> None:
    await world.person_with(MARINA, 500_00)
    await world.tell(heard.InvestmentCancelled(investment_id=INVESTMENT))
    await world.request_investment(MARINA, 200_00, investment=INVESTMENT)
    assert await world.scalar("SELECT count(*) FROM holds") == 0
    assert await world.published(events.HoldPlaced) == []


async def test_a_cancelled_offering_gives_all_its_money_back(world: WalletWorld) -> None:
    await world.person_with(MARINA, 500_00)
    await world.person_with(CARLOS, 500_00)
    await world.request_investment(MARINA, 200_00, investment=number(0x101))
    await world.request_investment(CARLOS, 300_00, investment=number(0x102))
    await world.request_investment(CARLOS, 100_00, investment=number(0x103), offering=number(0x0E))
    await world.tell(heard.OfferingCancelled(offering_id=OFFERING))
    assert {event.reference_id for event in await world.published(events.HoldReleased)} == {
        number(0x101),
        number(0x102),
    }
    assert await world.scalar("SELECT count(*) FROM holds WHERE status = 'ACTIVE'") == 1


async def test_a_request_for_an_offering_that_is_cancelled_is_refused(world: WalletWorld) -> None:
    await world.person_with(MARINA, 500_00)
    await world.tell(heard.OfferingCancelled(offering_id=OFFERING))
    await world.request_investment(MARINA, 200_00, investment=INVESTMENT)
    (refused,) = await world.published(events.HoldRefused)
    assert refused.reason == "OFFERING_CLOSED"


async def test_a_hold_that_nobody_ends_expires(world: WalletWorld) -> None:
    await world.person_with(MARINA, 500_00)
    await world.request_investment(MARINA, 200_00, investment=INVESTMENT)
    world.clock.advance(days=119, hours=23)
    async with world.begin() as session:
        assert await holds.expire_holds(session, now=world.clock.now()) == 0
    world.clock.advance(hours=1)
    async with world.begin() as session:
        assert await holds.expire_holds(session, now=world.clock.now()) == 1
    async with world.begin() as session:
        assert await holds.expire_holds(session, now=world.clock.now()) == 0
    assert (await the_hold(world)).status is HoldStatus.EXPIRED
    (released,) = await world.published(events.HoldReleased)
    assert released.expired is True


async def test_a_captured_hold_has_ended(world: WalletWorld) -> None:
    await world.person_with(MARINA, 500_00)
    await world.open_wallets(SERGIO)
    await world.request_investment(MARINA, 200_00, investment=INVESTMENT)
    await world.fund(200_00, 1)
    hold = await the_hold(world)
    assert (hold.status, hold.captured_minor) == (HoldStatus.CAPTURED, 200_00)
    assert await world.statement(MARINA) == (
        "2026-11-23 09:00  DEPOSIT       available           +500.00           500.00\n"
        "2026-11-23 09:00  HOLD          available           -200.00           300.00\n"
        "2026-11-23 09:00  HOLD          held                +200.00           200.00\n"
        "2026-11-23 09:00  HOLD_CAPTURE  held                -200.00             0.00\n"
        "                                available                             300.00\n"
        "                                held                                    0.00\n"
        "                                processing                              0.00\n"
    )
    async with world.begin() as session:
        assert await holds.release_hold(session, hold.id, now=world.clock.now()) is False


async def test_disbursing_waits_for_everything_it_needs(world: WalletWorld) -> None:
    await world.person_with(MARINA, 500_00)
    await world.request_investment(MARINA, 500_00, investment=INVESTMENT)
    funded = offering_funded(500_00, 1)
    with pytest.raises(NotYet, match="not known to be registered"):
        await world.tell(funded)
    await world.tell(cpr_registered())
    with pytest.raises(NotYet, match="no wallet of user"):
        await world.tell(funded)
    await world.open_wallets(SERGIO)
    with pytest.raises(NotYet, match=r"has 1 holds of 50000, not 2 of 70000"):
        await world.tell(offering_funded(700_00, 2))
    await world.tell(funded)
    assert len(await world.published(events.CPRDisbursed)) == 1


async def test_disbursing_waits_for_the_release_of_a_cancelled_investment(world: WalletWorld) -> None:
    await world.person_with(MARINA, 1_000_00)
    await world.open_wallets(SERGIO)
    await world.request_investment(MARINA, 500_00, investment=number(0x101))
    await world.request_investment(MARINA, 500_00, investment=number(0x102))
    with pytest.raises(NotYet):
        await world.fund(500_00, 1)
    await world.tell(heard.InvestmentCancelled(investment_id=number(0x102)))
    await world.fund(500_00, 1)
    assert len(await world.published(events.CPRDisbursed)) == 1


async def test_an_offering_is_disbursed_once(world: WalletWorld) -> None:
    await world.person_with(MARINA, 500_00)
    await world.open_wallets(SERGIO)
    await world.request_investment(MARINA, 500_00, investment=INVESTMENT)
    await world.fund(500_00, 1)
    await world.fund(500_00, 1)
    assert len(await world.published(events.CPRDisbursed)) == 1
    assert await world.scalar("SELECT count(*) FROM ledger_transfers WHERE kind = 'DISBURSEMENT'") == 1


async def test_money_that_went_to_the_farmer_is_not_called_back(world: WalletWorld) -> None:
    await world.person_with(MARINA, 500_00)
    await world.open_wallets(SERGIO)
    await world.request_investment(MARINA, 500_00, investment=INVESTMENT)
    await world.fund(500_00, 1)
    with pytest.raises(ValueError, match="was disbursed and cannot be cancelled"):
        await world.tell(heard.OfferingCancelled(offering_id=OFFERING))
    await world.tell(heard.InvestmentCancelled(investment_id=INVESTMENT))
    assert await world.published(events.HoldReleased) == []


async def test_a_cancelled_offering_is_not_disbursed(world: WalletWorld) -> None:
    await world.person_with(MARINA, 500_00)
    await world.open_wallets(SERGIO)
    await world.tell(heard.OfferingCancelled(offering_id=OFFERING))
    with pytest.raises(ValueError, match="was cancelled and cannot be disbursed"):
        await world.fund(500_00, 1)


@pytest.mark.parametrize(
    ("grade", "fee", "net"),
    [("A", "20.01", "980.54"), ("B", "25.01", "975.54"), ("C", "30.02", "970.53"), ("E", "40.02", "960.53")],
)
async def test_the_origination_fee_follows_the_grade(world: WalletWorld, grade: str, fee: str, net: str) -> None:
    await world.person_with(MARINA, 1_000_55)
    await world.open_wallets(SERGIO)
    await world.request_investment(MARINA, 1_000_55, investment=INVESTMENT)
    await world.fund(1_000_55, 1, grade=grade)
    balances = {line.split()[0]: line.split()[-1] for line in (await world.trial_balance()).splitlines()[1:-1]}
    assert balances["origination_fee"] == fee
    assert balances[f"available:{SERGIO}"] == net


async def test_a_grade_without_a_fee_stops_the_disbursement(world: WalletWorld) -> None:
    await world.person_with(MARINA, 500_00)
    await world.open_wallets(SERGIO)
    await world.request_investment(MARINA, 500_00, investment=INVESTMENT)
    with pytest.raises(LookupError, match="no origination fee is set for grade Z"):
        await world.fund(500_00, 1, grade="Z")
    assert (await the_hold(world)).status is HoldStatus.ACTIVE


async def test_a_rate_counts_from_its_day_on(world: WalletWorld) -> None:
    await world.person_with(MARINA, 1_000_00)
    await world.open_wallets(SERGIO)
    async with as_owner(world.subgraph.database) as session:
        session.add_all(
            models.OriginationFeeRate(grade="A", valid_from=day, rate=rate)
            for day, rate in ((world.clock.now().date(), "0.0225"), (world.clock.now().date().replace(day=24), "0.03"))
        )
    await world.request_investment(MARINA, 1_000_00, investment=INVESTMENT)
    await world.fund(1_000_00, 1)
    (disbursed,) = await world.published(events.CPRDisbursed)
    assert disbursed.origination_fee_minor == 22_50


async def test_a_rate_of_tax_is_taken_where_one_is_set(world: WalletWorld) -> None:
    await world.person_with(MARINA, 10_000_00)
    await world.open_wallets(SERGIO)
    async with as_owner(world.subgraph.database) as session:
        session.add(
            models.IofRate(
                instrument=models.Instrument.REGISTERED_CPR,
                valid_from=world.clock.now().date(),
                daily_rate="0.000082",
                days_max=365,
                additional_rate="0.0038",
                legal_basis="a change of law",
                doubt="none",
            )
        )
    await world.request_investment(MARINA, 10_000_00, investment=INVESTMENT)
    await world.fund(10_000_00, 1)
    (disbursed,) = await world.published(events.CPRDisbursed)
    # Twelve months of thirty days: 295.20, and 38.00 once.
    assert (disbursed.iof_minor, disbursed.net_minor) == (333_20, 9_466_80)
