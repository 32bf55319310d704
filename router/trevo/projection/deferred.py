"""
Writing a response in pieces: first what is wanted at once, then each deferred fragment at each of its places.

    { product { name ... @defer { reviews { body } } } }

    first    product: { name }          and a place: the fragment, at product
    later    reviews: [{ body }]        a piece of it, at product

One walk writes what has one mark, and notes the rest as *pieces*: fields of one object that are wanted for the same
deferrals. A piece is written once, also where several fragments want it. A *place* is a fragment at one object; it is
announced when it can be the next to come, and complete when all its pieces are written. A null where none may be goes
up to the top of its piece and no further: then the places that wanted it fail, and nothing else of them is told.

How such a response is written on the wire is not known here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from trevo.errors import ClientError, ResponsePath
from trevo.execute.errors import Failures
from trevo.execute.long_work import watched
from trevo.operation.deferral import NOW, Deferral, Mark
from trevo.projection.build import ListOf, Projection, ResponseField
from trevo.projection.error_paths import owner_of
from trevo.projection.introspection import Answers
from trevo.projection.null_propagation import ErrorBook, Trail, as_path
from trevo.projection.project_response import Inherited, Projecting, at_known_place


@dataclass(eq=False, slots=True)
class DeferredPlace:
    """A deferred fragment at one object of the response."""

    id: str
    deferral: Deferral
    path: ResponsePath
    pieces: "list[Piece]" = field(default_factory=list)
    is_announced: bool = False
    is_over: bool = False
    failed: list[ClientError] | None = None
    """Why it can never be complete."""


@dataclass(eq=False, slots=True)
class Piece:
    """Fields of one object that are wanted later, for the same deferrals."""

    node: dict[str, Any]
    trail: Trail | None
    mark: Mark
    fields: tuple[ResponseField, ...]
    inherited: Inherited
    path: ResponsePath = ()
    places: list[DeferredPlace] = field(default_factory=list)
    written: "Written | None" = None
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What has become of a piece; no data where a null has gone up to its top."""

    data: dict[str, Any] | None
    errors: list[ClientError]


@dataclass(slots=True)
class Delivery:
    """What can be told at one time."""

    announced: list[DeferredPlace] = field(default_factory=list)
    pieces: list[tuple[DeferredPlace, Piece]] = field(default_factory=list)
    """Each with the place of it that is told."""
    over: list[DeferredPlace] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.announced or self.pieces or self.over)


