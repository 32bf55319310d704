"""Fee and income tax by dated rules, through the database."""

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from subgraphs.shared.person_kind import PersonKind
from tests.subgraphs.distribution.register import (
    CARLOS,
    CPR,
    FUNDED_AT,
    MARINA,
    REGRESSIVE,
    Register,
    activated,
    confirmed,
    funded,
    payment,
    renegotiated,
    swapped,
)


async def pay_100_of_interest(register: Register, *, held_days: int) -> dict[str, int]:
    await register.deliver(activated((0, 10_000)), confirmed(1, MARINA, 1), funded(1))
    await register.deliver(payment(10_000, confirmed_at=FUNDED_AT + timedelta(days=held_days)))
    (row,) = await register.sql("SELECT fee_minor, tax_minor, net_minor, held_days FROM payouts")
    return row


@pytest.mark.parametrize(
    ("held_days", "tax"),
    [(0, 2_250), (180, 2_250), (181, 2_000), (360, 2_000), (361, 1_750), (720, 1_750), (721, 1_500), (4_000, 1_500)],
)
async def test_the_regressive_table(register: Register, held_days: int, tax: int) -> None:
    await register.sql(
        "INSERT INTO tax_rules VALUES ('NATURAL', 'REGISTERED_CPR', '2026-11-01', 'REGRESSIVE', 'INTEREST', 'a test')"
    )
    assert await pay_100_of_interest(register, held_days=held_days) == {
        "fee_minor": 1_500,
        "tax_minor": tax,
        "net_minor": 8_500 - tax,
        "held_days": held_days,
    }


@pytest.mark.parametrize("held_days", [30, 180, 721])
async def test_a_natural_person_with_a_registered_cpr_is_exempt(register: Register, held_days: int) -> None:
    row = await pay_100_of_interest(register, held_days=held_days)
    assert (row["tax_minor"], row["net_minor"]) == (0, 8_500)


async def test_a_legal_person_is_not_exempt(register: Register) -> None:
    company = confirmed(1, MARINA, 1, person=PersonKind.LEGAL)
    await register.deliver(activated((0, 10_000)), company, funded(1))
    await register.deliver(payment(10_000))
    assert await register.sql("SELECT tax_minor, tax_rate::text, tax_treatment FROM payouts") == [
        {"tax_minor": 2_250, "tax_rate": "0.2250", "tax_treatment": "REGRESSIVE"}
    ]


async def test_a_company_that_bought_quotas_is_not_exempt_and_who_sold_them_is(register: Register) -> None:
    await register.deliver(activated((0, 10_000), (0, 10_000)), confirmed(1, MARINA, 2), funded(2))
    await register.deliver(payment(10_000))
    await register.deliver(swapped(1, 1, buyer_person=PersonKind.LEGAL))
    await register.deliver(payment(10_000, 2, swaps_before=1))
    taxes = await register.sql(
        "SELECT p.investor_id, p.tax_minor FROM payouts p JOIN installments i ON i.id = p.installment_id"
        " ORDER BY i.number, p.investor_id"
    )
    assert [tuple(row.values()) for row in taxes] == [(MARINA, 0), (MARINA, 0), (CARLOS, 1_125)]


async def test_the_rule_for_companies_says_what_becomes_of_the_tax_withheld(register: Register) -> None:
    (row,) = await register.sql("SELECT note FROM tax_rules WHERE person = 'LEGAL' AND instrument = 'REGISTERED_CPR'")
    assert "advance of the company's own income tax" in row["note"]
    assert "cooperative" in row["note"]


@pytest.mark.parametrize(("day", "tax"), [("2026-12-23", 2_250), ("2026-12-24", 0)])
async def test_a_tax_rule_holds_for_payments_from_its_day_on(register: Register, day: str, tax: int) -> None:
    await register.sql(
        "INSERT INTO tax_rules VALUES"
        " ('NATURAL', 'REGISTERED_CPR', CAST(CAST(:day AS text) AS date), 'REGRESSIVE', 'INTEREST', 'a new law')",
        day=day,
    )
    assert (await pay_100_of_interest(register, held_days=30))["tax_minor"] == tax


async def test_the_tax_base_may_leave_out_the_fee(register: Register) -> None:
    await register.sql(REGRESSIVE.replace("'REGRESSIVE', base", "'REGRESSIVE', 'INTEREST_LESS_FEE'"))
    assert (await pay_100_of_interest(register, held_days=30))["tax_minor"] == 1_913


@pytest.mark.parametrize(("day", "fee"), [("2026-11-23", 2_000), ("2026-11-24", 1_500)])
async def test_a_fee_holds_for_positions_acquired_from_its_day_on(register: Register, day: str, fee: int) -> None:
    await register.sql(
        "INSERT INTO performance_fees VALUES (CAST(CAST(:day AS text) AS date), 0.20, 'raised')", day=day
    )
    assert (await pay_100_of_interest(register, held_days=30))["fee_minor"] == fee


