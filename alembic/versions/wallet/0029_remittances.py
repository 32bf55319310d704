"""
Taxes that were withheld are paid to the state: by dated rules, in remittances of the very entries that they are.

- A remittance is of entries that were withheld up to its period's end, of its tax and kind of person, and is their sum.
  Asked when they are noted, and at commit. An entry is of one remittance.
- What a remittance is of stays; only how far it has come goes on.
- One that is paid has its transfer, and the transfer moves just that.
- A payout says what kind of person it was for. Those of before do not, and were people's.
"""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from alembic import op

revision = "wallet_0029"
down_revision = "wallet_0028"
branch_labels = None
depends_on = None

_IOF = "'ffffffff-0000-8000-8000-000000000004'::uuid"
_INCOME_TAX = "'ffffffff-0000-8000-8000-000000000005'::uuid"
_BANK = "'ffffffff-0000-8000-8000-000000000007'::uuid"

TABLES = (
    """
    ALTER TABLE distribution_payouts ADD COLUMN person text
        CONSTRAINT ck_distribution_payouts_person CHECK (person IN ('NATURAL', 'LEGAL'))
    """,
    """
    CREATE TABLE remittance_rules (
        tax text NOT NULL CONSTRAINT ck_remittance_rules_tax CHECK (tax IN ('INCOME_TAX', 'IOF')),
        person text NOT NULL CONSTRAINT ck_remittance_rules_person CHECK (person IN ('NATURAL', 'LEGAL')),
        valid_from date NOT NULL,
        revenue_code text NOT NULL
            CONSTRAINT ck_remittance_rules_revenue_code CHECK (revenue_code ~ '^[0-9]{4}$'),
        period text NOT NULL CONSTRAINT ck_remittance_rules_period CHECK (period IN ('TEN_DAYS', 'MONTH')),
        due_business_days bigint NOT NULL
            CONSTRAINT ck_remittance_rules_due CHECK (due_business_days BETWEEN 1 AND 30),
        minimum_minor bigint NOT NULL CONSTRAINT ck_remittance_rules_minimum CHECK (minimum_minor >= 0),
        legal_basis text NOT NULL,
        doubt text NOT NULL,
        CONSTRAINT pk_remittance_rules PRIMARY KEY (tax, person, valid_from)
    )
    """,
    "CREATE TRIGGER rule_is_recorded AFTER INSERT ON remittance_rules FOR EACH ROW EXECUTE FUNCTION rule_is_recorded()",
    """
    INSERT INTO remittance_rules
    SELECT tax, person, '2020-01-01', code, 'TEN_DAYS', 3, minimum_minor, basis, doubt
    FROM (VALUES
        ('INCOME_TAX', 'NATURAL', '8053'), ('INCOME_TAX', 'LEGAL', '3426'), ('IOF', 'NATURAL', '7893'),
        ('IOF', 'LEGAL', '1150')) AS code (tax, person, code)
    JOIN (VALUES
        ('INCOME_TAX', 1000,
         'Lei 11.196/2005 art. 70 I b: what is withheld of fixed-income yields in ten days is paid until the third '
         'business day after them. Lei 9.430/1996 art. 68: no payment slip is below R$ 10.00.',
         'Whether what is withheld of a sale between users is under the code of yields; whether a city''s holidays, '
         'which are not known here, put the day off.'),
        ('IOF', 1000,
         'Lei 11.196/2005 art. 70 II: what is charged in ten days is paid until the third business day after them. '
         'Lei 9.430/1996 art. 68: no payment slip is below R$ 10.00.',
         'Whether the platform or an institution that lends beside it is responsible for IOF; whether the least amount '
         'is for IOF, too.')) AS law (tax, minimum_minor, basis, doubt) USING (tax)
    """,
    """
    CREATE TABLE remittances (
        id uuid CONSTRAINT pk_remittances PRIMARY KEY,
        tax text NOT NULL CONSTRAINT ck_remittances_tax CHECK (tax IN ('INCOME_TAX', 'IOF')),
        person text NOT NULL CONSTRAINT ck_remittances_person CHECK (person IN ('NATURAL', 'LEGAL')),
        revenue_code text NOT NULL,
        period_from date NOT NULL,
        period_to date NOT NULL,
        number bigint NOT NULL,
        due_on date NOT NULL,
        amount_minor bigint NOT NULL CONSTRAINT ck_remittances_amount_positive CHECK (amount_minor > 0),
        prepared_at timestamptz NOT NULL,
        status text NOT NULL CONSTRAINT ck_remittances_status CHECK (status IN ('PREPARED', 'ISSUED', 'PAID')),
        slip_number text CONSTRAINT uq_remittances_slip_number UNIQUE,
        authentication text,
        paid_at timestamptz,
        last_failure text,
        CONSTRAINT uq_remittances_tax_person_period_to_number UNIQUE (tax, person, period_to, number),
        CONSTRAINT ck_remittances_period CHECK (number > 0 AND period_from <= period_to AND due_on > period_to),
        CONSTRAINT ck_remittances_issued_has_a_slip CHECK ((status = 'PREPARED') = (slip_number IS NULL)),
        CONSTRAINT ck_remittances_paid_has_a_receipt CHECK (
            (status = 'PAID') = (paid_at IS NOT NULL) AND (paid_at IS NULL) = (authentication IS NULL))
    )
    """,
    "CREATE INDEX ix_remittances_unpaid ON remittances (due_on, id) WHERE status <> 'PAID'",
    """
    CREATE TABLE remitted_entries (
        entry_id uuid CONSTRAINT pk_remitted_entries PRIMARY KEY
            CONSTRAINT fk_remitted_entries_entry_id REFERENCES ledger_entries (id),
        remittance_id uuid NOT NULL
            CONSTRAINT fk_remitted_entries_remittance_id REFERENCES remittances (id)
    )
    """,
    "CREATE INDEX ix_remitted_entries_remittance_id ON remitted_entries (remittance_id)",
    """
    CREATE TABLE sandbox_tax_slips (
        reference text CONSTRAINT pk_sandbox_tax_slips PRIMARY KEY,
        number text NOT NULL CONSTRAINT uq_sandbox_tax_slips_number UNIQUE,
        revenue_code text NOT NULL,
        amount_minor bigint NOT NULL,
        due_on date NOT NULL,
        issued_at timestamptz NOT NULL,
        paid_at timestamptz,
        authentication text
    )
    """,
)

