"""A payer's bank wants a payment back: what is there is blocked, the rest is a debt that later credits pay first."""

import asyncio
import uuid
from typing import Any

import asyncpg
import pytest
from sqlalchemy import select

from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.wallet import models
from subgraphs.wallet.domain import claims, reconciliation
from subgraphs.wallet.domain.books import check_books
from subgraphs.wallet.models import PaymentOutcome
from subgraphs.wallet.ports.sandbox_gateway import Misbehaviour
from subgraphs.wallet.schemas import events, heard
from subgraphs.wallet.schemas.webhooks import ClaimOpened, PaymentTakenBack
from tests.builders.jobs import failures_of, run_job
from tests.subgraphs.wallet.conftest import Served
from tests.subgraphs.wallet.pix_notices import charge_of_installment, deposit_txid, post
from tests.subgraphs.wallet.staff_pairs import move, propose
from tests.subgraphs.wallet.test_payment_returns import set_rule
from tests.subgraphs.wallet.test_wallet_payouts import distributed, paid_installment
from tests.subgraphs.wallet.test_withdrawals import marina_with_an_account, withdraw
from tests.subgraphs.wallet.wallet_world import ANA, CARLOS, MARINA, SERGIO, WalletWorld, number, payout

CLAIMS = """query($id: ID!) { _entities(representations: [{__typename: "User", id: $id}]) {
  ... on User { wallet { available { amount } claims {
    status amount { amount } blocked { amount } taken { amount } debt { amount } summary
  } } } } }"""
ALL_CLAIMS = """query($unfinished: Boolean!) {
  moneyClaims(unfinished: $unfinished) { nodes { reference userId moneyClaim { status } } }
}"""


async def open_claim(world: WalletWorld, payment: models.GatewayPayment, amount_minor: int, name: str = "C1") -> bool:
    notice = ClaimOpened.model_construct(
        type="claim.opened", claim=name, end_to_end_id=payment.end_to_end_id, amount=amount_minor, reason="fraude"
    )
    async with world.begin() as session:
        return await claims.open_claim(session, notice, now=world.clock.now())


async def reject(world: WalletWorld, name: str = "C1") -> bool:
    async with world.begin() as session:
        return await claims.reject_claim(session, name, now=world.clock.now())


async def take_back(world: WalletWorld, payment: models.GatewayPayment, amount_minor: int, name: str = "C1") -> bool:
    notice = PaymentTakenBack.model_construct(
        type="payment.taken_back",
        claim=name,
        end_to_end_id=payment.end_to_end_id,
        amount=amount_minor,
        reason="fraude",
    )
    async with world.begin() as session:
        return await claims.pay_claim(session, notice, now=world.clock.now())


async def claim(world: WalletWorld, name: str = "C1") -> tuple[str, int, int, int]:
    """Its status, and what is blocked, taken and owed; fails where the books do not agree."""
    report = await check_books(world.subgraph.database, now=world.clock.now())
    assert report.problems == ()
    (row,) = await world.rows(
        "SELECT status, blocked_minor, taken_minor, debt_minor FROM money_claims WHERE reference = :name", name=name
    )
    return tuple(row)


async def with_an_account(world: WalletWorld) -> tuple[str, models.GatewayPayment]:
    """Marina's bank account, and the R$ 100 that she has deposited."""
    account = await marina_with_an_account(world, 100_00)
    async with world.begin() as session:
        payment = (await session.scalars(select(models.GatewayPayment))).one()
    return account, payment


