"""Chapter 7: money that came from somebody else goes back to them; an investor takes money out."""

import uuid
from typing import Any

from story.client import Client
from story.narrator import Narrator
from story.people import DEPOSIT, Person, expect

RETURNS = """query Returns { me { activities(first: 20) { nodes {
  __typename ... on PaymentReturn { id status amount { amount } } } } } }"""

BANK_ACCOUNTS = "query BankAccounts { me { bankAccounts { id } } }"

REGISTER = """mutation Register($input: RegisterBankAccountInput!) { registerBankAccount(input: $input) {
  __typename ... on BankAccount { id } ... on Refusal { code message } } }"""

WITHDRAW = """mutation Withdraw($input: RequestWithdrawalInput!) { requestWithdrawal(input: $input) {
  __typename ... on Withdrawal { id } ... on Refusal { code message } } }"""

WITHDRAWAL = "query Withdrawal($id: ID!) { withdrawal(id: $id) { status } }"

BROTHER = {"name": "Paulo Costa", "tax_id": "39053344705", "bank": "Banco Verde"}


async def pay_code_of_deposit(client: Client, person: Person, asked: str, **payment: Any) -> None:
    """A Pix code for a deposit is asked for, and paid as *payment* says."""
    request = {"amount": {"amount": asked}, "idempotencyKey": f"deposit-{uuid.uuid4().hex}"}
    made = expect((await client.graphql(DEPOSIT, {"input": request}, token=person.token))["createDeposit"], "Deposit")
    await client.post(f"{client.addresses.wallet}/sandbox/pix/pay", {"txid": made["pix"]["txid"], **payment})


async def returned_to_its_payer(client: Client, narrator: Narrator, person: Person, amount: str) -> None:
    """Somebody else pays into *person*'s wallet, which takes its owner's money only."""

    async def returns() -> dict[str, str]:
        nodes = (await client.graphql(RETURNS, token=person.token))["me"]["activities"]["nodes"]
        return {node["id"]: node["status"] for node in nodes if node["__typename"] == "PaymentReturn"}

    before = await returns()
    await pay_code_of_deposit(client, person, amount, payer=BROTHER)

    async def settled() -> bool:
        return any(status == "SETTLED" for name, status in (await returns()).items() if name not in before)

    await client.until("the money being back with its payer", settled)
    narrator.step(f"{BROTHER['name']} pays R$ {amount} into {person.name}'s wallet; it goes back to him (devolução)")


async def withdraw(client: Client, narrator: Narrator, person: Person, amount: str) -> None:
    """Money goes to the person's own bank account."""
    known = (await client.graphql(BANK_ACCOUNTS, token=person.token))["me"]["bankAccounts"]
    if not known:
        form = {
            "bankCode": "001",
            "branch": "1234",
            "accountNumber": "12345-6",
            "accountType": "CHECKING",
            "idempotencyKey": f"account-{uuid.uuid4().hex}",
        }
        answer = await client.graphql(REGISTER, {"input": form}, token=person.token)
        known = [expect(answer["registerBankAccount"], "BankAccount")]
        narrator.step(f"{person.name} registers a bank account; the bank confirms whose it is")
    request = {
        "amount": {"amount": amount},
        "bankAccountId": known[0]["id"],
        "idempotencyKey": f"withdrawal-{uuid.uuid4().hex}",
    }
    answer = await client.graphql(WITHDRAW, {"input": request}, token=person.token)
    withdrawal = expect(answer["requestWithdrawal"], "Withdrawal")

    async def settled() -> bool:
        seen = await client.graphql(WITHDRAWAL, {"id": withdrawal["id"]}, token=person.token)
        return bool(seen["withdrawal"]["status"] == "SETTLED")

    await client.until("the withdrawal being settled", settled)
    narrator.step(f"{person.name} takes out R$ {amount}; the bank says that it has arrived")
