"""
The numbers by which Brazil's revenue service knows taxpayers: a CPF for a natural person, a CNPJ for a legal one.

Each has one form here: a CPF is eleven digits, a CNPJ fourteen characters. The last two are digits that check the
others. Since July 2026 the first twelve of a new CNPJ may be letters as well as digits (Instrução Normativa RFB
2.229/2024); the check digits are computed alike, each character counting its ASCII code less 48. So the length tells
the two apart, and no CNPJ may be kept as a number.

What is typed wrong is refused with InvalidInput, which says what to do and never repeats what was typed.
"""

import re

from validate_docbr import CNPJ, CPF

from subgraphs.shared.refusal import InvalidInput

_CPF_FORM = re.compile(r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}", re.ASCII)
_CNPJ_FORM = re.compile(r"[0-9A-Z]{2}\.?[0-9A-Z]{3}\.?[0-9A-Z]{3}/?[0-9A-Z]{4}-?[0-9]{2}")
_SEPARATORS = re.compile(r"[./-]")
_CPF_DIGITS = 11
_TEXT_CHARACTERS_MAX = 40
"""Longer than either with all its marks; a text beyond it is not looked at."""

_cpf_check = CPF(repeated_digits=False)
_cnpj_check = CNPJ()


def read_cpf(text: str) -> str:
    """Eleven digits whose last two check the others; repeated digits check but belong to nobody."""
    cpf = _find_cpf(text)
    if cpf is not None:
        return cpf
    if _find_cnpj(text) is not None:
        raise _refusal(
            "cpf",
            "is a CNPJ; give your own CPF, and register the company with registerCompany afterwards",
            "Este é um CNPJ. Informe o seu CPF; depois de entrar, cadastre a empresa.",
        )
    raise _refusal(
        "cpf",
        "is not a valid CPF; check its eleven digits",
        "CPF inválido. Confira os onze dígitos, como em 529.982.247-25.",
    )


def read_cnpj(text: str) -> str:
    """Fourteen characters, letters in upper case; typed in either case, with or without its marks."""
    cnpj = _find_cnpj(text)
    if cnpj is not None:
        return cnpj
    if _find_cpf(text) is not None:
        raise _refusal(
            "cnpj",
            "is a CPF; give the CNPJ of the company or cooperative",
            "Este é um CPF. Informe o CNPJ da empresa ou cooperativa.",
        )
    raise _refusal(
        "cnpj",
        "is not a valid CNPJ; check its fourteen characters",
        "CNPJ inválido. Confira os catorze caracteres, como em 12.ABC.345/01DE-35.",
    )


def mask_cpf(cpf: str) -> str:
    """`***.982.247-**`: enough to recognise one's own."""
    return f"***.{cpf[3:6]}.{cpf[6:9]}-**"


def mask_tax_id(tax_id: str) -> str:
    """A CPF masked; a CNPJ is public."""
    return mask_cpf(tax_id) if len(tax_id) == _CPF_DIGITS else print_cnpj(tax_id)


def print_cpf(cpf: str) -> str:
    """`529.982.247-25`, as it is written on paper."""
    return f"{cpf[:3]}.{cpf[3:6]}.{cpf[6:9]}-{cpf[9:]}"


def print_cnpj(cnpj: str) -> str:
    """`12.ABC.345/01DE-35`, as it is written on paper. It is public, so none of it is hidden."""
    return f"{cnpj[:2]}.{cnpj[2:5]}.{cnpj[5:8]}/{cnpj[8:12]}-{cnpj[12:]}"


def _find_cpf(text: str) -> str | None:
    text = text.strip() if len(text) <= _TEXT_CHARACTERS_MAX else ""
    is_one = _CPF_FORM.fullmatch(text) and _cpf_check.validate(text)
    return _SEPARATORS.sub("", text) if is_one else None


def _find_cnpj(text: str) -> str | None:
    text = text.strip() if len(text) <= _TEXT_CHARACTERS_MAX else ""
    # Only ASCII has upper case here: that of `ı` would be an I that nobody typed.
    cnpj = text.upper() if text.isascii() else ""
    is_one = _CNPJ_FORM.fullmatch(cnpj) and _cnpj_check.validate(cnpj)
    return _SEPARATORS.sub("", cnpj) if is_one else None


def _refusal(field: str, reason: str, reason_pt: str) -> InvalidInput:
    return InvalidInput(field=field, reason=reason, reason_pt=reason_pt)
