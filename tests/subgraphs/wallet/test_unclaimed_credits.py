"""Money of people who have left finds its end once, by an administrator's word, and the books say so throughout."""

import asyncio
import uuid
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from subgraphs.wallet.domain import chart, ledger
from subgraphs.wallet.models import (
    Charge,
    ChargeMethod,
    ChargePurpose,
    ChargeStatus,
    GatewayPayment,
    PaymentOutcome,
    TransferKind,
)
from subgraphs.wallet.schemas import events
from tests.fixtures.databases import sql_of_the_owner
from tests.subgraphs.wallet.test_closed_accounts import suspense
from tests.subgraphs.wallet.test_wallet_looks import looks
from tests.subgraphs.wallet.test_wallet_staff import RESOLVE, reverse, transfer_id
from tests.subgraphs.wallet.wallet_world import ANA, CARLOS, MARINA, WalletWorld, number

CREDITS = """query($first: Int, $after: String) { unclaimedCredits(first: $first, after: $after) {
  nodes { id ownerId amount { amount } note transfer { kind } } pageInfo { hasNextPage endCursor } } }"""
RELEASE = """mutation(
  $id: ID!, $user: ID!, $reason: String = "came back as a new person", $key: String = "decision-0001"
) { releaseUnclaimedCredit(input: {unclaimedCreditId: $id, userId: $user, reason: $reason, idempotencyKey: $key}) {
    __typename ... on LedgerTransfer { id kind reference amount { amount } } ... on Refusal { code }
    ... on InvalidInput { field } } }"""
PAY_OUT = """mutation(
  $id: ID!, $bank: String = "E00000000202611231200abcdef12345", $reason: String = "to the heirs, by court order",
  $key: String = "decision-0001"
) { payOutUnclaimedCredit(input: {
    unclaimedCreditId: $id, bankReference: $bank, reason: $reason, idempotencyKey: $key}) {
    __typename ... on LedgerTransfer { id kind reference amount { amount } } ... on Refusal { code }
    ... on InvalidInput { field } } }"""

LEFT = "the account of the wallet's owner is closed"


async def marina_left(world: WalletWorld, *amounts_minor: int) -> list[str]:
    """She closes her account while there is money; the credits that wait for a decision, the newest first."""
    await world.person_with(MARINA, sum(amounts_minor))
    invested = {number(0x101 + place): amount for place, amount in enumerate(amounts_minor[1:])}
    for investment, amount in invested.items():
        await world.request_investment(MARINA, amount, investment=investment)
    await world.tell(events.AccountClosed(user_id=MARINA))
    for investment in invested:
        await world.tell(events.InvestmentCancelled(investment_id=investment))
    return [node["id"] for node in (await waiting(world))["nodes"]]


async def waiting(world: WalletWorld, **arguments: Any) -> Any:
    return (await world.get(CREDITS, ANA, "admin", **arguments))["unclaimedCredits"]


async def ask(world: WalletWorld, mutation: str, credit_id: str, **variables: str) -> Any:
    (answer,) = (await world.get(mutation, ANA, "admin", id=credit_id, **variables)).values()
    return answer


async def open_amounts(world: WalletWorld) -> list[str]:
    return [node["amount"]["amount"] for node in (await waiting(world))["nodes"]]


async def carlos_is_here(world: WalletWorld) -> None:
    await world.open_wallets(CARLOS)
    await world.verify_identity(CARLOS, "98765432100", "Carlos Souza")


