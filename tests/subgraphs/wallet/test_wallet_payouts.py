"""Payouts: credited part by part, once each, until the installment's account is empty."""

import uuid
from typing import Any

import pytest

from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.wallet.domain import books
from subgraphs.wallet.schemas import events
from tests.subgraphs.wallet.wallet_world import (
    CARLOS,
    MARINA,
    SERGIO,
    WalletWorld,
    installment_distributed,
    number,
    payout,
)

PAY = """mutation($id: ID!) {
  payInstallment(input: {installmentId: $id, idempotencyKey: "payment-0001"}) {
    ... on InstallmentPayment { id }
  }
}"""


async def paid_installment(world: WalletWorld, amount_minor: int = 300_00) -> tuple[uuid.UUID, uuid.UUID]:
    """An installment that Sérgio has paid from his wallet, and the payment."""
    await world.person_with(SERGIO, amount_minor)
    (installment,) = await world.activate(amount_minor)
    data = await world.get(PAY, SERGIO, "farmer", id=str(installment))
    return installment, uuid.UUID(data["payInstallment"]["id"])


def distributed(payment: uuid.UUID, installment: uuid.UUID, *payouts: Any, **part: Any) -> Any:
    return installment_distributed(payment, installment, payouts, **({"total_minor": 300_00} | part))


async def clearing(world: WalletWorld) -> int:
    balance: int = await world.scalar(
        "SELECT balance_minor FROM ledger_balances JOIN ledger_accounts ON id = account_id WHERE kind = 'DISTRIBUTION'"
    )
    return balance


async def test_parts_may_come_in_any_order_and_empty_the_account_in_the_end(world: WalletWorld) -> None:
    await world.open_wallets(MARINA, CARLOS)
    installment, payment = await paid_installment(world)
    second = distributed(
        payment, installment, payout(2, CARLOS, net_minor=95_00, fee_minor=4_00, tax_minor=1_00), part=2, parts=2
    )
    first = distributed(payment, installment, payout(1, MARINA, net_minor=200_00), part=1, parts=2)
    await world.tell(second)
    assert await clearing(world) == 200_00
    await world.tell(first)
    assert await clearing(world) == 0
    assert await world.balances(MARINA) == (200_00, 0, 0)
    assert await world.balances(CARLOS) == (95_00, 0, 0)
    credited = await world.published(events.PayoutCredited)
    assert [(event.payout_id, event.amount_minor) for event in credited] == [
        (number(0xE02), 95_00),
        (number(0xE01), 200_00),
    ]


async def test_a_part_told_again_is_credited_once(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    installment, payment = await paid_installment(world)
    part = distributed(payment, installment, payout(1, MARINA, net_minor=300_00))
    await world.tell(part)
    await world.tell(part)
    assert await world.balances(MARINA) == (300_00, 0, 0)
    assert len(await world.published(events.PayoutCredited)) == 1


async def test_a_payout_of_nothing_is_told_but_moves_nothing(world: WalletWorld) -> None:
    await world.open_wallets(MARINA, CARLOS)
    installment, payment = await paid_installment(world)
    await world.tell(
        distributed(payment, installment, payout(1, MARINA, net_minor=300_00), payout(2, CARLOS, net_minor=0))
    )
    assert [event.amount_minor for event in await world.published(events.PayoutCredited)] == [300_00, 0]
    assert await world.balances(CARLOS) == (0, 0, 0)


async def test_a_distribution_waits_for_its_payment_and_for_wallets(world: WalletWorld) -> None:
    with pytest.raises(NotYet, match="is not known"):
        await world.tell(distributed(number(1), number(0x1A0), payout(1, MARINA, net_minor=300_00)))
    installment, payment = await paid_installment(world)
    with pytest.raises(NotYet, match="no wallet yet of 1 investors"):
        await world.tell(distributed(payment, installment, payout(1, MARINA, net_minor=300_00)))
    await world.open_wallets(MARINA)
    await world.tell(distributed(payment, installment, payout(1, MARINA, net_minor=300_00)))
    assert await world.balances(MARINA) == (300_00, 0, 0)


async def test_figures_that_do_not_belong_together_pay_nobody(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    installment, payment = await paid_installment(world)
    wrong_gross = payout(1, MARINA, net_minor=300_00) | {"gross_minor": 299_99}
    with pytest.raises(ValueError, match="net, fee and tax are not the gross amount"):
        await world.tell(distributed(payment, installment, wrong_gross))
    with pytest.raises(ValueError, match="is not of payment"):
        await world.tell(distributed(payment, installment, payout(1, MARINA, net_minor=1), total_minor=1))
    with pytest.raises(ValueError, match="is not of payment"):
        await world.tell(distributed(payment, number(99), payout(1, MARINA, net_minor=300_00)))
    assert await world.balances(MARINA) == (0, 0, 0)
    assert await clearing(world) == 300_00


async def test_more_than_was_paid_is_never_paid_out(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    installment, payment = await paid_installment(world)
    await world.tell(distributed(payment, installment, payout(1, MARINA, net_minor=300_00), part=1, parts=2))
    with pytest.raises(Exception, match="ck_ledger_balances_not_below_zero"):
        await world.tell(distributed(payment, installment, payout(2, MARINA, net_minor=1), part=2, parts=2))
    assert await world.balances(MARINA) == (300_00, 0, 0)


async def test_what_a_distribution_leaves_over_is_named_by_the_books(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    installment, payment = await paid_installment(world)
    database, now = world.subgraph.database, world.clock.now()
    assert (await books.check_books(database, now=now)).balanced
    await world.tell(distributed(payment, installment, payout(1, MARINA, net_minor=299_99)))
    report = await books.check_books(database, now=now)
    assert report.problems == (f"distribution:{payment}: R$ 0,01 was not paid out",)


async def test_an_installment_that_waits_for_more_than_a_day_is_named_by_the_books(world: WalletWorld) -> None:
    _, payment = await paid_installment(world)
    world.clock.advance(hours=24, seconds=1)
    report = await books.check_books(world.subgraph.database, now=world.clock.now())
    assert report.problems == (f"distribution:{payment}: R$ 300,00 was not paid out",)


async def test_three_hundred_payouts_are_credited_at_once(world: WalletWorld) -> None:
    investors = [number(0x5000 + place) for place in range(300)]
    await world.open_wallets(*investors)
    installment, payment = await paid_installment(world)
    payouts = [payout(place, investor, net_minor=1_00) for place, investor in enumerate(investors)]
    await world.tell(distributed(payment, installment, *payouts))
    assert await clearing(world) == 0
    assert await world.scalar("SELECT count(*) FROM ledger_transfers WHERE kind = 'PAYOUT'") == 300
    assert len(await world.published(events.PayoutCredited)) == 300
