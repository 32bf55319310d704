"""
Columns whose copies are more than other ids: what is sealed, what has check digits, what is computed from others.

What a vault has sealed is bound to its row, so it is opened once and sealed anew for each copy. Each person of a copy
has a tax id of their own, whose check digits are right.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from seeding.copies import Copy
from seeding.wording import Wording
from story.tax_ids import cnpj_of, cpf_of
from subgraphs.shared.vault import Vault
from subgraphs.wallet.domain import bank_details
from subgraphs.wallet.domain.boleto import mod11
from subgraphs.wallet.domain.br_code import crc16_ccitt_false

Row = Mapping[str, Any]
Made = Callable[[Copy], Any]

PEOPLE_MAX = 1_000
"""In one telling."""
_NUMBERS = 10**9
_SCATTER = 387_420_489
"""Has no factor of ten, so that no two numbers are scattered to the same."""
_CHECKSUM_CHARACTERS = 4
_FREE_FIELD_DIGITS = 25


@dataclass
class Told:
    """What the makers of one domain's columns may know of what was told."""

    _vault: Vault | None
    wording: Wording
    tax_ids: dict[str, int]
    """By tax id the place of its person; accounts fills it, who alone has them."""
    rows: dict[str, list[Row]]
    """By table, of those before in the order of copying."""

    def tax_id(self, told: str) -> Made:
        """Who was not told of, such as another payer, keeps theirs."""
        if told not in self.tax_ids:
            return lambda _: told
        place = self.tax_ids[told]
        of = cpf_of if len(told) == len("00000000000") else cnpj_of
        return lambda copy: of((copy.number * PEOPLE_MAX + place) * _SCATTER % _NUMBERS)

    @property
    def vault(self) -> Vault:
        assert self._vault is not None  # noqa: S101  # the domains that seal have one
        return self._vault


def _sealed(column: str, use: str, place: str) -> Callable[[Told, Row], dict[str, Made]]:
    """*column* holds something sealed for *use* at the id in *place*; ids within it are the copy's own."""

    def remade(told: Told, row: Row) -> dict[str, Made]:
        if row[column] is None:
            return {}
        plain, at = told.vault.open(row[column], use=use, place=row[place]), row[place]
        try:
            text = plain.decode()
        except UnicodeDecodeError:
            return {column: lambda copy: told.vault.seal(plain, use=use, place=copy.id(at))}
        words = told.wording.of(text) or (lambda _: text)
        return {column: lambda copy: told.vault.seal(words(copy).encode(), use=use, place=copy.id(at))}

    return remade


def _person(told: Told, row: Row) -> dict[str, Made]:
    return {
        column: make
        for kind in ("cpf", "cnpj")
        if row[f"{kind}_sealed"] is not None
        for column, make in _tax_id(told, row, kind).items()
    }


def _tax_id(told: Told, row: Row, kind: str) -> dict[str, Made]:
    user_id: UUID = row["id"]
    tax_id = told.tax_id(told.vault.open(row[f"{kind}_sealed"], use=kind, place=user_id).decode())
    return {
        f"{kind}_fingerprint": lambda copy: told.vault.fingerprint(tax_id(copy), use=kind),
        f"{kind}_sealed": lambda copy: told.vault.seal(tax_id(copy).encode(), use=kind, place=copy.id(user_id)),
    }


def _retained(told: Told, row: Row) -> dict[str, Made]:
    known = orjson.loads(told.vault.open(row["content_sealed"], use="retained", place=row["user_id"]))
    tax_ids = {kind: told.tax_id(known[kind]) for kind in ("cpf", "cnpj") if kind in known}
    user_id: UUID = row["user_id"]

    def sealed(copy: Copy) -> bytes:
        content = known | {kind: tax_id(copy) for kind, tax_id in tax_ids.items()}
        return told.vault.seal(orjson.dumps(content), use="retained", place=copy.id(user_id))

    return {"content_sealed": sealed}


