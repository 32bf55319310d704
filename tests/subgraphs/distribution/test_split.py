"""Dividing a payment is arithmetic: nothing is lost, and no order matters."""

import random
import uuid
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.distribution.domain.split import Holder, PaidParts, divide_payment, split_among_holders
from subgraphs.distribution.domain.terms import Deductions
from subgraphs.distribution.models import TaxBase, TaxTreatment
from tests.subgraphs.distribution.register import MARINA, investment_id

EXEMPT = Deductions(Decimal("0.15"), Decimal(0), TaxTreatment.EXEMPT, TaxBase.INTEREST)


def holder(number: int, quotas: int, deductions: Deductions = EXEMPT) -> Holder:
    return Holder(investment_id(number), uuid.uuid4(), MARINA, quotas, 30, deductions)


def amounts(paid: PaidParts, *quotas: int) -> list[tuple[int, int]]:
    """Principal and interest of holders with these quotas, by position id."""
    holders = [holder(number, count) for number, count in enumerate(quotas, start=1)]
    return [(share.principal_minor, share.interest_minor) for share in split_among_holders(paid, holders)]


@pytest.mark.parametrize(
    ("amount", "principal", "interest", "late_charge"),
    [
        (94_560, 74_560, 20_000, 0),
        (96_987, 74_560, 22_427, 2_427),  # 17 days late: fine 18.91 and interest 5.36
        (94_561, 74_560, 20_001, 1),
        (50_000, 30_000, 20_000, 0),  # short: interest first
        (20_000, 0, 20_000, 0),
        (1, 0, 1, 0),
    ],
)
def test_a_payment_is_principal_and_interest(amount: int, principal: int, interest: int, late_charge: int) -> None:
    paid = divide_payment(amount, principal_minor=74_560, interest_minor=20_000)
    assert (paid.principal_minor, paid.interest_minor, paid.late_charge_minor) == (principal, interest, late_charge)
    assert paid.total_minor == amount


@given(
    principal=st.integers(0, 10**9),
    interest=st.integers(0, 10**9),
    cuts=st.lists(st.fractions(0, 1), max_size=6),
    late=st.lists(st.integers(0, 10**6), min_size=7, max_size=7),
    random=st.randoms(use_true_random=False),
)
def test_parts_of_an_installment_sum_to_it_in_whatever_order_they_are_told(
    principal: int, interest: int, cuts: list[Fraction], late: list[int], random: random.Random
) -> None:
    """Each says what was settled before it, so that none needs another; interest comes before principal."""
    edges = [0, *sorted(int((principal + interest) * cut) for cut in cuts), principal + interest]
    told = [(before, after - before + late[at], late[at]) for at, (before, after) in enumerate(pairwise(edges))]
    random.shuffle(told)
    parts = [
        (
            before,
            divide_payment(
                amount,
                principal_minor=principal,
                interest_minor=interest,
                late_minor=of_it,
                settled_before_minor=before,
            ),
        )
        for before, amount, of_it in told
        if amount
    ]
    assert sum(part.principal_minor for _, part in parts) == principal
    assert sum(part.interest_minor - part.late_charge_minor for _, part in parts) == interest
    for before, part in parts:
        assert part.principal_minor == 0 or before + part.interest_minor - part.late_charge_minor >= interest


@given(
    principal=st.integers(0, 10**9),
    interest=st.integers(0, 10**9),
    carried_late=st.integers(0, 10**6),
    cuts=st.lists(st.fractions(0, 1), max_size=6),
    late=st.lists(st.integers(0, 10**6), min_size=7, max_size=7),
)
def test_carried_late_charges_are_late_charges_of_whichever_payment_settles_them(
    principal: int, interest: int, carried_late: int, cuts: list[Fraction], late: list[int]
) -> None:
    """They are the first of the interest; what bears a fee is the contract's own, however the installment is cut."""
    whole = principal + interest + carried_late
    edges = [0, *sorted(int(whole * cut) for cut in cuts), whole]
    parts = [
        divide_payment(
            after - before + of_it,
            principal_minor=principal,
            interest_minor=interest + carried_late,
            late_minor=of_it,
            settled_before_minor=before,
            carried_late_minor=carried_late,
        )
        for (before, after), of_it in zip(pairwise(edges), late, strict=False)
        if after - before + of_it
    ]
    assert sum(part.principal_minor for part in parts) == principal
    assert sum(part.carried_late_minor for part in parts) == carried_late
    assert sum(part.interest_minor - part.late_charge_minor for part in parts) == interest
    for part in parts:
        assert 0 <= part.carried_late_minor <= part.late_charge_minor <= part.interest_minor