@pytest.mark.parametrize("scopes", [("investor",), ("farmer",), ("analyst",), ()])
@pytest.mark.parametrize("operation", [CREDITS, RELEASE, PAY_OUT])
async def test_they_are_the_administrators(world: WalletWorld, operation: str, scopes: tuple[str, ...]) -> None:
    variables = {} if operation == CREDITS else {"id": str(number(1))}
    if operation == RELEASE:
        variables["user"] = str(number(2))
    answer = await world.ask(operation, MARINA, *scopes, **variables)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_what_waits_is_listed_newest_first_and_is_a_look(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    await world.request_investment(MARINA, 60_00, investment=number(0x101))
    await world.tell(events.AccountClosed(user_id=MARINA))
    await world.tell(events.InvestmentCancelled(investment_id=number(0x101)))
    page = await waiting(world, first=1)
    (newest,) = page["nodes"]
    assert newest | {"id": "…"} == {
        "id": "…",
        "ownerId": str(MARINA),
        "amount": {"amount": "60.00"},
        "note": LEFT,
        "transfer": {"kind": "HOLD_RELEASE"},
    }
    assert page["pageInfo"]["hasNextPage"] is True
    rest = await waiting(world, first=1, after=page["pageInfo"]["endCursor"])
    assert [node["transfer"]["kind"] for node in rest["nodes"]] == ["SUSPENSE"]
    assert rest["pageInfo"]["hasNextPage"] is False
    assert await looks(world) == [(ANA, MARINA, "MONEY")] * 2


async def test_a_credit_is_released_to_somebody_who_is_verified_here(world: WalletWorld) -> None:
    credit_id, other = await marina_left(world, 30_00, 100_00)
    await carlos_is_here(world)
    released = await ask(world, RELEASE, credit_id, user=str(CARLOS))
    assert released | {"id": "…"} == {
        "__typename": "LedgerTransfer",
        "id": "…",
        "kind": "SUSPENSE_RESOLVED",
        "reference": credit_id,
        "amount": {"amount": "100.00"},
    }
    assert await world.balances(CARLOS) == (100_00, 0, 0)
    assert [node["id"] for node in (await waiting(world))["nodes"]] == [other]
    assert await suspense(world) == 30_00
    actions = await world.rows("SELECT actor_id, action, subject_id, reason FROM staff_actions")
    assert [tuple(row) for row in actions] == [
        (ANA, "RELEASE_UNCLAIMED", uuid.UUID(credit_id), "came back as a new person")
    ]


async def test_a_credit_is_paid_out_by_the_bank(world: WalletWorld) -> None:
    (credit_id,) = await marina_left(world, 100_00)
    before = await world.scalar(BANK)
    paid = await ask(world, PAY_OUT, credit_id)
    assert (paid["kind"], paid["reference"], paid["amount"]) == ("SUSPENSE_PAID_OUT", credit_id, {"amount": "100.00"})
    assert await world.scalar(BANK) == before - 100_00
    assert await open_amounts(world) == []
    assert await suspense(world) == 0
    payouts = await world.rows("SELECT transfer_id::text, bank_reference FROM unclaimed_payouts")
    assert [tuple(row) for row in payouts] == [(paid["id"], "E00000000202611231200abcdef12345")]
    actions = await world.rows("SELECT action, reason FROM staff_actions")
    assert [tuple(row) for row in actions] == [("PAY_OUT_UNCLAIMED", "to the heirs, by court order")]


BANK = "SELECT balance_minor FROM ledger_balances JOIN ledger_accounts ON id = account_id WHERE kind = 'BANK'"


async def test_the_same_decision_sent_again_gets_the_first_answer(world: WalletWorld) -> None:
    released, paid = await marina_left(world, 30_00, 100_00)
    await carlos_is_here(world)
    first = await ask(world, RELEASE, released, user=str(CARLOS))
    assert await ask(world, RELEASE, released, user=str(CARLOS)) == first
    assert (await ask(world, PAY_OUT, paid))["code"] == "IdempotencyKeyReused"
    second = await ask(world, PAY_OUT, paid, key="decision-0002")
    assert await ask(world, PAY_OUT, paid, key="decision-0002") == second
    assert (await ask(world, PAY_OUT, paid, key="decision-0002", reason="another"))["code"] == "IdempotencyKeyReused"
    assert await world.balances(CARLOS) == (100_00, 0, 0)
    assert await world.scalar("SELECT count(*) FROM staff_actions") == 2
    assert await suspense(world) == 0


async def test_a_credit_is_settled_once_also_by_two_at_once(world: WalletWorld) -> None:
    (credit_id,) = await marina_left(world, 100_00)
    await carlos_is_here(world)
    answers = await asyncio.gather(
        *(ask(world, PAY_OUT, credit_id, key=f"decision-pay-{turn}", bank=f"PAYMENT{turn}") for turn in range(3)),
        *(ask(world, RELEASE, credit_id, key=f"decision-give-{turn}", user=str(CARLOS)) for turn in range(3)),
    )
    assert sorted(answer.get("code", "settled") for answer in answers) == ["UnclaimedCreditNotOpen"] * 5 + ["settled"]
    assert await suspense(world) == 0
    assert await world.scalar("SELECT count(*) FROM staff_actions") == 1
    assert (await ask(world, PAY_OUT, str(number(9)), key="decision-0009"))["code"] == "UnclaimedCreditNotOpen"


async def test_it_is_given_to_nobody_who_should_not_have_it(world: WalletWorld) -> None:
    (credit_id,) = await marina_left(world, 100_00)
    assert (await ask(world, RELEASE, credit_id, user=str(CARLOS)))["code"] == "WalletNotReady"
    await world.open_wallets(CARLOS, ANA)
    for user_id in (CARLOS, MARINA, ANA):  # not verified, gone, and who decides
        refused = await ask(world, RELEASE, credit_id, user=str(user_id))
        assert (refused["code"], refused["field"]) == ("InvalidInput", "userId")
    payment = await world.arrive("x" * 30, 77_00)
    own = await world.get(RESOLVE, ANA, "admin", payment=str(payment.id), user=str(ANA))
    assert own["resolveSuspendedPayment"]["code"] == "InvalidInput"
    assert await suspense(world) == 177_00
    assert await world.scalar("SELECT count(*) FROM staff_actions") == 0


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"bank": "short"}, "bankReference"),
        ({"bank": "E" * 65}, "bankReference"),
        ({"bank": "pago à vista"}, "bankReference"),
        ({"reason": "so"}, "reason"),
        ({"key": "short"}, "idempotencyKey"),
    ],
)
async def test_what_is_entered_has_to_say_something(world: WalletWorld, changed: dict[str, str], field: str) -> None:
    (credit_id,) = await marina_left(world, 100_00)
    refused = await ask(world, PAY_OUT, credit_id, **changed)
    assert (refused["code"], refused["field"]) == ("InvalidInput", field)
    assert await suspense(world) == 100_00


