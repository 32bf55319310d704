"""BR Codes: published vectors and round trips."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.wallet.domain.br_code import DynamicBRCode, MalformedBRCode, crc16_ccitt_false

MANUAL = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR"
    "5913Fulano de Tal6008BRASILIA62070503***6304"
)
CODE = DynamicBRCode(
    address="pix.example/qr/v2/0192f0c8a5d47c3e8f6b1a2b3c4d5e6f",
    amount_minor=945_60,
    receiver_name="PEERSEED",
    receiver_city="BRASILIA",
)
TEXT = (
    "00020101021226720014br.gov.bcb.pix2550pix.example/qr/v2/0192f0c8a5d47c3e8f6b1a2b3c4d5e6f"
    "5204000053039865406945.605802BR5908PEERSEED6008BRASILIA62070503***6304"
)


def test_the_checksum_is_the_published_one() -> None:
    assert f"{crc16_ccitt_false(b'123456789'):04X}" == "29B1"
    assert f"{crc16_ccitt_false(MANUAL.encode()):04X}" == "1D3D"


def test_a_code_is_written_field_by_field() -> None:
    assert CODE.encode() == TEXT + f"{crc16_ccitt_false(TEXT.encode()):04X}"
    assert DynamicBRCode.decode(CODE.encode()) == CODE


def test_names_lose_their_accents_and_what_does_not_fit() -> None:
    code = DynamicBRCode(
        address="a", amount_minor=1, receiver_name="Cooperação dos Produtores do Araguaia", receiver_city="São João"
    )
    read = DynamicBRCode.decode(code.encode())
    assert (read.receiver_name, read.receiver_city) == ("Cooperacao dos Produtores", "Sao Joao")


def test_a_name_of_nothing_that_can_be_shown_is_still_a_field() -> None:
    code = DynamicBRCode(address="a", amount_minor=1, receiver_name="種", receiver_city="São João")
    assert DynamicBRCode.decode(code.encode()).receiver_name == "-"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [({"address": ""}, "address"), ({"address": "é"}, "address"), ({"address": "a" * 78}, "address"),
     ({"amount_minor": 0}, "more than nothing")],
)  # fmt: skip
def test_what_does_not_fit_in_a_code_is_refused(changed: dict[str, object], reason: str) -> None:
    fields = {"address": "a", "amount_minor": 1, "receiver_name": "a", "receiver_city": "b"}
    with pytest.raises(ValueError, match=reason):
        DynamicBRCode(**(fields | changed)).encode()


def with_checksum(text: str) -> str:
    return f"{text}6304{crc16_ccitt_false((text + '6304').encode()):04X}"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("", "does not end with a checksum"),
        (MANUAL + "0000", "checksum is wrong"),
        (MANUAL + "1D3D", "no dynamic Pix code"),
        (with_checksum("0002"), "field 00 is cut short"),
        (with_checksum("00"), "no field at character 0"),
        (with_checksum("000201000201"), "no field at character 6"),
        (with_checksum("26270014br.gov.bcb.pix2505abcde"), "names no amount in reais"),
    ],
)
def test_what_is_no_code_is_refused(code: str, reason: str) -> None:
    with pytest.raises(MalformedBRCode, match=reason):
        DynamicBRCode.decode(code)


@given(
    address=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=77),
    amount=st.integers(1, 10**12),
    name=st.text("ABCDEFGHIJ klmnop", min_size=1, max_size=25).map(str.strip).filter(bool),
    city=st.text("ABCDEFGHIJ", min_size=1, max_size=15),
)
def test_every_code_is_read_back_as_it_was_written(address: str, amount: int, name: str, city: str) -> None:
    code = DynamicBRCode(address=address, amount_minor=amount, receiver_name=name, receiver_city=city)
    assert DynamicBRCode.decode(code.encode()) == code
