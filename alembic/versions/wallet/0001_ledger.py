"""
The ledger: accounts, transfers, entries, balances.

What the wallet promises about money is promised here by the database, whoever writes to it:

- a fact is never changed or removed (by grant and by trigger);
- the entries of a transfer sum to zero (checked at commit);
- a transfer is closed with the transaction that made it;
- a balance is the sum of its account's entries, and people's balances never go below zero;
- each entry carries the hash of the one before it on its account.
"""

from alembic import op
from subgraphs.shared.messaging.outbox import create_messaging_tables, drop_messaging_tables

revision = "wallet_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE ledger_accounts (
    id uuid CONSTRAINT pk_ledger_accounts PRIMARY KEY,
    code text NOT NULL CONSTRAINT uq_ledger_accounts_code UNIQUE,
    kind text NOT NULL CONSTRAINT ck_ledger_accounts_kind CHECK (kind IN (
        'AVAILABLE', 'HELD', 'PROCESSING', 'GATEWAY', 'BANK', 'SUSPENSE', 'ESCROW', 'DISTRIBUTION',
        'ORIGINATION_FEE', 'PERFORMANCE_FEE', 'IOF_PAYABLE', 'INCOME_TAX_PAYABLE')),
    normal_side text NOT NULL CONSTRAINT ck_ledger_accounts_normal_side CHECK (normal_side IN ('DEBIT', 'CREDIT')),
    may_go_negative boolean NOT NULL,
    owner_id uuid,
    opened_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_ledger_accounts_people_own_theirs
        CHECK ((kind IN ('AVAILABLE', 'HELD', 'PROCESSING')) = (owner_id IS NOT NULL)),
    CONSTRAINT ck_ledger_accounts_people_never_owe
        CHECK (kind NOT IN ('AVAILABLE', 'HELD', 'PROCESSING') OR (NOT may_go_negative AND normal_side = 'CREDIT'))
);
CREATE INDEX ix_ledger_accounts_kind ON ledger_accounts (kind);

CREATE TABLE ledger_balances (
    account_id uuid CONSTRAINT pk_ledger_balances PRIMARY KEY
        CONSTRAINT fk_ledger_balances_account_id REFERENCES ledger_accounts (id),
    balance_minor bigint NOT NULL,
    may_go_negative boolean NOT NULL,
    entry_count bigint NOT NULL,
    last_hash bytea NOT NULL,
    CONSTRAINT ck_ledger_balances_not_below_zero CHECK (may_go_negative OR balance_minor >= 0)
) WITH (fillfactor = 70);

CREATE TABLE ledger_transfers (
    id uuid CONSTRAINT pk_ledger_transfers PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT uq_ledger_transfers_number UNIQUE,
    kind text NOT NULL CONSTRAINT ck_ledger_transfers_kind CHECK (kind IN (
        'DEPOSIT', 'SURPLUS', 'SUSPENSE', 'SUSPENSE_RESOLVED', 'HOLD', 'HOLD_RELEASE', 'HOLD_CAPTURE',
        'DISBURSEMENT', 'INSTALLMENT_PAYMENT', 'PAYOUT', 'WITHDRAWAL', 'WITHDRAWAL_SENT', 'WITHDRAWAL_RETURN',
        'GATEWAY_SETTLEMENT', 'REVERSAL')),
    cause_id uuid NOT NULL,
    reference_id uuid NOT NULL,
    reverses_id uuid CONSTRAINT uq_ledger_transfers_reverses_id UNIQUE
        CONSTRAINT fk_ledger_transfers_reverses_id REFERENCES ledger_transfers (id),
    occurred_at timestamptz NOT NULL,
    transaction_id bigint NOT NULL,
    CONSTRAINT uq_ledger_transfers_kind_cause_id UNIQUE (kind, cause_id),
    CONSTRAINT ck_ledger_transfers_reversal_names_its_transfer
        CHECK ((kind = 'REVERSAL') = (reverses_id IS NOT NULL))
);
CREATE INDEX ix_ledger_transfers_occurred_at ON ledger_transfers (occurred_at, id);
CREATE INDEX ix_ledger_transfers_reference_id ON ledger_transfers (reference_id);

