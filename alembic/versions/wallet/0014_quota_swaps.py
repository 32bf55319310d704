"""
Quotas change hands in the transaction that moves their price.

- A swap and its transfer exist together or not at all (checked at commit), and the transfer moves just its price, from
  the buyer to the seller, the fee and the tax.
- Nobody sells more quotas of a position than are in it: the trigger counts them, the service cannot.
- The swaps of a CPR are numbered without gaps under one row's lock, which a payment of the CPR takes as well: so each
  payment says how many swaps came before it, and with that, who held.
- Swaps and positions are facts, never changed or removed. There is a position for money that was lent, or for a swap.
"""

from alembic import op

revision = "wallet_0014"
down_revision = "wallet_0013"
branch_labels = None
depends_on = None

UPGRADE = (
    "ALTER TABLE ledger_accounts DROP CONSTRAINT ck_ledger_accounts_kind",
    """
    ALTER TABLE ledger_accounts ADD CONSTRAINT ck_ledger_accounts_kind CHECK (kind IN (
        'AVAILABLE', 'HELD', 'PROCESSING', 'GATEWAY', 'BANK', 'SUSPENSE', 'ESCROW', 'DISTRIBUTION',
        'ORIGINATION_FEE', 'PERFORMANCE_FEE', 'SECONDARY_FEE', 'IOF_PAYABLE', 'INCOME_TAX_PAYABLE')) NOT VALID
    """,
    "ALTER TABLE ledger_transfers DROP CONSTRAINT ck_ledger_transfers_kind",
    """
    ALTER TABLE ledger_transfers ADD CONSTRAINT ck_ledger_transfers_kind CHECK (kind IN (
        'DEPOSIT', 'SURPLUS', 'SUSPENSE', 'SUSPENSE_RESOLVED', 'SUSPENSE_PAID_OUT', 'HOLD', 'HOLD_RELEASE',
        'HOLD_CAPTURE', 'DISBURSEMENT', 'INSTALLMENT_PAYMENT', 'PAYOUT', 'QUOTA_SWAP', 'WITHDRAWAL', 'WITHDRAWAL_SENT',
        'WITHDRAWAL_RETURN', 'GATEWAY_SETTLEMENT', 'REVERSAL')) NOT VALID
    """,
    """
    INSERT INTO ledger_accounts (id, code, kind, normal_side, may_go_negative) VALUES
        ('ffffffff-0000-8000-8000-000000000008', 'secondary_fee', 'SECONDARY_FEE', 'CREDIT', false)
    ON CONFLICT DO NOTHING
    """,
    """
    CREATE TABLE quota_registers (
        cpr_id uuid CONSTRAINT pk_quota_registers PRIMARY KEY,
        swap_count bigint NOT NULL CONSTRAINT ck_quota_registers_not_negative CHECK (swap_count >= 0)
    )
    """,
    """
    CREATE TABLE quota_positions (
        id uuid CONSTRAINT pk_quota_positions PRIMARY KEY,
        investment_id uuid NOT NULL,
        cpr_id uuid NOT NULL CONSTRAINT fk_quota_positions_cpr_id_quota_registers REFERENCES quota_registers (cpr_id),
        owner_id uuid NOT NULL,
        quota_count bigint NOT NULL,
        sold_quotas bigint NOT NULL,
        cost_minor bigint NOT NULL,
        acquired_at timestamptz NOT NULL,
        CONSTRAINT ck_quota_positions_positive CHECK (quota_count > 0 AND cost_minor > 0),
        CONSTRAINT ck_quota_positions_never_oversold CHECK (sold_quotas BETWEEN 0 AND quota_count)
    )
    """,
    "CREATE INDEX ix_quota_positions_cpr_id ON quota_positions (cpr_id)",
    """
    CREATE TABLE quota_swaps (
        id uuid CONSTRAINT pk_quota_swaps PRIMARY KEY,
        cpr_id uuid NOT NULL CONSTRAINT fk_quota_swaps_cpr_id_quota_registers REFERENCES quota_registers (cpr_id),
        number bigint NOT NULL,
        seller_position_id uuid NOT NULL
            CONSTRAINT fk_quota_swaps_seller_position_id_quota_positions REFERENCES quota_positions (id),
        seller_id uuid NOT NULL,
        buyer_id uuid NOT NULL,
        quota_count bigint NOT NULL,
        price_minor bigint NOT NULL,
        cost_minor bigint NOT NULL,
        fee_minor bigint NOT NULL,
        tax_minor bigint NOT NULL,
        held_days bigint NOT NULL,
        transfer_id uuid NOT NULL CONSTRAINT uq_quota_swaps_transfer_id UNIQUE
            CONSTRAINT fk_quota_swaps_transfer_id_ledger_transfers REFERENCES ledger_transfers (id),
        swapped_at timestamptz NOT NULL,
        CONSTRAINT uq_quota_swaps_cpr_id_number UNIQUE (cpr_id, number),
        CONSTRAINT ck_quota_swaps_positive CHECK (quota_count > 0 AND price_minor > 0 AND number > 0),
        CONSTRAINT ck_quota_swaps_deductions CHECK (
            cost_minor >= 0 AND fee_minor >= 0 AND tax_minor >= 0 AND fee_minor + tax_minor < price_minor),
        CONSTRAINT ck_quota_swaps_not_with_oneself CHECK (seller_id <> buyer_id)
    )
    """,
    "CREATE INDEX ix_quota_swaps_seller_position_id ON quota_swaps (seller_position_id)",
    """
    CREATE TABLE swap_requests (
        purchase_id uuid CONSTRAINT pk_swap_requests PRIMARY KEY,
        reason text,
        decided_at timestamptz NOT NULL
    )
    """,
    # NULL of those that were placed before: only the marketplace knows it of them.
    "ALTER TABLE holds ADD COLUMN quota_count bigint CONSTRAINT ck_holds_quota_count_positive CHECK (quota_count > 0)",
    "ALTER TABLE installment_payments ADD COLUMN swaps_before bigint NOT NULL DEFAULT 0",
    "ALTER TABLE installment_payments ALTER COLUMN swaps_before DROP DEFAULT",
    """
    CREATE TABLE secondary_fee_rates (
        valid_from date CONSTRAINT pk_secondary_fee_rates PRIMARY KEY,
        rate numeric(9, 6) NOT NULL
            CONSTRAINT ck_secondary_fee_rates_within_agreed_range CHECK (rate BETWEEN 0.01 AND 0.015),
        note text NOT NULL
    )
    """,
    """
    CREATE TABLE gain_tax_rules (
        valid_from date CONSTRAINT pk_gain_tax_rules PRIMARY KEY,
        treatment text NOT NULL
            CONSTRAINT ck_gain_tax_rules_treatment_known CHECK (treatment IN ('EXEMPT', 'REGRESSIVE')),
        legal_basis text NOT NULL,
        doubt text NOT NULL
    )
    """,
    """
    CREATE TABLE gain_tax_brackets (
        valid_from date NOT NULL,
        days_from bigint NOT NULL CONSTRAINT ck_gain_tax_brackets_days CHECK (days_from >= 0),
        rate numeric(9, 6) NOT NULL CONSTRAINT ck_gain_tax_brackets_rate CHECK (rate >= 0 AND rate < 1),
        CONSTRAINT pk_gain_tax_brackets PRIMARY KEY (valid_from, days_from)
    )
    """,
    """
    INSERT INTO secondary_fee_rates VALUES
        ('2020-01-01', 0.01, 'The agreed range is 1 to 1.5 % of the price; the seller pays it out of the price.')
    """,
    """
    INSERT INTO gain_tax_rules VALUES
        ('2020-01-01', 'EXEMPT',
         'Lei 11.033/2004 art. 3 V; IN RFB 1.585/2015 art. 55, which names the gain of a sale as well.',
         'Whether a quota of a registered CPR sold on the platform counts as one traded in the financial market; if '
         'not, the regressive table applies to the gain.')
    """,
    """
    INSERT INTO gain_tax_brackets VALUES
        ('2020-01-01', 0, 0.225), ('2020-01-01', 181, 0.20), ('2020-01-01', 361, 0.175), ('2020-01-01', 721, 0.15)
    """,
    # SECURITY DEFINER: the service may read and add; only these functions count what is sold and number the swaps.
    """
    CREATE FUNCTION quota_swap_count() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        UPDATE quota_registers SET swap_count = swap_count + 1 WHERE cpr_id = NEW.cpr_id
        RETURNING swap_count INTO NEW.number;
        UPDATE quota_positions SET sold_quotas = sold_quotas + NEW.quota_count
        WHERE id = NEW.seller_position_id AND owner_id = NEW.seller_id AND cpr_id = NEW.cpr_id;
        IF NOT FOUND THEN
            RAISE EXCEPTION '% does not hold position % of CPR %', NEW.seller_id, NEW.seller_position_id, NEW.cpr_id
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER quota_swap_count BEFORE INSERT ON quota_swaps
    FOR EACH ROW EXECUTE FUNCTION quota_swap_count()
    """,
    """
    CREATE FUNCTION quota_positions_keep() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        sold numeric;
    BEGIN
        IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'sold_quotas' <> to_jsonb(NEW) - 'sold_quotas')
        THEN
            RAISE EXCEPTION 'quota position % stays as it is', OLD.id USING ERRCODE = 'restrict_violation';
        END IF;
        SELECT coalesce(sum(quota_count), 0) INTO sold FROM quota_swaps WHERE seller_position_id = NEW.id;
        IF sold <> (SELECT sold_quotas FROM quota_positions WHERE id = NEW.id) THEN
            RAISE EXCEPTION 'what is sold of quota position % is %', NEW.id, sold USING ERRCODE = 'restrict_violation';
        END IF;
        IF TG_OP = 'INSERT' AND NOT EXISTS (SELECT FROM quota_swaps WHERE id = NEW.id) AND NOT EXISTS (
            SELECT FROM holds WHERE purpose = 'investment' AND reference_id = NEW.id AND NEW.investment_id = NEW.id
                AND user_id = NEW.owner_id AND captured_minor = NEW.cost_minor
                AND coalesce(quota_count, NEW.quota_count) = NEW.quota_count) THEN
            RAISE EXCEPTION 'nothing was lent or paid for quota position %', NEW.id
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER quota_positions_keep AFTER INSERT OR UPDATE OR DELETE ON quota_positions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION quota_positions_keep()
    """,
    """
    CREATE TRIGGER quota_swaps_refuse_change BEFORE UPDATE OR DELETE ON quota_swaps
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()
    """,
    """
    CREATE TRIGGER swap_requests_refuse_change BEFORE UPDATE OR DELETE ON swap_requests
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()
    """,
    # Who buys has the quotas and the seller has the money, and both are of this transfer; asked when all is written.
    """
    CREATE FUNCTION quota_swap_moves_its_price() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        swap quota_swaps;
        moved record;
    BEGIN
        IF TG_TABLE_NAME = 'quota_swaps' THEN
            swap := NEW;
        ELSE
            SELECT * INTO swap FROM quota_swaps WHERE transfer_id = NEW.id;
        END IF;
        SELECT transfer.id,
               sum(entry.amount_minor) FILTER (WHERE entry.side = 'DEBIT' AND account.kind = 'AVAILABLE'
                   AND account.owner_id = swap.buyer_id) AS paid,
               sum(entry.amount_minor) FILTER (WHERE entry.side = 'DEBIT') AS whole,
               sum(entry.amount_minor) FILTER (WHERE entry.side = 'CREDIT' AND (account.kind = 'SUSPENSE'
                   OR (account.kind = 'AVAILABLE' AND account.owner_id = swap.seller_id))) AS net,
               coalesce(sum(entry.amount_minor) FILTER (WHERE entry.side = 'CREDIT'
                   AND account.kind = 'SECONDARY_FEE'), 0) AS fee,
               coalesce(sum(entry.amount_minor) FILTER (WHERE entry.side = 'CREDIT'
                   AND account.kind = 'INCOME_TAX_PAYABLE'), 0) AS tax
          INTO moved
          FROM ledger_transfers AS transfer
          JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
          JOIN ledger_accounts AS account ON account.id = entry.account_id
         WHERE transfer.id = swap.transfer_id AND transfer.kind = 'QUOTA_SWAP' AND transfer.cause_id = swap.id
         GROUP BY transfer.id;
        IF moved IS NULL OR (moved.paid, moved.whole, moved.net, moved.fee, moved.tax) IS DISTINCT FROM
            (swap.price_minor::numeric, swap.price_minor::numeric,
             (swap.price_minor - swap.fee_minor - swap.tax_minor)::numeric, swap.fee_minor::numeric,
             swap.tax_minor::numeric) THEN
            RAISE EXCEPTION 'swap % does not move its price', NEW.id USING ERRCODE = 'restrict_violation';
        END IF;
        IF NOT EXISTS (SELECT FROM quota_positions WHERE id = swap.id AND owner_id = swap.buyer_id
            AND cpr_id = swap.cpr_id AND quota_count = swap.quota_count AND cost_minor = swap.price_minor) THEN
            RAISE EXCEPTION 'swap % gives its buyer no quotas', NEW.id USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER quota_swap_moves_its_price AFTER INSERT ON quota_swaps
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION quota_swap_moves_its_price()
    """,
    """
    CREATE CONSTRAINT TRIGGER quota_swap_moves_its_price AFTER INSERT ON ledger_transfers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'QUOTA_SWAP')
    EXECUTE FUNCTION quota_swap_moves_its_price()
    """,
    # The service may add and read here, and locks by this.
    """
    CREATE FUNCTION lock_quota_register(wanted uuid) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        swaps bigint;
    BEGIN
        INSERT INTO quota_registers (cpr_id, swap_count) VALUES (wanted, 0) ON CONFLICT DO NOTHING;
        SELECT swap_count INTO swaps FROM quota_registers WHERE cpr_id = wanted FOR UPDATE;
        RETURN swaps;
    END $$
    """,
)

