"""What the sandbox carriers have carried can be read, and they misbehave on demand, over plain HTTP from inside."""

from uuid import UUID

import aiohttp

from subgraphs.notifications.schemas import heard
from subgraphs.shared.http import create_http_app
from subgraphs.shared.people import Person
from tests.builders.serving import served
from tests.subgraphs.notifications.conftest import MARINA, Inboxes

PATH = "/sandbox/notifications"
DEPOSIT = heard.DepositConfirmed(deposit_id=UUID(int=12), user_id=MARINA, amount_minor=1_000_000)


async def test_what_went_out_is_read_by_channel_and_address(inboxes: Inboxes) -> None:
    inboxes.people.people[MARINA] = Person(email="marina+a@example.com", phone="+5511999990002")
    await inboxes.arrives(heard.SecurityAlert(user_id=MARINA, kind="PASSWORD_CHANGED"))
    await inboxes.arrives(DEPOSIT)
    await inboxes.run_job()
    async with served(lambda _: create_http_app(inboxes.subgraph)) as url, aiohttp.ClientSession(url) as client:

        async def read(query: str) -> list[dict[str, str]]:
            async with client.get(f"{PATH}?{query}") as answer:
                assert answer.status == 200
                found: list[dict[str, str]] = await answer.json()
                return found

        (mail,) = await read("channel=EMAIL&to=marina%2Ba@example.com")
        assert mail == {
            "id": mail["id"],
            "channel": "EMAIL",
            "to": "marina+a@example.com",
            "category": "DEPOSIT",
            "language": "PORTUGUESE",
            "title": "Sua carteira: Depósito confirmado",
            "body": mail["body"],
            "link": f"https://app.peerseed.example/wallet/deposits/{UUID(int=12)}",
        }
        (sms,) = await read("to=+5511999990002")
        assert (sms["channel"], sms["category"]) == ("SMS", "SECURITY")
        assert sorted(one["category"] for one in await read(f"channel=PUSH&to={MARINA}")) == ["DEPOSIT", "SECURITY"]
        assert await read("to=nobody@example.com") == []
        async with client.get(f"{PATH}?channel=PIGEON") as answer:
            assert answer.status == 422
        # Nobody from outside reads other people's mail.
        async with client.get(PATH, headers={"x-forwarded-for": "203.0.113.7"}) as answer:
            assert answer.status == 404


async def test_a_carrier_misbehaves_as_often_as_it_is_told(inboxes: Inboxes) -> None:
    async with served(lambda _: create_http_app(inboxes.subgraph)) as url, aiohttp.ClientSession(url) as client:
        for order, status in (
            ({"channel": "EMAIL", "misbehave": "REFUSE", "times": 1}, 204),
            ({"channel": "EMAIL", "misbehave": "SING"}, 422),
            ({"channel": "EMAIL", "misbehave": "REFUSE", "times": 101}, 422),
        ):
            async with client.post(PATH, json=order) as answer:
                assert answer.status == status
    await inboxes.arrives(DEPOSIT)
    await inboxes.run_job()
    assert (inboxes.email.carried(), len(inboxes.push.carried())) == ([], 1)
    inboxes.clock.advance(hours=1)
    await inboxes.run_job()
    assert len(inboxes.email.carried()) == 1
