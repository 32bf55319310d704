"""
Tax that is remitted late costs a fine and interest, by dated rules. The platform pays them of what it earned.

- What a late remittance costs is noted for the day on which it is to be paid, before its slip is; it stays as noted.
- It is paid by the slip of one day, and the transfer moves just what that says, out of an account of earnings.
"""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from alembic import op

revision = "wallet_0041"
down_revision = "wallet_0040"
branch_labels = None
depends_on = None

_ORIGINATION_FEE = "'ffffffff-0000-8000-8000-000000000002'::uuid"
_PERFORMANCE_FEE = "'ffffffff-0000-8000-8000-000000000003'::uuid"
_SECONDARY_FEE = "'ffffffff-0000-8000-8000-000000000008'::uuid"
_BANK = "'ffffffff-0000-8000-8000-000000000007'::uuid"

TABLES = (
    """
    CREATE TABLE late_tax_rules (
        valid_from date CONSTRAINT pk_late_tax_rules PRIMARY KEY,
        daily_fine_rate numeric(9, 6) NOT NULL,
        fine_rate_max numeric(9, 6) NOT NULL,
        monthly_interest_rate numeric(9, 6) NOT NULL,
        payment_month_rate numeric(9, 6) NOT NULL,
        legal_basis text NOT NULL,
        doubt text NOT NULL,
        CONSTRAINT ck_late_tax_rules_sensible CHECK (
            daily_fine_rate BETWEEN 0 AND 0.1 AND fine_rate_max BETWEEN daily_fine_rate AND 1
            AND monthly_interest_rate BETWEEN 0 AND 0.2 AND payment_month_rate BETWEEN 0 AND 0.2)
    )
    """,
    "CREATE TRIGGER rule_is_recorded AFTER INSERT ON late_tax_rules FOR EACH ROW EXECUTE FUNCTION rule_is_recorded()",
    "CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE ON late_tax_rules FOR EACH ROW EXECUTE FUNCTION fact_stays()",
    "CREATE TRIGGER fact_stays_whole BEFORE TRUNCATE ON late_tax_rules EXECUTE FUNCTION fact_stays()",
    """
    INSERT INTO late_tax_rules VALUES ('2020-01-01', 0.0033, 0.20, 0.01, 0.01,
        'Lei 9.430/1996 art. 61: a fine of 0.33 % of the tax a day, at most 20 %; interest by SELIC, month by month, '
        'from the month after the due date until the one before the payment, and 1 % in the month of the payment.',
        'A month''s SELIC is published when it is over, and a rule is stated for a day to come: so this is what it is '
        'taken to be, to be stated anew when the central bank changes it; the state''s own reckoning may differ by '
        'cents. Whether a fine of office (75 %, Lei 9.430/1996 art. 44) takes its place, the state decides.')
    """,
    "ALTER TABLE remittances ADD COLUMN late_on date",
    """
    CREATE TABLE late_remittances (
        remittance_id uuid NOT NULL CONSTRAINT fk_late_remittances_remittance_id REFERENCES remittances (id),
        paid_on date NOT NULL,
        fine_minor bigint NOT NULL,
        interest_minor bigint NOT NULL,
        account_id uuid CONSTRAINT fk_late_remittances_account_id REFERENCES ledger_accounts (id),
        slip_number text CONSTRAINT uq_late_remittances_slip_number UNIQUE,
        CONSTRAINT pk_late_remittances PRIMARY KEY (remittance_id, paid_on),
        CONSTRAINT ck_late_remittances_not_negative CHECK (fine_minor >= 0 AND interest_minor >= 0),
        CONSTRAINT ck_late_remittances_paid_of_something CHECK (
            (fine_minor + interest_minor > 0) = (account_id IS NOT NULL))
    )
    """,
    # No foreign key, which would be one each way.
    """
    CREATE FUNCTION late_remittance_is_noted() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM late_remittances WHERE remittance_id = NEW.id AND paid_on = NEW.late_on) THEN
            RAISE EXCEPTION 'what remittance % costs on % is not noted', NEW.id, NEW.late_on
                USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'late_remittance_is_noted';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER late_remittance_is_noted AFTER INSERT OR UPDATE ON remittances
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.late_on IS NOT NULL)
    EXECUTE FUNCTION late_remittance_is_noted()
    """,
    "ALTER TABLE remittances ADD CONSTRAINT ck_remittances_late_when_paid CHECK (late_on IS NULL OR late_on > due_on)",
    """
    CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE ON late_remittances FOR EACH ROW
    EXECUTE FUNCTION fact_stays('slip_number')
    """,
    "CREATE TRIGGER fact_stays_whole BEFORE TRUNCATE ON late_remittances EXECUTE FUNCTION fact_stays()",
    """
    CREATE TRIGGER fact_goes_on BEFORE UPDATE ON late_remittances FOR EACH ROW
    WHEN (OLD.slip_number IS NOT NULL AND NEW.slip_number IS DISTINCT FROM OLD.slip_number)
    EXECUTE FUNCTION fact_goes_on('remittance_id')
    """,
    "DROP TRIGGER fact_stays ON remittances",
    """
    CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE ON remittances FOR EACH ROW
    EXECUTE FUNCTION fact_stays('status', 'slip_number', 'authentication', 'paid_at', 'last_failure', 'late_on')
    """,
)
BACK = (
    "DROP FUNCTION late_remittance_is_noted() CASCADE",
    "DROP TRIGGER fact_stays ON remittances",
    """
    CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE ON remittances FOR EACH ROW
    EXECUTE FUNCTION fact_stays('status', 'slip_number', 'authentication', 'paid_at', 'last_failure')
    """,
    "ALTER TABLE remittances DROP CONSTRAINT ck_remittances_late_when_paid",
    "ALTER TABLE remittances DROP COLUMN late_on",
    "DROP TABLE late_remittances",
    "DROP TABLE late_tax_rules",
)
REMITTED_LATE = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN remittances AS r ON r.id = t.cause_id AND r.paid_at = t.occurred_at
    JOIN late_remittances AS late ON late.remittance_id = r.id AND late.paid_on = r.late_on
        AND late.account_id IN ({_ORIGINATION_FEE}, {_PERFORMANCE_FEE}, {_SECONDARY_FEE})
    CROSS JOIN LATERAL (VALUES
        (late.account_id, 'DEBIT', late.fine_minor + late.interest_minor),
        ({_BANK}, 'CREDIT', late.fine_minor + late.interest_minor)) AS line (account_id, side, amount_minor)
    WHERE t.kind = 'LATE_REMITTANCE' AND t.reference_id = t.cause_id
