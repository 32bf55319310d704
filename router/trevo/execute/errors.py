"""
What went wrong while a plan ran, and where the client will notice.

Two records. An *error* has a place of its own: a subgraph named the field. A *failure* is a whole fetch or call that
brought nothing; which fields of the client's are null because of it only shows in the projection, which finds the
failure at the object that should have been filled and writes the error at the very field.

Texts of transports never leave: they go to the log. Messages of subgraphs do, with an allow-list of extensions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from trevo.door import exact_json
from trevo.errors import ClientError, ResponsePath
from trevo.execute.response_path import member_of, objects_in
from trevo.plan.nodes import Outputs

DEPENDENCY_FAILED = "DEPENDENCY_FAILED"
DEPENDENCY_MESSAGE = "This depends on data that could not be fetched."


@dataclass(eq=False, slots=True)
class Failure:
    """A fetch, or one call of it, that brought nothing."""

    message: str
    code: str
    service: str | None = None
    """The subgraph; None for what follows from an earlier failure."""
    path: ResponsePath | None = None
    """Where it was to be merged, if one can say: for a failure that no field of the client's shows."""
    is_reported: bool = False
    extensions: dict[str, Any] = field(default_factory=dict)
    deferred: frozenset[int] = frozenset()
    """The deferred fragments for which alone it was to bring something."""

    def at(self, path: ResponsePath | None) -> ClientError:
        """The error for the client at *path*."""
        self.is_reported = True
        return ClientError(self.message, self.code, path=path, service=self.service, extensions=self.extensions)


Gap = tuple[dict[str, Any] | list[Any], str | int, Failure, Outputs]
"""An object or list, the key or index in it, and what is missing of the objects there."""


@dataclass(slots=True)
class Failures:
    """All that went wrong in one request."""

    errors: list[ClientError] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    by_object: dict[int, list[tuple[Failure, Outputs]]] = field(default_factory=dict)
    """By the identity of an object in the data tree, which lives as long as the request."""
    failed_members: set[tuple[int, str | int]] = field(default_factory=set)
    """What is null because a subgraph reported an error there: (identity of the object or list, key or index)."""
    incomplete: set[int] = field(default_factory=set)
    """Objects, by identity, of which a failed subgraph should have brought a part: what follows from it is missing."""
    nulled: list[tuple[ClientError, dict[str, Any], ResponsePath]] = field(default_factory=list)
    """Those of *errors* about a leaf that is null in one answer, each with an object and the way from there to it."""
    owed_nothing: dict[int, list[Outputs]] = field(default_factory=dict)
    """By the identity of an object: what a subgraph need not bring, for it knows none such or a key may be null."""
    _gaps: list[Gap] = field(default_factory=list)
    """Where something was to be brought that others may have brought a part of, before or after."""

    def __bool__(self) -> bool:
        return bool(self.errors or self.failures)

    def told(self) -> list[ClientError]:
        """The errors, without those about a leaf that another subgraph has brought all the same."""
        settled = {id(error) for error, node, rest in self.nulled if reduce(member_of, rest, node) is not None}
        return [error for error in self.errors if id(error) not in settled] if settled else self.errors

    def add(self, failure: Failure, objects: list[dict[str, Any]], outputs: Outputs) -> None:
        """*failure* left *outputs* of each of *objects* unfilled."""
        self.failures.append(failure)
        for node in objects:
            self._note(node, failure, outputs)
            self._gaps += [(node, key, failure, below) for key, below in outputs.items() if below]

    def add_null(
        self, failure: Failure, container: dict[str, Any] | list[Any], part: str | int, outputs: Outputs
    ) -> None:
        """The null at *part* of *container* is there because of *failure*, which left *outputs* out."""
        self.failures.append(failure)
        self.failed_members.add((id(container), part))
        self._gaps.append((container, part, failure, outputs))

    def excuse(self, objects: list[dict[str, Any]], outputs: Outputs) -> None:
        """*outputs* of each of *objects* are rightly absent: what follows from them is null without an error."""
        for node in objects:
            self.owed_nothing.setdefault(id(node), []).append(outputs)

    def spread(self) -> None:
        """
        Note at the objects below the failed places what each lacks.

        An object may come from several subgraphs. If one of them failed, there is what the others brought, and nothing
        but the failure above says why that is not all.
        """
        pending = list(self._gaps)
        while pending:
            container, part, failure, outputs = pending.pop()
            for node in objects_in(member_of(container, part)):
                self.incomplete.add(id(node))
                self._note(node, failure, outputs)
                pending += [(node, key, failure, below) for key, below in outputs.items() if below]

    def _note(self, node: dict[str, Any], failure: Failure, outputs: Outputs) -> None:
        known = self.by_object.setdefault(id(node), [])
        if not any(failure is other and outputs is theirs for other, theirs in known):
            known.append((failure, outputs))

    def has_failed(self, node: dict[str, Any] | list[Any], part: str | int) -> bool:
        """Whether *part* of *node*, a key or an index, is null or absent because something failed."""
        if (id(node), part) in self.failed_members or (id(node) in self.incomplete and _is_absent(node, part)):
            return True
        return any(part in outputs for _, outputs in self.by_object.get(id(node), ()))

    def is_owed(self, node: dict[str, Any], key: str) -> bool:
        """Whether *key* is absent from *node* for no reason that is known."""
        return not any(key in outputs for outputs in self.owed_nothing.get(id(node), ()))

    def unreported(self, concerned: Callable[[Failure], bool] = lambda _: True) -> list[ClientError]:
        """Failures of what the client did not ask for: keys and requirements. They still explain what follows."""
        return [failure.at(failure.path) for failure in self.failures if not failure.is_reported and concerned(failure)]


def _is_absent(node: dict[str, Any] | list[Any], part: str | int) -> bool:
    return isinstance(node, dict) and part not in node


@dataclass(frozen=True, slots=True)
class SubgraphError:
    """One member of a subgraph's `errors`, checked and reduced to what may be passed on."""

    message: str
    code: str
    path: tuple[str | int, ...] | None
    """In the subgraph's own response."""
    extensions: dict[str, Any]

    def at(self, path: ResponsePath | None, service: str) -> ClientError:
        return ClientError(self.message, self.code, path=path, service=service, extensions=self.extensions)


DEFAULT_CODE = "SUBGRAPH_ERROR"


def read_subgraph_error(error: Any, *, passed_extensions: frozenset[str], characters_max: int) -> SubgraphError:
    """*error* as a subgraph sent it: whatever it is, the result is well-formed."""
    if not isinstance(error, Mapping):
        return SubgraphError("The subgraph reported an error that is not an object.", DEFAULT_CODE, None, {})
    message = error.get("message")
    if not isinstance(message, str) or not message:
        message = "The subgraph reported an error without a message."
    extensions = error.get("extensions")
    passed = (
        {key: value for key, value in extensions.items() if key in passed_extensions and not exact_json.has_half(value)}
        if isinstance(extensions, dict)
        else {}
    )
    code = passed.pop("code", None)
    return SubgraphError(
        message[:characters_max],
        code if isinstance(code, str) and code else DEFAULT_CODE,
        _read_path(error.get("path")),
        passed,
    )


def _read_path(path: Any) -> tuple[str | int, ...] | None:
    if not isinstance(path, list) or not path or not all(type(part) in (str, int) for part in path):
        return None
    return tuple(path)
