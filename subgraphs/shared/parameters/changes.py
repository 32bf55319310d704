"""How parameters change: proposed by one of the staff, approved by another, in force from a day to come."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared import proposals
from subgraphs.shared.clock import business_date
from subgraphs.shared.parameters.rules import Parameters, Row, Rule, RuleTable, Values, list_rows
from subgraphs.shared.proposals import Proposal
from subgraphs.shared.refusal import InvalidInput

CHANGE_RULE = "CHANGE_RULE"
KINDS = (CHANGE_RULE,)
ROWS_MAX = 50
YEARS_MAX = 10
"""A day further away is a slip of the pen."""

_SUBJECTS = UUID("5b0c2c0e-4f2e-5a83-9a55-5f8fb2a6c1de")
"""The namespace of what parameters are the rule of."""
REFUSED_BY_THE_DATABASE = ("22", "23")
"""Classes of SQLSTATE: what a value is, and what a constraint says of it."""


@dataclass(frozen=True)
class Change:
    """What somebody wants a rule to say from a day on."""

    rule: str
    valid_from: date
    rows: Sequence[tuple[str, Mapping[str, str]]]
    """Tables, with values by column; the day is not among them."""
    actor_id: UUID
    reason: str
    idempotency_key: str


async def propose_change(session: AsyncSession, parameters: Parameters, change: Change, *, now: datetime) -> Proposal:
    """
    Let another of the staff decide on *change*; the same request again is the first proposal.

    Refuses with InvalidInput, ProposalPending and IdempotencyKeyReused.
    """
    rule = parameters.find_rule(change.rule)
    if rule is None:
        names = ", ".join(rule.name for rule in parameters.rules)
        raise _invalid("rule", f"one of {names}")
    _check_day(change.valid_from, today=business_date(now))
    tables = {table.name: table for table in rule.tables}
    if len(change.rows) > ROWS_MAX:
        raise _invalid("rows", f"at most {ROWS_MAX} rows")
    entries = [_entry(parameters, tables, name, values, change.valid_from) for name, values in change.rows]
    wanted = proposals.ToPropose(
        kind=CHANGE_RULE,
        subject_id=_subject(rule, entries, tables),
        content={"rule": rule.name, "valid_from": change.valid_from.isoformat(), "rows": entries},
        actor_id=change.actor_id,
        reason=change.reason,
        idempotency_key=change.idempotency_key,
    )
    if earlier := await proposals.find_earlier(session, wanted):
        return earlier
    written = await _try(session, entries)
    stated = await list_rows(session, parameters, rule)
    rows = [Row(tables[entry["table"]], entry["values"]) for entry in written]
    _check_rows(rule, rows, {row.known_as for row in stated})
    if rule.check is not None:
        await rule.check(session, [(entry["table"], entry["values"]) for entry in written])
    foreseen = [entry | {"replaces": _replaced(tables, entry, stated)} for entry in written]
    return await proposals.propose(session, wanted, foreseen=foreseen, now=now)


async def approve_change(
    session: AsyncSession, parameters: Parameters, proposal_id: UUID, *, actor_id: UUID, now: datetime
) -> Proposal:
    """
    Put in force what another of the staff has proposed; the same request again finds it done.

    Refuses with ProposalNotOpen, OwnProposal, and InvalidInput when its day is not to come any more.
    """
    proposal = await proposals.lock_to_approve(session, proposal_id, kinds=KINDS, actor_id=actor_id, now=now)
    if proposal.outcome is not None:
        return proposal
    _check_day(date.fromisoformat(proposal.content["valid_from"]), today=business_date(now))
    await _try(session, proposal.content["rows"])
    await proposals.approve(session, proposal, actor_id=actor_id, now=now)
    await session.execute(text("SELECT put_rules_in_force(:id)"), {"id": proposal.id})
    if parameters.tell is not None:
        await parameters.tell(session, date.fromisoformat(proposal.content["valid_from"]))
    return proposal


def _check_day(valid_from: date, *, today: date) -> None:
    if valid_from <= today:
        raise InvalidInput(
            field="validFrom",
            reason="a rule holds from a day to come: what was done by the old one stays right",
            reason_pt="A regra vale a partir de um dia futuro: o que já foi feito segue a anterior.",
        )
    if valid_from.year - today.year > YEARS_MAX:
        raise _invalid("validFrom", f"within {YEARS_MAX} years")


def _entry(
    parameters: Parameters, tables: Mapping[str, RuleTable], name: str, values: Mapping[str, str], valid_from: date
) -> dict[str, Any]:
    table = tables.get(name)
    if table is None:
        raise _invalid("rows", f"each row is of {', '.join(tables)}")
    wanted = set(parameters.columns(table)) - {table.dated}
    if set(values) != wanted:
        raise _invalid("rows", f"a row of {name} has just {', '.join(sorted(wanted))}")
    if any(len(value) > table.characters_max for value in values.values()):
        raise _invalid("rows", f"a value has at most {table.characters_max} characters")
    nullable = {column.name for column in parameters.metadata.tables[name].columns if column.nullable}
    said = {column: None if value == "" and column in nullable else value for column, value in values.items()}
    return {"table": name, "values": {**said, table.dated: valid_from.isoformat()}}


def _check_rows(rule: Rule, rows: Sequence[Row], known: Collection[tuple[str | None, ...]]) -> None:
    if missing := [table.name for table in rule.tables if not any(row.table is table for row in rows)]:
        raise _invalid("rows", f"rows of {', '.join(missing)} belong to it")
    for row in rows:
        if row.known_as not in known:
            raise _invalid("rows", f"nothing reads {' '.join(str(word) for word in row.known_as)}")
        steps = row.table.from_zero
        if steps and not any(other.place == row.place and other.values[steps] == "0" for other in rows):
            raise _invalid("rows", f"the table has a line with {steps} 0")


def _subject(rule: Rule, entries: Sequence[Mapping[str, Any]], tables: Mapping[str, RuleTable]) -> UUID:
    places = {str(Row(tables[entry["table"]], entry["values"]).place) for entry in entries}
    return uuid5(_SUBJECTS, " ".join((rule.name, *sorted(places))))


def _replaced(tables: Mapping[str, RuleTable], entry: Mapping[str, Any], stated: Sequence[Row]) -> Values | None:
    """The row that holds until then, where there is one with the same key."""
    table = tables[entry["table"]]
    new = Row(table, entry["values"])
    held = [row for row in stated if row.place == new.place and row.valid_from < new.valid_from]
    newest = max((row.valid_from for row in held), default=None)
    same = [row for row in held if row.valid_from == newest]
    if len(same) > 1:
        return None
    return same[0].values if same else None


async def _try(session: AsyncSession, entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows as the database would keep them. Refuses with InvalidInput what it would not."""
    try:
        async with session.begin_nested():
            found = await session.scalar(
                text("SELECT try_rules(CAST(:entries AS jsonb))::text"), {"entries": json.dumps(list(entries))}
            )
    except DBAPIError as error:
        cause = error.orig.__cause__ if error.orig else None
        state = getattr(cause, "sqlstate", "")
        if not state.startswith(REFUSED_BY_THE_DATABASE):
            raise
        said = getattr(cause, "constraint_name", None) or getattr(cause, "message", None) or "it is not possible"
        raise _invalid("rows", f"the database refuses this: {str(said)[:200]}") from None
    written: list[dict[str, Any]] = json.loads(found)
    return written


def _invalid(field: str, reason: str) -> InvalidInput:
    return InvalidInput(field=field, reason=reason, reason_pt=f"Valor inválido ({field}): {reason}.")
