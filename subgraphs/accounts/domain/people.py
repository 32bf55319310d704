"""What the platform's staff does about people: finding them, locking them out, letting them in again."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import companies, locking_out, registration
from subgraphs.accounts.domain.refusals import OwnAccount, UnderSanctions, UserNotFound
from subgraphs.shared import tax_ids
from subgraphs.shared.identity import Identity
from subgraphs.shared.refusal import InvalidInput

SEARCH_CHARACTERS_MAX = 254
REASON_CHARACTERS_MAX = 500


async def search_people(
    services: Services, search: str | None, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[models.User]:
    """People by a part of their name, the beginning of their e-mail, or their CPF or CNPJ, only known whole."""
    text = " ".join((search or "").split())[:SEARCH_CHARACTERS_MAX]
    cpf = cnpj = None
    with suppress(InvalidInput):  # not a CPF: a name or an e-mail
        cpf = registration.cpf_fingerprint(services, tax_ids.read_cpf(text))
    with suppress(InvalidInput):  # nor a CNPJ
        cnpj = companies.cnpj_fingerprint(services, tax_ids.read_cnpj(text))
    async with services.database.read() as session:
        return await crud.users.search_users(
            session, text=text or None, cpf_fingerprint=cpf, cnpj_fingerprint=cnpj, after=after, limit=limit
        )


async def suspend_user(services: Services, user_id: UUID, *, actor: Identity, reason: str) -> models.User:
    """
    Lock a person out: every session ends, everywhere and at once, and nobody signs in; what is open goes on. Written
    down with the reason.

    Suspending twice is suspending once. Refuses with UserNotFound, OwnAccount, InvalidInput (no reason).
    """
    return await _set_suspension(services, user_id, actor=actor, suspended=True, reason=reason)


async def reactivate_user(services: Services, user_id: UUID, *, actor: Identity, reason: str) -> models.User:
    """Let a suspended person in again. Refuses like `suspend_user`, and with UnderSanctions."""
    return await _set_suspension(services, user_id, actor=actor, suspended=False, reason=reason)


async def _set_suspension(
    services: Services, user_id: UUID, *, actor: Identity, suspended: bool, reason: str
) -> models.User:
    tidy = " ".join(reason.split())
    if not 1 <= len(tidy) <= REASON_CHARACTERS_MAX:
        raise InvalidInput(
            field="reason",
            reason=f"must have 1 to {REASON_CHARACTERS_MAX} characters",
            reason_pt=f"Informe o motivo, com até {REASON_CHARACTERS_MAX} caracteres.",
        )
    if user_id == actor.user_id:
        raise OwnAccount
    now = services.clock.now()
    async with services.database.begin() as session:
        user = await crud.users.lock_user(session, user_id)
        if user is None or user.closed_at is not None:
            raise UserNotFound
        if (user.suspended_at is not None) == suspended:
            return user
        if suspended:
            await locking_out.lock_out(session, services, user, actor_id=actor.user_id, reason=tidy, now=now)
        elif await crud.screenings.is_blocked(session, user.id):
            raise UnderSanctions
        else:
            await locking_out.let_in(session, user, actor_id=actor.user_id, reason=tidy, now=now)
    return user
