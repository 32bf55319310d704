"""
What the database keeps of dated rules, whoever writes.

- A rule is added, never edited or deleted, and recorded with the hash of the one before.
- A service has no right to add one: `put_rules_in_force` does, for a proposal that two of the staff have agreed on, and
  from a day to come.
- `try_rules` says what rules would look like, or why the database refuses them, and leaves nothing behind.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, LargeBinary, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB


def recorded_rules_table(metadata: MetaData) -> Table:
    """
    Add `recorded_rules` to a domain's *metadata*: rules as they were when they were added, each with the hash of the
    one before. Written by the database.
    """
    return Table(
        "recorded_rules",
        metadata,
        Column("number", BigInteger, primary_key=True, autoincrement=False),
        # The table that it is in.
        Column("rule", Text, nullable=False),
        Column("content", JSONB, nullable=False),
        Column("recorded_at", DateTime(timezone=True), nullable=False),
        # The database's role.
        Column("recorded_by", Text, nullable=False),
        Column("hash", LargeBinary, nullable=False),
    )


_TABLE = """
    CREATE TABLE recorded_rules (
        number bigint CONSTRAINT pk_recorded_rules PRIMARY KEY,
        rule text NOT NULL,
        content jsonb NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL,
        hash bytea NOT NULL
    )
"""
_RECORD = """
    CREATE FUNCTION record_rule(rule_name text, said jsonb) RETURNS void
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    DECLARE
        earlier record;
        place bigint;
        moment timestamptz := clock_timestamp();
    BEGIN
        -- One after the other, so that each knows the one before it.
        PERFORM pg_advisory_xact_lock(hashtextextended('recorded_rules', 0));
        SELECT number, hash INTO earlier FROM recorded_rules ORDER BY number DESC LIMIT 1;
        place := coalesce(earlier.number, 0) + 1;
        INSERT INTO recorded_rules VALUES (place, rule_name, said, moment, session_user, sha256(
            coalesce(earlier.hash, ''::bytea) || convert_to(concat_ws('|', place, rule_name, said,
                (extract(epoch FROM moment) * 1000000)::bigint, session_user), 'UTF8')));
    END $$
"""
_IS_RECORDED = """
    CREATE OR REPLACE FUNCTION rule_is_recorded() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        PERFORM record_rule(TG_TABLE_NAME, to_jsonb(NEW));
        RETURN NULL;
    END $$
"""
_STAYS = """
    CREATE FUNCTION rule_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    BEGIN
        RAISE EXCEPTION 'what % says stays as it was recorded: % refused', TG_TABLE_NAME, TG_OP
            USING ERRCODE = 'restrict_violation';
    END $$
"""
_ADD = """
    CREATE FUNCTION add_rules(entries jsonb) RETURNS jsonb
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    DECLARE
        entry jsonb;
        added jsonb;
        written jsonb := '[]';
    BEGIN
        FOR entry IN SELECT value FROM jsonb_array_elements(entries) LOOP
            IF NOT coalesce(entry ->> 'table' = ANY (ARRAY[{tables}]), false) THEN
                RAISE EXCEPTION '% is no table of rules', entry ->> 'table' USING ERRCODE = 'restrict_violation';
            END IF;
            EXECUTE format('INSERT INTO %1$I AS rule SELECT * FROM jsonb_populate_record(NULL::%1$I, $1) '
                'RETURNING to_jsonb(rule)', entry ->> 'table') INTO added USING entry -> 'values';
            written := written || jsonb_build_object('table', entry -> 'table', 'values',
                (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(added)));
        END LOOP;
        RETURN written;
    END $$
