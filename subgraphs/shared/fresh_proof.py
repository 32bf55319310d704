"""A session alone does not let somebody's money, or what they own, go to others: its holder proves who they are."""

from datetime import timedelta

from subgraphs.shared.identity import Identity
from subgraphs.shared.refusal import FreshProofRequired


def require_fresh_proof(identity: Identity, *, within: timedelta) -> None:
    """Refuse with FreshProofRequired unless the token says that its holder has just proved who they are."""
    seconds = int(within.total_seconds())
    if not identity.has_proved_within(seconds):
        raise FreshProofRequired(seconds_max=seconds)
