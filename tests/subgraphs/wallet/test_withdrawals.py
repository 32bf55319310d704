"""Money out: to one's own bank account only, held on its way, settled or returned once."""

import uuid
from datetime import timedelta
from typing import Any

import asyncpg
import orjson
import pytest

from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.shared.people import Person
from subgraphs.wallet.domain import withdrawals
from subgraphs.wallet.ports.payment_gateway import GatewayRefused, GatewayUnavailable, PixOutOrder
from subgraphs.wallet.schemas import events, heard
from tests.builders.deliveries import in_order
from tests.builders.jobs import run_job
from tests.subgraphs.wallet.conftest import Served
from tests.subgraphs.wallet.wallet_world import CARLOS, MARINA, WalletWorld

KEEP = "seal bank accounts and erase old ones"

REGISTER = """mutation($number: String!, $key: String!, $bank: String = "001", $branch: String = "1234") {
  registerBankAccount(input: {
    bankCode: $bank, branch: $branch, accountNumber: $number, accountType: CHECKING, idempotencyKey: $key
  }) {
    __typename
    ... on BankAccount { id bankCode branch accountNumber accountType holderName }
    ... on TooManyBankAccounts { maximum }
    ... on InvalidInput { field message }
    ... on Refusal { code }
  }
}"""
REMOVE = """mutation($id: ID!) {
  removeBankAccount(input: {bankAccountId: $id}) { __typename ... on Refusal { code } }
}"""
WITHDRAW = """mutation($amount: Decimal!, $account: ID!, $key: String!) {
  requestWithdrawal(input: {amount: {amount: $amount}, bankAccountId: $account, idempotencyKey: $key}) {
    __typename
    ... on Withdrawal { id status summary amount { amount } bankAccount { id accountNumber } }
    ... on InsufficientFunds { available { amount } requested { amount } }
    ... on PaymentAmountOutOfRange { minimum { amount } maximum { amount } }
    ... on Refusal { code }
  }
}"""
SHOW = "query($id: ID!) { withdrawal(id: $id) { status summary returnReason endedAt } }"
MY_ACCOUNTS = """query($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on User { bankAccounts { accountNumber } } }
}"""


async def register(world: WalletWorld, number: str = "12345-6", *, user: uuid.UUID = MARINA, **changed: Any) -> Any:
    variables = {"number": number, "key": f"account-{number}"} | changed
    return (await world.get(REGISTER, user, **variables))["registerBankAccount"]


async def withdraw(world: WalletWorld, amount: str, account: str, *, key: str = "withdrawal-1") -> Any:
    data = await world.get(WITHDRAW, MARINA, amount=amount, account=account, key=key)
    return data["requestWithdrawal"]


async def marina_with_an_account(world: WalletWorld, amount_minor: int = 500_00, number: str = "12345-6") -> str:
    await world.person_with(MARINA, amount_minor)
    await world.verify_identity(MARINA, "11144477735", "Marina Costa")
    account: str = (await register(world, number))["id"]
    return account


async def send(world: WalletWorld) -> None:
    """Let the request reach the gateway, as our own event does."""
    for requested in await world.published(events.WithdrawalRequested):
        await world.tell(requested)


async def gateway_balance(world: WalletWorld) -> int:
    balance: int = await world.scalar(
        "SELECT balance_minor FROM ledger_balances JOIN ledger_accounts ON id = account_id WHERE code = 'gateway'"
    )
    return balance


