"""People for the tests of accounts, and the errands that events set in motion."""

import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import jwt
from sqlalchemy import select

from subgraphs.accounts.core.services import Services
from subgraphs.shared.clock import FixedClock
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.outbox import event_of
from subgraphs.shared.messaging.reactions import AlreadyHandled, Delivery
from subgraphs.shared.messaging.tables import OutboxRow
from subgraphs.shared.subgraph import GraphQLRequest, Subgraph
from tests.fixtures.tokens import TokenIssuer

PASSWORD = "Semente#2026"
AGREED = [{"purpose": "TERMS_OF_USE", "version": 1}, {"purpose": "PRIVACY_POLICY", "version": 1}]
"""What nobody has an account without."""
SERGIO = {
    "name": "Sérgio Almeida",
    "email": "sergio@example.com",
    "password": PASSWORD,
    "birthDate": "1985-03-14",
    "phone": "+5565999990001",
    "cpf": "529.982.247-25",
    "profiles": ["FARMER"],
    "consents": AGREED,
}
MARINA = {
    "name": "Marina Costa",
    "email": "marina@example.com",
    "password": PASSWORD,
    "birthDate": "1992-07-02",
    "phone": "+5511999990002",
    "cpf": "111.444.777-35",
    "profiles": ["INVESTOR"],
    "consents": AGREED,
}

SIGN_UP = """mutation ($input: SignUpInput!) { signUp(input: $input) {
  __typename ... on SignUpAccepted { email phone } ... on Refusal { code message messageEnglish }
  ... on InvalidInput { field } ... on TooManyAttempts { retryAfterSeconds } } }"""
CONFIRM = """mutation ($input: ConfirmContactInput!) { confirmContact(input: $input) {
  __typename ... on ContactConfirmed { channel } ... on Refusal { code message } } }"""
SIGN_IN = """mutation ($input: SignInInput!) { signIn(input: $input) {
  __typename
  ... on SignedIn { accessToken refreshToken expiresIn tokenType scope user { id fullName } }
  ... on Refusal { code message } ... on TooManyAttempts { retryAfterSeconds } } }"""
REFRESH = """mutation ($input: RefreshTokenInput!) { refreshToken(input: $input) {
  __typename ... on SignedIn { accessToken refreshToken scope user { id } } ... on Refusal { code message } } }"""


@dataclass(frozen=True)
class Person:
    """Somebody signed in."""

    id: str
    email: str
    refresh_token: str
    session_id: str
    bearer: dict[str, str] = field(repr=False)


@dataclass
class Accounts:
    """The subgraph under test."""

    subgraph: Subgraph
    clock: FixedClock
    tokens: TokenIssuer

    @property
    def services(self) -> Services:
        return self.subgraph.services

    async def ask(
        self,
        document: str,
        variables: dict[str, Any] | None = None,
        *,
        headers: dict[str, str] | None = None,
        address: str | None = None,
    ) -> dict[str, Any]:
        """The whole answer."""
        request = GraphQLRequest(document, variables, headers=headers or {}, remote_address=address)
        return await self.subgraph.execute(request)

    async def do(
        self,
        document: str,
        input: dict[str, Any] | None = None,
        *,
        headers: dict[str, str] | None = None,
        address: str | None = None,
    ) -> Any:
        """The one root field's value; there must be no errors."""
        answer = await self.ask(document, None if input is None else {"input": input}, headers=headers, address=address)
        assert "errors" not in answer, answer["errors"]
        (value,) = answer["data"].values()
        return value

    async def run_errands(self, *, attempt: int = 1, again: bool = False) -> None:
        """Let accounts react to what it has published since the last time; to everything, with *again*."""
        async with self.services.database.begin() as session:
            statement = select(OutboxRow).order_by(OutboxRow.id)
            if not again:
                statement = statement.where(OutboxRow.sent_at.is_(None))
            rows = (await session.scalars(statement)).all()
            for row in rows:
                row.sent_at = self.clock.now()
        for row in rows:
            await self.receive(event_of(row), attempt=attempt)

    async def receive(self, event: Event, *, attempt: int = 1) -> None:
        """Have every reaction to *event* handle it; one that has handled it before does not again."""
        for reaction in self.subgraph.reactions:
            if payload_class := reaction.payload_classes.get(event.type):
                payload = payload_class.model_validate(event.data)
                delivery = Delivery(
                    event,
                    payload,
                    attempt,
                    reaction.queue,
                    services=self.services,
                    _database=self.services.database,
                )
                with suppress(AlreadyHandled):
                    await reaction.handle(delivery)

    async def published(self, event_type: str) -> list[dict[str, Any]]:
        """The data of the events of *event_type*, in order."""
        async with self.services.database.read() as session:
            found = await session.scalars(
                select(OutboxRow.data).where(OutboxRow.type == event_type).order_by(OutboxRow.id)
            )
            return list(found)

    async def letters_to(self, recipient: str) -> list[dict[str, Any]]:
        """Kind and data of what was delivered to *recipient*."""
        await self.run_errands()
        messenger: Any = self.services.messenger
        return [{"kind": one.message.kind, **one.message.data} for one in messenger.to(recipient)]

    async def newest_letter(self, recipient: str, kind: str) -> dict[str, Any]:
        return [letter for letter in await self.letters_to(recipient) if letter["kind"] == kind][-1]

    async def sign_up(self, **changes: Any) -> Any:
        return await self.do(SIGN_UP, SERGIO | changes)

    async def sign_in(self, email: str = SERGIO["email"], password: str = PASSWORD, **more: Any) -> Any:
        return await self.do(SIGN_IN, {"email": email, "password": password, **more})

    async def person(self, *scopes: str, **changes: Any) -> Person:
        """Somebody who has signed up, confirmed their e-mail and signed in; *scopes* are those of their token."""
        who = SERGIO | changes
        assert (await self.do(SIGN_UP, who))["__typename"] == "SignUpAccepted"
        letter = await self.newest_letter(who["email"], "CONFIRM_EMAIL")
        assert (await self.do(CONFIRM, {"token": letter["token"]}))["__typename"] == "ContactConfirmed"
        return await self.signed_in(who["email"], *scopes, password=who["password"])

    async def signed_in(self, email: str, *scopes: str, password: str = PASSWORD) -> Person:
        """A new session; its token is the test issuer's, so that it is good at any time of the clock."""
        answer = await self.sign_in(email, password)
        assert answer["__typename"] == "SignedIn", answer
        session_id = _session_of(answer["accessToken"])
        user_id = answer["user"]["id"]
        bearer = self.tokens.bearer(uuid.UUID(user_id), *scopes, sid=session_id)
        return Person(user_id, email, answer["refreshToken"], session_id, bearer)


def _session_of(access_token: str) -> str:
    return str(claims_of(access_token)["sid"])


def claims_of(access_token: str) -> dict[str, Any]:
    """What the token says, unverified."""
    return jwt.decode(access_token, options={"verify_signature": False})
