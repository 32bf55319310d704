"""What accounts does when facts arrive: its own errands, and what others open and settle."""

from subgraphs.accounts.core.services import AccountsServices
from subgraphs.accounts.domain import messages
from subgraphs.accounts.schemas import events
from subgraphs.shared.messaging.reactions import Delivery, Reactions


def build_reactions(services: AccountsServices) -> Reactions:
    reactions = Reactions("accounts")

    @reactions.on(events.MessageQueued)
    async def deliver_message(delivery: Delivery[events.MessageQueued]) -> None:
        await messages.deliver_message(services, delivery)

    return reactions
