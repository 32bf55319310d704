"""What staff see of the ledger and may do to it, and what nobody else may."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.clock import business_date
from subgraphs.wallet.crud import charges
from subgraphs.wallet.domain import books, payments
from subgraphs.wallet.models import ChargeMethod, GatewayPayment
from tests.subgraphs.wallet.pix_notices import deposit_txid
from tests.subgraphs.wallet.staff_pairs import (
    APPROVE,
    BRUNO,
    PROPOSALS,
    PROPOSE,
    REJECT,
    approve,
    move,
    propose,
    reverse,
)
from tests.subgraphs.wallet.wallet_world import ANA, CARLOS, MARINA, SERGIO, WalletWorld, number

TRANSFERS = """query($filter: LedgerTransferFilter, $first: Int, $after: String) {
  ledgerTransfers(filter: $filter, first: $first, after: $after) {
    nodes {
      id kind reference reversesId occurredAt amount { amount }
      entries { accountCode accountKind ownerId side amount { amount } balanceAfter { amount } }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""
BOOKS = "{ booksCheck { balanced problems entries digest } }"
SUSPENDED = "{ suspendedPayments { nodes { id txid amount { amount } note likelyPayerId } } }"


async def transfers(world: WalletWorld, **arguments: Any) -> Any:
    return (await world.get(TRANSFERS, ANA, "admin", **arguments))["ledgerTransfers"]


async def transfer_id(world: WalletWorld, kind: str) -> uuid.UUID:
    found: uuid.UUID = await world.scalar("SELECT id FROM ledger_transfers WHERE kind = :kind", kind=kind)
    return found


@pytest.mark.parametrize("scopes", [("investor",), ("farmer",), ("analyst",), ()])
@pytest.mark.parametrize(
    ("operation", "variables"),
    [
        (TRANSFERS, {}),
        (BOOKS, {}),
        (SUSPENDED, {}),
        (PROPOSALS, {}),
        (PROPOSE, {"input": {"kind": "REVERSE_TRANSFER", "subjectId": "x", "reason": "y", "idempotencyKey": "z"}}),
        (APPROVE, {"id": "x"}),
        (REJECT, {"id": "x"}),
        ("query($id: ID!) { reversalPreview(transferId: $id) { obstacle } }", {"id": "x"}),
    ],
)
async def test_the_back_office_is_the_administrators(
    world: WalletWorld, operation: str, variables: dict[str, str], scopes: tuple[str, ...]
) -> None:
    answer = await world.ask(operation, MARINA, *scopes, **variables)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_transfer_is_shown_with_both_its_sides(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    page = await transfers(world, filter={"kinds": ["DEPOSIT"]})
    assert page["nodes"][0]["amount"] == {"amount": "100.00"}
    assert page["nodes"][0]["entries"] == [
        {
            "accountCode": "gateway",
            "accountKind": "GATEWAY",
            "ownerId": None,
            "side": "DEBIT",
            "amount": {"amount": "100.00"},
            "balanceAfter": {"amount": "100.00"},
        },
        {
            "accountCode": f"available:{MARINA}",
            "accountKind": "AVAILABLE",
            "ownerId": str(MARINA),
            "side": "CREDIT",
            "amount": {"amount": "100.00"},
            "balanceAfter": {"amount": "100.00"},
        },
    ]


async def test_transfers_are_found_by_person_day_kind_and_reference(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    await world.person_with(CARLOS, 200_00)
    world.clock.advance(days=1)
    await world.request_investment(MARINA, 50_00, investment=number(0x101))

    async def kinds(**wanted: Any) -> list[str]:
        return [node["kind"] for node in (await transfers(world, filter=wanted))["nodes"]]

    assert await kinds(userId=str(MARINA)) == ["HOLD", "DEPOSIT"]
    assert await kinds(userId=str(SERGIO)) == []
    assert await kinds(reference=str(number(0x101))) == ["HOLD"]
    assert await kinds(**{"from": "2026-11-24"}) == ["HOLD"]
    assert sorted(await kinds(to="2026-11-23")) == ["DEPOSIT", "DEPOSIT", "GATEWAY_SETTLEMENT", "GATEWAY_SETTLEMENT"]
    assert await kinds(kinds=["GATEWAY_SETTLEMENT"], to="2026-11-22") == []


async def test_transfers_come_in_pages(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    for _ in range(3):
        world.clock.advance(seconds=1)
        await world.deposit(MARINA, 1_00)
    seen: list[str] = []
    after = None
    for _ in range(3):
        page = await transfers(world, first=2, after=after)
        after = page["pageInfo"]["endCursor"]
        seen += [node["id"] for node in page["nodes"]]
    assert len(set(seen)) == 6
    assert page["pageInfo"]["hasNextPage"] is False


async def test_an_administrator_checks_the_books(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    checked = (await world.get(BOOKS, ANA, "admin"))["booksCheck"]
    assert (checked["balanced"], checked["problems"], checked["entries"]) == (True, [], "4")
    assert len(checked["digest"]) == 64


async def test_money_in_suspense_goes_to_whom_it_belongs_once(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    payment = await world.arrive("x" * 30, 77_00)
    shown = (await world.get(SUSPENDED, ANA, "admin"))["suspendedPayments"]["nodes"]
    assert shown == [
        {
            "id": str(payment.id),
            "txid": "x" * 30,
            "amount": {"amount": "77.00"},
            "note": f"no charge has the txid {'x' * 30}",
            "likelyPayerId": None,
        }
    ]
    done = await move(world, "RESOLVE_SUSPENSE", payment.id, userId=MARINA)
    assert (done["status"], done["amount"], done["userId"]) == ("APPROVED", {"amount": "77.00"}, str(MARINA))
    assert (await move(world, "RESOLVE_SUSPENSE", payment.id, userId=MARINA))["code"] == "PaymentNotInSuspense"
    assert await world.balances(MARINA) == (77_00, 0, 0)
    assert (await world.get(SUSPENDED, ANA, "admin"))["suspendedPayments"]["nodes"] == []
    (kept,) = await world.rows("SELECT actor_id, approved_by, action, subject_id, reason FROM staff_actions")
    assert tuple(kept) == (ANA, BRUNO, "RESOLVE_SUSPENSE", payment.id, "the bank told us so")


async def test_the_person_who_gets_money_needs_a_wallet_and_a_reason(world: WalletWorld) -> None:
    payment = await world.arrive("x" * 30, 77_00)
    assert (await propose(world, "RESOLVE_SUSPENSE", payment.id, userId=MARINA))["code"] == "WalletNotReady"
    await world.open_wallets(MARINA)
    refused = await propose(world, "RESOLVE_SUSPENSE", payment.id, userId=MARINA, reason="so")
    assert (refused["code"], refused["field"]) == ("InvalidInput", "reason")
    assert await world.balances(MARINA) == (0, 0, 0)


async def test_a_payment_that_the_gateway_takes_back_is_undone_whole(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    deposit, settlement = await transfer_id(world, "DEPOSIT"), await transfer_id(world, "GATEWAY_SETTLEMENT")
    # By whichever of its transfers it is named.
    assert (await reverse(world, settlement))["status"] == "APPROVED"
    undone = await world.rows("SELECT reverses_id FROM ledger_transfers WHERE kind = 'REVERSAL' ORDER BY number")
    assert [row[0] for row in undone] == [deposit, settlement]
    assert (await books.check_books(world.subgraph.database, now=world.clock.now())).problems == ()
    assert await world.statement(MARINA) == (
        "2026-11-23 09:00  DEPOSIT   available           +100.00           100.00\n"
        "2026-11-23 09:00  REVERSAL  available           -100.00             0.00\n"
        "                            available                               0.00\n"
        "                            held                                    0.00\n"
        "                            processing                              0.00\n"
    )
    payment = await world.scalar("SELECT id FROM gateway_payments")
    (kept,) = await world.rows("SELECT actor_id, approved_by, action, subject_id FROM staff_actions")
    assert tuple(kept) == (ANA, BRUNO, "REVERSE_TRANSFER", payment)


async def test_a_fact_is_undone_once_and_a_reversal_never(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    deposit = await transfer_id(world, "DEPOSIT")
    await reverse(world, deposit)
    for transfer in (deposit, await transfer_id(world, "REVERSAL")):
        assert (await propose(world, "REVERSE_TRANSFER", transfer))["obstacle"] == "REVERSED_ALREADY"
    assert (await propose(world, "REVERSE_TRANSFER", number(9)))["code"] == "TransferNotFound"
    assert await world.scalar("SELECT count(*) FROM staff_proposals") == 1


PREVIEW = "query($id: ID!) { reversalPreview(transferId: $id) { obstacle transfers { kind } } }"


async def preview(world: WalletWorld, transfer: object) -> Any:
    return (await world.get(PREVIEW, ANA, "admin", id=str(transfer)))["reversalPreview"]


async def test_what_cannot_be_undone_says_so_before_anybody_proposes_it(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    deposit = await transfer_id(world, "DEPOSIT")
    whole = [{"kind": "DEPOSIT"}, {"kind": "GATEWAY_SETTLEMENT"}]
    assert await preview(world, deposit) == {"obstacle": None, "transfers": whole}
    await world.request_investment(MARINA, 60_00, investment=number(0x101))
    assert await preview(world, deposit) == {"obstacle": "MONEY_MOVED_ON", "transfers": whole}
    hold = await transfer_id(world, "HOLD")
    assert await preview(world, hold) == {"obstacle": "ENDS_OTHERWISE", "transfers": [{"kind": "HOLD"}]}
    for transfer, obstacle in ((deposit, "MONEY_MOVED_ON"), (hold, "ENDS_OTHERWISE")):
        refused = await propose(world, "REVERSE_TRANSFER", transfer)
        assert (refused["code"], refused["obstacle"]) == ("TransferNotReversible", obstacle)
    assert await preview(world, number(9)) is None
    assert await world.balances(MARINA) == (40_00, 60_00, 0)
    assert await world.scalar("SELECT count(*) FROM staff_proposals") == 0


async def unsettled_deposit(world: WalletWorld) -> uuid.UUID:
    """What brought 100.00 to Marina's wallet, which our bank has tomorrow."""
    await world.open_wallets(MARINA)
    txid = await deposit_txid(world)
    async with world.begin() as session:
        received = payments.ReceivedPayment(
            end_to_end_id="e" * 32, txid=txid, method=ChargeMethod.PIX, amount_minor=100_00,
            paid_at=world.clock.now(), settles_on=business_date(world.clock.now()) + timedelta(days=1),
        )  # fmt: skip
        await payments.receive_payment(session, received, now=world.clock.now())
    return await transfer_id(world, "DEPOSIT")


async def test_a_settlement_booked_while_its_reversal_waits_is_undone_with_it(
    world: WalletWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit = await unsettled_deposit(world)
    world.clock.advance(days=1)
    lock = charges.lock_payment

    async def lock_after_settlement(session: AsyncSession, payment_id: uuid.UUID) -> GatewayPayment | None:
        async with world.begin() as other:
            await payments.settle_payments(other, now=world.clock.now())
        return await lock(session, payment_id)

    monkeypatch.setattr(charges, "lock_payment", lock_after_settlement)
    proposed = await propose(world, "REVERSE_TRANSFER", deposit)
    assert [(entry["accountCode"], entry["side"]) for entry in proposed["entries"]] == [
        (f"available:{MARINA}", "DEBIT"), ("bank", "CREDIT"), ("gateway", "CREDIT"), ("gateway", "DEBIT")
    ]  # fmt: skip
    assert (await approve(world, proposed))["status"] == "APPROVED"
    assert await world.balances(MARINA) == (0, 0, 0)


async def test_a_payment_is_taken_back_when_our_bank_has_it(world: WalletWorld) -> None:
    deposit = await unsettled_deposit(world)
    assert (await propose(world, "REVERSE_TRANSFER", deposit))["obstacle"] == "NOT_SETTLED"
    world.clock.advance(days=1)
    async with world.begin() as session:
        assert await payments.settle_payments(session, now=world.clock.now()) == 1
    await reverse(world, deposit)
    assert await world.balances(MARINA) == (0, 0, 0)
    assert (await books.check_books(world.subgraph.database, now=world.clock.now())).problems == ()


async def test_a_wrong_decision_on_suspense_can_be_made_good(world: WalletWorld) -> None:
    await world.open_wallets(MARINA, CARLOS)
    payment = await world.arrive("x" * 30, 77_00)
    await move(world, "RESOLVE_SUSPENSE", payment.id, userId=CARLOS)
    await reverse(world, await transfer_id(world, "SUSPENSE_RESOLVED"))
    await move(world, "RESOLVE_SUSPENSE", payment.id, userId=MARINA)
    assert await world.balances(CARLOS) == (0, 0, 0)
    assert await world.balances(MARINA) == (77_00, 0, 0)
    assert (await books.check_books(world.subgraph.database, now=world.clock.now())).balanced
