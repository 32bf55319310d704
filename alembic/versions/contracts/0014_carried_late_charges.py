"""
Of what a renegotiated schedule carries, each line says how much is fine and interest for being late.

The lines of before say it by the renegotiation that brought them, as they would have been made: the cents that are
carried until a line bring their part of the charges, and a line has what its own step adds.
"""

from alembic import op

revision = "contracts_0014"
down_revision = "contracts_0013"
branch_labels = None
depends_on = None

LATE_UNTIL = """
    round((proposal.late_minor - proposal.waived_minor) * ({carried})
        / greatest(proposal.interest_minor + proposal.late_minor - proposal.waived_minor, 1)::numeric)
"""

UPGRADE = (
    "ALTER TABLE renegotiated_installments ADD COLUMN carried_late_minor bigint NOT NULL DEFAULT 0",
    "ALTER TABLE installments ADD COLUMN carried_late_minor bigint NOT NULL DEFAULT 0",
    "ALTER TABLE renegotiated_installments DISABLE TRIGGER renegotiated_installments_are_facts",
    f"""
    UPDATE renegotiated_installments AS line
       SET carried_late_minor = {LATE_UNTIL.format(carried="reached.until")}
                              - {LATE_UNTIL.format(carried="reached.until - line.carried_minor")}
      FROM renegotiations AS proposal,
           (SELECT id, sum(carried_minor) OVER (PARTITION BY renegotiation_id ORDER BY number) AS until
              FROM renegotiated_installments) AS reached
     WHERE proposal.id = line.renegotiation_id AND reached.id = line.id
    """,  # noqa: S608  # nothing but the text above
    "ALTER TABLE renegotiated_installments ENABLE TRIGGER renegotiated_installments_are_facts",
    """
    UPDATE installments SET carried_late_minor = line.carried_late_minor
      FROM renegotiated_installments AS line WHERE line.id = installments.id
    """,
    """
    ALTER TABLE renegotiated_installments
        ALTER COLUMN carried_late_minor DROP DEFAULT,
        ADD CONSTRAINT ck_renegotiated_installments_carried_late CHECK (
            carried_late_minor BETWEEN 0 AND carried_minor)
    """,
    """
    ALTER TABLE installments
        ALTER COLUMN carried_late_minor DROP DEFAULT,
        ADD CONSTRAINT ck_installments_carried_late CHECK (carried_late_minor BETWEEN 0 AND carried_minor)
    """,
)

INSTALLMENT_MOVES = """
CREATE OR REPLACE FUNCTION installment_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    disbursed boolean := (SELECT disbursed_at IS NOT NULL FROM cprs WHERE id = OLD.cpr_id);
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'installments are not deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF disbursed AND (NEW.cpr_id, NEW.number, NEW.due_on, NEW.principal_minor, NEW.interest_minor,
        NEW.schedule_version, NEW.carried_minor{column}) IS DISTINCT FROM (OLD.cpr_id, OLD.number, OLD.due_on,
        OLD.principal_minor, OLD.interest_minor, OLD.schedule_version, OLD.carried_minor{old_column})
    THEN
        RAISE EXCEPTION 'the schedule of a disbursed CPR is not changed' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status <> OLD.status AND (NOT disbursed OR (OLD.status, NEW.status) NOT IN (
        ('SCHEDULED', 'LATE'), ('SCHEDULED', 'PAID'), ('LATE', 'PAID'), ('SCHEDULED', 'REPLACED'), ('LATE', 'REPLACED')
    )) THEN
        RAISE EXCEPTION 'an installment cannot go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""

RENEGOTIATION_SUMS = """
CREATE OR REPLACE FUNCTION renegotiation_sums() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    target uuid;
    proposal renegotiations;
    planned record;
BEGIN
    IF TG_TABLE_NAME = 'renegotiations' THEN target := NEW.id; ELSE target := NEW.renegotiation_id; END IF;
    SELECT * INTO proposal FROM renegotiations WHERE id = target;
    SELECT coalesce(sum(principal_minor), 0) AS principal, coalesce(sum(carried_minor), 0) AS carried{sum}
      INTO planned FROM renegotiated_installments WHERE renegotiation_id = target;
    IF planned.principal <> proposal.principal_minor OR planned.carried
        <> proposal.interest_minor + proposal.late_minor - proposal.waived_minor{compared} THEN
        RAISE EXCEPTION 'the installments of renegotiation % do not add up to it', target
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _run(
        *UPGRADE,
        INSTALLMENT_MOVES.format(column=", NEW.carried_late_minor", old_column=", OLD.carried_late_minor"),
        RENEGOTIATION_SUMS.format(
            sum=",\n           coalesce(sum(carried_late_minor), 0) AS carried_late",
            compared="\n        OR planned.carried_late <> proposal.late_minor - proposal.waived_minor",
        ),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _run(
        INSTALLMENT_MOVES.format(column="", old_column=""),
        RENEGOTIATION_SUMS.format(sum="", compared=""),
        "ALTER TABLE installments DROP COLUMN carried_late_minor",
        "ALTER TABLE renegotiated_installments DROP COLUMN carried_late_minor",
    )


def _run(*statements: str) -> None:
    for statement in statements:
        op.execute(statement.replace(":=", "\\:="))
