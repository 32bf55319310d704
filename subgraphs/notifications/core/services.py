"""What the domain's doors share: settings, carriers, whom to ask about people and ids, the inboxes followed live."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from subgraphs.notifications.core.settings import NotificationsSettings
from subgraphs.notifications.domain.live_inboxes import LiveInboxes
from subgraphs.notifications.domain.vocabulary import Channel
from subgraphs.notifications.ports.carrier import Carrier
from subgraphs.notifications.ports.owners import Owners
from subgraphs.shared.people import People
from trevo.door.cache import BoundedCache


@dataclass(frozen=True)
class Services:
    settings: NotificationsSettings
    carriers: Mapping[Channel, Carrier]
    live_inboxes: LiveInboxes
    people: People
    owners: Owners
    domains_by_id: BoundedCache[UUID, str] = field(
        default_factory=lambda: BoundedCache(bytes_max=16_000_000, entries_max=50_000)
    )
    """Whose a thing is, of those that `node` found. It says nothing of who may see it."""
