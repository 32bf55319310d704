"""
What each service may do to each of its own tables, and to nothing else.

A service's role owns nothing. Here stands, table by table, what its code does; everything else the database refuses,
whoever has got hold of the role. Facts are added, never edited: what nobody may change or delete has neither right.

Reading is granted with any right. `alembic_version` is the migrations' alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg


@dataclass(frozen=True)
class Rights:
    """What may be done to the rows of a table, beside reading them."""

    on_rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    """What of a row may be changed, where that is not all of it."""

    @property
    def granted(self) -> str:
        changes = (f"UPDATE ({', '.join(self.columns)})",) if self.columns else ()
        return ", ".join(("SELECT", *self.on_rows, *changes))


READ = Rights()
"""Dated parameters: a migration changes them."""
ADD = Rights(("INSERT",))
"""A fact: kept as it was told."""
ADD_AND_CHANGE = Rights(("INSERT", "UPDATE"))
ADD_AND_DELETE = Rights(("INSERT", "DELETE"))
ALL = Rights(("INSERT", "UPDATE", "DELETE"))

PROPOSALS = Rights(("INSERT",), columns=("outcome", "decided_by", "decided_at", "decision_reason"))
"""What it says stays; it ends once."""
KEYS = Rights(("INSERT",), columns=("refusal", "result_id"))
"""Idempotency keys: what the answer is, is known after they were claimed."""

EVERYWHERE = {
    "inbox": ADD_AND_DELETE,
    "outbox": ALL,
    "standing_ended_sessions": ALL,
    "standing_feed": ADD_AND_CHANGE,
    "standing_people": ADD_AND_CHANGE,
    "standing_withdrawn_keys": ADD,
}
"""What every domain has alike: its events, and what accounts has decided about people."""

MIGRATIONS_TABLE = "alembic_version"
GRANT_LOCK = 7_205_991_002

TABLES: Mapping[str, Mapping[str, Rights]] = {
    "accounts": EVERYWHERE
    | {
        "recorded_rules": READ,
        "staff_proposals": PROPOSALS,
        "alerts": ALL,
        "attempt_counters": ALL,
        "audit_entries": ADD,
        "confirmations": ALL,
        "consent_notices": ADD,
        "consent_texts": READ,
        "consents": ADD,
        "dead_letter_acts": ADD,
        "engagements": ADD_AND_CHANGE,
        "identity_checks": ADD_AND_CHANGE,
        "known_devices": ALL,
        "outgoing_messages": ALL,
        "parameters": READ,
        "password_resets": ALL,
        "recovery_codes": ALL,
        "refresh_tokens": ALL,
        "representations": ADD_AND_CHANGE,
        "retained_records": ADD_AND_DELETE,
        "screening_hits": Rights(
            ("INSERT",), columns=("status", "decided_at", "decided_by", "reason", "locked_out_at")
        ),
        "screenings": ADD_AND_CHANGE,
        "second_factors": ALL,
        "sessions": ADD_AND_CHANGE,
        "sign_in_unlocks": ALL,
        "signing_keys": ALL,
        "staff_looks": ADD,
        "uploads": ALL,
        "users": ADD_AND_CHANGE,
        "wallet_balances": ADD_AND_CHANGE,
    },
    "credit": EVERYWHERE
    | {
        "recorded_rules": READ,
        "staff_proposals": PROPOSALS,
        "agro_scores": ADD,
        "applicants": ADD_AND_CHANGE,
        "cpr_gradings": ADD_AND_CHANGE,
        "credit_policies": READ,
        "credit_requests": ADD_AND_CHANGE,
        "decisions": ADD,
        "document_contents": ADD_AND_DELETE,
        "documents": ADD_AND_CHANGE,
        "grade_limits": READ,
        "idempotency_keys": KEYS,
        "repayment_records": ADD_AND_CHANGE,
        "request_steps": ADD,
        "score_factors": ADD,
        "score_models": READ,
        "staff_looks": ADD,
        "told_consent_texts": ADD,
        "told_consents": ADD_AND_CHANGE,
    },
    "contracts": EVERYWHERE
    | {
        "recorded_rules": READ,
        "staff_proposals": PROPOSALS,
        "answers_to_seal": ALL,
        "collection_steps": ADD,
        "contract_policies": READ,
        "cprs": ADD_AND_CHANGE,
        "grade_rates": READ,
        "idempotency_keys": KEYS,
        "installment_payments": ADD,
        "installments": ADD_AND_CHANGE,
        "provider_orders": ADD_AND_CHANGE,
        "renegotiated_installments": ADD,
        "renegotiation_policies": READ,
        "renegotiation_voters": ADD_AND_CHANGE,
        "renegotiations": ADD_AND_CHANGE,
        "staff_acts": ADD,
        "staff_looks": ADD,
        "webhook_receipts": ADD,
    },
    "marketplace": EVERYWHERE
    | {
        "recorded_rules": READ,
        "staff_proposals": PROPOSALS,
        "cancelled_cprs": ADD,
        "deductions": ADD_AND_CHANGE,
        "idempotency_keys": KEYS,
        "installments": ADD_AND_CHANGE,
        "investments": ADD_AND_CHANGE,
        "investors": ADD_AND_CHANGE,
        "offering_decisions": ADD,
        "offering_milestones": ADD,
        "offerings": ADD_AND_CHANGE,
        "parameters": READ,
        "quota_offers": ADD_AND_CHANGE,
        "quota_positions": ADD_AND_CHANGE,
        "quota_purchases": ADD_AND_CHANGE,
        "staff_acts": ADD,
        "told_consent_texts": ADD,
        "told_consents": ADD_AND_CHANGE,
    },
    "wallet": EVERYWHERE
    | {
        "bank_accounts": ADD_AND_CHANGE,
        "bank_accounts_to_seal": ALL,
        "books_checks": ADD,
        "charges": ADD_AND_CHANGE,
        "claim_collections": ADD,
        "disbursements": ADD,
        "distribution_parts": ADD,
        "distribution_payouts": ADD,
        # What came in stays as it came; whose it is found to be, and when our bank had it, is told later.
        "gain_tax_brackets": READ,
        "gain_tax_rules": READ,
        "gateway_payments": Rights(("INSERT",), columns=("outcome", "settled_at")),
        "hold_requests": ADD,
        "holds": ADD_AND_CHANGE,
        "idempotency_keys": KEYS,
        "installment_payments": ADD,
        "installments": ADD_AND_CHANGE,
        "iof_rates": READ,
        "iof_rules": READ,
        "late_remittances": Rights(("INSERT",), columns=("slip_number",)),
        "late_tax_rules": READ,
        "ledger_accounts": ADD,
        "ledger_balances": READ,
        "ledger_entries": ADD,
        "ledger_transfers": ADD,
        "money_claims": Rights(
            ("INSERT",), columns=("user_id", "status", "blocked_minor", "taken_minor", "debt_minor", "ended_at")
        ),
        "money_out_pauses": ADD_AND_CHANGE,
        "night_limits": ADD_AND_CHANGE,
        "offering_fundings": ADD_AND_CHANGE,
        "origination_fee_rates": READ,
        "parameters": READ,
        # What must be kept of who paid goes when its time is over.
        "payment_payers": ADD_AND_DELETE,
        "payment_returns": Rights(("INSERT",), columns=("status", "sent_at", "ended_at", "failure")),
        "quota_positions": ADD,
        "quota_registers": READ,
        "quota_swaps": ADD,
        # Written by the rules' own triggers.
        "recorded_rules": READ,
        "registered_cprs": ADD,
        "sandbox_charges": ADD_AND_CHANGE,
        "sandbox_claims": ADD_AND_CHANGE,
        "sandbox_deliveries": ALL,
        "remittance_rules": READ,
        "remittances": Rights(
            ("INSERT",), columns=("status", "slip_number", "authentication", "paid_at", "last_failure", "late_on")
        ),
        "remitted_entries": ADD,
        "sandbox_payments": ADD,
        "sandbox_returns": ADD,
        "sandbox_tax_slips": ADD_AND_CHANGE,
        "sandbox_transfers": ADD_AND_CHANGE,
        "schedule_replacements": ADD,
        "secondary_fee_rates": READ,
        "staff_actions": ADD,
        "staff_acts": ADD,
        "staff_looks": ADD,
        "staff_proposals": PROPOSALS,
        "swap_requests": ADD,
        "unclaimed_credits": Rights(("INSERT",), columns=("settled_by",)),
        "unclaimed_payouts": ADD,
        "verified_chains": ADD,
        "verified_identities": ADD_AND_CHANGE,
        "verified_places": ADD,
        "wallets": ADD,
        "withdrawals": ADD_AND_CHANGE,
    },
    "distribution": EVERYWHERE
    | {
        "recorded_rules": READ,
        "staff_proposals": PROPOSALS,
        "cancelled_investments": ADD,
        "distributions": ADD,
        "fundings": ADD,
        "installments": ADD_AND_CHANGE,
        "issued_cprs": ADD,
        "payouts": ADD_AND_CHANGE,
        "performance_fees": READ,
        "positions": ADD_AND_CHANGE,
        "staff_acts": ADD,
        "staff_looks": ADD,
        "quota_swaps": ADD,
        "tax_brackets": READ,
        "tax_rules": READ,
        "undistributed_payments": ADD,
    },
    "notifications": EVERYWHERE
    | {
        # What a person was told goes when they do.
        "activities": ADD_AND_DELETE,
        "chosen_languages": ALL,
        "closed_people": ADD,
        "dispatches": ALL,
        "holdings": ADD_AND_CHANGE,
        "notifications": ALL,
        "preferences": ALL,
        "push_devices": ALL,
    },
}


class PrivilegesNotStated(Exception):
    """A table of which nobody has said who may do what; the message names it."""


async def grant_privileges(owner_url: str, domain: str, role: str) -> None:
    """
    Let *role* do what `TABLES` says to the tables of *domain*, and no more; what it could do before is taken away.

    In one transaction: a service that works meanwhile never finds itself without a right that it has. Raises
    PrivilegesNotStated.
    """
    owner = await asyncpg.connect(owner_url)
    try:
        async with owner.transaction():
            # Two that start at once would stumble over each other's grants.
            await owner.execute("SELECT pg_advisory_xact_lock($1)", GRANT_LOCK)
            tables = await owner.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            _check_all_stated(domain, {row["tablename"] for row in tables} - {MIGRATIONS_TABLE})
            service = await owner.fetchval("SELECT quote_ident($1)", role)
            await owner.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {service}, PUBLIC")
            await owner.execute(f"GRANT USAGE ON SCHEMA public TO {service}")
            await owner.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {service}")
            for table, rights in TABLES[domain].items():
                await owner.execute(f'GRANT {rights.granted} ON "{table}" TO {service}')
    finally:
        await owner.close()


def _check_all_stated(domain: str, found: set[str]) -> None:
    stated = set(TABLES[domain])
    wrong = []
    if unstated := sorted(found - stated):
        wrong.append(f"it does not say what the service may do to {', '.join(unstated)}")
    if gone := sorted(stated - found):
        wrong.append(f"there is no {', '.join(gone)}")
    if wrong:
        raise PrivilegesNotStated(f"launch/privileges.py is not true of {domain}: {'; '.join(wrong)}")