def _bank_account(told: Told, row: Row) -> dict[str, Made]:
    if row["details_sealed"] is None:
        return {}
    account_id, user_id = row["id"], row["user_id"]
    details = orjson.loads(told.vault.open(row["details_sealed"], use="bank account", place=account_id))
    tax_id = told.tax_id(details["holder_cpf"])
    numbers = {name: details[name] for name in ("bank_code", "branch", "account_number")}
    return {
        "details_sealed": lambda copy: told.vault.seal(
            orjson.dumps(details | {"holder_cpf": tax_id(copy)}), use="bank account", place=copy.id(account_id)
        ),
        "fingerprint": lambda copy: bank_details.fingerprint(told.vault, copy.id(user_id), **numbers),
    }


def _payer(told: Told, row: Row) -> dict[str, Made]:
    (payment,) = [payment for payment in told.rows["gateway_payments"] if payment["id"] == row["payment_id"]]
    name: str = payment["end_to_end_id"]
    payer = orjson.loads(told.vault.open(row["payer_sealed"], use="payer", place=name))
    tax_id, names = told.tax_id(payer["tax_id"]), told.wording.of(name) or (lambda _: name)
    return {
        "payer_sealed": lambda copy: told.vault.seal(
            orjson.dumps(payer | {"tax_id": tax_id(copy)}), use="payer", place=names(copy)
        )
    }


def _sandbox_payer(told: Told, row: Row) -> dict[str, Made]:
    payer = orjson.loads(row["payer"] or "null")
    if payer is None:
        return {}
    tax_id = told.tax_id(payer["tax_id"])
    return {"payer": lambda copy: orjson.dumps(payer | {"tax_id": tax_id(copy)}).decode()}


def _codes(*columns: str) -> Callable[[Told, Row], dict[str, Made]]:
    """What is paid by: a Pix code has a checksum over the address, a barcode names the charge."""

    def remade(told: Told, row: Row) -> dict[str, Made]:
        return {column: _code(told, row[column]) for column in columns if row[column] is not None}

    return remade


def _code(told: Told, code: str) -> Made:
    if code.isdecimal():
        return lambda copy: _barcode(code, copy)
    body = told.wording.of(code[:-_CHECKSUM_CHARACTERS]) or (lambda _: code[:-_CHECKSUM_CHARACTERS])

    def pix_code(copy: Copy) -> str:
        text = body(copy)
        return f"{text}{crc16_ccitt_false(text.encode()):04X}"

    return pix_code


def _barcode(told: str, copy: Copy) -> str:
    free = (int(told[-_FREE_FIELD_DIGITS:]) + copy.number) % 10**_FREE_FIELD_DIGITS
    head, tail = told[:4], f"{told[5:-_FREE_FIELD_DIGITS]}{free:0{_FREE_FIELD_DIGITS}d}"
    return f"{head}{mod11(head + tail)}{tail}"


def _document(told: Told, row: Row) -> dict[str, Made]:
    words = told.wording.of(row["document"]) if row["document"] is not None else None
    if words is None:
        return {}
    return {"document_digest": lambda copy: hashlib.sha256(words(copy).encode()).hexdigest()}


REMADE: Mapping[tuple[str, str], tuple[frozenset[str], Callable[[Told, Row], dict[str, Made]]]] = {
    ("accounts", "retained_records"): (frozenset({"content_sealed"}), _retained),
    ("accounts", "second_factors"): (frozenset({"secret_sealed"}), _sealed("secret_sealed", "totp", "user_id")),
    ("accounts", "uploads"): (frozenset({"content_sealed"}), _sealed("content_sealed", "upload", "id")),
    ("accounts", "users"): (
        frozenset({"cpf_fingerprint", "cpf_sealed", "cnpj_fingerprint", "cnpj_sealed"}),
        _person,
    ),
    ("contracts", "cprs"): (frozenset({"document_digest"}), _document),
    ("contracts", "provider_orders"): (
        frozenset({"answer_sealed"}),
        _sealed("answer_sealed", "provider answer", "id"),
    ),
    ("wallet", "bank_accounts"): (frozenset({"details_sealed", "fingerprint"}), _bank_account),
    ("wallet", "charges"): (frozenset({"br_code", "barcode"}), _codes("br_code", "barcode")),
    ("wallet", "payment_payers"): (frozenset({"payer_sealed"}), _payer),
    ("wallet", "sandbox_charges"): (frozenset({"code"}), _codes("code")),
    ("wallet", "sandbox_payments"): (frozenset({"payer"}), _sandbox_payer),
}
"""By table: which columns are made otherwise, and what makes them of a told row."""
