"""Wallets, holds, charges and payments, withdrawals, rates: what the ledger's money is for."""

from alembic import op

revision = "wallet_0002"
down_revision = "wallet_0001"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE wallets (
        id uuid CONSTRAINT pk_wallets PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT uq_wallets_user_id UNIQUE,
        available_id uuid NOT NULL CONSTRAINT uq_wallets_available_id UNIQUE
            CONSTRAINT fk_wallets_available_id REFERENCES ledger_accounts (id),
        held_id uuid NOT NULL CONSTRAINT uq_wallets_held_id UNIQUE
            CONSTRAINT fk_wallets_held_id REFERENCES ledger_accounts (id),
        processing_id uuid NOT NULL CONSTRAINT uq_wallets_processing_id UNIQUE
            CONSTRAINT fk_wallets_processing_id REFERENCES ledger_accounts (id),
        opened_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE verified_identities (
        user_id uuid CONSTRAINT pk_verified_identities PRIMARY KEY,
        full_name text NOT NULL,
        cpf text NOT NULL CONSTRAINT ck_verified_identities_cpf CHECK (cpf ~ '^[0-9]{11}$'),
        verified_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE bank_accounts (
        id uuid CONSTRAINT pk_bank_accounts PRIMARY KEY,
        user_id uuid NOT NULL,
        bank_code text NOT NULL,
        branch text NOT NULL,
        account_number text NOT NULL,
        account_type text NOT NULL CONSTRAINT ck_bank_accounts_account_type
            CHECK (account_type IN ('CHECKING', 'SAVINGS', 'PAYMENT')),
        holder_name text NOT NULL,
        holder_cpf text NOT NULL,
        registered_at timestamptz NOT NULL,
        removed_at timestamptz
    )
    """,
    """
    CREATE UNIQUE INDEX uq_bank_accounts_in_use ON bank_accounts (user_id, bank_code, branch, account_number)
    WHERE removed_at IS NULL
    """,
    """
    CREATE TABLE holds (
        id uuid CONSTRAINT pk_holds PRIMARY KEY,
        purpose text NOT NULL,
        reference_id uuid NOT NULL,
        offering_id uuid NOT NULL,
        user_id uuid NOT NULL,
        wallet_id uuid NOT NULL CONSTRAINT fk_holds_wallet_id REFERENCES wallets (id),
        amount_minor bigint NOT NULL CONSTRAINT ck_holds_amount_positive CHECK (amount_minor > 0),
        status text NOT NULL CONSTRAINT ck_holds_status
            CHECK (status IN ('ACTIVE', 'CAPTURED', 'RELEASED', 'EXPIRED')),
        captured_minor bigint NOT NULL,
        placed_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        ended_at timestamptz,
        CONSTRAINT uq_holds_purpose_reference_id UNIQUE (purpose, reference_id),
        CONSTRAINT ck_holds_captured_within_amount CHECK (captured_minor BETWEEN 0 AND amount_minor),
        CONSTRAINT ck_holds_only_captured_ones_used_money CHECK ((status = 'CAPTURED') = (captured_minor > 0)),
        CONSTRAINT ck_holds_ended_once CHECK ((status = 'ACTIVE') = (ended_at IS NULL))
    )
    """,
    "CREATE INDEX ix_holds_offering_active ON holds (offering_id) WHERE status = 'ACTIVE'",
    "CREATE INDEX ix_holds_expires_active ON holds (expires_at) WHERE status = 'ACTIVE'",
    "CREATE INDEX ix_holds_wallet_id ON holds (wallet_id)",
    # A hold that has ended stays as it ended, whoever tries.
    r"""
    CREATE FUNCTION hold_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.status <> 'ACTIVE' THEN
            RAISE EXCEPTION 'hold % has ended as %', OLD.id, OLD.status USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER hold_ends_once BEFORE UPDATE ON holds FOR EACH ROW EXECUTE FUNCTION hold_ends_once()",
    """
    CREATE TABLE hold_requests (
        purpose text NOT NULL,
        reference_id uuid NOT NULL,
        decision text NOT NULL CONSTRAINT ck_hold_requests_decision
            CHECK (decision IN ('PLACED', 'REFUSED', 'CANCELLED')),
        hold_id uuid,
        decided_at timestamptz NOT NULL,
        CONSTRAINT pk_hold_requests PRIMARY KEY (purpose, reference_id)
    )
    """,
    """
    CREATE TABLE offering_fundings (
        offering_id uuid CONSTRAINT pk_offering_fundings PRIMARY KEY,
        status text NOT NULL CONSTRAINT ck_offering_fundings_status
            CHECK (status IN ('OPEN', 'DISBURSED', 'CANCELLED')),
        decided_at timestamptz
    )
    """,
    """
    CREATE TABLE charges (
        id uuid CONSTRAINT pk_charges PRIMARY KEY,
        txid text NOT NULL CONSTRAINT uq_charges_txid UNIQUE
            CONSTRAINT ck_charges_txid CHECK (txid ~ '^[a-zA-Z0-9]{26,35}$'),
        purpose text NOT NULL CONSTRAINT ck_charges_purpose CHECK (purpose IN ('DEPOSIT', 'INSTALLMENT')),
        method text NOT NULL CONSTRAINT ck_charges_method CHECK (method IN ('PIX', 'BOLETO')),
        payer_id uuid NOT NULL,
        installment_id uuid,
        amount_minor bigint NOT NULL CONSTRAINT ck_charges_amount_positive CHECK (amount_minor > 0),
        status text NOT NULL CONSTRAINT ck_charges_status CHECK (status IN ('OPEN', 'PAID', 'CANCELLED')),
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        paid_at timestamptz,
        br_code text,
        barcode text,
        due_on date,
        CONSTRAINT ck_charges_purpose_names_its_installment
            CHECK ((purpose = 'INSTALLMENT') = (installment_id IS NOT NULL)),
        CONSTRAINT ck_charges_paid_says_when CHECK ((status = 'PAID') = (paid_at IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_charges_payer_id ON charges (payer_id, created_at)",
    """
    CREATE UNIQUE INDEX uq_charges_one_open_per_installment ON charges (installment_id)
    WHERE status = 'OPEN' AND installment_id IS NOT NULL
    """,
    """
    CREATE TABLE gateway_payments (
        id uuid CONSTRAINT pk_gateway_payments PRIMARY KEY,
        end_to_end_id text NOT NULL CONSTRAINT uq_gateway_payments_end_to_end_id UNIQUE,
        txid text NOT NULL,
        method text NOT NULL,
        charge_id uuid CONSTRAINT fk_gateway_payments_charge_id REFERENCES charges (id),
        amount_minor bigint NOT NULL CONSTRAINT ck_gateway_payments_amount_positive CHECK (amount_minor > 0),
        paid_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL,
        outcome text NOT NULL CONSTRAINT ck_gateway_payments_outcome
            CHECK (outcome IN ('CREDITED', 'INSTALLMENT', 'SURPLUS', 'QUARANTINED', 'RESOLVED')),
        note text NOT NULL,
        settles_on date NOT NULL,
        settled_at timestamptz
    )
    """,
    "CREATE INDEX ix_gateway_payments_charge_id ON gateway_payments (charge_id)",
    "CREATE INDEX ix_gateway_payments_unsettled ON gateway_payments (settles_on) WHERE settled_at IS NULL",
    "CREATE INDEX ix_gateway_payments_quarantined ON gateway_payments (received_at) WHERE outcome = 'QUARANTINED'",
    """
    CREATE TABLE registered_cprs (
        cpr_id uuid CONSTRAINT pk_registered_cprs PRIMARY KEY,
        farmer_id uuid NOT NULL,
        term_months bigint NOT NULL,
        registered_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE installments (
        id uuid CONSTRAINT pk_installments PRIMARY KEY,
        cpr_id uuid NOT NULL,
        farmer_id uuid NOT NULL,
        number bigint NOT NULL,
        due_on date NOT NULL,
        amount_minor bigint NOT NULL CONSTRAINT ck_installments_amount_positive CHECK (amount_minor > 0)
    )
    """,
    """
    CREATE TABLE installment_payments (
        id uuid CONSTRAINT pk_installment_payments PRIMARY KEY,
        installment_id uuid NOT NULL CONSTRAINT uq_installment_payments_installment_id UNIQUE
            CONSTRAINT fk_installment_payments_installment_id REFERENCES installments (id),
        clearing_id uuid NOT NULL CONSTRAINT uq_installment_payments_clearing_id UNIQUE
            CONSTRAINT fk_installment_payments_clearing_id REFERENCES ledger_accounts (id),
        amount_minor bigint NOT NULL,
        method text NOT NULL CONSTRAINT ck_installment_payments_method
            CHECK (method IN ('PIX', 'BOLETO', 'WALLET')),
        confirmed_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE distribution_parts (
        distribution_id uuid NOT NULL,
        part bigint NOT NULL,
        payment_id uuid NOT NULL
            CONSTRAINT fk_distribution_parts_payment_id REFERENCES installment_payments (id),
        parts bigint NOT NULL,
        credited_at timestamptz NOT NULL,
        CONSTRAINT pk_distribution_parts PRIMARY KEY (distribution_id, part)
    )
    """,
    "CREATE INDEX ix_distribution_parts_payment_id ON distribution_parts (payment_id)",
    """
    CREATE TABLE withdrawals (
        id uuid CONSTRAINT pk_withdrawals PRIMARY KEY,
        user_id uuid NOT NULL,
        wallet_id uuid NOT NULL CONSTRAINT fk_withdrawals_wallet_id REFERENCES wallets (id),
        bank_account_id uuid NOT NULL
            CONSTRAINT fk_withdrawals_bank_account_id REFERENCES bank_accounts (id),
        amount_minor bigint NOT NULL CONSTRAINT ck_withdrawals_amount_positive CHECK (amount_minor > 0),
        status text NOT NULL CONSTRAINT ck_withdrawals_status
            CHECK (status IN ('REQUESTED', 'SENT', 'SETTLED', 'RETURNED')),
        requested_at timestamptz NOT NULL,
        sent_at timestamptz,
        ended_at timestamptz,
        return_reason text
    )
    """,
    "CREATE INDEX ix_withdrawals_user_id ON withdrawals (user_id, requested_at)",
    """
    CREATE INDEX ix_withdrawals_in_flight ON withdrawals (requested_at)
    WHERE status IN ('REQUESTED', 'SENT')
    """,
    """
    CREATE TABLE origination_fee_rates (
        grade text NOT NULL,
        valid_from date NOT NULL,
        rate numeric(9, 6) NOT NULL CONSTRAINT ck_origination_fee_rates_rate CHECK (rate >= 0 AND rate < 1),
        CONSTRAINT pk_origination_fee_rates PRIMARY KEY (grade, valid_from)
    )
    """,
    """
    CREATE TABLE iof_rates (
        instrument text NOT NULL CONSTRAINT ck_iof_rates_instrument
            CHECK (instrument IN ('REGISTERED_CPR', 'GENERAL_NATURAL_PERSON')),
        valid_from date NOT NULL,
        daily_rate numeric(12, 9) NOT NULL,
        days_max bigint NOT NULL,
        additional_rate numeric(9, 6) NOT NULL,
        legal_basis text NOT NULL,
        doubt text NOT NULL,
        CONSTRAINT pk_iof_rates PRIMARY KEY (instrument, valid_from)
    )
    """,
    """
    INSERT INTO origination_fee_rates (grade, valid_from, rate) VALUES
        ('A', '2025-01-01', 0.020), ('B', '2025-01-01', 0.025), ('C', '2025-01-01', 0.030),
        ('D', '2025-01-01', 0.035), ('E', '2025-01-01', 0.040)
    """,
    """
    INSERT INTO iof_rates
        (instrument, valid_from, daily_rate, days_max, additional_rate, legal_basis, doubt) VALUES
        ('REGISTERED_CPR', '2020-04-07', 0, 365, 0,
         'Lei 8.929/1994 and Decreto 6.306/2007: rural credit instruments of producers at rate zero.',
         'Whether the rate of zero holds when the lenders are natural persons on a platform is not settled.'),
        ('GENERAL_NATURAL_PERSON', '2015-01-22', 0.000082, 365, 0.0038,
         'Decreto 6.306/2007, art. 7: 0.0082 % a day, 365 days at most, and 0.38 % once.',
         'Whether IOF on credit is due at all when the lenders are natural persons is not settled.')
    """,
    """
    CREATE TABLE idempotency_keys (
        user_id uuid NOT NULL,
        key text NOT NULL,
        fingerprint bytea NOT NULL,
        result_id uuid NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_idempotency_keys PRIMARY KEY (user_id, key)
    )
    """,
    """
    CREATE TABLE sandbox_charges (
        txid text CONSTRAINT pk_sandbox_charges PRIMARY KEY,
        method text NOT NULL,
        amount_minor bigint NOT NULL,
        code text NOT NULL,
        expires_at timestamptz NOT NULL,
        cancelled_at timestamptz
    )
    """,
    "CREATE INDEX ix_sandbox_charges_code ON sandbox_charges (code)",
    """
    CREATE TABLE sandbox_payments (
        end_to_end_id text CONSTRAINT pk_sandbox_payments PRIMARY KEY,
        txid text NOT NULL,
        method text NOT NULL,
        amount_minor bigint NOT NULL,
        paid_at timestamptz NOT NULL,
        settles_on date NOT NULL
    )
    """,
    "CREATE INDEX ix_sandbox_payments_paid_at ON sandbox_payments (paid_at)",
    """
    CREATE TABLE sandbox_transfers (
        reference text CONSTRAINT pk_sandbox_transfers PRIMARY KEY,
        amount_minor bigint NOT NULL,
        status text NOT NULL,
        reason text,
        ordered_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE sandbox_deliveries (
        id uuid CONSTRAINT pk_sandbox_deliveries PRIMARY KEY,
        body text NOT NULL,
        wrong_signature boolean NOT NULL,
        due_at timestamptz NOT NULL,
        attempts bigint NOT NULL,
        last_error text,
        delivered_at timestamptz
    )
    """,
    "CREATE INDEX ix_sandbox_deliveries_due ON sandbox_deliveries (due_at) WHERE delivered_at IS NULL",
)

TABLES = (
    "sandbox_deliveries",
    "sandbox_transfers",
    "sandbox_payments",
    "sandbox_charges",
    "idempotency_keys",
    "iof_rates",
    "origination_fee_rates",
    "withdrawals",
    "distribution_parts",
    "installment_payments",
    "installments",
    "registered_cprs",
    "gateway_payments",
    "charges",
    "offering_fundings",
    "hold_requests",
    "holds",
    "bank_accounts",
    "verified_identities",
    "wallets",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION hold_ends_once()")