async def test_a_bank_account_belongs_to_the_verified_person(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    assert (await register(world))["code"] == "HolderNotVerified"
    await world.verify_identity(MARINA, "11144477735", "Marina Costa")
    account = await register(world, key="another-key")
    assert account == {
        "__typename": "BankAccount",
        "id": account["id"],
        "bankCode": "001",
        "branch": "1234",
        "accountNumber": "12345-6",
        "accountType": "CHECKING",
        "holderName": "Marina Costa",
    }
    (row,) = await world.rows("SELECT * FROM bank_accounts")
    assert not [word for word in ("12345", "1234", "Marina", "11144477735") if word in str(tuple(row))]
    assert await world.scalar("SELECT octet_length(details_sealed) > 0 FROM bank_accounts")


async def test_a_companys_bank_account_is_of_its_cnpj(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    await world.verify_identity(MARINA, "11144477735", "Marina Costa")
    world.people.people[MARINA] = Person(full_name="Fazenda Boa Vista S/A", cnpj="12ABC34501DE35")
    assert (await register(world))["holderName"] == "Fazenda Boa Vista S/A"
    (account,) = await world.rows("SELECT id, details_sealed FROM bank_accounts")
    vault = world.subgraph.services.vault
    details = orjson.loads(vault.open(account.details_sealed, use="bank account", place=account.id))
    assert details["holder_cpf"] == "12ABC34501DE35"
    assert (await register(world, "99912-3"))["code"] == "BankAccountNotYours"


@pytest.mark.parametrize("account", ["99912-3", "40412-3"])
async def test_an_account_of_somebody_else_or_of_nobody_is_refused(world: WalletWorld, account: str) -> None:
    await world.open_wallets(MARINA)
    await world.verify_identity(MARINA, "11144477735", "Marina Costa")
    assert (await register(world, account))["code"] == "BankAccountNotYours"
    assert await world.scalar("SELECT count(*) FROM bank_accounts") == 0


async def test_the_same_account_again_is_the_same_account(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    assert (await register(world, key="another-key"))["id"] == account
    assert (await register(world))["id"] == account
    assert (await register(world, "77777-7", key="account-12345-6"))["code"] == "IdempotencyKeyReused"


async def test_a_person_has_five_accounts_at_most(world: WalletWorld) -> None:
    await marina_with_an_account(world)
    for place in range(4):
        assert (await register(world, f"2222{place}"))["__typename"] == "BankAccount"
    assert (await register(world, "33333"))["maximum"] == 5


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"bank": "1"}, "bankCode"),
        ({"branch": "12a"}, "branch"),
        ({"number": "1"}, "accountNumber"),
        ({"number": "١٢٣٤"}, "accountNumber"),
    ],
)
async def test_numbers_of_accounts_are_checked(world: WalletWorld, changed: dict[str, str], field: str) -> None:
    await world.open_wallets(MARINA)
    number = changed.pop("number", "12345-6")
    assert (await register(world, number, key="account-0001", **changed))["field"] == field


async def test_a_check_digit_may_be_an_x(world: WalletWorld) -> None:
    await marina_with_an_account(world)
    assert (await register(world, "1234-X"))["__typename"] == "BankAccount"


