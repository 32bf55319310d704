"""SQL on security alerts and the parameter that bounds them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts.models import AccountKind, Alert, Parameter, User
from subgraphs.shared.reading import Reader


async def get_parameter(session: AsyncSession, name: str, on: date) -> int:
    """The parameter's value on the day *on*. Raises NoResultFound before its first one."""
    statement = (
        select(Parameter.value)
        .where(Parameter.name == name, Parameter.valid_from <= on)
        .order_by(Parameter.valid_from.desc())
        .limit(1)
    )
    return (await session.scalars(statement)).one()


async def find_open_alert(session: Reader, token_hash: bytes, *, now: datetime) -> Alert | None:
    """The alert of a link that still works. Under its person's lock it stays so."""
    statement = select(Alert).where(Alert.token_hash == token_hash, Alert.used_at.is_(None), Alert.expires_at > now)
    found: Alert | None = await session.scalar(statement.execution_options(populate_existing=True))
    return found


async def is_reserved(session: AsyncSession, email_key: str, *, now: datetime, besides: UUID | None = None) -> bool:
    """Whether somebody but *besides* may still take the address back. What is told of a company gives none back."""
    statement = (
        select(Alert.id)
        .join(User, User.id == Alert.user_id)
        .where(
            User.kind == AccountKind.PERSON,
            Alert.email_key == email_key,
            Alert.used_at.is_(None),
            Alert.expires_at > now,
            Alert.user_id.is_distinct_from(besides),
        )
    )
    return await session.scalar(statement.limit(1)) is not None


async def void_later_alerts(session: AsyncSession, alert: Alert) -> None:
    """No link works any more that came after *alert* and would give the account another address than it does."""
    await session.execute(
        delete(Alert).where(
            Alert.user_id == alert.user_id,
            tuple_(Alert.created_at, Alert.id) > (alert.created_at, alert.id),
            Alert.email_key != alert.email_key,
        )
    )


async def delete_alerts(session: AsyncSession, *, expired_before: datetime) -> None:
    await session.execute(delete(Alert).where(Alert.expires_at < expired_before))


async def delete_alerts_of(session: AsyncSession, user_id: UUID) -> None:
    await session.execute(delete(Alert).where(Alert.user_id == user_id))
