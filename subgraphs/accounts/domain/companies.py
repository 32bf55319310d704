"""
Companies and cooperatives: accounts of legal persons, registered by somebody who will represent them.

A company is a user to every domain: it borrows, invests, has a wallet and pays tax under its own id. It has no
password; its representatives sign in as themselves and act for it (`acting.py`).
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import personal_data, representatives, standing, telling
from subgraphs.accounts.domain.erasing import erase
from subgraphs.accounts.domain.refusals import (
    CompanyAlreadyRegistered,
    IdentityNotVerified,
    RepresentativeNotEligible,
    SessionEnded,
)
from subgraphs.accounts.domain.registration import add_user
from subgraphs.accounts.models.vocabulary import AuditAction, IdentityStatus, Power
from subgraphs.accounts.schemas.commands import RegisterCompany
from subgraphs.shared.clock import business_date
from subgraphs.shared.identity import Identity
from subgraphs.shared.ids import new_id
from subgraphs.shared.jobs import all_or_one_by_one

BATCH = 100
"""Companies erased in one transaction; the rest waits for the job's next run."""


async def register_company(services: Services, command: RegisterCompany, *, actor: Identity) -> models.User:
    """
    Open a company's account, with the asker as its first representative, who has every power.

    Nothing is proved by this: the company is verified like a person. Sent again by the same person, the company that is
    there is the answer; nothing of it is changed. Refuses with IdentityNotVerified, RepresentativeNotEligible (staff),
    CompanyAlreadyRegistered, SessionEnded.
    """
    try:
        async with services.database.begin() as session:
            person = await crud.users.lock_user(session, actor.user_id)
            if person is None or person.closed_at is not None:
                raise SessionEnded
            if (known := await _known(session, services, command.cnpj, person.id)) is not None:
                return known
            if person.identity_status != IdentityStatus.VERIFIED:
                raise IdentityNotVerified
            if person.staff_roles:
                raise RepresentativeNotEligible
            return await _add(session, services, command, person)
    except IntegrityError:
        # Somebody else registered it in the same moment, and is found now.
        async with services.database.begin() as session:
            if (known := await _known(session, services, command.cnpj, actor.user_id)) is not None:
                return known
        raise


async def _known(session: AsyncSession, services: Services, cnpj: str, person_id: UUID) -> models.User | None:
    known = await crud.users.find_user_by_cnpj(session, cnpj_fingerprint(services, cnpj))
    if known is None:
        return None
    if await crud.representations.find_open(session, company_id=known.id, person_id=person_id) is None:
        raise CompanyAlreadyRegistered
    return known


async def _add(session: AsyncSession, services: Services, command: RegisterCompany, person: models.User) -> models.User:
    now, company_id = services.clock.now(), new_id()
    company = models.User(
        id=company_id,
        kind=command.kind,
        display_name=command.trade_name or command.legal_name[: personal_data.DISPLAY_NAME_CHARACTERS_MAX],
        full_name=command.legal_name,
        cnpj_fingerprint=cnpj_fingerprint(services, command.cnpj),
        cnpj_sealed=services.vault.seal(command.cnpj.encode(), use="cnpj", place=company_id),
        profiles=[profile.value for profile in command.profiles],
        staff_roles=[],
        identity_status=IdentityStatus.NOT_STARTED,
        created_at=now,
    )
    await add_user(session, company, now=now)
    representation = models.Representation(
        id=new_id(),
        company_id=company_id,
        person_id=person.id,
        powers=[power.value for power in Power],
        valid_from=business_date(now),
        appointed_at=now,
        appointed_by=person.id,
    )
    session.add(representation)
    representatives.write_down(session, AuditAction.COMPANY_REGISTERED, representation, by=person.id, now=now)
    return company


def cnpj_fingerprint(services: Services, cnpj: str) -> bytes:
    return services.vault.fingerprint(cnpj, use="cnpj")


def cnpj_of(services: Services, company: models.User) -> str | None:
    """The company's CNPJ, in its one form; None of a closed one, and of people."""
    if company.cnpj_sealed is None:
        return None
    return services.vault.open(company.cnpj_sealed, use="cnpj", place=company.id).decode()


async def undo_unproved(services: Services) -> int:
    """
    The job: erase companies that nobody proved to represent in time; how many.

    Whoever registered a CNPJ that is not theirs must not keep it from its owner.
    """
    now = services.clock.now()
    created_before = now - timedelta(days=services.settings.unproved_company_days_kept)
    async with services.database.begin() as session:
        unproved = [
            company
            for company in await crud.users.lock_unproved_companies(session, created_before=created_before, limit=BATCH)
            # Where somebody sent it money, that is theirs to take out first.
            if await standing.open_business(session, company.id) is None
        ]

        async def undo(some: Sequence[models.User]) -> None:
            for company in some:
                await erase(session, company, by=company.id, now=now)
                await telling.tell_closed(session, company.id, now=now)

        return await all_or_one_by_one(session, "forget what is over", unproved, undo, name=lambda company: company.id)
