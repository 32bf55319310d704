"""
The BR Code of Pix: what a QR code shows and "copia e cola" pastes.

A text of fields, each an id, a length and a value, two digits each for id and length; the last field is a checksum
over everything before it. Sources: EMV QRCPS Merchant Presented Mode 1.1; Banco Central do Brasil, "Manual do BR
Code" and "Manual de Padrões para Iniciação do Pix".
"""

import re
import unicodedata
from dataclasses import dataclass

from subgraphs.shared.money import InvalidAmount, parse_minor, to_decimal

PIX = "br.gov.bcb.pix"
TXID = re.compile(r"[a-zA-Z0-9]{26,35}")
"""The transaction id of a charge that a gateway keeps (dynamic)."""
DYNAMIC_TXID = "***"
"""What stands in the code of a dynamic charge: the id is behind its address."""

NAME_MAX = 25
CITY_MAX = 15
ADDRESS_MAX = 77
_CHECKSUM_FIELD = "6304"


class MalformedBRCode(ValueError):
    """A text that is no BR Code of Pix; the message says why."""


@dataclass(frozen=True)
class DynamicBRCode:
    """A charge whose details the payer's bank reads at *address* (without the scheme)."""

    address: str
    amount_minor: int
    receiver_name: str
    receiver_city: str

    def encode(self) -> str:
        """Raises ValueError for an address or amount that does not fit; names are cut to their lengths."""
        if not 0 < len(self.address) <= ADDRESS_MAX or not self.address.isascii():
            raise ValueError(f"the address must be of 1 to {ADDRESS_MAX} ASCII characters")
        if self.amount_minor <= 0:
            raise ValueError("a charge is of more than nothing")
        account = _field("00", PIX) + _field("25", self.address)
        body = "".join(
            (
                _field("00", "01"),
                _field("01", "12"),  # to be paid once
                _field("26", account),
                _field("52", "0000"),
                _field("53", "986"),  # the real, ISO 4217
                _field("54", str(to_decimal(self.amount_minor))),
                _field("58", "BR"),
                _field("59", _plain(self.receiver_name, NAME_MAX)),
                _field("60", _plain(self.receiver_city, CITY_MAX)),
                _field("62", _field("05", DYNAMIC_TXID)),
                _CHECKSUM_FIELD,
            )
        )
        return f"{body}{crc16_ccitt_false(body.encode()):04X}"

    @classmethod
    def decode(cls, code: str) -> "DynamicBRCode":
        """Raises MalformedBRCode for anything that `encode` would not make."""
        body, checksum = code[:-4], code[-4:]
        if not code.isascii() or not body.endswith(_CHECKSUM_FIELD):
            raise MalformedBRCode("it does not end with a checksum")
        if f"{crc16_ccitt_false(body.encode()):04X}" != checksum.upper():
            raise MalformedBRCode("the checksum is wrong")
        fields = _read_fields(body.removesuffix(_CHECKSUM_FIELD))
        account = _read_fields(fields.get("26", ""))
        if account.get("00", "").lower() != PIX or "25" not in account:
            raise MalformedBRCode("it is no dynamic Pix code")
        if fields.get("53") != "986" or "54" not in fields:
            raise MalformedBRCode("it names no amount in reais")
        try:
            amount_minor = parse_minor(fields["54"])
        except InvalidAmount as error:
            raise MalformedBRCode(str(error)) from None
        return cls(
            address=account["25"],
            amount_minor=amount_minor,
            receiver_name=fields.get("59", ""),
            receiver_city=fields.get("60", ""),
        )


def crc16_ccitt_false(data: bytes) -> int:
    """CRC-16/CCITT-FALSE: polynomial 1021, start FFFF, nothing reflected."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def _field(field_id: str, value: str) -> str:
    if not 0 < len(value) <= 99:
        raise ValueError(f"field {field_id} has {len(value)} characters; 1 to 99 fit")
    return f"{field_id}{len(value):02d}{value}"


def _read_fields(text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    place = 0
    while place < len(text):
        field_id, length = text[place : place + 2], text[place + 2 : place + 4]
        if len(length) < 2 or not length.isdecimal() or field_id in fields:
            raise MalformedBRCode(f"there is no field at character {place}")
        end = place + 4 + int(length)
        if end > len(text):
            raise MalformedBRCode(f"field {field_id} is cut short")
        fields[field_id] = text[place + 4 : end]
        place = end
    return fields


def _plain(text: str, length_max: int) -> str:
    """Without accents, which many banks' readers count as two characters, and cut to what fits."""
    decomposed = unicodedata.normalize("NFKD", text)
    ascii_only = decomposed.encode("ascii", "ignore").decode().strip()
    return ascii_only[:length_max] or "-"
