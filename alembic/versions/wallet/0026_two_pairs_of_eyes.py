"""
Money that staff move has two people's names on it, and a fact is undone whole.

- What staff do was proposed by one of them and approved by another, and is what the proposal says.
- Neither of them is whose money it is.
- A reversal undoes all that one fact moved, or nothing of it.
- From when that holds is a dated rule: what one person did alone before stays as it is.
"""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from alembic import op
from subgraphs.shared.proposals import create_proposals, drop_proposals

revision = "wallet_0026"
down_revision = "wallet_0025"
branch_labels = None
depends_on = None

_SUSPENSE = "'ffffffff-0000-8000-8000-000000000001'::uuid"
_BANK = "'ffffffff-0000-8000-8000-000000000007'::uuid"

# To the wallet of whom the proposal names, but never to that of who proposed or approved it.
_GIVEN_OUT = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN staff_actions AS s ON s.id = t.cause_id AND s.subject_id = t.reference_id AND s.at = t.occurred_at
    LEFT JOIN staff_proposals AS said ON said.id = s.proposal_id
    LEFT JOIN gateway_payments AS p ON p.id = s.subject_id AND s.action = 'RESOLVE_SUSPENSE'
    LEFT JOIN unclaimed_credits AS u ON u.id = s.subject_id AND s.action = 'RELEASE_UNCLAIMED'
    JOIN ledger_entries AS e ON e.transfer_id = t.id AND e.side = 'CREDIT'
    JOIN wallets AS w ON w.available_id = e.account_id AND w.user_id <> s.actor_id
        AND w.user_id IS DISTINCT FROM s.approved_by
        AND (said.id IS NULL OR said.content ->> 'user_id' = w.user_id::text)
    CROSS JOIN LATERAL (VALUES
        ({_SUSPENSE}, 'DEBIT', coalesce(p.amount_minor, u.amount_minor)),
        (e.account_id, 'CREDIT', coalesce(p.amount_minor, u.amount_minor))) AS line (account_id, side, amount_minor)
    WHERE t.kind = 'SUSPENSE_RESOLVED' AND coalesce(p.id, u.id) IS NOT NULL
"""  # noqa: S608  # our own text
_PAID_OUT = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN staff_actions AS s ON s.id = t.cause_id AND s.subject_id = t.reference_id AND s.at = t.occurred_at
        AND s.action = 'PAY_OUT_UNCLAIMED'
    LEFT JOIN staff_proposals AS said ON said.id = s.proposal_id
    JOIN unclaimed_credits AS u ON u.id = s.subject_id
    JOIN unclaimed_payouts AS paid ON paid.transfer_id = t.id
        AND (said.id IS NULL OR said.content ->> 'bank_reference' = paid.bank_reference)
    CROSS JOIN LATERAL (VALUES
        ({_SUSPENSE}, 'DEBIT', u.amount_minor),
        ({_BANK}, 'CREDIT', u.amount_minor)) AS line (account_id, side, amount_minor)
    WHERE t.kind = 'SUSPENSE_PAID_OUT'
"""  # noqa: S608  # our own text
# The same entries with their sides exchanged, because staff said so of all that the same fact moved. Before there were
# proposals, they said it of one transfer.
_REVERSED = """
    SELECT t.number, t.id AS transfer_id, e.account_id,
        CASE e.side WHEN 'DEBIT' THEN 'CREDIT' ELSE 'DEBIT' END AS side, e.amount_minor
    FROM ledger_transfers AS t
    JOIN ledger_transfers AS undone ON undone.id = t.reverses_id AND undone.id = t.cause_id
        AND undone.reference_id = t.reference_id AND undone.kind IN (
            'DEPOSIT', 'SURPLUS', 'SUSPENSE_RESOLVED', 'SUSPENSE_PAID_OUT', 'GATEWAY_SETTLEMENT')
    JOIN ledger_entries AS e ON e.transfer_id = undone.id
    WHERE t.kind = 'REVERSAL' AND EXISTS (
        SELECT FROM staff_actions AS s
        WHERE s.action = 'REVERSE_TRANSFER' AND s.at = t.occurred_at AND (
            (s.proposal_id IS NULL AND s.subject_id = undone.id)
            OR (s.proposal_id IS NOT NULL AND s.subject_id = undone.cause_id
                AND NOT EXISTS (
                    SELECT FROM ledger_transfers AS other
                    LEFT JOIN ledger_transfers AS back ON back.reverses_id = other.id
                    WHERE other.cause_id = undone.cause_id AND back.id IS NULL AND other.kind IN (
                        'DEPOSIT', 'SURPLUS', 'SUSPENSE', 'SUSPENSE_RESOLVED', 'SUSPENSE_PAID_OUT',
                        'INSTALLMENT_PAYMENT', 'WITHDRAWAL', 'GATEWAY_SETTLEMENT'))
                AND NOT EXISTS (
                    SELECT FROM ledger_entries AS moved
                    JOIN ledger_accounts AS account ON account.id = moved.account_id
                    WHERE moved.transfer_id = undone.id AND account.owner_id IN (s.actor_id, s.approved_by)))))
"""  # our own text


