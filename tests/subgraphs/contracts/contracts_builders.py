"""Contracts for tests: the subgraph on a real database and a real port, people, and facts with fixed values."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import aiohttp
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import select

from subgraphs.contracts import models
from subgraphs.contracts.core.settings import ContractsSettings
from subgraphs.contracts.main import create_subgraph
from subgraphs.contracts.ports.sandbox_registry import SandboxRegistry
from subgraphs.contracts.ports.sandbox_signature import SandboxSignatureProvider
from subgraphs.contracts.ports.sandbox_webhooks import SandboxWebhooks
from subgraphs.contracts.schemas import heard
from subgraphs.shared.clock import FixedClock
from subgraphs.shared.database import Database
from subgraphs.shared.http import create_http_app
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging.outbox import event_of
from subgraphs.shared.messaging.tables import OutboxRow
from subgraphs.shared.subgraph import GraphQLRequest, Subgraph
from subgraphs.shared.webhooks import sign_webhook
from tests.builders.deliveries import deliver
from tests.builders.serving import served
from tests.fixtures.people import KnownPeople
from tests.fixtures.tokens import TokenIssuer, in_good_standing

SERGIO = UUID(int=0x5E1)
MARINA = UUID(int=0x3A1)
ANA = UUID(int=0xA1A)
SECRET = "a secret that only tests know"

SIGN = """
mutation ($input: SignCPRInput!) {
  signCPR(input: $input) {
    __typename
    ... on CPR { id status }
    ... on Refusal { code message }
    ... on IdempotencyKeyReused { idempotencyKey }
    ... on CPRNotSignable { cprStatus }
    ... on CPRDocumentChanged { documentDigest }
  }
}
"""


def an_approval(**changes: Any) -> heard.RequestApproved:
    """Sérgio's approved request: 10,000.00 for 12 months at grade B, PRICE."""
    values = {
        "credit_request_id": new_id(),
        "farmer_id": SERGIO,
        "amount_minor": 1_000_000,
        "term_months": 12,
        "amortisation": "PRICE",
        "purpose": "INPUTS",
        "crop": "MAIZE",
        "hectares": Decimal("32.00"),
        "region": "MT",
        "municipality": "5107925",
        "families_benefited": 3,
        "grade": "B",
    } | changes
    return heard.RequestApproved(**values)


