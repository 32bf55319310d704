"""
What money moved for stays as it was recorded, as the entries do; and what only messages said is recorded.

- Of holds, payments, withdrawals, charges and the like only what has to go on can change, and only forwards.
- Payouts and disbursements are recorded with their figures, so that a transfer can be compared with them.
- A wallet, its accounts, its holds and its withdrawals are all one person's.
- The platform's income is never below zero.
- A transfer says when the database recorded it, and by which clock the product dated it; both are in the chain.
- Dated rules are added, never edited, and each is recorded with the hash of the one before.
- Functions that ask tables ask the wallet's, whatever temporary ones a session has made.
"""

from alembic import op

revision = "wallet_0018"
down_revision = "wallet_0017"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE distribution_payouts (
        payout_id uuid CONSTRAINT pk_distribution_payouts PRIMARY KEY,
        distribution_id uuid NOT NULL,
        part bigint NOT NULL,
        user_id uuid NOT NULL,
        gross_minor bigint NOT NULL,
        fee_minor bigint NOT NULL,
        tax_minor bigint NOT NULL,
        net_minor bigint NOT NULL,
        CONSTRAINT fk_distribution_payouts_distribution_id FOREIGN KEY (distribution_id, part)
            REFERENCES distribution_parts (distribution_id, part),
        CONSTRAINT ck_distribution_payouts_add_up CHECK (
            net_minor >= 0 AND fee_minor >= 0 AND tax_minor >= 0 AND gross_minor = net_minor + fee_minor + tax_minor)
    )
    """,
    "CREATE INDEX ix_distribution_payouts_distribution_id ON distribution_payouts (distribution_id, part)",
    """
    CREATE TABLE disbursements (
        offering_id uuid CONSTRAINT pk_disbursements PRIMARY KEY
            CONSTRAINT fk_disbursements_offering_id REFERENCES offering_fundings (offering_id),
        cpr_id uuid NOT NULL CONSTRAINT uq_disbursements_cpr_id UNIQUE
            CONSTRAINT fk_disbursements_cpr_id REFERENCES registered_cprs (cpr_id),
        farmer_id uuid NOT NULL,
        grade text,
        principal_minor bigint NOT NULL CONSTRAINT ck_disbursements_principal_positive CHECK (principal_minor > 0),
        origination_fee_minor bigint NOT NULL,
        iof_minor bigint NOT NULL,
        net_minor bigint NOT NULL,
        disbursed_at timestamptz NOT NULL,
        CONSTRAINT ck_disbursements_add_up CHECK (
            net_minor >= 0 AND origination_fee_minor >= 0 AND iof_minor >= 0
            AND principal_minor = net_minor + origination_fee_minor + iof_minor)
    )
    """,
    # Of what was before, the ledger tells all but the grade.
    """
    INSERT INTO distribution_payouts
    SELECT transfer.cause_id, part.distribution_id, part.part, coalesce(unclaimed.user_id, moved.user_id),
           moved.gross_minor, moved.fee_minor, moved.tax_minor, moved.gross_minor - moved.fee_minor - moved.tax_minor
    FROM ledger_transfers AS transfer
    CROSS JOIN LATERAL (
        SELECT sum(entry.amount_minor) FILTER (WHERE entry.side = 'DEBIT') AS gross_minor,
               coalesce(sum(entry.amount_minor) FILTER (WHERE account.kind = 'PERFORMANCE_FEE'), 0) AS fee_minor,
               coalesce(sum(entry.amount_minor) FILTER (WHERE account.kind = 'INCOME_TAX_PAYABLE'), 0) AS tax_minor,
               (array_agg(entry.account_id) FILTER (WHERE entry.side = 'DEBIT'))[1] AS clearing_id,
               (array_agg(account.owner_id) FILTER (WHERE account.owner_id IS NOT NULL))[1] AS user_id
        FROM ledger_entries AS entry JOIN ledger_accounts AS account ON account.id = entry.account_id
        WHERE entry.transfer_id = transfer.id) AS moved
    LEFT JOIN unclaimed_credits AS unclaimed ON unclaimed.transfer_id = transfer.id
    JOIN installment_payments AS payment ON payment.clearing_id = moved.clearing_id
    CROSS JOIN LATERAL (
        SELECT distribution_id, part FROM distribution_parts
        WHERE payment_id = payment.id AND credited_at = transfer.occurred_at ORDER BY part LIMIT 1) AS part
    WHERE transfer.kind = 'PAYOUT' AND coalesce(unclaimed.user_id, moved.user_id) IS NOT NULL
    """,
    """
    INSERT INTO disbursements
    SELECT transfer.cause_id, transfer.reference_id, cpr.farmer_id, NULL, moved.principal_minor, moved.fee_minor,
           moved.iof_minor, moved.principal_minor - moved.fee_minor - moved.iof_minor, transfer.occurred_at
    FROM ledger_transfers AS transfer
    JOIN registered_cprs AS cpr ON cpr.cpr_id = transfer.reference_id
    CROSS JOIN LATERAL (
        SELECT sum(entry.amount_minor) FILTER (WHERE entry.side = 'DEBIT') AS principal_minor,
               coalesce(sum(entry.amount_minor) FILTER (WHERE account.kind = 'ORIGINATION_FEE'), 0) AS fee_minor,
               coalesce(sum(entry.amount_minor) FILTER (WHERE account.kind = 'IOF_PAYABLE'), 0) AS iof_minor
        FROM ledger_entries AS entry JOIN ledger_accounts AS account ON account.id = entry.account_id
        WHERE entry.transfer_id = transfer.id) AS moved
    WHERE transfer.kind = 'DISBURSEMENT'
    """,
    # One distribution of a payment, and each part of it once.
    "ALTER TABLE distribution_parts ADD CONSTRAINT uq_distribution_parts_payment_id_part UNIQUE (payment_id, part)",
    "DROP INDEX ix_distribution_parts_payment_id",
)

PEOPLE = (
    "ALTER TABLE wallets ADD CONSTRAINT uq_wallets_id_user_id UNIQUE (id, user_id)",
    "ALTER TABLE bank_accounts ADD CONSTRAINT uq_bank_accounts_id_user_id UNIQUE (id, user_id)",
    """
    ALTER TABLE holds ADD CONSTRAINT fk_holds_wallet_of_its_person
        FOREIGN KEY (wallet_id, user_id) REFERENCES wallets (id, user_id) NOT VALID
    """,
    """
    ALTER TABLE withdrawals ADD CONSTRAINT fk_withdrawals_wallet_of_its_person
        FOREIGN KEY (wallet_id, user_id) REFERENCES wallets (id, user_id) NOT VALID
    """,
    """
    ALTER TABLE withdrawals ADD CONSTRAINT fk_withdrawals_bank_account_of_its_person
        FOREIGN KEY (bank_account_id, user_id) REFERENCES bank_accounts (id, user_id) NOT VALID
    """,
    """
    ALTER TABLE ledger_accounts ADD CONSTRAINT ck_ledger_accounts_whose_code
        CHECK (owner_id IS NULL OR code = lower(kind) || ':' || owner_id) NOT VALID
    """,
    """
    CREATE FUNCTION wallet_is_of_one_person() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    BEGIN
        IF (SELECT count(*) FROM ledger_accounts WHERE owner_id = NEW.user_id AND (id, kind) IN (
                (NEW.available_id, 'AVAILABLE'), (NEW.held_id, 'HELD'), (NEW.processing_id, 'PROCESSING'))) <> 3 THEN
            RAISE EXCEPTION 'the accounts of wallet % are not of its owner', NEW.id
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER wallet_is_of_one_person BEFORE INSERT ON wallets
    FOR EACH ROW EXECUTE FUNCTION wallet_is_of_one_person()
    """,
    "ALTER TABLE ledger_accounts DISABLE TRIGGER ledger_refuse_change",
    "UPDATE ledger_accounts SET may_go_negative = false WHERE kind IN ('ORIGINATION_FEE', 'PERFORMANCE_FEE')",
    "ALTER TABLE ledger_accounts ENABLE TRIGGER ledger_refuse_change",
    """
    UPDATE ledger_balances SET may_go_negative = false WHERE account_id IN (
        SELECT id FROM ledger_accounts WHERE kind IN ('ORIGINATION_FEE', 'PERFORMANCE_FEE'))
    """,
    """
    ALTER TABLE ledger_accounts ADD CONSTRAINT ck_ledger_accounts_who_may_owe
        CHECK (may_go_negative = (kind IN ('GATEWAY', 'BANK'))) NOT VALID
    """,
)

MAY_CHANGE = {
    "bank_accounts": ("account_type", "details_sealed", "fingerprint", "kept_until", "registered_at", "removed_at"),
    "charges": ("status", "paid_at", "br_code", "barcode"),
    "disbursements": (),
    "distribution_parts": (),
    "distribution_payouts": (),
    "gateway_payments": ("outcome", "settled_at"),
    "hold_requests": (),
    "holds": ("status", "captured_minor", "ended_at"),
    "installment_payments": (),
    "installments": ("late_fine_rate", "late_monthly_rate"),
    "offering_fundings": ("status", "decided_at"),
    "registered_cprs": (),
    "wallets": (),
    "withdrawals": ("status", "ordered_at", "sent_at", "ended_at", "return_reason"),
}
"""What of a row may change after it was made. Nothing of these is deleted."""

GO_ON = {
    "charges": "OLD.status <> 'OPEN' AND (NEW.status, NEW.paid_at) IS DISTINCT FROM (OLD.status, OLD.paid_at)"
    " AND NOT (OLD.status = 'CANCELLED' AND NEW.status = 'PAID')",
    "gateway_payments": "NEW.outcome <> OLD.outcome AND (OLD.outcome, NEW.outcome) NOT IN"
    " (('QUARANTINED', 'RESOLVED'), ('RESOLVED', 'QUARANTINED'))"
    " OR OLD.settled_at IS NOT NULL AND NEW.settled_at IS DISTINCT FROM OLD.settled_at",
    "offering_fundings": "OLD.status <> 'OPEN' AND NEW.status <> OLD.status",
    "withdrawals": "array_position(ARRAY['REQUESTED', 'SENT', 'SETTLED', 'RETURNED'], OLD.status)"
    " > array_position(ARRAY['REQUESTED', 'SENT', 'SETTLED', 'RETURNED'], NEW.status)"
    " OR OLD.status = 'RETURNED' AND NEW IS DISTINCT FROM OLD",
}
"""What would take a row back to where it was."""

KEPT = """
    CREATE FUNCTION fact_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    BEGIN
        -- The arguments are the columns that may change.
        IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - coalesce(TG_ARGV, '{}') = to_jsonb(NEW) - coalesce(TG_ARGV, '{}') THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'what % says stays as it was recorded: % refused', TG_TABLE_NAME, TG_OP
            USING ERRCODE = 'restrict_violation';
    END $$
