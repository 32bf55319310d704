"""
What the other services are told about people: each no more than its own work needs, and nothing once an account is
closed.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

import structlog

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import AccountsServices
from subgraphs.shared.people import Person

log = structlog.get_logger()

GRANTED: Mapping[str, frozenset[str]] = {
    "contracts": frozenset({"full_name", "cpf"}),  # whose certificate signs a CPR
    "credit": frozenset({"cpf"}),  # whom the bureau reports on
    "distribution": frozenset({"full_name", "cpf"}),  # whose income a statement says
    "notifications": frozenset({"email"}),  # where an e-mail goes
    "wallet": frozenset({"full_name", "cpf"}),  # whose a bank account has to be, and a statement is
}
"""The fields of a person that a service may know, by the service's name. Services that are not here may not ask."""


async def tell(services: AccountsServices, service: str, user_ids: Collection[UUID]) -> dict[UUID, Person]:
    """
    People with an open account, as *service* may know them.

    Name and CPF are told once the identity is verified: before that they are only what somebody typed.
    """
    granted = GRANTED[service]
    async with services.database.read() as session:
        found = await crud.users.list_users(session, user_ids)
    told = {user.id: _as_granted(services, user, granted) for user in found if user.closed_at is None}
    log.info("told a service about people", service=service, fields=sorted(granted), people=len(told))
    return told


def _as_granted(services: AccountsServices, user: models.User, granted: frozenset[str]) -> Person:
    is_verified = user.identity_status == models.IdentityStatus.VERIFIED
    assert user.cpf_sealed is not None  # noqa: S101  # an open account has it, by constraint
    return Person(
        full_name=user.full_name if is_verified and "full_name" in granted else None,
        cpf=(
            services.vault.open(user.cpf_sealed, use="cpf", place=user.id).decode()
            if is_verified and "cpf" in granted
            else None
        ),
        email=user.email if "email" in granted else None,
    )
