"""CPF and CNPJ: what is taken, in which form it is kept, and what is said about the rest."""

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from subgraphs.shared import tax_ids
from subgraphs.shared.refusal import InvalidInput

CNPJ_ALPHABET = string.digits + string.ascii_uppercase


def check_digits(base: str) -> str:
    """The two check digits of a CNPJ's first twelve characters, by the revenue service's modulus 11."""
    digits = ""
    for _ in range(2):
        values = [ord(character) - ord("0") for character in reversed(base + digits)]
        remainder = sum(value * (2 + place % 8) for place, value in enumerate(values)) % 11
        digits += "0" if remainder < 2 else str(11 - remainder)
    return digits


bases = st.text(CNPJ_ALPHABET, min_size=12, max_size=12).filter(lambda base: len(set(base + check_digits(base))) > 1)


@pytest.mark.parametrize("text", ["529.982.247-25", "52998224725", " 529.982.247-25 ", "529982247-25"])
def test_a_cpf_is_kept_as_eleven_digits(text: str) -> None:
    assert tax_ids.read_cpf(text) == "52998224725"


@pytest.mark.parametrize(
    "text",
    [
        "529.982.247-24",
        "111.111.111-11",
        "000.000.000-00",
        "529.982.247",
        "5299822472x",
        "",
        "52998224725;",
        "٥٢٩٩٨٢٢٤٧٢٥",
        "5" * 1_000_000,
    ],
)
def test_what_is_no_cpf_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        tax_ids.read_cpf(text)
    assert (refused.value.field, refused.value.reason) == ("cpf", "is not a valid CPF; check its eleven digits")
    assert refused.value.reason_pt == "CPF inválido. Confira os onze dígitos, como em 529.982.247-25."


@pytest.mark.parametrize("text", ["11.222.333/0001-81", "12ABC34501DE35"])
def test_who_types_a_cnpj_for_a_cpf_is_told_so(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        tax_ids.read_cpf(text)
    assert refused.value.field == "cpf"
    assert refused.value.reason == (
        "is a CNPJ; give your own CPF, and register the company with registerCompany afterwards"
    )


def test_a_cpf_is_shown_without_its_outer_digits() -> None:
    assert tax_ids.mask_cpf("52998224725") == "***.982.247-**"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("11.222.333/0001-81", "11222333000181"),
        ("11222333000181", "11222333000181"),
        (" 11.222.333/0001-81\n", "11222333000181"),
        ("12.ABC.345/01DE-35", "12ABC34501DE35"),
        ("12.abc.345/01de-35", "12ABC34501DE35"),
        ("12abc34501DE35", "12ABC34501DE35"),
        ("12ABC345/01DE-35", "12ABC34501DE35"),
    ],
)
def test_a_cnpj_is_kept_as_fourteen_characters_in_upper_case(text: str, kept: str) -> None:
    assert tax_ids.read_cnpj(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "11.222.333/0001-82",
        "12.ABC.345/01DE-36",
        "12.ABC.345/01DE-3S",
        "00.000.000/0000-00",
        "11.222.333/0001",
        "11 222 333 0001 81",
        "12.ÀBC.345/01DE-35",
        "١١٢٢٢٣٣٣٠٠٠١٨١",
        "",
        "A" * 1_000_000,
    ],
)
def test_what_is_no_cnpj_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        tax_ids.read_cnpj(text)
    assert (refused.value.field, refused.value.reason) == ("cnpj", "is not a valid CNPJ; check its fourteen characters")
    assert refused.value.reason_pt == "CNPJ inválido. Confira os catorze caracteres, como em 12.ABC.345/01DE-35."


def test_who_types_a_cpf_for_a_cnpj_is_told_so() -> None:
    with pytest.raises(InvalidInput) as refused:
        tax_ids.read_cnpj("529.982.247-25")
    assert (refused.value.field, refused.value.reason) == (
        "cnpj",
        "is a CPF; give the CNPJ of the company or cooperative",
    )


@given(bases)
def test_every_way_of_writing_a_cnpj_is_the_same_cnpj(base: str) -> None:
    cnpj = base + check_digits(base)
    printed = tax_ids.print_cnpj(cnpj)
    assert {tax_ids.read_cnpj(text) for text in (cnpj, cnpj.lower(), printed, f" {printed.lower()} ")} == {cnpj}


@given(bases, st.integers(0, 11), st.sampled_from(CNPJ_ALPHABET))
def test_one_character_mistyped_is_found_unless_the_check_digits_are_the_same(
    base: str, place: int, other: str
) -> None:
    """Modulus 11 cannot tell 0 from F, which counts 22: with letters some slips of one character pass."""
    cnpj = base + check_digits(base)
    mistyped = cnpj[:place] + other + cnpj[place + 1 :]
    assume(len(set(mistyped)) > 1)
    is_same_to_the_check = check_digits(mistyped[:12]) == cnpj[12:]
    try:
        assert tax_ids.read_cnpj(mistyped) == mistyped
    except InvalidInput:
        assert not is_same_to_the_check
    else:
        assert is_same_to_the_check


@pytest.mark.parametrize(
    ("cnpj", "printed"), [("11222333000181", "11.222.333/0001-81"), ("12ABC34501DE35", "12.ABC.345/01DE-35")]
)
def test_a_cnpj_is_printed_with_its_marks(cnpj: str, printed: str) -> None:
    assert tax_ids.print_cnpj(cnpj) == printed
