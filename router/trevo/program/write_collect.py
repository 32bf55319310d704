"""
The code that finds what a call asks about, in one pass.

    def collect_4(T):                            # Item of `items.@`
        T1 = T[1]
        found = {}
        v1 = T1['items']
        if v1 is not None:
            for x2 in watched(v1):
                if x2 is not None:
                    v3 = x2['sku']
                    if v3 is None:
                        unusual()
                    found[v3] = None
        return found, [{'__typename': 'Item', 'sku': a4} for a4 in watched(list(found))]

What is found is what the interpreter finds, in the same order, by the same names. Where an earlier call has asked about
the same objects (`earlier_call.py`), its table is gone through, which has each of them once:

    def collect_7(T):
        T5 = T[5]
        found = {}
        for v1, o2 in watched(list(T5.items())):
            v3 = o2.get('price', ABSENT)
            found[(v1, v3)] = None
        return found, [{…} if a5 is not ABSENT else present({…}) for a4, a5 in watched(list(found))]

The list may be as long as what was gone through for it, so it is watched as well.
"""

from contextlib import ExitStack
from itertools import takewhile

from trevo.execute.representations import PreparedInput
from trevo.plan.nodes import Each, Key, OnTypes, Path, PathSegment
from trevo.program.earlier_call import find_earlier_call
from trevo.program.here import Here, ask_for_key, write_representation
from trevo.program.layout import CannotCompile, Spot, Table
from trevo.program.module import Function, Module


def write_collect(module: Module, table: Table, root: Spot) -> str:
    """The name of the function for the call of *table*, which sees what was answered before, as *root* says."""
    return _Collector(module, table).write(root)


class _Collector:
    def __init__(self, module: Module, table: Table) -> None:
        self._table = table
        self._name = f"collect_{table.slot}"
        self._function = Function(module, f"def {self._name}(T):")
        self._form = table.one_form

    def write(self, root: Spot) -> str:
        function = self._function
        function.line("found = {}")
        earlier = find_earlier_call(self._table, root)
        if earlier is not None and earlier.one_form is not None and self._form is not None:
            self._go_through(earlier, earlier.one_form, self._form)
        else:
            for path in self._table.call.node.paths:
                self._walk(Here(function, root, None), path)
        function.line(f"return found, {self._representations()}")
        function.done(self._table.before)
        return self._name

    def _representations(self) -> str:
        """An expression for what is sent, in the order of what was found."""
        if self._form is None:
            return "list(found.values())"
        names = [self._function.variable("a") for _ in self._form.fields]
        sent = write_representation(self._form, repr(self._form.input.typename), names)
        return f"[{sent} for {', '.join(names)} in watched(list(found))]"

    def _found(self, identity: str, representation: str) -> None:
        function = self._function
        if self._form is not None:
            function.line(f"found[{identity}] = None")
            return
        if identity.isidentifier():
            known = identity
        else:
            known = function.variable("k")
            function.line(f"{known} = {identity}")
        function.line(f"if {known} not in found: found[{known}] = {representation}")

    def _walk(self, here: Here, path: Path) -> None:
        function = self._function
        types = tuple(segment for segment in path if isinstance(segment, OnTypes))
        if len(types) == len(path):
            here.identify(self._table, types, self._found)
            return
        only = [segment.type_names for segment in takewhile(_is_on_types, path) if isinstance(segment, OnTypes)]
        following, *rest = path[len(only) :]
        if not isinstance(following, Key):
            raise CannotCompile("path")
        with here.only_of(only):
            value = function.variable("v")
            function.line(f"{value} = {here.read_or_none(following.name)}")
            with function.block(f"if {value} is not None:"):
                self._go_into(here.spot.below(following.name, only=only), value, tuple(rest))

    def _go_into(self, spot: Spot, value: str, path: Path) -> None:
        function = self._function
        if path and path[0] == Each():
            item = function.variable("x")
            with function.block(f"for {item} in watched({value}):"), function.block(f"if {item} is not None:"):
                self._go_into(spot.item(), item, path[1:])
        else:
            self._walk(Here(function, spot, value), path)

    def _go_through(self, earlier: Table, called_as: PreparedInput, form: PreparedInput) -> None:
        """*earlier* calls its objects as they were sent for it."""
        function = self._function
        known = {leaf.source: function.variable("v") for leaf in called_as.fields}
        entry = function.variable("o")
        each = f"for {_joined(list(known.values()))}, {entry} in watched(list(T{earlier.slot}.items())):"
        with function.block(each), ExitStack() as inside:
            values = []
            for leaf in form.fields:
                value = known.get(leaf.source)
                if value is None:
                    value = function.variable("v")
                    read = f"{entry}[{leaf.source!r}]" if leaf.is_key else f"{entry}.get({leaf.source!r}, ABSENT)"
                    function.line(f"{value} = {read}")
                    ask_for_key(function, leaf, value, inside, [entry], collecting=True)
                values.append(value)
            function.line(f"found[{_joined(values)}] = None")


def _is_on_types(segment: PathSegment) -> bool:
    return isinstance(segment, OnTypes)


def _joined(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"({', '.join(names)})"
