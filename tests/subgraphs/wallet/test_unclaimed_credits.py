"""Money of people who have left finds its end once, by an administrator's word, and the books say so throughout."""

import asyncio
import uuid
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from subgraphs.wallet.domain import chart, ledger, payments
from subgraphs.wallet.models import (
    Charge,
    ChargeMethod,
    ChargePurpose,
    ChargeStatus,
    GatewayPayment,
    PaymentOutcome,
    TransferKind,
)
from subgraphs.wallet.schemas import heard
from tests.fixtures.databases import sql_of_the_owner
from tests.subgraphs.wallet.staff_pairs import BRUNO, approve, move, propose, reverse
from tests.subgraphs.wallet.test_closed_accounts import suspense
from tests.subgraphs.wallet.test_wallet_looks import looks
from tests.subgraphs.wallet.test_wallet_staff import transfer_id
from tests.subgraphs.wallet.wallet_world import ANA, CARLOS, MARINA, WalletWorld, number

CREDITS = """query($first: Int, $after: String) { unclaimedCredits(first: $first, after: $after) {
  nodes { id ownerId amount { amount } note transfer { kind } } pageInfo { hasNextPage endCursor } } }"""
LEFT = "the account of the wallet's owner is closed"


async def marina_left(world: WalletWorld, *amounts_minor: int) -> list[str]:
    """She closes her account while there is money; the credits that wait for a decision, the newest first."""
    await world.person_with(MARINA, sum(amounts_minor))
    invested = {number(0x101 + place): amount for place, amount in enumerate(amounts_minor[1:])}
    for investment, amount in invested.items():
        await world.request_investment(MARINA, amount, investment=investment)
    await world.tell(heard.AccountClosed(user_id=MARINA))
    for investment in invested:
        await world.tell(heard.InvestmentCancelled(investment_id=investment))
    return [node["id"] for node in (await waiting(world))["nodes"]]


async def waiting(world: WalletWorld, **arguments: Any) -> Any:
    return (await world.get(CREDITS, ANA, "admin", **arguments))["unclaimedCredits"]


async def give(world: WalletWorld, credit_id: str, user_id: uuid.UUID = CARLOS, **more: Any) -> Any:
    return await move(world, "RELEASE_UNCLAIMED", credit_id, userId=user_id, **more)


async def pay_out(
    world: WalletWorld, credit_id: str, bank: str = "E00000000202611231200abcdef12345", **more: Any
) -> Any:
    return await move(world, "PAY_OUT_UNCLAIMED", credit_id, bankReference=bank, **more)


async def open_amounts(world: WalletWorld) -> list[str]:
    return [node["amount"]["amount"] for node in (await waiting(world))["nodes"]]


async def carlos_is_here(world: WalletWorld) -> None:
    await world.open_wallets(CARLOS)
    await world.verify_identity(CARLOS, "98765432100", "Carlos Souza")


