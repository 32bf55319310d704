"""A marketplace with people and facts to try it with. Values are fixed; what a test does not name does not matter."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from subgraphs.marketplace.schemas import heard
from subgraphs.shared.clock import FixedClock
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.subgraph import GraphQLRequest, Subgraph
from tests.builders.deliveries import deliver, recorded, recorded_types
from tests.fixtures.databases import sql_of_the_owner
from tests.fixtures.tokens import TokenIssuer

FARMER = uuid.UUID("0f000000-0000-4000-8000-000000000001")
OTHER_FARMER = uuid.UUID("0f000000-0000-4000-8000-000000000002")
MARINA = uuid.UUID("0a000000-0000-4000-8000-000000000001")
CARLOS = uuid.UUID("0a000000-0000-4000-8000-000000000002")
STRANGER = uuid.UUID("0b000000-0000-4000-8000-000000000001")
PHRASE = "EU ENTENDO O RISCO"

INVEST = """mutation ($input: InvestInput!) { invest(input: $input) {
  __typename
  ... on Investment { id status quotaCount amount { amount } }
  ... on Refusal { code message messageEnglish }
  ... on BelowMinimum { minimum { amount } }
  ... on QuotasUnavailable { availableQuotas requestedQuotas }
  ... on BorrowerLimitExceeded { limit { amount } committed { amount } remaining { amount } }
  ... on ConcentrationNotConfirmed { share phrase }
  ... on OfferingClosed { offeringStatus }
  ... on InvalidInput { field }
} }"""


@dataclass
class Market:
    subgraph: Subgraph
    tokens: TokenIssuer
    clock: FixedClock
    keys: Iterator[int] = field(default_factory=count)

    async def ask(self, query: str, headers: dict[str, str] | None = None, **variables: Any) -> dict[str, Any]:
        return await self.subgraph.execute(GraphQLRequest(query, variables, headers=headers or {}))

    async def ask_as(self, user_id: uuid.UUID, query: str, *scopes: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = await self.ask(query, self.tokens.bearer(user_id, *scopes), **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def deliver(self, fact: Any) -> int:
        return await deliver(self.subgraph, fact)

    async def recorded(self, *types: str) -> list[dict[str, Any]]:
        return await recorded(self.subgraph, *types)

    async def recorded_types(self) -> list[str]:
        return await recorded_types(self.subgraph)

    async def sql(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        return await sql_of_the_owner(self.subgraph.database, statement, **values)

    async def verify(self, *people: uuid.UUID) -> None:
        for person in people:
            await self.deliver(heard.IdentityVerified(user_id=person))

    async def open_offering(self, **changes: Any) -> "OfferedCPR":
        """An open offering of 100 quotas; *changes* are fields of the registered CPR."""
        registered = registered_cpr(**changes)
        await self.deliver(registered)
        (row,) = await self.sql("SELECT id FROM offerings WHERE cpr_id = :cpr", cpr=registered.cpr_id)
        return OfferedCPR(id=row["id"], cpr_id=registered.cpr_id, farmer_id=registered.farmer_id)

    async def try_to_invest(
        self,
        offering: "OfferedCPR",
        quotas: int,
        *,
        who: uuid.UUID = MARINA,
        phrase: str | None = PHRASE,
        key: str = "",
    ) -> dict[str, Any]:
        """The answer to an investment."""
        request = {
            "offeringId": str(offering.id),
            "quotaCount": quotas,
            "idempotencyKey": key or f"key-{next(self.keys):06}",
            "confirmationPhrase": phrase,
        }
        answer: dict[str, Any] = (await self.ask_as(who, INVEST, "investor", input=request))["invest"]
        return answer

    async def invest(self, offering: "OfferedCPR", quotas: int, **options: Any) -> uuid.UUID:
        """A pending investment."""
        answer = await self.try_to_invest(offering, quotas, **options)
        assert answer["__typename"] == "Investment", answer
        return uuid.UUID(answer["id"])

    async def hold_for(self, investment_id: uuid.UUID) -> heard.HoldPlaced:
        """The wallet's answer to an investment, not delivered yet."""
        (row,) = await self.sql("SELECT amount_minor FROM investments WHERE id = :id", id=investment_id)
        return heard.HoldPlaced(
            hold_id=uuid.uuid4(), purpose="investment", reference_id=investment_id, amount_minor=row["amount_minor"]
        )

    async def confirmed(self, offering: "OfferedCPR", quotas: int, **options: Any) -> uuid.UUID:
        """A confirmed investment."""
        investment_id = await self.invest(offering, quotas, **options)
        await self.deliver(await self.hold_for(investment_id))
        return investment_id

    async def refuse(self, investment_id: uuid.UUID, reason: str = "INSUFFICIENT_FUNDS") -> None:
        await self.deliver(heard.HoldRefused(reference_id=investment_id, purpose="investment", reason=reason))

    async def disburse(self, offering: "OfferedCPR") -> None:
        await self.deliver(heard.CPRDisbursed(cpr_id=offering.cpr_id, disbursed_at=self.clock.now()))

    async def offering(self, offering: "OfferedCPR") -> dict[str, Any]:
        (row,) = await self.sql("SELECT * FROM offerings WHERE id = :id", id=offering.id)
        return row

    async def investment(self, investment_id: uuid.UUID) -> dict[str, Any]:
        (row,) = await self.sql("SELECT * FROM investments WHERE id = :id", id=investment_id)
        return row

    async def entities(self, who: dict[str, str], fields: str, *representations: dict[str, Any]) -> Any:
        """`_entities` of *representations* as *who*, with *fields* as the selection."""
        query = f"query ($r: [_Any!]!) {{ _entities(representations: $r) {{ __typename {fields} }} }}"
        return await self.ask(query, who, r=list(representations))


