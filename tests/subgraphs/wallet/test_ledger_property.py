"""No sequence of ledger verbs unbalances the books, on the real database."""

import random
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.shared.refusal import Refusal
from subgraphs.wallet.domain import books, holds, installments, withdrawals
from subgraphs.wallet.domain.bank_details import BankDetails, seal
from subgraphs.wallet.domain.staff_plans import Move
from subgraphs.wallet.models import BankAccount as BankAccountRow
from subgraphs.wallet.models import BankAccountType, Charge, ChargeMethod, ChargePurpose, ChargeStatus, StaffActionKind
from subgraphs.wallet.schemas import heard
from tests.subgraphs.wallet.staff_pairs import decided, undone
from tests.subgraphs.wallet.wallet_world import (
    NINE_O_CLOCK,
    WalletWorld,
    installment_distributed,
    payout,
)

PEOPLE = 3
STEPS_MIN, STEPS_MAX = 20, 60


@dataclass
class Market:
    """People of one example, and what has been set in motion among them."""

    world: WalletWorld
    choose: random.Random
    people: list[uuid.UUID] = field(default_factory=lambda: [uuid.uuid4() for _ in range(PEOPLE)])
    bank_accounts: dict[uuid.UUID, uuid.UUID] = field(default_factory=dict)
    offerings: list[uuid.UUID] = field(default_factory=lambda: [uuid.uuid4() for _ in range(2)])
    investments: list[tuple[uuid.UUID, uuid.UUID, int]] = field(default_factory=list)
    """Id, offering, amount."""
    installments: list[uuid.UUID] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    withdrawals: list[uuid.UUID] = field(default_factory=list)

    @property
    def farmer(self) -> uuid.UUID:
        return self.people[0]

    def amount(self) -> int:
        return self.choose.choice([1, 99, 100_00, 333_33, 1_000_00])

    async def open(self) -> None:
        await self.world.open_wallets(*self.people)
        details = BankDetails(
            bank_code="001", branch="1", account_number="12345", holder_name="", holder_cpf="52998224725"
        )
        async with self.world.begin() as session:
            for person in self.people:
                account = BankAccountRow(
                    id=uuid.uuid4(), user_id=person, account_type=BankAccountType.CHECKING, registered_at=NINE_O_CLOCK
                )
                seal(self.world.services.vault, account, details)
                self.bank_accounts[person] = account.id
                session.add(account)
        for person in self.people:
            await self.world.verify_identity(person, "52998224725", "Sérgio")
        for person in self.people[1:]:
            await self.world.deposit(person, 1_000_00)

    async def ask_for_money(self) -> None:
        purpose = ChargePurpose.INSTALLMENT if self.installments else ChargePurpose.DEPOSIT
        installment = self.choose.choice(self.installments) if self.installments else None
        if self.choose.random() < 0.6:
            purpose, installment = ChargePurpose.DEPOSIT, None
        charge_id = uuid.uuid4()
        charge = Charge(
            id=charge_id,
            txid=charge_id.hex,
            purpose=purpose,
            method=ChargeMethod.PIX,
            payer_id=self.farmer if installment else self.choose.choice(self.people),
            installment_id=installment,
            amount_minor=100_00 if installment else self.amount(),
            status=ChargeStatus.OPEN,
            created_at=NINE_O_CLOCK,
            expires_at=NINE_O_CLOCK.replace(day=24),
            is_early=False,
        )
        async with self.world.begin() as session:
            if installment:
                await installments.cancel_open_charge(session, installment, now=self.world.clock.now())
            session.add(charge)
        self.charges.append(charge)

    async def pay(self) -> None:
        if self.charges:
            charge = self.choose.choice(self.charges)
            amount = charge.amount_minor + self.choose.choice([0, 0, 0, 1, -1])
            late = self.choose.choice([0, 0, 0, 2])
            await self.world.arrive(charge.txid, max(amount, 1), paid_at=NINE_O_CLOCK.replace(day=23 + late))

    async def pay_something_unknown(self) -> None:
        await self.world.arrive("x" * 26, self.amount())

    async def pay_from_wallet(self) -> None:
        if self.installments:
            async with self.world.begin() as session:
                await installments.pay_from_wallet(
                    session,
                    self.choose.choice(self.installments),
                    farmer_id=self.farmer,
                    idempotency_key=str(uuid.uuid4()),
                    now=self.world.clock.now(),
                )

    async def invest(self) -> None:
        investment, offering, amount = uuid.uuid4(), self.choose.choice(self.offerings), self.amount()
        self.investments.append((investment, offering, amount))
        await self.world.request_investment(
            self.choose.choice(self.people), amount, investment=investment, offering=offering
        )

    async def cancel_investment(self) -> None:
        if self.investments:
            investment, _, _ = self.choose.choice(self.investments)
            await self.world.tell(heard.InvestmentCancelled(investment_id=investment))

    async def fund(self) -> None:
        offering = self.choose.choice(self.offerings)
        active = await self.world.rows(
            "SELECT amount_minor FROM holds WHERE offering_id = :id AND status = 'ACTIVE'", id=offering
        )
        if not active:
            return
        cpr, installment = uuid.uuid5(offering, "cpr"), uuid.uuid5(offering, "installment")
        await self.world.tell(
            heard.CPRRegistered(cpr_id=cpr, farmer_id=self.farmer, term_months=6, registered_at=NINE_O_CLOCK)
        )
        await self.world.tell(
            heard.OfferingFunded(
                offering_id=offering,
                cpr_id=cpr,
                farmer_id=self.farmer,
                grade=self.choose.choice("ABCDE"),
                principal_minor=sum(row.amount_minor for row in active),
                investment_count=len(active),
            )
        )
        schedule: Any = {
            "cpr_id": cpr,
            "farmer_id": self.farmer,
            # Due before the latest that anybody pays: so some pay a part, and the rest later.
            "late_fine_rate": "0.02",
            "late_monthly_rate": "0.01",
            "installments": [
                {"installment_id": installment, "number": 1, "due_on": "2026-11-24", "amount_minor": 100_00}
            ],
        }
        await self.world.tell(heard.CPRActivated.model_validate(schedule))
        self.installments.append(installment)

    async def cancel_offering(self) -> None:
        await self.world.tell(heard.OfferingCancelled(offering_id=self.choose.choice(self.offerings)))

    async def distribute(self) -> None:
        for row in await self.world.rows("SELECT id, installment_id, amount_minor FROM installment_payments"):
            if row.installment_id not in self.installments:
                continue
            fee, tax = (self.choose.randrange(row.amount_minor // 20 + 1) for _ in range(2))
            net = row.amount_minor - fee - tax
            order = payout(1, self.choose.choice(self.people), net_minor=net, fee_minor=fee, tax_minor=tax)
            told = installment_distributed(
                row.id,
                row.installment_id,
                [order | {"payout_id": uuid.uuid5(row.id, "payout")}],
                total_minor=row.amount_minor,
            )
            distribution = {"distribution_id": uuid.uuid5(row.id, "distribution")}
            await self.world.tell(told.model_copy(update=distribution))

    async def withdraw(self) -> None:
        person = self.choose.choice(self.people)
        command = withdrawals.RequestWithdrawal(
            user_id=person,
            bank_account_id=self.bank_accounts[person],
            amount_minor=self.amount(),
            idempotency_key=str(uuid.uuid4()),
        )
        async with self.world.begin() as session:
            withdrawal = await withdrawals.request_withdrawal(
                session, command, settings=self.world.services.settings, now=self.world.clock.now()
            )
        self.withdrawals.append(withdrawal.id)

    async def end_withdrawal(self) -> None:
        if self.withdrawals:
            withdrawal, now = self.choose.choice(self.withdrawals), self.world.clock.now()
            async with self.world.begin() as session:
                if self.choose.random() < 0.5:
                    await withdrawals.settle_withdrawal(session, withdrawal, now=now)
                else:
                    await withdrawals.return_withdrawal(session, withdrawal, reason="", now=now)

    async def expire(self) -> None:
        async with self.world.begin() as session:
            await holds.expire_holds(session, now=self.world.clock.now().replace(year=2027))

    async def resolve(self) -> None:
        for row in await self.world.rows("SELECT id FROM gateway_payments WHERE outcome = 'QUARANTINED' LIMIT 1"):
            async with self.world.begin() as session:
                wanted = Move(
                    kind=StaffActionKind.RESOLVE_SUSPENSE,
                    subject_id=row.id,
                    user_id=self.choose.choice(self.people),
                )
                await decided(session, wanted, now=self.world.clock.now())

    async def take_back(self) -> None:
        """The gateway takes a payment back: the credit and the settlement are reversed, or neither."""
        rows = await self.world.rows(
            "SELECT id FROM ledger_transfers WHERE kind IN ('DEPOSIT', 'SURPLUS', 'GATEWAY_SETTLEMENT', 'HOLD') "
            "ORDER BY number DESC LIMIT 6"
        )
        if rows:
            async with self.world.begin() as session:
                await undone(session, self.choose.choice(rows).id, now=self.world.clock.now())

    async def take_resolution_back(self) -> None:
        found = "SELECT id FROM ledger_transfers WHERE kind = 'SUSPENSE_RESOLVED' ORDER BY number DESC LIMIT 1"
        for row in await self.world.rows(found):
            async with self.world.begin() as session:
                await undone(session, row.id, now=self.world.clock.now())


WEIGHTS: dict[Callable[[Market], Awaitable[None]], int] = {
    Market.invest: 5,
    Market.fund: 4,
    Market.ask_for_money: 4,
    Market.pay: 5,
    Market.pay_from_wallet: 2,
    Market.distribute: 3,
    Market.withdraw: 3,
    Market.end_withdrawal: 3,
    Market.pay_something_unknown: 1,
    Market.resolve: 1,
    Market.cancel_investment: 1,
    Market.cancel_offering: 1,
    Market.expire: 1,
    Market.take_back: 1,
    Market.take_resolution_back: 1,
}
VERBS = [verb for verb, weight in WEIGHTS.items() for _ in range(weight)]


async def attempt(verb: Callable[[Market], Awaitable[None]], market: Market) -> None:
    """Do it; a rule may say no, and a message may have to wait or find that it makes no sense any more."""
    try:
        await verb(market)
    except (Refusal, NotYet):
        return
    except ValueError as error:
        # Of all that raises ValueError only this may happen here: an offering's end is final.
        if "cannot be" not in str(error):
            raise


# Examples share the database: people and offerings are new in each, and the books are checked as a whole.
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(verbs=st.lists(st.sampled_from(VERBS), min_size=STEPS_MIN, max_size=STEPS_MAX), seed=st.integers(0, 2**32))
async def test_no_sequence_of_verbs_unbalances_the_books(
    world: WalletWorld, verbs: list[Callable[[Market], Awaitable[None]]], seed: int
) -> None:
    market = Market(world, random.Random(seed))
    await market.open()
    for verb in verbs:
        await attempt(verb, market)
    report = await books.check_books(world.subgraph.database, now=world.clock.now())
    assert report.problems == ()
    # Nothing but what came in less what went out is anybody's.
    came = await world.scalar("SELECT coalesce(sum(amount_minor), 0) FROM gateway_payments")
    back = await world.scalar(
        "SELECT coalesce(sum(entry.amount_minor), 0) FROM ledger_entries AS entry "
        "JOIN ledger_transfers AS transfer ON transfer.id = entry.transfer_id "
        "JOIN ledger_accounts AS account ON account.id = entry.account_id "
        "WHERE transfer.kind = 'REVERSAL' AND account.code = 'bank'"
    )
    went = await world.scalar("SELECT coalesce(sum(amount_minor), 0) FROM withdrawals WHERE status = 'SETTLED'")
    owed = await world.scalar(
        "SELECT coalesce(sum(balance_minor), 0) FROM ledger_balances JOIN ledger_accounts ON id = account_id "
        "WHERE normal_side = 'CREDIT'"
    )
    assert owed == came - went - back
