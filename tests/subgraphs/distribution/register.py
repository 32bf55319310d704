"""A distribution subgraph and a CPR that is repaid. Values are fixed; what a test does not name does not matter."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from subgraphs.distribution.__main__ import show
from subgraphs.distribution.schemas import heard
from subgraphs.shared.clock import FixedClock
from subgraphs.shared.subgraph import GraphQLRequest, Subgraph
from tests.builders.deliveries import deliver, recorded
from tests.fixtures.databases import sql_of_the_owner
from tests.fixtures.people import KnownPeople
from tests.fixtures.tokens import TokenIssuer

FARMER = uuid.UUID("0f000000-0000-4000-8000-000000000001")
MARINA = uuid.UUID("0a000000-0000-4000-8000-000000000001")
CARLOS = uuid.UUID("0a000000-0000-4000-8000-000000000002")
STRANGER = uuid.UUID("0b000000-0000-4000-8000-000000000001")
ANALYST = uuid.UUID("0c000000-0000-4000-8000-000000000001")
ADMINISTRATOR = uuid.UUID("0c000000-0000-4000-8000-000000000002")

CPR = uuid.UUID("c0000000-0000-4000-8000-000000000001")
FUNDED_AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PAID_AT = datetime(2026, 12, 23, 12, 0, tzinfo=UTC)

REGRESSIVE = """
    INSERT INTO tax_rules (person, instrument, valid_from, treatment, base, note)
    SELECT person, instrument, '2020-01-02', 'REGRESSIVE', base, 'for tests' FROM tax_rules
"""
"""Everybody's yield is taxed, by the table."""

Schedule = tuple[tuple[int, int], ...]
"""Principal and interest of each installment."""


def investment_id(number: int) -> uuid.UUID:
    """Investments in the order of their numbers."""
    return uuid.UUID(f"1a000000-0000-4000-8000-{number:012x}")


def installment_id(number: int, cpr_id: uuid.UUID = CPR) -> uuid.UUID:
    return uuid.uuid5(cpr_id, f"installment {number}")


def confirmed(number: int, investor: uuid.UUID, quotas: int, **changes: Any) -> heard.InvestmentConfirmed:
    values: dict[str, Any] = {
        "investment_id": investment_id(number),
        "cpr_id": CPR,
        "investor_id": investor,
        "quota_count": quotas,
        "amount_minor": quotas * 10_000,
        "confirmed_at": FUNDED_AT,
    }
    return heard.InvestmentConfirmed(**(values | changes))


def funded(quotas: int, investments: int = 1, **changes: Any) -> heard.OfferingFunded:
    values: dict[str, Any] = {
        "offering_id": uuid.uuid5(changes.get("cpr_id", CPR), "offering"),
        "cpr_id": CPR,
        "farmer_id": FARMER,
        "grade": "B",
        "principal_minor": quotas * 10_000,
        "quota_count": quotas,
        "investment_count": investments,
        "funded_at": FUNDED_AT,
    }
    return heard.OfferingFunded(**(values | changes))