RULES = (
    """
    CREATE FUNCTION remittance_adds_up(asked uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        remittance remittances;
        withheld record;
    BEGIN
        SELECT * INTO remittance FROM remittances WHERE id = asked;
        SELECT coalesce(sum(entry.amount_minor), 0) AS total, bool_and(
                entry.side = 'CREDIT' AND account.kind = remittance.tax || '_PAYABLE'
                AND (transfer.occurred_at AT TIME ZONE 'America/Sao_Paulo')::date <= remittance.period_to
                AND remittance.person = coalesce(payout.person, swap.seller_person, disbursement.farmer_person,
                    'NATURAL')) AS fits
          INTO withheld
          FROM remitted_entries AS noted
          JOIN ledger_entries AS entry ON entry.id = noted.entry_id
          JOIN ledger_accounts AS account ON account.id = entry.account_id
          JOIN ledger_transfers AS transfer ON transfer.id = entry.transfer_id
          LEFT JOIN distribution_payouts AS payout ON transfer.kind = 'PAYOUT' AND payout.payout_id = transfer.cause_id
          LEFT JOIN quota_swaps AS swap ON transfer.kind = 'QUOTA_SWAP' AND swap.id = transfer.cause_id
          LEFT JOIN disbursements AS disbursement
            ON transfer.kind = 'DISBURSEMENT' AND disbursement.offering_id = transfer.cause_id
         WHERE noted.remittance_id = asked;
        IF withheld.total <> remittance.amount_minor OR NOT coalesce(withheld.fits, false) THEN
            RAISE EXCEPTION 'remittance % is not of what was withheld', asked
                USING ERRCODE = 'check_violation', CONSTRAINT = 'remittance_adds_up';
        END IF;
    END $$
    """,
    """
    CREATE FUNCTION remittance_is_of_entries() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    BEGIN
        PERFORM remittance_adds_up(NEW.id);
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER remittance_is_of_entries AFTER INSERT ON remittances
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION remittance_is_of_entries()
    """,
    # Once for a statement: a period has as many entries as payouts.
    """
    CREATE FUNCTION entries_are_of_remittance() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    BEGIN
        PERFORM remittance_adds_up(remittance_id) FROM (SELECT DISTINCT remittance_id FROM noted) AS each;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER entries_are_of_remittance AFTER INSERT ON remitted_entries
    REFERENCING NEW TABLE AS noted FOR EACH STATEMENT EXECUTE FUNCTION entries_are_of_remittance()
    """,
    """
    CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE ON remittances FOR EACH ROW
    EXECUTE FUNCTION fact_stays('status', 'slip_number', 'authentication', 'paid_at', 'last_failure')
    """,
    """
    CREATE TRIGGER fact_goes_on BEFORE UPDATE ON remittances FOR EACH ROW
    WHEN ((OLD.status = 'PAID' AND NEW IS DISTINCT FROM OLD)
        OR (OLD.slip_number IS NOT NULL AND NEW.slip_number IS DISTINCT FROM OLD.slip_number))
    EXECUTE FUNCTION fact_goes_on('id')
    """,
    """
    CREATE CONSTRAINT TRIGGER fact_moved_its_money AFTER INSERT OR UPDATE ON remittances
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fact_moved_its_money('id')
    """,
    *(
        f"CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION fact_stays()"
        for table in ("remittance_rules", "remitted_entries")
    ),
    *(
        f"CREATE TRIGGER fact_stays_whole BEFORE TRUNCATE ON {table} EXECUTE FUNCTION fact_stays()"
        for table in ("remittance_rules", "remitted_entries", "remittances")
    ),
)