"""
GOES_ON = """
    CREATE FUNCTION fact_goes_on() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    BEGIN
        RAISE EXCEPTION '% % has gone further than that', TG_TABLE_NAME, to_jsonb(OLD) ->> TG_ARGV[0]
            USING ERRCODE = 'restrict_violation';
    END $$
"""
KEPT_ALREADY = ("staff_actions", "unclaimed_credits", "unclaimed_payouts", "quota_swaps", "quota_positions")
"""Rows of these are kept already, but not from being emptied."""

CLOCK = (
    "ALTER TABLE ledger_transfers ADD COLUMN recorded_at timestamptz, ADD COLUMN clock text",
    # Both are missing of what was entered before.
    """
    ALTER TABLE ledger_transfers ADD CONSTRAINT ck_ledger_transfers_clock
        CHECK (clock IN ('SYSTEM', 'MOVED') AND (clock IS NULL) = (recorded_at IS NULL)) NOT VALID
    """,
    """
    CREATE OR REPLACE FUNCTION ledger_open_transfer() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    BEGIN
        NEW.transaction_id := pg_current_xact_id()::text::bigint;
        NEW.recorded_at := clock_timestamp();
        -- Work takes its time after it has looked at the clock, a job with many calls to the gateway the most.
        -- Said by the process when it connects. One that says nothing has no other clock than everybody.
        NEW.clock := CASE current_setting('peerseed.clock', true) WHEN 'MOVED' THEN 'MOVED' ELSE 'SYSTEM' END;
        IF NEW.clock = 'SYSTEM' AND abs(extract(epoch FROM NEW.occurred_at - NEW.recorded_at)) > 3600 THEN
            RAISE EXCEPTION 'transfer % is dated % at %', NEW.id, NEW.occurred_at, NEW.recorded_at
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
)

