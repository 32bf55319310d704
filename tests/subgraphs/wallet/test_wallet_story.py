"""One offering from the first deposit to the last payout, as printed statements."""

import uuid

from subgraphs.wallet.schemas import events
from tests.subgraphs.wallet.conftest import Served
from tests.subgraphs.wallet.wallet_world import (
    CARLOS,
    CPR,
    MARINA,
    OFFERING,
    SERGIO,
    WalletWorld,
    installment_distributed,
    number,
    payout,
)

CREATE_DEPOSIT = """mutation($amount: Decimal!) {
  createDeposit(input: {amount: {amount: $amount}, idempotencyKey: "deposit-0001"}) {
    ... on Deposit { id status pix { txid brCode qrSvg qrPng } }
  }
}"""
CREATE_CHARGE = """mutation($id: ID!) {
  createCharge(input: {installmentId: $id, method: PIX, idempotencyKey: "charge-0001"}) {
    ... on Charge { id status amount { amount } pix { txid } }
  }
}"""


async def test_a_deposit_paid_at_the_gateway_reaches_the_wallet_over_http(world: WalletWorld, served: Served) -> None:
    await world.open_wallets(MARINA)
    deposit = (await world.get(CREATE_DEPOSIT, MARINA, amount="250.00"))["createDeposit"]
    assert deposit["status"] == "PENDING"
    assert deposit["pix"]["qrSvg"].startswith("<svg")
    assert deposit["pix"]["qrPng"].startswith("data:image/png;base64,")
    paid = await served.client.post(f"{served.url}/sandbox/pix/pay", json={"txid": deposit["pix"]["txid"]})
    assert paid.status == 200
    await world.sandbox.delivery.close()  # the webhook that the payment woke
    assert await world.statement(MARINA) == (
        "2026-11-23 09:00  DEPOSIT  available           +250.00           250.00\n"
        "                           available                             250.00\n"
        "                           held                                    0.00\n"
        "                           processing                              0.00\n"
    )
    assert [event.user_id for event in await world.published(events.DepositConfirmed)] == [MARINA]


async def test_an_offering_is_funded_disbursed_repaid_and_paid_out(world: WalletWorld) -> None:
    await world.person_with(MARINA, 1_000_00)
    await world.person_with(CARLOS, 500_00)
    await world.open_wallets(SERGIO)
    await world.request_investment(MARINA, 600_00, investment=number(0x101))
    await world.request_investment(CARLOS, 400_00, investment=number(0x102))
    await world.fund(1_000_00, 2, grade="C")
    (installment,) = await world.activate(300_00)
    charge = (await world.get(CREATE_CHARGE, SERGIO, "farmer", id=str(installment)))["createCharge"]
    assert (charge["status"], charge["amount"]["amount"]) == ("OPEN", "300.00")
    await world.arrive(charge["pix"]["txid"], 300_00)
    (confirmed,) = await world.published(events.PaymentConfirmed)
    assert (confirmed.installment_id, confirmed.amount_minor, confirmed.method) == (installment, 300_00, "PIX")
    payouts = [
        payout(1, MARINA, net_minor=176_00, fee_minor=3_00, tax_minor=1_00),
        payout(2, CARLOS, net_minor=117_00, fee_minor=2_00, tax_minor=1_00),
    ]
    await world.tell(installment_distributed(confirmed.payment_id, installment, payouts, total_minor=300_00))

    assert await world.statement(MARINA) == (
        "2026-11-23 09:00  DEPOSIT       available         +1,000.00         1,000.00\n"
        "2026-11-23 09:00  HOLD          available           -600.00           400.00\n"
        "2026-11-23 09:00  HOLD          held                +600.00           600.00\n"
        "2026-11-23 09:00  HOLD_CAPTURE  held                -600.00             0.00\n"
        "2026-11-23 09:00  PAYOUT        available           +176.00           576.00\n"
        "                                available                             576.00\n"
        "                                held                                    0.00\n"
        "                                processing                              0.00\n"
    )
    assert await world.statement(SERGIO) == (
        "2026-11-23 09:00  DISBURSEMENT  available           +970.00           970.00\n"
        "                                available                             970.00\n"
        "                                held                                    0.00\n"
        "                                processing                              0.00\n"
    )
    (disbursed,) = await world.published(events.CPRDisbursed)
    assert (disbursed.cpr_id, disbursed.offering_id, disbursed.farmer_id) == (CPR, OFFERING, SERGIO)
    assert (disbursed.principal_minor, disbursed.origination_fee_minor, disbursed.iof_minor) == (1_000_00, 30_00, 0)
    assert disbursed.net_minor == 970_00
    credited = await world.published(events.PayoutCredited)
    assert [(event.user_id, event.amount_minor) for event in credited] == [(MARINA, 176_00), (CARLOS, 117_00)]
    balances = await world.trial_balance()
    by_account = {line.split()[0]: line.split()[1] for line in balances.splitlines()[1:-1]}
    assert by_account == {
        f"available:{MARINA}": "576.00",
        f"available:{CARLOS}": "217.00",
        f"available:{SERGIO}": "970.00",
        f"held:{MARINA}": "0.00",
        f"held:{CARLOS}": "0.00",
        f"escrow:{CPR}": "0.00",
        f"distribution:{uuid.UUID(str(confirmed.payment_id))}": "0.00",
        "bank": "1,800.00",
        "gateway": "0.00",
        "income_tax_payable": "2.00",
        "origination_fee": "30.00",
        "performance_fee": "5.00",
    }
    assert balances.splitlines()[-1].split() == ["1,800.00", "1,800.00"]