async def test_one_payment_of_the_banks_is_entered_once(world: WalletWorld) -> None:
    first, second = await marina_left(world, 30_00, 100_00)
    assert (await ask(world, PAY_OUT, first))["__typename"] == "LedgerTransfer"
    assert (await ask(world, PAY_OUT, second, key="decision-0002"))["code"] == "BankReferenceUsed"
    assert await open_amounts(world) == ["30.00"]
    assert await suspense(world) == 30_00


async def test_a_wrong_decision_and_a_payment_that_came_back_are_made_good(world: WalletWorld) -> None:
    (credit_id,) = await marina_left(world, 100_00)
    await carlos_is_here(world)
    released = await ask(world, RELEASE, credit_id, user=str(CARLOS))
    await reverse(world, released["id"])
    assert await world.balances(CARLOS) == (0, 0, 0)
    assert await open_amounts(world) == ["100.00"]
    paid = await ask(world, PAY_OUT, credit_id, key="decision-0002")
    assert await suspense(world) == 0
    await reverse(world, paid["id"])
    assert await open_amounts(world) == ["100.00"]
    assert await suspense(world) == 100_00
    again = await ask(world, PAY_OUT, credit_id, key="decision-0003")
    assert again["code"] == "BankReferenceUsed"
    await ask(world, PAY_OUT, credit_id, key="decision-0004", bank="JUDICIAL-2026/4411")
    assert await suspense(world) == 0


