"""
Writing the client's response from the data tree (GraphQL 6.4.3, CompleteValue).

A walk along the projection, not along the data: what the client did not select is never looked at. Every null that
stands for a failure gets its error here, at the very field, because only here it is known which field that is.
"""

from dataclasses import replace
from typing import Any

from trevo.errors import ClientError
from trevo.execute.errors import DEPENDENCY_FAILED, DEPENDENCY_MESSAGE, Failure, Failures
from trevo.execute.long_work import TimeIsOver, watched
from trevo.plan.nodes import Outputs
from trevo.projection.build import (
    Denied,
    Introspection,
    LeafShape,
    ListOf,
    NonNull,
    Projection,
    ResponseField,
    Selection,
    Shape,
)
from trevo.projection.compile import compile_projection
from trevo.projection.error_paths import known_path
from trevo.projection.introspection import Answers, introspected_value
from trevo.projection.leaves import InvalidLeaf
from trevo.projection.null_propagation import ErrorBook, Trail, as_path

Inherited = list[tuple[Failure, Outputs]]

USES_BEFORE_COMPILING = 3
"""An operation that comes once would pay more for its code than it gains."""

UNAUTHORIZED = "UNAUTHORIZED_FIELD_OR_TYPE"
"""The code by which routers say that a part of an operation was left out (Apollo's, and others after it)."""

_NULLED = object()
"""Null stands where it must not; the parent becomes null in turn."""
_MISSING = object()


def project_response(
    projection: Projection, data: dict[str, Any], failures: Failures, introspection: Answers | None = None
) -> tuple[dict[str, Any] | None, list[ClientError]]:
    """
    The response's `data` and `errors`.

    *introspection* holds the answers of `__schema` and `__type`.
    """
    if not failures and not introspection and not projection.lacks:
        written = _project_usual(projection, data)
        if written is not None:
            return written, []
    told = failures.told()
    errors = [at_known_place(error, projection, data) for error in told]
    displaced = [error for error, given in zip(errors, told, strict=True) if error.path != given.path]
    failures.spread()
    projecting = Projecting(ErrorBook(errors, displaced), failures, introspection or {})
    result = projecting.object(data, projection.root_fields, None, [])
    # First, because they are what the errors at the fields follow from.
    causes = [at_known_place(error, projection, data) for error in failures.unreported()]
    return result, causes + errors


def _project_usual(projection: Projection, data: dict[str, Any]) -> dict[str, Any] | None:
    """The response by compiled code; None if there is none yet, or the data is not as usual."""
    projection.uses += 1
    if projection.compiled is None:
        if projection.uses < USES_BEFORE_COMPILING:
            return None
        projection.compiled = compile_projection(projection)
    try:
        return projection.compiled(data)
    except TimeIsOver:
        raise
    except Exception:  # noqa: BLE001  # whatever the code stumbled on, the interpreter says what it is
        return None


def at_known_place(error: ClientError, projection: Projection, data: dict[str, Any]) -> ClientError:
    """*error*, at the deepest place that the client knows."""
    path = known_path(projection, error.path, data)
    return error if path == error.path else replace(error, path=path)


