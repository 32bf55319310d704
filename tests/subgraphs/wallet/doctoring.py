"""
How the books are doctored: who does it, by which statements, and what then says so.

Each way is a few statements of SQL on the story's database (`books_story.py`), in one transaction.
"""

# ruff: noqa: S608  # that is what they do

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from tests.subgraphs.wallet.staff_pairs import BRUNO
from tests.subgraphs.wallet.wallet_world import ANA, CARLOS, number

FORGED = number(0xF0E6ED)
CAUSE = number(0xF0CA05)
PROPOSAL = number(0xF0B05A)
QUARANTINED = "outcome = 'QUARANTINED'"


class Who(StrEnum):
    SERVICE = "the service's role"
    OWNER = "the owner of the tables"
    QUIETLY = "the owner, with the triggers off"
    SUPERUSER = "the superuser, with all rules off"


@dataclass(frozen=True)
class Doctored:
    name: str
    who: Who
    sql: str
    says: str
    """Of the database's refusal, or of a problem that the books name."""

    def __str__(self) -> str:
        return f"{self.name}, by {self.who}"


def transfer(kind: str, *legs: tuple[str, str, int], cause: object = CAUSE, more: str = "now()") -> str:
    """Statements that post a transfer of these entries: account's code, side, cents."""
    entries = ", ".join(f"('{code}', '{side}', {amount})" for code, side, amount in legs)
    reverses = f"'{cause}'" if kind == "REVERSAL" else "NULL"
    return f"""
        INSERT INTO ledger_transfers (id, kind, cause_id, reference_id, reverses_id, occurred_at)
        VALUES ('{FORGED}', '{kind}', '{cause}', '{cause}', {reverses}, {more});
        INSERT INTO ledger_entries (id, transfer_id, account_id, side, amount_minor)
        SELECT gen_random_uuid(), '{FORGED}', account.id, leg.side, leg.amount
        FROM (VALUES {entries}) AS leg (code, side, amount) JOIN ledger_accounts AS account ON account.code = leg.code;
    """


def the(table: str, where: str, column: str = "id") -> str:
    return f"(SELECT {column} FROM {table} WHERE {where} LIMIT 1)"


def of(kind: str) -> str:
    """The first transfer of a kind."""
    return f"(SELECT id FROM ledger_transfers WHERE kind = '{kind}' ORDER BY number LIMIT 1)"


def given_out(*, proposed_by: UUID, approved_by: UUID, to: UUID, actor: UUID | None = None) -> str:
    """What is in suspense, proposed for Carlos, given to somebody as if two of the staff had decided it."""
    return (
        f"""
        UPDATE staff_proposals SET outcome = 'REJECTED', decided_by = '{BRUNO}', decided_at = now()
        WHERE outcome IS NULL;
        INSERT INTO staff_proposals (id, kind, subject_id, content, foreseen, reason, proposed_by, proposed_at,
            expires_at, idempotency_key)
        SELECT '{PROPOSAL}', 'RESOLVE_SUSPENSE', id, '{{"user_id": "{CARLOS}"}}', '[]', 'forged', '{proposed_by}',
            now(), now() + interval '1 day', 'forged-0001' FROM gateway_payments WHERE outcome = 'QUARANTINED';
        UPDATE staff_proposals SET outcome = 'APPROVED', decided_by = '{approved_by}', decided_at = now()
        WHERE id = '{PROPOSAL}';
        INSERT INTO staff_actions (id, actor_id, action, subject_id, reason, at, approved_by, proposal_id)
        SELECT '{CAUSE}', '{actor or proposed_by}', 'RESOLVE_SUSPENSE', id, 'mine', now(), '{approved_by}', '{PROPOSAL}'
        FROM gateway_payments WHERE outcome = 'QUARANTINED';
    """
        + transfer("SUSPENSE_RESOLVED", ("suspense", "DEBIT", 7_00), (f"available:{to}", "CREDIT", 7_00)).replace(
            f"'{CAUSE}', '{CAUSE}', NULL", f"'{CAUSE}', {the('gateway_payments', QUARANTINED)}, NULL"
        )
        + "; UPDATE gateway_payments SET outcome = 'RESOLVED' WHERE outcome = 'QUARANTINED'"
    )


def half_undone() -> str:
    """A deposit reversed without its settlement, as if two of the staff had decided it."""
    deposit = the("ledger_transfers", "kind = 'DEPOSIT' ORDER BY number DESC", "cause_id")
    last = the("ledger_transfers", "kind = 'DEPOSIT' ORDER BY number DESC")
    return f"""
        INSERT INTO staff_proposals (id, kind, subject_id, content, foreseen, reason, proposed_by, proposed_at,
            expires_at, idempotency_key)
        VALUES ('{PROPOSAL}', 'REVERSE_TRANSFER', {deposit}, '{{}}', '[]', 'forged', '{ANA}', now(),
            now() + interval '1 day', 'forged-0001');
        UPDATE staff_proposals SET outcome = 'APPROVED', decided_by = '{BRUNO}', decided_at = now()
        WHERE id = '{PROPOSAL}';
        INSERT INTO staff_actions (id, actor_id, action, subject_id, reason, at, approved_by, proposal_id)
        VALUES ('{CAUSE}', '{ANA}', 'REVERSE_TRANSFER', {deposit}, 'mine', now(), '{BRUNO}', '{PROPOSAL}');
        INSERT INTO ledger_transfers (id, kind, cause_id, reference_id, reverses_id, occurred_at)
        SELECT '{FORGED}', 'REVERSAL', id, reference_id, id, now() FROM ledger_transfers WHERE id = {last};
        INSERT INTO ledger_entries (id, transfer_id, account_id, side, amount_minor)
        SELECT gen_random_uuid(), '{FORGED}', account_id, CASE side WHEN 'DEBIT' THEN 'CREDIT' ELSE 'DEBIT' END,
               amount_minor FROM ledger_entries WHERE transfer_id = {last};
    """


MINE = f"available:{CARLOS}"
NO_CAUSE = "moves something else than its cause says"
STAYS = "stays as it was recorded"
GOES_ON = "has gone further than that"
MISSING = "moved no money"
DENIED = "permission denied"
INVENTED = f"""
    INSERT INTO charges (id, txid, purpose, method, payer_id, amount_minor, status, created_at, expires_at, is_early)
    VALUES ('{CAUSE}', repeat('z', 30), 'DEPOSIT', 'PIX', '{CARLOS}', 1000000, 'OPEN', now(), now(), false);
    INSERT INTO gateway_payments (id, end_to_end_id, txid, method, charge_id, amount_minor, paid_at, received_at,
        outcome, note, settles_on)
    VALUES ('{CAUSE}', 'invented', repeat('z', 30), 'PIX', '{CAUSE}', 1000000, now(), now(), 'CREDITED', '', now());
"""
DEPOSITED = transfer("DEPOSIT", ("gateway", "DEBIT", 1_000_000), (MINE, "CREDIT", 1_000_000))

LAST_DEPOSIT = "(SELECT cause_id FROM ledger_transfers WHERE kind = 'DEPOSIT' ORDER BY number DESC LIMIT 1)"
