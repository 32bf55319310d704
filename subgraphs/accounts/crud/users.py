"""SQL on people."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts.models import AccountKind, IdentityStatus, User
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of


async def find_user(session: Reader, user_id: UUID) -> User | None:
    return await session.get(User, user_id)


async def lock_user(session: AsyncSession, user_id: UUID) -> User | None:
    """The person, locked: whoever changes an account or its sessions waits for the other."""
    return await session.get(User, user_id, with_for_update=True, populate_existing=True)


async def lock_users(session: AsyncSession, user_ids: Iterable[UUID]) -> Sequence[User]:
    """Several at once, in the order of their ids. People are locked before the companies that they represent."""
    statement = (
        select(User)
        .where(User.id.in_(set(user_ids)))
        .order_by(User.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).all()


async def find_user_by_email(session: Reader, email_key: str) -> User | None:
    found: User | None = await session.scalar(select(User).where(User.email_key == email_key))
    return found


async def find_user_by_cpf(session: AsyncSession, fingerprint: bytes) -> User | None:
    found: User | None = await session.scalar(select(User).where(User.cpf_fingerprint == fingerprint))
    return found


async def find_user_by_cnpj(session: AsyncSession, fingerprint: bytes) -> User | None:
    found: User | None = await session.scalar(select(User).where(User.cnpj_fingerprint == fingerprint))
    return found


async def lock_unproved_companies(session: AsyncSession, *, created_before: datetime, limit: int) -> Sequence[User]:
    """Companies that nobody has proved to be theirs, nor asks to; those another process has locked are left to it."""
    statement = (
        select(User)
        .where(
            User.created_at < created_before,
            User.kind != AccountKind.PERSON,
            User.identity_status.in_((IdentityStatus.NOT_STARTED, IdentityStatus.REJECTED)),
            User.closed_at.is_(None),
        )
        .order_by(User.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(statement)).all()


async def lock_unconfirmed_users(session: AsyncSession, *, created_before: datetime, limit: int) -> Sequence[User]:
    """People who never confirmed a contact; those whom another process has locked are left to it."""
    statement = (
        select(User)
        .where(
            User.created_at < created_before,
            User.kind == AccountKind.PERSON,
            User.email_confirmed_at.is_(None),
            User.phone_confirmed_at.is_(None),
            User.closed_at.is_(None),
        )
        .order_by(User.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(statement)).all()


_BY_ID = select(User).where(is_any_of(User.id, "ids"))


async def list_users(session: Reader, user_ids: Iterable[UUID]) -> Sequence[User]:
    return (await session.scalars(_BY_ID, {"ids": list(user_ids)})).all()


async def search_users(
    session: Reader,
    *,
    text: str | None,
    cpf_fingerprint: bytes | None,
    cnpj_fingerprint: bytes | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[User]:
    """People whose name has *text* in it, whose e-mail begins with it, or whose the tax id is; the newest first."""
    statement = select(User).order_by(User.created_at.desc(), User.id.desc()).limit(limit)
    if cpf_fingerprint is not None:
        statement = statement.where(User.cpf_fingerprint == cpf_fingerprint)
    elif cnpj_fingerprint is not None:
        statement = statement.where(User.cnpj_fingerprint == cnpj_fingerprint)
    elif text is not None:
        statement = statement.where(
            or_(
                User.full_name.icontains(text, autoescape=True),
                User.email_key.startswith(text.lower(), autoescape=True),
            )
        )
    if after is not None:
        statement = statement.where(tuple_(User.created_at, User.id) < after)
    return (await session.scalars(statement)).all()
