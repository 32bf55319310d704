"""Who sees what of the wallet's entities, and in how many statements."""

import uuid
from typing import Any

import pytest

from tests.builders.statements import counted_statements
from tests.subgraphs.wallet.wallet_world import ANA, CARLOS, MARINA, SERGIO, WalletWorld

ENTITIES = """query($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Wallet { id available { amount } }
    ... on Deposit { id summary status amount { amount } }
    ... on Withdrawal { id summary bankAccount { accountNumber } }
    ... on Charge { id state: status amount { amount } }
    ... on Installment { id charge { id } }
    ... on User { id wallet { id available { amount } } bankAccounts { accountNumber } }
  }
}"""
DEPOSIT = """mutation($key: String!) {
  createDeposit(input: {amount: {amount: "10.00"}, idempotencyKey: $key}) { ... on Deposit { id } }
}"""
CHARGE = """mutation($id: ID!) {
  createCharge(input: {installmentId: $id, method: PIX, idempotencyKey: "charge-0001"}) { ... on Charge { id } }
}"""
ACCOUNT = """mutation {
  registerBankAccount(input: {
    bankCode: "001", branch: "1", accountNumber: "12345", accountType: SAVINGS, idempotencyKey: "account-0001"
  }) { ... on BankAccount { id } }
}"""
WITHDRAWAL = """mutation($account: ID!) {
  requestWithdrawal(input: {amount: {amount: "10.00"}, bankAccountId: $account, idempotencyKey: "withdrawal-1"}) {
    ... on Withdrawal { id }
  }
}"""


async def entities(world: WalletWorld, user: uuid.UUID | None, *wanted: tuple[str, Any], scopes: str = "") -> Any:
    representations = [{"__typename": typename, "id": str(key)} for typename, key in wanted]
    answer = await world.ask(ENTITIES, user, *scopes.split(), representations=representations)
    assert "errors" not in answer, answer["errors"]
    return answer["data"]["_entities"]


async def wallet_id(world: WalletWorld, user: uuid.UUID) -> uuid.UUID:
    found: uuid.UUID = await world.scalar("SELECT id FROM wallets WHERE user_id = :user", user=user)
    return found


@pytest.mark.parametrize(("asker", "scopes"), [(CARLOS, "investor"), (ANA, "analyst"), (ANA, "admin"), (None, "")])
async def test_a_wallet_is_seen_by_its_owner_alone(world: WalletWorld, asker: uuid.UUID | None, scopes: str) -> None:
    await world.person_with(MARINA, 100_00)
    key = await wallet_id(world, MARINA)
    assert await entities(world, asker, ("Wallet", key), scopes=scopes) == [None]
    assert await entities(world, MARINA, ("Wallet", key)) == [
        {"__typename": "Wallet", "id": str(key), "available": {"amount": "100.00"}}
    ]


