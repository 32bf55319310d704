"""Whatever becomes of payments in suspense, in parts and in any order: what is left of each is there, and no more."""

import random
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subgraphs.shared.refusal import Refusal
from subgraphs.wallet import models
from subgraphs.wallet.domain import books, claims, returns
from subgraphs.wallet.domain.staff_plans import Move
from subgraphs.wallet.models import StaffActionKind
from subgraphs.wallet.schemas.webhooks import ClaimOpened, PaymentTakenBack
from tests.subgraphs.wallet.staff_pairs import decided, undone
from tests.subgraphs.wallet.wallet_world import WalletWorld

FINDS_NOTHING = ("are left", "is REJECTED", "are in suspense", "is PAID")
"""What people have to look at first; nothing is done."""


@dataclass
class Suspended:
    """Payments that nobody knows whose they are, and a person who gets some of them."""

    world: WalletWorld
    choose: random.Random
    person: uuid.UUID = field(default_factory=uuid.uuid4)
    payments: list[models.GatewayPayment] = field(default_factory=list)
    claims: list[tuple[str, models.GatewayPayment, int]] = field(default_factory=list)
    """Name, payment, amount."""

    async def arrive(self) -> None:
        self.payments.append(await self.world.arrive(uuid.uuid4().hex, self.choose.choice([1, 5_00, 77_00])))

    def _part(self, payment: models.GatewayPayment) -> int:
        return self.choose.choice([payment.amount_minor, self.choose.randint(1, payment.amount_minor)])

    async def give_back(self) -> None:
        payment = self.choose.choice(self.payments)
        move = Move(kind=StaffActionKind.RETURN_PAYMENT, subject_id=payment.id, amount_minor=self._part(payment))
        async with self.world.begin() as session:
            await decided(session, move, now=self.world.clock.now())

    async def give_out(self) -> None:
        payment = self.choose.choice(self.payments)
        move = Move(kind=StaffActionKind.RESOLVE_SUSPENSE, subject_id=payment.id, user_id=self.person)
        async with self.world.begin() as session:
            await decided(session, move, now=self.world.clock.now())

    async def undo(self) -> None:
        found = await self.world.rows(
            "SELECT t.id FROM ledger_transfers AS t JOIN gateway_payments AS p ON p.id = t.reference_id"
            " WHERE t.kind = 'SUSPENSE_RESOLVED' AND p.id = ANY(CAST(:ids AS uuid[])) ORDER BY t.number",
            ids=[payment.id for payment in self.payments],
        )
        if found:
            async with self.world.begin() as session:
                await undone(session, self.choose.choice(found)[0], now=self.world.clock.now())

    async def end_return(self) -> None:
        found = await self.world.rows(
            "SELECT id FROM payment_returns WHERE payment_id = ANY(CAST(:ids AS uuid[])) ORDER BY requested_at, id",
            ids=[payment.id for payment in self.payments],
        )
        if not found:
            return
        return_id, now = self.choose.choice(found)[0], self.world.clock.now()
        async with self.world.begin() as session:
            if self.choose.random() < 0.5:
                await returns.settle_return(session, return_id, now=now)
            else:
                await returns.fail_return(session, return_id, reason="", now=now)

    async def claim(self) -> None:
        payment, name = self.choose.choice(self.payments), f"C{uuid.uuid4().hex}"
        amount = self._part(payment)
        notice = ClaimOpened.model_construct(
            type="claim.opened", claim=name, end_to_end_id=payment.end_to_end_id, amount=amount, reason="fraude"
        )
        async with self.world.begin() as session:
            await claims.open_claim(session, notice, now=self.world.clock.now())
        self.claims.append((name, payment, amount))

    async def end_claim(self) -> None:
        if not self.claims:
            return
        name, payment, amount = self.choose.choice(self.claims)
        taken = self.choose.choice([amount, self.choose.randint(1, amount)])
        notice = PaymentTakenBack.model_construct(
            type="payment.taken_back", claim=name, end_to_end_id=payment.end_to_end_id, amount=taken, reason="fraude"
        )
        async with self.world.begin() as session:
            if self.choose.random() < 0.3:
                await claims.reject_claim(session, name, now=self.world.clock.now())
            else:
                await claims.pay_claim(session, notice, now=self.world.clock.now())


STEPS = [
    Suspended.arrive,
    Suspended.give_back,
    Suspended.give_back,
    Suspended.give_out,
    Suspended.undo,
    Suspended.end_return,
    Suspended.end_return,
    Suspended.claim,
    Suspended.end_claim,
]


# Examples share the database: the payments are new in each, and the books are checked as a whole.
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STEPS), min_size=8, max_size=25), seed=st.integers(0, 2**32))
async def test_what_is_left_of_each_payment_is_in_suspense(
    world: WalletWorld, steps: list[Callable[[Suspended], Awaitable[None]]], seed: int
) -> None:
    suspended = Suspended(world, random.Random(seed))
    await world.open_wallets(suspended.person)
    await suspended.arrive()
    for step in steps:
        try:
            await step(suspended)
        except Refusal:
            pass  # there is not so much, or it is elsewhere
        except ValueError as error:
            if not any(words in str(error) for words in FINDS_NOTHING):
                raise
    assert (await books.check_books(world.subgraph.database, now=world.clock.now())).problems == ()