def _causes() -> ModuleType:
    """The migration that made the function, with the questions of the other kinds."""
    spec = spec_from_file_location("causes_before", Path(__file__).with_name("0019_causes.py"))
    assert spec is not None  # noqa: S101  # the file is there
    assert spec.loader is not None  # noqa: S101  # and is Python
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_BEFORE = _causes()
BY_KIND = _BEFORE.BY_KIND | {
    "SUSPENSE_RESOLVED": (_GIVEN_OUT,),
    "SUSPENSE_PAID_OUT": (_PAID_OUT,),
    "REVERSAL": (_REVERSED,),
}
DUE_TRANSFERS = f"""{_BEFORE.DUE_TRANSFERS.rstrip()}
    UNION ALL
    SELECT 'decision', id, CASE action WHEN 'PAY_OUT_UNCLAIMED' THEN 'SUSPENSE_PAID_OUT' ELSE 'SUSPENSE_RESOLVED' END
    FROM staff_actions WHERE action IN ('RESOLVE_SUSPENSE', 'RELEASE_UNCLAIMED', 'PAY_OUT_UNCLAIMED')
"""  # noqa: S608  # our own text


def has_its_cause(by_kind: dict[str, tuple[str, ...]]) -> str:
    """The function that asks each transfer for its cause, with the questions of *by_kind*."""
    before: str = _BEFORE.UPGRADE[0]
    asked = "".join(
        _BEFORE._asked_of([kind for kind in by_kind if by_kind[kind] == expected], expected)  # noqa: SLF001  # one text
        for expected in dict.fromkeys(by_kind.values())
    )
    return before.replace(_BEFORE.ASKED, asked).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


PROPOSED = (
    "ALTER TABLE staff_actions ADD COLUMN approved_by uuid, ADD COLUMN proposal_id uuid",
    "ALTER TABLE staff_actions ADD CONSTRAINT uq_staff_actions_proposal_id UNIQUE (proposal_id)",
    # What was done is what was proposed, by the two people whom it names.
    """
    ALTER TABLE staff_actions ADD CONSTRAINT fk_staff_actions_proposal
        FOREIGN KEY (proposal_id, action, subject_id, actor_id, approved_by)
        REFERENCES staff_proposals (id, kind, subject_id, proposed_by, decided_by)
    """,
    # Of what was done before there is one name; the trigger below lets in no more of that.
    """
    ALTER TABLE staff_actions ADD CONSTRAINT ck_staff_actions_two_people CHECK (
        (proposal_id IS NULL) = (approved_by IS NULL) AND (approved_by IS NULL OR approved_by <> actor_id))
    """,
    """
    CREATE FUNCTION staff_action_is_approved() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM staff_proposals
            WHERE id = NEW.proposal_id AND outcome = 'APPROVED' AND decided_at = NEW.at) THEN
            RAISE EXCEPTION 'nobody has approved what % says', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_action_is_approved';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER staff_action_is_approved BEFORE INSERT ON staff_actions
    FOR EACH ROW EXECUTE FUNCTION staff_action_is_approved()
    """,
    """
    CREATE FUNCTION staff_proposal_is_done() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM staff_actions WHERE proposal_id = NEW.id) THEN
            RAISE EXCEPTION 'proposal % is approved and not done', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_proposal_is_done';
        END IF;
        RETURN NULL;
    END $$
    """,
    # What changes a rule moves no money.
    """
    CREATE CONSTRAINT TRIGGER staff_proposal_is_done AFTER UPDATE ON staff_proposals
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.outcome = 'APPROVED' AND NEW.kind <> 'CHANGE_RULE')
    EXECUTE FUNCTION staff_proposal_is_done()
    """,
    """
    CREATE CONSTRAINT TRIGGER fact_moved_its_money AFTER INSERT ON staff_actions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fact_moved_its_money('id')
    """,
    """
    INSERT INTO parameters (name, valid_from, value, note)
    SELECT 'staff_decide_in_pairs', coalesce(
            (max(greatest(at, now())) AT TIME ZONE 'America/Sao_Paulo')::date + 1, '2020-01-01'), 1,
        'From this day on nobody of the staff moves money alone: one proposes, another approves. Not by law, but as '
        'auditors expect of whoever keeps other people''s money (segregation of duties).'
    FROM staff_actions
    ON CONFLICT DO NOTHING
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_proposals(op)
    for statement in PROPOSED:
        op.execute(statement.replace(":=", "\\:="))
    op.execute(has_its_cause(BY_KIND).replace(":=", "\\:="))
    op.execute(f"CREATE OR REPLACE VIEW due_transfers AS {DUE_TRANSFERS}")


def downgrade() -> None:
    """
    Refuses where staff have decided in pairs: who approved would be forgotten.

    The parameter stays: that it was in force is on record.
    """
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM staff_proposals) THEN
                RAISE EXCEPTION 'staff have proposed: going back would lose who approved'
                    USING ERRCODE = 'restrict_violation';
            END IF;
        END $$
        """
    )
    op.execute(f"CREATE OR REPLACE VIEW due_transfers AS {_BEFORE.DUE_TRANSFERS}")
    op.execute(has_its_cause(_BEFORE.BY_KIND).replace(":=", "\\:="))
    for statement in (
        "DROP TRIGGER fact_moved_its_money ON staff_actions",
        "DROP TRIGGER staff_proposal_is_done ON staff_proposals",
        "DROP FUNCTION staff_proposal_is_done()",
        "DROP TRIGGER staff_action_is_approved ON staff_actions",
        "DROP FUNCTION staff_action_is_approved()",
        "ALTER TABLE staff_actions DROP CONSTRAINT ck_staff_actions_two_people",
        "ALTER TABLE staff_actions DROP COLUMN approved_by, DROP COLUMN proposal_id",
    ):
        op.execute(statement)
    drop_proposals(op)