class ResponseInPieces:
    """One response on its way; *data* and *failures* go on being filled between the calls."""

    def __init__(
        self, projection: Projection, data: dict[str, Any], failures: Failures, introspection: Answers | None = None
    ) -> None:
        self._projection = projection
        self._data = data
        self._failures = failures
        self._introspection = introspection or {}
        self._places: dict[tuple[Deferral, ResponsePath], DeferredPlace] = {}
        self._told: set[int] = set()
        """Errors of *failures*, by their identity: it keeps them."""

    @property
    def open_places(self) -> list[DeferredPlace]:
        """Those of which not all has been told."""
        return [place for place in self._places.values() if not place.is_over]

    def first(self) -> tuple[dict[str, Any] | None, list[ClientError], Delivery]:
        """What is wanted at once, and which places are announced with it."""
        writing = _Writing(self)
        data, errors = writing.root()
        self._add(writing.pieces)
        return data, errors, Delivery(announced=self._announce())

    def next(self, has: Callable[[Deferral], bool]) -> Delivery:
        """All that can be told now that everything is there for the deferrals of which *has* is true."""
        delivery = Delivery()
        writing = _Writing(self)
        while ready := [place for place in self.open_places if place.is_announced and has(place.deferral)]:
            for place in ready:
                self._write(place, writing)
            for place in ready:
                self._tell(place, delivery)
            delivery.announced += self._announce()
        return delivery

    def give_up(self, error: ClientError) -> Delivery:
        """End all places, which are incomplete because of *error*."""
        delivery = Delivery()
        while announced := [place for place in self.open_places if place.is_announced]:
            for place in announced:
                place.failed = [error]
                self._tell(place, delivery)
            delivery.announced += self._announce()
        return delivery

    def _add(self, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            piece.path = as_path(piece.trail)
            for deferral in sorted(piece.mark, key=lambda deferral: deferral.number):
                path = _above(piece.path, deferral.depth)
                place = self._places.get((deferral, path))
                if place is None:
                    place = self._places[deferral, path] = DeferredPlace(str(len(self._places)), deferral, path)
                place.pieces.append(piece)
                piece.places.append(place)

    def _announce(self) -> list[DeferredPlace]:
        announced = [place for place in self.open_places if not place.is_announced and not self._waits(place)]
        for place in announced:
            place.is_announced = True
        return announced

    def _waits(self, place: DeferredPlace) -> bool:
        """Whether a fragment around that of *place* is still to come."""
        above = place.deferral.above
        while above is not None:
            around = self._places.get((above, _above(place.path, above.depth)))
            if around is not None:
                return not around.is_over
            above = above.above
        return False

    def _write(self, place: DeferredPlace, writing: "_Writing") -> None:
        position = 0
        while place.failed is None and position < len(place.pieces):
            piece = place.pieces[position]
            position += 1
            if piece.written is None:
                data, errors = writing.piece(piece)
                piece.written = Written(data, errors)
                if data is None:
                    for concerned in piece.places:
                        concerned.failed = errors
                else:
                    self._add(writing.pieces)

    def _tell(self, place: DeferredPlace, delivery: Delivery) -> None:
        place.is_over = True
        delivery.over.append(place)
        if place.failed is not None:
            self._forget_below(place)
            return
        for piece in place.pieces:
            if not piece.is_told:
                piece.is_told = True
                around = (each for each in piece.places if each.is_announced and each.failed is None)
                delivery.pieces.append((max(around, key=lambda each: len(each.path)), piece))

    def _forget_below(self, failed: DeferredPlace) -> None:
        """What stands in a fragment that has failed never comes, and was never announced."""
        for place in self.open_places:
            above = place.deferral.above
            while above is not None and (above, _above(place.path, above.depth)) != (failed.deferral, failed.path):
                above = above.above
            if above is not None:
                place.is_over = True


class _Writing(Projecting):
    """Walks that write one mark each, with what is known of failures at one time."""

    def __init__(self, response: ResponseInPieces) -> None:
        given = response._failures.errors  # noqa: SLF001 - a part of it
        known = [at_known_place(error, response._projection, response._data) for error in given]  # noqa: SLF001
        displaced = [error for error, original in zip(known, given, strict=True) if error.path != original.path]
        response._failures.spread()  # noqa: SLF001
        super().__init__(ErrorBook(known, displaced), response._failures, response._introspection)  # noqa: SLF001
        self.pieces: list[Piece] = []
        self._failures = response._failures  # noqa: SLF001
        self._response = response
        self._mark: Mark = NOW
        self._untold: dict[ResponsePath, list[tuple[int, str | int, Mark, ClientError]]] = {}
        """Errors that have not been told, by each object above their field: the member of it that they are in."""
        self._loose: list[tuple[int, ClientError]] = []
        """Those that have no place, or stand above what they are about."""
        for error, original in zip(known, given, strict=True):
            if id(original) not in response._told:  # noqa: SLF001
                self._enter(id(original), error)

    def root(self) -> tuple[dict[str, Any] | None, list[ClientError]]:
        response = self._response
        return self._walk(response._data, response._projection.root_fields, None, [], NOW, ())  # noqa: SLF001

    def piece(self, piece: Piece) -> tuple[dict[str, Any] | None, list[ClientError]]:
        return self._walk(piece.node, piece.fields, piece.trail, piece.inherited, piece.mark, piece.path)

    def _walk(  # noqa: PLR0917  # all that makes a walk
        self,
        node: dict[str, Any],
        fields: tuple[ResponseField, ...],
        trail: Trail | None,
        inherited: Inherited,
        mark: Mark,
        path: ResponsePath,
    ) -> tuple[dict[str, Any] | None, list[ClientError]]:
        self._mark, self.pieces = mark, []
        errors = self._take({each.key for each in fields if each.deferred in {mark, NOW}}, mark, path)
        known = len(self.book.errors)
        data = self.object(node, fields, trail, inherited)
        errors += self.book.errors[known:]
        numbers = _numbers(mark)
        causes = self._failures.unreported(lambda failure: not failure.deferred or bool(failure.deferred & numbers))
        return data, causes + errors

    def object(
        self, node: dict[str, Any], fields: tuple[ResponseField, ...], trail: Trail | None, inherited: Inherited
    ) -> dict[str, Any] | None:
        begun = len(self.pieces)
        later = [each for each in fields if each.deferred != self._mark and each.deferred]
        if later:
            fields = tuple(each for each in fields if each.deferred == self._mark or not each.deferred)
        result = super().object(node, fields, trail, inherited)
        if result is None:
            del self.pieces[begun:]
        for mark in dict.fromkeys(each.deferred for each in later) if result is not None else ():
            wanted = tuple(each for each in later if each.deferred == mark)
            self.pieces.append(Piece(node, trail, mark, wanted, inherited))
        return result

    def _enter(self, identity: int, error: ClientError) -> None:
        if error.path:
            owner, mark = owner_of(self._response._projection, error.path, self._response._data)  # noqa: SLF001
            if not error.deferred or error.deferred & _numbers(mark):
                for length in range(len(owner)):
                    entry = (identity, owner[length], mark, error)
                    self._untold.setdefault(owner[:length], []).append(entry)
                return
        self._loose.append((identity, error))

    def _take(self, keys: set[str], mark: Mark, path: ResponsePath) -> list[ClientError]:
        """The errors that are to be told with the members *keys* of the object at *path*, wanted for *mark*."""
        told = self._response._told  # noqa: SLF001
        found = {
            identity: error
            for identity, key, their, error in watched(self._untold.get(path, []))
            if key in keys and their == mark and identity not in told
        }
        loose = self._loose if len(told) < len(self._failures.errors) else []
        found |= {
            identity: error
            for identity, error in watched(loose)
            if identity not in told and _concerns(error, mark, path)
        }
        told.update(found)
        return list(found.values())

    def list(self, shape: ListOf, value: Any, field: ResponseField, trail: Trail, inherited: Inherited) -> Any:
        begun = len(self.pieces)
        result = super().list(shape, value, field, trail, inherited)
        if result is None:
            del self.pieces[begun:]
        return result


def _numbers(mark: Mark) -> frozenset[int]:
    return frozenset(deferral.number for deferral in mark)


def _concerns(error: ClientError, mark: Mark, path: ResponsePath) -> bool:
    """Whether *error*, which has no place among the fields it is about, may be about those at *path* for *mark*."""
    if error.deferred and not error.deferred & _numbers(mark):
        return False
    return not error.path or path[: len(error.path)] == error.path or error.path[: len(path)] == path


def _above(path: ResponsePath, depth: int) -> ResponsePath:
    """The object above *path*, or at it, that *depth* response keys lead to."""
    keys = 0
    for position, part in enumerate(path):
        if isinstance(part, str):
            if keys == depth:
                return path[:position]
            keys += 1
    return path
