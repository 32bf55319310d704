"""
Reading what people type about themselves: each function gives the one form we keep, or refuses with InvalidInput.

Reasons are in English for developers and in Portuguese for the person, and never repeat what was typed: it may be a
password in the wrong field.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date

import email_validator

from subgraphs.accounts.models.vocabulary import Profile
from subgraphs.shared.refusal import InvalidInput

NAME_CHARACTERS_MAX = 120
DISPLAY_NAME_CHARACTERS_MAX = 60
COMPANY_NAME_CHARACTERS_MAX = 150
"""The longest that the revenue service's records hold."""
EMAIL_CHARACTERS_MAX = 254
"""RFC 5321, section 4.5.3.1.3, less the angle brackets."""
PASSWORD_CHARACTERS_MIN = 8
AGE_MIN = 18
"""Civil capacity (Código Civil, art. 5)."""
AGE_MAX = 120

_PHONE_SEPARATORS = re.compile(r"[ ().-]")
_SHARE_COMPANY = re.compile(r"\bS/A\b", re.IGNORECASE)
_LIKE_AN_ADDRESS = re.compile(r"\.\w{2}")
_MOBILE = re.compile(r"(?:1[1-9]|2[12478]|3[1-578]|4[1-9]|5[1345]|6[1-9]|7[134579]|8[1-9]|9[1-9])9\d{8}", re.ASCII)
"""An area code in use (Anatel, Plano Geral de Códigos Nacionais), then nine digits that begin with 9."""


def read_name(text: str, *, field: str = "name", characters_max: int = NAME_CHARACTERS_MAX) -> str:
    """
    A person's name, its spaces tidied.

    Letters, spaces and the few marks that names have: a name is put into messages, and a link in it would turn our
    messages into somebody else's.
    """
    name = _tidied(text, field=field, characters_max=characters_max)
    if not all(character.isalpha() or unicodedata.combining(character) or character in " '’-." for character in name):
        raise InvalidInput(
            field=field,
            reason="may have letters, spaces, apostrophes, hyphens and full stops only",
            reason_pt="O nome só pode ter letras, espaços, apóstrofos, hifens e pontos.",
        )
    return name


def read_company_name(text: str, *, field: str, characters_max: int = COMPANY_NAME_CHARACTERS_MAX) -> str:
    """
    What a company is called, its spaces tidied: like a person's name, and with digits, `&`, commas, brackets and `S/A`.

    Nothing in it may look like an address of the web: it is put into messages too.
    """
    name = _tidied(text, field=field, characters_max=characters_max)
    plain = _SHARE_COMPANY.sub("", name)
    has_strange = any(
        not (character.isalnum() or unicodedata.combining(character) or character in " '’-.&,()ºª")
        for character in plain
    )
    if has_strange or _LIKE_AN_ADDRESS.search(plain):
        raise InvalidInput(
            field=field,
            reason="may have letters, digits, spaces, S/A and ' - . & , ( ) only, and no address of the web",
            reason_pt="O nome só pode ter letras, números, espaços, S/A e ' - . & , ( ), sem endereços da internet.",
        )
    return name


def _tidied(text: str, *, field: str, characters_max: int) -> str:
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not 2 <= len(name) <= characters_max:
        raise InvalidInput(
            field=field,
            reason=f"must have 2 to {characters_max} characters",
            reason_pt=f"O nome precisa ter de 2 a {characters_max} caracteres.",
        )
    return name


def short_name(full_name: str) -> str:
    """How others see a person who has chosen nothing else: `Sérgio A.`"""
    first, *others = full_name.split()
    return f"{first} {others[-1][0]}." if others else first


def first_name(name: str) -> str:
    """How a letter begins: `Sérgio`."""
    return name.split(maxsplit=1)[0]


def read_email(text: str) -> str:
    """An e-mail address as it is written to."""
    try:
        if len(text) > EMAIL_CHARACTERS_MAX:
            raise email_validator.EmailNotValidError
        return email_validator.validate_email(text.strip(), check_deliverability=False).normalized
    except email_validator.EmailNotValidError:
        raise InvalidInput(
            field="email", reason="is not an e-mail address", reason_pt="Informe um e-mail válido."
        ) from None


