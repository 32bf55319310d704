"""Whatever is deposited, withdrawn, claimed and decided in whatever order, claims have what is there and no more."""

import random
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subgraphs.shared.refusal import Refusal
from subgraphs.wallet import models
from subgraphs.wallet.domain import books, claims, withdrawals
from subgraphs.wallet.domain.bank_details import BankDetails, seal
from subgraphs.wallet.models import BankAccount, BankAccountType
from subgraphs.wallet.schemas.webhooks import ClaimOpened, PaymentTakenBack
from tests.subgraphs.wallet.wallet_world import NINE_O_CLOCK, WalletWorld


@dataclass
class Claimed:
    """Somebody whose payers' banks want payments back."""

    world: WalletWorld
    choose: random.Random
    person: uuid.UUID = field(default_factory=uuid.uuid4)
    bank_account: uuid.UUID = field(default_factory=uuid.uuid4)
    payments: list[models.GatewayPayment] = field(default_factory=list)
    claims: list[tuple[str, models.GatewayPayment, int]] = field(default_factory=list)
    """Name, payment, amount."""
    withdrawals: list[uuid.UUID] = field(default_factory=list)

    async def open(self) -> None:
        await self.world.open_wallets(self.person)
        await self.world.verify_identity(self.person, "52998224725", "Sérgio")
        account = BankAccount(
            id=self.bank_account,
            user_id=self.person,
            account_type=BankAccountType.CHECKING,
            registered_at=NINE_O_CLOCK,
        )
        details = BankDetails(
            bank_code="001", branch="1", account_number="12345", holder_name="", holder_cpf="52998224725"
        )
        seal(self.world.services.vault, account, details)
        async with self.world.begin() as session:
            session.add(account)

    async def deposit(self) -> None:
        self.payments.append(await self.world.deposit(self.person, self.choose.choice([5_00, 30_00, 100_00])))

    async def withdraw(self) -> None:
        command = withdrawals.RequestWithdrawal(
            user_id=self.person,
            bank_account_id=self.bank_account,
            amount_minor=self.choose.choice([5_00, 20_00, 90_00]),
            idempotency_key=str(uuid.uuid4()),
        )
        async with self.world.begin() as session:
            asked = await withdrawals.request_withdrawal(
                session, command, settings=self.world.services.settings, now=self.world.clock.now()
            )
        self.withdrawals.append(asked.id)

    async def end_withdrawal(self) -> None:
        if not self.withdrawals:
            return
        withdrawal_id, now = self.choose.choice(self.withdrawals), self.world.clock.now()
        async with self.world.begin() as session:
            if self.choose.random() < 0.5:
                await withdrawals.settle_withdrawal(session, withdrawal_id, now=now)
            else:
                await withdrawals.return_withdrawal(session, withdrawal_id, reason="", now=now)

    async def claim(self) -> None:
        if not self.payments:
            return
        payment, name = self.choose.choice(self.payments), f"C{uuid.uuid4().hex}"
        amount = self.choose.randint(1, payment.amount_minor)
        notice = ClaimOpened.model_construct(
            type="claim.opened", claim=name, end_to_end_id=payment.end_to_end_id, amount=amount, reason="fraude"
        )
        async with self.world.begin() as session:
            await claims.open_claim(session, notice, now=self.world.clock.now())
        self.claims.append((name, payment, amount))

    async def reject(self) -> None:
        if self.claims:
            name, _, _ = self.choose.choice(self.claims)
            async with self.world.begin() as session:
                await claims.reject_claim(session, name, now=self.world.clock.now())

    async def take_back(self) -> None:
        if not self.claims:
            return
        name, payment, amount = self.choose.choice(self.claims)
        notice = PaymentTakenBack.model_construct(
            type="payment.taken_back",
            claim=name,
            end_to_end_id=payment.end_to_end_id,
            amount=self.choose.choice([amount, self.choose.randint(1, amount)]),
            reason="fraude",
        )
        async with self.world.begin() as session:
            await claims.pay_claim(session, notice, now=self.world.clock.now())

    async def sum(self, statement: str) -> int:
        return int(await self.world.scalar(f"SELECT coalesce(sum({statement}", id=self.person))

    async def holds(self) -> None:
        """What has to be true at every moment."""
        available, _, processing = await self.world.balances(self.person)
        assert available >= 0
        wanted = (
            "CASE status WHEN 'OPEN' THEN amount_minor - blocked_minor WHEN 'PAID' THEN debt_minor ELSE 0 END), 0)"
            " FROM money_claims WHERE user_id = :id"
        )
        # Claims have all that they want, or else all that there is.
        assert available == 0 or await self.sum(wanted) == 0
        blocked = await self.sum("blocked_minor), 0) FROM money_claims WHERE user_id = :id")
        owed = await self.sum("debt_minor), 0) FROM money_claims WHERE user_id = :id")
        taken = await self.sum("taken_minor), 0) FROM money_claims WHERE user_id = :id")
        sent = await self.sum("amount_minor), 0) FROM withdrawals WHERE user_id = :id AND status = 'SETTLED'")
        came = sum(payment.amount_minor for payment in self.payments)
        # What is blocked and owed is just what was claimed and is not settled: nothing else is missing.
        assert came == available + processing + sent + blocked + taken - owed


STEPS = [
    Claimed.deposit,
    Claimed.deposit,
    Claimed.withdraw,
    Claimed.withdraw,
    Claimed.end_withdrawal,
    Claimed.claim,
    Claimed.claim,
    Claimed.reject,
    Claimed.take_back,
    Claimed.take_back,
]


# Examples share the database: the person is new in each, and the books are checked as a whole.
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STEPS), min_size=8, max_size=30), seed=st.integers(0, 2**32))
async def test_claims_have_what_they_want_or_all_that_there_is(
    world: WalletWorld, steps: list[Callable[[Claimed], Awaitable[None]]], seed: int
) -> None:
    claimed = Claimed(world, random.Random(seed))
    await claimed.open()
    await claimed.deposit()
    for step in steps:
        try:
            await step(claimed)
        except Refusal:
            pass  # there is not so much
        except ValueError as error:
            # More than is left of the payment, or what was rejected: people look first, and nothing is done.
            if "are left" not in str(error) and "is REJECTED" not in str(error):
                raise
        await claimed.holds()
    assert (await books.check_books(world.subgraph.database, now=world.clock.now())).problems == ()