@dataclass(frozen=True)
class OfferedCPR:
    id: uuid.UUID
    cpr_id: uuid.UUID
    farmer_id: uuid.UUID


def registered_cpr(**changes: Any) -> heard.CPRRegistered:
    """R$ 10,000 over 12 months at 2 % a month: 100 quotas."""
    values: dict[str, Any] = {
        "cpr_id": uuid.uuid4(),
        "farmer_id": FARMER,
        "crop": "SOY",
        "hectares": Decimal("32.0"),
        "region": "MT",
        "municipality": "Sorriso",
        "families_benefited": 4,
        "grade": "B",
        "principal_minor": 1_000_000,
        "annual_rate": Decimal("0.268242"),
        "monthly_rate": Decimal("0.02"),
        "term_months": 12,
        "amortisation": "PRICE",
    }
    return heard.CPRRegistered(**(values | changes))


def activated(cpr_id: uuid.UUID, *lines: tuple[int, int]) -> heard.CPRActivated:
    """A schedule with one installment per (principal, interest), due monthly from January 2027."""
    return heard.CPRActivated(
        cpr_id=cpr_id,
        installments=[
            heard.ScheduledInstallment(
                installment_id=installment_id(cpr_id, number),
                number=number,
                due_on=date(2027, number, 10),
                principal_minor=principal,
                interest_minor=interest,
                amount_minor=principal + interest,
            )
            for number, (principal, interest) in enumerate(lines, start=1)
        ],
    )


def renegotiated(
    cpr_id: uuid.UUID, replaced: Iterable[int], *lines: tuple[int, int], rate: str = "0.12"
) -> heard.CPRRenegotiated:
    """A schedule of principal and interest, numbered from 101, in the place of installments by their numbers."""
    return heard.CPRRenegotiated(
        cpr_id=cpr_id,
        annual_rate=Decimal(rate),
        replaced_installment_ids=[installment_id(cpr_id, number) for number in replaced],
        installments=[
            line.model_copy(update={"installment_id": installment_id(cpr_id, number), "number": number})
            for number, line in enumerate(activated(cpr_id, *lines).installments, start=101)
        ],
    )


def installment_id(cpr_id: uuid.UUID, number: int) -> uuid.UUID:
    return uuid.uuid5(cpr_id, f"installment {number}")


def again(fact: Any) -> Event:
    """*fact* as an event that can be delivered more than once."""
    return Event.of(fact)