_REMITTED = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN remittances AS r ON r.id = t.cause_id AND r.paid_at = t.occurred_at
    CROSS JOIN LATERAL (VALUES
        (CASE r.tax WHEN 'IOF' THEN {_IOF} ELSE {_INCOME_TAX} END, 'DEBIT', r.amount_minor),
        ({_BANK}, 'CREDIT', r.amount_minor)) AS line (account_id, side, amount_minor)
    WHERE t.kind = 'TAX_REMITTANCE' AND t.reference_id = t.cause_id
"""  # noqa: S608  # our own text
_DUE = "SELECT 'remittance', id, 'TAX_REMITTANCE' FROM remittances WHERE status = 'PAID'"


def _causes() -> ModuleType:
    """The migration that made the function, with the form of its questions."""
    spec = spec_from_file_location("causes_before", Path(__file__).with_name("0019_causes.py"))
    assert spec is not None  # noqa: S101  # the file is there
    assert spec.loader is not None  # noqa: S101  # and is Python
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ASKED: str = _causes()._asked_of(["TAX_REMITTANCE"], (_REMITTED,))  # noqa: SLF001  # one text
END = "\n        END CASE;"


def _read(question: str) -> str:
    return str(op.get_bind().exec_driver_sql(f"SELECT {question}").scalar_one())


def _write(statement: str) -> None:
    op.get_bind().exec_driver_sql(statement)


def _kinds(kinds: str) -> None:
    op.execute("ALTER TABLE ledger_transfers DROP CONSTRAINT ck_ledger_transfers_kind")
    _write(f"ALTER TABLE ledger_transfers ADD CONSTRAINT ck_ledger_transfers_kind {kinds} NOT VALID")


def upgrade() -> None:
    """What asks all kinds of transfers is read as it is by now, and asks one more."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*TABLES, *RULES):
        op.execute(statement.replace(":=", "\\:="))
    kinds = _read("pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_ledger_transfers_kind'")
    _kinds(kinds.removesuffix(" NOT VALID").replace("'REVERSAL'::text", "'TAX_REMITTANCE'::text, 'REVERSAL'::text"))
    function = _read("pg_get_functiondef('ledger_transfer_has_its_cause()'::regprocedure)")
    before, after = function.split("END CASE;")
    _write(f"{before.rstrip()}{ASKED}{END}{after}")
    due = _read("pg_get_viewdef('due_transfers'::regclass)").rstrip(" ;")
    _write(f"CREATE OR REPLACE VIEW due_transfers AS {due} UNION ALL {_DUE}")


def downgrade() -> None:
    """Refuses once tax was remitted: the ledger would not say what for."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM remittances) THEN
                RAISE EXCEPTION 'taxes are remitted: going back would lose which'
                    USING ERRCODE = 'restrict_violation';
            END IF;
        END $$
        """
    )
    due = re.split(r"\bUNION ALL\b", _read("pg_get_viewdef('due_transfers'::regclass)").rstrip(" ;"))
    kept = " UNION ALL ".join(part for part in due if "TAX_REMITTANCE" not in part)
    _write(f"CREATE OR REPLACE VIEW due_transfers AS {kept}")
    function = _read("pg_get_functiondef('ledger_transfer_has_its_cause()'::regprocedure)")
    _write(function.replace(ASKED, ""))
    kinds = _read("pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_ledger_transfers_kind'")
    _kinds(kinds.removesuffix(" NOT VALID").replace("'TAX_REMITTANCE'::text, ", ""))
    for statement in (
        "DROP TABLE sandbox_tax_slips",
        "DROP TABLE remitted_entries",
        "DROP TABLE remittances",
        "DROP TABLE remittance_rules",
        "DROP FUNCTION remittance_is_of_entries()",
        "DROP FUNCTION entries_are_of_remittance()",
        "DROP FUNCTION remittance_adds_up(uuid)",
        "ALTER TABLE distribution_payouts DROP COLUMN person",
    ):
        op.execute(statement)
