"""
Writing a response in pieces: first what is wanted at once, then each deferred fragment at each of its places.

    { product { name ... @defer { reviews { body } } } }

    first    product: { name }          and a place: the fragment, at product
    later    reviews: [{ body }]        a piece of it, at product

One walk writes what has one mark, and notes the rest as *pieces*: fields of one object that are wanted for the same
deferrals. A piece is written once, also where several fragments want it. A *place* is a fragment at one object; it is
announced when it can be the next to come, and complete when all its pieces are written. A null where none may be goes
up to the top of its piece and no further: then the places that wanted it fail, and nothing else of them is told.

Places have a bound. What would bring more than that is not divided any further: it is written as if nothing in it were
deferred, when everything is there.

How such a response is written on the wire is not known here.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from trevo.errors import ClientError, ResponsePath
from trevo.execute.errors import Failures
from trevo.execute.long_work import watched
from trevo.operation.deferral import NOW, Deferral, Mark, numbers_of
from trevo.projection.build import ListOf, Projection, ResponseField
from trevo.projection.error_paths import owner_of
from trevo.projection.introspection import Answers
from trevo.projection.null_propagation import ErrorBook, Trail, as_path
from trevo.projection.project_response import Inherited, Projecting, at_known_place


@dataclass(eq=False, slots=True)
class DeferredPlace:
    """A deferred fragment at one object of the response."""

    number: int
    deferral: Deferral
    path: ResponsePath
    pieces: "list[Piece]" = field(default_factory=list)
    below: "list[DeferredPlace]" = field(default_factory=list)
    """Those that are announced, if ever, when this is complete."""
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
    causes: list[ClientError] = field(default_factory=list)
    """What goes with it of the errors that are told once."""
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
    """
    One response on its way; *data* and *failures* go on being filled between the calls.

    What a call has found out and not given, because its time was over, the next one gives.
    """

    def __init__(
        self,
        projection: Projection,
        data: dict[str, Any],
        failures: Failures,
        introspection: Answers | None = None,
        *,
        places_max: int,
    ) -> None:
        self.is_full = False
        """Whether there would be more than *places_max* places: nothing is written then before everything is there."""
        self._projection = projection
        self._data = data
        self._failures = failures
        self._introspection = introspection or {}
        self._places_max = places_max
        self._places: dict[tuple[Deferral, ResponsePath], DeferredPlace] = {}
        self._new: deque[DeferredPlace] = deque()
        """Those of which it is not known yet what they wait for."""
        self._free: list[DeferredPlace] = []
        """Those that can be announced."""
        self._pending: dict[Deferral, list[DeferredPlace]] = {}
        """Those that are announced and not over."""
        self._causes: list[ClientError] = []
        """What goes with the first piece of the errors that are told once."""
        self._told: set[int] = set()
        """Errors of *failures*, by their identity: it keeps them."""
        self._delivery = Delivery()

    @property
    def is_complete(self) -> bool:
        """Whether all has been told."""
        return not (self._pending or self._free or self._new)

    def first(self) -> tuple[dict[str, Any] | None, list[ClientError]] | None:
        """
        What is wanted at once.

        None where it cannot be divided into so many places: it is to be asked for again when everything is there.
        """
        writing = _Writing(self)
        data, causes, errors = writing.root()
        self._causes += causes
        return (data, self._causes + errors) if self._add(writing.pieces) else None

    def next(self, has: Callable[[Deferral], bool]) -> Delivery:
        """All that can be told now that everything is there for the deferrals of which *has* is true."""
        writing: _Writing | None = None
        self._announce()
        while ready := [place for deferral, places in self._pending.items() if has(deferral) for place in places]:
            for place in watched(ready):
                writing = writing or _Writing(self)
                if not self._write(place, writing):
                    return self._deliver()
            self._tell(ready)
        return self._deliver()

    def give_up(self, error: ClientError) -> Delivery:
        """End all places, which are incomplete because of *error*."""
        self._announce()
        pending = [place for places in self._pending.values() for place in places]
        for place in pending:
            place.failed = [error]
        self._tell(pending)
        return self._deliver()

    def announce(self) -> Delivery:
        """The places that can be the next to come, where nothing else is to be told."""
        self._announce()
        return self._deliver()

    def _deliver(self) -> Delivery:
        delivery, self._delivery = self._delivery, Delivery()
        return delivery

    def _add(self, pieces: list[Piece]) -> bool:
        """Take *pieces* and their places, unless there would be too many."""
        keys: dict[tuple[Deferral, ResponsePath], None] = {}
        places: list[list[tuple[Deferral, ResponsePath]]] = []
        for piece in pieces:
            piece.path = as_path(piece.trail)
            mark = sorted(piece.mark, key=lambda deferral: deferral.number)
            places.append([(deferral, _above(piece.path, deferral.depth)) for deferral in mark])
            keys.update((key, None) for key in places[-1] if key not in self._places)
            if len(self._places) + len(keys) > self._places_max:
                self.is_full = True
                return False
        for key in keys:
            self._places[key] = place = DeferredPlace(len(self._places), *key)
            self._new.append(place)
        for piece, theirs in zip(pieces, places, strict=True):
            piece.places = [self._places[key] for key in theirs]
            for place in piece.places:
                place.pieces.append(piece)
        return True

    def _announce(self) -> None:
        self._file_new()
        self._free.sort(key=lambda place: place.number)
        for place in self._free:
            place.is_announced = True
            self._pending.setdefault(place.deferral, []).append(place)
        self._delivery.announced += self._free
        self._free = []

    def _file_new(self) -> None:
        while self._new:
            place = self._new[0]
            around = self._around(place)
            if around is None or (around.is_over and around.failed is None):
                self._free.append(place)
            elif around.is_over:
                _forget(place)
            else:
                around.below.append(place)
            self._new.popleft()

    def _around(self, place: DeferredPlace) -> DeferredPlace | None:
        """The innermost place of a fragment around that of *place*."""
        above = place.deferral.above
        while above is not None:
            around = self._places.get((above, _above(place.path, above.depth)))
            if around is not None:
                return around
            above = above.above
        return None

    def _write(self, place: DeferredPlace, writing: "_Writing") -> bool:
        """Write all pieces of *place*; false where that has to wait until everything is there."""
        position = 0
        while place.failed is None and position < len(place.pieces):
            piece = place.pieces[position]
            position += 1
            if piece.written is None:
                data, causes, errors = writing.piece(piece)
                piece.causes += causes
                if data is not None and not self._add(writing.pieces):
                    return False
                piece.written = Written(data, piece.causes + errors)
                if data is None:
                    for concerned in piece.places:
                        concerned.failed = piece.written.errors
        return True

    def _tell(self, places: list[DeferredPlace]) -> None:
        # Before they are over: what has come to stand in one goes the way of the others there.
        self._file_new()
        for place in places:
            self._tell_one(place)
        left = {of: [place for place in pending if not place.is_over] for of, pending in self._pending.items()}
        self._pending = {deferral: pending for deferral, pending in left.items() if pending}
        self._announce()

    def _tell_one(self, place: DeferredPlace) -> None:
        place.is_over = True
        self._delivery.over.append(place)
        if place.failed is not None:
            _forget(place)
            return
        self._new.extend(place.below)
        place.below = []
        for piece in place.pieces:
            if not piece.is_told:
                piece.is_told = True
                around = (each for each in piece.places if each.is_announced and each.failed is None)
                self._delivery.pieces.append((max(around, key=lambda each: len(each.path)), piece))


def _forget(lost: DeferredPlace) -> None:
    """What stands in a fragment that never comes does not either, and was never announced."""
    forgotten = [lost]
    while forgotten:
        place = forgotten.pop()
        place.is_over = True
        place.failed = place.failed or []
        forgotten += place.below
        place.below = []


class _Writing(Projecting):
    """Walks that write one mark each, with what is known of failures at one time."""

    def __init__(self, response: ResponseInPieces) -> None:
        given = response._failures.told()  # noqa: SLF001 - a part of it
        known = [at_known_place(error, response._projection, response._data) for error in given]  # noqa: SLF001
        displaced = [error for error, original in zip(known, given, strict=True) if error.path != original.path]
        response._failures.spread()  # noqa: SLF001
        super().__init__(ErrorBook(known, displaced), response._failures, response._introspection)  # noqa: SLF001
        self.pieces: list[Piece] = []
        self._failures = response._failures  # noqa: SLF001
        self._response = response
        self._mark: Mark = NOW
        self._is_whole = response.is_full
        """Whether what is deferred is written with what is around it."""
        self._untold: dict[ResponsePath, list[tuple[int, str | int, Mark, ClientError]]] = {}
        """Errors that have not been told, by each object above their field: the member of it that they are in."""
        self._loose: dict[frozenset[int], list[tuple[int, ClientError]]] = {}
        """Those that have no place, or stand above what they are about, by the deferrals for which they may be."""
        for error, original in zip(known, given, strict=True):
            if id(original) not in response._told:  # noqa: SLF001
                self._enter(id(original), error)

    def root(self) -> tuple[dict[str, Any] | None, list[ClientError], list[ClientError]]:
        """What is wanted at once; with the errors that are told once, and those found now."""
        response = self._response
        return self._walk(response._data, response._projection.root_fields, None, [], NOW, ())  # noqa: SLF001

    def piece(self, piece: Piece) -> tuple[dict[str, Any] | None, list[ClientError], list[ClientError]]:
        return self._walk(piece.node, piece.fields, piece.trail, piece.inherited, piece.mark, piece.path)

    def _walk(  # noqa: PLR0917  # all that makes a walk
        self,
        node: dict[str, Any],
        fields: tuple[ResponseField, ...],
        trail: Trail | None,
        inherited: Inherited,
        mark: Mark,
        path: ResponsePath,
    ) -> tuple[dict[str, Any] | None, list[ClientError], list[ClientError]]:
        self._mark, self.pieces = mark, []
        taken = self._take({each.key for each in fields if self._is_wanted(each.deferred)}, mark, path)
        known = len(self.book.errors)
        data = self.object(node, fields, trail, inherited)
        causes = self._failures.unreported(lambda failure: self._is_about(failure.deferred))
        return data, causes + taken, self.book.errors[known:]

    def _is_wanted(self, mark: Mark) -> bool:
        """Whether what has this *mark* is written by this walk."""
        return self._is_whole or not mark or mark == self._mark

    def _is_about(self, deferred: frozenset[int]) -> bool:
        """Whether what went wrong for these deferrals, or for nobody in particular, may be about this walk's."""
        return self._is_whole or not deferred or bool(deferred & numbers_of(self._mark))

    def object(
        self, node: dict[str, Any], fields: tuple[ResponseField, ...], trail: Trail | None, inherited: Inherited
    ) -> dict[str, Any] | None:
        begun = len(self.pieces)
        later: dict[Mark, list[ResponseField]] = {}
        for each in fields:
            if not self._is_wanted(each.deferred):
                later.setdefault(each.deferred, []).append(each)
        if later:
            fields = tuple(each for each in fields if each.deferred not in later)
        result = super().object(node, fields, trail, inherited)
        if result is None:
            del self.pieces[begun:]
            return None
        self.pieces += [Piece(node, trail, mark, tuple(wanted), inherited) for mark, wanted in later.items()]
        return result

    def _enter(self, identity: int, error: ClientError) -> None:
        if error.path:
            owner, mark = owner_of(self._response._projection, error.path, self._response._data)  # noqa: SLF001
            if not error.deferred or error.deferred & numbers_of(mark):
                for length in range(len(owner)):
                    entry = (identity, owner[length], mark, error)
                    self._untold.setdefault(owner[:length], []).append(entry)
                return
        self._loose.setdefault(error.deferred, []).append((identity, error))

    def _take(self, keys: set[str], mark: Mark, path: ResponsePath) -> list[ClientError]:
        """The errors that are to be told with the members *keys* of the object at *path*, wanted for *mark*."""
        told = self._response._told  # noqa: SLF001
        found = {
            identity: error
            for identity, key, their, error in watched(self._untold.get(path, []))
            if key in keys and (self._is_whole or their == mark) and identity not in told
        }
        for deferred, loose in self._loose.items():
            if loose and self._is_about(deferred):
                here = {identity: error for identity, error in watched(loose) if _concerns(error, path)}
                found |= {identity: error for identity, error in here.items() if identity not in told}
                if here:
                    self._loose[deferred] = [each for each in loose if each[0] not in here]
        told.update(found)
        return list(found.values())

    def list(self, shape: ListOf, value: Any, field: ResponseField, trail: Trail, inherited: Inherited) -> Any:
        begun = len(self.pieces)
        result = super().list(shape, value, field, trail, inherited)
        if result is None:
            del self.pieces[begun:]
        return result


def _concerns(error: ClientError, path: ResponsePath) -> bool:
    """Whether *error*, which has no place among the fields it is about, may be about those at *path*."""
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