async def test_what_is_there_is_blocked_until_the_claim_is_decided(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    payment = await world.deposit(MARINA, 100_00)
    assert await open_claim(world, payment, 60_00)
    assert await world.balances(MARINA) == (40_00, 0, 0)
    assert await claim(world) == ("OPEN", 60_00, 0, 0)
    assert not await open_claim(world, payment, 60_00)
    assert await reject(world)
    assert not await reject(world)
    assert await world.balances(MARINA) == (100_00, 0, 0)
    assert await claim(world) == ("REJECTED", 0, 0, 0)
    assert await world.statement(MARINA) == (
        "2026-11-23 09:00  DEPOSIT        available           +100.00           100.00\n"
        "2026-11-23 09:00  CLAIM_BLOCK    available            -60.00            40.00\n"
        "2026-11-23 09:00  CLAIM_RELEASE  available            +60.00           100.00\n"
        "                                 available                             100.00\n"
        "                                 held                                    0.00\n"
        "                                 processing                              0.00\n"
    )


async def test_what_was_withdrawn_before_is_a_debt_that_the_next_credits_pay_first(world: WalletWorld) -> None:
    account, payment = await with_an_account(world)
    await withdraw(world, "70.00", account)
    assert await open_claim(world, payment, 100_00)
    assert await claim(world) == ("OPEN", 30_00, 0, 0)
    await world.deposit(MARINA, 20_00)
    assert await claim(world) == ("OPEN", 50_00, 0, 0)
    assert await take_back(world, payment, 100_00)
    assert not await take_back(world, payment, 100_00)
    assert await claim(world) == ("PAID", 0, 100_00, 50_00)
    assert (await world.balances(MARINA))[0] == 0
    installment, paid = await paid_installment(world)
    await world.tell(distributed(paid, installment, payout(1, MARINA, net_minor=300_00)))
    assert await claim(world) == ("PAID", 0, 100_00, 0)
    assert (await world.balances(MARINA))[0] == 250_00
    await world.deposit(MARINA, 10_00)
    assert (await world.balances(MARINA))[0] == 260_00


async def test_less_taken_than_was_blocked_frees_the_rest(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    payment = await world.deposit(MARINA, 100_00)
    await open_claim(world, payment, 80_00)
    await take_back(world, payment, 30_00)
    assert await claim(world) == ("PAID", 0, 30_00, 0)
    assert await world.balances(MARINA) == (70_00, 0, 0)
    (ended,) = await world.published(events.MoneyClaimEnded)
    assert (ended.taken_minor, ended.released_minor, ended.debt_minor) == (30_00, 50_00, 0)


async def test_a_bank_may_take_money_back_without_asking(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    payment = await world.deposit(MARINA, 100_00)
    await take_back(world, payment, 40_00)
    assert await claim(world) == ("PAID", 0, 40_00, 0)
    await take_back(world, payment, 60_00, "C2")
    assert await world.balances(MARINA) == (0, 0, 0)
    with pytest.raises(ValueError, match="0 are left"):
        await take_back(world, payment, 1, "C3")


async def test_what_paid_an_installment_is_its_farmers_debt(world: WalletWorld) -> None:
    charge = await charge_of_installment(world)
    payment = await world.arrive(charge["pix"]["txid"], 300_00)
    await take_back(world, payment, 300_00)
    assert await claim(world) == ("PAID", 0, 300_00, 300_00)
    await world.deposit(SERGIO, 350_00)
    assert await world.balances(SERGIO) == (50_00, 0, 0)
    assert await claim(world) == ("PAID", 0, 300_00, 0)


async def test_what_is_in_suspense_is_taken_from_there(world: WalletWorld) -> None:
    payment = await world.arrive("x" * 30, 77_00)
    assert await open_claim(world, payment, 77_00)
    await take_back(world, payment, 77_00)
    assert await claim(world) == ("PAID", 0, 77_00, 0)
    assert await world.scalar("SELECT outcome FROM gateway_payments") == PaymentOutcome.RETURNED


async def test_what_a_bank_claims_or_has_is_not_reversed_as_well(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    payment = await world.deposit(MARINA, 100_00)
    deposit = await world.scalar("SELECT id FROM ledger_transfers WHERE kind = 'DEPOSIT'")
    await open_claim(world, payment, 40_00)
    refused = await propose(world, "REVERSE_TRANSFER", deposit)
    assert (refused["code"], refused["obstacle"]) == ("TransferNotReversible", "MONEY_MOVED_ON")
    await reject(world)
    assert (await move(world, "REVERSE_TRANSFER", deposit))["status"] == "APPROVED"
    with pytest.raises(ValueError, match="0 are left"):
        await open_claim(world, payment, 40_00, "C2")


async def test_a_claim_on_what_staff_gave_out_of_suspense_is_on_who_got_it(world: WalletWorld) -> None:
    await world.open_wallets(CARLOS)
    payment = await world.arrive("x" * 30, 77_00)
    await move(world, "RESOLVE_SUSPENSE", payment.id, userId=CARLOS)
    await take_back(world, payment, 77_00)
    assert await world.balances(CARLOS) == (0, 0, 0)
    assert await claim(world) == ("PAID", 0, 77_00, 0)


async def test_the_oldest_claim_is_paid_first(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    first, second = [await world.deposit(MARINA, amount) for amount in (100_00, 50_00)]
    await world.request_investment(MARINA, 150_00, investment=number(0x101))
    for place, payment in enumerate((first, second)):
        await take_back(world, payment, payment.amount_minor, f"C{place}")
        world.clock.advance(minutes=1)
    assert await claim(world, "C0") == ("PAID", 0, 100_00, 100_00)
    await world.tell(heard.InvestmentCancelled(investment_id=number(0x101)))
    assert await claim(world, "C0") == ("PAID", 0, 100_00, 0)
    assert await claim(world, "C1") == ("PAID", 0, 50_00, 0)
    assert await world.balances(MARINA) == (0, 0, 0)


@pytest.mark.parametrize(("percent", "left"), [(50, 25_00), (0, 50_00), (33, 33_50)])
async def test_a_dated_rule_says_how_much_of_a_credit_pays_first(
    world: WalletWorld, owner: asyncpg.Connection, percent: int, left: int
) -> None:
    await set_rule(owner, "claims_collect_percent", percent)
    charge = await charge_of_installment(world)
    payment = await world.arrive(charge["pix"]["txid"], 300_00)
    await take_back(world, payment, 300_00)
    await world.deposit(SERGIO, 50_00)
    assert await world.balances(SERGIO) == (left, 0, 0)
    assert await claim(world) == ("PAID", 0, 300_00, 250_00 + left)


async def test_after_its_days_a_debt_takes_nothing_more(world: WalletWorld) -> None:
    charge = await charge_of_installment(world)
    payment = await world.arrive(charge["pix"]["txid"], 300_00)
    await take_back(world, payment, 300_00)
    world.clock.advance(days=90)
    await world.deposit(SERGIO, 50_00)
    assert await world.balances(SERGIO) == (50_00, 0, 0)
    assert await world.scalar("SELECT debt_minor FROM money_claims") == 300_00


async def test_who_has_left_pays_nothing_more(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    txid = await deposit_txid(world)
    payment = await world.deposit(MARINA, 100_00)
    await world.request_investment(MARINA, 100_00, investment=number(0x101))
    await take_back(world, payment, 100_00)
    await world.tell(heard.AccountClosed(user_id=MARINA))
    await world.arrive(txid, 100_00)
    assert await claim(world) == ("PAID", 0, 100_00, 100_00)


async def test_a_claim_that_comes_before_its_payment_is_told_again(world: WalletWorld, served: Served) -> None:
    told = {"type": "claim.opened", "claim": "C1", "end_to_end_id": "E1", "amount": "10.00", "reason": "fraude"}
    assert (await post(world, served, told))[0] == 503
    assert (await post(world, served, {"type": "claim.rejected", "claim": "C1"}))[0] == 503
    await world.open_wallets(MARINA)
    await world.arrive(await deposit_txid(world), 100_00, end_to_end_id="E1")
    assert (await post(world, served, told))[0] == 200
    assert await world.balances(MARINA) == (90_00, 0, 0)
    taken = told | {"type": "payment.taken_back"}
    assert [(await post(world, served, taken))[0] for _ in range(2)] == [200, 200]
    assert await claim(world) == ("PAID", 0, 10_00, 0)


async def test_what_does_not_fit_is_not_recorded(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    payment = await world.deposit(MARINA, 100_00)
    with pytest.raises(ValueError, match="10000 are left"):
        await open_claim(world, payment, 100_01)
    await open_claim(world, payment, 50_00)
    with pytest.raises(ValueError, match="5100 is taken"):
        await take_back(world, payment, 51_00)
    await reject(world)
    with pytest.raises(ValueError, match="is REJECTED"):
        await take_back(world, payment, 50_00)
    with pytest.raises(NotYet):
        await reject(world, "C2")
    assert await claim(world) == ("REJECTED", 0, 0, 0)
    assert await world.balances(MARINA) == (100_00, 0, 0)


async def test_the_person_and_staff_see_it_and_nobody_else(world: WalletWorld) -> None:
    await world.open_wallets(MARINA, CARLOS)
    payment = await world.deposit(MARINA, 100_00)
    await open_claim(world, payment, 60_00)
    wallet = (await world.get(CLAIMS, MARINA, id=str(MARINA)))["_entities"][0]["wallet"]
    money: Any = {"amount": {"amount": "60.00"}, "blocked": {"amount": "60.00"}}
    nothing = {"amount": "0.00"}
    summary = "Banco de quem pagou pede R$ 60,00 de volta"
    assert wallet == {
        "available": {"amount": "40.00"},
        "claims": [{"status": "OPEN", "taken": nothing, "debt": nothing, "summary": summary} | money],
    }
    listed = (await world.get(ALL_CLAIMS, ANA, "admin", unfinished=True))["moneyClaims"]["nodes"]
    assert listed == [{"reference": "C1", "userId": str(MARINA), "moneyClaim": {"status": "OPEN"}}]
    await reject(world)
    assert (await world.get(ALL_CLAIMS, ANA, "admin", unfinished=True))["moneyClaims"]["nodes"] == []
    asked = "query($r: [_Any!]!) { _entities(representations: $r) { ... on MoneyClaim { id } } }"
    reference = {"__typename": "MoneyClaim", "id": str(await world.scalar("SELECT id FROM money_claims"))}
    assert await world.get(asked, CARLOS, r=[reference]) == {"_entities": [None]}
    assert await world.get(asked, MARINA, r=[reference]) == {"_entities": [{"id": reference["id"]}]}


async def step(served: Served, **wish: str) -> tuple[int, dict[str, Any]]:
    async with served.client.post(f"{served.url}/sandbox/pix/claim", json=wish) as response:
        return response.status, await response.json()


async def test_the_sandbox_s_banks_claim_and_take_back(world: WalletWorld, served: Served) -> None:
    await world.open_wallets(MARINA)
    payment = await world.deposit(MARINA, 100_00)
    status, opened = await step(served, step="open", endToEndId=payment.end_to_end_id, amount="60.00", told="twice")
    assert status == 200
    await world.sandbox.delivery.close()
    assert await claim(world, opened["claim"]) == ("OPEN", 60_00, 0, 0)
    assert (await step(served, step="take_back", claim=opened["claim"], amount="50.00", told="late"))[0] == 200
    world.clock.advance(minutes=2)
    await world.sandbox.delivery.deliver_due()
    assert await claim(world, opened["claim"]) == ("PAID", 0, 50_00, 0)
    assert (await step(served, step="reject", claim=opened["claim"]))[0] == 409
    assert (await step(served, step="take_back", endToEndId=payment.end_to_end_id, amount="50.01"))[0] == 409
    assert (await step(served, step="nothing"))[0] == 400
    assert (await step(served, step="open", claim=str(uuid.uuid4())))[0] == 409


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([("open", None)], ("OPEN", 60_00, 0, 0)),
        ([("open", None), ("take_back", "50.00")], ("PAID", 0, 50_00, 0)),
        ([("take_back", None)], ("PAID", 0, 60_00, 0)),
    ],
)
async def test_what_nobody_told_us_of_a_claim_is_asked_for(
    world: WalletWorld, served: Served, steps: list[tuple[str, str | None]], expected: tuple[str, int, int, int]
) -> None:
    await world.open_wallets(MARINA)
    payment = await world.deposit(MARINA, 100_00)
    named: dict[str, str] = {"endToEndId": payment.end_to_end_id, "amount": "60.00"}
    for taken, amount in steps:
        wanted = named | ({"amount": amount} if amount else {})
        named = {"claim": (await step(served, step=taken, told="never", **wanted))[1]["claim"]}
    assert await world.scalar("SELECT count(*) FROM sandbox_deliveries") == 0
    assert [await reconciliation.find_lost_claims(world.services) for _ in range(2)] == [1, 0]
    assert await claim(world, named["claim"]) == expected


async def test_a_claim_that_ended_unheard_is_ended_by_asking(world: WalletWorld, served: Served) -> None:
    """What was rejected before we ever heard of it is nothing to us; what we had blocked is free again."""
    await world.open_wallets(MARINA)
    payment = await world.deposit(MARINA, 100_00)
    _, heard = await step(served, step="open", endToEndId=payment.end_to_end_id, amount="60.00")
    await world.sandbox.delivery.close()
    _, unheard = await step(served, step="open", endToEndId=payment.end_to_end_id, amount="40.00", told="never")
    for opened in (heard, unheard):
        await step(served, step="reject", claim=opened["claim"], told="never")
    assert [await reconciliation.find_lost_claims(world.services) for _ in range(2)] == [1, 0]
    assert await claim(world, heard["claim"]) == ("REJECTED", 0, 0, 0)
    assert await world.balances(MARINA) == (100_00, 0, 0)
    assert await world.scalar("SELECT count(*) FROM money_claims") == 1


async def test_a_claim_on_a_payment_that_is_lost_as_well_waits_for_it_and_holds_up_no_other(
    world: WalletWorld, served: Served
) -> None:
    await world.open_wallets(MARINA)
    lost = await world.sandbox.pay(await deposit_txid(world), misbehave=Misbehaviour.LOST)
    payment = await world.deposit(MARINA, 50_00)
    for claimed in (lost, payment):
        await step(served, step="open", endToEndId=claimed.end_to_end_id, told="never")
    failed = failures_of("find lost claims")
    await run_job(world.subgraph, "find lost claims")
    assert failures_of("find lost claims") == failed + 1
    assert await world.balances(MARINA) == (0, 0, 0)
    await run_job(world.subgraph, "find lost payments")
    await run_job(world.subgraph, "find lost claims")
    assert await world.rows("SELECT amount_minor, blocked_minor FROM money_claims ORDER BY 1") == [
        (50_00, 50_00),
        (100_00, 100_00),
    ]


async def test_money_that_leaves_at_the_same_time_is_not_blocked_as_well(world: WalletWorld) -> None:
    """Nothing is below zero, whoever comes first."""
    account, payment = await with_an_account(world)
    await asyncio.gather(
        open_claim(world, payment, 100_00),
        *(withdraw(world, "10.00", account, key=f"withdrawal-{place}") for place in range(5)),
    )
    available, _, processing = await world.balances(MARINA)
    status, blocked, _, _ = await claim(world)
    assert (status, available, blocked + processing) == ("OPEN", 0, 100_00)