def activated(*lines: tuple[int, int], cpr_id: uuid.UUID = CPR, issued_on: date | None = None) -> heard.CPRActivated:
    """A schedule with one installment per (principal, interest)."""
    return heard.CPRActivated(
        cpr_id=cpr_id,
        issued_on=issued_on,
        installments=[
            heard.ScheduledInstallment(
                installment_id=installment_id(number, cpr_id),
                number=number,
                due_on=date(2026 + number // 12, number % 12 + 1, 23),
                principal_minor=principal,
                interest_minor=interest,
                amount_minor=principal + interest,
            )
            for number, (principal, interest) in enumerate(lines, start=1)
        ],
    )


def renegotiated(*, number: int, principal: int, interest: int, carried_late: int) -> heard.CPRRenegotiated:
    """A new schedule of one installment; *carried_late* of its interest is for having been late before."""
    line = heard.ScheduledInstallment(
        installment_id=installment_id(number),
        number=number,
        due_on=date(2027, 2, 10),
        principal_minor=principal,
        interest_minor=interest,
        carried_late_minor=carried_late,
        amount_minor=principal + interest,
    )
    return heard.CPRRenegotiated(cpr_id=CPR, installments=[line])


def payment(amount_minor: int, number: int = 1, **changes: Any) -> heard.PaymentConfirmed:
    values: dict[str, Any] = {
        "payment_id": uuid.uuid4(),
        "installment_id": installment_id(number, changes.get("cpr_id", CPR)),
        "cpr_id": CPR,
        "farmer_id": FARMER,
        "amount_minor": amount_minor,
        "confirmed_at": PAID_AT,
    }
    return heard.PaymentConfirmed(**(values | changes))


def swapped(number: int, quotas: int, **changes: Any) -> heard.QuotasSwapped:
    """Carlos buys *quotas* of Marina's first investment, at R$ 95 each."""
    values: dict[str, Any] = {
        "purchase_id": uuid.uuid5(CPR, f"purchase {number}"),
        "number": number,
        "cpr_id": CPR,
        "investment_id": investment_id(1),
        "seller_position_id": investment_id(1),
        "seller_id": MARINA,
        "buyer_id": CARLOS,
        "quota_count": quotas,
        "price_minor": quotas * 9_500,
        "cost_minor": quotas * 10_000,
        "fee_minor": quotas * 95,
        "tax_minor": 0,
        "swapped_at": FUNDED_AT,
    }
    return heard.QuotasSwapped(**(values | changes))


@dataclass
class Register:
    subgraph: Subgraph
    tokens: TokenIssuer
    clock: FixedClock
    people: KnownPeople = field(default_factory=KnownPeople)

    async def ask(self, query: str, headers: dict[str, str] | None = None, **variables: Any) -> dict[str, Any]:
        return await self.subgraph.execute(GraphQLRequest(query, variables, headers=headers or {}))

    async def entities(self, who: dict[str, str], fields: str, *representations: dict[str, Any]) -> Any:
        """The entities of *representations* as *who* sees them, with *fields* as the selection."""
        query = f"query ($r: [_Any!]!) {{ _entities(representations: $r) {{ __typename {fields} }} }}"
        answer = await self.ask(query, who, r=list(representations))
        assert "errors" not in answer, answer["errors"]
        return answer["data"]["_entities"]

    def signed_in(self, user_id: uuid.UUID, *scopes: str) -> dict[str, str]:
        return self.tokens.bearer(user_id, *scopes)

    async def deliver(self, *facts: Any) -> None:
        for fact in facts:
            await deliver(self.subgraph, fact)

    async def hold(self, *investments: tuple[uuid.UUID, int], cpr_id: uuid.UUID = CPR) -> None:
        """A funded CPR with the quotas of each (investor, count), numbered from 1."""
        for number, (investor, quotas) in enumerate(investments, start=1):
            await self.deliver(confirmed(number, investor, quotas, cpr_id=cpr_id))
        await self.deliver(funded(sum(quotas for _, quotas in investments), len(investments), cpr_id=cpr_id))

    async def pay(self, amount_minor: int, number: int = 1, **changes: Any) -> str:
        """The printed distribution of a payment."""
        paid = payment(amount_minor, number, **changes)
        await self.deliver(paid)
        printed = await show(self.subgraph.database, paid.installment_id)
        assert printed is not None
        return printed

    async def recorded(self) -> list[dict[str, Any]]:
        return await recorded(self.subgraph, "installment_distributed")

    async def credit_all(self) -> None:
        """The wallet has credited everything that was distributed."""
        for row in await self.sql("SELECT id, net_minor FROM payouts WHERE status = 'PENDING' ORDER BY id"):
            await self.deliver(heard.PayoutCredited(payout_id=row["id"], amount_minor=row["net_minor"]))

    async def sql(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        return await sql_of_the_owner(self.subgraph.database, statement, **values)
