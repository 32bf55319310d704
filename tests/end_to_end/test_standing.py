"""A decision holds at once, everywhere: through the router, in one process and in eight."""

import asyncio
import time
from typing import Any

import aiohttp
import orjson
import pytest

from launch.people import DEMO_PASSWORD
from story import people
from story.client import Client
from tests.end_to_end.conftest import World
from tests.end_to_end.test_me import OWN
from tests.fixtures.parts import ToldParts

pytestmark = pytest.mark.timeout(400)  # the first test tells the story

NOTHING = "00000000-0000-7000-8000-00000000dead"
KEY = "a-key-of-carlos"

READS = {
    "accounts": "{ me { displayName } }",
    "credit": f'{{ creditRequest(id: "{NOTHING}") {{ id }} }}',
    "contracts": f'{{ cpr(id: "{NOTHING}") {{ id }} }}',
    "marketplace": f'{{ offering(id: "{NOTHING}") {{ id }} }}',
    "wallet": f'{{ deposit(id: "{NOTHING}") {{ id }} }}',
    "distribution": "{ undistributedPayments { nodes { paymentId } } }",
    "notifications": f'{{ notification(id: "{NOTHING}") {{ id }} }}',
} | {f"{domain}, of oneself": f"{{ me {{ {field} }} }}" for domain, (field, _) in OWN.items()}
MUTATIONS = (
    f"""mutation {{ registerBankAccount(input: {{bankCode: "001", branch: "1", accountNumber: "12345-6",
      accountType: CHECKING, idempotencyKey: "{KEY}"}}) {{ __typename }} }}""",
    f"""mutation {{ requestWithdrawal(input: {{amount: {{amount: "1.00"}}, bankAccountId: "{NOTHING}",
      idempotencyKey: "{KEY}"}}) {{ __typename }} }}""",
    f"""mutation {{ invest(input: {{offeringId: "{NOTHING}", quotaCount: 1,
      idempotencyKey: "{KEY}"}}) {{ __typename }} }}""",
    f'mutation {{ createDeposit(input: {{amount: {{amount: "1.00"}}, idempotencyKey: "{KEY}"}}) {{ __typename }} }}',
)
RECEIVED = "subscription { notificationReceived { id } }"
SUSPEND = """mutation($input: SuspendUserInput!) { suspendUser(input: $input) { __typename } }"""
REACTIVATE = """mutation($input: ReactivateUserInput!) { reactivateUser(input: $input) { __typename } }"""
SIGN_OUT = "mutation { signOut { ok } }"


async def ask(client: Client, document: str, *, token: str) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession() as http,
        http.post(
            client.addresses.graphql, json={"query": document}, headers={"authorization": f"Bearer {token}"}
        ) as response,
    ):
        answer: dict[str, Any] = await response.json(content_type=None)
        return answer


def refusal(answer: dict[str, Any]) -> tuple[str, str] | None:
    for error in answer.get("errors", ()):
        extensions = error["extensions"]
        if "reason" in extensions:
            return extensions["code"], extensions["reason"]
    return None


async def until_refused(client: Client, document: str, token: str) -> None:
    """Fails after a while that is long beside what is allowed, even on a busy machine."""
    begun = time.monotonic()
    while refusal(await ask(client, document, token=token)) is None:
        assert time.monotonic() - begun < 20, document
        await asyncio.sleep(0.02)


async def last_event(client: Client, token: str, opened: asyncio.Event) -> dict[str, Any]:
    headers = {"accept": "text/event-stream", "authorization": f"Bearer {token}"}
    last: dict[str, Any] = {}
    async with (
        aiohttp.ClientSession() as http,
        http.post(client.addresses.graphql, json={"query": RECEIVED}, headers=headers) as response,
    ):
        opened.set()
        async for line in response.content:
            name, _, text = line.partition(b":")
            if name == b"data" and text.strip():
                last = orjson.loads(text)
    return last


async def suspension_holds_everywhere(client: Client) -> None:
    admin = await people.demo_person(client, "admin@demo.peerseed.example")
    carlos = await people.demo_person(client, "carlos@demo.peerseed.example")
    for document in (*READS.values(), *MUTATIONS[:1]):
        assert refusal(await ask(client, document, token=carlos.token)) is None
    opened = asyncio.Event()
    following = asyncio.create_task(last_event(client, carlos.token, opened))
    await opened.wait()
    decided = {"input": {"userId": carlos.id, "reason": "a test of the house rules"}}
    await client.graphql(SUSPEND, decided, token=admin.token)
    try:
        last = await asyncio.wait_for(following, 20)
        assert refusal(last) in {("UNAUTHENTICATED", "ACCOUNT_SUSPENDED"), ("UNAUTHENTICATED", "SESSION_ENDED")}
        for document in (*READS.values(), *MUTATIONS):
            await until_refused(client, document, carlos.token)
        answer = await client.graphql(people.SIGN_IN, {"input": {"email": carlos.email, "password": DEMO_PASSWORD}})
        assert answer["signIn"]["__typename"] == "AccountSuspended"
    finally:
        await client.graphql(REACTIVATE, decided, token=admin.token)
    again = await people.demo_person(client, carlos.email)
    for document in READS.values():
        assert refusal(await ask(client, document, token=carlos.token)) == ("UNAUTHENTICATED", "SESSION_ENDED")

    async def reads_again() -> bool:
        return all([refusal(await ask(client, document, token=again.token)) is None for document in READS.values()])

    await client.until("Carlos reads again after he was reactivated", reads_again)


async def signing_out_holds_everywhere(client: Client) -> None:
    carlos = await people.demo_person(client, "carlos@demo.peerseed.example")
    other = await people.demo_person(client, "carlos@demo.peerseed.example")
    await client.graphql(SIGN_OUT, token=carlos.token)
    for document in READS.values():
        await until_refused(client, document, carlos.token)
        assert refusal(await ask(client, document, token=carlos.token)) == ("UNAUTHENTICATED", "SESSION_ENDED")
        assert refusal(await ask(client, document, token=other.token)) is None


async def test_suspension_holds_everywhere_in_one_process(world: World) -> None:
    await suspension_holds_everywhere(world.client)


async def test_signing_out_holds_everywhere_in_one_process(world: World) -> None:
    await signing_out_holds_everywhere(world.client)


async def test_suspension_holds_everywhere_in_eight_processes(told_parts: ToldParts) -> None:
    await suspension_holds_everywhere(told_parts.client)


async def test_signing_out_holds_everywhere_in_eight_processes(told_parts: ToldParts) -> None:
    await signing_out_holds_everywhere(told_parts.client)
