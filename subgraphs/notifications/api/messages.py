"""What the domain's refusals say to people."""

from subgraphs.notifications.domain import refusals
from subgraphs.shared.graphql.refusals import Message
from subgraphs.shared.refusal import Refusal

REFUSAL_MESSAGES: dict[type[Refusal], Message] = {
    refusals.PreferenceFixed: Message(
        pt="Alertas de segurança são sempre enviados por e-mail.",
        en="Security alerts are always sent by e-mail.",
    )
}
