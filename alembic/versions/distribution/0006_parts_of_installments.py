"""
An installment may be paid in parts, each of which is distributed; together they bring no more than it has.
"""

from alembic import op

revision = "distribution_0006"
down_revision = "distribution_0005"
branch_labels = None
depends_on = None

UPGRADE = (
    "ALTER TABLE distributions ADD COLUMN number bigint NOT NULL DEFAULT 1",
    "ALTER TABLE distributions ALTER COLUMN number DROP DEFAULT",
    "ALTER TABLE distributions DROP CONSTRAINT uq_distributions_installment_id",
    """
    ALTER TABLE distributions
        ADD CONSTRAINT uq_distributions_installment_id_number UNIQUE (installment_id, number),
        ADD CONSTRAINT ck_distributions_numbered CHECK (number > 0)
    """,
    # The installment's row is locked by who distributes, so that two parts of it see each other.
    """
    CREATE FUNCTION check_distribution_fits() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        owed  record;
        given record;
    BEGIN
        SELECT principal_minor, interest_minor INTO owed FROM installments WHERE id = NEW.installment_id;
        SELECT coalesce(sum(principal_minor), 0) AS principal,
               coalesce(sum(interest_minor - late_charge_minor), 0) AS interest
          INTO given FROM distributions WHERE installment_id = NEW.installment_id;
        IF given.principal + NEW.principal_minor > owed.principal_minor
            OR given.interest + NEW.interest_minor - NEW.late_charge_minor > owed.interest_minor THEN
            RAISE EXCEPTION 'distribution % is of more than is left of its installment', NEW.id
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'distribution_fits';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER distribution_fits BEFORE INSERT ON distributions
    FOR EACH ROW EXECUTE FUNCTION check_distribution_fits()
    """,
)

DOWNGRADE = (
    """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM distributions WHERE number > 1) THEN
            RAISE EXCEPTION 'installments were paid in parts: one distribution each is not all of them'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END $$
    """,
    "DROP TRIGGER distribution_fits ON distributions",
    "DROP FUNCTION check_distribution_fits",
    """
    ALTER TABLE distributions DROP COLUMN number,
        ADD CONSTRAINT uq_distributions_installment_id UNIQUE (installment_id)
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in DOWNGRADE:
        op.execute(statement)