@pytest.mark.parametrize("scopes", [("investor",), ("farmer",), ("analyst",), ()])
async def test_they_are_the_administrators(world: WalletWorld, scopes: tuple[str, ...]) -> None:
    answer = await world.ask(CREDITS, MARINA, *scopes)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_what_waits_is_listed_newest_first_and_is_a_look(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    await world.request_investment(MARINA, 60_00, investment=number(0x101))
    await world.tell(heard.AccountClosed(user_id=MARINA))
    await world.tell(heard.InvestmentCancelled(investment_id=number(0x101)))
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
    released = await give(world, credit_id)
    assert (released["status"], released["subject"], released["userId"]) == ("APPROVED", credit_id, str(CARLOS))
    assert released["entries"] == [
        {"accountCode": f"available:{CARLOS}", "side": "CREDIT", "amount": {"amount": "100.00"}},
        {"accountCode": "suspense", "side": "DEBIT", "amount": {"amount": "100.00"}},
    ]
    assert await world.balances(CARLOS) == (100_00, 0, 0)
    assert [node["id"] for node in (await waiting(world))["nodes"]] == [other]
    assert await suspense(world) == 30_00
    actions = await world.rows("SELECT actor_id, approved_by, action, subject_id, reason FROM staff_actions")
    assert [tuple(row) for row in actions] == [
        (ANA, BRUNO, "RELEASE_UNCLAIMED", uuid.UUID(credit_id), "the bank told us so")
    ]


async def test_a_credit_is_paid_out_by_the_bank(world: WalletWorld) -> None:
    (credit_id,) = await marina_left(world, 100_00)
    before = await world.scalar(BANK)
    paid = await pay_out(world, credit_id)
    assert (paid["status"], paid["subject"], paid["amount"]) == ("APPROVED", credit_id, {"amount": "100.00"})
    assert await world.scalar(BANK) == before - 100_00
    assert await open_amounts(world) == []
    assert await suspense(world) == 0
    payouts = await world.rows("SELECT transfer_id, bank_reference FROM unclaimed_payouts")
    assert [tuple(row) for row in payouts] == [
        (await transfer_id(world, "SUSPENSE_PAID_OUT"), "E00000000202611231200abcdef12345")
    ]
    actions = await world.rows("SELECT action, actor_id, approved_by FROM staff_actions")
    assert [tuple(row) for row in actions] == [("PAY_OUT_UNCLAIMED", ANA, BRUNO)]


BANK = "SELECT balance_minor FROM ledger_balances JOIN ledger_accounts ON id = account_id WHERE kind = 'BANK'"


async def test_a_credit_is_settled_once_also_by_two_at_once(world: WalletWorld) -> None:
    (credit_id,) = await marina_left(world, 100_00)
    await carlos_is_here(world)
    proposed = [
        await propose(world, "PAY_OUT_UNCLAIMED", credit_id, bankReference="PAYMENT-1"),
        await propose(world, "RELEASE_UNCLAIMED", credit_id, userId=CARLOS),
    ]
    answers = await asyncio.gather(*(approve(world, one, by=by) for one in proposed for by in (BRUNO, number(0xB3))))
    refused = sorted(answer["code"] for answer in answers if "code" in answer)
    assert refused == ["ProposalNotOpen", "UnclaimedCreditNotOpen", "UnclaimedCreditNotOpen"]
    assert await suspense(world) == 0
    assert await world.scalar("SELECT count(*) FROM staff_actions") == 1
    assert (await pay_out(world, str(number(9))))["code"] == "UnclaimedCreditNotOpen"


async def test_it_is_given_to_nobody_who_should_not_have_it(world: WalletWorld) -> None:
    (credit_id,) = await marina_left(world, 100_00)
    assert (await give(world, credit_id))["code"] == "WalletNotReady"
    await world.open_wallets(CARLOS)
    for user_id, why in ((CARLOS, "NOT_VERIFIED"), (MARINA, "CLOSED")):
        refused = await give(world, credit_id, user_id)
        assert (refused["code"], refused["why"]) == ("PersonCannotReceive", why)
    assert await suspense(world) == 100_00
    assert await world.scalar("SELECT count(*) FROM staff_proposals") == 0


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"bank": "short"}, "bankReference"),
        ({"bank": "E" * 65}, "bankReference"),
        ({"bank": "pago à vista"}, "bankReference"),
        ({"reason": "so"}, "reason"),
        ({"idempotencyKey": "short"}, "idempotencyKey"),
    ],
)
async def test_what_is_entered_has_to_say_something(world: WalletWorld, changed: dict[str, str], field: str) -> None:
    (credit_id,) = await marina_left(world, 100_00)
    refused = await pay_out(world, credit_id, **changed)
    assert (refused["code"], refused["field"]) == ("InvalidInput", field)
    assert await suspense(world) == 100_00


async def test_one_payment_of_the_banks_is_entered_once(world: WalletWorld) -> None:
    first, second = await marina_left(world, 30_00, 100_00)
    assert (await pay_out(world, first))["status"] == "APPROVED"
    assert (await pay_out(world, second))["code"] == "BankReferenceUsed"
    assert await open_amounts(world) == ["30.00"]
    assert await suspense(world) == 30_00


async def test_a_wrong_decision_and_a_payment_that_came_back_are_made_good(world: WalletWorld) -> None:
    (credit_id,) = await marina_left(world, 100_00)
    await carlos_is_here(world)
    await give(world, credit_id)
    await reverse(world, await transfer_id(world, "SUSPENSE_RESOLVED"))
    assert await world.balances(CARLOS) == (0, 0, 0)
    assert await open_amounts(world) == ["100.00"]
    await pay_out(world, credit_id)
    assert await suspense(world) == 0
    await reverse(world, await transfer_id(world, "SUSPENSE_PAID_OUT"))
    assert await open_amounts(world) == ["100.00"]
    assert await suspense(world) == 100_00
    assert (await pay_out(world, credit_id))["code"] == "BankReferenceUsed"
    await pay_out(world, credit_id, "JUDICIAL-2026/4411")
    assert await suspense(world) == 0


async def test_a_deposit_that_went_to_suspense_may_be_taken_back_until_it_is_settled(world: WalletWorld) -> None:
    """As when the payer's bank asks for it (MED), and they left in the moment in which it came."""
    await world.open_wallets(MARINA)
    await world.tell(heard.AccountClosed(user_id=MARINA))
    deposits = [await deposited(world, MARINA, 100_00) for _ in range(2)]
    brought = {row[0]: str(row[1]) for row in await world.rows("SELECT transfer_id, id FROM unclaimed_credits")}
    assert (await reverse(world, deposits[0].id))["status"] == "APPROVED"
    assert [node["id"] for node in (await waiting(world))["nodes"]] == [brought[deposits[1].id]]
    await pay_out(world, brought[deposits[1].id])
    assert (await reverse(world, deposits[1].id))["obstacle"] == "MONEY_MOVED_ON"
    assert (await pay_out(world, brought[deposits[0].id]))["code"] == "UnclaimedCreditNotOpen"
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
        await ledger.post(session, transfer, now=now)
        await session.flush()
        await payments.settle_payments(session, now=now)
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
    await pay_out(world, credit_id)
    with pytest.raises(DBAPIError, match="is settled"):
        await sql_of_the_owner(world.subgraph.database, "UPDATE unclaimed_credits SET settled_by = NULL")
    await reverse(world, await transfer_id(world, "SUSPENSE_PAID_OUT"))
    assert await open_amounts(world) == ["100.00"]
