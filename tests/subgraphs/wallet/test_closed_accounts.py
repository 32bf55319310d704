"""What arrives for somebody who has left is nobody's until people have looked."""

import uuid

from subgraphs.shared.standing import facts
from subgraphs.wallet.domain.books import check_books
from subgraphs.wallet.models import PaymentOutcome
from subgraphs.wallet.schemas import events
from tests.subgraphs.wallet.test_pix_webhook import deposit_txid
from tests.subgraphs.wallet.wallet_world import MARINA, WalletWorld


async def test_a_deposit_paid_after_its_payer_left_is_in_suspense(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    txid = await deposit_txid(world)
    await world.tell(events.AccountClosed(user_id=MARINA))
    payment = await world.arrive(txid, 100_00)
    assert (payment.outcome, payment.note) == (
        PaymentOutcome.QUARANTINED,
        "the account of the wallet's owner is closed",
    )
    assert await world.balances(MARINA) == (0, 0, 0)
    report = await check_books(world.subgraph.database, now=world.clock.now())
    assert report.problems == ()


async def test_a_deposit_paid_twice_goes_to_suspense_the_second_time_if_its_payer_has_left(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    txid = await deposit_txid(world)
    await world.arrive(txid, 100_00)
    await world.tell(events.AccountClosed(user_id=MARINA))
    again = await world.arrive(txid, 100_00, end_to_end_id=uuid.uuid4().hex)
    assert again.outcome is PaymentOutcome.QUARANTINED
    assert await world.balances(MARINA) == (100_00, 0, 0)


async def test_what_is_theirs_is_still_credited_to_somebody_suspended(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    txid = await deposit_txid(world)
    await world.tell(facts.UserSuspended(user_id=MARINA))
    assert (await world.arrive(txid, 100_00)).outcome is PaymentOutcome.CREDITED
    assert await world.balances(MARINA) == (100_00, 0, 0)
