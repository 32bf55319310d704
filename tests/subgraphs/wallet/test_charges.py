"""Charges: whose, how much, how often; and paying from the wallet."""

import uuid
from typing import Any

import pytest

from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.wallet.domain.boleto import Boleto
from subgraphs.wallet.domain.br_code import TXID, DynamicBRCode
from subgraphs.wallet.schemas import events, heard
from tests.subgraphs.wallet.wallet_world import CARLOS, MARINA, SERGIO, WalletWorld, number

CREATE_DEPOSIT = """mutation($amount: Decimal!, $key: String!) {
  createDeposit(input: {amount: {amount: $amount}, idempotencyKey: $key}) {
    __typename
    ... on Deposit { id amount { amount } status summary occurredAt pix { txid brCode expiresAt } }
    ... on PaymentAmountOutOfRange { minimum { amount } maximum { amount } message }
    ... on IdempotencyKeyReused { idempotencyKey }
    ... on InvalidInput { field message }
  }
}"""
CREATE_CHARGE = """mutation($id: ID!, $method: ChargeMethod!, $key: String!) {
  createCharge(input: {installmentId: $id, method: $method, idempotencyKey: $key}) {
    __typename
    ... on Charge {
      id status method amount { amount } installment { id }
      pix { txid brCode } boleto { txid line barcode dueOn expiresAt }
    }
    ... on InstallmentNotOwed { installmentId message }
    ... on InstallmentAlreadyPaid { installmentId message }
    ... on IdempotencyKeyReused { idempotencyKey }
  }
}"""
PAY = """mutation($id: ID!, $key: String!) {
  payInstallment(input: {installmentId: $id, idempotencyKey: $key}) {
    __typename
    ... on InstallmentPayment { id amount { amount } installment { id } confirmedAt }
    ... on InsufficientFunds { available { amount } requested { amount } message }
    ... on InstallmentNotOwed { installmentId }
    ... on InstallmentAlreadyPaid { installmentId }
    ... on IdempotencyKeyReused { idempotencyKey }
  }
}"""
OPEN_CHARGES = """query($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on Installment { id charge { id status method } } }
}"""


async def create_deposit(world: WalletWorld, amount: str, key: str, user: uuid.UUID = MARINA) -> Any:
    return (await world.get(CREATE_DEPOSIT, user, amount=amount, key=key))["createDeposit"]


async def create_charge(
    world: WalletWorld, installment: uuid.UUID, *, key: str, method: str = "PIX", user: uuid.UUID = SERGIO
) -> Any:
    data = await world.get(CREATE_CHARGE, user, "farmer", id=str(installment), method=method, key=key)
    return data["createCharge"]


async def pay_installment(world: WalletWorld, installment: uuid.UUID, *, key: str, user: uuid.UUID = SERGIO) -> Any:
    return (await world.get(PAY, user, "farmer", id=str(installment), key=key))["payInstallment"]


async def open_charges(world: WalletWorld, *installments: uuid.UUID, user: uuid.UUID = SERGIO) -> Any:
    representations = [{"__typename": "Installment", "id": str(installment)} for installment in installments]
    data = await world.get(OPEN_CHARGES, user, representations=representations)
    return [entity["charge"] for entity in data["_entities"]]