async def test_a_new_table_replaces_the_old_one_whole(register: Register) -> None:
    await register.sql(REGRESSIVE)
    await register.sql("INSERT INTO tax_brackets VALUES ('2026-12-01', 0, 0.175)")
    assert (await pay_100_of_interest(register, held_days=30))["tax_minor"] == 1_750


async def test_principal_is_neither_charged_nor_taxed(register: Register) -> None:
    await register.sql(REGRESSIVE)
    await register.deliver(activated((10_000, 0)), confirmed(1, MARINA, 1), funded(1))
    await register.deliver(payment(10_000))
    assert await register.sql("SELECT fee_minor, tax_minor, net_minor FROM payouts") == [
        {"fee_minor": 0, "tax_minor": 0, "net_minor": 10_000}
    ]


@pytest.mark.parametrize("table", ["tax_rules", "performance_fees"])
async def test_without_a_rule_nothing_is_distributed(register: Register, table: str) -> None:
    await register.sql(f"ALTER TABLE {table} DISABLE TRIGGER rule_stays")
    await register.sql(f"DELETE FROM {table}")  # noqa: S608  # one of two names above
    with pytest.raises(LookupError, match="no fee for 2026-11-23, or no tax rule for NATURAL with REGISTERED_CPR"):
        await pay_100_of_interest(register, held_days=30)
    assert await register.sql("SELECT * FROM distributions") == []


FROM_DECEMBER_ON = """
    INSERT INTO tax_rules (person, instrument, issued_from, valid_from, treatment, rate, base, note) VALUES
        ('NATURAL', 'REGISTERED_CPR', '2026-12-01', '2026-12-01', 'FLAT', 0.05, 'INTEREST', 'a new law')
"""


@pytest.mark.parametrize(
    ("issued_on", "tax", "treatment"),
    [
        (date(2026, 11, 30), 0, "EXEMPT"),
        (date(2026, 12, 1), 500, "FLAT"),
        (date(2027, 3, 1), 500, "FLAT"),
        (None, 0, "EXEMPT"),
    ],
)
async def test_a_law_may_tax_titles_issued_from_a_day_on_and_leave_older_ones_exempt(
    register: Register, issued_on: date | None, tax: int, treatment: str
) -> None:
    """One of which the day was not told counts as issued when it was funded, on 23 November."""
    await register.sql(FROM_DECEMBER_ON)
    await register.deliver(activated((0, 10_000), issued_on=issued_on), confirmed(1, MARINA, 1), funded(1))
    await register.deliver(payment(10_000, confirmed_at=FUNDED_AT + timedelta(days=200)))
    assert await register.sql("SELECT tax_minor, tax_treatment FROM payouts") == [
        {"tax_minor": tax, "tax_treatment": treatment}
    ]


async def test_a_law_for_titles_of_a_day_is_replaced_by_its_own_successors_alone(register: Register) -> None:
    """From 2027 on, older titles pay by the table: those of December go on by the rule that was made for them."""
    await register.sql(FROM_DECEMBER_ON)
    await register.sql(
        "INSERT INTO tax_rules VALUES ('NATURAL', 'REGISTERED_CPR', '2027-01-01', 'REGRESSIVE', 'INTEREST', 'another')"
    )
    for place, issued_on in enumerate([date(2026, 11, 30), date(2026, 12, 1)]):
        cpr_id = uuid.uuid5(CPR, f"{issued_on}")
        await register.deliver(
            activated((0, 10_000), cpr_id=cpr_id, issued_on=issued_on),
            confirmed(place, MARINA, 1, cpr_id=cpr_id),
            funded(1, cpr_id=cpr_id),
            payment(10_000, cpr_id=cpr_id, confirmed_at=FUNDED_AT + timedelta(days=60)),
        )
    assert await register.sql("SELECT tax_minor, tax_treatment FROM payouts ORDER BY position_id") == [
        {"tax_minor": 2_250, "tax_treatment": "REGRESSIVE"},
        {"tax_minor": 500, "tax_treatment": "FLAT"},
    ]


async def test_a_law_of_another_kind_of_person_is_not_theirs(register: Register) -> None:
    await register.sql(FROM_DECEMBER_ON.replace("NATURAL", "LEGAL"))
    await register.deliver(activated((0, 10_000), issued_on=date(2026, 12, 1)), confirmed(1, MARINA, 1), funded(1))
    await register.deliver(payment(10_000))
    assert await register.sql("SELECT tax_minor FROM payouts") == [{"tax_minor": 0}]


