"""
Whether an outcome is right: cents that are off, things that are lost or half done, things that are there twice.

Judged are answers against each other: those of the world outside, of each domain, of people's wallets as they see
them, and what people were answered while the plan was played.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from launch.queues import read_queues
from tests.chaos.outcome import Outcome, Row
from tests.chaos.questions import SAME, TOLD, WITHOUT_INBOX


class Wrong(StrEnum):
    CENTS = "cents off"
    LOST = "lost"
    TWICE = "twice"


@dataclass(frozen=True)
class Finding:
    wrong: Wrong
    count: int
    """Cents, or things."""
    text: str


def judge(outcome: Outcome) -> list[Finding]:
    """Everything that is wrong; nothing of a clean outcome."""
    return [
        *_books(outcome),
        *_conservation(outcome),
        *(finding for one, other in SAME for finding in _same(outcome, one, other)),
        *_wallets_seen(outcome),
        *_accepted(outcome),
        *_unfinished(outcome),
        *_told(outcome),
        *_events(outcome),
    ]


def total(findings: Iterable[Finding], wrong: Wrong) -> int:
    return sum(finding.count for finding in findings if finding.wrong is wrong)


def _books(outcome: Outcome) -> Iterator[Finding]:
    if outcome.books:
        yield Finding(Wrong.CENTS, 1, f"the books do not balance: {outcome.books}")


def _conservation(outcome: Outcome) -> Iterator[Finding]:
    """Money in less money out is what we have, and what we have is somebody's."""
    came = _sum(outcome, "paid at banks")
    went = sum(_sum(outcome, name) for name in OUT)
    balances = {str(kind): int(cents) for kind, cents in outcome.answers["balances"]}
    ours = sum(balances.pop(kind, 0) for kind in OURS)
    owed_by_people = balances.pop("PERSON_DEBTS", 0)
    owed = sum(balances.values()) - owed_by_people
    if ours != came - went:
        text = f"{came} came and {went} went, so {came - went} must be with the gateway and our bank: {ours} is"
        yield Finding(Wrong.CENTS, abs(ours - came + went), text)
    if owed != ours:
        yield Finding(Wrong.CENTS, abs(owed - ours), f"{ours} is with the gateway and our bank, {owed} is somebody's")


OUT = (
    "arrived at banks", "given back by the gateway", "taken back by banks", "taxes at the state", "undone by staff",
)  # fmt: skip
"""What is undone by staff never came, as far as the ledger goes."""
OURS = ("GATEWAY", "BANK")


def _sum(outcome: Outcome, name: str) -> int:
    return sum(int(row[1]) * times for row, times in outcome.answers[name].items())


def _same(outcome: Outcome, one: str, other: str) -> Iterator[Finding]:
    yield from compare(outcome.answers[one], outcome.answers[other], f"{one} / {other}")


def compare(expected: Counter[Row], found: Counter[Row], what: str) -> Iterator[Finding]:
    """What is missing of *expected*, what is too much in *found*, and the cents by which rows of one thing differ."""
    missing, surplus = expected - found, found - expected
    for row in sorted(missing.elements(), key=str):
        named = next((other for other in surplus if other[:1] == row[:1] and len(row) > 1), None)
        if named is None:
            yield Finding(Wrong.LOST, 1, f"{what}: {_printed(row)} is missing")
        else:
            surplus -= Counter([named])
            yield Finding(Wrong.CENTS, _cents(row, named), f"{what}: {_printed(row)} is {_printed(named)}")
    for row in sorted(surplus.elements(), key=str):
        yield Finding(Wrong.TWICE, 1, f"{what}: {_printed(row)} is too much")


def _cents(row: Row, other: Row) -> int:
    """By how much two rows of one thing differ; something even if only whose it is differs."""
    return sum(abs(a - b) for a, b in zip(row, other, strict=True) if isinstance(a, int) and isinstance(b, int)) or 1


def _printed(row: Sequence[object]) -> str:
    return " ".join(str(value) for value in row)


def _wallets_seen(outcome: Outcome) -> Iterator[Finding]:
    players = {row[0] for row in outcome.seen}
    of_players = Counter({row: times for row, times in outcome.answers["wallets"].items() if row[0] in players})
    yield from compare(of_players, outcome.seen, "wallets / what people see")


def _accepted(outcome: Outcome) -> Iterator[Finding]:
    for text in outcome.journal.contradictions:
        yield Finding(Wrong.TWICE, 1, text)
    for typename, found in outcome.effects.items():
        accepted = outcome.journal.ids(typename)
        yield from compare(
            Counter((id_,) for id_ in accepted), Counter((id_,) for id_ in found), f"{typename} accepted"
        )


def _unfinished(outcome: Outcome) -> Iterator[Finding]:
    for what, rows in outcome.unfinished.items():
        for row in sorted(rows, key=str):
            yield Finding(Wrong.LOST, 1, f"{what}: {_printed(row)}")
    for event in outcome.unsent:
        yield Finding(Wrong.LOST, 1, f"an event was never sent: {_printed(event)}")
    for letter in outcome.dead_letters:
        yield Finding(Wrong.LOST, 1, f"a dead letter: {letter}")


def _told(outcome: Outcome) -> Iterator[Finding]:
    """Everybody was told of each thing once; of titles that are listed, nobody of anything else."""
    for title in TOLD:
        told = Counter({row[1:]: times for row, times in outcome.told.items() if row[0] == title})
        yield from compare(_as_pairs(outcome.to_be_told[title]), _as_pairs(told), f"told “{title}”")


def _as_pairs(rows: Counter[Row]) -> Counter[Row]:
    """Person and subject as one name: telling another person is no difference of cents."""
    return Counter({(f"{person} of {subject}",): times for (person, subject), times in rows.items()})


def _events(outcome: Outcome) -> Iterator[Finding]:
    """Everybody who is to hear of a fact has acted on it. That they did so once is their inbox's primary key."""
    listeners: dict[str, list[str]] = {}
    for binding in read_queues():
        for type_ in binding.types if binding.queue not in WITHOUT_INBOX else ():
            listeners.setdefault(type_, []).append(binding.queue)
    for event_id, type_ in sorted(outcome.recorded):
        for queue in listeners.get(type_, ()):
            if (event_id, queue) not in outcome.handled:
                yield Finding(Wrong.LOST, 1, f"{queue} has not handled {type_} {event_id}")
