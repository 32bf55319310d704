"""Marina's phone: it lies there while the story goes, and shows every notification in the moment it comes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from launch.home import ROOT
from story.client import Client
from story.narrator import Narrator
from story.people import Person
from subgraphs.shared.tasks import end

RECEIVED = (ROOT / "schema" / "operations" / "NotificationReceived.graphql").read_text()
NEWEST = "query Newest { me { notifications(first: 1) { nodes { id } } } }"


@dataclass
class Phone:
    """What it has shown so far."""

    owner: Person
    shown: list[str] = field(default_factory=list)


@asynccontextmanager
async def phone_of(client: Client, narrator: Narrator, owner: Person) -> AsyncIterator[Phone]:
    """Show *owner* what comes from now on, for as long as the block lasts."""
    newest = (await client.graphql(NEWEST, token=owner.token))["me"]["notifications"]["nodes"]
    after = newest[0]["id"] if newest else None
    phone = Phone(owner)

    async def show() -> None:
        async with client.listen(RECEIVED, {"after": after}, token=owner.token) as events:
            async for event in events:
                phone.shown.append(event["notificationReceived"]["title"])
                narrator.aside(f"· {owner.name}'s phone: {event['notificationReceived']['body']}")

    showing = asyncio.create_task(show())
    try:
        yield phone
    finally:
        await end(showing)


async def phone_showed_everything(client: Client, narrator: Narrator, phone: Phone, titles: set[str]) -> None:
    """Raises StoryFailed when the phone misses something that its owner was told."""

    async def complete() -> bool:
        return titles <= set(phone.shown)

    await client.until(f"the phone of {phone.owner.name} showing {sorted(titles)}", complete)
    narrator.step(f"{phone.owner.name}'s phone has shown {len(phone.shown)} notifications, each as it came")
