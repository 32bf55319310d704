"""Credit for tests: the subgraph on a real database, people, and requests with fixed values."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import aiohttp
from pydantic import SecretStr
from sqlalchemy import select

from subgraphs.credit.core.settings import CreditSettings
from subgraphs.credit.main import create_subgraph
from subgraphs.credit.ports.document_store import DocumentStore
from subgraphs.credit.ports.sandbox_bureau import SandboxBureau
from subgraphs.credit.schemas import heard
from subgraphs.shared.clock import FixedClock
from subgraphs.shared.database import Database
from subgraphs.shared.messaging.outbox import event_of
from subgraphs.shared.messaging.tables import OutboxRow
from subgraphs.shared.people import Person
from subgraphs.shared.subgraph import GraphQLRequest, Subgraph
from tests.builders.deliveries import deliver
from tests.fixtures.people import KnownPeople
from tests.fixtures.tokens import TokenIssuer, in_good_standing

SERGIO = UUID(int=0x5E1)
MARINA = UUID(int=0x3A1)
ANA = UUID(int=0xA1A)
SERGIO_CPF = "52998224725"
CAR = "MT-5107925-" + "0123456789ABCDEF" * 2

PDF = b"%PDF-1.7\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17) + b"\x00\x00\x00\x00IEND\xaeB\x60\x82"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(32) + b"\xff\xd9"

REQUEST_CREDIT = """
mutation ($input: RequestCreditInput!) {
  requestCredit(input: $input) {
    __typename
    ... on CreditRequest { id status amount { amount currency } farmer { id } steps { status reachedAt } }
    ... on Refusal { code message messageEnglish }
    ... on OpenRequestExists { creditRequestId }
    ... on AmountAboveLimit { limit { amount } requested { amount } }
    ... on CreditBelowMinimum { minimum { amount } requested { amount } }
    ... on TermOutOfRange { monthsMin monthsMax }
    ... on FarmerInArrears { cprId since }
    ... on InvalidInput { field }
    ... on IdempotencyKeyReused { idempotencyKey }
  }
}
"""

APPROVE = """
mutation ($input: ApproveCreditRequestInput!) {
  approveCreditRequest(input: $input) {
    __typename
    ... on CreditRequest { id status decision { verdict reason approvedAmount { amount } analyst { id } } }
    ... on Refusal { code message }
    ... on AmountAboveLimit { limit { amount } requested { amount } }
    ... on GradeTooLow { grade score }
    ... on NotInAnalysis { status }
    ... on InvalidInput { field }
  }
}
"""

REJECT = """
mutation ($input: RejectCreditRequestInput!) {
  rejectCreditRequest(input: $input) {
    __typename
    ... on CreditRequest { id status decision { verdict reason approvedAmount { amount } } }
    ... on Refusal { code message }
    ... on InvalidInput { field }
  }
}
"""


def a_request(**changes: Any) -> dict[str, Any]:
    """The input of Sérgio's request: 30,000.00 for 12 months, 32 ha of maize in Sorriso."""
    return {
        "amount": {"amount": "30000.00"},
        "termMonths": 12,
        "purpose": "INPUTS",
        "crop": "MAIZE",
        "hectares": "32",
        "landTenure": "OWNED",
        "region": "MT",
        "municipality": "5107925",
        "carNumber": CAR,
        "certifications": ["GOOD_PRACTICES"],
        "lastCycleRevenue": {"amount": "120000.00"},
        "familiesBenefited": 3,
        "amortisation": "PRICE",
        "idempotencyKey": str(uuid4()),
    } | changes


