"""What a renegotiation comes to, without a database: lines that carry what was owed, and how votes decide."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.contracts.domain.renegotiation_terms import Tally, lines_of, outcome_of
from subgraphs.contracts.domain.schedule import Terms, make_schedule
from subgraphs.contracts.models import BusinessDayRule, Silence
from subgraphs.shared.accrual import accrued_interest, elapsed
from subgraphs.shared.vocabulary import Amortisation

START = date(2027, 1, 9)
HALF = Decimal("0.5")


@given(
    principal_minor=st.integers(1, 10**10),
    carried_minor=st.integers(0, 10**9),
    late_share=st.fractions(0, 1),
    months=st.integers(1, 60),
    amortisation=st.sampled_from(Amortisation),
)
def test_lines_repay_the_principal_and_carry_all_that_was_owed_to_the_cent(
    principal_minor: int, carried_minor: int, late_share: Fraction, months: int, amortisation: Amortisation
) -> None:
    terms = Terms(
        principal_minor=principal_minor,
        monthly_rate=Decimal("0.009488792935"),
        term_months=months,
        amortisation=amortisation,
    )
    schedule = make_schedule(terms, disbursed_on=START, rule=BusinessDayRule.FOLLOWING)
    carried_late_minor = int(carried_minor * late_share)
    lines = lines_of(
        schedule.installments,
        carried_minor=carried_minor,
        carried_late_minor=carried_late_minor,
        starts_on=START,
        after_number=12,
    )
    assert sum(line.principal_minor for line in lines) == principal_minor
    assert sum(line.carried_minor for line in lines) == carried_minor
    assert sum(line.carried_late_minor for line in lines) == carried_late_minor
    assert all(0 <= line.carried_late_minor <= line.carried_minor for line in lines)
    # Beside what it carries each line is the plain schedule's: no interest is taken on it.
    plain = [(part.principal_minor, part.interest_minor) for part in schedule.installments]
    assert [(line.principal_minor, line.interest_minor - line.carried_minor) for line in lines] == plain
    share = Fraction(carried_minor, len(lines))
    assert all(abs(line.carried_minor - share) < 1 for line in lines)
    assert [line.number for line in lines] == list(range(13, 13 + len(lines)))
    assert [line.starts_on for line in lines] == [START, *(line.due_on for line in lines[:-1])]


def test_interest_accrues_compounded_within_its_period() -> None:
    """Of 21 % for two months at 10 % a month, half the time is a month: 10 %."""
    assert accrued_interest(21_00, monthly_rate=Decimal("0.1"), months=2, passed=HALF) == 10_00
    assert accrued_interest(21_00, monthly_rate=Decimal("0.1"), months=2, passed=Decimal(1)) == 21_00
    assert accrued_interest(21_00, monthly_rate=Decimal(0), months=2, passed=HALF) == 0


def test_a_period_has_begun_or_not_and_is_over_once() -> None:
    period = {"starts_on": date(2027, 1, 1), "due_on": date(2027, 1, 11)}
    days = [date(2026, 12, 1), date(2027, 1, 1), date(2027, 1, 6), date(2027, 1, 11), date(2027, 5, 1)]
    assert [elapsed(day, **period) for day in days] == [0, 0, HALF, 1, 1]


@pytest.mark.parametrize(
    ("consenting", "refusing", "silence", "is_consent"),
    [
        (51, 49, Silence.REFUSES, True),
        (50, 0, Silence.REFUSES, False),
        (50, 0, Silence.NOT_COUNTED, True),
        (0, 49, Silence.CONSENTS, True),
        (0, 50, Silence.CONSENTS, False),
        (0, 0, Silence.NOT_COUNTED, False),
        (1, 1, Silence.NOT_COUNTED, False),
    ],
)
def test_more_than_half_of_what_counts_is_consent(
    consenting: int, refusing: int, silence: Silence, *, is_consent: bool
) -> None:
    tally = Tally(quota_count=100, consenting=consenting, refusing=refusing)
    assert outcome_of(tally, share=HALF, silence=silence, is_over=True) is is_consent


@pytest.mark.parametrize("silence", Silence)
@pytest.mark.parametrize("share", [Decimal(0), HALF, Decimal("0.75")])
def test_what_is_decided_early_no_later_vote_could_change(silence: Silence, share: Decimal) -> None:
    """All ways in which seven quotas can vote, and all ways in which those who are silent may yet vote."""
    for consenting, refusing in product(range(8), repeat=2):
        if consenting + refusing > 7:
            continue
        silent = 7 - consenting - refusing
        ends = {
            outcome_of(
                Tally(quota_count=7, consenting=consenting + more, refusing=refusing + less),
                share=share,
                silence=silence,
                is_over=True,
            )
            for more in range(silent + 1)
            for less in range(silent - more + 1)
        }
        now = Tally(quota_count=7, consenting=consenting, refusing=refusing)
        early = outcome_of(now, share=share, silence=silence, is_over=False)
        if early is not None:
            assert ends == {early}
        elif silence is Silence.REFUSES:
            assert ends == {True, False}
