"""What staff see of the ledger and may do to it, and what nobody else may."""

import uuid
from typing import Any

import pytest

from subgraphs.wallet.domain import books
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
RESOLVE = """mutation(
  $payment: ID!, $user: ID!, $reason: String = "the bank told us whose it is", $key: String = "decision-0001"
) {
  resolveSuspendedPayment(input: {paymentId: $payment, userId: $user, reason: $reason, idempotencyKey: $key}) {
    __typename ... on ResolvedPayment { id amount { amount } } ... on Refusal { code }
  }
}"""
REVERSE = """mutation($id: ID!, $reason: String = "the payer's bank took it back", $key: String!) {
  reverseTransfer(input: {transferId: $id, reason: $reason, idempotencyKey: $key}) {
    __typename ... on LedgerTransfer { id kind reversesId } ... on Refusal { code message }
  }
}"""


async def transfers(world: WalletWorld, **arguments: Any) -> Any:
    return (await world.get(TRANSFERS, ANA, "admin", **arguments))["ledgerTransfers"]


async def reverse(world: WalletWorld, transfer: object, **changed: Any) -> Any:
    variables = {"id": str(transfer), "key": str(uuid.uuid4())} | changed
    return (await world.get(REVERSE, ANA, "admin", **variables))["reverseTransfer"]


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
        (RESOLVE, {"payment": "x", "user": "y"}),
        (REVERSE, {"id": "x", "key": "reversal-0001"}),
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
    variables = {"payment": str(payment.id), "user": str(MARINA)}
    resolved = (await world.get(RESOLVE, ANA, "admin", **variables))["resolveSuspendedPayment"]
    assert resolved == {"__typename": "ResolvedPayment", "id": str(payment.id), "amount": {"amount": "77.00"}}
    again = (await world.get(RESOLVE, ANA, "admin", key="decision-0002", **variables))["resolveSuspendedPayment"]
    assert again["code"] == "PaymentNotInSuspense"
    assert await world.balances(MARINA) == (77_00, 0, 0)
    assert (await world.get(SUSPENDED, ANA, "admin"))["suspendedPayments"]["nodes"] == []
    (kept,) = await world.rows("SELECT actor_id, action, subject_id, reason FROM staff_actions")
    assert tuple(kept) == (ANA, "RESOLVE_SUSPENSE", payment.id, "the bank told us whose it is")


async def test_the_person_who_gets_money_needs_a_wallet_and_a_reason(world: WalletWorld) -> None:
    payment = await world.arrive("x" * 30, 77_00)
    variables = {"payment": str(payment.id), "user": str(MARINA)}
    refused = (await world.get(RESOLVE, ANA, "admin", **variables))["resolveSuspendedPayment"]
    assert refused["code"] == "WalletNotReady"
    await world.open_wallets(MARINA)
    refused = (await world.get(RESOLVE, ANA, "admin", reason="so", **variables))["resolveSuspendedPayment"]
    assert refused["code"] == "InvalidInput"
    assert await world.balances(MARINA) == (0, 0, 0)


async def test_a_payment_that_the_gateway_takes_back_is_two_reversals(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    deposit = await transfer_id(world, "DEPOSIT")
    reversed_deposit = await reverse(world, deposit)
    assert (reversed_deposit["kind"], reversed_deposit["reversesId"]) == ("REVERSAL", str(deposit))
    report = await books.check_books(world.subgraph.database, now=world.clock.now())
    assert report.problems == ("gateway: -R$ 100,00 is there, R$ 0,00 has yet to be settled",)
    await reverse(world, await transfer_id(world, "GATEWAY_SETTLEMENT"))
    assert (await books.check_books(world.subgraph.database, now=world.clock.now())).balanced
    assert await world.statement(MARINA) == (
        "2026-11-23 09:00  DEPOSIT   available           +100.00           100.00\n"
        "2026-11-23 09:00  REVERSAL  available           -100.00             0.00\n"
        "                            available                               0.00\n"
        "                            held                                    0.00\n"
        "                            processing                              0.00\n"
    )
    actions = await world.rows("SELECT action, reason FROM staff_actions")
    assert [tuple(row) for row in actions] == [("REVERSE_TRANSFER", "the payer's bank took it back")] * 2


async def test_a_transfer_is_reversed_once_and_a_reversal_never(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    deposit = await transfer_id(world, "DEPOSIT")
    reversal = await reverse(world, deposit)
    assert (await reverse(world, deposit))["code"] == "TransferAlreadyReversed"
    assert (await reverse(world, reversal["id"]))["code"] == "TransferNotReversible"
    assert (await reverse(world, number(9)))["code"] == "TransferNotFound"
    assert (await reverse(world, deposit, reason=" "))["code"] == "InvalidInput"


async def test_money_that_has_moved_on_is_not_taken_back(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    await world.request_investment(MARINA, 60_00, investment=number(0x101))
    assert (await reverse(world, await transfer_id(world, "DEPOSIT")))["code"] == "TransferNotReversible"
    assert (await reverse(world, await transfer_id(world, "HOLD")))["code"] == "TransferNotReversible"
    assert await world.balances(MARINA) == (40_00, 60_00, 0)


async def test_a_wrong_decision_on_suspense_can_be_made_good(world: WalletWorld) -> None:
    await world.open_wallets(MARINA, CARLOS)
    payment = await world.arrive("x" * 30, 77_00)
    await world.get(RESOLVE, ANA, "admin", payment=str(payment.id), user=str(CARLOS))
    await reverse(world, await transfer_id(world, "SUSPENSE_RESOLVED"))
    await world.get(RESOLVE, ANA, "admin", payment=str(payment.id), user=str(MARINA), key="decision-0002")
    assert await world.balances(CARLOS) == (0, 0, 0)
    assert await world.balances(MARINA) == (77_00, 0, 0)
    assert (await books.check_books(world.subgraph.database, now=world.clock.now())).balanced


async def test_the_same_reversal_sent_again_gets_the_first_answer(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    deposit = await transfer_id(world, "DEPOSIT")
    first = await reverse(world, deposit, key="reversal-0001")
    assert await reverse(world, deposit, key="reversal-0001") == first
    other = await reverse(world, deposit, key="reversal-0001", reason="for another reason")
    assert (other["__typename"], other["code"]) == ("IdempotencyKeyReused", "IdempotencyKeyReused")
    assert (await reverse(world, deposit, key="short"))["code"] == "InvalidInput"
    assert await world.scalar("SELECT count(*) FROM staff_actions") == 1
    assert await world.balances(MARINA) == (0, 0, 0)


async def test_the_same_decision_sent_again_gets_the_first_answer(world: WalletWorld) -> None:
    await world.open_wallets(MARINA, CARLOS)
    payment = await world.arrive("x" * 30, 77_00)

    async def resolve(**variables: str) -> Any:
        asked = {"payment": str(payment.id), "user": str(MARINA), "key": "decision-0001"} | variables
        return (await world.get(RESOLVE, ANA, "admin", **asked))["resolveSuspendedPayment"]

    first = await resolve()
    assert first["__typename"] == "ResolvedPayment"
    assert await resolve() == first
    assert (await resolve(user=str(CARLOS)))["code"] == "IdempotencyKeyReused"
    assert (await resolve(key="short"))["code"] == "InvalidInput"
    assert await world.balances(MARINA) == (77_00, 0, 0)
    assert await world.balances(CARLOS) == (0, 0, 0)