@dataclass
class Credit:
    """The credit subgraph under test, with hands to work it."""

    subgraph: Subgraph
    clock: FixedClock
    bureau: SandboxBureau
    tokens: TokenIssuer
    people: KnownPeople = field(default_factory=KnownPeople)
    scopes: dict[UUID, tuple[str, ...]] = field(
        default_factory=lambda: {SERGIO: ("farmer",), MARINA: ("investor",), ANA: ("analyst",)}
    )

    async def send(
        self, who: UUID | None, method: str, path: str, *, address: str, **options: Any
    ) -> tuple[int, dict[str, Any] | bytes, dict[str, str]]:
        """A request to one of credit's own routes: status, answer, headers."""
        headers = self.headers(who) | options.pop("headers", {})
        async with (
            aiohttp.ClientSession() as client,
            client.request(method, address + path, headers=headers, **options) as response,
        ):
            answer = await (response.json() if response.content_type == "application/json" else response.read())
            return response.status, answer, {name.lower(): value for name, value in response.headers.items()}

    def headers(self, who: UUID | None) -> dict[str, str]:
        return {} if who is None else self.tokens.bearer(who, *self.scopes.get(who, ()))

    async def execute(self, who: UUID | None, query: str, **variables: Any) -> dict[str, Any]:
        """The whole response."""
        return await self.subgraph.execute(GraphQLRequest(query=query, variables=variables, headers=self.headers(who)))

    async def ask(self, who: UUID | None, query: str, **variables: Any) -> dict[str, Any]:
        """The data of a response without errors."""
        response = await self.execute(who, query, **variables)
        assert "errors" not in response, response["errors"]
        data: dict[str, Any] = response["data"]
        return data

    async def entities(self, who: UUID | None, typename: str, selection: str, *ids: object) -> list[Any]:
        representations = [{"__typename": typename, "id": str(entity_id)} for entity_id in ids]
        query = (
            "query ($representations: [_Any!]!) { _entities(representations: $representations) "
            f"{{ ... on {typename} {{ {selection} }} }} }}"
        )
        found: list[Any] = (await self.ask(who, query, representations=representations))["_entities"]
        return found

    async def request(self, who: UUID = SERGIO, **changes: Any) -> dict[str, Any]:
        data = await self.ask(who, REQUEST_CREDIT, input=a_request(**changes))
        answer: dict[str, Any] = data["requestCredit"]
        return answer

    async def work_off(self) -> None:
        """Hand what was recorded to credit's own reactions, once each, until nothing new is recorded."""
        while True:
            async with self.subgraph.database.begin() as session:
                rows = (
                    await session.scalars(select(OutboxRow).where(OutboxRow.sent_at.is_(None)).order_by(OutboxRow.id))
                ).all()
                for row in rows:
                    row.sent_at = self.clock.now()
            if not rows:
                return
            for row in rows:
                await deliver(self.subgraph, event_of(row))

    async def verify_identity(self, who: UUID = SERGIO, cpf: str = SERGIO_CPF) -> None:
        self.people.people[who] = Person(cpf=cpf)
        await deliver(self.subgraph, heard.IdentityVerified(user_id=who))

    async def scored_request(self, who: UUID = SERGIO, **changes: Any) -> str:
        """The id of a request in analysis, its farmer's identity verified."""
        await self.verify_identity(who)
        request = await self.request(who, **changes)
        await self.work_off()
        request_id: str = request["id"]
        return request_id

    async def approve(self, request_id: str, who: UUID = ANA, **changes: Any) -> dict[str, Any]:
        data = await self.ask(who, APPROVE, input={"creditRequestId": request_id} | changes)
        answer: dict[str, Any] = data["approveCreditRequest"]
        return answer

    async def reject(self, request_id: str, who: UUID = ANA, **changes: Any) -> dict[str, Any]:
        reason = {"reason": "A área informada não confere com o CAR."}
        data = await self.ask(who, REJECT, input={"creditRequestId": request_id} | reason | changes)
        answer: dict[str, Any] = data["rejectCreditRequest"]
        return answer


def make_credit(
    database: Database, tokens: TokenIssuer, *, documents: DocumentStore | None = None, **settings: Any
) -> Credit:
    clock = FixedClock()
    bureau = SandboxBureau(clock, latency_seconds=0)
    people = KnownPeople()
    quick = {"bureau_retry_seconds": 0.0, "bureau_timeout_seconds": 1.0} | settings
    subgraph = create_subgraph(
        CreditSettings(
            database_url=SecretStr(database.url),
            database_pool_size=3,
            people_secret=SecretStr("nobody-else-knows-this"),
            **quick,
        ),
        verifier=tokens.verifier,
        people=people,
        clock=clock,
        bureau=bureau,
        documents=documents,
    )
    subgraph.standing.ask_accounts = in_good_standing
    return Credit(subgraph, clock, bureau, tokens, people)
