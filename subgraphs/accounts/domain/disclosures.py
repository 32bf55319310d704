"""
What the other services are told about people: each no more than its own work needs, and nothing once an account is
closed.
"""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import structlog

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import AccountsServices
from subgraphs.accounts.domain import companies, registration
from subgraphs.shared.clock import business_date
from subgraphs.shared.people import Person

log = structlog.get_logger()

GRANTED: Mapping[str, frozenset[str]] = {
    "contracts": frozenset({"full_name", "tax_id"}),  # whose certificate signs a CPR
    "credit": frozenset({"tax_id"}),  # whom the bureau reports on
    "distribution": frozenset({"full_name", "tax_id"}),  # whose income a statement says
    "notifications": frozenset({"email", "phone"}),  # where an e-mail and an SMS go
    "wallet": frozenset({"full_name", "tax_id"}),  # whose a bank account has to be, and a statement is
}
"""The fields of a person that a service may know, by the service's name. Services that are not here may not ask."""


async def tell(services: AccountsServices, service: str, user_ids: Collection[UUID]) -> dict[UUID, Person]:
    """
    People with an open account, as *service* may know them.

    Name and CPF or CNPJ are told once the identity is verified: before that they are only what somebody typed. A
    company is written to at the address of its earliest representative. A phone is told once it is confirmed.
    """
    granted = GRANTED[service]
    async with services.database.read() as session:
        found = await crud.users.list_users(session, user_ids)
        people: Sequence[tuple[UUID, models.User]] = []
        if "email" in granted and (companies_found := [user.id for user in found if user.is_company]):
            today = business_date(services.clock.now())
            people = await crud.representations.list_people_of(session, companies_found, on=today)
    # Of several representatives the earliest comes last, and stays.
    reached = dict(reversed(people))
    reached |= {user.id: user for user in found if not user.is_company}
    told = {
        user.id: _as_granted(services, user, granted, reached=reached.get(user.id))
        for user in found
        if user.closed_at is None
    }
    log.info("told a service about people", service=service, fields=sorted(granted), people=len(told))
    return told


def _as_granted(
    services: AccountsServices, user: models.User, granted: frozenset[str], *, reached: models.User | None
) -> Person:
    """*reached* is who is written to: the person, or a company's representative."""
    is_verified = user.identity_status == models.IdentityStatus.VERIFIED
    tells_tax_id = is_verified and "tax_id" in granted
    return Person(
        full_name=user.full_name if is_verified and "full_name" in granted else None,
        cpf=registration.cpf_of(services, user) if tells_tax_id else None,
        cnpj=companies.cnpj_of(services, user) if tells_tax_id else None,
        email=reached.email if reached and "email" in granted else None,
        phone=reached.phone if reached and reached.phone_confirmed_at and "phone" in granted else None,
    )