async def test_a_deposit_that_went_to_suspense_may_be_taken_back_until_it_is_settled(world: WalletWorld) -> None:
    """As when the payer's bank asks for it (MED), and they left in the moment in which it came."""
    await world.open_wallets(MARINA)
    await world.tell(events.AccountClosed(user_id=MARINA))
    deposits = [await deposited(world, MARINA, 100_00) for _ in range(2)]
    brought = {row[0]: str(row[1]) for row in await world.rows("SELECT transfer_id, id FROM unclaimed_credits")}
    assert (await reverse(world, deposits[0].id))["kind"] == "REVERSAL"
    assert [node["id"] for node in (await waiting(world))["nodes"]] == [brought[deposits[1].id]]
    await ask(world, PAY_OUT, brought[deposits[1].id])
    assert (await reverse(world, deposits[1].id))["code"] == "TransferNotReversible"
    assert (await ask(world, PAY_OUT, brought[deposits[0].id], key="decision-0002"))["code"] == "UnclaimedCreditNotOpen"
    assert await open_amounts(world) == []


async def deposited(world: WalletWorld, user_id: uuid.UUID, amount_minor: int) -> ledger.Transfer:
    """What is written of a deposit when its person was still here as it was looked at."""
    now, charge_id, payment_id = world.clock.now(), uuid.uuid4(), uuid.uuid4()
    common = {"txid": charge_id.hex, "method": ChargeMethod.PIX, "amount_minor": amount_minor, "paid_at": now}
    charge = Charge(
        id=charge_id, purpose=ChargePurpose.DEPOSIT, payer_id=user_id, status=ChargeStatus.PAID, created_at=now,
        expires_at=now, is_early=False, **common,
    )  # fmt: skip
    payment = GatewayPayment(
        id=payment_id, end_to_end_id=payment_id.hex, charge_id=charge_id, received_at=now, note="",
        outcome=PaymentOutcome.CREDITED, settles_on=now.date(), **common,
    )  # fmt: skip
    transfer = ledger.move(
        amount_minor,
        debit=chart.GATEWAY,
        credit=chart.available(user_id).id,
        kind=TransferKind.DEPOSIT,
        cause_id=payment_id,
        reference_id=charge_id,
    )
    async with world.begin() as session:
        session.add(charge)
        await session.flush()
        session.add(payment)
        await ledger.post(session, transfer, at=now)
    return transfer


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE unclaimed_credits SET amount_minor = 1",
        "UPDATE unclaimed_credits SET user_id = gen_random_uuid()",
        "UPDATE unclaimed_credits SET settled_by = transfer_id",
        "UPDATE unclaimed_credits SET settled_by = (SELECT id FROM ledger_transfers WHERE kind = 'DEPOSIT')",
        "DELETE FROM unclaimed_credits",
        """INSERT INTO unclaimed_credits (id, transfer_id, user_id, amount_minor, reason, settled_by)
           SELECT gen_random_uuid(), transfer_id, user_id, amount_minor, reason, transfer_id FROM unclaimed_credits""",
        """WITH posted AS (
             INSERT INTO ledger_transfers (id, kind, cause_id, reference_id, occurred_at)
             VALUES (gen_random_uuid(), 'SUSPENSE_PAID_OUT', gen_random_uuid(), gen_random_uuid(), now()) RETURNING id)
           INSERT INTO ledger_entries (id, transfer_id, account_id, side, amount_minor)
           SELECT gen_random_uuid(), posted.id, account.id, side, 100_00 FROM posted, ledger_accounts AS account
           JOIN (VALUES ('SUSPENSE', 'DEBIT'), ('BANK', 'CREDIT')) AS leg (kind, side) ON leg.kind = account.kind""",
    ],
)
async def test_the_database_lets_no_money_out_that_nobody_decided_on(world: WalletWorld, wrong: str) -> None:
    await marina_left(world, 100_00)
    with pytest.raises(DBAPIError, match=r"stays as it is|does not settle|never deleted|open first|nobody has decided"):
        await sql_of_the_owner(world.subgraph.database, wrong)
    assert await suspense(world) == 100_00


async def test_a_settled_credit_is_open_again_only_by_a_reversal(world: WalletWorld) -> None:
    (credit_id,) = await marina_left(world, 100_00)
    await ask(world, PAY_OUT, credit_id)
    with pytest.raises(DBAPIError, match="is settled"):
        await sql_of_the_owner(world.subgraph.database, "UPDATE unclaimed_credits SET settled_by = NULL")
    await reverse(world, await transfer_id(world, "SUSPENSE_PAID_OUT"))
    assert await open_amounts(world) == ["100.00"]
