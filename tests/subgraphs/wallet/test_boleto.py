"""Boletos: published vectors, the due-date factor's restart, and round trips."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.wallet.domain.boleto import (
    Boleto,
    MalformedBoleto,
    barcode_of,
    due_date,
    due_factor,
    format_line,
    line_of,
    mod11,
)

LINE = "00190.50095 40144.816069 06809.350314 3 37370000000100"
BARCODE = "00193373700000001000500940144816060680935031"
NEW_YEAR_2008 = date(2008, 1, 1)


def test_the_published_line_and_barcode_are_one_boleto() -> None:
    assert barcode_of(LINE) == BARCODE
    assert format_line(line_of(BARCODE)) == LINE


def test_the_published_boleto_says_what_it_says() -> None:
    boleto = Boleto.of_line(LINE, near=NEW_YEAR_2008)
    assert boleto == Boleto(
        bank_code="001", due_on=date(2007, 12, 31), amount_minor=100, free_field="0500940144816060680935031"
    )
    assert boleto.barcode == BARCODE
    assert boleto.line == LINE.replace(".", "").replace(" ", "")


@pytest.mark.parametrize(
    ("day", "factor"),
    [
        (date(2000, 7, 3), 1000),
        (date(2007, 12, 31), 3737),
        (date(2025, 2, 21), 9999),
        (date(2025, 2, 22), 1000),
        (date(2025, 2, 23), 1001),
        (date(2049, 10, 13), 9999),
    ],
)
def test_the_due_factor_starts_again_at_1000(day: date, factor: int) -> None:
    assert due_factor(day) == factor


def test_a_factor_means_the_day_that_is_nearest() -> None:
    assert due_date(1000, near=date(2001, 1, 1)) == date(2000, 7, 3)
    assert due_date(1000, near=date(2026, 1, 1)) == date(2025, 2, 22)
    assert due_date(9999, near=date(2026, 1, 1)) == date(2025, 2, 21)
    assert due_date(1000, near=date(1990, 1, 1)) == date(2000, 7, 3)


@pytest.mark.parametrize("place", range(47))
def test_one_wrong_digit_of_the_line_is_noticed(place: int) -> None:
    digits = LINE.replace(".", "").replace(" ", "")
    wrong = digits[:place] + str((int(digits[place]) + 1) % 10) + digits[place + 1 :]
    with pytest.raises(MalformedBoleto, match="check digit"):
        Boleto.of_line(wrong, near=NEW_YEAR_2008)


@pytest.mark.parametrize(("line", "reason"), [("123", "47 digits"), ("x" * 47, "47 digits")])
def test_what_is_no_line_is_refused(line: str, reason: str) -> None:
    with pytest.raises(MalformedBoleto, match=reason):
        barcode_of(line)


def test_what_is_no_barcode_is_refused() -> None:
    with pytest.raises(MalformedBoleto, match="44 digits"):
        Boleto.of_barcode("1" * 43, near=NEW_YEAR_2008)
    without_due_date = "0000" + BARCODE[9:]
    with pytest.raises(MalformedBoleto, match="0 is no due-date factor"):
        Boleto.of_barcode(f"0019{mod11('0019' + without_due_date)}{without_due_date}", near=NEW_YEAR_2008)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"bank_code": "1"}, "3 digits"),
        ({"free_field": "1"}, "free field 25"),
        ({"amount_minor": 0}, "does not fit"),
        ({"amount_minor": 10**10}, "does not fit"),
        ({"due_on": date(2000, 7, 2)}, "no factor"),
    ],
)
def test_what_does_not_fit_on_a_boleto_is_refused(changed: dict[str, object], reason: str) -> None:
    fields = {"bank_code": "001", "due_on": NEW_YEAR_2008, "amount_minor": 100, "free_field": "0" * 25}
    with pytest.raises(ValueError, match=reason):
        _ = Boleto(**(fields | changed)).barcode


digits = st.text("0123456789", min_size=25, max_size=25)


@given(
    bank=st.integers(0, 999),
    amount=st.integers(1, 10**10 - 1),
    day=st.integers(0, 17_999),
    away=st.integers(-4_499, 4_499),
    free=digits,
)
def test_every_boleto_is_read_back_as_it_was_written(bank: int, amount: int, day: int, away: int, free: str) -> None:
    due_on = date(2000, 7, 3) + timedelta(days=day)
    boleto = Boleto(bank_code=f"{bank:03d}", due_on=due_on, amount_minor=amount, free_field=free)
    near = max(due_on + timedelta(days=away), date(2000, 7, 3))
    assert Boleto.of_line(format_line(boleto.line), near=near) == boleto
    assert len(boleto.barcode) == 44
