"""Of what is due, one that cannot be done holds up no other: it is counted, and done at the next run."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from subgraphs.shared.clock import business_date
from subgraphs.shared.person_kind import PersonKind
from subgraphs.wallet.domain import payers, payments
from subgraphs.wallet.ports.payment_gateway import ReportedPayment
from subgraphs.wallet.schemas import events
from tests.builders.jobs import break_facts, failures_of, run_job
from tests.subgraphs.wallet.pix_notices import deposit_txid
from tests.subgraphs.wallet.tampering import tamper
from tests.subgraphs.wallet.test_payment_returns import JOAO, statuses, verified_marina
from tests.subgraphs.wallet.test_payment_returns import send as send_returns
from tests.subgraphs.wallet.test_remittances import REMITTED, collector, withhold
from tests.subgraphs.wallet.test_withdrawals import marina_with_an_account, send, withdraw
from tests.subgraphs.wallet.wallet_world import MARINA, WalletWorld, number


async def test_a_hold_that_cannot_be_given_back(world: WalletWorld) -> None:
    await world.person_with(MARINA, 500_00)
    for investment in (number(0x101), number(0x102)):
        await world.request_investment(MARINA, 200_00, investment=investment)
    world.clock.advance(days=121)
    failed = failures_of("expire holds")
    with pytest.MonkeyPatch.context() as broken:
        break_facts(broken, lambda fact: isinstance(fact, events.HoldReleased) and fact.reference_id == number(0x101))
        await run_job(world.subgraph, "expire holds")
    assert [fact.reference_id for fact in await world.published(events.HoldReleased)] == [number(0x102)]
    assert await world.balances(MARINA) == (300_00, 200_00, 0)
    assert failures_of("expire holds") == failed + 1
    await run_job(world.subgraph, "expire holds")
    assert await world.balances(MARINA) == (500_00, 0, 0)


async def test_a_payment_that_cannot_be_settled(world: WalletWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.open_wallets(MARINA)
    for amount in (100_00, 50_00):
        reported = ReportedPayment(
            end_to_end_id=f"E{amount}",
            txid=await deposit_txid(world, f"{amount // 100}.00"),
            method="PIX",
            amount_minor=amount,
            paid_at=world.clock.now(),
            settles_on=business_date(world.clock.now()) + timedelta(days=1),
        )
        await payers.receive_reported(world.services, reported)
    settlement, failed = payments._settlement, failures_of("settle gateway payments")
    unsettled = "SELECT amount_minor FROM gateway_payments WHERE settled_at IS NULL"
    world.clock.advance(days=1)
    with monkeypatch.context() as broken:

        def settle(payment: Any) -> Any:
            if payment.amount_minor == 100_00:
                raise ValueError("not this one")
            return settlement(payment)

        broken.setattr(payments, "_settlement", settle)
        await run_job(world.subgraph, "settle gateway payments")
    assert await world.rows(unsettled) == [(100_00,)]
    assert failures_of("settle gateway payments") == failed + 1
    await run_job(world.subgraph, "settle gateway payments")
    assert await world.rows(unsettled) == []


async def test_a_withdrawal_that_cannot_be_asked_about(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    for amount, key in (("200.00", "withdrawal-1"), ("100.00", "withdrawal-2")):
        await withdraw(world, amount, account, key=key)
    await send(world)
    world.clock.advance(minutes=6)
    failed = failures_of("ask about withdrawals")
    with pytest.MonkeyPatch.context() as broken:
        break_facts(broken, lambda fact: isinstance(fact, events.WithdrawalSettled) and fact.amount_minor == 200_00)
        await run_job(world.subgraph, "ask about withdrawals")
    ends = "SELECT amount_minor, status FROM withdrawals ORDER BY amount_minor"
    assert await world.rows(ends) == [(100_00, "SETTLED"), (200_00, "SENT")]
    assert failures_of("ask about withdrawals") == failed + 1
    await run_job(world.subgraph, "ask about withdrawals")
    assert await world.rows(ends) == [(100_00, "SETTLED"), (200_00, "SETTLED")]


async def test_a_return_that_cannot_be_asked_about(world: WalletWorld) -> None:
    await world.arrive(await verified_marina(world), 100_00, payer=JOAO)
    await world.arrive(await deposit_txid(world, "50.00"), 50_00, payer=JOAO)
    await send_returns(world)
    world.clock.advance(minutes=6)
    failed = failures_of("ask about returns")
    with pytest.MonkeyPatch.context() as broken:
        break_facts(broken, lambda fact: isinstance(fact, events.PaymentReturned) and fact.amount_minor == 100_00)
        await run_job(world.subgraph, "ask about returns")
    assert sorted(await statuses(world)) == ["SENT", "SETTLED"]
    assert failures_of("ask about returns") == failed + 1
    await run_job(world.subgraph, "ask about returns")
    assert await statuses(world) == ["SETTLED", "SETTLED"]


async def test_a_tax_of_which_no_rule_says_how_it_is_paid(world: WalletWorld, owner: asyncpg.Connection) -> None:
    await withhold(world, (12_00, PersonKind.NATURAL), (30_00, PersonKind.LEGAL))
    forget = "DELETE FROM remittance_rules WHERE person = 'LEGAL' AND tax = 'INCOME_TAX'"
    await tamper(owner, "remittance_rules", forget)
    world.clock.advance(days=8)
    failed = failures_of("remit withheld taxes")
    await run_job(world.subgraph, "remit withheld taxes")
    assert [(*row[:2], *row[-2:]) for row in await world.rows(REMITTED)] == [("INCOME_TAX", "NATURAL", 12_00, "PAID")]
    assert failures_of("remit withheld taxes") == failed + 1


async def test_a_slip_that_is_answered_with_nonsense(world: WalletWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    await withhold(world, (12_00, PersonKind.NATURAL), (30_00, PersonKind.LEGAL))
    world.clock.advance(days=8)
    issue, failed = collector(world).issue_slip, failures_of("remit withheld taxes")
    with monkeypatch.context() as broken:

        async def issue_slip(order: Any) -> str:
            if order.amount_minor == 12_00:
                raise ValueError("not this one")
            return await issue(order)

        broken.setattr(collector(world), "issue_slip", issue_slip)
        await run_job(world.subgraph, "remit withheld taxes")
    paid = "SELECT amount_minor, status FROM remittances ORDER BY amount_minor"
    assert await world.rows(paid) == [(12_00, "PREPARED"), (30_00, "PAID")]
    assert failures_of("remit withheld taxes") == failed + 1
    await run_job(world.subgraph, "remit withheld taxes")
    assert await world.rows(paid) == [(12_00, "PAID"), (30_00, "PAID")]
