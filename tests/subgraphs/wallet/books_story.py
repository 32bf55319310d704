"""A little of everything that money does, told to a wallet under the machine's own clock: books that balance."""

from datetime import timedelta
from decimal import Decimal

from subgraphs.wallet.domain import claims, remittances, returns, withdrawals
from subgraphs.wallet.domain.bank_details import BankDetails, seal
from subgraphs.wallet.models import BankAccount, BankAccountType, GatewayPayment
from subgraphs.wallet.ports.payment_gateway import Payer
from subgraphs.wallet.schemas import events, heard
from subgraphs.wallet.schemas.webhooks import ClaimOpened, PaymentTakenBack
from tests.subgraphs.wallet.schedules import agreed_schedule
from tests.subgraphs.wallet.staff_pairs import move, propose, reverse
from tests.subgraphs.wallet.wallet_world import (
    CARLOS,
    CPR,
    MARINA,
    SERGIO,
    WalletWorld,
    installment_distributed,
    number,
    payout,
)

DORA = number(0xA3)
"""She left with R$ 20 in her wallet."""
ELSE = number(0xA4)
"""A wallet that nothing was ever in."""
FABIO = number(0xA5)
"""What he deposited was taken back when he had withdrawn it."""
INVESTED, ALSO_INVESTED, WAITING, CALLED_OFF = (number(0x101 + place) for place in range(4))
PURCHASE = number(0xBA1)
RENEGOTIATED = number(0xC2)
MARINAS_BANK, CARLOS_BANK, FABIOS_BANK = number(0xBB1), number(0xBB2), number(0xBB3)
SOMEBODY = Payer(name="João Prado", tax_id="52998224725", bank="Banco Verde")
DETAILS = BankDetails(
    bank_code="001", branch="1234", account_number="12345-6", holder_name="Marina Costa", holder_cpf="11144477735"
)
CHARGE = """mutation($id: ID!) {
  createCharge(input: {installmentId: $id, method: PIX, idempotencyKey: "charge-0001"}) {
    ... on Charge { pix { txid } }
  }
}"""
PAY = """mutation($id: ID!) {
  payInstallment(input: {installmentId: $id, idempotencyKey: "payment-0001"}) { ... on InstallmentPayment { id } }
}"""


async def tell_story(world: WalletWorld) -> None:
    """Two lend to Sérgio, who pays one installment by Pix and one from his wallet; the rest is around that."""
    await world.person_with(MARINA, 2_000_00)
    await world.person_with(CARLOS, 1_000_00)
    await world.person_with(DORA, 20_00)
    await world.person_with(SERGIO, 1_000_00)
    await world.open_wallets(ELSE)
    await _lend(world)
    await _repay(world)
    await _remit(world)
    await _renegotiate(world)
    await _withdraw(world)
    await _give_back(world)
    await _decide(world)


async def _lend(world: WalletWorld) -> None:
    await world.request_investment(MARINA, 600_00, investment=INVESTED)
    await world.request_investment(CARLOS, 400_00, investment=ALSO_INVESTED)
    await world.request_investment(MARINA, 100_00, investment=WAITING, offering=number(0x0E))
    await world.request_investment(CARLOS, 50_00, investment=CALLED_OFF, offering=number(0x0E))
    await world.tell(heard.InvestmentCancelled(investment_id=CALLED_OFF))
    await world.fund(1_000_00, 2, grade="C")


async def _repay(world: WalletWorld) -> None:
    first, second, _ = await world.activate(300_00, 350_00, 400_00)
    txid = (await world.get(CHARGE, SERGIO, "farmer", id=str(first)))["createCharge"]["pix"]["txid"]
    await world.arrive(txid, 300_00)
    await world.tell(
        heard.QuotasWanted(
            purchase_id=PURCHASE, cpr_id=CPR, investment_id=INVESTED, position_id=INVESTED, position_quotas=6,
            seller_id=MARINA, buyer_id=CARLOS, quota_count=2, price_minor=210_00, paid_installments=1,
            principal_minor=1_000_00, unpaid_principal_minor=800_00, offered_at=world.clock.now(),
            good_until=world.clock.now() + timedelta(hours=1),
        )
    )  # fmt: skip
    await world.get(PAY, SERGIO, "farmer", id=str(second))
    for place, confirmed in enumerate(await world.published(events.PaymentConfirmed)):
        to_marina = confirmed.amount_minor * 6 // 10 if place == 0 else confirmed.amount_minor * 4 // 10
        parts = [
            payout(place * 2, MARINA, net_minor=to_marina - 9_00, fee_minor=3_00, tax_minor=6_00),
            payout(place * 2 + 1, CARLOS, net_minor=confirmed.amount_minor - to_marina),
        ]
        told = installment_distributed(
            confirmed.payment_id, confirmed.installment_id, parts, total_minor=confirmed.amount_minor
        )
        await world.tell(told.model_copy(update={"distribution_id": number(0xD1 + place)}))


async def _remit(world: WalletWorld) -> None:
    """What was withheld, as if its ten days were over."""
    async with world.begin() as session:
        await remittances.prepare_remittances(session, now=world.clock.now() + timedelta(days=31))
    await remittances.pay_remittances(world.services)