def email_key(email: str) -> str:
    """An e-mail address as it is compared: nobody means two people by `Ana@…` and `ana@…`."""
    return email.strip().lower()


def read_phone(text: str) -> str:
    """
    A Brazilian mobile number in E.164: `+5565999990001`.

    Nine digits that begin with 9, after an area code in use; the country code may be left out.
    """
    digits = _PHONE_SEPARATORS.sub("", text.strip())
    national = digits.removeprefix("+55") if digits.startswith("+") else digits
    if _MOBILE.fullmatch(national):
        return f"+55{national}"
    raise InvalidInput(
        field="phone",
        reason="is not a Brazilian mobile number; write it like +5565999990001",
        reason_pt="Informe um celular brasileiro com DDD, como (65) 99999-0001.",
    )


def mask_phone(phone: str) -> str:
    """The last four digits: `+55 ** *****-0001`."""
    return f"+55 ** *****-{phone[-4:]}"


def read_birth_date(born_on: date, *, today: date) -> date:
    """The birth date of an adult."""
    if _age(born_on, today) < AGE_MIN:
        raise InvalidInput(
            field="birthDate",
            reason=f"must be at least {AGE_MIN} years ago",
            reason_pt=f"É preciso ter pelo menos {AGE_MIN} anos.",
        )
    if _age(born_on, today) > AGE_MAX:
        raise InvalidInput(
            field="birthDate",
            reason=f"must not be more than {AGE_MAX} years ago",
            reason_pt="Confira a data de nascimento.",
        )
    return born_on


def _age(born_on: date, today: date) -> int:
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


def read_new_password(text: str, *, characters_max: int, field: str = "password", email: str | None = None) -> str:
    """
    A password that may be chosen: 8 characters and more, with an upper-case letter, a digit and a special character.

    The upper bound keeps a megabyte from being hashed. The e-mail itself is refused.
    """
    rules = (
        (len(text) >= PASSWORD_CHARACTERS_MIN, f"must have at least {PASSWORD_CHARACTERS_MIN} characters",
         f"A senha precisa ter pelo menos {PASSWORD_CHARACTERS_MIN} caracteres."),
        (len(text) <= characters_max, f"must have at most {characters_max} characters",
         f"A senha pode ter no máximo {characters_max} caracteres."),
        (any(character.isupper() for character in text), "must have an upper-case letter",
         "A senha precisa ter uma letra maiúscula."),
        (any(character.isdecimal() for character in text), "must have a digit", "A senha precisa ter um número."),
        (any(unicodedata.category(character)[0] in "PS" for character in text), "must have a special character",
         "A senha precisa ter um caractere especial."),
        (not any(unicodedata.category(character) == "Cc" for character in text), "must not have control characters",
         "A senha não pode ter caracteres de controle."),
        (email is None or email_key(text) != email_key(email), "must not be the e-mail",
         "A senha não pode ser o e-mail."),
    )  # fmt: skip
    for kept, reason, reason_pt in rules:
        if not kept:
            raise InvalidInput(field=field, reason=reason, reason_pt=reason_pt)
    return text


def read_profiles(profiles: Iterable[Profile]) -> tuple[Profile, ...]:
    """One profile or both, each once."""
    chosen = tuple(profile for profile in Profile if profile in set(profiles))
    if not chosen:
        raise InvalidInput(
            field="profiles", reason="name at least one profile", reason_pt="Escolha pelo menos um perfil."
        )
    return chosen


def bound(characters_max: int, **texts: str | None) -> None:
    """Refuse with InvalidInput what is longer than anything that could be right."""
    for field, text in texts.items():
        if text is not None and len(text) > max(characters_max, EMAIL_CHARACTERS_MAX):
            raise InvalidInput(field=field, reason="is too long", reason_pt="O valor é longo demais.")
