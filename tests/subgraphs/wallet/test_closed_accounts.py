"""What arrives for somebody who has left is nobody's until people have looked: it goes to suspense, whatever it is."""

import asyncio
import uuid

import pytest

from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.shared.standing import facts
from subgraphs.wallet.domain import withdrawals
from subgraphs.wallet.domain.books import check_books
from subgraphs.wallet.models import PaymentOutcome
from subgraphs.wallet.schemas import heard
from tests.subgraphs.wallet.pix_notices import deposit_txid
from tests.subgraphs.wallet.staff_pairs import propose
from tests.subgraphs.wallet.test_wallet_payouts import distributed, paid_installment
from tests.subgraphs.wallet.test_withdrawals import marina_with_an_account, withdraw
from tests.subgraphs.wallet.wallet_world import CARLOS, MARINA, SERGIO, WalletWorld, number, payout


async def test_a_deposit_paid_after_its_payer_left_is_in_suspense(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    txid = await deposit_txid(world)
    await world.tell(heard.AccountClosed(user_id=MARINA))
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
    await world.tell(heard.AccountClosed(user_id=MARINA))
    again = await world.arrive(txid, 100_00, end_to_end_id=uuid.uuid4().hex)
    assert again.outcome is PaymentOutcome.QUARANTINED
    assert await world.balances(MARINA) == (0, 0, 0)


async def test_what_is_theirs_is_still_credited_to_somebody_suspended(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    txid = await deposit_txid(world)
    await world.tell(facts.UserSuspended(user_id=MARINA))
    assert (await world.arrive(txid, 100_00)).outcome is PaymentOutcome.CREDITED
    assert await world.balances(MARINA) == (100_00, 0, 0)


def empty(longest_kind: str = "") -> str:
    """How a statement ends where nothing is left; its columns are as wide as the longest kind before."""
    indent = " " * (20 + len(longest_kind))
    return "".join(f"{indent}{name:<22}{'0.00':>22}\n" for name in ("available", "held", "processing"))


async def unclaimed(world: WalletWorld) -> list[tuple[str, uuid.UUID, int, str]]:
    """What is in suspense because whose it is has left: by which transfer, whose, how much, why."""
    rows = await world.rows(
        """SELECT transfer.kind, unclaimed.user_id, unclaimed.amount_minor, unclaimed.reason
           FROM unclaimed_credits AS unclaimed JOIN ledger_transfers AS transfer ON transfer.id = unclaimed.transfer_id
           ORDER BY transfer.number"""
    )
    return [tuple(row) for row in rows]


async def suspense(world: WalletWorld) -> int:
    """What is there; fails where the books do not explain it."""
    report = await check_books(world.subgraph.database, now=world.clock.now())
    assert report.problems == ()
    found: int = await world.scalar(
        """SELECT balance_minor FROM ledger_balances JOIN ledger_accounts ON id = account_id WHERE kind = 'SUSPENSE'"""
    )
    return found


LEFT = "the account of the wallet's owner is closed"


async def test_a_payout_for_somebody_who_has_left_is_in_suspense_and_the_others_are_credited(
    world: WalletWorld,
) -> None:
    await world.open_wallets(MARINA, CARLOS)
    installment, payment = await paid_installment(world)
    await world.tell(heard.AccountClosed(user_id=MARINA))
    of_marina = payout(1, MARINA, net_minor=170_00, fee_minor=10_00, tax_minor=20_00)
    await world.tell(distributed(payment, installment, of_marina, payout(2, CARLOS, net_minor=100_00)))
    assert await world.statement(MARINA) == empty()
    assert await world.balances(CARLOS) == (100_00, 0, 0)
    assert await unclaimed(world) == [("PAYOUT", MARINA, 170_00, LEFT)]
    assert await suspense(world) == 170_00


async def test_a_payout_that_came_before_its_owner_left_is_set_aside_when_they_leave(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    installment, payment = await paid_installment(world)
    await world.tell(distributed(payment, installment, payout(1, MARINA, net_minor=300_00)))
    for _ in range(2):
        await world.tell(heard.AccountClosed(user_id=MARINA))
    assert await world.statement(MARINA) == (
        "2026-11-23 09:00  PAYOUT    available           +300.00           300.00\n"
        "2026-11-23 09:00  SUSPENSE  available           -300.00             0.00\n" + empty("SUSPENSE")
    )
    assert await unclaimed(world) == [("SUSPENSE", MARINA, 300_00, LEFT)]
    assert await suspense(world) == 300_00


async def test_a_hold_that_is_released_after_its_owner_left_is_in_suspense(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    await world.request_investment(MARINA, 60_00, investment=number(0x101))
    await world.tell(heard.AccountClosed(user_id=MARINA))
    assert await world.balances(MARINA) == (0, 60_00, 0)
    await world.tell(heard.InvestmentCancelled(investment_id=number(0x101)))
    assert await world.statement(MARINA) == (
        "2026-11-23 09:00  DEPOSIT       available           +100.00           100.00\n"
        "2026-11-23 09:00  HOLD          available            -60.00            40.00\n"
        "2026-11-23 09:00  HOLD          held                 +60.00            60.00\n"
        "2026-11-23 09:00  SUSPENSE      available            -40.00             0.00\n"
        "2026-11-23 09:00  HOLD_RELEASE  held                 -60.00             0.00\n" + empty("HOLD_RELEASE")
    )
    assert await unclaimed(world) == [("SUSPENSE", MARINA, 40_00, LEFT), ("HOLD_RELEASE", MARINA, 60_00, LEFT)]
    assert await suspense(world) == 100_00


async def test_a_disbursement_to_somebody_who_has_left_is_in_suspense(world: WalletWorld) -> None:
    await world.person_with(MARINA, 1_000_00)
    await world.open_wallets(SERGIO)
    await world.request_investment(MARINA, 1_000_00, investment=number(0x101))
    await world.tell(heard.AccountClosed(user_id=SERGIO))
    await world.fund(1_000_00, 1)
    assert await world.statement(SERGIO) == empty()
    ((kind, user_id, amount, _),) = await unclaimed(world)
    assert (kind, user_id) == ("DISBURSEMENT", SERGIO)
    assert amount == await suspense(world)


async def test_a_withdrawal_that_comes_back_after_its_owner_left_is_in_suspense(world: WalletWorld) -> None:
    account = await marina_with_an_account(world, 100_00)
    withdrawal_id = uuid.UUID((await withdraw(world, "30.00", account))["id"])
    with pytest.raises(NotYet, match="is under way"):
        await world.tell(heard.AccountClosed(user_id=MARINA))
    assert await world.balances(MARINA) == (0, 0, 30_00)
    async with world.begin() as session:
        await withdrawals.return_withdrawal(session, withdrawal_id, reason="no such account", now=world.clock.now())
    assert await world.balances(MARINA) == (0, 0, 0)
    assert await unclaimed(world) == [("SUSPENSE", MARINA, 70_00, LEFT), ("WITHDRAWAL_RETURN", MARINA, 30_00, LEFT)]
    assert await suspense(world) == 100_00


async def test_payouts_go_on_to_somebody_suspended(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    installment, payment = await paid_installment(world)
    await world.tell(facts.UserSuspended(user_id=MARINA))
    await world.tell(distributed(payment, installment, payout(1, MARINA, net_minor=300_00)))
    assert await world.balances(MARINA) == (300_00, 0, 0)
    assert await unclaimed(world) == []


async def test_leaving_and_being_paid_at_once_leaves_nothing_in_the_wallet(world: WalletWorld) -> None:
    people = [number(0x5000 + place) for place in range(12)]
    await world.open_wallets(*people)
    txids = [await deposit_txid(world, user_id=user_id) for user_id in people]
    leaving = [world.tell(heard.AccountClosed(user_id=user_id)) for user_id in people]
    await asyncio.gather(*(world.arrive(txid, 100_00) for txid in txids), *leaving)
    assert [await world.balances(user_id) for user_id in people] == [(0, 0, 0)] * len(people)
    assert await suspense(world) == 100_00 * len(people)


async def test_money_in_suspense_is_not_given_to_somebody_who_has_left(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    payment = await world.arrive("x" * 30, 77_00)
    await world.tell(heard.AccountClosed(user_id=MARINA))
    refused = await propose(world, "RESOLVE_SUSPENSE", payment.id, userId=MARINA)
    assert (refused["code"], refused["why"]) == ("PersonCannotReceive", "CLOSED")
    assert refused["message"] == "Esta pessoa não pode receber o valor: a conta está encerrada."
    assert await world.balances(MARINA) == (0, 0, 0)
