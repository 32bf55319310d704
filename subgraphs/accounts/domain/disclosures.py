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
    "notifications": frozenset({"email"}),  # where an e-mail goes
    "wallet": frozenset({"full_name", "tax_id"}),  # whose a bank account has to be, and a statement is
}
"""The fields of a person that a service may know, by the service's name. Services that are not here may not ask."""


async def tell(services: AccountsServices, service: str, user_ids: Collection[UUID]) -> dict[UUID, Person]:
    """
    People with an open account, as *service* may know them.

    Name and CPF or CNPJ are told once the identity is verified: before that they are only what somebody typed. A
    company is written to at the address of its earliest representative.
    """
    granted = GRANTED[service]
    async with services.database.read() as session:
        found = await crud.users.list_users(session, user_ids)
        people: Sequence[tuple[UUID, models.User]] = []
        if "email" in granted and (companies_found := [user.id for user in found if user.is_company]):
            today = business_date(services.clock.now())
            people = await crud.representations.list_people_of(session, companies_found, on=today)
    # Of several representatives the earliest comes last, and stays.
    emails = {company_id: person.email for company_id, person in reversed(people)}
    emails |= {user.id: user.email for user in found if not user.is_company}
    told = {
        user.id: _as_granted(services, user, granted, email=emails.get(user.id))
        for user in found
        if user.closed_at is None
    }
    log.info("told a service about people", service=service, fields=sorted(granted), people=len(told))
    return told


def _as_granted(services: AccountsServices, user: models.User, granted: frozenset[str], *, email: str | None) -> Person:
    is_verified = user.identity_status == models.IdentityStatus.VERIFIED
    tells_tax_id = is_verified and "tax_id" in granted
    return Person(
        full_name=user.full_name if is_verified and "full_name" in granted else None,
        cpf=registration.cpf_of(services, user) if tells_tax_id else None,
        cnpj=companies.cnpj_of(services, user) if tells_tax_id else None,
        email=email if "email" in granted else None,
    )