CREATE TABLE ledger_entries (
    id uuid CONSTRAINT pk_ledger_entries PRIMARY KEY,
    transfer_id uuid NOT NULL CONSTRAINT fk_ledger_entries_transfer_id REFERENCES ledger_transfers (id),
    account_id uuid NOT NULL CONSTRAINT fk_ledger_entries_account_id REFERENCES ledger_accounts (id),
    side text NOT NULL CONSTRAINT ck_ledger_entries_side CHECK (side IN ('DEBIT', 'CREDIT')),
    amount_minor bigint NOT NULL CONSTRAINT ck_ledger_entries_amount_positive CHECK (amount_minor > 0),
    sequence bigint NOT NULL,
    balance_after_minor bigint NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT uq_ledger_entries_account_id_sequence UNIQUE (account_id, sequence)
);
CREATE INDEX ix_ledger_entries_transfer_id ON ledger_entries (transfer_id);
"""

# SECURITY DEFINER: only these functions write balances; the service's role has no right to.
APPEND = """
CREATE FUNCTION ledger_open_account() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- The chain begins with the account itself, so that entries cannot be moved to another one.
    INSERT INTO ledger_balances (account_id, balance_minor, may_go_negative, entry_count, last_hash)
    VALUES (NEW.id, 0, NEW.may_go_negative, 0, sha256(convert_to(NEW.id::text, 'UTF8')));
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_open_account AFTER INSERT ON ledger_accounts
FOR EACH ROW EXECUTE FUNCTION ledger_open_account();

CREATE FUNCTION ledger_open_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.transaction_id := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_open_transfer BEFORE INSERT ON ledger_transfers
FOR EACH ROW EXECUTE FUNCTION ledger_open_transfer();

CREATE FUNCTION ledger_append_entry() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    transfer ledger_transfers;
    balance ledger_balances;
    raising_side text;
BEGIN
    SELECT * INTO transfer FROM ledger_transfers WHERE id = NEW.transfer_id;
    IF transfer.id IS NULL THEN
        RAISE EXCEPTION 'there is no transfer %', NEW.transfer_id USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF transfer.transaction_id <> pg_current_xact_id()::text::bigint THEN
        RAISE EXCEPTION 'transfer % is closed: entries belong to the transaction that made it', transfer.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT normal_side INTO raising_side FROM ledger_accounts WHERE id = NEW.account_id;
    -- The balance row is the account's lock: entries of one account are appended one after the other.
    SELECT * INTO balance FROM ledger_balances WHERE account_id = NEW.account_id FOR NO KEY UPDATE;
    IF balance.account_id IS NULL THEN
        RAISE EXCEPTION 'there is no account %', NEW.account_id USING ERRCODE = 'foreign_key_violation';
    END IF;
    NEW.sequence := balance.entry_count + 1;
    NEW.balance_after_minor := balance.balance_minor
        + CASE WHEN NEW.side = raising_side THEN NEW.amount_minor ELSE -NEW.amount_minor END;
    NEW.previous_hash := balance.last_hash;
    NEW.hash := sha256(balance.last_hash || convert_to(concat_ws('|',
        NEW.account_id, NEW.sequence, NEW.id, NEW.side, NEW.amount_minor, NEW.balance_after_minor,
        transfer.id, transfer.kind, transfer.cause_id, transfer.reference_id, coalesce(transfer.reverses_id::text, '-'),
        (extract(epoch FROM transfer.occurred_at) * 1000000)::bigint
    ), 'UTF8'));
    UPDATE ledger_balances
    SET balance_minor = NEW.balance_after_minor, entry_count = NEW.sequence, last_hash = NEW.hash
    WHERE account_id = NEW.account_id;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_append_entry BEFORE INSERT ON ledger_entries
FOR EACH ROW EXECUTE FUNCTION ledger_append_entry();

CREATE FUNCTION lock_ledger_balances(account_ids uuid[]) RETURNS SETOF ledger_balances
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    -- Always in id order, so that two transactions over the same accounts wait instead of deadlocking.
    SELECT * FROM ledger_balances WHERE account_id = ANY (account_ids) ORDER BY account_id FOR NO KEY UPDATE
$$;
"""

BALANCED = """
CREATE FUNCTION ledger_check_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked uuid := (to_jsonb(NEW) ->> TG_ARGV[0])::uuid;
    entries bigint;
    total numeric;
