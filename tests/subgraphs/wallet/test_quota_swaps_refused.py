"""What the wallet refuses to swap, with which reason, and what it leaves to people or to later."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.shared.standing import facts
from subgraphs.wallet.schemas import heard
from tests.subgraphs.wallet.quota_swaps import lent, pay, refusals, wanted
from tests.subgraphs.wallet.test_money_out import PAUSE
from tests.subgraphs.wallet.wallet_world import CARLOS, MARINA, NINE_O_CLOCK, SERGIO, WalletWorld, number


async def test_who_cannot_pay_gets_nothing_also_when_asked_again_later(world: WalletWorld) -> None:
    await lent(world)
    await world.tell(wanted(price_minor=1_000_01))
    assert await refusals(world) == ["INSUFFICIENT_FUNDS"]
    await world.deposit(CARLOS, 100_00)
    await world.tell(wanted(price_minor=1_000_01))
    assert await world.balances(CARLOS) == (1_100_00, 0, 0)
    assert await world.balances(MARINA) == (0, 0, 0)
    assert await world.rows("SELECT * FROM quota_swaps") == []


async def test_an_installment_that_was_paid_meanwhile_overtakes_a_purchase(world: WalletWorld) -> None:
    first, second = await lent(world)
    await world.deposit(SERGIO, 2_000_00)
    await pay(world, first)
    await world.tell(wanted())
    await pay(world, second)
    await world.tell(wanted(purchase_id=number(0xBA2), paid_installments=2))
    assert await refusals(world) == ["INSTALLMENT_PAID_MEANWHILE", "CPR_SETTLED"]
    assert await world.balances(CARLOS) == (1_000_00, 0, 0)


async def test_a_purchase_that_comes_too_late_is_refused(world: WalletWorld) -> None:
    await lent(world)
    await world.tell(wanted(good_until=NINE_O_CLOCK))
    assert await refusals(world) == ["TIMED_OUT"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"cpr_id": number(0xC9)}, NotYet),
        ({"position_id": number(0x999)}, NotYet),
        ({"buyer_id": number(0x999)}, NotYet),
        ({"position_quotas": 5}, ValueError),
    ],
    ids=["schedule not known", "position not known", "buyer not known", "other figures"],
)
async def test_what_cannot_be_swapped_is_refused_when_its_time_is_over(
    world: WalletWorld, change: dict[str, Any], fault: type[Exception]
) -> None:
    await lent(world)
    purchase = wanted(good_until=NINE_O_CLOCK + timedelta(hours=1), **change)
    with pytest.raises(fault):
        await world.tell(purchase)
    assert await refusals(world) == []
    world.clock.advance(hours=1)
    await world.tell(purchase)
    await world.tell(purchase)
    assert await refusals(world) == ["TIMED_OUT"]


@pytest.mark.parametrize(("who", "reason"), [(MARINA, "SELLER_UNAVAILABLE"), (CARLOS, "PERSON_NOT_ACTIVE")])
@pytest.mark.parametrize("fact", [facts.UserSuspended, facts.AccountClosed])
async def test_who_is_locked_out_or_has_left_neither_buys_nor_sells(
    world: WalletWorld, who: uuid.UUID, reason: str, fact: Any
) -> None:
    """The buyer is not told why the seller cannot sell."""
    await lent(world)
    before = await world.trial_balance()
    await world.tell(facts.UserSuspended(user_id=who))
    if fact is facts.AccountClosed:
        await world.tell(heard.AccountClosed(user_id=who))
        before = await world.trial_balance()
    await world.tell(wanted())
    assert await refusals(world) == [reason]
    assert await world.trial_balance() == before
    assert await world.rows("SELECT sold_quotas FROM quota_positions") == [(0,)]


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize(("who", "reason"), [(MARINA, "SELLER_UNAVAILABLE"), (CARLOS, "MONEY_OUT_PAUSED")])
@pytest.mark.parametrize("is_owners", [True, False], ids=["stopped", "cooling off"])
async def test_while_money_may_not_leave_freely_quotas_and_their_price_do_not_either(
    world: WalletWorld, who: uuid.UUID, reason: str, is_owners: bool
) -> None:
    """What a thief would sell for a cent, or buy for too much, is as lost as what is withdrawn."""
    await lent(world)
    if is_owners:
        await world.get(PAUSE, who)
    else:
        await world.tell(heard.SecurityAlert(user_id=who, kind="PASSWORD_RESET"))
    await world.tell(wanted())
    assert await refusals(world) == [reason]
    assert await world.rows("SELECT * FROM quota_swaps") == []
    world.clock.advance(hours=24)
    await world.tell(wanted(purchase_id=number(0xBA2), offered_at=world.clock.now()))
    assert await world.balances(CARLOS) == (580_00, 0, 0)


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize("is_owners", [True, False], ids=["stopped", "disowned"])
async def test_an_offer_from_before_its_seller_said_it_was_not_them_is_never_bought(
    world: WalletWorld, is_owners: bool
) -> None:
    await lent(world)
    if is_owners:
        await world.get(PAUSE, MARINA)
    else:
        await world.tell(heard.SecurityAlert(user_id=MARINA, kind="CHANGE_DISOWNED"))
    world.clock.advance(days=30)
    await world.tell(wanted(offered_at=NINE_O_CLOCK))
    assert await refusals(world) == ["SELLER_UNAVAILABLE"]
    await world.tell(wanted(purchase_id=number(0xBA2), offered_at=NINE_O_CLOCK + timedelta(seconds=1)))
    assert await world.balances(CARLOS) == (580_00, 0, 0)


@pytest.mark.usefixtures("rules")
async def test_an_offer_outlives_a_cooling_off_time(world: WalletWorld) -> None:
    """Nobody has said that it was not them."""
    await lent(world)
    await world.tell(heard.SecurityAlert(user_id=MARINA, kind="PASSWORD_RESET"))
    world.clock.advance(days=1)
    await world.tell(wanted())
    assert await world.balances(CARLOS) == (580_00, 0, 0)


async def test_what_does_not_fit_its_position_is_for_people_to_look_at(world: WalletWorld) -> None:
    await lent(world)
    # Five quotas at R$ 200 would be as much money; but Marina lent it for ten.
    for change in ({"seller_id": SERGIO}, {"position_quotas": 5}, {"investment_id": number(0x999)}):
        with pytest.raises(ValueError, match="purchase"):
            await world.tell(wanted(**change))
    for change in ({"buyer_id": number(0x999)}, {"position_id": number(0x999)}):
        with pytest.raises(NotYet):
            await world.tell(wanted(**change))
    assert await world.rows("SELECT * FROM swap_requests") == []
