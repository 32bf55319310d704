"""
Sessions that only look, for `crud/`: what they take and give is the part of `AsyncSession` that a reader uses.

A look whose connection is lost, or whose statement is stale, asks once again on a fresh one; why is said in
`asking_again.py`, which does the same for transactions.
"""

from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar, TypeVarTuple, overload

import asyncpg
import structlog
from sqlalchemy import Executable, Row, Select, bindparam, inspect, select
from sqlalchemy.exc import MultipleResultsFound, NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import TypedReturnsRows

from subgraphs.shared.availability import is_connection_failure, is_stale_statement
from subgraphs.shared.reading.connections import Connections, LookConnection
from subgraphs.shared.reading.shapes import Record, Shape
from subgraphs.shared.turns import Line, note_begun

log = structlog.get_logger()

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
E = TypeVar("E")
Values: TypeAlias = Mapping[str, Any] | None
"""A statement's values by name; what it was written with needs none."""


class Found(list[T]):
    """What a statement found, all of it."""

    def all(self) -> list[T]:
        return self

    def first(self) -> T | None:
        return self[0] if self else None

    def one_or_none(self) -> T | None:
        """Raises MultipleResultsFound."""
        if len(self) > 1:
            raise MultipleResultsFound("Multiple rows were found when one or none was required")
        return self.first()

    def one(self) -> T:
        """Raises NoResultFound, MultipleResultsFound."""
        if not self:
            raise NoResultFound("No row was found when one was required")
        if len(self) > 1:
            raise MultipleResultsFound("Multiple rows were found when exactly one was required")
        return self[0]


class ReadSession:
    """A look; each of its statements sees what is committed by then. To be entered by one task."""

    def __init__(self, connections: Connections, line: Line) -> None:
        self._connections = connections
        self._line = line
        self._connection: LookConnection | None = None

    async def __aenter__(self) -> Self:
        await self._line.enter()
        note_begun()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        closing = None
        if self._connection is not None:
            closing = self._connections.give_back(self._connection, is_waited_for=self._line.is_waited_for)
            self._connection = None
        if closing is None:
            self._line.leave()
        else:
            # There is no room for another before this one is gone.
            closing.add_done_callback(lambda _: self._line.leave())

    @overload
    async def scalars(self, statement: TypedReturnsRows[T], values: Values = None) -> Found[T]: ...
    @overload
    async def scalars(self, statement: Executable, values: Values = None) -> Found[Any]: ...
    async def scalars(self, statement: Executable, values: Values = None) -> Found[Any]:
        """The first thing of each row."""
        shape, records = await self._ask(statement, values)
        return Found(shape.firsts(records))

    @overload
    async def scalar(self, statement: TypedReturnsRows[T], values: Values = None) -> T | None: ...
    @overload
    async def scalar(self, statement: Executable, values: Values = None) -> Any: ...
    async def scalar(self, statement: Executable, values: Values = None) -> Any:
        """The first thing of the first row; None without one."""
        shape, records = await self._ask(statement, values)
        return next(iter(shape.firsts(records[:1])), None)

    @overload
    async def execute(self, statement: TypedReturnsRows[*Ts], values: Values = None) -> Found[Row[*Ts]]: ...
    @overload
    async def execute(self, statement: Executable, values: Values = None) -> Found[Row[*tuple[Any, ...]]]: ...
    async def execute(self, statement: Executable, values: Values = None) -> Found[Any]:
        """Rows as tuples, whose things have names as well."""
        shape, records = await self._ask(statement, values)
        return Found(shape.rows(records))

    async def get(self, entity: type[E], key: Any) -> E | None:
        """The row of *entity* with this primary key, a tuple where it has several columns."""
        statement, names = _statement_by_key(entity)
        values = key if isinstance(key, tuple) else (key,)
        found: E | None = await self.scalar(statement, dict(zip(names, values, strict=True)))
        return found

    async def get_one(self, entity: type[E], key: Any) -> E:
        """Raises NoResultFound."""
        found = await self.get(entity, key)
        if found is None:
            raise NoResultFound("No row was found when one was required")
        return found

    async def _ask(self, statement: Executable, values: Values) -> tuple[Shape, list[Record]]:
        bound = self._connections.shapes.bound(statement)
        text, arguments = bound.write(values)
        may_ask_again = self._may_ask_again()
        try:
            connection = self._connection or await self._connect()
            return bound.shape, await self._connections.ask(connection, bound, text, arguments)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
            if not may_ask_again or not (is_connection_failure(error) or is_stale_statement(error)):
                raise
            log.warning("the database is asked once again", error=type(error).__name__)
            if self._connection is not None:
                self._connections.replace_lost(self._connection)
                self._connection = None
        return bound.shape, await self._connections.ask(await self._connect(), bound, text, arguments)

    async def _connect(self) -> LookConnection:
        self._connection = await self._connections.take()
        return self._connection

    def _may_ask_again(self) -> bool:
        """Without a transaction every statement stands alone."""
        return True


class SnapshotSession(ReadSession):
    """A look at one moment, however long it looks: a transaction, so that only its first statement is asked again."""

    async def _connect(self) -> LookConnection:
        connection = await super()._connect()
        connection.is_busy = True
        await connection.raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.is_busy = False
        return connection

    async def __aexit__(self, *raised: Any) -> None:
        connection = self._connection
        try:
            if connection is not None and not connection.is_busy:
                connection.is_busy = True
                # Nothing depends on how it ends; a connection on which it does not is not used again.
                with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                    await connection.raw.execute("ROLLBACK")
                    connection.is_busy = False
        finally:
            await super().__aexit__(*raised)

    def _may_ask_again(self) -> bool:
        return self._connection is None


_by_key: dict[type[Any], tuple[Select[Any], list[str]]] = {}


def _statement_by_key(entity: type[E]) -> tuple[Select[E], list[str]]:
    """Of *entity*, by its primary key, whose parts have these names."""
    if entity not in _by_key:
        mapper = inspect(entity)
        names = [mapper.get_property_by_column(column).key for column in mapper.primary_key]
        conditions = [getattr(entity, name) == bindparam(name) for name in names]
        _by_key[entity] = select(entity).where(*conditions), names
    return _by_key[entity]


Reader: TypeAlias = AsyncSession | ReadSession
"""What a statement that only reads can be asked through: a look, or the transaction that it belongs to."""
