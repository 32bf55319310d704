"""
What a renegotiation carried of fine and interest for being late is late charge of a payment too, and no interest.

Schedules that were told before say nothing of it: of these it stays interest, as it was.
"""

from alembic import op

revision = "distribution_0010"
down_revision = "distribution_0009"
branch_labels = None
depends_on = None

FITS = """
    CREATE OR REPLACE FUNCTION check_distribution_fits() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        owed  record;
        given record;
    BEGIN
        SELECT principal_minor, interest_minor{owed} INTO owed FROM installments WHERE id = NEW.installment_id;
        SELECT coalesce(sum(principal_minor), 0) AS principal,
               coalesce(sum(interest_minor - late_charge_minor), 0) AS interest{given}
          INTO given FROM distributions WHERE installment_id = NEW.installment_id;
        IF given.principal + NEW.principal_minor > owed.principal_minor
            OR given.interest + NEW.interest_minor - NEW.late_charge_minor > owed.interest_minor{compared} THEN
            RAISE EXCEPTION 'distribution % is of more than is left of its installment', NEW.id
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'distribution_fits';
        END IF;
        RETURN NEW;
    END $$
"""

UPGRADE = (
    "ALTER TABLE installments ADD COLUMN carried_late_minor bigint NOT NULL DEFAULT 0",
    "ALTER TABLE distributions ADD COLUMN carried_late_minor bigint NOT NULL DEFAULT 0",
    """
    ALTER TABLE installments
        ALTER COLUMN carried_late_minor DROP DEFAULT,
        ADD CONSTRAINT ck_installments_carried_late_is_interest CHECK (carried_late_minor BETWEEN 0 AND interest_minor)
    """,
    """
    ALTER TABLE distributions
        ALTER COLUMN carried_late_minor DROP DEFAULT,
        ADD CONSTRAINT ck_distributions_carried_late_is_late_charge CHECK (
            carried_late_minor BETWEEN 0 AND late_charge_minor)
    """,
    # Interest of its own an installment brings no more than it has beside what it carries, and of that no more either.
    FITS.format(
        owed=" - carried_late_minor AS interest_minor, carried_late_minor",
        given=",\n               coalesce(sum(carried_late_minor), 0) AS carried_late",
        compared="\n            OR given.carried_late + NEW.carried_late_minor > owed.carried_late_minor",
    ),
)

DOWNGRADE = (
    """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM installments WHERE carried_late_minor > 0) THEN
            RAISE EXCEPTION 'late charges were carried into schedules: the fee would be taken of them'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END $$
    """,
    FITS.format(owed="", given="", compared=""),
    "ALTER TABLE distributions DROP COLUMN carried_late_minor",
    "ALTER TABLE installments DROP COLUMN carried_late_minor",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in DOWNGRADE:
        op.execute(statement)
