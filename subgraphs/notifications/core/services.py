"""What the domain's doors share: settings, carriers, whom to ask for addresses, the inboxes that are followed live."""

from collections.abc import Mapping
from dataclasses import dataclass

from subgraphs.notifications.core.settings import NotificationsSettings
from subgraphs.notifications.domain.live_inboxes import LiveInboxes
from subgraphs.notifications.domain.vocabulary import Channel
from subgraphs.notifications.ports.carrier import Carrier
from subgraphs.shared.people import People


@dataclass(frozen=True)
class Services:
    settings: NotificationsSettings
    carriers: Mapping[Channel, Carrier]
    live_inboxes: LiveInboxes
    people: People
