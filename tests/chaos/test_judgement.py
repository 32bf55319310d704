"""The judgement finds what is wrong: each outcome here has one thing changed, which is named."""

from collections import Counter
from collections.abc import Callable

import pytest

from launch.queues import read_queues
from tests.chaos.journal import Journal
from tests.chaos.judgement import Finding, Wrong, judge, total
from tests.chaos.outcome import Outcome
from tests.chaos.questions import EFFECTS, QUESTIONS, TOLD, UNFINISHED, WITHOUT_INBOX

LISTENED = min(type_ for binding in read_queues() for type_ in binding.types)
LISTENERS = [binding.queue for binding in read_queues() if LISTENED in binding.types]
assert not WITHOUT_INBOX & set(LISTENERS)


def clean_outcome() -> Outcome:
    """One deposit of R$ 100, R$ 60 of it lent, repaid as R$ 61 in one payout of R$ 60.85 with a fee of 15 cents."""
    answers: dict[str, Counter[tuple[object, ...]]] = {name: Counter() for name in QUESTIONS}
    answers |= {
        "paid at banks": Counter({("E1", 100_00): 1, ("E2", 61_00): 1}),
        "payments": Counter({("E1", 100_00): 1, ("E2", 61_00): 1}),
        "arrived at banks": Counter({("w1", 50_00): 1}),
        "withdrawals": Counter({("w1", 50_00): 1}),
        "balances": Counter({("GATEWAY", 111_00): 1, ("AVAILABLE", 110_85): 1, ("PERFORMANCE_FEE", 15): 1}),
        "wallets": Counter({("ana", 100_85, 0, 0): 1, ("rui", 10_00, 0, 0): 1}),
        "investments": Counter({("i1", "ana", 60_00): 1}),
        "holds": Counter({("i1", "ana", 60_00): 1}),
        "quotas lent": Counter({("c1", 6): 1}),
        "quotas held": Counter({("c1", 6): 1}),
        "quotas paid for": Counter({("c1", 6): 1}),
        "positions": Counter({("i1", "ana", 6): 1}),
        "holders": Counter({("i1", "ana", 6): 1}),
        "payouts": Counter({("p1", "ana", 60_85, 15, 0): 1}),
        "payouts credited": Counter({("p1", "ana", 60_85, 15, 0): 1}),
    }
    journal = Journal()
    journal.note("invest", [{"__typename": "Investment", "id": "i1"}] * 2)
    return Outcome(
        answers=answers,
        effects={name: set() for name in EFFECTS} | {"Investment": {"i1"}},
        unfinished={name: Counter() for name in UNFINISHED},
        to_be_told={title: Counter() for title in TOLD} | {"Rendimento creditado": Counter({("ana", "p1"): 1})},
        told=Counter({("Rendimento creditado", "ana", "p1"): 1}),
        recorded={("e1", LISTENED)},
        handled={("e1", queue) for queue in LISTENERS},
        unsent=[],
        dead_letters=[],
        seen=Counter({("ana", 100_85, 0, 0): 1, ("rui", 10_00, 0, 0): 1}),
        journal=journal,
    )


def test_a_clean_outcome_has_no_findings() -> None:
    assert judge(clean_outcome()) == []


def test_the_journal_counts_each_request_that_was_answered() -> None:
    journal = Journal()
    journal.note("invest", [{"__typename": "Investment", "id": "i1"}] * 3)
    journal.note("invest", [{"__typename": "OfferingClosed", "code": "OfferingClosed"}])
    journal.note("settleCPR", [{"__typename": "CPRSettlement", "payments": [{"id": "p1"}, {"id": "p2"}]}])
    assert journal.mutation_count == 5


def replace(outcome: Outcome, name: str, *rows: tuple[object, ...]) -> None:
    outcome.answers[name] = Counter(rows)


def lose_payment(outcome: Outcome) -> None:
    replace(outcome, "payments", ("E1", 100_00))


def book_payment_twice(outcome: Outcome) -> None:
    replace(outcome, "payments", ("E1", 100_00), ("E2", 61_00), ("E2", 61_00))


def book_another_amount(outcome: Outcome) -> None:
    replace(outcome, "payments", ("E1", 100_00), ("E2", 61_03))


def send_without_order(outcome: Outcome) -> None:
    replace(outcome, "arrived at banks", ("w1", 50_00), ("w2", 50_00))


def keep_a_cent(outcome: Outcome) -> None:
    replace(outcome, "balances", ("GATEWAY", 111_00), ("AVAILABLE", 110_85), ("PERFORMANCE_FEE", 16))


def lose_money(outcome: Outcome) -> None:
    replace(outcome, "balances", ("GATEWAY", 110_00), ("AVAILABLE", 109_85), ("PERFORMANCE_FEE", 15))


