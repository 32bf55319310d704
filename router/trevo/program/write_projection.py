"""
The code that writes the response from the answers.

    def project_3_Item(b, T):
        T4 = T[4]; T6 = T[6]
        v1 = b['sku']
        o1 = T4.get(v1) or NOTHING
        o2 = T6.get(v1) or NOTHING
        return {
            'sku': (w0 if type(w0 := v1) is str else str(w0) if type(w0) is int else unusual()),
            'title': (w0 if type(w0 := b['title']) is str else none(w0)),
            'freight': (w0 if type(w0 := o1['freight']) is int and … else none(w0)),
            'ratings': …
        }

One function per selection and runtime type, those of abstract types written when the type is first met. An object of
which nothing is read but what it is called in a table is written once, however often it occurs.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from trevo.execute.long_work import LOOK_EVERY_ITEMS
from trevo.program.give_up import unusual
from trevo.program.here import Here
from trevo.program.layout import CannotCompile, Spot
from trevo.program.module import Function, Module
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

Write = Callable[[Any, Any], dict[str, Any]]


def write_projection(module: Module, projection: Projection, root: Spot) -> str:
    """The name of the function that writes the whole response."""
    return _Writer(module).root(projection, root)


class WrittenByType(dict[Any, Write]):
    """The functions for an abstract type; one more whenever a runtime type is met."""

    def __init__(self, writer: "_Writer", selection: Selection, spot: Spot) -> None:
        super().__init__()
        self._writer = writer
        self._selection = selection
        self._spot = spot

    def __missing__(self, type_name: Any) -> Write:
        selection = self._selection
        is_known = type_name is not None and type_name != selection.type.name
        if is_known and type_name not in selection.possible:
            return _give_up
        with self._writer.module.lock:
            if type_name not in self:
                self[type_name] = self._written(type_name, is_known=is_known)
            return self[type_name]

    def write_all(self) -> None:
        """Write the functions of all types there may be."""
        for type_name in sorted(self._selection.possible):
            self[type_name]

    def _written(self, type_name: Any, *, is_known: bool) -> Write:
        selection, module = self._selection, self._writer.module
        try:
            name = self._writer.object(selection, type_name if is_known else None, self._spot, type_name=type_name)
            module.write()
        except CannotCompile as reason:
            module.discard()
            if reason.reason == "large":
                module.lacks = reason.with_traceback(None)
            return _give_up
        except RecursionError:
            module.discard()
            return _give_up
        function: Write = module.names[name]
        return function


def _give_up(_object: Any, _tables: Any) -> NoReturn:
    unusual()


class _Writer:
    def __init__(self, module: Module) -> None:
        self.module = module

    def root(self, projection: Projection, spot: Spot) -> str:
        function = Function(self.module, "def project(T):")
        here = Here(function, spot, None)
        members = self._members(here, projection.root_fields, None)
        self._write(function, here, members)
        return "project"

    def object(self, selection: Selection, fields_of: str | None, spot: Spot, *, type_name: str | None = None) -> str:
        """
        The name of a function for objects at *spot* that have the fields of *fields_of*.

        *type_name* is what they say they are, where the function is for such alone.
        """
        name = f"project_{self.module.number()}_{fields_of or selection.type.name}"
        function = Function(self.module, f"def {name}(b, T):")
        fields = selection.fields_of(fields_of)
        here = Here(function, spot, "b", type_name)
        members = self._members(here, fields, type_name or fields_of)
        written_once = self._written_once(here, fields)
        if written_once is not None and here.identity is not None:
            kept = f"if (once := {written_once}.get({here.identity.expression})) is not None: return once"
            function.lines.insert(here.identity.line, f"    {kept}")
        self._write(function, here, members, written_once=written_once)
        return name

    def _object_in(self, selection: Selection, spot: Spot, variable: str, depth: int) -> str:
        """What makes the response's object of the one in *variable*: an expression, where nothing is looked up."""
        type_name = selection.type.name
        number = self.module.number()
        name = f"project_{number}_{type_name}"
        # Replaced below, and like no name of GraphQL's, nor any of ours.
        base = f"ɓ{number}ɓ"
        function = Function(self.module, f"def {name}(b, T):")
        fields = selection.fields_of(type_name)
        here = Here(function, spot, base)
        members = self._members(here, fields, type_name, depth)
        if here.base_reads and len(function.lines) == 1:
            return f"{{{', '.join(members)}}}".replace(base, variable)
        written_once = self._written_once(here, fields)
        self._write(function, here, members, base, written_once=written_once)
        call = f"{name}({variable}, T)"
        if written_once is None:
            return call
        # What stands at many places is mostly written already; then there is not even a call.
        (called,) = here.base_reads
        return f"({written_once}.get({variable}[{called!r}]) or {call})"

    def _write(
        self, function: Function, here: Here, members: list[str], base: str = "b", *, written_once: str | None = None
    ) -> None:
        if here.base is not None and not here.base_reads:
            function.lines.insert(1, "    if type(b) is not dict: unusual()")
        written = ["return {", *(f"    {each}," for each in members), "}"]
        if written_once is not None and here.identity is not None:
            identity = here.identity.expression
            # Texts alone are equal to nothing but the same text, and a number may be an ID.
            keep = f"if type({identity}) is str: {written_once}[{identity}] = once"
            written = ["once = {", *written[1:], keep, "return once"]
        for each in written:
            function.line(each)
        if base != "b":
            function.lines = [each.replace(base, "b") for each in function.lines]
        function.done(_slots(here.spot))

    def _written_once(self, here: Here, fields: tuple[ResponseField, ...]) -> str | None:
        """Where it is kept, by what the object is called, if all that is written of it follows from that."""
        if here.identity is None or len(here.base_reads) != 1:
            return None
        (called,) = here.base_reads
        if here.own(called) != here.identity.expression:
            return None
        is_text = all(field.key != called or field.python_type is str for field in fields)
        return f"T[0][{self.module.number()}]" if is_text else None

    def _members(
        self, here: Here, fields: tuple[ResponseField, ...], type_name: str | None, depth: int = 0
    ) -> list[str]:
        for field in fields:
            if field.type_name is None:
                # All that has to be looked up is, before anything is written: what is read for that is read once.
                here.read_or_none(field.key)
        return [self._member(here, field, type_name, depth) for field in fields]

    def _member(self, here: Here, field: ResponseField, type_name: str | None, depth: int = 0) -> str:
        if field.type_name is not None:
            return f"{field.key!r}: {field.type_name!r}"
        source = here.read_or_none(field.key)
        below = here.spot.below(field.key, type_name=type_name)
        return f"{field.key!r}: {self._value(field.shape, source, below, depth, is_nullable=True)}"

    def _value(self, shape: Shape, source: str, spot: Spot, depth: int, *, is_nullable: bool) -> str:
        """An expression for the value that *source*, an expression itself, gives; *depth* keeps names apart."""
        variable = f"w{depth}"
        otherwise = f"none({variable})" if is_nullable else "unusual()"
        match shape:
            case NonNull():
                return self._value(shape.of, source, spot, depth, is_nullable=False)
            case LeafShape(type_name="ID"):
                usual = f"{variable} if type({variable} := {source}) is str"
                return f"({usual} else str({variable}) if type({variable}) is int else {otherwise})"
            case LeafShape():
                test = leaf_condition(shape, variable, source, partial(self.module.name, "VALUES"))
                return f"({variable} if {test} else {otherwise})"
            case ListOf():
                item = self._value(shape.of, f"x{depth}", spot.item(), depth + 1, is_nullable=True)
                # A short list, as most are, is not worth a call.
                all_ = f"({variable} if len({variable}) < {LOOK_EVERY_ITEMS} else watched({variable}))"
                items = f"[{item} for x{depth} in {all_}]"
                return f"({items} if type({variable} := {source}) is list else {otherwise})"
            case Selection():
                return self._object(shape, source, spot, depth, is_nullable=is_nullable)
            case Introspection():
                raise CannotCompile("introspection")
            case Denied():
                raise CannotCompile("denied")

    def _object(self, selection: Selection, source: str, spot: Spot, depth: int, *, is_nullable: bool) -> str:
        variable = f"w{depth}"
        if selection.possible == {selection.type.name}:
            call = self._object_in(selection, spot, variable, depth + 1)
        else:
            call = self._of_abstract_type(selection, spot, variable)
        otherwise = "None" if is_nullable else "unusual()"
        return f"({call} if ({variable} := {source}) is not None else {otherwise})"

    def _of_abstract_type(self, selection: Selection, spot: Spot, variable: str) -> str:
        by_type = self.module.name(f"BY_TYPE_{selection.type.name}", WrittenByType(self, selection, spot))
        if not any(True for _ in spot.tables_with("__typename")):
            return f"{by_type}[{variable}.get('__typename')]({variable}, T)"
        # What it is, another subgraph may have to say.
        name = f"project_{self.module.number()}_any_{selection.type.name}"
        function = Function(self.module, f"def {name}(b, T):")
        read = Here(function, spot, "b").read_or_none("__typename")
        function.line(f"return {by_type}[{read}](b, T)")
        function.done(_slots(spot))
        return f"{name}({variable}, T)"


def _slots(spot: Spot) -> set[int]:
    return {table.slot for table, _ in spot.ways} | {root.slot for root in spot.roots}