async def test_a_deposit_carries_a_code_that_banks_can_read(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    deposit = await create_deposit(world, "123.45", "deposit-0001")
    assert (deposit["amount"]["amount"], deposit["status"]) == ("123.45", "PENDING")
    assert deposit["summary"] == "Depósito de R$ 123,45 aguardando pagamento"
    assert TXID.fullmatch(deposit["pix"]["txid"])
    code = DynamicBRCode.decode(deposit["pix"]["brCode"])
    assert (code.amount_minor, code.receiver_name, code.receiver_city) == (123_45, "PEERSEED", "BRASILIA")
    assert code.address.endswith(deposit["pix"]["txid"])
    assert deposit["pix"]["expiresAt"] == "2026-11-23T13:00:00.000Z"


async def test_the_same_key_and_amount_answer_with_the_first_deposit(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    first = await create_deposit(world, "123.45", "deposit-0001")
    assert await create_deposit(world, "123.45", "deposit-0001") == first
    assert await world.scalar("SELECT count(*) FROM charges") == 1


async def test_the_same_key_with_another_amount_is_a_mistake(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    await create_deposit(world, "123.45", "deposit-0001")
    reused = await create_deposit(world, "123.46", "deposit-0001")
    assert reused == {"__typename": "IdempotencyKeyReused", "idempotencyKey": "deposit-0001"}
    assert await world.scalar("SELECT count(*) FROM charges") == 1


async def test_a_key_used_for_one_operation_is_not_good_for_another(world: WalletWorld) -> None:
    await world.open_wallets(SERGIO)
    (installment,) = await world.activate(300_00)
    await create_deposit(world, "123.45", "one-key-0001", user=SERGIO)
    assert (await create_charge(world, installment, key="one-key-0001"))["__typename"] == "IdempotencyKeyReused"
    assert (await pay_installment(world, installment, key="one-key-0001"))["__typename"] == "IdempotencyKeyReused"


async def test_keys_are_each_person_s_own(world: WalletWorld) -> None:
    await world.open_wallets(MARINA, CARLOS)
    first = await create_deposit(world, "10.00", "deposit-0001")
    second = await create_deposit(world, "20.00", "deposit-0001", user=CARLOS)
    assert first["id"] != second["id"]


@pytest.mark.parametrize("amount", ["0.99", "0.00", "-5.00", "100000.01"])
async def test_deposits_have_limits(world: WalletWorld, amount: str) -> None:
    await world.open_wallets(MARINA)
    refused = await create_deposit(world, amount, "deposit-0001")
    assert refused == {
        "__typename": "PaymentAmountOutOfRange",
        "minimum": {"amount": "1.00"},
        "maximum": {"amount": "100000.00"},
        "message": "O valor precisa ficar entre R$ 1,00 e R$ 100.000,00 por operação.",
    }


@pytest.mark.parametrize("key", ["short", "x" * 65, "with\nnewline"])
async def test_a_key_has_to_tell_requests_apart(world: WalletWorld, key: str) -> None:
    await world.open_wallets(MARINA)
    refused = await create_deposit(world, "10.00", key)
    assert refused == {
        "__typename": "InvalidInput",
        "field": "idempotencyKey",
        "message": "A chave de idempotência precisa ter de 8 a 64 caracteres.",
    }


async def test_a_fraction_of_a_cent_is_not_rounded_away(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    assert (await create_deposit(world, "10.001", "deposit-0001"))["field"] == "amount"


async def test_a_person_without_a_wallet_is_asked_to_wait(world: WalletWorld) -> None:
    assert (await create_deposit(world, "10.00", "deposit-0001"))["__typename"] == "WalletNotReady"


async def test_a_charge_is_over_what_is_owed(world: WalletWorld) -> None:
    await world.open_wallets(SERGIO)
    installment, _ = await world.activate(945_60, 945_55)
    charge = await create_charge(world, installment, key="charge-0001")
    assert charge["amount"] == {"amount": "945.60"}
    assert charge["installment"] == {"id": str(installment)}
    assert DynamicBRCode.decode(charge["pix"]["brCode"]).amount_minor == 945_60
    assert charge["boleto"] is None


async def test_a_boleto_is_due_when_the_installment_is(world: WalletWorld) -> None:
    await world.open_wallets(SERGIO)
    (installment,) = await world.activate(945_60)
    charge = await create_charge(world, installment, key="charge-0001", method="BOLETO")
    boleto = Boleto.of_line(charge["boleto"]["line"], near=world.clock.now().date())
    assert (boleto.bank_code, boleto.amount_minor, str(boleto.due_on)) == ("999", 945_60, "2026-12-23")
    assert charge["boleto"]["barcode"] == boleto.barcode
    assert charge["boleto"]["dueOn"] == "2026-12-23"
    # Banks take it for three more days, to the last moment in Brasília; being late is owed for them.
    assert charge["boleto"]["expiresAt"] == "2026-12-27T02:59:59.999Z"
    assert charge["pix"] is None


async def test_a_boleto_of_an_overdue_installment_is_due_today(world: WalletWorld) -> None:
    await world.open_wallets(SERGIO)
    (installment,) = await world.activate(945_60)
    world.clock.advance(days=60)
    charge = await create_charge(world, installment, key="charge-0001", method="BOLETO")
    assert charge["boleto"]["dueOn"] == "2027-01-22"
    assert charge["boleto"]["expiresAt"] == "2027-01-23T02:59:59.999Z"


async def late(world: WalletWorld, installment: uuid.UUID) -> None:
    """Seventeen days after the due date, contracts has said what that costs: 2 % once and 1 % a month."""
    world.clock.advance(days=47)
    await world.tell(
        heard.InstallmentLate(installment_id=installment, cpr_id=number(0xC0), fine_rate="0.02", monthly_rate="0.01")
    )


async def test_a_late_installment_is_charged_with_fine_and_interest(world: WalletWorld) -> None:
    await world.open_wallets(SERGIO)
    (installment,) = await world.activate(945_60)
    world.clock.advance(hours=1)
    plain = await create_charge(world, installment, key="charge-0001", method="BOLETO")
    await late(world, installment)
    charge = await create_charge(world, installment, key="charge-0002", method="BOLETO")
    # 945.60, a fine of 18.91, interest of 5.36.
    assert (plain["amount"], charge["amount"]) == ({"amount": "945.60"}, {"amount": "969.87"})
    pix = await create_charge(world, installment, key="charge-0003")
    assert pix["amount"] == {"amount": "969.87"}
    await world.arrive(pix["pix"]["txid"], 969_87)
    (confirmed,) = await world.published(events.PaymentConfirmed)
    assert confirmed.amount_minor == 969_87


async def test_a_charge_of_a_late_installment_is_good_until_midnight(world: WalletWorld) -> None:
    await world.open_wallets(SERGIO)
    (installment,) = await world.activate(945_60)
    await late(world, installment)
    today = await create_charge(world, installment, key="charge-0001")
    again = await create_charge(world, installment, key="charge-0002")
    world.clock.advance(hours=15)
    tomorrow = await create_charge(world, installment, key="charge-0003")
    assert again == today
    assert (today["amount"], tomorrow["amount"]) == ({"amount": "969.87"}, {"amount": "970.18"})


async def test_a_pix_code_of_the_plain_sum_ends_with_the_due_date(world: WalletWorld) -> None:
    await world.open_wallets(SERGIO)
    (installment,) = await world.activate(945_60)
    world.clock.advance(days=30)
    charge = await create_charge(world, installment, key="charge-0001")
    expires_at = await world.scalar("SELECT expires_at FROM charges WHERE id = :id", id=charge["id"])
    assert expires_at.isoformat() == "2026-12-24T02:59:59.999999+00:00"


async def test_a_late_installment_is_paid_from_the_wallet_with_fine_and_interest(world: WalletWorld) -> None:
    await world.person_with(SERGIO, 969_86)
    (installment,) = await world.activate(945_60)
    await late(world, installment)
    refused = await pay_installment(world, installment, key="payment-0001")
    assert refused["requested"] == {"amount": "969.87"}
    await world.deposit(SERGIO, 1_00)
    paid = await pay_installment(world, installment, key="payment-0002")
    assert paid["amount"] == {"amount": "969.87"}
    assert await world.balances(SERGIO) == (99, 0, 0)


async def test_news_of_lateness_waits_for_the_installment(world: WalletWorld) -> None:
    with pytest.raises(NotYet, match="is not known"):
        await late(world, number(0x1A0))


async def test_only_the_farmer_who_owes_may_ask_for_a_charge(world: WalletWorld) -> None:
    await world.open_wallets(SERGIO, CARLOS)
    (installment,) = await world.activate(300_00)
    refused = await create_charge(world, installment, key="charge-0001", user=CARLOS)
    assert refused == {
        "__typename": "InstallmentNotOwed",
        "installmentId": str(installment),
        "message": "Não encontramos esta parcela entre as suas.",
    }
    answer = await world.ask(CREATE_CHARGE, SERGIO, "investor", id=str(installment), method="PIX", key="charge-0001")
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await world.scalar("SELECT count(*) FROM charges") == 0


async def test_an_unknown_installment_is_refused(world: WalletWorld) -> None:
    await world.open_wallets(SERGIO)
    assert (await create_charge(world, number(99), key="charge-0001"))["__typename"] == "InstallmentNotOwed"


async def test_asking_again_in_the_same_way_answers_with_the_open_charge(world: WalletWorld) -> None:
    await world.open_wallets(SERGIO)
    (installment,) = await world.activate(300_00)
    first = await create_charge(world, installment, key="charge-0001")
    assert await create_charge(world, installment, key="charge-0002") == first
    assert await create_charge(world, installment, key="charge-0002") == first


async def test_asking_in_the_other_way_replaces_the_open_charge(world: WalletWorld) -> None:
    await world.open_wallets(SERGIO)
    (installment,) = await world.activate(300_00)
    pix = await create_charge(world, installment, key="charge-0001")
    boleto = await create_charge(world, installment, key="charge-0002", method="BOLETO")
    assert await open_charges(world, installment) == [{"id": boleto["id"], "status": "OPEN", "method": "BOLETO"}]
    (cancelled,) = await world.published(events.ChargeCancelled)
    assert str(cancelled.charge_id) == pix["id"]
    await world.tell(cancelled)
    assert await world.scalar("SELECT cancelled_at FROM sandbox_charges WHERE method = 'PIX'") == world.clock.now()


async def test_an_expired_charge_is_replaced(world: WalletWorld) -> None:
    await world.open_wallets(SERGIO)
    (installment,) = await world.activate(300_00)
    first = await create_charge(world, installment, key="charge-0001")
    world.clock.advance(hours=24)
    assert await open_charges(world, installment) == [None]
    second = await create_charge(world, installment, key="charge-0002")
    assert second["id"] != first["id"]
    again = await create_charge(world, installment, key="charge-0001")
    assert (again["id"], again["status"]) == (first["id"], "CANCELLED")


async def test_the_open_charge_is_shown_to_the_farmer_alone(world: WalletWorld) -> None:
    await world.open_wallets(SERGIO)
    first, second = await world.activate(300_00, 300_00)
    charge = await create_charge(world, first, key="charge-0001")
    shown = {"id": charge["id"], "status": "OPEN", "method": "PIX"}
    assert await open_charges(world, first, second) == [shown, None]
    assert await open_charges(world, first, second, user=MARINA) == [None, None]


async def test_a_paid_installment_takes_no_charge(world: WalletWorld) -> None:
    await world.open_wallets(SERGIO)
    (installment,) = await world.activate(300_00)
    charge = await create_charge(world, installment, key="charge-0001")
    await world.arrive(charge["pix"]["txid"], 300_00)
    refused = await create_charge(world, installment, key="charge-0002")
    assert refused["__typename"] == "InstallmentAlreadyPaid"
    assert await open_charges(world, installment) == [None]


async def test_an_installment_is_paid_from_the_wallet(world: WalletWorld) -> None:
    await world.person_with(SERGIO, 500_00)
    (installment,) = await world.activate(300_00)
    await create_charge(world, installment, key="charge-0001")
    payment = await pay_installment(world, installment, key="payment-0001")
    assert (payment["amount"]["amount"], payment["installment"]["id"]) == ("300.00", str(installment))
    (confirmed,) = await world.published(events.PaymentConfirmed)
    assert (str(confirmed.payment_id), confirmed.method) == (payment["id"], "WALLET")
    assert len(await world.published(events.ChargeCancelled)) == 1
    assert await world.statement(SERGIO) == (
        "2026-11-23 09:00  DEPOSIT              available           +500.00           500.00\n"
        "2026-11-23 09:00  INSTALLMENT_PAYMENT  available           -300.00           200.00\n"
        "                                       available                             200.00\n"
        "                                       held                                    0.00\n"
        "                                       processing                              0.00\n"
    )


async def test_paying_from_the_wallet_again_with_the_same_key_pays_once(world: WalletWorld) -> None:
    await world.person_with(SERGIO, 900_00)
    first, second = await world.activate(300_00, 300_00)
    payment = await pay_installment(world, first, key="payment-0001")
    assert await pay_installment(world, first, key="payment-0001") == payment
    assert (await pay_installment(world, second, key="payment-0001"))["__typename"] == "IdempotencyKeyReused"
    assert (await pay_installment(world, first, key="payment-0002"))["__typename"] == "InstallmentAlreadyPaid"
    assert await world.balances(SERGIO) == (600_00, 0, 0)


async def test_paying_from_an_empty_wallet_is_refused(world: WalletWorld) -> None:
    await world.person_with(SERGIO, 299_99)
    (installment,) = await world.activate(300_00)
    refused = await pay_installment(world, installment, key="payment-0001")
    assert refused == {
        "__typename": "InsufficientFunds",
        "available": {"amount": "299.99"},
        "requested": {"amount": "300.00"},
        "message": "Saldo insuficiente: há R$ 299,99 disponíveis e a operação é de R$ 300,00.",
    }
    assert await world.published(events.PaymentConfirmed) == []
    await world.deposit(SERGIO, 1_00)
    assert (await pay_installment(world, installment, key="payment-0002"))["__typename"] == "InstallmentPayment"


async def test_nobody_pays_another_s_installment(world: WalletWorld) -> None:
    await world.person_with(CARLOS, 500_00)
    (installment,) = await world.activate(300_00)
    refused = await pay_installment(world, installment, key="payment-0001", user=CARLOS)
    assert refused["__typename"] == "InstallmentNotOwed"
    assert await world.balances(CARLOS) == (500_00, 0, 0)