@given(
    interest=st.integers(0, 10**9),
    carried_late=st.integers(0, 10**6),
    amount=st.integers(1, 10**9),
    reduction=st.integers(0, 10**6),
)
def test_what_is_taken_off_a_payment_is_no_late_charge(
    interest: int, carried_late: int, amount: int, reduction: int
) -> None:
    if not reduction <= interest or amount + reduction > interest + carried_late:
        return
    paid = divide_payment(
        amount,
        principal_minor=0,
        interest_minor=interest + carried_late,
        late_minor=0,
        reduction_minor=reduction,
        carried_late_minor=carried_late,
    )
    assert paid == PaidParts(0, amount, min(carried_late, amount), min(carried_late, amount))


def test_what_was_taken_off_is_nobody_s() -> None:
    """Half a month early: 9.32 less interest, and all of the principal."""
    paid = divide_payment(93_628, principal_minor=74_560, interest_minor=20_000, late_minor=0, reduction_minor=932)
    assert paid == PaidParts(74_560, 19_068, 0)
    with pytest.raises(ValueError, match="is taken off interest of 20000"):
        divide_payment(74_559, principal_minor=74_560, interest_minor=20_000, late_minor=0, reduction_minor=20_001)


@given(
    principal=st.integers(0, 10**9),
    interest=st.integers(1, 10**9),
    reduced=st.fractions(0, 1),
    late=st.integers(0, 10**6),
)
def test_a_reduction_is_of_interest_alone(principal: int, interest: int, reduced: Fraction, late: int) -> None:
    reduction = int(interest * reduced)
    amount = principal + interest - reduction + late
    if not amount:
        return
    paid = divide_payment(
        amount, principal_minor=principal, interest_minor=interest, late_minor=late, reduction_minor=reduction
    )
    assert paid == PaidParts(principal, interest - reduction + late, late)


def test_more_than_is_left_is_no_payment() -> None:
    with pytest.raises(ValueError, match="is no payment of 1954"):
        divide_payment(1_955, principal_minor=74_560, interest_minor=20_000, late_minor=0, settled_before_minor=92_606)


@pytest.mark.parametrize(
    ("principal", "interest", "quotas", "expected"),
    [
        # A cent left over goes to the smaller position id when remainders are equal ...
        (100, 0, (1, 1, 1), [(34, 0), (33, 0), (33, 0)]),
        (200, 1, (1, 1, 1), [(67, 1), (67, 0), (66, 0)]),
        # ... and to the largest remainder when they are not: 100 x 2/7 = 28.57, 100 x 3/7 = 42.86.
        (100, 0, (2, 3, 2), [(29, 0), (43, 0), (28, 0)]),
        # Principal and interest are split each by itself.
        (74_560, 20_000, (60, 40), [(44_736, 12_000), (29_824, 8_000)]),
        (1, 1, (1, 99), [(0, 0), (1, 1)]),
        (0, 5, (1, 1), [(0, 3), (0, 2)]),
    ],
)
def test_parts_go_by_quotas(
    principal: int, interest: int, quotas: tuple[int, ...], expected: list[tuple[int, int]]
) -> None:
    assert amounts(PaidParts(principal, interest, 0), *quotas) == expected


RATES = st.decimals(min_value=0, max_value="0.9", places=4)
HOLDERS = st.lists(
    st.builds(
        Holder,
        investment_id=st.uuids(),
        investor_id=st.uuids(),
        quota_count=st.integers(1, 100_000),
        held_days=st.integers(0, 4_000),
        deductions=st.builds(
            Deductions,
            fee_rate=st.decimals(min_value="0.15", max_value="0.20", places=4),
            tax_rate=RATES,
            tax_treatment=st.sampled_from(TaxTreatment),
            tax_base=st.sampled_from(TaxBase),
        ),
    ),
    min_size=1,
    max_size=60,
    unique_by=lambda one: one.investment_id,
)
PAID = st.builds(
    lambda principal, contracts, late: PaidParts(principal, contracts + late, late),
    st.integers(0, 10**12),
    st.integers(0, 10**12),
    st.integers(0, 10**12),
)


@given(paid=PAID, holders=HOLDERS)
def test_nothing_is_lost_and_nobody_gets_less_than_nothing(paid: PaidParts, holders: list[Holder]) -> None:
    shares = split_among_holders(paid, holders)
    assert {share.holder.position_id for share in shares} == {one.position_id for one in holders}
    assert sum(share.principal_minor for share in shares) == paid.principal_minor
    assert sum(share.interest_minor for share in shares) == paid.interest_minor
    assert sum(share.net_minor + share.fee_minor + share.tax_minor for share in shares) == paid.total_minor
    for share in shares:
        assert min(share.principal_minor, share.interest_minor, share.fee_minor, share.tax_minor) >= 0
        assert share.fee_minor + share.tax_minor <= share.interest_minor