"""
# What is caught undoes what the block has done; what it has found out is kept.
_TRY = """
    CREATE FUNCTION try_rules(entries jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        written jsonb;
    BEGIN
        written := add_rules(entries);
        RAISE EXCEPTION 'only tried' USING ERRCODE = 'PS001';
    EXCEPTION WHEN SQLSTATE 'PS001' THEN
        RETURN written;
    END $$
"""
_PUT = """
    CREATE FUNCTION put_rules_in_force(proposal_id uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        said staff_proposals;
    BEGIN
        SELECT * INTO said FROM staff_proposals WHERE id = proposal_id;
        IF NOT coalesce(said.kind = 'CHANGE_RULE' AND said.outcome = 'APPROVED', false) THEN
            RAISE EXCEPTION 'nobody has approved %', proposal_id USING ERRCODE = 'restrict_violation';
        END IF;
        -- Said by the process when it connects. One that says nothing has no other clock than everybody.
        IF current_setting('peerseed.clock', true) IS DISTINCT FROM 'MOVED'
            AND abs(extract(epoch FROM said.decided_at - clock_timestamp())) > 3600 THEN
            RAISE EXCEPTION 'proposal % was approved at another time', proposal_id USING ERRCODE = 'restrict_violation';
        END IF;
        IF (said.content ->> 'valid_from')::date <= (said.decided_at AT TIME ZONE 'America/Sao_Paulo')::date
            OR EXISTS (
                SELECT FROM jsonb_array_elements(said.content -> 'rows') AS entry
                WHERE coalesce(entry -> 'values' ->> 'valid_from', entry -> 'values' ->> 'effective_from')
                    IS DISTINCT FROM said.content ->> 'valid_from') THEN
            RAISE EXCEPTION 'proposal % begins on no day to come', proposal_id USING ERRCODE = 'restrict_violation';
        END IF;
        PERFORM add_rules(said.content -> 'rows');
    END $$
"""


def _functions(tables: Sequence[str]) -> tuple[str, ...]:
    return _ADD.replace("{tables}", ", ".join(f"'{table}'" for table in tables)), _TRY, _PUT


def record_rules(op: Any, tables: Sequence[str]) -> None:
    """In a domain's migration (*op* is `alembic.op`): its *tables* of rules are recorded from here on, and stay."""
    _run(op, _TABLE, _RECORD, _IS_RECORDED, _STAYS)
    for table in tables:
        _run(
            op,
            f"CREATE TRIGGER rule_is_recorded AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION rule_is_recorded()",
        )
        record_again(op, table)
    for table in (*tables, "recorded_rules"):
        _run(
            op,
            f"CREATE TRIGGER rule_stays BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION rule_stays()",
            f"CREATE TRIGGER rule_stays_whole BEFORE TRUNCATE ON {table} EXECUTE FUNCTION rule_stays()",
        )
    _run(op, *_functions(tables))


def record_also(op: Any, table: str, *, tables: Sequence[str]) -> None:
    """In a later migration: another *table* of rules is recorded and stays as well; with it they are *tables*."""
    _run(
        op,
        f"CREATE TRIGGER rule_is_recorded AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION rule_is_recorded()",
        f"CREATE TRIGGER rule_stays BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION rule_stays()",
        f"CREATE TRIGGER rule_stays_whole BEFORE TRUNCATE ON {table} EXECUTE FUNCTION rule_stays()",
    )
    record_again(op, table)
    know_tables(op, tables)


def know_tables(op: Any, tables: Sequence[str]) -> None:
    """What puts rules in force knows just these from here on."""
    _run(op, _functions(tables)[0].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))


def record_again(op: Any, table: str) -> None:
    """For a migration that adds a column to a table of rules: what it says of the old ones is on record as well."""
    _run(op, f"SELECT record_rule('{table}', to_jsonb(stated)) FROM {table} AS stated")  # noqa: S608  # our own name


def add_to_recorded(op: Any, tables: Sequence[str]) -> None:
    """The same where rules are recorded already (`wallet_0018`): approved ones can be put in force."""
    _run(op, _RECORD, _IS_RECORDED, *_functions(tables))


def drop_functions(op: Any) -> None:
    _run(
        op,
        "DROP FUNCTION put_rules_in_force(uuid)",
        "DROP FUNCTION try_rules(jsonb)",
        "DROP FUNCTION add_rules(jsonb)",
    )


def forget_records(op: Any, tables: Sequence[str]) -> None:
    """The way back of `record_rules`."""
    drop_functions(op)
    for table in tables:
        _run(op, f"DROP TRIGGER rule_is_recorded ON {table}")
    _run(
        op,
        "DROP TABLE recorded_rules",
        "DROP FUNCTION rule_stays() CASCADE",
        "DROP FUNCTION rule_is_recorded()",
        "DROP FUNCTION record_rule(text, jsonb)",
    )


def _run(op: Any, *statements: str) -> None:
    for statement in statements:
        op.execute(statement.replace(":=", "\\:="))
