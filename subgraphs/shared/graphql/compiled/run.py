"""What written code uses while it runs: the request's own things, and the few steps that are no literal code."""

import asyncio
import time
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID

from graphql import FieldNode, GraphQLField, GraphQLObjectType, Undefined
from graphql.execution.values import VariableValues, get_argument_values
from strawberry.execution import optimized_is_awaitable
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from subgraphs.shared.graphql.giving_way import SECONDS_IN_ONE_GO

if TYPE_CHECKING:
    from subgraphs.shared.graphql.entities import FederatedSchema

ITEMS_BETWEEN_LOOKS = 200
"""So many items of lists are completed between two looks at the clock."""

LISTS = (list, tuple, set, frozenset)
"""What is completed as a list; whatever else is iterable may be so only once, and is left to graphql-core."""

IMMUTABLE = (type(None), bool, int, float, str, Decimal, date, datetime, UUID, Enum)
"""Arguments that nobody can change, so that one reading serves all calls."""


class GiveUp(Exception):
    """The written code cannot go on; graphql-core executes the document."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """A field of a document whose resolver is told where it stands, or is given arguments."""

    parent_type: GraphQLObjectType
    definition: GraphQLField
    field: StrawberryField
    nodes: list[FieldNode]
    check_arguments: tuple[Callable[[Mapping[str, Any]], object], ...] = ()

    def read_arguments(self, schema: Any, variables: VariableValues | None) -> tuple[dict[str, Any], dict[str, Any]]:
        """The arguments by their GraphQL names, and as the resolver takes them. Raises what is wrong with them."""
        raw = get_argument_values(self.definition, self.nodes[0], variables)
        for check in self.check_arguments:
            check(raw)
        registry = schema.schema_converter.scalar_registry
        return raw, convert_arguments(raw, self.field.arguments, scalar_registry=registry, config=schema.config)


@dataclass(slots=True)
class Program:
    """The code of one document."""

    schema: "FederatedSchema"
    document: Any
    """With `operation` and `fragments`."""
    variables: Callable[[Mapping[str, Any]], VariableValues]
    """The variables of a request, coerced. Raises GiveUp."""
    places: list[FieldPlace]
    text: str
    weight: int
    """Bytes that it takes in memory."""
    main: Callable[["Run"], Coroutine[Any, Any, dict[str, Any]]] = field(repr=False)

    async def run(self, context: Any, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The data of an answer without errors. Raises GiveUp, or whatever befell a resolver."""
        run = Run(self, context, self.variables(variables))
        try:
            data = await self.main(run)
        finally:
            run.end()
        if run.lacks is not None:
            raise GiveUp("info")
        return data


class ResolveInfo:
    """What graphql-core tells a resolver about where it stands, but for what differs from object to object."""

    __slots__ = ("_place", "_run", "context", "variable_values")

    def __init__(self, place: FieldPlace, run: "Run") -> None:
        self._place = place
        self._run = run
        self.context = run.context
        self.variable_values = run.variables.coerced

    root_value = None
    operation_extensions = None
    is_awaitable = staticmethod(optimized_is_awaitable)

    @property
    def field_name(self) -> str:
        return self._place.nodes[0].name.value

    @property
    def field_nodes(self) -> list[FieldNode]:
        return self._place.nodes

    @property
    def parent_type(self) -> GraphQLObjectType:
        return self._place.parent_type

    @property
    def schema(self) -> Any:
        return self._run.program.schema._schema  # noqa: SLF001  # Strawberry keeps the graphql-core schema there

    @property
    def operation(self) -> Any:
        return self._run.program.document.operation

    @property
    def fragments(self) -> Any:
        return self._run.program.document.fragments

    def __getattr__(self, name: str) -> NoReturn:
        """A path, for example. Noted besides, for a resolver may go on after the exception."""
        self._run.lacks = name
        raise GiveUp("info")