async def _renegotiate(world: WalletWorld) -> None:
    """Sérgio's other CPR, of two installments, has a new schedule of one."""
    today = world.clock.now().date()
    lines = [
        heard.ScheduledInstallment(
            installment_id=number(0x1B0 + place), number=place + 1, due_on=today + timedelta(days=30 * place),
            starts_on=today, months=1, amount_minor=510_00, interest_minor=10_00,
        )
        for place in range(2)
    ]  # fmt: skip
    await world.tell(
        heard.CPRActivated(
            cpr_id=RENEGOTIATED, farmer_id=SERGIO, late_fine_rate=Decimal("0.02"), late_monthly_rate=Decimal("0.01"),
            monthly_rate=Decimal("0.01"), installments=tuple(lines),
        )
    )  # fmt: skip
    agreed = agreed_schedule((1_000_00, 30_00, 20_00), cpr_id=RENEGOTIATED)
    await world.tell(agreed.model_copy(update={"good_until": world.clock.now() + timedelta(hours=1)}))


async def _withdraw(world: WalletWorld) -> None:
    """One arrived, one came back, one came back after it had arrived, and one is on its way."""
    await world.person_with(FABIO, 50_00)
    for person, account_id in ((MARINA, MARINAS_BANK), (CARLOS, CARLOS_BANK), (FABIO, FABIOS_BANK)):
        await world.verify_identity(person, "11144477735", "Marina Costa")
        account = BankAccount(
            id=account_id, user_id=person, account_type=BankAccountType.CHECKING, registered_at=world.clock.now()
        )
        seal(world.services.vault, account, DETAILS)
        async with world.begin() as session:
            session.add(account)
    for place, ends in enumerate(("settled", "returned", "settled and returned", "")):
        command = withdrawals.RequestWithdrawal(
            user_id=MARINA,
            bank_account_id=MARINAS_BANK,
            amount_minor=10_00 + place,
            idempotency_key=f"withdrawal-{place}",
        )
        async with world.begin() as session:
            made = await withdrawals.request_withdrawal(
                session, command, settings=world.services.settings, now=world.clock.now()
            )
        if "settled" in ends:
            async with world.begin() as session:
                await withdrawals.settle_withdrawal(session, made.id, now=world.clock.now())
        if "returned" in ends:
            async with world.begin() as session:
                await withdrawals.return_withdrawal(session, made.id, reason="", now=world.clock.now())


async def _give_back(world: WalletWorld) -> None:
    """
    Two deposits by somebody else go back, and one has arrived there. Of a third a bank wants some, and a fourth it has
    taken back when it was not there any more, of which Fábio has paid a part since.
    """
    for amount_minor in (12_00, 13_00):
        await world.deposit(CARLOS, amount_minor, payer=SOMEBODY)
    async with world.begin() as session:
        arrived = await world.scalar("SELECT id FROM payment_returns WHERE amount_minor = 1300")
        await returns.settle_return(session, arrived, now=world.clock.now())
    wanted = await world.deposit(CARLOS, 40_00)
    opened = ClaimOpened.model_validate(_wish("claim.opened", "C-0001", wanted, "15.00"))
    async with world.begin() as session:
        await claims.open_claim(session, opened, now=world.clock.now())
    left = withdrawals.RequestWithdrawal(
        user_id=FABIO, bank_account_id=FABIOS_BANK, amount_minor=45_00, idempotency_key="withdrawal-of-all"
    )
    async with world.begin() as session:
        made = await withdrawals.request_withdrawal(
            session, left, settings=world.services.settings, now=world.clock.now()
        )
        await withdrawals.settle_withdrawal(session, made.id, now=world.clock.now())
    (name,) = (
        await world.rows(
            "SELECT end_to_end_id FROM gateway_payments AS paid JOIN charges AS charge ON charge.id = paid.charge_id "
            "WHERE charge.payer_id = :fabio",
            fabio=FABIO,
        )
    )[0]
    taken = PaymentTakenBack.model_validate(_wish("payment.taken_back", "C-0002", name, "50.00"))
    async with world.begin() as session:
        await claims.pay_claim(session, taken, now=world.clock.now())
    await world.deposit(FABIO, 20_00)


def _wish(type_: str, claim: str, payment: GatewayPayment | str, amount: str) -> dict[str, str]:
    name = payment if isinstance(payment, str) else payment.end_to_end_id
    return {"type": type_, "claim": claim, "end_to_end_id": name, "amount": amount, "reason": "MED"}


async def _decide(world: WalletWorld) -> None:
    """What came without a reference is found to be Carlos's; a deposit is taken back; Dora leaves, and is paid out."""
    unknown = await world.arrive("x" * 30, 5_00)
    waiting = await world.arrive("y" * 30, 7_00)
    await move(world, "RESOLVE_SUSPENSE", unknown.id, userId=CARLOS)
    await propose(world, "RESOLVE_SUSPENSE", waiting.id, userId=MARINA)
    taken_back = await world.deposit(CARLOS, 10_00)
    wanted = "SELECT id FROM ledger_transfers WHERE kind = 'DEPOSIT' AND cause_id = :cause"
    await reverse(world, await world.scalar(wanted, cause=taken_back.id))
    await world.tell(heard.AccountClosed(user_id=DORA))
    (credit_id,) = (await world.rows("SELECT id FROM unclaimed_credits"))[0]
    await move(world, "PAY_OUT_UNCLAIMED", credit_id, bankReference="E-0001")
    await world.deposit(CARLOS, 33_00)
