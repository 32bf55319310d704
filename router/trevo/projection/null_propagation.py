"""
Whether a null is explained.

GraphQL 6.4.4: a null in a non-null position makes its parent null, up to the nearest nullable field, and the cause is
in `errors`. Here the cause may have come from a subgraph, under a path above, at or below the null; only where there
is none the projection adds one.
"""

from trevo.errors import ClientError, ResponsePath

Trail = tuple["Trail | None", str | int]
"""A path as a linked list from its end: cheap to extend, and only errors ever read it."""


def as_path(trail: Trail | None) -> ResponsePath:
    parts: list[str | int] = []
    while trail is not None:
        trail, part = trail
        parts.append(part)
    return tuple(reversed(parts))


class ErrorBook:
    """
    The errors of one response, searchable by place.

    *displaced* are those among them that stand above what they are about, because the client did not select that. They
    explain that their place is null, but no other null below it.
    """

    def __init__(self, errors: list[ClientError], displaced: list[ClientError]) -> None:
        self.errors = errors
        self._displaced = displaced
        self._places: set[ResponsePath] | None = None
        self._above: set[ResponsePath] = set()

    def add(self, error: ClientError) -> None:
        self.errors.append(error)
        if self._places is not None and error.path is not None:
            self._note(error.path)

    def explains(self, path: ResponsePath) -> bool:
        """Whether some error stands at *path*, above it or below it."""
        if self._places is None:
            self._places = set()
            displaced = {id(error) for error in self._displaced}
            for error in self.errors:
                if error.path is None:
                    continue
                if id(error) in displaced:
                    self._above.update(error.path[:length] for length in range(len(error.path) + 1))
                else:
                    self._note(error.path)
        return path in self._above or any(path[:length] in self._places for length in range(1, len(path) + 1))

    def _note(self, path: ResponsePath) -> None:
        if self._places is None or path in self._places:
            return
        self._places.add(path)
        self._above.update(path[:length] for length in range(len(path) + 1))
