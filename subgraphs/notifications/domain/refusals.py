"""What the rules of telling can refuse."""

from dataclasses import dataclass

from subgraphs.shared.refusal import Refusal


@dataclass
class PreferenceFixed(Refusal):
    """This message is always sent over this channel; see `ALWAYS_SENT`."""

    category: str
    channel: str
