"""What the rules of telling can refuse."""

from dataclasses import dataclass
from typing import Annotated

from subgraphs.notifications.domain.vocabulary import Category, Channel
from subgraphs.shared.refusal import Message, Refusal


@dataclass
class PreferenceFixed(Refusal):
    """
    This message is always sent over this channel.

    See `ALWAYS_SENT`.
    """

    message = Message(
        pt="Alertas de segurança são sempre enviados por e-mail.",
        en="Security alerts are always sent by e-mail.",
    )

    category: Annotated[Category, "The category that was sent."]
    channel: Annotated[Channel, "The channel that was sent."]