class Run:
    """One request on its way through a program."""

    __slots__ = ("_converted", "_ends", "_raw", "_unseen", "context", "infos", "lacks", "program", "variables")

    def __init__(self, program: Program, context: Any, variables: VariableValues) -> None:
        self.program = program
        self.context = context
        self.variables = variables
        self.infos: list[Any] = [None] * len(program.places)
        """By place: what its resolver is told, once it was asked for."""
        self.lacks: str | None = None
        """What a resolver wanted to know and could not be told."""
        self._converted: dict[int, dict[str, Any]] = {}
        self._raw: dict[int, ResolveInfo] = {}
        self._unseen = 0
        """Items completed since the clock was looked at."""
        self._ends: float | None = None
        """When it has had the loop long enough; None since the loop did something else."""

    def end(self) -> None:
        """Let go of what refers back to this: freed at once, and no work for the garbage collector."""
        self.infos.clear()
        self._raw.clear()

    def info(self, place: int) -> Any:
        """Strawberry's `info` for the resolver at *place*."""
        made = self.program.schema.config.info_class(
            _raw_info=self.raw_info(place),  # type: ignore[arg-type]  # as good as graphql-core's
            _field=self.program.places[place].field,
        )
        self.infos[place] = made
        return made

    def raw_info(self, place: int) -> ResolveInfo:
        raw = self._raw.get(place)
        if raw is None:
            raw = self._raw[place] = ResolveInfo(self.program.places[place], self)
        return raw

    def arguments(self, place: int) -> dict[str, Any]:
        """The arguments for the resolver at *place*; made anew for each call where somebody could change them."""
        known = self._converted.get(place)
        if known is not None:
            return known
        _, converted = self.program.places[place].read_arguments(self.program.schema, self.variables)
        if all_immutable(converted):
            self._converted[place] = converted
        return converted

    def raw_arguments(self, place: int) -> dict[str, Any]:
        """The arguments at *place* by their GraphQL names."""
        at = self.program.places[place]
        return get_argument_values(at.definition, at.nodes[0], self.variables)

    def listed(self, items: Any) -> Collection[Any] | Iterator[Any]:
        """*items* as a list; those of a long answer are watched, so that it does not keep the loop."""
        if type(items) is not list and not isinstance(items, LISTS):
            raise GiveUp("null" if items is None else "list")
        self._unseen += len(items)
        return items if self._unseen < ITEMS_BETWEEN_LOOKS else self._watched(items)

    def _watched(self, items: Iterable[Any]) -> Iterator[Any]:
        for number, item in enumerate(items):
            if number % ITEMS_BETWEEN_LOOKS == 0:
                self._look()
            yield item

    def _look(self) -> None:
        """Give up if others have waited for this long enough: graphql-core does it a while at a time."""
        self._unseen = 0
        now = time.monotonic()
        if self._ends is None:
            self._ends = now + SECONDS_IN_ONE_GO
            asyncio.get_running_loop().call_soon(self._gave_way)
        elif now > self._ends:
            raise GiveUp("long")

    def _gave_way(self) -> None:
        self._ends = None


def all_immutable(arguments: Mapping[str, Any]) -> bool:
    return all(isinstance(value, IMMUTABLE) for value in arguments.values())


async def together(waiting: Iterable[Coroutine[Any, Any, Any]]) -> list[Any]:
    """
    What two or more *waiting* come to, in their order.

    All begin in the same turn of the loop, as graphql-core has it, so that those who look things up share a batch; had
    one of them a head start, it would look up alone. And all have ended when this ends, with an exception too: nothing
    of a request goes on behind its answer.
    """
    tasks = [asyncio.ensure_future(each) for each in waiting]
    fault: Exception | None = None
    results: list[Any] = []
    try:
        for task in tasks:
            try:
                results.append(await task)
            except Exception as error:  # noqa: BLE001  # raised when the others have ended
                fault = fault or error
    except BaseException:  # the request was cancelled
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
    if fault is not None:
        raise fault
    return results


async def each(complete: Callable[[Any, Run], Coroutine[Any, Any, Any]], items: Any, run: Run) -> list[Any]:
    """*items* of a list, each completed by a function that waits."""
    waiting = [complete(item, run) for item in list(run.listed(items))]
    if len(waiting) > 1:
        return await together(waiting)
    return [await only for only in waiting]


async def each_or_null(complete: Callable[[Any, Run], Coroutine[Any, Any, Any]], items: Any, run: Run) -> list[Any]:
    """As `each`, of a list whose items may be null."""
    there = [item for item in run.listed(items) if item is not None]
    completed = iter(await each(complete, there, run))
    return [None if item is None else next(completed) for item in items]


async def find_entities(info: Any, representations: list[Any]) -> list[Any]:
    """
    The entities that are asked for. Gives up before anything is looked up where not all is well with that.

    Raises what befell a look-up.
    """
    schema: FederatedSchema = info.schema
    references = schema.read_references(info.context, representations)
    if any(isinstance(reference, Exception) for reference in references):
        raise GiveUp("representation")
    found = await schema.look_up(info, references)
    fault = next((entity for entity in found if isinstance(entity, Exception)), None)
    if fault is not None:
        raise fault
    return found


def nothing(_object: Any, _run: Run) -> dict[str, Any]:
    """An object of a type of which nothing is selected."""
    return {}


def plain(value: Any) -> None:
    """Give up unless *value* is an object that fields can be read of: no null, exception or promise."""
    if value is None:
        raise GiveUp("null")
    if value is Undefined or isinstance(value, Exception) or optimized_is_awaitable(value):
        raise GiveUp("value")


def typed(value: Any) -> NoReturn:
    """Give up: what class *value* has does not tell its type."""
    raise GiveUp("null" if value is None else "type")


def coercer(coerce: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """*coerce* of a scalar or enumeration, for values for which there is no literal code."""

    def coerced(value: Any) -> Any:
        plain(value)
        written = coerce(value)
        if written is None or written is Undefined:
            raise GiveUp("value")
        return written

    return coerced
