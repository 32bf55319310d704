"""
A renegotiation brings installments in the place of others, of which no more is owed.

Whether it does is decided once. At commit the new ones bring the principal that was open of the old ones, to the cent,
and what is replaced was not paid; from then on nothing pays it.
"""

from alembic import op

revision = "wallet_0028"
down_revision = "wallet_0027"
branch_labels = None
depends_on = None

FOLLOWS = """
    CREATE OR REPLACE FUNCTION installment_payment_follows() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    DECLARE
        last installment_payments;
        owed bigint := (SELECT amount_minor FROM installments WHERE id = NEW.installment_id{owed});
    BEGIN
        SELECT * INTO last FROM installment_payments WHERE installment_id = NEW.installment_id
        ORDER BY number DESC LIMIT 1;
        IF coalesce(last.pays, false)
            OR NEW.number <> coalesce(last.number, 0) + 1
            OR NEW.late_days < coalesce(last.late_days, 0)
            OR NEW.late_due_minor < coalesce(last.late_due_minor - last.late_minor, 0)
            OR NEW.settled_minor
                <> coalesce(last.settled_minor, 0) + NEW.amount_minor - NEW.late_minor + NEW.reduction_minor
            OR NEW.settled_minor > owed
            OR NEW.pays <> (NEW.settled_minor = owed AND NEW.late_minor = NEW.late_due_minor){unknown} THEN
            RAISE EXCEPTION 'payment % does not follow those before it of installment %', NEW.id, NEW.installment_id
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
"""