DOWNGRADE = (
    "DROP TRIGGER quota_swap_moves_its_price ON ledger_transfers",
    "DROP TABLE swap_requests",
    "DROP TABLE quota_swaps",
    "DROP TABLE quota_positions",
    "DROP FUNCTION lock_quota_register",
    "DROP TABLE quota_registers",
    "DROP FUNCTION quota_swap_moves_its_price",
    "DROP FUNCTION quota_positions_keep",
    "DROP FUNCTION quota_swap_count",
    "DROP TABLE gain_tax_brackets",
    "DROP TABLE gain_tax_rules",
    "DROP TABLE secondary_fee_rates",
    "ALTER TABLE installment_payments DROP COLUMN swaps_before",
    "ALTER TABLE holds DROP COLUMN quota_count",
    "ALTER TABLE ledger_transfers DROP CONSTRAINT ck_ledger_transfers_kind",
    """
    ALTER TABLE ledger_transfers ADD CONSTRAINT ck_ledger_transfers_kind CHECK (kind IN (
        'DEPOSIT', 'SURPLUS', 'SUSPENSE', 'SUSPENSE_RESOLVED', 'SUSPENSE_PAID_OUT', 'HOLD', 'HOLD_RELEASE',
        'HOLD_CAPTURE', 'DISBURSEMENT', 'INSTALLMENT_PAYMENT', 'PAYOUT', 'WITHDRAWAL', 'WITHDRAWAL_SENT',
        'WITHDRAWAL_RETURN', 'GATEWAY_SETTLEMENT', 'REVERSAL')) NOT VALID
    """,
    # The account stays, as all do: one that was opened is never closed.
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement.replace(":=", "\\:="))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in DOWNGRADE:
        op.execute(statement)
