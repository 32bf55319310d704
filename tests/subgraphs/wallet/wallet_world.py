"""A wallet subgraph on a database of its own, a clock that stands still, and people with fixed names."""

import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.clock import FixedClock, business_date
from subgraphs.shared.messaging.event import Event, EventPayload
from subgraphs.shared.messaging.reactions import AlreadyHandled, Delivery
from subgraphs.shared.messaging.tables import OutboxRow
from subgraphs.shared.people import Person
from subgraphs.shared.person_kind import PersonKind
from subgraphs.shared.subgraph import GraphQLRequest, Subgraph
from subgraphs.wallet import crud, models
from subgraphs.wallet.core.services import Services
from subgraphs.wallet.domain import payers, statement
from subgraphs.wallet.models import ChargeMethod
from subgraphs.wallet.ports.payment_gateway import Payer, ReportedPayment
from subgraphs.wallet.ports.sandbox_gateway import IfReturned, SandboxGateway
from subgraphs.wallet.schemas import heard
from tests.builders.deliveries import in_order
from tests.fixtures.people import KnownPeople
from tests.fixtures.tokens import TokenIssuer

P = TypeVar("P", bound=EventPayload)

NINE_O_CLOCK = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""Nine in the morning in Brasília; a Monday."""


def number(value: int) -> uuid.UUID:
    """An id that is easy to read in a statement."""
    return uuid.UUID(int=value)


MARINA = number(0xA1)
CARLOS = number(0xA2)
SERGIO = number(0xF1)
ANA = number(0xB1)
OFFERING = number(0x0F)
CPR = number(0xC0)


@dataclass
class WalletWorld:
    subgraph: Subgraph = field(repr=False)
    clock: FixedClock
    tokens: TokenIssuer
    people: KnownPeople

    @property
    def services(self) -> Services:
        services: Services = self.subgraph.services
        return services

    @property
    def sandbox(self) -> SandboxGateway:
        sandbox = self.services.sandbox
        assert sandbox is not None
        return sandbox

    def begin(self) -> Any:
        return self.subgraph.database.begin()

    async def tell(self, payload: EventPayload, *, event_id: uuid.UUID | None = None) -> Event:
        """Let the fact arrive at every handler that listens to it, as the consumer would."""
        (event,) = in_order(payload)
        event = replace(event, time=self.clock.now(), id=event_id or event.id)
        await self.deliver(event, payload)
        return event

    async def deliver(self, event: Event, payload: EventPayload) -> None:
        listening = [r for r in self.subgraph.reactions if payload.type in r.payload_classes]
        assert listening, f"nobody listens to {payload.type}"
        for reaction in listening:
            read = reaction.payload_classes[payload.type].model_validate_json(payload.model_dump_json())
            delivery = Delivery(
                event, read, 1, reaction.queue, services=self.services, _database=self.subgraph.database
            )
            try:
                await reaction.handle(delivery)
            except AlreadyHandled:
                continue

    async def published(self, payload_class: type[P]) -> list[P]:
        """What has been recorded of one type, oldest first."""
        async with self.subgraph.database.read() as session:
            rows = await session.scalars(
                select(OutboxRow).where(OutboxRow.type == payload_class.type).order_by(OutboxRow.id)
            )
            return [payload_class.model_validate(row.data) for row in rows]

    async def ask(self, query: str, user_id: uuid.UUID | None, *scopes: str, **variables: Any) -> Any:
        """The whole answer to a GraphQL request."""
        headers = {} if user_id is None else self.tokens.bearer(user_id, *scopes)
        return await self.subgraph.execute(GraphQLRequest(query, variables, headers=headers))

    async def get(self, query: str, user_id: uuid.UUID, *scopes: str, **variables: Any) -> Any:
        """The data of a request that has no errors."""
        answer = await self.ask(query, user_id, *scopes, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def statement(self, user_id: uuid.UUID) -> str:
        async with self.subgraph.database.read() as session:
            return await statement.wallet_statement(session, user_id)

    async def balances(self, user_id: uuid.UUID) -> tuple[int, int, int]:
        """What is available, held and processing."""
        async with self.subgraph.database.read() as session:
            (found,) = await crud.wallets.list_balances_of_users(session, [user_id])
        return found.available_minor, found.held_minor, found.processing_minor

    async def trial_balance(self) -> str:
        async with self.subgraph.database.read() as session:
            return await statement.trial_balance(session)

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        async with self.subgraph.database.read() as session:
            return list((await session.execute(text(sql), values)).all())

    async def scalar(self, sql: str, **values: Any) -> Any:
        return (await self.rows(sql, **values))[0][0]

    async def verify_identity(self, user_id: uuid.UUID, cpf: str, name: str) -> None:
        """Accounts has verified who somebody is, and tells it to who asks."""
        self.people.people[user_id] = Person(full_name=name, cpf=cpf)
        await self.tell(heard.IdentityVerified(user_id=user_id))

    async def open_wallets(self, *user_ids: uuid.UUID) -> None:
        for user_id in user_ids:
            await self.tell(heard.UserRegistered(user_id=user_id))

    async def person_with(self, user_id: uuid.UUID, amount_minor: int) -> None:
        """A wallet with money that was deposited."""
        await self.open_wallets(user_id)
        await self.deposit(user_id, amount_minor)

    async def deposit(
        self, user_id: uuid.UUID, amount_minor: int, *, payer: Payer | None = None
    ) -> models.GatewayPayment:
        """Ask for a deposit and have it paid, without the detour over HTTP."""
        data = await self.get(
            """mutation($amount: Decimal!, $key: String!) {
                createDeposit(input: {amount: {amount: $amount}, idempotencyKey: $key}) {
                    ... on Deposit { pix { txid } } ... on Refusal { message } } }""",
            user_id,
            amount=f"{amount_minor / 100:.2f}",
            key=str(uuid.uuid4()),
        )
        return await self.arrive(data["createDeposit"]["pix"]["txid"], amount_minor, payer=payer)

    async def arrive(
        self,
        txid: str,
        amount_minor: int,
        *,
        end_to_end_id: str | None = None,
        method: ChargeMethod = ChargeMethod.PIX,
        paid_at: datetime | None = None,
        payer: Payer | None = None,
        if_returned: IfReturned | None = None,
    ) -> models.GatewayPayment:
        reported = ReportedPayment(
            end_to_end_id=end_to_end_id or uuid.uuid4().hex,
            txid=txid,
            method=method,
            amount_minor=amount_minor,
            paid_at=paid_at or self.clock.now(),
            settles_on=business_date(self.clock.now()),
            payer=payer,
        )
        async with self.begin() as session:
            # The gateway has what it tells of.
            row = asdict(reported) | {"if_returned": if_returned}
            await session.execute(upsert(models.SandboxPayment).values(row).on_conflict_do_nothing())
        await payers.receive_reported(self.services, reported)
        async with self.begin() as session:
            payment = await crud.charges.find_payment(session, reported.end_to_end_id)
        assert payment is not None
        return payment

    async def request_investment(
        self, user_id: uuid.UUID, amount_minor: int, *, investment: uuid.UUID, offering: uuid.UUID = OFFERING
    ) -> None:
        await self.tell(investment_requested(user_id, amount_minor, investment=investment, offering=offering))

    async def fund(
        self, principal_minor: int, investment_count: int, *, grade: str = "A", farmer: uuid.UUID = SERGIO,
        farmer_person: PersonKind = PersonKind.NATURAL, issued_on: date | None = None,
    ) -> None:  # fmt: skip
        await self.tell(cpr_registered(farmer=farmer, issued_on=issued_on))
        funded = offering_funded(principal_minor, investment_count, grade=grade, farmer=farmer)
        await self.tell(funded.model_copy(update={"farmer_person": farmer_person}))

    async def activate(
        self, *amounts_minor: int, farmer: uuid.UUID = SERGIO, rates: tuple[str, str] | None = None
    ) -> list[uuid.UUID]:
        """
        The CPR's schedule: an installment of each amount, due monthly from 2026-12-23. Answers their ids.

        *rates* are those of being late; None for a CPR from before they were told with its schedule.
        """
        ids = [number(0x1A0 + index) for index in range(len(amounts_minor))]
        await self.tell(
            heard.CPRActivated.model_validate(
                {
                    "cpr_id": CPR,
                    "farmer_id": farmer,
                    "late_fine_rate": rates and rates[0],
                    "late_monthly_rate": rates and rates[1],
                    "installments": [
                        {
                            "installment_id": installment_id,
                            "number": index + 1,
                            "due_on": f"{2026 + (11 + index) // 12}-{(11 + index) % 12 + 1:02d}-23",
                            "amount_minor": amount,
                        }
                        for index, (installment_id, amount) in enumerate(zip(ids, amounts_minor, strict=True))
                    ],
                }
            )
        )
        return ids


def investment_requested(
    user_id: uuid.UUID, amount_minor: int, *, investment: uuid.UUID, offering: uuid.UUID = OFFERING
) -> heard.InvestmentRequested:
    """Of quotas of R$ 100, or of one that costs less."""
    return heard.InvestmentRequested(
        investment_id=investment,
        offering_id=offering,
        investor_id=user_id,
        quota_count=max(amount_minor // 100_00, 1),
        amount_minor=amount_minor,
    )


def cpr_registered(*, farmer: uuid.UUID = SERGIO, issued_on: date | None = None) -> heard.CPRRegistered:
    return heard.CPRRegistered(
        cpr_id=CPR, farmer_id=farmer, term_months=12, registered_at=NINE_O_CLOCK, issued_on=issued_on
    )


def offering_funded(
    principal_minor: int, investment_count: int, *, grade: str = "A", farmer: uuid.UUID = SERGIO
) -> heard.OfferingFunded:
    return heard.OfferingFunded(
        offering_id=OFFERING,
        cpr_id=CPR,
        farmer_id=farmer,
        grade=grade,
        principal_minor=principal_minor,
        investment_count=investment_count,
    )


def installment_distributed(
    payment_id: uuid.UUID,
    installment_id: uuid.UUID,
    payouts: Iterable[dict[str, Any]],
    *,
    part: int = 1,
    parts: int = 1,
    total_minor: int,
) -> heard.InstallmentDistributed:
    return heard.InstallmentDistributed.model_validate(
        {
            "distribution_id": number(0xD1),
            "installment_id": installment_id,
            "cpr_id": CPR,
            "payment_id": payment_id,
            "total_minor": total_minor,
            "part": part,
            "parts": parts,
            "payouts": list(payouts),
        }
    )


def payout(
    place: int, investor: uuid.UUID, *, net_minor: int, fee_minor: int = 0, tax_minor: int = 0
) -> dict[str, Any]:
    return {
        "payout_id": number(0xE00 + place),
        "investment_id": number(0x100 + place),
        "investor_id": investor,
        "gross_minor": net_minor + fee_minor + tax_minor,
        "fee_minor": fee_minor,
        "tax_minor": tax_minor,
        "net_minor": net_minor,
    }


async def lock_all(session: AsyncSession) -> None:
    """Stand in the way of everything that moves money."""
    await session.execute(text("SELECT lock_ledger_balances(array(SELECT account_id FROM ledger_balances))"))
