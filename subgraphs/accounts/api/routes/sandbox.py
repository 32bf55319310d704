"""The sandbox messenger's outbox, for developers and for programs that act as a person reading mail."""

from typing import Any

from fastapi import APIRouter

from subgraphs.accounts.ports.sandbox_messenger import SandboxMessenger
from subgraphs.shared.sandbox_routes import sandbox_router


def sandbox_routes(messenger: SandboxMessenger) -> APIRouter:
    """Only there while the sandbox is the configured messenger: whoever reads this outbox can enter any account."""
    routes = sandbox_router()

    @routes.get("/sandbox/messages")
    async def messages(to: str | None = None) -> list[dict[str, Any]]:
        """What was sent to *to* (an e-mail address, or a phone number in E.164), the newest last."""
        # A plus sign in a query string that was not encoded arrives as a space.
        recipient = f"+{to.strip()}" if to and to.startswith(" ") else to
        return [
            {
                "id": str(one.message.id),
                "kind": one.message.kind,
                "channel": one.message.channel,
                "to": one.message.to,
                "subject": one.message.subject,
                "text": one.message.text,
                "textEnglish": one.message.text_english,
                "data": dict(one.message.data),
                "sentAt": one.at.isoformat(),
            }
            for one in messenger.to(recipient)
        ]

    return routes
