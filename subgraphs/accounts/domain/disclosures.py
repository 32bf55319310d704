"""
What the other services are told about people: each no more than its own work needs, and nothing once an account is
closed.
"""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import structlog

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import companies, registration
from subgraphs.shared.clock import business_date
from subgraphs.shared.people import Person
from subgraphs.shared.reading import Reader

log = structlog.get_logger()

GRANTED: Mapping[str, frozenset[str]] = {
    "contracts": frozenset({"full_name", "tax_id", "related"}),  # whose certificate signs a CPR; who votes on its terms
    "credit": frozenset({"tax_id"}),  # whom the bureau reports on
    "distribution": frozenset({"full_name", "tax_id"}),  # whose income a statement says
    "notifications": frozenset({"email", "phone"}),  # where an e-mail and an SMS go
    "wallet": frozenset({"full_name", "tax_id"}),  # whose a bank account has to be, and a statement is
}
"""The fields of a person that a service may know, by the service's name. Services that are not here may not ask."""


async def tell(services: Services, service: str, user_ids: Collection[UUID]) -> dict[UUID, Person]:
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
        related = await _related(session, services, found) if "related" in granted else {}
    # Of several representatives the earliest comes last, and stays.
    reached = dict(reversed(people))
    reached |= {user.id: user for user in found if not user.is_company}
    told = {
        user.id: _as_granted(
            services, user, granted, reached=reached.get(user.id), related=related.get(user.id, frozenset())
        )
        for user in found
        if user.closed_at is None
    }
    log.info("told a service about people", service=service, fields=sorted(granted), people=len(told))
    return told


async def _related(session: Reader, services: Services, users: Sequence[models.User]) -> dict[UUID, frozenset[UUID]]:
    """By user, the people who act for them or with them, and the companies that these act for, today."""
    today = business_date(services.clock.now())
    company_ids = [user.id for user in users if user.is_company]
    actors = {user.id: {user.id} for user in users if not user.is_company}
    for company_id, person in await crud.representations.list_people_of(session, company_ids, on=today):
        actors.setdefault(company_id, set()).add(person.id)
    people = {person_id for of_one in actors.values() for person_id in of_one}
    acts_for: dict[UUID, set[UUID]] = {}
    for row in await crud.representations.list_of_people(session, people):
        if row.holds_on(today):
            acts_for.setdefault(row.person_id, set()).add(row.company_id)
    return {
        user_id: frozenset().union(of_one, *(acts_for.get(person_id, ()) for person_id in of_one)) - {user_id}
        for user_id, of_one in actors.items()
    }


def _as_granted(
    services: Services,
    user: models.User,
    granted: frozenset[str],
    *,
    reached: models.User | None,
    related: frozenset[UUID],
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
        related=tuple(sorted(related)),
    )