APPEND = """
CREATE OR REPLACE FUNCTION ledger_append_entry() RETURNS trigger
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
        (extract(epoch FROM transfer.occurred_at) * 1000000)::bigint{clock}
    ), 'UTF8'));
    UPDATE ledger_balances
    SET balance_minor = NEW.balance_after_minor, entry_count = NEW.sequence, last_hash = NEW.hash
    WHERE account_id = NEW.account_id;
    RETURN NEW;
END $$
"""
CLOCK_IN_CHAIN = """,
        (extract(epoch FROM transfer.recorded_at) * 1000000)::bigint, transfer.clock"""

RULES = (
    "gain_tax_brackets",
    "gain_tax_rules",
    "iof_rates",
    "origination_fee_rates",
    "parameters",
    "secondary_fee_rates",
)
RECORDED_RULES = (
    """
    CREATE TABLE recorded_rules (
        number bigint CONSTRAINT pk_recorded_rules PRIMARY KEY,
        rule text NOT NULL,
        content jsonb NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL,
        hash bytea NOT NULL
    )
    """,
    """
    CREATE FUNCTION rule_is_recorded() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        earlier record;
        place bigint;
        moment timestamptz := clock_timestamp();
    BEGIN
        -- One after the other, so that each knows the one before it.
        PERFORM pg_advisory_xact_lock(hashtextextended('recorded_rules', 0));
        SELECT number, hash INTO earlier FROM recorded_rules ORDER BY number DESC LIMIT 1;
        place := coalesce(earlier.number, 0) + 1;
        INSERT INTO recorded_rules VALUES (place, TG_TABLE_NAME, to_jsonb(NEW), moment, session_user, sha256(
            coalesce(earlier.hash, ''::bytea) || convert_to(concat_ws('|', place, TG_TABLE_NAME, to_jsonb(NEW),
                (extract(epoch FROM moment) * 1000000)::bigint, session_user), 'UTF8')));
        RETURN NULL;
    END $$
    """,
)