BEGIN
    SELECT count(*), sum(CASE side WHEN 'DEBIT' THEN amount_minor ELSE -amount_minor END)
    INTO entries, total FROM ledger_entries WHERE transfer_id = checked;
    IF entries < 2 OR total <> 0 THEN
        RAISE EXCEPTION 'transfer % does not balance: % entries, debits minus credits %',
            checked, entries, coalesce(total, 0)
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfer_balanced';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER ledger_transfer_balanced AFTER INSERT ON ledger_transfers
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_balanced('id');

CREATE CONSTRAINT TRIGGER ledger_transfer_balanced AFTER INSERT ON ledger_entries
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_balanced('transfer_id');
"""

IMMUTABLE = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is never changed: % on % refused; add a reversing transfer instead',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""

FACTS = ("ledger_accounts", "ledger_transfers", "ledger_entries")

# Whatever role the service runs as: it may add facts and read, and can write no balance.
GRANTS = """
DO $$
DECLARE
    given record;
BEGIN
    FOR given IN
        SELECT DISTINCT grantee, table_name FROM information_schema.role_table_grants
        WHERE table_schema = 'public' AND grantee <> current_user
          AND table_name IN ('ledger_accounts', 'ledger_transfers', 'ledger_entries', 'ledger_balances')
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE, TRIGGER ON %I FROM %s', given.table_name,
            CASE given.grantee WHEN 'PUBLIC' THEN 'PUBLIC' ELSE quote_ident(given.grantee) END);
        IF given.table_name = 'ledger_balances' THEN
            EXECUTE format('REVOKE INSERT ON ledger_balances FROM %s',
                CASE given.grantee WHEN 'PUBLIC' THEN 'PUBLIC' ELSE quote_ident(given.grantee) END);
        END IF;
    END LOOP;
END $$;
"""

# The platform's own accounts. Their ids sort after all others, so that they are locked last and held shortest.
PLATFORM = """
INSERT INTO ledger_accounts (id, code, kind, normal_side, may_go_negative) VALUES
    ('ffffffff-0000-8000-8000-000000000001', 'suspense', 'SUSPENSE', 'CREDIT', false),
    ('ffffffff-0000-8000-8000-000000000002', 'origination_fee', 'ORIGINATION_FEE', 'CREDIT', true),
    ('ffffffff-0000-8000-8000-000000000003', 'performance_fee', 'PERFORMANCE_FEE', 'CREDIT', true),
    ('ffffffff-0000-8000-8000-000000000004', 'iof_payable', 'IOF_PAYABLE', 'CREDIT', false),
    ('ffffffff-0000-8000-8000-000000000005', 'income_tax_payable', 'INCOME_TAX_PAYABLE', 'CREDIT', false),
    ('ffffffff-0000-8000-8000-000000000006', 'gateway', 'GATEWAY', 'DEBIT', true),
    ('ffffffff-0000-8000-8000-000000000007', 'bank', 'BANK', 'DEBIT', true);
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_messaging_tables(op)
    for script in (TABLES, APPEND, BALANCED, IMMUTABLE):
        _run(script)
    for table in FACTS:
        op.execute(
            f"CREATE TRIGGER ledger_refuse_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()"
        )
    for table in (*FACTS, "ledger_balances"):
        op.execute(
            f"CREATE TRIGGER ledger_refuse_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()"
        )
    _run(GRANTS)
    _run(PLATFORM)


def _run(script: str) -> None:
    """Each statement by itself: the driver prepares one at a time."""
    statement: list[str] = []
    quoted = False
    for line in script.splitlines():
        statement.append(line)
        quoted ^= line.count("$$") % 2 == 1
        if line.endswith(";") and not quoted:
            op.execute("\n".join(statement).rstrip(";").replace(":=", "\\:="))
            statement = []


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("ledger_entries", "ledger_transfers", "ledger_balances", "ledger_accounts"):
        op.execute(f"DROP TABLE {table}" + (" CASCADE" if table == "ledger_balances" else ""))
    for function in (
        "ledger_open_account()",
        "ledger_open_transfer()",
        "ledger_append_entry()",
        "ledger_check_balanced()",
        "ledger_refuse_change()",
    ):
        op.execute(f"DROP FUNCTION {function}")
    drop_messaging_tables(op)