@given(paid=PAID, holders=HOLDERS)
def test_everybody_is_within_a_cent_of_their_quotas_part(paid: PaidParts, holders: list[Holder]) -> None:
    quotas = sum(one.quota_count for one in holders)
    for share in split_among_holders(paid, holders):
        for part, whole in ((share.principal_minor, paid.principal_minor), (share.interest_minor, paid.interest_minor)):
            assert abs(part * quotas - whole * share.holder.quota_count) < quotas


@given(paid=PAID, holders=HOLDERS, random=st.randoms(use_true_random=False))
def test_the_order_of_holders_does_not_matter(paid: PaidParts, holders: list[Holder], random: object) -> None:
    shuffled = list(holders)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    assert split_among_holders(paid, shuffled) == split_among_holders(paid, holders)


@given(paid=PAID, holders=HOLDERS, extra=st.integers(1, 1_000))
def test_more_to_share_is_less_for_nobody_by_more_than_a_cent(
    paid: PaidParts, holders: list[Holder], extra: int
) -> None:
    more = PaidParts(paid.principal_minor, paid.interest_minor + extra, 0)
    before = {share.holder.position_id: share.interest_minor for share in split_among_holders(paid, holders)}
    for share in split_among_holders(more, holders):
        assert share.interest_minor >= before[share.holder.position_id] - 1


def test_two_investments_of_one_person_are_two_parts() -> None:
    shares = split_among_holders(PaidParts(100, 0, 0), [holder(1, 1), holder(2, 1)])
    assert [(share.holder.position_id, share.gross_minor) for share in shares] == [
        (investment_id(1), 50),
        (investment_id(2), 50),
    ]


@pytest.mark.parametrize(
    ("interest", "base", "fee", "tax"),
    [
        (10_000, TaxBase.INTEREST, 1_500, 2_250),
        (10_000, TaxBase.INTEREST_LESS_FEE, 1_500, 1_913),  # 22.5 % of 85.00 = 19.125
        (3, TaxBase.INTEREST, 0, 1),  # 0.45 and 0.675 of a cent
        (10, TaxBase.INTEREST, 2, 2),  # halves go up: 1.5 and 2.25
        (0, TaxBase.INTEREST, 0, 0),
    ],
)
def test_fee_and_tax_are_rounded_half_up(interest: int, base: TaxBase, fee: int, tax: int) -> None:
    deductions = Deductions(Decimal("0.15"), Decimal("0.225"), TaxTreatment.REGRESSIVE, base)
    assert deductions.of(interest) == (fee, tax)


@pytest.mark.parametrize(
    ("late_share", "of_late_charges", "fee"),
    [
        (Fraction(0), False, 1_500),
        (Fraction(1, 6), False, 1_250),
        (Fraction(1, 6), True, 1_500),
        (Fraction(1, 3), False, 1_000),
        (Fraction(1), False, 0),
        (Fraction(1), True, 1_500),
    ],
)
def test_the_fee_leaves_out_what_being_late_cost(late_share: Fraction, of_late_charges: bool, fee: int) -> None:
    deductions = Deductions(
        Decimal("0.15"), Decimal("0.225"), TaxTreatment.REGRESSIVE, TaxBase.INTEREST, of_late_charges
    )
    assert deductions.of(10_000, late_share=late_share) == (fee, 2_250)


@given(paid=PAID, holders=HOLDERS)
def test_fees_of_a_late_payment_are_those_of_its_contracts_interest_to_half_a_cent_each(
    paid: PaidParts, holders: list[Holder]
) -> None:
    for share in split_among_holders(paid, holders):
        contracts = share.interest_minor * (1 - paid.late_share)
        assert abs(share.fee_minor - contracts * Fraction(share.holder.deductions.fee_rate)) <= Fraction(1, 2)


def test_rounding_up_both_takes_no_more_than_there_is() -> None:
    deductions = Deductions(Decimal("0.20"), Decimal("0.90"), TaxTreatment.REGRESSIVE, TaxBase.INTEREST)
    assert deductions.of(3) == (1, 2)


def test_ids_are_compared_as_numbers_not_as_texts() -> None:
    low, high = uuid.UUID(int=15), uuid.UUID(int=16)
    holders = [Holder(one, uuid.uuid4(), MARINA, 1, 0, EXEMPT) for one in (high, low)]
    shares = split_among_holders(PaidParts(1, 0, 0), holders)
    assert [(share.holder.position_id, share.gross_minor) for share in shares] == [(low, 1), (high, 0)]