async def test_a_person_s_money_is_null_to_others(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    mine, theirs = await entities(world, MARINA, ("User", MARINA), ("User", CARLOS))
    assert mine["wallet"]["available"] == {"amount": "100.00"}
    assert mine["bankAccounts"] == []
    assert theirs == {"__typename": "User", "id": str(CARLOS), "wallet": None, "bankAccounts": None}
    (seen_by_staff,) = await entities(world, ANA, ("User", MARINA), scopes="analyst admin")
    assert (seen_by_staff["wallet"], seen_by_staff["bankAccounts"]) == (None, None)


async def test_nobody_sees_users_and_installments_without_a_token(world: WalletWorld) -> None:
    await world.open_wallets(SERGIO)
    (installment,) = await world.activate(300_00)
    assert await entities(world, None, ("User", MARINA), ("Installment", installment)) == [None, None]


async def test_deposits_charges_and_withdrawals_are_seen_by_their_owners_alone(world: WalletWorld) -> None:
    await world.person_with(SERGIO, 100_00)
    (installment,) = await world.activate(300_00)
    await world.verify_identity(SERGIO, "52998224725", "Sérgio")
    deposit = (await world.get(DEPOSIT, SERGIO, key="deposit-0001"))["createDeposit"]["id"]
    charge = (await world.get(CHARGE, SERGIO, "farmer", id=str(installment)))["createCharge"]["id"]
    account = (await world.get(ACCOUNT, SERGIO))["registerBankAccount"]["id"]
    withdrawal = (await world.get(WITHDRAWAL, SERGIO, account=account))["requestWithdrawal"]["id"]
    wanted = (("Deposit", deposit), ("Charge", charge), ("Withdrawal", withdrawal), ("Installment", installment))
    assert await entities(world, SERGIO, *wanted) == [
        {
            "__typename": "Deposit",
            "id": deposit,
            "summary": "Depósito de R$ 10,00 aguardando pagamento",
            "status": "PENDING",
            "amount": {"amount": "10.00"},
        },
        {"__typename": "Charge", "id": charge, "state": "OPEN", "amount": {"amount": "300.00"}},
        {
            "__typename": "Withdrawal",
            "id": withdrawal,
            "summary": "Saque de R$ 10,00 solicitado",
            "bankAccount": {"accountNumber": "12345"},
        },
        {"__typename": "Installment", "id": str(installment), "charge": {"id": charge}},
    ]
    hidden = [None, None, None, {"__typename": "Installment", "id": str(installment), "charge": None}]
    assert await entities(world, MARINA, *wanted) == hidden
    assert await entities(world, ANA, *wanted, scopes="analyst admin") == hidden
    assert await entities(world, None, *wanted) == [None] * 4


async def test_a_charge_is_no_deposit_and_a_deposit_no_charge(world: WalletWorld) -> None:
    await world.open_wallets(SERGIO)
    (installment,) = await world.activate(300_00)
    deposit = (await world.get(DEPOSIT, SERGIO, key="deposit-0001"))["createDeposit"]["id"]
    charge = (await world.get(CHARGE, SERGIO, "farmer", id=str(installment)))["createCharge"]["id"]
    assert await entities(world, SERGIO, ("Deposit", charge), ("Charge", deposit)) == [None, None]


async def test_ids_that_cannot_be_are_absent(world: WalletWorld) -> None:
    wanted = [(name, "no-uuid") for name in ("Wallet", "Deposit", "Withdrawal", "Charge")]
    assert await entities(world, MARINA, *wanted) == [None] * 4


async def test_one_statement_answers_a_batch(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    deposits = [
        (await world.get(DEPOSIT, MARINA, key=f"deposit-{place:04d}"))["createDeposit"]["id"] for place in range(5)
    ]
    with counted_statements(world.subgraph.database) as seen:
        found = await entities(world, MARINA, *(("Deposit", deposit) for deposit in deposits))
    assert [deposit["id"] for deposit in found] == deposits
    assert len(seen) == 1


async def test_one_statement_answers_the_charges_of_a_batch_of_installments(world: WalletWorld) -> None:
    await world.open_wallets(SERGIO)
    installments = await world.activate(300_00, 300_00, 300_00)
    with counted_statements(world.subgraph.database) as seen:
        await entities(world, SERGIO, *(("Installment", installment) for installment in installments))
    assert len(seen) == 1


async def test_mutations_need_a_token(world: WalletWorld) -> None:
    answer = await world.ask(DEPOSIT, None, key="deposit-0001")
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await world.scalar("SELECT count(*) FROM charges") == 0


async def test_one_s_deposit_can_be_watched(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    deposit = (await world.get(DEPOSIT, MARINA, key="deposit-0001"))["createDeposit"]["id"]
    watch = "query($id: ID!) { deposit(id: $id) { status summary confirmedAt occurredAt } }"
    txid = await world.scalar("SELECT txid FROM charges")
    world.clock.advance(minutes=5)
    await world.arrive(txid, 10_00)
    world.clock.advance(minutes=5)
    assert (await world.get(watch, MARINA, id=deposit))["deposit"] == {
        "status": "CONFIRMED",
        "summary": "Depósito de R$ 10,00 confirmado",
        "confirmedAt": "2026-11-23T12:05:00.000Z",
        "occurredAt": "2026-11-23T12:05:00.000Z",
    }
    assert (await world.get(watch, CARLOS, id=deposit))["deposit"] is None