"""  # noqa: S608  # our own text
DUE = """
    UNION ALL
    SELECT 'remittance', r.id, 'LATE_REMITTANCE' FROM remittances AS r JOIN late_remittances AS late
        ON late.remittance_id = r.id AND late.paid_on = r.late_on AND late.account_id IS NOT NULL
"""


def _causes() -> ModuleType:
    """The migration that made the function, with the form of its questions."""
    spec = spec_from_file_location("causes_before", Path(__file__).with_name("0019_causes.py"))
    assert spec is not None  # noqa: S101  # the file is there
    assert spec.loader is not None  # noqa: S101  # and is Python
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ASKED: str = _causes()._asked_of(["LATE_REMITTANCE"], (REMITTED_LATE,))  # noqa: SLF001  # one text
END = "\n        END CASE;"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in TABLES:
        op.execute(statement.replace(":=", "\\:="))
    kinds = _ask("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_ledger_transfers_kind'")
    _kinds(kinds.replace("ARRAY[", "ARRAY['LATE_REMITTANCE'::text, "))
    before, after = _ask("SELECT pg_get_functiondef('ledger_transfer_has_its_cause'::regproc)").split("END CASE;")
    _run(f"{before.rstrip()}{ASKED}{END}{after}")
    view = _ask("SELECT pg_get_viewdef('due_transfers'::regclass)").rstrip("; \n")
    _run(f"CREATE OR REPLACE VIEW due_transfers AS {view}{DUE}")
    _rules("'iof_rules', ", "'iof_rules', 'late_tax_rules', ")


def downgrade() -> None:
    """Refuses once tax was remitted late: the ledger would not say what for. The rule stays on record."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    if _ask("SELECT EXISTS (SELECT FROM late_remittances)"):
        raise RuntimeError("taxes were remitted late: going back would lose what that cost")
    view = _ask("SELECT pg_get_viewdef('due_transfers'::regclass)")
    last = view.rindex("UNION ALL")
    if "LATE_REMITTANCE" not in view[last:]:
        raise RuntimeError("what is due is not what this migration knows")
    _run(f"CREATE OR REPLACE VIEW due_transfers AS {view[:last]}")
    _run(_ask("SELECT pg_get_functiondef('ledger_transfer_has_its_cause'::regproc)").replace(ASKED, ""))
    kinds = _ask("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_ledger_transfers_kind'")
    _kinds(kinds.replace("'LATE_REMITTANCE'::text, ", ""))
    _rules("'iof_rules', 'late_tax_rules', ", "'iof_rules', ")
    for statement in BACK:
        op.execute(statement)


def _kinds(rule: str) -> None:
    """Every row obeyed the narrower rule; the next migration looks."""
    rule = rule.removesuffix(" NOT VALID")
    _run("ALTER TABLE ledger_transfers DROP CONSTRAINT ck_ledger_transfers_kind")
    _run(f"ALTER TABLE ledger_transfers ADD CONSTRAINT ck_ledger_transfers_kind {rule} NOT VALID")


def _rules(before: str, after: str) -> None:
    """Let what puts rules in force know one more table, or one less."""
    function = _ask("SELECT pg_get_functiondef('add_rules'::regproc)")
    if function.count(before) != 1:
        raise RuntimeError(f"what puts rules in force is not what this migration knows: {before}")
    _run(function.replace(before, after))


def _ask(question: str) -> Any:
    return op.get_bind().exec_driver_sql(question).scalar_one()


def _run(statement: str) -> None:
    op.get_bind().exec_driver_sql(statement)