def show_another_balance(outcome: Outcome) -> None:
    outcome.seen = Counter({("ana", 100_85, 0, 0): 1, ("rui", 10_02, 0, 0): 1})


def lose_hold(outcome: Outcome) -> None:
    replace(outcome, "holds")


def oversell(outcome: Outcome) -> None:
    replace(outcome, "quotas held", ("c1", 7))


def pay_for_another_number_of_quotas(outcome: Outcome) -> None:
    replace(outcome, "quotas paid for", ("c1", 5))


def hold_in_two_hands(outcome: Outcome) -> None:
    replace(outcome, "holders", ("i1", "ana", 6), ("i2", "rui", 6))


def hold_in_other_hands(outcome: Outcome) -> None:
    replace(outcome, "holders", ("i1", "rui", 6))


def credit_another_person(outcome: Outcome) -> None:
    replace(outcome, "payouts credited", ("p1", "rui", 60_85, 15, 0))


def forget_payout(outcome: Outcome) -> None:
    replace(outcome, "payouts credited")


def forget_accepted(outcome: Outcome) -> None:
    outcome.effects["Investment"] = set()


def do_twice(outcome: Outcome) -> None:
    outcome.effects["Investment"] = {"i1", "i2"}


def answer_twice(outcome: Outcome) -> None:
    outcome.journal.note(
        "invest", [{"__typename": "Investment", "id": "i1"}, {"__typename": "Busy", "code": "Busy", "id": ""}]
    )


def leave_half_done(outcome: Outcome) -> None:
    outcome.unfinished["a payout is not credited"] = Counter([("p1",)])


def tell_nobody(outcome: Outcome) -> None:
    outcome.told = Counter()


def tell_twice(outcome: Outcome) -> None:
    outcome.told = Counter({("Rendimento creditado", "ana", "p1"): 2})


def tell_another(outcome: Outcome) -> None:
    outcome.told = Counter({("Rendimento creditado", "rui", "p1"): 1})


def lose_event(outcome: Outcome) -> None:
    outcome.handled.remove(("e1", LISTENERS[0]))


def keep_event(outcome: Outcome) -> None:
    outcome.unsent.append(("e1", LISTENED))


def leave_dead_letter(outcome: Outcome) -> None:
    outcome.dead_letters.append("wallet.place_hold/1: a bug")


def fail_books(outcome: Outcome) -> None:
    outcome.books = "1 problems"


DOCTORED: list[tuple[Callable[[Outcome], None], dict[Wrong, int]]] = [
    (lose_payment, {Wrong.LOST: 1}),
    (book_payment_twice, {Wrong.TWICE: 1}),
    (book_another_amount, {Wrong.CENTS: 3}),
    (send_without_order, {Wrong.CENTS: 50_00, Wrong.LOST: 1}),
    (keep_a_cent, {Wrong.CENTS: 1}),
    (lose_money, {Wrong.CENTS: 1_00}),
    (show_another_balance, {Wrong.CENTS: 2}),
    (lose_hold, {Wrong.LOST: 1}),
    (oversell, {Wrong.CENTS: 1}),
    (pay_for_another_number_of_quotas, {Wrong.CENTS: 1}),
    (hold_in_two_hands, {Wrong.TWICE: 1}),
    (hold_in_other_hands, {Wrong.CENTS: 1}),
    (credit_another_person, {Wrong.CENTS: 1}),
    (forget_payout, {Wrong.LOST: 1}),
    (forget_accepted, {Wrong.LOST: 1}),
    (do_twice, {Wrong.TWICE: 1}),
    (answer_twice, {Wrong.TWICE: 1}),
    (leave_half_done, {Wrong.LOST: 1}),
    (tell_nobody, {Wrong.LOST: 1}),
    (tell_twice, {Wrong.TWICE: 1}),
    (tell_another, {Wrong.LOST: 1, Wrong.TWICE: 1}),
    (lose_event, {Wrong.LOST: 1}),
    (keep_event, {Wrong.LOST: 1}),
    (leave_dead_letter, {Wrong.LOST: 1}),
    (fail_books, {Wrong.CENTS: 1}),
]


@pytest.mark.parametrize(("doctor", "wrong"), DOCTORED, ids=[doctor.__name__ for doctor, _ in DOCTORED])
def test_what_is_doctored_is_found(doctor: Callable[[Outcome], None], wrong: dict[Wrong, int]) -> None:
    outcome = clean_outcome()
    doctor(outcome)
    assert _sums(judge(outcome)) == wrong


def _sums(findings: list[Finding]) -> dict[Wrong, int]:
    return {wrong: total(findings, wrong) for wrong in Wrong if total(findings, wrong)}