async def test_a_removed_account_takes_no_withdrawal(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    assert (await world.get(REMOVE, CARLOS, id=account))["removeBankAccount"]["code"] == "BankAccountNotFound"
    assert (await world.get(REMOVE, MARINA, id=account))["removeBankAccount"]["__typename"] == "BankAccount"
    assert (await withdraw(world, "100.00", account))["code"] == "BankAccountNotFound"
    data = await world.get(MY_ACCOUNTS, MARINA, representations=[{"__typename": "User", "id": str(MARINA)}])
    assert data == {"_entities": [{"bankAccounts": []}]}


async def test_a_withdrawal_is_on_its_way_until_the_bank_has_it(world: WalletWorld, served: Served) -> None:
    account = await marina_with_an_account(world)
    withdrawal = await withdraw(world, "200.00", account)
    assert (withdrawal["status"], withdrawal["summary"]) == ("REQUESTED", "Saque de R$ 200,00 solicitado")
    assert withdrawal["bankAccount"] == {"id": account, "accountNumber": "12345-6"}
    assert await world.balances(MARINA) == (300_00, 0, 200_00)
    await send(world)
    assert (await world.get(SHOW, MARINA, id=withdrawal["id"]))["withdrawal"]["status"] == "SENT"
    assert await world.sandbox.delivery.deliver_due() == 1
    assert (await world.get(SHOW, MARINA, id=withdrawal["id"]))["withdrawal"] == {
        "status": "SETTLED",
        "summary": "Saque de R$ 200,00 concluído",
        "returnReason": None,
        "endedAt": "2026-11-23T12:00:00.000Z",
    }
    assert await world.statement(MARINA) == (
        "2026-11-23 09:00  DEPOSIT          available           +500.00           500.00\n"
        "2026-11-23 09:00  WITHDRAWAL       available           -200.00           300.00\n"
        "2026-11-23 09:00  WITHDRAWAL       processing          +200.00           200.00\n"
        "2026-11-23 09:00  WITHDRAWAL_SENT  processing          -200.00             0.00\n"
        "                                   available                             300.00\n"
        "                                   held                                    0.00\n"
        "                                   processing                              0.00\n"
    )
    assert await gateway_balance(world) == 0
    assert len(await world.published(events.WithdrawalSettled)) == 1


async def test_a_withdrawal_that_the_bank_refuses_comes_back(world: WalletWorld, served: Served) -> None:
    account = await marina_with_an_account(world, number="88800-1")
    withdrawal = await withdraw(world, "200.00", account)
    await send(world)
    await world.sandbox.delivery.deliver_due()
    shown = (await world.get(SHOW, MARINA, id=withdrawal["id"]))["withdrawal"]
    assert (shown["status"], shown["returnReason"]) == ("RETURNED", "A conta de destino não aceita créditos.")
    assert await world.balances(MARINA) == (500_00, 0, 0)
    (returned,) = await world.published(events.WithdrawalReturned)
    assert (returned.amount_minor, returned.reason) == (200_00, "A conta de destino não aceita créditos.")


@pytest.mark.parametrize("returned_first", [True, False])
async def test_returned_is_the_last_word_in_whatever_order_it_comes(world: WalletWorld, returned_first: bool) -> None:
    account = await marina_with_an_account(world)
    withdrawal_id = uuid.UUID((await withdraw(world, "200.00", account))["id"])

    async def settle() -> bool:
        async with world.begin() as session:
            return await withdrawals.settle_withdrawal(session, withdrawal_id, now=world.clock.now())

    async def give_back() -> bool:
        async with world.begin() as session:
            return await withdrawals.return_withdrawal(
                session, withdrawal_id, reason="Devolvido.", now=world.clock.now()
            )

    steps = [give_back, settle] if returned_first else [settle, give_back]
    assert [await step() for step in (*steps, *steps)] == [True, not returned_first, False, False]
    assert await world.balances(MARINA) == (500_00, 0, 0)
    assert await world.scalar("SELECT status FROM withdrawals") == "RETURNED"
    assert await gateway_balance(world) == 0


async def test_a_withdrawal_is_of_what_is_available(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    refused = await withdraw(world, "500.01", account)
    assert (refused["available"], refused["requested"]) == ({"amount": "500.00"}, {"amount": "500.01"})
    assert await world.published(events.WithdrawalRequested) == []


@pytest.mark.parametrize("amount", ["0.99", "50000.01"])
async def test_withdrawals_have_limits(world: WalletWorld, amount: str) -> None:
    account = await marina_with_an_account(world)
    refused = await withdraw(world, amount, account)
    assert (refused["minimum"], refused["maximum"]) == ({"amount": "1.00"}, {"amount": "50000.00"})


async def test_the_same_key_takes_money_out_once(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    first = await withdraw(world, "200.00", account)
    assert await withdraw(world, "200.00", account) == first
    assert (await withdraw(world, "200.01", account))["code"] == "IdempotencyKeyReused"
    assert await world.balances(MARINA) == (300_00, 0, 200_00)


async def test_money_goes_to_nobody_else_s_account(world: WalletWorld) -> None:
    await world.person_with(MARINA, 500_00)
    await world.verify_identity(MARINA, "11144477735", "Marina Costa")
    await world.open_wallets(CARLOS)
    await world.verify_identity(CARLOS, "39053344705", "Carlos Nogueira")
    account = (await register(world, user=CARLOS))["id"]
    assert (await withdraw(world, "100.00", account))["code"] == "BankAccountNotFound"


async def test_a_corrected_cpf_closes_the_accounts_of_the_old_one(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    world.clock.advance(hours=1)
    await world.verify_identity(MARINA, "27548438923", "Marina Costa Ribeiro")
    assert (await withdraw(world, "100.00", account))["code"] == "BankAccountNotFound"
    again = await register(world, key="confirmed-again")
    assert (again["id"], again["holderName"]) == (account, "Marina Costa Ribeiro")
    assert (await withdraw(world, "100.00", account, key="withdrawal-2"))["__typename"] == "Withdrawal"


async def test_an_older_verification_does_not_undo_a_newer_one(world: WalletWorld) -> None:
    older, newer = heard.IdentityVerified(user_id=MARINA), heard.IdentityVerified(user_id=MARINA)
    first, second = in_order(older, newer)
    await world.deliver(second, newer)
    await world.deliver(first, older)
    assert await world.scalar("SELECT verified_at FROM verified_identities") == second.time


async def test_sending_again_orders_nothing_again(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    await withdraw(world, "200.00", account)
    await send(world)
    await send(world)
    assert await world.scalar("SELECT count(*) FROM sandbox_transfers") == 1
    assert await world.scalar("SELECT count(*) FROM sandbox_deliveries") == 1


async def test_a_gateway_that_is_away_is_asked_again(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    await withdraw(world, "200.00", account)
    world.sandbox.unavailable_calls = 1
    with pytest.raises(GatewayUnavailable):
        await send(world)
    assert await world.scalar("SELECT status FROM withdrawals") == "REQUESTED"
    await send(world)
    assert await world.scalar("SELECT status FROM withdrawals") == "SENT"


async def test_an_order_that_the_gateway_will_never_take_comes_back(
    world: WalletWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(order: PixOutOrder) -> None:
        raise GatewayRefused("Conta bloqueada.")

    account = await marina_with_an_account(world)
    await withdraw(world, "200.00", account)
    monkeypatch.setattr(world.sandbox, "send_pix", refuse)
    await send(world)
    assert await world.balances(MARINA) == (500_00, 0, 0)
    assert [event.reason for event in await world.published(events.WithdrawalReturned)] == ["Conta bloqueada."]


async def ask(world: WalletWorld) -> int:
    return await withdrawals.ask_about_overdue(world.services)


@pytest.mark.parametrize(("number", "status"), [("12345-6", "SETTLED"), ("88800-1", "RETURNED")])
async def test_an_end_that_nobody_told_us_of_is_asked_for(world: WalletWorld, number: str, status: str) -> None:
    account = await marina_with_an_account(world, number=number)
    await withdraw(world, "200.00", account)
    await send(world)
    assert await ask(world) == 0
    world.clock.advance(minutes=6)
    assert await ask(world) == 1
    assert await world.scalar("SELECT status FROM withdrawals") == status


async def test_an_order_that_never_reached_the_gateway_is_sent_again(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    await withdraw(world, "200.00", account)
    world.clock.advance(minutes=6)
    assert await ask(world) == 0
    assert await world.scalar("SELECT status FROM withdrawals") == "SENT"
    assert await ask(world) == 1
    assert await world.scalar("SELECT status FROM withdrawals") == "SETTLED"


async def test_closing_an_account_forgets_the_person_but_not_the_money(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    await withdraw(world, "500.00", account)
    with pytest.raises(NotYet, match="a withdrawal of user"):
        await world.tell(heard.AccountClosed(user_id=MARINA))
    await send(world)
    world.clock.advance(minutes=6)
    await ask(world)
    await world.tell(heard.AccountClosed(user_id=MARINA))
    assert await world.scalar("SELECT count(verified_at) FROM verified_identities") == 0
    assert await world.balances(MARINA) == (0, 0, 0)
    assert await world.scalar("SELECT count(*) FROM withdrawals") == 1


async def test_after_closing_only_where_withdrawals_went_is_kept_and_not_for_ever(world: WalletWorld) -> None:
    account = await marina_with_an_account(world)
    unused = (await register(world, "77777-7"))["id"]
    await withdraw(world, "500.00", account)
    await send(world)
    world.clock.advance(minutes=6)
    await ask(world)
    await world.tell(heard.AccountClosed(user_id=MARINA))

    async def rows() -> dict[str, Any]:
        found = await world.rows("SELECT id, details_sealed, fingerprint, kept_until FROM bank_accounts")
        return {str(row.id): row for row in found}

    kept = await rows()
    assert (kept[unused].details_sealed, kept[unused].fingerprint, kept[unused].kept_until) == (None, None, None)
    until = kept[account].kept_until
    assert until == world.clock.now() + timedelta(days=5 * 365)
    assert (kept[account].details_sealed is None, kept[account].fingerprint) == (False, None)

    await run_job(world.subgraph, KEEP)
    assert (await rows())[account].details_sealed is not None
    world.clock.advance(days=5 * 365)
    await run_job(world.subgraph, KEEP)
    assert (await rows())[account].details_sealed is None


async def test_an_account_from_before_is_sealed_by_the_job(world: WalletWorld, owner: asyncpg.Connection) -> None:
    account = await marina_with_an_account(world)
    await owner.execute(
        """
        INSERT INTO bank_accounts_to_seal SELECT id, '001', '1234', '12345-6', 'Marina Costa', '11144477735'
        FROM bank_accounts
        """
    )
    await owner.execute("UPDATE bank_accounts SET details_sealed = NULL, fingerprint = NULL")
    assert (await withdraw(world, "100.00", account))["code"] == "BankAccountNotFound"
    await run_job(world.subgraph, KEEP)
    assert await world.scalar("SELECT count(*) FROM bank_accounts_to_seal") == 0
    answer = await withdraw(world, "100.00", account, key="withdrawal-2")
    assert answer["bankAccount"] == {"id": account, "accountNumber": "12345-6"}
    assert (await register(world, key="the-same-again"))["id"] == account


async def test_who_somebody_is_cannot_be_asked_at_the_moment(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    await world.verify_identity(MARINA, "11144477735", "Marina Costa")
    world.people.away = True
    answer = await world.ask(REGISTER, MARINA, number="12345-6", key="account-12345-6")
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["SERVICE_UNAVAILABLE"]
