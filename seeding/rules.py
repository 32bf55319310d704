"""What of the tables is not copied by the general rule, domain by domain; everything else is (`told.py`)."""

from collections.abc import Callable, Mapping
from typing import Any

KEPT: Mapping[str, Mapping[str, str]] = {
    "accounts": {
        "alerts": "a link that only its holder has",
        "attempt_counters": "of what somebody tried in vain",
        "confirmations": "a link that only its holder has",
        "dead_letter_acts": "of letters that are not copied",
        "known_devices": "a secret that only the device has",
        "outgoing_messages": "nobody is written to a second time",
        "password_resets": "a link that only its holder has",
        "recovery_codes": "codes that only their holder has",
        "refresh_tokens": "tokens that only their holder has",
        "sign_in_unlocks": "codes that only their holder has",
        "signing_keys": "everybody's",
    },
    "contracts": {"answers_to_seal": "of older databases, until they are sealed"},
    "notifications": {"push_devices": "a token that only the device has"},
    "wallet": {
        "bank_accounts_to_seal": "of older databases, until they are sealed",
        "books_checks": "checks were of the told books",
        "sandbox_deliveries": "nothing is delivered a second time",
        "verified_chains": "chains were verified as they were",
        "verified_places": "chains were verified as they were",
    },
}
"""Tables that stay as they are, and why: beside those that no service may add to, and those of messages."""

ONLY = {"staff_proposals": "kind <> 'CHANGE_RULE'"}
"""What of a table is copied: rules are everybody's, and so are proposals of them."""

WRITTEN_BY_TRIGGERS: Mapping[tuple[str, str], frozenset[str]] = {
    ("notifications", "notifications"): frozenset({"place"}),
    ("wallet", "ledger_entries"): frozenset({"sequence", "balance_after_minor", "previous_hash", "hash"}),
    ("wallet", "ledger_transfers"): frozenset({"transaction_id", "recorded_at", "clock"}),
    ("wallet", "quota_swaps"): frozenset({"number"}),
}
"""Columns that the database fills by itself, beside those that it numbers."""

BEGIN_AS: Mapping[tuple[str, str], Mapping[str, Callable[[Any], object]]] = {
    ("wallet", "gateway_payments"): {"outcome": lambda told: "QUARANTINED" if told == "RETURNED" else told},
    ("wallet", "payment_returns"): {
        "status": lambda _: "REQUESTED",
        "sent_at": lambda _: None,
        "ended_at": lambda _: None,
        "failure": lambda _: None,
    },
    ("wallet", "quota_positions"): {"sold_quotas": lambda _: 0},
    ("wallet", "unclaimed_credits"): {"settled_by": lambda _: None},
}
"""Columns that begin like that, as the database wants it, and are changed to what they were when all rows are there."""

GROWN_BY_TRIGGERS = frozenset({("wallet", "quota_positions")})
"""Of those, the ones that the database changes by itself as other rows come."""

TOGETHER: Mapping[tuple[str, str], tuple[str, str]] = {("credit", "credit_requests"): ("score_id", "agro_scores")}
"""Tables whose rows refer to rows that refer to theirs, so that one statement has to add both: by which column, and of
which other table."""

NAMED_BY: Mapping[tuple[str, str], str] = {("wallet", "ledger_accounts"): "code"}
"""Tables whose ids follow from a text, which says what they are of."""

MADE_BY: Mapping[tuple[str, str], tuple[str, str]] = {
    ("wallet", "quota_registers"): ("cpr_id", "SELECT lock_quota_register($1)")
}
"""Tables that no service may add to, whose rows a function makes: of which column, and how."""

AFTER: Mapping[tuple[str, str], tuple[str, ...]] = {("distribution", "distributions"): ("installments",)}
"""What has to be there before a table, where a trigger asks for it and no foreign key says so."""

IN_ORDER_OF: Mapping[tuple[str, str], str] = {
    ("accounts", "consents"): "place",
    ("distribution", "distributions"): "number",
    ("notifications", "notifications"): "place",
    ("wallet", "installment_payments"): "number",
    ("wallet", "ledger_entries"): "(SELECT number FROM ledger_transfers AS t WHERE t.id = transfer_id), sequence",
    ("wallet", "ledger_transfers"): "number",
    ("wallet", "quota_swaps"): "number",
}
"""In which order rows are added where it matters to triggers."""

SAME_BYTES: Mapping[str, Mapping[str, str]] = {
    "credit": {"document_contents": "content", "idempotency_keys": "fingerprint"},
    "contracts": {"idempotency_keys": "fingerprint"},
    "marketplace": {"idempotency_keys": "fingerprint"},
    "wallet": {"idempotency_keys": "fingerprint"},
}
"""Bytes that tell nothing of whose they are."""