@dataclass
class Contracts:
    """The contracts subgraph under test, with hands to work it."""

    subgraph: Subgraph
    clock: FixedClock
    tokens: TokenIssuer
    base_url: str
    people: KnownPeople
    scopes: dict[UUID, tuple[str, ...]] = field(
        default_factory=lambda: {SERGIO: ("farmer",), MARINA: ("investor",), ANA: ("analyst",)}
    )
    claims: dict[str, Any] = field(default_factory=dict)
    """What tokens say otherwise than usual."""

    @property
    def signature(self) -> SandboxWebhooks:
        provider = self.subgraph.services.signature_provider
        assert isinstance(provider, SandboxSignatureProvider)
        return provider.webhooks

    @property
    def registry(self) -> SandboxWebhooks:
        registry = self.subgraph.services.registry
        assert isinstance(registry, SandboxRegistry)
        return registry.webhooks

    async def execute(self, who: UUID | None, query: str, **variables: Any) -> dict[str, Any]:
        """The whole response."""
        headers = {} if who is None else self.tokens.bearer(who, *self.scopes.get(who, ()), **self.claims)
        return await self.subgraph.execute(GraphQLRequest(query=query, variables=variables, headers=headers))

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

    async def cpr(self, cpr_id: UUID, selection: str, who: UUID = SERGIO) -> dict[str, Any]:
        query = f"query ($id: ID!) {{ cpr(id: $id) {{ {selection} }} }}"
        found: dict[str, Any] = (await self.ask(who, query, id=str(cpr_id)))["cpr"]
        return found

    async def row(self, cpr_id: UUID) -> models.CPR:
        async with self.subgraph.database.read() as session:
            return await session.get_one(models.CPR, cpr_id)

    async def installments(self, cpr_id: UUID) -> list[models.Installment]:
        async with self.subgraph.database.read() as session:
            statement = select(models.Installment).where(models.Installment.cpr_id == cpr_id)
            return list(await session.scalars(statement.order_by(models.Installment.number)))

    async def work_off(self) -> None:
        """Hand what was recorded to contracts' own reactions until nothing is recorded and no provider is at work."""
        while True:
            await self.signature.idle()
            await self.registry.idle()
            async with self.subgraph.database.begin() as session:
                unsent = select(OutboxRow).where(OutboxRow.sent_at.is_(None)).order_by(OutboxRow.id)
                rows = (await session.scalars(unsent)).all()
                for row in rows:
                    row.sent_at = self.clock.now()
            for row in rows:
                await deliver(self.subgraph, event_of(row))
            if not rows:
                return

    async def drafted(self, **changes: Any) -> UUID:
        """The id of a freshly drafted CPR."""
        approval = an_approval(**changes)
        await deliver(self.subgraph, approval)
        async with self.subgraph.database.read() as session:
            statement = select(models.CPR.id).where(models.CPR.credit_request_id == approval.credit_request_id)
            return (await session.scalars(statement)).one()

    async def sign(self, cpr_id: object, who: UUID = SERGIO, **changes: Any) -> dict[str, Any]:
        data = await self.ask(who, SIGN, input={"cprId": str(cpr_id), "idempotencyKey": str(new_id())} | changes)
        answer: dict[str, Any] = data["signCPR"]
        return answer

    async def registered(self, **changes: Any) -> UUID:
        """The id of a CPR signed and registered by the sandbox providers."""
        cpr_id = await self.drafted(**changes)
        await self.sign(cpr_id, who=changes.get("farmer_id", SERGIO))
        await self.work_off()
        return cpr_id

    async def disburse(self, cpr_id: UUID, *, principal_minor: int = 1_000_000, at: datetime | None = None) -> None:
        disbursed = heard.CPRDisbursed(
            cpr_id=cpr_id, principal_minor=principal_minor, disbursed_at=at or self.clock.now()
        )
        await deliver(self.subgraph, disbursed)

    async def active(self, **changes: Any) -> UUID:
        """The id of a disbursed CPR."""
        cpr_id = await self.registered(**changes)
        await self.disburse(cpr_id)
        return cpr_id

    def a_payment(self, installment: models.Installment, **changes: Any) -> heard.PaymentConfirmed:
        """The whole installment, by Pix, now."""
        values = {
            "payment_id": new_id(),
            "installment_id": installment.id,
            "cpr_id": installment.cpr_id,
            "amount_minor": installment.amount_minor,
            "method": "PIX",
            "confirmed_at": self.clock.now(),
        } | changes
        return heard.PaymentConfirmed(**values)

    async def post(
        self, path: str, message: dict[str, Any] | bytes, *, party: str | None = None, **headers: str
    ) -> tuple[int, Any]:
        """Send a message to a route of ours over HTTP, proven as *party*'s; status and answer."""
        body = message if isinstance(message, bytes) else json.dumps(message, default=str).encode()
        if party:
            settings: ContractsSettings = self.subgraph.services.settings
            headers = sign_webhook(settings.provider_secret(party), body, now=self.clock.now()) | headers
        async with (
            aiohttp.ClientSession() as client,
            client.post(self.base_url + path, data=body, headers=headers) as r,
        ):
            return r.status, (await r.json() if r.content_type == "application/json" else None)


@asynccontextmanager
async def running_contracts(database: Database, tokens: TokenIssuer, **settings: Any) -> AsyncIterator[Contracts]:
    """Contracts behind a port of its own, so that the sandbox providers' webhooks are real."""
    clock = FixedClock()
    quick = {"sandbox_latency_seconds": 0.0, "sandbox_late_seconds": 0.0, "provider_retry_seconds": 0.0} | settings
    made: list[Subgraph] = []
    people = KnownPeople()

    def make_app(base_url: str) -> FastAPI:
        complete = ContractsSettings(
            database_url=SecretStr(database.url),
            database_pool_size=3,
            base_url=base_url,
            webhook_secret=SecretStr(SECRET),
            sealing_secret=SecretStr(SECRET),
            people_secret=SecretStr(SECRET),
            **quick,
        )
        made.append(create_subgraph(complete, verifier=tokens.verifier, clock=clock, people=people))
        made[0].standing.ask_accounts = in_good_standing
        return create_http_app(made[0])

    async with served(make_app) as base_url:
        yield Contracts(made[0], clock, tokens, base_url, people)
        await made[0].close()