class Projecting:
    """One walk along the projection."""

    def __init__(self, book: ErrorBook, failures: Failures, introspection: Answers) -> None:
        self.book = book
        self.by_object = failures.by_object
        self.incomplete = failures.incomplete
        self.introspection = introspection

    def object(
        self, node: dict[str, Any], fields: tuple[ResponseField, ...], trail: Trail | None, inherited: Inherited
    ) -> dict[str, Any] | None:
        """The response object of *node*, or None if a non-null member is null."""
        active = inherited
        if self.by_object and (own := self.by_object.get(id(node))):
            active = [*inherited, *own]
        result: dict[str, Any] = {}
        for field in fields:
            key = field.key
            value = node.get(key, _MISSING)
            if type(value) is field.python_type:
                result[key] = value
                continue
            if field.type_name is not None:
                result[key] = field.type_name
                continue
            if value is _MISSING:
                if (
                    active
                    and not field.is_denied
                    and not self.explain(key, (trail, key), active)
                    and id(node) in self.incomplete
                ):
                    self.depends((trail, key))
                value = None
            below = [(f, outputs[key]) for f, outputs in active if outputs.get(key)] if active else active
            completed = self.complete(field.shape, value, field, (trail, key), below)
            if completed is _NULLED:
                return None
            result[key] = completed
        return result

    def complete(self, shape: Shape, value: Any, field: ResponseField, trail: Trail, inherited: Inherited) -> Any:
        match shape:
            case NonNull():
                completed = self.complete(shape.of, value, field, trail, inherited)
                return self.nulled(field, trail) if completed is None else completed
            case Introspection():
                return introspected_value(field, self.introspection)
            case Denied():
                return self.invalid(trail, _denial(field), UNAUTHORIZED)
        if value is None:
            return None
        match shape:
            case LeafShape():
                return value if type(value) is shape.python_type else self.leaf(shape, value, field, trail)
            case ListOf():
                return self.list(shape, value, field, trail, inherited)
            case Selection():
                return self.composite(shape, value, field, trail, inherited)

    def list(self, shape: ListOf, value: Any, field: ResponseField, trail: Trail, inherited: Inherited) -> Any:
        if type(value) is not list:
            return self.invalid(trail, f"The value of {field.parent_name}.{field.name} is not a list.")
        result = []
        for index, item in enumerate(watched(value)):
            completed = self.complete(shape.of, item, field, (trail, index), inherited)
            if completed is _NULLED:
                return None
            result.append(completed)
        return result

    def composite(
        self, selection: Selection, value: Any, field: ResponseField, trail: Trail, inherited: Inherited
    ) -> Any:
        if type(value) is not dict:
            return self.invalid(trail, f"The value of {field.parent_name}.{field.name} is not an object.")
        type_name = value.get("__typename")
        if type(type_name) is not str or type_name not in selection.possible:
            if selection.type.name in selection.possible:
                # An object type stands here, so what the subgraph calls the object does not matter.
                type_name = selection.type.name
            elif type_name is None or type_name == selection.type.name:
                type_name = None
                active = [*inherited, *self.by_object.get(id(value), ())]
                # Of an object whose type was not told because of a failure, nobody knows which fields it has.
                if active and selection.depends_on_type() and self.explain("__typename", trail, active):
                    return None
            else:
                # A type the public schema hides, or one that does not belong here: its name must not leave.
                message = f"The value of {field.parent_name}.{field.name} is not one of {selection.type.name}."
                return self.invalid(trail, message, "INVALID_TYPE")
        return self.object(value, selection.fields_of(type_name), trail, inherited)

    def leaf(self, leaf: LeafShape, value: Any, field: ResponseField, trail: Trail) -> Any:
        try:
            return leaf.coerce(value)
        except InvalidLeaf as reason:
            return self.invalid(trail, f"{field.parent_name}.{field.name}: {reason}", reason.code)

    def invalid(self, trail: Trail, message: str, code: str = "INVALID_VALUE") -> None:
        self.book.add(ClientError(message, code, path=as_path(trail)))

    def nulled(self, field: ResponseField, trail: Trail) -> Any:
        path = as_path(trail)
        if not self.book.explains(path):
            message = f"Cannot return null for non-nullable field {field.parent_name}.{field.name}."
            self.book.add(ClientError(message, "UNEXPECTED_NULL", path=path))
        return _NULLED

    def depends(self, trail: Trail) -> None:
        """Nothing was to bring this directly, but what it is fetched by was lost with a part of its object."""
        path = as_path(trail)
        if not self.book.explains(path):
            self.book.add(ClientError(DEPENDENCY_MESSAGE, DEPENDENCY_FAILED, path=path))

    def explain(self, key: str, trail: Trail, active: Inherited) -> bool:
        """Say why *key* is missing, if a failure was to bring it and no error says so already."""
        for failure, outputs in active:
            if key in outputs:
                path = as_path(trail)
                if not self.book.explains(path):
                    self.book.add(failure.at(path))
                failure.is_reported = True
                return True
        return False


def _denial(field: ResponseField) -> str:
    what = f"{field.parent_name}.{field.name}"
    if any(each.selections is not None for each in field.selected_by):
        return f"You may not read {what}, or nothing of what was asked of it."
    return f"You may not read {what}."
