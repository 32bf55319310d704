"""SQL and nothing else: `get_` (must exist), `find_` (may not), `list_`, `lock_` (row locks)."""

from subgraphs.accounts.crud import (
    alerts,
    attempts,
    confirmations,
    consents,
    dead_letter_acts,
    devices,
    identity_checks,
    messages,
    representations,
    screenings,
    second_factors,
    sessions,
    signing_keys,
    standing,
    users,
)

__all__ = [
    "alerts",
    "attempts",
    "confirmations",
    "consents",
    "dead_letter_acts",
    "devices",
    "identity_checks",
    "messages",
    "representations",
    "screenings",
    "second_factors",
    "sessions",
    "signing_keys",
    "standing",
    "users",
]
