"""A small domain to test messaging with: fields are sown, and a barn keeps account of it."""

from uuid import UUID

from sqlalchemy import Identity, MetaData, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.shared.database import Base, Database
from subgraphs.shared.messaging.event import Event, EventPayload
from subgraphs.shared.messaging.outbox import messaging_tables, record
from subgraphs.shared.messaging.reactions import Delivery, Reactions
from subgraphs.shared.messaging.read_models import Versioned


class HarvestBase(Base):
    __abstract__ = True
    metadata = MetaData(naming_convention=Base.metadata.naming_convention)


messaging_tables(HarvestBase.metadata)


class Effect(HarvestBase):
    """One row per effect; nothing keeps a second one out, so that a double would show."""

    __tablename__ = "effect"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    event_id: Mapped[UUID]
    field: Mapped[str]
    number: Mapped[int]


class LastSown(Versioned, HarvestBase):
    """A copy of what was sown last on a field."""

    __tablename__ = "last_sown"

    field: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int | None]


class FieldSown(EventPayload, type="harvest.field_sown.v1", subject="field"):
    field: str
    number: int


class FieldReaped(EventPayload, type="harvest.field_reaped.v1", subject="field"):
    field: str
    number: int


class FieldBurnt(EventPayload, type="harvest.field_burnt.v1", subject="field"):
    field: str


async def sow(database: Database, *numbers: int, field: str = "north") -> list[Event]:
    """Record a `FieldSown` per number, in one transaction."""
    async with database.begin() as session:
        return [record(session, FieldSown(field=field, number=number)) for number in numbers]


async def reap(database: Database, *numbers: int, field: str = "north") -> list[Event]:
    async with database.begin() as session:
        return [record(session, FieldReaped(field=field, number=number)) for number in numbers]


def keep(session: AsyncSession, delivery: Delivery[FieldSown] | Delivery[FieldReaped]) -> None:
    """The effect of the tests' handlers."""
    session.add(Effect(event_id=delivery.event.id, field=delivery.payload.field, number=delivery.payload.number))


def a_barn() -> Reactions:
    """Reactions that keep every number once."""
    reactions = Reactions("barn")

    @reactions.on(FieldSown)
    async def store(delivery: Delivery[FieldSown]) -> None:
        async with delivery.begin() as session:
            keep(session, delivery)

    return reactions


async def numbers_kept(database: Database) -> list[int]:
    """The numbers of all effects, in the order of their insertion."""
    async with database.begin() as session:
        return list(await session.scalars(select(Effect.number).order_by(Effect.id)))
