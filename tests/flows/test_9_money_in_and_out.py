"""Flow 9: money comes by Pix and leaves to a bank account of the same person, and nothing happens twice."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from story import people
from story.people import Person, available, expect
from tests.flows.scene import Scene, key, reais

DEPOSIT = "... on Deposit { id amount { amount } status pix { txid brCode } }"
WITHDRAWAL = "... on Withdrawal { id amount { amount } status } ... on InsufficientFunds { available { amount } }"
WALLET = "{ me { wallet { available { amount } held { amount } processing { amount } } } }"


async def bank_account(scene: Scene, person: Person, number: str = "12345-6") -> dict[str, Any]:
    form = {
        "bankCode": "001", "branch": "1234", "accountNumber": number, "accountType": "CHECKING",
        "idempotencyKey": key("account"),
    }  # fmt: skip
    return await scene.do(person, "registerBankAccount", form, "... on BankAccount { id holderName }")


async def withdraw(scene: Scene, person: Person, account_id: str, amount: str) -> dict[str, Any]:
    form = {"amount": reais(amount), "bankAccountId": account_id, "idempotencyKey": key("withdrawal")}
    return await scene.do(person, "requestWithdrawal", form, WITHDRAWAL)


async def ended(scene: Scene, person: Person, withdrawal_id: str, status: str) -> dict[str, Any]:
    query = "query ($id: ID!) { withdrawal(id: $id) { status returnReason } }"

    async def seen() -> dict[str, Any] | None:
        found: dict[str, Any] = (await scene.ask(query, person, id=withdrawal_id))["withdrawal"]
        return found if found["status"] == status else None

    return await scene.until(f"the withdrawal being {status}", seen)


async def in_the_afternoon(scene: Scene, amount: str) -> Person:
    """An investor with so much, on a day of their own: at night less may leave."""
    await scene.pass_days(1)
    return await scene.investor(amount)


async def moves(scene: Scene, reference: str) -> set[tuple[str, str, str]]:
    """Kind, account debited and account credited of all that moved for a *reference*."""
    query = """query ($of: LedgerTransferFilter) { ledgerTransfers(filter: $of, first: 20) { nodes { kind
      entries { accountKind side } } } }"""
    await scene.with_staff()
    found = set()
    for node in (await scene.ask(query, scene.admin, of={"reference": reference}))["ledgerTransfers"]["nodes"]:
        sides = {entry["side"]: entry["accountKind"] for entry in node["entries"]}
        found.add((node["kind"], sides["DEBIT"], sides["CREDIT"]))
    return found


async def test_a_deposit_by_pix_is_available_when_it_is_paid(scene: Scene) -> None:
    investor = await scene.verified("INVESTOR")
    form = {"amount": reais("250.00"), "idempotencyKey": key("deposit")}
    made = expect(await scene.do(investor, "createDeposit", form, DEPOSIT), "Deposit")
    assert (made["status"], await available(scene.client, investor)) == ("PENDING", "0.00")
    await scene.pay({"method": "PIX", "pix": made["pix"], "amount": made["amount"]})
    query = "query ($id: ID!) { deposit(id: $id) { status payer { name } } }"

    async def confirmed() -> bool:
        return bool((await scene.ask(query, investor, id=made["id"]))["deposit"]["status"] == "CONFIRMED")

    await scene.until("the deposit being confirmed", confirmed)
    assert await available(scene.client, investor) == "250.00"
    assert ("DEPOSIT", "GATEWAY", "AVAILABLE") in await moves(scene, made["id"])


async def test_a_withdrawal_is_set_aside_then_sent_then_settled(scene: Scene) -> None:
    investor = await in_the_afternoon(scene, "500.00")
    account = expect(await bank_account(scene, investor), "BankAccount")
    asked = expect(await withdraw(scene, investor, account["id"], "150.00"), "Withdrawal")
    assert asked["status"] == "REQUESTED"
    assert await available(scene.client, investor) == "350.00"
    await ended(scene, investor, asked["id"], "SETTLED")
    wallet = (await scene.ask(WALLET, investor))["me"]["wallet"]
    assert wallet == {"available": reais("350.00"), "held": reais("0.00"), "processing": reais("0.00")}
    assert await moves(scene, asked["id"]) == {
        ("WITHDRAWAL", "AVAILABLE", "PROCESSING"),
        ("WITHDRAWAL_SENT", "PROCESSING", "GATEWAY"),
        ("GATEWAY_SETTLEMENT", "GATEWAY", "BANK"),
    }
    await scene.told(investor, "Saque enviado")


async def test_a_withdrawal_that_the_bank_does_not_take_is_returned(scene: Scene) -> None:
    investor = await in_the_afternoon(scene, "500.00")
    account = expect(await bank_account(scene, investor, "888-1"), "BankAccount")
    asked = expect(await withdraw(scene, investor, account["id"], "150.00"), "Withdrawal")
    assert (await ended(scene, investor, asked["id"], "RETURNED"))["returnReason"]
    assert await available(scene.client, investor) == "500.00"
    await scene.told(investor, "Saque devolvido")


@pytest.mark.parametrize(("number", "refusal"), [("999-1", "BankAccountNotYours"), ("404-1", "BankAccountNotYours")])
async def test_a_bank_account_is_of_the_same_cpf_and_verified_by_the_bank(
    scene: Scene, number: str, refusal: str
) -> None:
    investor = await scene.investor("100.00")
    assert (await bank_account(scene, investor, number))["__typename"] == refusal
    assert (await scene.ask("{ me { bankAccounts { id } } }", investor))["me"]["bankAccounts"] == []


async def test_no_more_leaves_than_is_there_whoever_asks_at_once(scene: Scene) -> None:
    investor = await in_the_afternoon(scene, "150.00")
    account = expect(await bank_account(scene, investor), "BankAccount")
    answers = await asyncio.gather(*(withdraw(scene, investor, account["id"], "100.00") for _ in range(3)))
    assert sorted(answer["__typename"] for answer in answers) == [
        "InsufficientFunds", "InsufficientFunds", "Withdrawal",
    ]  # fmt: skip
    assert {answer["available"]["amount"] for answer in answers if "available" in answer} == {"50.00"}
    assert await available(scene.client, investor) == "50.00"


async def test_a_key_gets_its_first_answer_again_and_with_another_body_its_own_error(scene: Scene) -> None:
    """Of every mutation that moves money: `invest` is in `test_4_offering_and_investment.py`."""
    await scene.pass_days(1)
    farmer, investor = await scene.verified("FARMER"), await scene.investor("1000.00")
    cpr = await scene.lent(farmer, [(investor, 10)])
    first, second = (installment["id"] for installment in cpr["installments"][:2])
    await people.deposit(scene.client, scene.narrator, farmer, "200.00")
    await scene.charge(farmer, first)  # the wallet knows the schedule from now on
    await scene.sign_in_all(farmer)
    account: dict[str, Any] = {"bankCode": "001", "branch": "1234", "accountType": "CHECKING"}
    cases = [
        ("createDeposit", DEPOSIT, {"amount": reais("10.00")}, {"amount": reais("11.00")}),
        ("registerBankAccount", "... on BankAccount { id }", account | {"accountNumber": "1-1"}, {"branch": "4321"}),
        ("createCharge", "... on Charge { id }", {"installmentId": first, "method": "PIX"}, {"method": "BOLETO"}),
        ("payInstallment", "... on InstallmentPayment { id }", {"installmentId": first}, {"installmentId": second}),
        ("settleCPR", "... on CPRSettlement { payments { id } }", {"cprId": cpr["id"]}, {"cprId": first}),
    ]  # fmt: skip
    for mutation, select, body, other in cases:
        form = {**body, "idempotencyKey": key("once")}
        answers = [await scene.do(farmer, mutation, form, select) for _ in range(2)]
        assert answers[0] == answers[1]
        assert "code" not in answers[0]
        reused = await scene.do(farmer, mutation, form | other, select)
        assert (mutation, reused["__typename"]) == (mutation, "IdempotencyKeyReused")
        assert reused["messageEnglish"]
    before = await available(scene.client, farmer)
    (found,) = (await scene.ask("{ me { bankAccounts { id } } }", farmer))["me"]["bankAccounts"]
    form = {"amount": reais("20.00"), "bankAccountId": found["id"], "idempotencyKey": key("once")}
    answers = [await scene.do(farmer, "requestWithdrawal", form, "... on Withdrawal { id }") for _ in range(2)]
    assert answers[0] == answers[1]
    reused = await scene.do(farmer, "requestWithdrawal", form | {"amount": reais("30.00")})
    assert reused["__typename"] == "IdempotencyKeyReused"
    assert Decimal(before) - Decimal(await available(scene.client, farmer)) == 20