UPGRADE = (
    """
    CREATE TABLE schedule_replacements (
        renegotiation_id uuid CONSTRAINT pk_schedule_replacements PRIMARY KEY,
        cpr_id uuid NOT NULL,
        reason text,
        decided_at timestamptz NOT NULL
    )
    """,
    """
    ALTER TABLE installments
        ADD COLUMN carried_minor bigint NOT NULL DEFAULT 0,
        ADD COLUMN brought_by uuid CONSTRAINT fk_installments_brought_by_schedule_replacements
            REFERENCES schedule_replacements (renegotiation_id),
        ADD COLUMN replaced_by uuid CONSTRAINT fk_installments_replaced_by_schedule_replacements
            REFERENCES schedule_replacements (renegotiation_id)
    """,
    """
    ALTER TABLE installments
        ALTER COLUMN carried_minor DROP DEFAULT,
        ADD CONSTRAINT ck_installments_carried_of_interest CHECK (
            carried_minor BETWEEN 0 AND coalesce(interest_minor, 0)),
        ADD CONSTRAINT ck_installments_brought_before_replaced CHECK (brought_by <> replaced_by)
    """,
    "CREATE INDEX ix_installments_brought_by ON installments (brought_by) WHERE brought_by IS NOT NULL",
    "CREATE INDEX ix_installments_replaced_by ON installments (replaced_by) WHERE replaced_by IS NOT NULL",
    "DROP TRIGGER fact_stays ON installments",
    """
    CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE ON installments FOR EACH ROW EXECUTE FUNCTION fact_stays(
        'late_fine_rate', 'late_monthly_rate', 'interest_minor', 'starts_on', 'months', 'monthly_rate', 'replaced_by')
    """,
    """
    CREATE TRIGGER replaced_once BEFORE UPDATE ON installments FOR EACH ROW
    WHEN (OLD.replaced_by IS NOT NULL AND NEW.replaced_by IS DISTINCT FROM OLD.replaced_by)
    EXECUTE FUNCTION fact_goes_on('id')
    """,
    """
    CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE ON schedule_replacements
    FOR EACH ROW EXECUTE FUNCTION fact_stays()
    """,
    """
    CREATE TRIGGER fact_stays_whole BEFORE TRUNCATE ON schedule_replacements EXECUTE FUNCTION fact_stays()
    """,
    # Of installments from before their interest was told the principal is not known, and not compared.
    """
    CREATE FUNCTION schedule_keeps_principal() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    DECLARE
        target uuid;
        made schedule_replacements;
        brought record;
        ended record;
    BEGIN
        target := CASE WHEN TG_TABLE_NAME = 'schedule_replacements' THEN (to_jsonb(NEW) ->> 'renegotiation_id')
            WHEN TG_OP = 'INSERT' THEN (to_jsonb(NEW) ->> 'brought_by')
            ELSE (to_jsonb(NEW) ->> 'replaced_by') END::uuid;
        SELECT * INTO made FROM schedule_replacements WHERE renegotiation_id = target;
        SELECT count(*) AS rows, coalesce(sum(amount_minor - interest_minor), 0) AS principal,
               bool_and(cpr_id = made.cpr_id) AS of_cpr
          INTO brought FROM installments WHERE brought_by = target;
        SELECT count(*) AS rows, bool_or(interest_minor IS NULL) AS unknown,
               bool_or(coalesce(last.pays, false)) AS paid, coalesce(sum(amount_minor - coalesce(last.settled_minor, 0)
                   - greatest(interest_minor - coalesce(last.settled_minor, 0), 0)), 0) AS principal,
               bool_and(cpr_id = made.cpr_id) AS of_cpr
          INTO ended FROM installments
          LEFT JOIN LATERAL (SELECT settled_minor, pays FROM installment_payments
              WHERE installment_id = installments.id ORDER BY number DESC LIMIT 1) AS last ON true
         WHERE replaced_by = target;
        IF (made.reason IS NULL) <> (brought.rows > 0) OR (made.reason IS NULL) <> (ended.rows > 0)
            OR NOT coalesce(brought.of_cpr AND ended.of_cpr, true) OR coalesce(ended.paid, false)
            OR (NOT coalesce(ended.unknown, false) AND brought.principal <> ended.principal) THEN
            RAISE EXCEPTION 'renegotiation % brings % of principal for %', target, brought.principal, ended.principal
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER schedule_keeps_principal AFTER INSERT ON schedule_replacements
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION schedule_keeps_principal()
    """,
    """
    CREATE CONSTRAINT TRIGGER schedule_keeps_principal_brought AFTER INSERT ON installments
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.brought_by IS NOT NULL)
    EXECUTE FUNCTION schedule_keeps_principal()
    """,
    """
    CREATE CONSTRAINT TRIGGER schedule_keeps_principal_replaced AFTER UPDATE ON installments
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.replaced_by IS DISTINCT FROM OLD.replaced_by)
    EXECUTE FUNCTION schedule_keeps_principal()
    """,
    FOLLOWS.replace("{owed}", " AND replaced_by IS NULL").replace("{unknown}", " OR owed IS NULL"),
)

DOWNGRADE = (
    """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM schedule_replacements) THEN
            RAISE EXCEPTION 'CPRs were renegotiated: what is owed since would be forgotten'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END $$
    """,
    FOLLOWS.replace("{owed}", "").replace("{unknown}", ""),
    "DROP TRIGGER schedule_keeps_principal_brought ON installments",
    "DROP TRIGGER schedule_keeps_principal_replaced ON installments",
    "DROP TRIGGER replaced_once ON installments",
    "DROP TRIGGER fact_stays ON installments",
    """
    CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE ON installments FOR EACH ROW EXECUTE FUNCTION fact_stays(
        'late_fine_rate', 'late_monthly_rate', 'interest_minor', 'starts_on', 'months', 'monthly_rate')
    """,
    "ALTER TABLE installments DROP COLUMN carried_minor, DROP COLUMN brought_by, DROP COLUMN replaced_by",
    "DROP TABLE schedule_replacements",
    "DROP FUNCTION schedule_keeps_principal",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement.replace(":=", "\\:="))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in DOWNGRADE:
        op.execute(statement.replace(":=", "\\:="))
