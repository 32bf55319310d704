"""
An offering's counters are compared with its investments by what a transaction changes in both.

The sum of all its investments took as long as the offering was popular, under its lock, at each commit; it is taken
beside the service now, every day.
"""

from alembic import op

revision = "marketplace_0013"
down_revision = "marketplace_0012"
branch_labels = None
depends_on = None

# By offering: by how much the counters are ahead of the investments, as far as this transaction changed them. Looking
# costs as much as the transaction has offerings, which are a few.
NOTE = """
CREATE FUNCTION note_quotas_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed  jsonb := coalesce(nullif(current_setting('peerseed.quotas_changed', true), ''), '{}')::jsonb;
    subject  text;
    reserved bigint;
    funded   bigint;
BEGIN
    IF TG_TABLE_NAME = 'offerings' THEN
        subject := NEW.id;
        reserved := NEW.reserved_quotas - coalesce(OLD.reserved_quotas, 0);
        funded := NEW.funded_quotas - coalesce(OLD.funded_quotas, 0);
    ELSE
        subject := NEW.offering_id;
        reserved := coalesce(OLD.quota_count * (OLD.status IN ('PENDING', 'CONFIRMED', 'ACTIVE', 'SETTLED'))::int, 0)
                  - NEW.quota_count * (NEW.status IN ('PENDING', 'CONFIRMED', 'ACTIVE', 'SETTLED'))::int;
        funded := coalesce(OLD.quota_count * (OLD.status IN ('CONFIRMED', 'ACTIVE', 'SETTLED'))::int, 0)
                - NEW.quota_count * (NEW.status IN ('CONFIRMED', 'ACTIVE', 'SETTLED'))::int;
    END IF;
    IF reserved <> 0 OR funded <> 0 THEN
        reserved := reserved + coalesce((changed -> subject ->> 0)::bigint, 0);
        funded := funded + coalesce((changed -> subject ->> 1)::bigint, 0);
        changed := changed || jsonb_build_object(subject, jsonb_build_array(reserved, funded));
        PERFORM set_config('peerseed.quotas_changed', changed::text, true);
    END IF;
    RETURN NULL;
END $$
"""
CHECK = """
CREATE FUNCTION check_quotas_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    subject text;
    ahead   jsonb;
BEGIN
    IF TG_TABLE_NAME = 'offerings' THEN subject := NEW.id; ELSE subject := NEW.offering_id; END IF;
    ahead := coalesce(nullif(current_setting('peerseed.quotas_changed', true), ''), '{}')::jsonb -> subject;
    IF ahead <> '[0, 0]' THEN
        RAISE EXCEPTION 'offering % counts % reserved and % funded quotas more than its investments', subject,
            ahead ->> 0, ahead ->> 1
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'offering_quotas_add_up';
    END IF;
    RETURN NULL;
END $$
"""
TRIGGERS = [
    trigger
    for table, columns in (("offerings", "reserved_quotas, funded_quotas"), ("investments", "status"))
    for trigger in (
        f"""
        CREATE TRIGGER quotas_changed AFTER INSERT OR UPDATE OF {columns} ON {table}
        FOR EACH ROW EXECUTE FUNCTION note_quotas_changed()
        """,
        f"""
        CREATE CONSTRAINT TRIGGER offering_quotas_add_up AFTER INSERT OR UPDATE OF {columns} ON {table}
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_quotas_changed()
        """,
    )
]

# As it was before.
CHECK_ALL = """
CREATE FUNCTION check_offering_quotas() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    subject  uuid;
    checked  text;
    counted  record;
    offering record;
BEGIN
    IF TG_TABLE_NAME = 'offerings' THEN subject := NEW.id; ELSE subject := NEW.offering_id; END IF;
    checked := pg_current_xact_id()::text || ' ' || subject::text;
    IF current_setting('peerseed.quotas_checked', true) = checked THEN
        RETURN NULL;
    END IF;
    SELECT reserved_quotas, funded_quotas INTO offering FROM offerings WHERE id = subject;
    SELECT coalesce(sum(quota_count), 0) AS reserved,
           coalesce(sum(quota_count) FILTER (WHERE status <> 'PENDING'), 0) AS funded
      INTO counted
      FROM investments
     WHERE offering_id = subject AND status IN ('PENDING', 'CONFIRMED', 'ACTIVE', 'SETTLED');
    IF offering.reserved_quotas <> counted.reserved OR offering.funded_quotas <> counted.funded THEN
        RAISE EXCEPTION 'offering % says % reserved and % funded quotas, its investments % and %', subject,
            offering.reserved_quotas, offering.funded_quotas, counted.reserved, counted.funded
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'offering_quotas_add_up';
    END IF;
    PERFORM set_config('peerseed.quotas_checked', checked, true);
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("offerings", "investments"):
        op.execute(f"DROP TRIGGER offering_quotas_add_up ON {table}")
    op.execute("DROP FUNCTION check_offering_quotas()")
    for statement in (NOTE, CHECK, *TRIGGERS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP FUNCTION check_quotas_changed() CASCADE")
    op.execute("DROP FUNCTION note_quotas_changed() CASCADE")
    op.execute(CHECK_ALL)
    for table in ("offerings", "investments"):
        op.execute(f"""
            CREATE CONSTRAINT TRIGGER offering_quotas_add_up AFTER INSERT OR UPDATE ON {table}
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_offering_quotas()
        """)
