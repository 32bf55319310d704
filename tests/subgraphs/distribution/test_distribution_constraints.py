"""What the database itself refuses, whoever writes."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.subgraphs.distribution.register import (
    CARLOS,
    CPR,
    MARINA,
    Register,
    activated,
    installment_id,
    payment,
    renegotiated,
)

DISTRIBUTION = """
    INSERT INTO distributions VALUES (
        '00000000-0000-4000-8000-0000000000d1', gen_random_uuid(), :installment, :cpr, gen_random_uuid(), now(), now(),
        {total}, {principal}, {interest}, 0, {fee}, 0, {net}, {quotas}, {payouts}, 1, 0)"""
PAYOUT = """
    INSERT INTO payouts VALUES (
        gen_random_uuid(), '00000000-0000-4000-8000-0000000000d1', :installment, :cpr, gen_random_uuid(),
        gen_random_uuid(), {quotas}, {principal}, {interest}, {gross}, {fee}, 0, {net}, 0.15, 0, 'EXEMPT', 30, now(),
        'PENDING', NULL, gen_random_uuid())"""

WHOLE = {"total": 120, "principal": 100, "interest": 20, "fee": 3, "net": 117, "quotas": 3, "payouts": 2}
PART = {"quotas": 1, "principal": 33, "interest": 7, "gross": 40, "fee": 1, "net": 39}
REST = {"quotas": 2, "principal": 67, "interest": 13, "gross": 80, "fee": 2, "net": 78}


async def write(register: Register, whole: dict[str, int], *parts: dict[str, int]) -> None:
    """A distribution and its payouts in one transaction, by hand."""
    await register.deliver(activated((100, 20)))
    (installment,) = await register.sql("SELECT id FROM installments")
    async with register.subgraph.database.begin() as session:
        keys = {"installment": installment["id"], "cpr": CPR}
        await session.execute(text(DISTRIBUTION.format(**whole)), keys)
        for part in parts:
            await session.execute(text(PAYOUT.format(**part)), keys)


async def test_a_distribution_that_adds_up_is_taken(register: Register) -> None:
    await write(register, WHOLE, PART, REST)
    assert await register.sql("SELECT count(*) FROM payouts") == [{"count": 2}]


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        (WHOLE, [PART]),  # somebody is left out
        (WHOLE, []),
        (WHOLE, [PART, REST, PART]),  # somebody gets a part twice
        (WHOLE, [PART, REST | {"principal": 66, "gross": 79, "net": 77}]),  # a cent is lost
        (WHOLE, [PART, REST | {"principal": 68, "gross": 81, "net": 79}]),  # a cent is made
        (WHOLE, [PART, REST | {"principal": 66, "interest": 14}]),  # principal becomes interest
        (WHOLE, [PART, REST | {"fee": 1, "net": 79}]),  # a fee becomes net
        (WHOLE, [PART, REST | {"quotas": 3}]),
    ],
)
async def test_what_is_paid_out_is_what_was_paid(
    register: Register, whole: dict[str, int], parts: list[dict[str, int]]
) -> None:
    with pytest.raises(IntegrityError, match="the payouts of distribution"):
        await write(register, whole, *parts)
    assert await register.sql("SELECT count(*) FROM distributions") == [{"count": 0}]


@pytest.mark.parametrize(
    ("whole", "part", "constraint"),
    [
        (WHOLE | {"total": 121, "net": 118}, PART, "principal_and_interest"),
        (WHOLE | {"net": 118}, PART, "net_fee_and_tax"),
        (WHOLE | {"total": 0, "principal": 0, "interest": 0, "fee": 0, "net": 0}, PART, "ck_distributions_positive"),
        (WHOLE, PART | {"gross": 41}, "gross_adds_up"),
        (WHOLE, PART | {"net": 40}, "net_adds_up"),
        (WHOLE, PART | {"fee": 8, "net": 32}, "only_interest_is_reduced"),
        (WHOLE, PART | {"fee": -1, "net": 41}, "deductions_positive"),
        (WHOLE, PART | {"principal": -1, "gross": 6, "net": 5}, "ck_payouts_positive"),
    ],
)
async def test_each_row_adds_up_by_itself(
    register: Register, whole: dict[str, int], part: dict[str, int], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        await write(register, whole, part)


async def test_a_payout_added_later_is_refused(register: Register) -> None:
    await write(register, WHOLE, PART, REST)
    (installment,) = await register.sql("SELECT id FROM installments")
    with pytest.raises(IntegrityError, match="the payouts of distribution"):
        await register.sql(PAYOUT.format(**PART), installment=installment["id"], cpr=CPR)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE distributions SET paid_at = now()",
        "DELETE FROM distributions",
        "DELETE FROM payouts",
        "UPDATE payouts SET investor_id = gen_random_uuid()",
        "UPDATE payouts SET status = 'CREDITED', credited_at = now(), net_minor = net_minor",
        "UPDATE payouts SET status = 'PENDING', credited_at = NULL",
        "UPDATE payouts SET credited_at = now()",
    ],
)
async def test_facts_are_kept(register: Register, statement: str) -> None:
    await register.deliver(activated((100, 20)))
    await register.hold((MARINA, 2), (CARLOS, 1))
    await register.deliver(payment(120))
    await register.credit_all()
    before = await register.sql("SELECT * FROM payouts ORDER BY id")
    with pytest.raises(IntegrityError, match="is a fact"):
        await register.sql(statement)
    assert await register.sql("SELECT * FROM payouts ORDER BY id") == before


async def test_one_distribution_per_payment_and_per_number_of_an_installment(register: Register) -> None:
    await register.deliver(activated((100, 20)))
    await register.hold((MARINA, 3))
    await register.deliver(payment(60, late_minor=0))  # so that what is added fits: 60 are left
    columns = (
        "gen_random_uuid(), {payment}, installment_id, cpr_id, farmer_id, paid_at, now(), 1, 1, 0, 0, 0, 0, 1,"
        " quota_count, payout_count, {number}, 0"
    )
    for payment_column, number, constraint in (
        ("payment_id", "2", "uq_distributions_payment_id"),
        ("gen_random_uuid()", "1", "uq_distributions_installment_id_number"),
    ):
        selected = columns.format(payment=payment_column, number=number)
        with pytest.raises(IntegrityError, match=constraint):
            await register.sql(f"INSERT INTO distributions SELECT {selected} FROM distributions")  # noqa: S608  # the columns are written above


async def test_distributions_of_an_installment_are_of_no_more_than_it(register: Register) -> None:
    await register.deliver(activated((100, 20)))
    await register.hold((MARINA, 3))
    await register.deliver(payment(120))
    one_cent_more = (
        "INSERT INTO distributions SELECT gen_random_uuid(), gen_random_uuid(), installment_id, cpr_id, farmer_id,"
        " paid_at, now(), 1, 1, 0, 0, 0, 0, 1, quota_count, payout_count, 2, 0 FROM distributions"
    )
    with pytest.raises(IntegrityError, match="is of more than is left of its installment"):
        await register.sql(one_cent_more)


async def test_of_what_an_installment_carries_no_more_is_late_charge_and_none_of_it_interest(
    register: Register,
) -> None:
    """Of 20 of interest 5 are carried: 6 for lateness are too many, and 16 of interest beside them as well."""
    await register.deliver(activated((0, 1)), renegotiated(number=2, principal=100, interest=20, carried_late=5))
    await register.hold((MARINA, 3))
    installment = installment_id(2)
    added = (
        "INSERT INTO distributions SELECT gen_random_uuid(), gen_random_uuid(), :installment, :cpr, :cpr,"
        " now(), now(), {interest}, 0, {interest}, {late}, 0, 0, {interest}, 3, 1, 1, {carried}"
    )
    for interest, late, carried in ((6, 6, 6), (16, 0, 0), (20, 4, 4)):
        statement = added.format(interest=interest, late=late, carried=carried)
        with pytest.raises(IntegrityError, match="is of more than is left of its installment"):
            await register.sql(statement, installment=installment, cpr=CPR)
    with pytest.raises(IntegrityError, match="carried_late_is_late_charge"):
        await register.sql(added.format(interest=5, late=4, carried=5), installment=installment, cpr=CPR)


@pytest.mark.parametrize("rate", ["0.1499", "0.2001"])
async def test_a_fee_outside_the_agreed_range_is_refused(register: Register, rate: str) -> None:
    with pytest.raises(IntegrityError, match="within_agreed_range"):
        await register.sql(f"INSERT INTO performance_fees VALUES ('2027-01-01', {rate}, 'wrong')")  # noqa: S608  # a number above


async def test_a_position_has_one_part_of_a_payment(register: Register) -> None:
    await register.deliver(activated((100, 20)))
    await register.hold((MARINA, 3))
    await register.deliver(payment(120))
    columns = (
        "gen_random_uuid(), distribution_id, installment_id, cpr_id, gen_random_uuid(), gen_random_uuid(), quota_count,"
        " principal_minor, interest_minor, gross_minor, fee_minor, tax_minor, net_minor, fee_rate, tax_rate,"
        " tax_treatment, held_days, paid_at, status, credited_at, position_id"
    )
    with pytest.raises(IntegrityError, match="uq_payouts_distribution_id_position_id"):
        await register.sql(f"INSERT INTO payouts SELECT {columns} FROM payouts")  # noqa: S608  # the columns are written above
