"""Resolvers behind a check."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from subgraphs.shared.graphql.context import Context


@dataclass(frozen=True, slots=True)
class Guarded:
    """
    A resolver that is called only where a check does not raise.

    What stands before a resolver is said here rather than hidden in a function, so that code that is written for a
    document (`compiled/`) can do the same.
    """

    resolve: Callable[..., Any]
    of_asker: Callable[["Context"], object] | None = None
    """Looks at who asks."""
    of_arguments: Callable[[Mapping[str, Any]], object] | None = None
    """Looks at the arguments, as they came in."""

    def __call__(self, source: Any, info: Any, **arguments: Any) -> Any:
        if self.of_asker is not None:
            self.of_asker(info.context)
        if self.of_arguments is not None:
            self.of_arguments(arguments)
        return self.resolve(source, info, **arguments)
