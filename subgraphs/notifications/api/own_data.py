"""What notifications keeps of a person, for their own file."""

from subgraphs.notifications.models import Base
from subgraphs.shared.exports.own_data import OwnData, Part

PARTS = (
    Part("notifications", "user_id"),
    Part("dispatches", where="row.notification_id IN (SELECT id FROM notifications WHERE user_id = :person)"),
    Part("preferences", "user_id"),
    Part("chosen_languages", "user_id"),
    Part("push_devices", "user_id"),
    Part("activities", "user_id"),
    Part("holdings", "investor_id"),
)
LEFT_OUT = {"closed_people": "of people who have left"}

OWN_DATA = OwnData("notifications", Base.metadata, PARTS)
