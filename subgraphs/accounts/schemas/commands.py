"""Commands: what is wanted, already read and in one form, so that verbs need not ask again."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from subgraphs.accounts.models.vocabulary import AccountKind, Power, Profile
from subgraphs.shared.vocabulary import ConsentPurpose


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from, as far as we know."""

    address: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True, slots=True)
class AgreedTo:
    """A text that somebody has read and agrees to."""

    purpose: ConsentPurpose
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    full_name: str
    email: str
    password: str = field(repr=False)
    birth_date: date
    phone: str
    """E.164."""
    cpf: str = field(repr=False)
    """Eleven digits."""
    profiles: tuple[Profile, ...]
    consents: tuple[AgreedTo, ...]
    """Each purpose once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    email: str
    password: str = field(repr=False)
    totp_code: str | None = field(default=None, repr=False)
    recovery_code: str | None = field(default=None, repr=False)
    device_token: str | None = field(default=None, repr=False)
    """What an earlier sign-in on this device gave."""
    unlock_code: str | None = field(default=None, repr=False)
    """What was mailed to the account's owner because too many strangers had failed."""
    scopes: frozenset[str] | None = None
    """Fewer than the person may have; all of them when None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateProfile:
    """What is None stays as it is."""

    display_name: str | None = None
    phone: str | None = None
    profiles: tuple[Profile, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCompany:
    kind: AccountKind
    cnpj: str
    """Fourteen characters."""
    legal_name: str
    trade_name: str | None
    profiles: tuple[Profile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointRepresentative:
    person_id: UUID
    powers: tuple[Power, ...]
    valid_from: date
    valid_until: date | None
