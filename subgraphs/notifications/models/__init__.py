"""The notifications' tables."""

from subgraphs.notifications.models.activity import Activity, ActivityType
from subgraphs.notifications.models.closed_person import ClosedPerson
from subgraphs.notifications.models.dispatch import Dispatch, DispatchStatus
from subgraphs.notifications.models.holding import Holding
from subgraphs.notifications.models.language import ChosenLanguage
from subgraphs.notifications.models.metadata import Base
from subgraphs.notifications.models.notification import Notification
from subgraphs.notifications.models.preference import Preference
from subgraphs.notifications.models.push_device import PushDevice
from subgraphs.shared.messaging.tables import messaging_tables
from subgraphs.shared.standing.tables import standing_tables

messaging_tables(Base.metadata)
standing_tables(Base.metadata)

__all__ = [
    "Activity",
    "ActivityType",
    "Base",
    "ChosenLanguage",
    "ClosedPerson",
    "Dispatch",
    "DispatchStatus",
    "Holding",
    "Notification",
    "Preference",
    "PushDevice",
]
