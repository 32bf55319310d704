"""
A projection as Python code, for the usual case.

    def project(node):                                     # Review
        if type(node) is not dict: unusual()
        get = node.get
        return {
            'id': (v0 if type(v0 := get('id')) is str else unusual()),
            'body': (v0 if type(v0 := get('body')) is str else none(v0)),
            'author': p0(get('author')),
        }

One function per selection and runtime type, made when the type is first met; names and keys are literals, and nothing
of the projection is walked at run time. The code knows only data without fault: whatever else it meets (a null in a
non-null position, a wrong type, a hidden enum value, a failed fetch) raises, and the interpreter in
`project_response.py` does the whole response again. So there is one place that decides about errors, and the two
agree by construction wherever the code returns; `tests/router/projection` compares them on random data.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from trevo.execute.long_work import watched
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
from trevo.projection.leaf_condition import leaf_condition

Project = Callable[[Any], dict[str, Any]]


class Unusual(Exception):
    """Something that only the interpreter can write."""


def compile_projection(projection: Projection) -> Project:
    """The function that turns a data tree without fault into the response's `data`. It raises on any fault."""
    return _compile(projection.root, projection.root_type_name)


class _ByType(dict[Any, Project]):
    """The functions of a selection on an abstract type; one more whenever a new runtime type is met."""

    def __init__(self, selection: Selection) -> None:
        super().__init__()
        self._selection = selection

    def __missing__(self, type_name: Any) -> Project:
        selection = self._selection
        if type_name is None or type_name == selection.type.name:
            function = _compile(selection, None)
        elif type_name in selection.possible:
            function = _compile(selection, type_name)
        else:
            raise Unusual
        self[type_name] = function
        return function


def _unusual() -> NoReturn:
    raise Unusual


def _none(value: Any) -> None:
    if value is not None:
        raise Unusual


class _Writer:
    """Writes one function, and collects the objects that its code names."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"unusual": _unusual, "none": _none, "watched": watched}

    def name(self, prefix: str, value: Any) -> str:
        name = f"{prefix}{len(self.names)}"
        self.names[name] = value
        return name

    def member(self, field: ResponseField) -> str:
        if field.type_name is not None:
            return f"{field.key!r}: {field.type_name!r}"
        return f"{field.key!r}: {self.value(field.shape, f'get({field.key!r})', 0, is_nullable=True)}"

    def value(self, shape: Shape, source: str, depth: int, *, is_nullable: bool) -> str:
        """An expression for the value that *source*, an expression itself, gives; *depth* keeps names apart."""
        variable = f"v{depth}"
        otherwise = f"none({variable})" if is_nullable else "unusual()"
        match shape:
            case NonNull():
                return self.value(shape.of, source, depth, is_nullable=False)
            case LeafShape(type_name="ID"):
                usual = f"{variable} if type({variable} := {source}) is str"
                return f"({usual} else str({variable}) if type({variable}) is int else {otherwise})"
            case LeafShape():
                test = leaf_condition(shape, variable, source, partial(self.name, "e"))
                return f"({variable} if {test} else {otherwise})"
            case ListOf():
                item = self.value(shape.of, f"x{depth}", depth + 1, is_nullable=True)
                items = f"[{item} for x{depth} in watched({variable})]"
                return f"({items} if type({variable} := {source}) is list else {otherwise})"
            case Selection():
                return self.object(shape, source, variable, is_nullable=is_nullable)
            case Introspection() | Denied():
                raise Unusual

    def object(self, selection: Selection, source: str, variable: str, *, is_nullable: bool) -> str:
        if selection.possible == {selection.type.name}:
            call = self.name("p", _compile(selection, selection.type.name))
            call = f"{call}({variable})"
        else:
            by_type = self.name("t", _ByType(selection))
            call = f"{by_type}[{variable}.get('__typename')]({variable})"
        otherwise = "None" if is_nullable else "unusual()"
        return f"({call} if ({variable} := {source}) is not None else {otherwise})"


def _compile(selection: Selection, type_name: str | None) -> Project:
    writer = _Writer()
    members = "".join(f"        {writer.member(field)},\n" for field in selection.fields_of(type_name))
    code = (
        "def project(node):\n"
        "    if type(node) is not dict: unusual()\n"
        "    get = node.get\n"
        f"    return {{\n{members}    }}\n"
    )
    # Everything in the code is written above; response keys and type names are GraphQL names, and quoted besides.
    exec(compile(code, f"<projection of {selection.type.name}>", "exec"), writer.names)  # noqa: S102
    function: Project = writer.names["project"]
    return function
