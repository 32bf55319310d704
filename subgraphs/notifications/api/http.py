"""Notifications' own routes: what the sandbox carriers have carried, and how they misbehave."""

from typing import Annotated, Any

import pydantic
from fastapi import APIRouter, HTTPException, Query, Response

from subgraphs.notifications.core.services import Services
from subgraphs.notifications.domain.vocabulary import Channel
from subgraphs.notifications.ports.sandbox_carrier import Misbehaviour, SandboxCarrier
from subgraphs.shared.sandbox_routes import sandbox_router


class MisbehaviourOrder(pydantic.BaseModel):
    """Carry the next *times* messages of a channel badly."""

    channel: Channel
    misbehave: Misbehaviour
    times: int = pydantic.Field(default=1, ge=1, le=100)


def build_routes(services: Services) -> list[APIRouter]:
    """Only of channels whose carrier is the sandbox."""
    carriers = {
        channel: carrier for channel, carrier in services.carriers.items() if isinstance(carrier, SandboxCarrier)
    }
    if not carriers:
        return []
    router = sandbox_router()

    @router.get("/sandbox/notifications")
    async def carried(
        channel: Channel | None = None, to: Annotated[str | None, Query(max_length=1_024)] = None
    ) -> list[dict[str, Any]]:
        """What went out over *channel* to *to* (an e-mail, a phone number, a device's token), the newest last."""
        # A plus sign in a query string that was not encoded arrives as a space.
        address = f"+{to.strip()}" if to and to.startswith(" ") else to
        return [
            {
                "id": str(message.id),
                "channel": one,
                "to": message.address,
                "category": message.category,
                "language": message.language,
                "title": message.title,
                "body": message.body,
                "link": message.link,
            }
            for one, carrier in carriers.items()
            if channel in (None, one)
            for message in carrier.carried(address)
        ]

    @router.post("/sandbox/notifications")
    async def order(wanted: MisbehaviourOrder) -> Response:
        if wanted.channel not in carriers:
            raise HTTPException(404, f"{wanted.channel} is not carried by the sandbox")
        carriers[wanted.channel].misbehave(wanted.misbehave, times=wanted.times)
        return Response(status_code=204)

    return [router]
