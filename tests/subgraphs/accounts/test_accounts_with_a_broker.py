"""The whole way of a new person, with nothing replaced: own tokens, own clock, HTTP, and events through a broker."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest_asyncio
from sqlalchemy.engine import make_url

from subgraphs.accounts.core.settings import AccountsSettings
from subgraphs.accounts.main import create_subgraph
from subgraphs.shared.messaging.consumer import Consumer
from subgraphs.shared.messaging.embedded import EmbeddedTransport
from subgraphs.shared.messaging.quiet import quiesced
from subgraphs.shared.messaging.relay import Relay
from subgraphs.shared.messaging.retry import RetryPolicy
from subgraphs.shared.messaging.transport import Transport
from subgraphs.shared.subgraph import Subgraph
from tests.fixtures.databases import MakeDatabase, Server
from tests.subgraphs.accounts.conftest import CHEAP, served
from tests.subgraphs.accounts.evidence import JPEG, PDF, SUBMIT, post_file
from tests.subgraphs.accounts.people import CONFIRM, PASSWORD, SERGIO, SIGN_UP

QUICK = RetryPolicy(delays_s=(0.02, 0.05), attempts_max=6, not_yet_attempts_max=6)


@dataclass
class Running:
    subgraph: Subgraph
    transport: Transport
    client: aiohttp.ClientSession

    async def all_delivered(self) -> None:
        assert await quiesced([self.subgraph.database], self.transport), "not quiet in time"

    async def graphql(self, query: str, input: Any = None, **headers: str) -> Any:
        body = {"query": query, "variables": {"input": input}}
        async with self.client.post("/graphql", json=body, headers=headers) as response:
            answer = await response.json(content_type=None)
        assert "errors" not in answer, answer["errors"]
        (value,) = answer["data"].values()
        return value


@pytest_asyncio.fixture
async def running(make_database: MakeDatabase, postgres: Server) -> AsyncIterator[Running]:
    database = await make_database("accounts")
    broker = f"broker_{secrets.token_hex(6)}"
    await postgres.execute(f'CREATE DATABASE "{broker}"')
    url = make_url(postgres.admin_url).set(database=broker).render_as_string(hide_password=False)
    settings = AccountsSettings(database_url=database.url, key_encryption_secret="only-for-these-tests", **CHEAP)
    subgraph = create_subgraph(settings)
    transport = EmbeddedTransport(url, retry=QUICK)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(subgraph.close)
        await transport.start()
        stack.push_async_callback(transport.stop)
        await transport.declare(subgraph.reactions.bindings())
        for part in (
            Consumer(subgraph.reactions, subgraph.database, transport, services=subgraph.services),
            Relay("accounts", subgraph.database, transport),
        ):
            await part.start()
            stack.push_async_callback(part.stop)
        yield Running(subgraph, transport, await stack.enter_async_context(served(subgraph)))
    await postgres.execute(f'DROP DATABASE "{broker}" WITH (FORCE)')


async def test_from_sign_up_to_a_verified_identity(running: Running) -> None:
    email = "sergio+flaky@example.com"
    taken = await running.graphql(SIGN_UP, SERGIO | {"email": email})
    assert taken["__typename"] == "SignUpAccepted"
    await running.all_delivered()
    async with running.client.get("/sandbox/messages", params={"to": email}) as response:
        (letter,) = await response.json()
    assert (await running.graphql(CONFIRM, {"token": letter["data"]["token"]}))["__typename"] == "ContactConfirmed"

    form = {"grant_type": "password", "username": email, "password": PASSWORD}
    async with running.client.post("/oauth/token", data=form) as response:
        assert response.status == 200
        bearer = {"authorization": f"Bearer {(await response.json())['access_token']}"}
    _, selfie = await post_file(running.client, JPEG, **bearer)
    _, document = await post_file(running.client, PDF + b" SANDBOX:DOWN", **bearer)
    submitted = await running.graphql(
        SUBMIT, {"documentUploadId": document["id"], "selfieUploadId": selfie["id"]}, **bearer
    )
    assert submitted["status"] == "PENDING"
    await running.all_delivered()
    me = await running.graphql("{ me { displayName identityStatus emailConfirmed maskedCpf } }", **bearer)
    assert me == {
        "displayName": "Sérgio A.",
        "identityStatus": "VERIFIED",
        "emailConfirmed": True,
        "maskedCpf": "***.982.247-**",
    }
    assert [letter async for letter in running.transport.dead_letters.list()] == []