ASK_THE_WALLETS_TABLES = (
    "hold_ends_once()",
    "installment_payment_follows()",
    "ledger_check_balanced()",
    "quota_positions_keep()",
    "quota_swap_moves_its_price()",
    "suspense_paid_out_has_a_cause()",
    "unclaimed_credit_check_end()",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _run(*TABLES, *PEOPLE, KEPT, GOES_ON)
    for table, columns in MAY_CHANGE.items():
        arguments = ", ".join(f"'{column}'" for column in columns)
        _run(
            f"CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION fact_stays({arguments})"
        )
    for table, back in GO_ON.items():
        key = "offering_id" if table == "offering_fundings" else "id"
        _run(
            f"CREATE TRIGGER fact_goes_on BEFORE UPDATE ON {table} "
            f"FOR EACH ROW WHEN ({back}) EXECUTE FUNCTION fact_goes_on('{key}')"
        )
    for table in (*MAY_CHANGE, *KEPT_ALREADY):
        _run(f"CREATE TRIGGER fact_stays_whole BEFORE TRUNCATE ON {table} EXECUTE FUNCTION fact_stays()")
    _run(*CLOCK, APPEND.format(clock=CLOCK_IN_CHAIN), *RECORDED_RULES)
    for table in RULES:
        _run(
            f"CREATE TRIGGER rule_is_recorded AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION rule_is_recorded()",
            # Those that are in force are recorded by being said once more.
            f"CREATE TEMP TABLE said AS TABLE {table}",
            f"DELETE FROM {table}",  # noqa: S608  # names above
            f"INSERT INTO {table} SELECT * FROM said",  # noqa: S608  # names above
            "DROP TABLE said",
        )
    for table in (*RULES, "recorded_rules"):
        _run(
            f"CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION fact_stays()",
            f"CREATE TRIGGER fact_stays_whole BEFORE TRUNCATE ON {table} EXECUTE FUNCTION fact_stays()",
        )
    for function in ASK_THE_WALLETS_TABLES:
        _run(f"ALTER FUNCTION {function} SET search_path = public, pg_temp")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for function in ASK_THE_WALLETS_TABLES:
        _run(f"ALTER FUNCTION {function} RESET search_path")
    _run(
        *(f"DROP TRIGGER rule_is_recorded ON {table}" for table in RULES),
        "DROP TABLE recorded_rules",
        "DROP FUNCTION rule_is_recorded()",
        "DROP FUNCTION fact_stays() CASCADE",
        "DROP FUNCTION fact_goes_on() CASCADE",
        APPEND.format(clock=""),
        """
        CREATE OR REPLACE FUNCTION ledger_open_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.transaction_id := pg_current_xact_id()::text::bigint;
            RETURN NEW;
        END $$
        """,
        # What was entered meanwhile has the moment in its hash.
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM ledger_transfers WHERE recorded_at IS NOT NULL) THEN
                RAISE EXCEPTION 'transfers say when they were recorded, and their hashes do: neither can be forgotten'
                    USING ERRCODE = 'restrict_violation';
            END IF;
        END $$
        """,
        "ALTER TABLE ledger_transfers DROP COLUMN recorded_at, DROP COLUMN clock",
        "ALTER TABLE ledger_accounts DROP CONSTRAINT ck_ledger_accounts_who_may_owe",
        "ALTER TABLE ledger_accounts DROP CONSTRAINT ck_ledger_accounts_whose_code",
        "DROP TRIGGER wallet_is_of_one_person ON wallets",
        "DROP FUNCTION wallet_is_of_one_person()",
        "ALTER TABLE withdrawals DROP CONSTRAINT fk_withdrawals_bank_account_of_its_person",
        "ALTER TABLE withdrawals DROP CONSTRAINT fk_withdrawals_wallet_of_its_person",
        "ALTER TABLE holds DROP CONSTRAINT fk_holds_wallet_of_its_person",
        "ALTER TABLE bank_accounts DROP CONSTRAINT uq_bank_accounts_id_user_id",
        "ALTER TABLE wallets DROP CONSTRAINT uq_wallets_id_user_id",
        "CREATE INDEX ix_distribution_parts_payment_id ON distribution_parts (payment_id)",
        "ALTER TABLE distribution_parts DROP CONSTRAINT uq_distribution_parts_payment_id_part",
        "DROP TABLE disbursements",
        "DROP TABLE distribution_payouts",
    )


def _run(*statements: str) -> None:
    for statement in statements:
        op.execute(statement.replace(":=", "\\:="))