@pytest.mark.parametrize(("held_days", "tax"), [(180, 2_000), (181, 1_000), (721, 1_000)])
async def test_a_rule_may_go_by_a_scale_of_its_own(register: Register, held_days: int, tax: int) -> None:
    await register.sql(
        "INSERT INTO tax_rules (person, instrument, valid_from, treatment, base, note, scale) VALUES"
        " ('NATURAL', 'REGISTERED_CPR', '2026-11-01', 'REGRESSIVE', 'INTEREST', 'a test', 'NEW')"
    )
    await register.sql(
        "INSERT INTO tax_brackets (scale, valid_from, days_from, rate) VALUES"
        " ('NEW', '2026-11-01', 0, 0.20), ('NEW', '2026-11-01', 181, 0.10)"
    )
    assert (await pay_100_of_interest(register, held_days=held_days))["tax_minor"] == tax


async def test_a_scale_without_a_table_taxes_nobody_by_a_guess(register: Register) -> None:
    await register.sql(REGRESSIVE)
    await register.sql(
        "INSERT INTO tax_rules (person, instrument, valid_from, treatment, base, note, scale)"
        " SELECT DISTINCT person, instrument, date '2020-01-03', treatment, base, note, 'NEW' FROM tax_rules"
        " WHERE valid_from = '2020-01-02'"
    )
    with pytest.raises(LookupError, match="no tax bracket of NEW for 30 days"):
        await pay_100_of_interest(register, held_days=30)
    assert await register.sql("SELECT * FROM distributions") == []


@pytest.mark.parametrize(("treatment", "rate"), [("FLAT", None), ("EXEMPT", "0.05"), ("FLAT", "1")])
async def test_a_flat_rule_has_a_rate_and_no_other_does(register: Register, treatment: str, rate: str | None) -> None:
    with pytest.raises(IntegrityError, match="ck_tax_rules"):
        await register.sql(
            "INSERT INTO tax_rules (person, instrument, valid_from, treatment, base, note, rate) VALUES"
            " ('NATURAL', 'REGISTERED_CPR', '2027-01-01', :treatment, 'INTEREST', '',"
            " CAST(CAST(:rate AS text) AS numeric))",
            treatment=treatment,
            rate=rate,
        )


@pytest.mark.parametrize(("of_late_charges", "fee"), [("false", 1_500), ("true", 1_800)])
async def test_the_fee_is_of_the_contracts_interest_and_of_lateness_only_where_that_was_agreed(
    register: Register, of_late_charges: str, fee: int
) -> None:
    """R$ 100 of interest are paid with R$ 20 for being late; the tax is on all that was earned."""
    await register.sql(REGRESSIVE)
    await register.sql(f"INSERT INTO performance_fees VALUES ('2020-01-02', 0.15, 'for tests', {of_late_charges})")  # noqa: S608  # of two above
    await register.deliver(activated((0, 10_000)), confirmed(1, MARINA, 1), funded(1))
    await register.deliver(payment(12_000, late_minor=2_000))
    assert await register.sql("SELECT interest_minor, fee_minor, tax_minor FROM payouts") == [
        {"interest_minor": 12_000, "fee_minor": fee, "tax_minor": 2_700}
    ]


@pytest.mark.parametrize(("of_late_charges", "fees"), [("false", (0, 1_500)), ("true", (225, 1_575))])
async def test_late_charges_that_a_renegotiation_carried_bear_a_fee_only_where_that_was_agreed(
    register: Register, of_late_charges: str, fees: tuple[int, int]
) -> None:
    """Of R$ 120 of interest R$ 20 are for having been late. A part of R$ 15 pays of these alone; the rest pays R$ 5."""
    await register.sql(REGRESSIVE)
    await register.sql(f"INSERT INTO performance_fees VALUES ('2020-01-02', 0.15, 'for tests', {of_late_charges})")  # noqa: S608  # of two above
    await register.deliver(
        activated((10_000, 1_000)),
        renegotiated(number=2, principal=10_000, interest=12_000, carried_late=2_000),
        confirmed(1, MARINA, 1),
        funded(1),
    )
    for number, amount, before in ((1, 1_500, 0), (2, 20_500, 1_500)):
        paid = payment(amount, 2, settled_before_minor=before, late_minor=0)
        await register.deliver(paid.model_copy(update={"number": number}))
    assert await register.sql(
        "SELECT d.interest_minor, late_charge_minor, carried_late_minor, p.fee_minor, p.tax_minor"
        " FROM distributions d JOIN payouts p ON p.distribution_id = d.id ORDER BY d.number"
    ) == [
        {"interest_minor": 1_500, "late_charge_minor": 1_500, "carried_late_minor": 1_500}
        | {"fee_minor": fees[0], "tax_minor": 338},
        {"interest_minor": 10_500, "late_charge_minor": 500, "carried_late_minor": 500}
        | {"fee_minor": fees[1], "tax_minor": 2_363},
    ]


async def test_every_tax_rule_names_its_law_and_its_doubt(register: Register) -> None:
    notes = [row["note"] for row in await register.sql("SELECT note FROM tax_rules")]
    assert len(notes) == 4
    assert all("Lei 11.033/2004" in note and "Doubt:" in note for note in notes)
